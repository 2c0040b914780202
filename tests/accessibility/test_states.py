"""axe finds nothing in any state of any type of page.

Folded they are looked at with all other pages; the states of the learning tools are walked through
with the tools, in tests/learning.
"""

from __future__ import annotations

from itertools import cycle

import pytest

from axe import choose_scheme, violations_in_both_schemes
from page_states import STATES, look
from page_types import PAGE_TYPES

LOOKS = [("light", 360), ("dark", 1280), ("dark", 360), ("light", 1280)]
FURNITURE = [state for state in STATES if state not in ("closed", "unfolded")]


@pytest.mark.parametrize(
    ("kind", "scheme", "width"), [(kind, *look) for kind, look in zip(PAGE_TYPES, cycle(LOOKS))]
)
def test_a_page_of_each_type_unfolded(visit, kind, scheme, width):
    page = visit(PAGE_TYPES[kind], width=width, scheme=scheme)
    assert look(page, "unfolded") == []


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("kind", ["topic", "map", "not found"])
@pytest.mark.parametrize("state", FURNITURE)
def test_search_menu_and_enlarged_diagrams(visit, kind, state, width):
    page = visit(PAGE_TYPES[kind], width=width)
    for scheme in ("light", "dark"):
        choose_scheme(page, scheme)
        assert look(page, state) == [], scheme


def test_a_wrong_address_with_its_offer_to_search(visit):
    page = visit("/apis/preflight-request/")
    page.locator(".not-found__search a").wait_for()
    assert look(page, "closed") == []


def test_axe_is_asked_for_what_it_would_find(visit):
    page = visit("/")
    page.evaluate("document.querySelector('h1').style.color = '#eee'")
    page.evaluate("document.querySelector('article').append(document.createElement('button'))")
    assert {rule for rule, _ in look(page, "closed")} >= {"color-contrast", "button-name"}


def test_colors_are_looked_at_in_the_second_scheme_too(visit):
    page = visit("/")
    page.evaluate("document.querySelector('h1').style.color = '#333'")  # fine on white paper
    assert [rule for rule, _ in violations_in_both_schemes(page)["dark"]] == ["color-contrast"]
