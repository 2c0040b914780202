"""Fences, tab sets, blocks and includes that break."""

from __future__ import annotations

import itertools
import random
import re

from defects.registry import defect
from defects.tree import (
    Injection,
    NoPlaceError,
    Page,
    Tree,
    choose,
    insert_block,
    misspell,
    replace_match,
)

FAMILY = "fences"
_TAB = re.compile(r"^/// tab \| (.+)$")


@defect(FAMILY, "fence-unclosed")
def unclosed(rng: random.Random, tree: Tree) -> Injection:
    """A closing fence line is deleted."""
    page, (start, end) = choose(rng, tree.topics, Page.fences)
    made = page.edited(end)
    return Injection(page.file, made, start + 1, page.lines[start], ((page.file, end + 1),))


@defect(FAMILY, "fence-closer-shorter")
def closer_shorter(rng: random.Random, tree: Tree) -> Injection:
    """The opening fence is longer than the closing one."""
    page, (start, end) = choose(rng, tree.topics, Page.fences)
    text = page.edited(start, page.lines[start].replace("```", "````", 1))
    return Injection(page.file, text, start + 1, "```` closed by ```", ((page.file, end + 1),))


@defect(FAMILY, "fence-closer-two-ticks")
def closer_two(rng: random.Random, tree: Tree) -> Injection:
    """The closing fence has only two backticks."""
    page, (start, end) = choose(rng, tree.topics, Page.fences)
    text = page.edited(end, page.lines[end].replace("```", "``", 1))
    return Injection(page.file, text, end + 1, "``` closed by ``", ((page.file, start + 1),))


@defect(FAMILY, "fence-closer-other-character")
def closer_other(rng: random.Random, tree: Tree) -> Injection:
    """The closing fence is made of tildes."""
    page, (start, end) = choose(rng, tree.topics, Page.fences)
    text = page.edited(end, page.lines[end].replace("```", "~~~", 1))
    return Injection(page.file, text, end + 1, "``` closed by ~~~", ((page.file, start + 1),))


@defect(FAMILY, "fence-closer-with-text")
def closer_text(rng: random.Random, tree: Tree) -> Injection:
    """The closing fence carries a word."""
    page, (start, end) = choose(rng, tree.topics, Page.fences)
    text = page.edited(end, f"{page.lines[end]} end")
    return Injection(page.file, text, end + 1, "``` end", ((page.file, start + 1),))


@defect(FAMILY, "fence-header-unreadable")
def header_unreadable(rng: random.Random, tree: Tree) -> Injection:
    """A header that SuperFences cannot parse."""
    header = rng.choice(
        (
            '``` {.python title="client.py"',
            '```python title="client.py',
            "```python title=client.py, linenums",
            "``` .python .go",
            "```{python}}",
        )
    )
    return insert_block(rng, tree.topics, header, "print(1)", "```")


@defect(FAMILY, "fence-no-language")
def no_language(rng: random.Random, tree: Tree) -> Injection:
    """A fence without a language."""
    page, (start, _) = choose(
        rng,
        tree.topics,
        lambda each: [span for span in each.fences() if re.match(r"```\w", each.lines[span[0]])],
    )
    return Injection(page.file, page.edited(start, "```"), start + 1, page.lines[start])


@defect(FAMILY, "fence-language-misspelt")
def language_misspelt(rng: random.Random, tree: Tree) -> Injection:
    """A language that nobody knows."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^``` ?(?:\{ \.)?(?P<name>\w{4,})", "fence")
    )
    return replace_match(page, row, match, misspell(rng, match["name"]), group="name")


@defect(FAMILY, "fence-indented-by-tab")
def indented_by_tab(rng: random.Random, tree: Tree) -> Injection:
    """A fence is indented with a tab and becomes an indented code block."""
    block = ("\t```python", "\tprint(1)", "\t```")
    return insert_block(rng, tree.topics, *block)


@defect(FAMILY, "fence-indented-by-four")
def indented_by_four(rng: random.Random, tree: Tree) -> Injection:
    """A fence at the left margin is indented as if it stood in a list."""
    page, (start, end) = choose(rng, tree.topics, Page.fences)
    lines = [f"    {line}" if line else line for line in page.lines[start : end + 1]]
    return Injection(page.file, page.edited(start, *lines, until=end), start + 1, "4 spaces")


@defect(FAMILY, "fence-half-indented-in-list")
def half_indented(rng: random.Random, tree: Tree) -> Injection:
    """A fence in a list item has too small an indent."""
    indent = " " * rng.choice((1, 2))
    block = ("- Send it:", "", f"{indent}```http", f"{indent}GET / HTTP/1.1", f"{indent}```")
    return insert_block(rng, tree.topics, *block, at=2)


@defect(FAMILY, "fence-closer-indent-differs")
def closer_indent(rng: random.Random, tree: Tree) -> Injection:
    """Opening and closing fence of a list item stand at different indents."""
    block = ("- Send it:", "", "    ```http", "    GET / HTTP/1.1", "```")
    made = insert_block(rng, tree.topics, *block, at=2)
    return Injection(made.file, made.text, made.line, "``` at 0", ((made.file, made.line + 2),))


@defect(FAMILY, "tab-code-outside")
def code_outside(rng: random.Random, tree: Tree) -> Injection:
    """A tab is closed before its code."""
    page, (start, end) = choose(rng, tree.topics, _tabs)
    inner = page.lines[start + 1 : end]
    text = page.edited(start, page.lines[start], "", "///", *inner, until=end)
    opening = next(row for row in range(start, end) if page.kinds[row] == "fence")
    return Injection(page.file, text, opening + 3, page.lines[start], ((page.file, start + 1),))


@defect(FAMILY, "tab-unclosed")
def tab_unclosed(rng: random.Random, tree: Tree) -> Injection:
    """The end of a tab is deleted."""
    page, (start, end) = choose(rng, tree.topics, _tabs)
    places = ((page.file, end + 1),)
    return Injection(page.file, page.edited(end), start + 1, page.lines[start], places)


@defect(FAMILY, "block-unclosed")
def block_unclosed(rng: random.Random, tree: Tree) -> Injection:
    """A note is not closed and swallows the rest."""
    lines = ("/// note | Not closed", "A sentence that stands in a note.")
    return insert_block(rng, tree.topics, *lines)


@defect(FAMILY, "block-misspelt")
def block_misspelt(rng: random.Random, tree: Tree) -> Injection:
    """A block's name is misspelt, so that its markers become text."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^/// (?P<name>tab|note|warning) \|", "block")
    )
    wrong = rng.choice(("tabs", "tap")) if match["name"] == "tab" else misspell(rng, match["name"])
    return replace_match(page, row, match, wrong, group="name")


@defect(FAMILY, "block-two-slashes")
def two_slashes(rng: random.Random, tree: Tree) -> Injection:
    """A block's end has two slashes."""
    page, row = choose(
        rng, tree.topics, lambda each: [n for n in each.at("block") if each.lines[n] == "///"]
    )
    return Injection(page.file, page.edited(row, "//"), row + 1, "//", _opening(page, row))


@defect(FAMILY, "tab-label-inconsistent")
def label_inconsistent(rng: random.Random, tree: Tree) -> Injection:
    """A tab's label differs from the one used everywhere else."""
    other = {"Go": ("golang", "GO"), "JavaScript": ("Javascript", "JS"), "Python": ("python",)}
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^/// tab \| (?P<label>Go|JavaScript|Python)$")
    )
    return replace_match(page, row, match, rng.choice(other[match["label"]]), group="label")


@defect(FAMILY, "tab-order-swapped")
def order_swapped(rng: random.Random, tree: Tree) -> Injection:
    """Two neighboring tabs are swapped against the order used everywhere else."""

    def pairs(page: Page) -> list[tuple[tuple[int, int], tuple[int, int]]]:
        tabs = _tabs(page)
        return [(a, b) for a, b in itertools.pairwise(tabs) if b[0] - a[1] <= 2]

    page, ((first, first_end), (second, second_end)) = choose(rng, tree.topics, pairs)
    one, two = page.lines[first : first_end + 1], page.lines[second : second_end + 1]
    text = page.edited(first, *two, "", *one, until=second_end)
    return Injection(
        page.file, text, first + 1, f"{two[0]} first", ((page.file, first + len(two) + 2),)
    )


@defect(FAMILY, "tab-label-duplicate")
def label_duplicate(rng: random.Random, tree: Tree) -> Injection:
    """Two tabs of a set have the same label."""

    def seconds(page: Page) -> list[tuple[int, int]]:
        tabs = _tabs(page)
        return [(a[0], b[0]) for a, b in itertools.pairwise(tabs) if b[0] - a[1] <= 2]

    page, (first, second) = choose(rng, tree.topics, seconds)
    text = page.edited(second, page.lines[first])
    return Injection(page.file, text, second + 1, page.lines[first], ((page.file, first + 1),))


@defect(FAMILY, "tab-label-missing")
def label_missing(rng: random.Random, tree: Tree) -> Injection:
    """A tab has no label."""
    page, (start, _) = choose(rng, tree.topics, _tabs)
    return Injection(page.file, page.edited(start, "/// tab |"), start + 1, page.lines[start])


@defect(FAMILY, "tab-wrong-language")
def wrong_language(rng: random.Random, tree: Tree) -> Injection:
    """A tab's code is declared in another language than its label says."""

    def labels(page: Page) -> list[tuple[int, re.Match[str]]]:
        return page.find(r"^``` \{ \.(?P<name>python|go|javascript) ", "fence")

    page, (row, match) = choose(rng, tree.topics, labels)
    wrong = "text" if rng.random() < 0.5 else "ruby"
    made = replace_match(page, row, match, wrong, group="name")
    return made.or_at((page.file, row - 1))


@defect(FAMILY, "fence-empty")
def empty(rng: random.Random, tree: Tree) -> Injection:
    """A fence without content."""
    return insert_block(rng, tree.topics, "```python", *rng.choice(((), ("",))), "```")


@defect(FAMILY, "fence-highlight-out-of-range")
def highlight(rng: random.Random, tree: Tree) -> Injection:
    """Highlighted lines that the code does not have."""
    lines = rng.choice(("7", "2-9", "1 12"))
    header = f'``` {{ .python hl_lines="{lines}" }}'
    return insert_block(rng, tree.topics, header, "limit = 3", "print(limit)", "```")


@defect(FAMILY, "include-missing-file")
def include_file(rng: random.Random, tree: Tree) -> Injection:
    """An include names a file that is not there."""
    page, (row, match) = choose(rng, tree.topics, _includes)
    folder, _, name = match["path"].rpartition("/")
    return replace_match(page, row, match, f"{folder}/{misspell(rng, name)}", group="path")


@defect(FAMILY, "include-missing-section")
def include_section(rng: random.Random, tree: Tree) -> Injection:
    """An include names a section that its file does not have."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: [m for m in _includes(each) if m[1]["section"]]
    )
    return replace_match(page, row, match, misspell(rng, match["section"]), group="section")


@defect(FAMILY, "include-section-unclosed")
def section_unclosed(rng: random.Random, tree: Tree) -> Injection:
    """An example file loses the line that ends its shown section."""
    names = [name for name, text in tree.texts.items() if "--8<-- [end:show]" in text]
    if not names:
        raise NoPlaceError("no example has a section")
    file = rng.choice(names)
    lines = tree.texts[file].split("\n")
    row = next(index for index, line in enumerate(lines) if "[end:show]" in line)
    short = file.removeprefix("docs/")
    opening = next(index for index, line in enumerate(lines) if "[start:show]" in line)
    also = ((file, opening + 1), *tree.mentions(f'"{short}:show"'))
    return Injection(file, "\n".join(lines[:row] + lines[row + 1 :]), row + 1, "no end", also)


def _includes(page: Page) -> list[tuple[int, re.Match[str]]]:
    return page.find(r'^--8<-- "(?P<path>[^":]+)(?::(?P<section>\w+))?"$', "code")


def _tabs(page: Page) -> list[tuple[int, int]]:
    """First and last line of every tab."""
    starts = [row for row in page.at("block") if _TAB.match(page.lines[row])]
    ends = [row for row in page.at("block") if page.lines[row] == "///"]
    return [(start, min(end for end in ends if end > start)) for start in starts]


def _opening(page: Page, row: int) -> tuple[tuple[str, int], ...]:
    openings = [n for n in page.at("block") if n < row and page.lines[n].startswith("/// ")]
    return ((page.file, openings[-1] + 1),) if openings else ()
