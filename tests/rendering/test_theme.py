from __future__ import annotations

import re

import pytest

from guide.rendering.theme import mended
from support import ROOT


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        (
            '<input class="md-toggle" type="checkbox" id="__drawer" autocomplete="off">',
            '<input class="md-toggle" type="checkbox" id="__drawer">',
        ),
        ('<input autocomplete="off" type="checkbox"/>', '<input type="checkbox"/>'),
    ],
)
def test_checkboxes_complete_nothing(written: str, expected: str) -> None:
    assert mended(written) == expected


def test_the_search_box_goes_on_completing_nothing() -> None:
    box = '<input type="text" name="query" autocomplete="off">'

    assert mended(box) == box


def test_navigations_are_named_by_what_they_lead_to() -> None:
    assert mended('<nav class="md-nav" aria-label="Navigation" data-md-level="0">') == (
        '<nav class="md-nav" aria-label="All pages" data-md-level="0">'
    )
    assert mended('<nav class="md-tabs" aria-label="Tabs">') == (
        '<nav class="md-tabs" aria-label="Sections">'
    )


def test_a_logo_says_its_name_once() -> None:
    logo = '<a href="." title="Guide" class="md-logo" aria-label="Guide">'
    other = '<a href="." title="Guide" class="other">'

    assert mended(logo + other) == logo.replace(' title="Guide"', "") + other


def test_icons_have_a_size_without_style_sheets() -> None:
    icon = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 448 512"><path d="M0 0"/></svg>'

    assert mended(icon) == icon.replace("<svg", '<svg width="21" height="24" aria-hidden="true"')


def test_icons_are_known_in_small_letters_too() -> None:
    assert mended('<svg viewbox="0 0 24 24">') == (
        '<svg width="24" height="24" aria-hidden="true" viewbox="0 0 24 24">'
    )


def test_what_has_a_size_keeps_it() -> None:
    drawing = '<svg width="415" height="901" viewBox="0 0 415 901"></svg>'

    assert mended(drawing) == drawing


def test_every_icon_is_drawn_by_the_style_sheet_and_stands_on_a_page() -> None:
    icons = {
        file.stem: file.read_text("utf-8")
        for file in (ROOT / "overrides" / ".icons" / "guide").glob("*.svg")
    }
    sheet = (ROOT / "docs/assets/stylesheets/icons.css").read_text("utf-8")
    files = [ROOT / "mkdocs.yml", *(ROOT / "overrides").rglob("*.html")]
    texts = "\n".join(file.read_text("utf-8") for file in files)

    assert set(re.findall(r"^\.icon--(\w+) \{", sheet, re.MULTILINE)) == icons.keys()
    assert set(re.findall(r"\bguide/(\w+)(?:\.svg|$)", texts, re.MULTILINE)) == icons.keys()
    for name, icon in icons.items():
        assert f'class="icon icon--{name}"' in icon
