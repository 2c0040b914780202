"""What learners take along: the page that lists it, and sheets on screen and paper."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from axe import violations

SHEETS = ["/exports/databases-questions/", "/exports/databases-sheet/"]


@pytest.mark.parametrize("path", ["/practice/exports/", *SHEETS])
@pytest.mark.parametrize(("scheme", "width"), [("light", 360), ("dark", 360), ("light", 1280)])
def test_axe_finds_nothing_and_nothing_scrolls_sideways(visit, path, scheme, width):
    page = visit(path, width=width, color_scheme=scheme)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_the_package_is_downloaded_from_the_keyboard_without_scripts(built_site, chromium):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(built_site.at("/practice/exports/"))
        link = page.get_by_role("link", name="Anki package")
        link.focus()
        with page.expect_download() as started:
            page.keyboard.press("Enter")
        assert started.value.suggested_filename == "backend-study-guide.apkg"
        assert Path(started.value.path()).read_bytes().startswith(b"PK")
        assert page.get_by_role("link", name="JSON deck").count() == 1
        assert page.locator("main table").first.get_by_role("row").count() > 1


@pytest.mark.parametrize("sheet", SHEETS)
def test_a_sheet_is_not_cut_at_the_edge_of_the_paper_and_has_no_furniture(visit, sheet):
    page = visit(sheet, width=700)
    page.emulate_media(media="print")
    assert not page.locator(".md-tabs").is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 700


def test_scoring_starts_on_a_page_of_its_own(visit):
    page = visit(SHEETS[0])

    def pages() -> int:
        pdf = page.pdf(prefer_css_page_size=True, format="A4")
        return len(re.findall(rb"/Type /Page\b", pdf))

    everything = pages()
    page.evaluate("""() => {
        let node = document.querySelector("#scoring")
        while (node) { const next = node.nextElementSibling; node.remove(); node = next }
    }""")
    without = pages()
    assert 10 <= without < everything <= 30
