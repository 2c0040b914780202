"""Reference definitions, heading ids and slugs that do not meet what refers to them."""

from __future__ import annotations

import random
import re

from defects.pages import quiz_items
from defects.registry import defect
from defects.tree import (
    Injection,
    Page,
    Tree,
    add_sentence,
    choose,
    insert_block,
    misspell,
    replace_match,
)

FAMILY = "references"
QUESTION = r"^### .* \{ #(?P<id>[\w-]+) \.\w+ \}$"
RFC = "https://www.rfc-editor.org/rfc/rfc9110"


@defect(FAMILY, "reference-undefined")
def undefined(rng: random.Random, tree: Tree) -> Injection:
    """A link by a label that nothing defines."""
    page, (row, match) = choose(
        rng,
        tree.pages,
        lambda each: each.find(r"\[[^\[\]`]+\](?P<to>\([^()\s]+\))", "prose", "list"),
    )
    return replace_match(page, row, match, f"[{rng.choice(('spec', 'rfc', 'docs'))}]", group="to")


@defect(FAMILY, "reference-unused")
def unused(rng: random.Random, tree: Tree) -> Injection:
    """A definition that nothing uses."""
    return insert_block(rng, tree.topics, f"[leftover]: {RFC}#section-9")


@defect(FAMILY, "reference-duplicate")
def duplicate(rng: random.Random, tree: Tree) -> Injection:
    """Two definitions of one label with different targets, and a use."""
    lines = ("See the [specification][spec].", "", f"[spec]: {RFC}", f"[spec]: {RFC}#section-9")
    made = insert_block(rng, tree.topics, *lines, at=3)
    return made.or_at((made.file, made.line - 1))


@defect(FAMILY, "heading-id-duplicate")
def id_duplicate(rng: random.Random, tree: Tree) -> Injection:
    """Two headings of a page carry the same explicit id."""

    def pairs(page: Page) -> list[tuple[tuple[int, re.Match[str]], tuple[int, re.Match[str]]]]:
        found = page.find(r"\{ #(?P<id>[\w-]+)", "heading")
        return [(one, two) for one in found for two in found if one[0] < two[0]]

    page, ((first, one), (row, two)) = choose(rng, tree.topics, pairs)
    made = replace_match(page, row, two, one["id"], group="id")
    return made.or_at((page.file, first + 1))


@defect(FAMILY, "question-id-changed")
def question_id_changed(rng: random.Random, tree: Tree) -> Injection:
    """A published question's id changes, so that progress and links to it are lost."""
    page, (row, match) = choose(rng, tree.topics, lambda each: each.find(QUESTION, "heading"))
    made = replace_match(page, row, match, f"{match['id']}-explained", group="id")
    also = tree.mentions(f"#{match['id']}")
    return made.or_at(*also)


@defect(FAMILY, "quiz-id-taken")
def quiz_id_taken(rng: random.Random, tree: Tree) -> Injection:
    """A check-yourself item takes the id of a question on another page."""
    page, (row, match) = choose(rng, tree.topics, quiz_items)
    others = [each for each in tree.topics if each is not page]
    other, (other_row, taken) = choose(rng, others, lambda each: each.find(QUESTION, "heading"))
    made = replace_match(page, row, match, taken["id"], group="id")
    return made.or_at((other.file, other_row + 1))


@defect(FAMILY, "heading-text-twice")
def heading_twice(rng: random.Random, tree: Tree) -> Injection:
    """Two headings of one section have the same text."""

    def siblings(page: Page) -> list[tuple[int, re.Match[str]]]:
        section = list(page.lines).index("## In code") if "## In code" in page.lines else 0
        found = page.find(r"^### (?P<text>.*?) \{ #[\w-]+ \}$", "heading")
        return [each for each in found if each[0] < section]

    page, (row, match) = choose(rng, tree.topics, siblings)
    section = next((n for n, line in enumerate(page.lines) if n > row and line[:3] == "## "), row)
    ends = [end for _, end in page.paragraphs() if row < end < min(row + 30, section)]
    end = rng.choice(ends or [row])
    text = page.edited(end, page.lines[end], "", f"### {match['text']}", "", "More of the same.")
    return Injection(page.file, text, end + 3, match["text"], ((page.file, row + 1),))


@defect(FAMILY, "head-prerequisite-unknown")
def prerequisite_unknown(rng: random.Random, tree: Tree) -> Injection:
    """The front matter names a prerequisite that the map does not know."""
    return _slug(rng, tree, "prerequisites")


@defect(FAMILY, "head-related-unknown")
def related_unknown(rng: random.Random, tree: Tree) -> Injection:
    """The front matter names a related topic that the map does not know."""
    return _slug(rng, tree, "related")


@defect(FAMILY, "question-link-wrong-id")
def question_link(rng: random.Random, tree: Tree) -> Injection:
    """A sentence links to a question whose id is written from memory."""
    _, (_, match) = choose(rng, tree.topics, lambda each: each.find(QUESTION, "heading"))
    wrong = misspell(rng, match["id"])
    return add_sentence(rng, tree.topics, f"The [question about it](#{wrong}) goes further.")


def _slug(rng: random.Random, tree: Tree, key: str) -> Injection:
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(rf"^{key}: \[(?P<first>[\w-]+)", "head")
    )
    return replace_match(page, row, match, misspell(rng, match["first"]), group="first")
