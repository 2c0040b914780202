"""Make of the site's own scripts and style sheets what is published: few files, and small ones.

`docs/assets/` stays readable, and is what the preview shows. Scripts are bundled by esbuild and
Terser (scripts/npm/bundle.mjs), style sheets that every page loads become one, without the
theme's rules that no page uses (scripts/npm/styles.mjs, with PurgeCSS); both need Node.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

from guide.examples import toolchains
from guide.examples.toolchains import MissingToolError
from guide.publishing.theme_settings import take_settings

_SCRIPTS = "assets/javascripts"
_ENTRIES = ("guide.js", "lazy-search.js", "search/worker.js")
"""What pages load by name; the rest they import."""
_BEFORE_THEME = "lazy-search.js"
_THEME_SCRIPT = "bundle.*.min.js"
_NPM = Path(__file__).resolve().parents[2] / "npm"

SHEET = "assets/stylesheets/site.css"
"""What every published page loads in the place of the theme's style sheets and the guide's."""
SCRIPT = f"{_SCRIPTS}/theme.js"
"""What every published page loads in the place of the theme's script and ours that goes before."""
_STYLES = "assets/stylesheets"
_THEME = ("main.*.min.css", "palette.*.min.css")
_UNUSED = (
    "assets/images/favicon.png",
    "assets/javascripts/lunr",
    "assets/javascripts/workers",
    "assets/**/*.map",
)


class BundlingError(Exception):
    """The scripts cannot be bundled; the text says why."""


def bundle(docs: Path, site: Path, files: Iterable[str]) -> None:
    """Put what is published in the place of the scripts among `files`.

    `files` are the sources' paths below the folder `docs`, which are the same below `site`. Raises
    BundlingError.
    """
    scripts = []
    for name in sorted(files):
        if name.endswith(".js") and name.startswith(f"{_SCRIPTS}/"):
            scripts.append(name.removeprefix(f"{_SCRIPTS}/"))
            (site / name).unlink(missing_ok=True)
    entries = [name for name in _ENTRIES if name in scripts]
    if entries:
        _run("bundle.mjs", docs / _SCRIPTS, site / _SCRIPTS, *entries)
    _one_script(site)


def _one_script(site: Path) -> None:
    """Make SCRIPT of the theme's script and what has to run before that."""
    first = site / _SCRIPTS / _BEFORE_THEME
    for theme in (site / _SCRIPTS).glob(_THEME_SCRIPT):
        settings = take_settings(site)
        if settings is None:
            raise BundlingError("the home page has no settings of the theme: see theme_settings.py")
        own = f"{first.read_text(encoding='utf-8').rstrip()}\n" if first.exists() else ""
        theirs, _, _ = theme.read_text(encoding="utf-8").partition("//# sourceMappingURL=")
        (site / SCRIPT).write_text(settings + own + theirs, encoding="utf-8")
        theme.unlink()
        first.unlink(missing_ok=True)


def one_sheet(site: Path, theirs: Iterable[str], ours: Iterable[str]) -> None:
    """Put what pages use of the sheets `theirs`, and all of `ours`, into SHEET, in their place.

    They are paths below `site`, whose other style sheets become smaller where they are. Has to
    come last of all that changes pages and scripts. Raises BundlingError.
    """
    used, whole = list(theirs), list(ours)
    _run("styles.mjs", site, SHEET, *used, "--", *whole)
    for name in (*used, *whole):
        (site / name).unlink()


def drop_unused(site: Path) -> None:
    """Remove what the theme brings and no page asks for: its own search, maps of its sources."""
    for pattern in _UNUSED:
        for path in site.glob(pattern):
            shutil.rmtree(path) if path.is_dir() else path.unlink()


def theme_sheets(site: Path) -> list[str]:
    """The theme's own style sheets in the order in which its pages load them."""
    found = [path for pattern in _THEME for path in site.glob(f"{_STYLES}/{pattern}")]
    if len(found) != len(_THEME):
        raise BundlingError(
            f"the theme has other style sheets than {', '.join(_THEME)}: say so in bundling.py"
        )
    return [path.relative_to(site).as_posix() for path in found]


def _run(program: str, *arguments: str | Path) -> None:
    """Run one of the scripts in scripts/npm."""
    if not (_NPM / "node_modules" / "esbuild").is_dir():
        raise BundlingError("esbuild is missing, which bundles scripts: `make setup` installs it")
    try:
        node = toolchains.node()
    except MissingToolError as error:
        raise BundlingError(f"scripts cannot be bundled: {error}") from error
    command: list[str | Path] = [node.path, _NPM / program, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode or done.stderr:
        raise BundlingError(f"scripts and style sheets cannot be bundled:\n{done.stderr.strip()}")
