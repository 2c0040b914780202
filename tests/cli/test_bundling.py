"""Published scripts are few and small; what is not ours stays as it is."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from guide.examples import toolchains
from guide.publishing import bundling
from guide.publishing.bundling import (
    SCRIPT,
    SHEET,
    BundlingError,
    bundle,
    drop_unused,
    one_sheet,
    theme_sheets,
)
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


def test_sources_and_other_peoples_scripts_stay_as_they_are(small: Path) -> None:
    run_bundle(small)

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
    assert sizes.pop("lazy-search.js") <= 512  # goes into the theme's
    assert sum(sizes.values()) <= BUDGET, sizes


def _scripts(folder: Path) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in folder.rglob("*.js")]


@pytest.fixture
def styled(tmp_path: Path) -> Path:
    """A site of one page with a script, its theme's style sheets, and what no page asks for."""
    page = '<!doctype html><html lang="en"><body class="a"><p data-b="c">d</p></body></html>'
    files = {
        "index.html": page,
        "assets/javascripts/own.js": "node.className = `made to-${side}`; node.dataset.madeToo = 1",
        "assets/javascripts/lunr/min/lunr.da.min.js": "theirs",
        "assets/javascripts/workers/search.1.min.js": "theirs",
        "assets/javascripts/bundle.1.min.js.map": "theirs",
        "assets/stylesheets/main.1.min.css": ".a{color:red}.gone{color:red}.no .a{top:0}"
        ".made{left:0}.to-left,.too{top:0}[data-made-too]{--used:1px}",
        "assets/stylesheets/palette.1.min.css": "[data-md-color-switching] *{transition:none}",
        "tool.css": "/* why */\n.only-here {\n  top: 0;\n}\n",
        "own.css": ":is(a, button):focus-visible { margin: var(--used) }\n.later { color: blue }",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    return tmp_path


def test_pages_load_one_sheet_without_the_rules_that_nothing_on_the_site_matches(
    styled: Path,
) -> None:
    one_sheet(styled, theme_sheets(styled), ["own.css"])

    assert (styled / SHEET).read_text() == (
        ".a{color:red}.made{left:0}.to-left{top:0}[data-made-too]{--used:1px}"
        ":is(a,button):focus-visible{margin:var(--used)}.later{color:#00f}\n"
    )
    assert sorted(path.name for path in styled.rglob("*.css")) == ["site.css", "tool.css"]
    assert (styled / "tool.css").read_text() == ".only-here{top:0}\n"


def test_a_theme_with_other_sheets_is_noticed(styled: Path) -> None:
    (styled / "assets/stylesheets/palette.1.min.css").unlink()

    with pytest.raises(BundlingError, match="other style sheets"):
        theme_sheets(styled)


def test_what_no_page_asks_for_is_not_published(styled: Path) -> None:
    drop_unused(styled)

    assert sorted(path.name for path in styled.rglob("*.*") if path.suffix != ".css") == [
        "index.html",
        "own.js",
    ]


def test_what_has_to_run_before_the_theme_is_the_start_of_its_script(small: Path) -> None:
    (small / SCRIPTS / "lazy-search.js").write_text("{\n  window.first = true\n}\n")
    theirs = small / "site/assets/javascripts/bundle.1.min.js"
    theirs.write_text("theirs()\n//# sourceMappingURL=bundle.1.min.js.map\n")
    (small / "site" / "index.html").write_text(page_told(".", "search.js"))

    files = run_bundle(small)

    assert (small / "site" / SCRIPT).read_text().endswith("}\nwindow.first=!0;\ntheirs()\n")
    for replaced in ("lazy-search.js", "bundle.1.min.js"):
        assert f"assets/javascripts/{replaced}" not in files


def page_told(base: str, search: str) -> str:
    """A page in which the theme tells its script where the site begins."""
    settings = {"base": base, "features": ["toc.follow"], "search": search}
    told = f'<script id="__config" type="application/json">{json.dumps(settings)}</script>'
    return f"<body><p>Text</p>{told}</body>"


def test_settings_of_the_theme_stand_in_its_script_once_and_in_no_page(small: Path) -> None:
    (small / "site/assets/javascripts/bundle.1.min.js").write_text("theirs()\n")
    pages = {"index.html": page_told(".", "search.js"), "a/index.html": page_told("..", "../s.js")}
    for name, text in pages.items():
        (small / "site" / name).parent.mkdir(exist_ok=True)
        (small / "site" / name).write_text(text)

    run_bundle(small)

    for name in pages:
        assert (small / "site" / name).read_text() == "<body><p>Text</p></body>"
    script = (small / "site" / SCRIPT).read_text()
    assert script.count('"features":["toc.follow"]') == 1


def test_a_theme_without_settings_is_an_error_that_says_where_to_look(small: Path) -> None:
    (small / "site/assets/javascripts/bundle.1.min.js").write_text("theirs()\n")
    (small / "site" / "index.html").write_text("<body></body>")

    with pytest.raises(BundlingError, match=r"theme_settings\.py"):
        run_bundle(small)
