"""Published scripts are few and small; what is not ours stays as it is."""

from __future__ import annotations

import gzip
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from guide import bundling
from guide.bundling import BundlingError, bundle
from guide.examples import toolchains
from support import ROOT

SCRIPTS = "docs/assets/javascripts"
BUDGET = 40 * 1024
SEARCH_BUDGET = 5 * 1024

pytestmark = pytest.mark.skipif(
    not (ROOT / "scripts" / "npm" / "node_modules").is_dir() and "CI" not in os.environ,
    reason="the tools from npm are not installed: `make setup`",
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Sources with an entry that imports one module at once and one later, copied into a site."""
    scripts = tmp_path / SCRIPTS
    (scripts / "learning").mkdir(parents=True)
    (scripts / "guide.js").write_text(
        'import { twice } from "./twice.js"\n'
        'import("./learning/later.js").then(later => later.start(twice))\n'
    )
    (scripts / "twice.js").write_text("// why\nexport const twice = number => 2 * number\n")
    (scripts / "learning" / "later.js").write_text(
        "export function start(change) {\n  globalThis.found = change(21)\n}\n"
        "export function neverCalled() {}\n"
    )
    (tmp_path / "docs" / "own.css").write_text("/* why */\n.a {\n  color: #ffffff;\n}\n")
    shutil.copytree(tmp_path / "docs", tmp_path / "site")
    (tmp_path / "site" / "theirs.js").write_text("// theirs\n")
    return tmp_path


def run_bundle(root: Path) -> list[str]:
    docs, site = root / "docs", root / "site"
    bundle(docs, site, [path.relative_to(docs).as_posix() for path in docs.rglob("*.*")])
    return sorted(path.relative_to(site).as_posix() for path in site.rglob("*.*"))


def test_an_entry_takes_in_what_it_imports_and_loads_the_rest_later(small: Path) -> None:
    files = run_bundle(small)

    entry, chunk = (name for name in files if name.startswith("assets"))
    assert entry.startswith("assets/javascripts/chunks/later-")
    assert chunk == "assets/javascripts/guide.js"
    texts = [(small / "site" / name).read_text() for name in (entry, chunk)]
    assert "why" not in "".join(texts)
    assert "found" in texts[0]
    program = "await import(process.argv[1]); setTimeout(() => console.log(globalThis.found), 50)"
    (small / "site" / "package.json").write_text('{"type": "module"}')
    command = [toolchains.node().path, "--input-type=module", "--eval", program]
    done = subprocess.run(
        [*command, small / "site" / chunk], capture_output=True, text=True, check=True
    )
    assert done.stdout == "42\n"


def test_style_sheets_lose_comments_and_other_peoples_files_nothing(small: Path) -> None:
    run_bundle(small)

    assert (small / "site" / "own.css").read_text() == ".a{color:#ffffff}"
    assert (small / "site" / "theirs.js").read_text() == "// theirs\n"
    assert (small / SCRIPTS / "twice.js").exists()


def test_two_runs_in_two_places_give_the_same_bytes(small: Path, tmp_path: Path) -> None:
    other = tmp_path / "elsewhere" / "deeper"
    shutil.copytree(small / "docs", other / "docs")
    shutil.copytree(small / "docs", other / "site")

    run_bundle(small)
    names = [name for name in run_bundle(other) if name.startswith("assets")]

    for name in names:
        assert (small / "site" / name).read_bytes() == (other / "site" / name).read_bytes()


def test_a_script_that_cannot_be_read_is_named_with_its_line(small: Path) -> None:
    (small / SCRIPTS / "twice.js").write_text("export const twice = number =>\n")

    with pytest.raises(BundlingError, match=r"(?s)cannot be bundled.*twice\.js:2:0"):
        run_bundle(small)


def test_without_the_bundler_the_message_says_what_installs_it(
    small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundling, "_NPM", small)

    with pytest.raises(BundlingError, match="`make setup` installs it"):
        run_bundle(small)


def test_all_scripts_of_the_guide_fit_their_budget(tmp_path: Path) -> None:
    site = tmp_path / "site"
    shutil.copytree(ROOT / SCRIPTS, site / "assets" / "javascripts")
    names = [f"assets/javascripts/{path}" for path in _scripts(site / "assets" / "javascripts")]

    bundle(ROOT / "docs", site, names)

    sizes = {
        path: len(gzip.compress((site / "assets" / "javascripts" / path).read_bytes(), 9))
        for path in _scripts(site / "assets" / "javascripts")
    }
    assert sizes.pop("search/worker.js") <= SEARCH_BUDGET
    assert sum(sizes.values()) <= BUDGET, sizes


def _scripts(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*.js")]
