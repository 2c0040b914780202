"""The preview in a browser: what it draws itself, what it says, what it asks for."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

from mini_project import MiniProject, make_mini_project
from preview_server import Preview, previewing

if TYPE_CHECKING:
    from playwright.sync_api import Browser

METHODS = "docs/http/methods.md"


@pytest.fixture(scope="module")
def preview(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Preview]:
    with previewing(make_mini_project(tmp_path_factory.mktemp("browser") / "mini")) as preview:
        yield preview


def test_an_edited_diagram_is_previewed_without_an_outside_request(
    preview: Preview, chromium: Browser
) -> None:
    drawn = preview.project.path(".cache/diagrams")
    assert not drawn.exists() or not list(drawn.iterdir())
    with preview.up_to_date_after():
        preview.project.replace(METHODS, "B[Server]", "B[Edited server]")
    page = chromium.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.goto(f"{preview.url}/http/methods/")
    drawing = page.locator("div.mermaid svg")
    drawing.wait_for(timeout=30_000)

    assert "Edited server" in (drawing.text_content() or "")
    assert drawing.bounding_box()["width"] > 50
    assert [each for each in asked if not each.startswith((preview.url, "data:", "blob:"))] == []
    assert any(each.endswith("/assets/preview/mermaid.js") for each in asked)
    page.close()


def test_an_open_page_follows_its_edits_and_says_what_is_behind(
    preview: Preview, chromium: Browser
) -> None:
    page = chromium.new_page()
    page.goto(f"{preview.url}/http/methods/")
    note = page.get_by_role("status").filter(has_text="catching up")
    assert note.count() == 0

    with preview.up_to_date_after():
        preview.project.replace(METHODS, "Links that delete.", "Links that order.")
        page.get_by_text("Links that order.").wait_for(timeout=30_000)
        note.wait_for(timeout=30_000)

    page.get_by_role("status").filter(has_text="Everything is up to date.").wait_for()
    page.get_by_role("status").filter(has_text="up to date").wait_for(state="detached")
    page.close()


def test_a_plain_strict_build_publishes_static_drawings_and_no_script(
    project: MiniProject,
) -> None:
    project.write("docs/assets/preview/mermaid.js", "// left over from serving")
    project.write("docs/index.md", project.read("docs/index.md") + "\nDrawn by mermaid, once.\n")

    done = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict"],
        cwd=project.root,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    html = project.read("site/http/methods/index.html")
    assert html.count("<svg") >= 1
    assert "From client to server" in html
    assert "mermaid" not in html.lower()
    assert "livereload" not in html
    assert not project.path("site/assets/preview").exists()
    assert "Drawn by mermaid, once." in project.read("site/index.html")
