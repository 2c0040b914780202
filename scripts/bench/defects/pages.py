"""Front matter, headings, sections, questions and quiz items that break the form of a page."""

from __future__ import annotations

import random
import re

from defects.registry import defect
from defects.tree import Injection, Page, Tree, choose, insert_block, misspell, replace_match

FAMILY = "pages"
_QUESTION = r"^### .*(?P<attributes> \{ #[\w-]+ \.\w+ \})$"


def quiz_items(page: Page) -> list[tuple[int, re.Match[str]]]:
    """Headings of the check-yourself items, with the group `id`."""
    start = page.lines.index("## Check yourself")
    found = page.find(r"^### .* \{ #(?P<id>[\w-]+) \}$", "heading")
    return [each for each in found if each[0] > start]


@defect(FAMILY, "head-yaml-invalid")
def yaml_invalid(rng: random.Random, tree: Tree) -> Injection:
    """A quote or bracket of the front matter is lost."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r'^\w+: (?:".*(?P<q>")|\[.*(?P<b>\]))$', "head")
    )
    return replace_match(page, row, match, "", page.lines[row], "q" if match["q"] else "b")


@defect(FAMILY, "head-key-missing")
def key_missing(rng: random.Random, tree: Tree) -> Injection:
    """A required key of the front matter is deleted."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^(?:title|description|level|tags):", "head")
    )
    return Injection(page.file, page.edited(row), row + 1, match[0], ((page.file, 1),))


@defect(FAMILY, "head-key-unknown")
def key_unknown(rng: random.Random, tree: Tree) -> Injection:
    """A key of the front matter is misspelt."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^(?P<key>aliases|related|reviewed):", "head")
    )
    return replace_match(page, row, match, misspell(rng, match["key"]), group="key")


@defect(FAMILY, "head-date-impossible")
def date_impossible(rng: random.Random, tree: Tree) -> Injection:
    """A date that no calendar has, or that lies in the future."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^reviewed: (?P<date>.+)$", "head")
    )
    wrong = rng.choice(("2026-02-30", "2026-13-01", "2062-11-20", "20.11.2026"))
    return replace_match(page, row, match, wrong, group="date")


@defect(FAMILY, "head-tag-unknown")
def tag_unknown(rng: random.Random, tree: Tree) -> Injection:
    """A tag that is not on the closed list."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^tags: \[(?P<tag>[\w-]+)", "head")
    )
    return replace_match(page, row, match, f"{match['tag']}s", group="tag")


@defect(FAMILY, "head-level-unknown")
def level_unknown(rng: random.Random, tree: Tree) -> Injection:
    """A level that does not exist."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^level: (?P<level>\w+)$", "head")
    )
    return replace_match(page, row, match, rng.choice(("beginner", "expert")), group="level")


@defect(FAMILY, "head-not-closed")
def head_not_closed(rng: random.Random, tree: Tree) -> Injection:
    """The line that ends the front matter is deleted."""
    page = rng.choice(tree.topics)
    row = page.lines.index("---", 1)
    return Injection(page.file, page.edited(row), row + 1, "no ---", ((page.file, 1),))


@defect(FAMILY, "head-missing")
def head_missing(rng: random.Random, tree: Tree) -> Injection:
    """The front matter is deleted."""
    page = rng.choice(tree.topics)
    end = page.lines.index("---", 1)
    return Injection(page.file, "\n".join(page.lines[end + 2 :]), 1, "no front matter")


@defect(FAMILY, "heading-jump")
def heading_jump(rng: random.Random, tree: Tree) -> Injection:
    """A heading jumps over a level."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: _before(each, "## In code", r"^(?P<marks>###) ")
    )
    return replace_match(page, row, match, "####", group="marks")


@defect(FAMILY, "heading-second-title")
def second_title(rng: random.Random, tree: Tree) -> Injection:
    """A section's heading becomes a second title."""
    page, (row, match) = choose(
        rng, tree.pages, lambda each: each.find(r"^(?P<marks>##) ", "heading")
    )
    return replace_match(page, row, match, "#", group="marks")


@defect(FAMILY, "heading-no-space")
def heading_no_space(rng: random.Random, tree: Tree) -> Injection:
    """The space after a heading's marks is missing."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^(?P<marks>#{2,3} )", "heading")
    )
    return replace_match(page, row, match, match["marks"].strip(), group="marks")


@defect(FAMILY, "heading-empty")
def heading_empty(rng: random.Random, tree: Tree) -> Injection:
    """A heading without text."""
    return insert_block(rng, tree.topics, rng.choice(("###", "### ")), "", "Something follows.")


@defect(FAMILY, "heading-without-text-below")
def heading_without_text(rng: random.Random, tree: Tree) -> Injection:
    """A heading that is followed by the next section at once."""

    def ends(page: Page) -> list[int]:
        rows = [row for row in page.at("heading") if page.lines[row] == "## Trade-offs"]
        return rows

    page, row = choose(rng, tree.topics, ends)
    text = page.edited(row, "### Left over { #left-over }", "", page.lines[row])
    return Injection(page.file, text, row + 1, "### Left over")


@defect(FAMILY, "heading-attributes-broken")
def attributes_broken(rng: random.Random, tree: Tree) -> Injection:
    """The attribute list of a heading loses its closing brace, or its `#`."""
    page, (row, _) = choose(
        rng, tree.topics, lambda each: _before(each, "## In code", r" \{ #[\w-]+ \}$")
    )
    line = page.lines[row]
    wrong = rng.choice((line[:-2], line.replace("{ #", "{ "), line.replace("{ #", "( #")))
    return Injection(page.file, page.edited(row, wrong), row + 1, wrong)


@defect(FAMILY, "title-mismatch")
def title_mismatch(rng: random.Random, tree: Tree) -> Injection:
    """The heading of a page differs from its title."""
    page, (row, _) = choose(rng, tree.topics, lambda each: each.find(r"^# .*$", "heading"))
    text = page.edited(row, f"{page.lines[row]} explained")
    return Injection(page.file, text, row + 1, page.lines[row], ((page.file, 2),))


@defect(FAMILY, "section-missing")
def section_missing(rng: random.Random, tree: Tree) -> Injection:
    """The heading of a required section is deleted."""
    page, (row, match) = choose(
        rng,
        tree.topics,
        lambda each: each.find(r"^## (?:The problem|Trade-offs|Pitfalls|Further reading)$"),
    )
    return Injection(page.file, page.edited(row), row + 1, match[0], _top(page))


@defect(FAMILY, "section-misspelt")
def section_misspelt(rng: random.Random, tree: Tree) -> Injection:
    """The heading of a required section is misspelt."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^## (?P<name>The problem|Trade-offs|Pitfalls)$")
    )
    return replace_match(page, row, match, misspell(rng, match["name"]), group="name")


@defect(FAMILY, "sections-swapped")
def sections_swapped(rng: random.Random, tree: Tree) -> Injection:
    """Two neighboring sections change places."""

    def whole(page: Page) -> list[int]:
        found = [row for row in page.at("heading") if page.lines[row] == "## Trade-offs"]
        return [row for row in found if "## Pitfalls" in page.lines[row:]]

    page, first = choose(rng, tree.topics, whole)
    second = page.lines.index("## Pitfalls")
    end = page.lines.index("## Interview questions")
    one, two = page.lines[first:second], page.lines[second:end]
    text = page.edited(first, *two, *one, until=end - 1)
    moved = first + len(two) + 1
    return Injection(
        page.file, text, first + 1, "Pitfalls before Trade-offs", ((page.file, moved),)
    )


@defect(FAMILY, "lead-missing")
def lead_missing(rng: random.Random, tree: Tree) -> Injection:
    """The text under the title is deleted."""
    page, (row, _) = choose(rng, tree.topics, lambda each: each.find(r"^# .*$", "heading"))
    end = next(n for n, line in enumerate(page.lines) if n > row and line.startswith("## "))
    text = page.edited(row, page.lines[row], "", until=end - 1)
    return Injection(page.file, text, row + 1, "no lead", ((page.file, row + 3),))


@defect(FAMILY, "question-id-missing")
def question_id_missing(rng: random.Random, tree: Tree) -> Injection:
    """A question has no id of its own."""
    page, (row, match) = choose(rng, tree.topics, lambda each: each.find(_QUESTION, "heading"))
    return replace_match(page, row, match, "", match["attributes"], "attributes")


@defect(FAMILY, "question-level-missing")
def question_level_missing(rng: random.Random, tree: Tree) -> Injection:
    """A question has no level."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^### .*\{ #[\w-]+(?P<level> \.\w+) \}$")
    )
    return replace_match(page, row, match, "", match["level"], "level")


@defect(FAMILY, "question-label-removed")
def question_label_removed(rng: random.Random, tree: Tree) -> Injection:
    """A label of a question's answer is deleted."""
    page, (row, match) = choose(
        rng,
        tree.topics,
        lambda each: each.find(r"^\*\*(?:In 30 seconds|In depth|Follow-ups|Listen for)\.\*\* ?"),
    )
    made = replace_match(page, row, match, "", match[0])
    return made.or_at(*_heading_above(page, row))


@defect(FAMILY, "question-label-misspelt")
def question_label_misspelt(rng: random.Random, tree: Tree) -> Injection:
    """A label of a question's answer is misspelt."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^\*\*(?P<label>In depth|Follow-ups)\.\*\*")
    )
    made = replace_match(page, row, match, misspell(rng, match["label"]), group="label")
    return made.or_at(*_heading_above(page, row))


@defect(FAMILY, "question-points-unlabeled")
def points_unlabeled(rng: random.Random, tree: Tree) -> Injection:
    """A point to listen for lost its Must, Bonus or Red flag."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^- (?P<label>\*\*(?:Must|Bonus):\*\* )", "list")
    )
    made = replace_match(page, row, match, "", match["label"], "label")
    return made.or_at(*_heading_above(page, row))


@defect(FAMILY, "quiz-no-right-option")
def quiz_no_right(rng: random.Random, tree: Tree) -> Injection:
    """No option of a quiz item is right."""
    page, (row, match) = choose(rng, tree.topics, lambda each: each.find(r"^- \[x\]", "list"))
    made = replace_match(page, row, match, "- [ ]")
    return made.or_at(*_heading_above(page, row))


@defect(FAMILY, "quiz-no-wrong-option")
def quiz_no_wrong(rng: random.Random, tree: Tree) -> Injection:
    """Every option of a quiz item is right."""
    page, (row, _) = choose(rng, tree.topics, quiz_items)
    end = _section_end(page, row)
    lines = [re.sub(r"^- \[ \]", "- [x]", line) for line in page.lines[row:end]]
    text = page.edited(row, *lines, until=end - 1)
    wrong = page.lines.index(next(line for line in page.lines[row:] if line.startswith("- [ ]")))
    return Injection(page.file, text, row + 1, page.lines[row], ((page.file, wrong + 1),))


@defect(FAMILY, "quiz-no-reason")
def quiz_no_reason(rng: random.Random, tree: Tree) -> Injection:
    """An option of a quiz item has no reason."""

    def reasons(page: Page) -> list[int]:
        return [
            row
            for row, _ in page.find(r"^    - ", "list")
            if re.match(r"- \[[ x]\]", page.lines[row - 1])
        ]

    page, row = choose(rng, tree.topics, reasons)
    about = page.lines[row].strip()
    return Injection(page.file, page.edited(row), row, about, _heading_above(page, row))


@defect(FAMILY, "quiz-box-malformed")
def quiz_box(rng: random.Random, tree: Tree) -> Injection:
    """The box of an option is written so that it stays text."""
    page, (row, match) = choose(rng, tree.topics, lambda each: each.find(r"^- \[[x ]\]", "list"))
    made = replace_match(page, row, match, rng.choice(("- []", "- [y]", "- [x", "-[ ]")))
    return made.or_at(*_heading_above(page, row))


@defect(FAMILY, "diagram-title-removed")
def diagram_title(rng: random.Random, tree: Tree) -> Injection:
    """A diagram has no accessible title."""
    return _without(rng, tree, "accTitle")


@defect(FAMILY, "diagram-description-removed")
def diagram_description(rng: random.Random, tree: Tree) -> Injection:
    """A diagram has no accessible description."""
    return _without(rng, tree, "accDescr")


def _without(rng: random.Random, tree: Tree, key: str) -> Injection:
    page, (row, _) = choose(rng, tree.topics, lambda each: each.find(rf"^\s*{key}:", "code"))
    start = max(begin for begin, _ in page.fences() if begin < row)
    return Injection(page.file, page.edited(row), row + 1, key, ((page.file, start + 1),))


def _before(page: Page, heading: str, pattern: str) -> list[tuple[int, re.Match[str]]]:
    """Matches in headings of "How it works"."""
    if heading not in page.lines or "## How it works" not in page.lines:
        return []
    start, end = page.lines.index("## How it works"), page.lines.index(heading)
    rows = [row for row, _ in page.find(r"^### ", "heading") if start < row < end]
    # The first subsection comes right after a level 2: only there is a level 4 a jump.
    found = page.find(pattern, "heading")
    return [each for each in found if each[0] in rows[:1]]


def _top(page: Page) -> tuple[tuple[str, int], ...]:
    end = page.lines.index("---", 1)
    return ((page.file, end + 2),)


def _heading_above(page: Page, row: int) -> tuple[tuple[str, int], ...]:
    return ((page.file, max(each for each in page.at("heading") if each < row) + 1),)


def _section_end(page: Page, row: int) -> int:
    return min([each for each in page.at("heading") if each > row] or [len(page.lines)])
