"""What a screen reader starts from: the order of a page, its landmarks, headings and names."""

from __future__ import annotations

import re

import pytest

from page_types import PAGE_TYPES
from reading_aloud import LANDMARKS, Node, faults, said, tree

# Parts that the eye meets in another order than a listener, and why that is as well:
REORDERED = {
    ".md-sidebar--secondary": "the contents of a page come before its text and stand beside it",
    ".figures > div": "a figure stands over its name, which HTML wants first",
    ".quiz-choices input": "the box of an option stands before its words and is in its label",
    ".offline-area .tool-field input": "the box of an area stands before its name",
}

# Blocks of a page that follow each other and of which the later one starts above the earlier one;
# parts whose order a style sheet changes.
ORDER = """allowed => {
    const found = []
    const shown = each => each.checkVisibility({ visibilityProperty: true }) &&
        each.getBoundingClientRect().height > 2 && getComputedStyle(each).position !== "fixed"
    for (const [block, within] of [
        ["body > *", "body"], [".md-main__inner > *", "main"], ["article > *", "article"],
        [".tool > *", "tool"],
    ]) {
        let last = null
        for (const each of document.querySelectorAll(block)) {
            if (!shown(each) || each.matches(".md-sidebar, .md-top, .md-skip, .tool-live")) continue
            const box = each.getBoundingClientRect()
            if (last && box.top < last.top - 1 && box.left <= last.left) {
                found.push(`${within}: ${each.localName}.${each.className}`)
            }
            last = box
        }
    }
    for (const each of document.querySelectorAll("body *")) {
        const { order, flexDirection } = getComputedStyle(each)
        if (order === "0" && !flexDirection.endsWith("-reverse")) continue
        if (!each.matches(allowed)) found.push(`${each.localName}.${each.className} is moved`)
    }
    return found
}"""


def nodes(root: Node) -> list[Node]:
    return [root, *(each for child in root.children for each in nodes(child))]


@pytest.mark.parametrize("kind", PAGE_TYPES)
def test_a_listener_meets_landmarks_headings_and_names_in_good_order(visit, kind):
    page = visit(PAGE_TYPES[kind])
    page.keyboard.press("Shift")
    page.wait_for_load_state("networkidle")
    root = tree(page)
    assert faults(root) == []
    roles = [each.role for each in nodes(root) if each.role in LANDMARKS]
    assert roles.count("main") == roles.count("banner") == roles.count("contentinfo") == 1
    empty = [each.name for each in nodes(root) if each.role in LANDMARKS and not each.children]
    assert empty == []
    headings = [each for each in nodes(root) if each.role == "heading"]
    assert [each.properties["level"] for each in headings].count(1) == 1
    assert root.name
    assert root.name.startswith(headings[0].name) or kind in ("home", "not on this device")


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("kind", PAGE_TYPES)
def test_what_comes_later_stands_lower(visit, kind, width):
    page = visit(PAGE_TYPES[kind], width=width)
    page.keyboard.press("Shift")
    assert page.evaluate(ORDER, ", ".join(REORDERED)) == []


def test_a_diagram_is_told_by_its_title_and_its_description(visit):
    page = visit(PAGE_TYPES["topic"])
    drawings = page.locator("figure.diagram svg[role=img]")
    images = [each for each in nodes(tree(page)) if each.role in ("img", "image")]
    told = [each for each in images if each.name and len(each.description) > 40]
    assert len(told) == drawings.count() > 2


def test_the_versions_of_an_example_are_one_group_of_radio_buttons(visit):
    groups = [each for each in nodes(tree(visit(PAGE_TYPES["topic"]))) if each.role == "group"]
    choices = [
        [(each.role, each.name) for each in nodes(group) if each.role in ("radio", "link")]
        for group in groups
        if group.name == "Versions"
    ]
    assert choices[0][:2] == [("radio", "Python"), ("radio", "Go")]
    assert all(role == "radio" for choice in choices for role, _ in choice)


def test_the_breadcrumb_has_links_to_what_it_names_only(visit):
    page = visit("/practice/review/")
    breadcrumb = page.get_by_role("navigation", name="Breadcrumb")
    assert breadcrumb.get_by_role("link").all_inner_texts() == ["Home"]
    assert breadcrumb.get_by_role("listitem").all_inner_texts() == ["Home", "Practice"]


def test_a_quiz_item_is_a_group_that_says_what_to_do_and_what_about(visit):
    page = visit(PAGE_TYPES["topic"])
    page.keyboard.press("Shift")
    page.locator(".quiz").first.wait_for()
    lines = "\n".join(said(tree(page)))
    assert re.search(r'group "Choose one" \(.+\?\)', lines)


def test_what_color_and_icon_tell_is_heard_in_words(visit):
    lines = "\n".join(said(tree(visit(PAGE_TYPES["topic"]))))
    assert re.search(r"Level:\s*(Foundation|Core|Advanced)", lines)
    assert re.search(r"Warning:\s*Not a shield", lines)
