"""Make of the site's own scripts and style sheets what is published: few files, and small ones.

`docs/assets/` stays readable, and is what the preview shows. Scripts are bundled by esbuild and
Terser (scripts/npm/bundle.mjs), which need Node.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterable
from pathlib import Path

from rcssmin import cssmin

from guide.examples import toolchains
from guide.examples.toolchains import MissingToolError

_SCRIPTS = "assets/javascripts"
_ENTRIES = ("guide.js", "search/worker.js")
"""What pages load by name; the rest they import."""
_BUNDLER = Path(__file__).resolve().parents[1] / "npm" / "bundle.mjs"


class BundlingError(Exception):
    """The scripts cannot be bundled; the text says why."""


def bundle(docs: Path, site: Path, files: Iterable[str]) -> None:
    """Put what is published in the place of the scripts and style sheets among `files`.

    `files` are the sources' paths below the folder `docs`, which are the same below `site`. Raises
    BundlingError.
    """
    scripts = []
    for name in sorted(files):
        if name.endswith(".css"):
            path = site / name
            path.write_text(str(cssmin(path.read_text(encoding="utf-8"))), encoding="utf-8")
        elif name.endswith(".js") and name.startswith(f"{_SCRIPTS}/"):
            scripts.append(name.removeprefix(f"{_SCRIPTS}/"))
            (site / name).unlink(missing_ok=True)
    entries = [name for name in _ENTRIES if name in scripts]
    if entries:
        _bundle_scripts(docs / _SCRIPTS, site / _SCRIPTS, entries)


def _bundle_scripts(source: Path, target: Path, entries: Iterable[str]) -> None:
    if not (_BUNDLER.parent / "node_modules" / "esbuild").is_dir():
        raise BundlingError("esbuild is missing, which bundles scripts: `make setup` installs it")
    try:
        node = toolchains.node()
    except MissingToolError as error:
        raise BundlingError(f"scripts cannot be bundled: {error}") from error
    command: list[str | Path] = [node.path, _BUNDLER, source, target, *entries]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise BundlingError(f"scripts cannot be bundled:\n{done.stderr.strip()}")
