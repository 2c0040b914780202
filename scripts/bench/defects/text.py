"""Tables, images, blocks, raw HTML, leftovers and damaged characters in the text of a page."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence

from defects.links import to
from defects.registry import defect
from defects.tree import Injection, Page, Tree, add_sentence, choose, insert_block, replace_match

FAMILY = "text"


@defect(FAMILY, "table-cell-extra")
def cell_extra(rng: random.Random, tree: Tree) -> Injection:
    """A row has a cell too many."""
    page, row = choose(rng, tree.topics, _rows)
    return Injection(page.file, page.edited(row, f"{page.lines[row]} more |"), row + 1, "+1 cell")


@defect(FAMILY, "table-cell-missing")
def cell_missing(rng: random.Random, tree: Tree) -> Injection:
    """A row has a cell too few."""
    page, row = choose(rng, tree.topics, _rows)
    short = page.lines[row].removesuffix(" |").rpartition(" | ")[0] + " |"
    return Injection(page.file, page.edited(row, short), row + 1, "-1 cell")


@defect(FAMILY, "table-pipe-in-code")
def pipe_in_code(rng: random.Random, tree: Tree) -> Injection:
    """An unescaped pipe in a cell, outside inline code, splits it."""
    page, row = choose(rng, tree.topics, _rows)
    line = page.lines[row].replace("| ", "| GET|HEAD: ", 1)
    return Injection(page.file, page.edited(row, line), row + 1, line)


@defect(FAMILY, "table-no-separator")
def no_separator(rng: random.Random, tree: Tree) -> Injection:
    """The row under the header is deleted."""
    page, row = choose(rng, tree.topics, _separators)
    return Injection(page.file, page.edited(row), row + 1, "no |---|", ((page.file, row),))


@defect(FAMILY, "table-separator-short")
def separator_short(rng: random.Random, tree: Tree) -> Injection:
    """The row under the header has a column too few."""
    page, row = choose(rng, tree.topics, _separators)
    return Injection(
        page.file, page.edited(row, page.lines[row].replace("---|", "", 1)), row + 1, "-1 column"
    )


@defect(FAMILY, "table-no-blank-line")
def table_no_blank(rng: random.Random, tree: Tree) -> Injection:
    """A table follows a paragraph without a blank line and stays text."""

    def spots(page: Page) -> list[int]:
        return [
            row - 2
            for row in _separators(page)
            if page.kinds[row - 2] == "blank" and page.kinds[row - 3] == "prose"
        ]

    page, row = choose(rng, tree.topics, spots)
    return Injection(page.file, page.edited(row), row + 1, page.lines[row + 1])


@defect(FAMILY, "list-no-blank-line")
def list_no_blank(rng: random.Random, tree: Tree) -> Injection:
    """A list follows a paragraph without a blank line and stays text."""

    def spots(page: Page) -> list[int]:
        return [
            row
            for row in page.at("blank")
            if 0 < row < len(page.lines) - 1
            and page.kinds[row - 1] == "prose"
            and page.kinds[row + 1] == "list"
            and not page.lines[row - 1].startswith(" ")
        ]

    page, row = choose(rng, tree.topics, spots)
    return Injection(page.file, page.edited(row), row + 1, page.lines[row + 1])


@defect(FAMILY, "image-no-alternative")
def image_no_alternative(rng: random.Random, tree: Tree) -> Injection:
    """An image without alternative text."""

    def image(page: Page) -> str:
        path = to(page, "assets/images/screenshot.png")
        return rng.choice((f"![]({path})", f'<img src="{path}">'))

    return add_sentence(rng, tree.topics, image)


@defect(FAMILY, "image-alternative-empty-word")
def image_empty_word(rng: random.Random, tree: Tree) -> Injection:
    """An image whose alternative text says that it is one."""
    word = rng.choice(("image", "screenshot.png", "diagram", "Image"))
    return add_sentence(
        rng, tree.topics, lambda page: f"![{word}]({to(page, 'assets/images/screenshot.png')})"
    )


_BLOCKS: dict[str, tuple[tuple[str, ...], ...]] = {
    "admonition-mkdocs": (
        ("!!! note", "    This shows as text."),
        ('!!! warning "Mind"', "    This shows as text."),
        ('??? tip "More"', "    This shows as text."),
    ),
    "admonition-github": (("> [!NOTE]", "> This shows as a quote."),),
    "admonition-docusaurus": ((":::note", "This shows as text.", ":::"),),
    "tab-foreign": (('=== "Python"', "", "    Text for Python."),),
    "footnote-foreign": (("It is fast.[^1]", "", "[^1]: On this machine."),),
    "math-foreign": (("The load is $$\\rho = \\lambda / \\mu$$ here.",),),
    "html-details-unclosed": (("<details>", "<summary>More</summary>", "", "Hidden text."),),
    "html-div-unclosed": (('<div class="wide">', "", "A wide paragraph."),),
    "html-comment-unclosed": (("<!-- to be done later", "", "A sentence that disappears."),),
    "html-inline-unclosed": (("Press <kbd>Ctrl to go on.",), ("A <sub>small remark follows.",)),
    "html-closing-stray": (("</div>",), ("</details>",)),
    "html-attribute-broken": (('<span class="note>A remark.</span>',),),
    "leftover-todo": (
        ("TODO: measure this again.",),
        ("FIXME: the number is wrong.",),
        ("TBD.",),
        ("XXX check this",),
    ),
    "leftover-lorem": (("Lorem ipsum dolor sit amet, consectetur adipiscing elit.",),),
    "leftover-placeholder": (("<!-- TODO: write this -->",), ("[Insert example here]",)),
    "leftover-conflict": (
        ("<<<<<<< HEAD", "It takes 40 ms.", "=======", "It takes 50 ms.", ">>>>>>> topic"),
    ),
    "leftover-chat": (("Certainly! Here is a section about caching:",),),
    "text-quote-damage": (("A cache doesnâ€™t lie.",), ("It is â€œfreshâ€\x9d for a while.",)),
    "text-mojibake": (("The cafÃ© example is old.",), ("NaÃ¯ve clients retry.",)),
    "text-replacement-character": (("The na\ufffdve client retries.",),),
    "text-control-character": (
        ("A form\x0cfeed.",),
        ("A \x08 backspace.",),
        ("An escape \x1b[0m.",),
    ),
    "text-zero-width": (
        ("A hid\u200bden space.",),
        ("A word\u2060joiner.",),
        ("A mark \ufeffinside.",),
    ),
    "text-bidi-control": (("Text \u202ereversed\u202c here.",),),
    "text-no-break-space": (("#\u00a0A heading that is none",), ("-\u00a0An item that is none",)),
    "text-homoglyph": (("Send a G\u0415T request.",), ("The \u0441ache is warm.",)),
    "emphasis-unclosed": (("This is **important and stays so.",), ("A *word without end.",)),
    "inline-code-unclosed": (("Send `GET / to the server.",),),
    "text-word-doubled": (("It reads the the value once.",), ("The cache is is warm.",)),
    "entity-broken": (("Compare a &lt b with c.",), ("A &nbps; space.",)),
}


def _block(variants: Sequence[tuple[str, ...]]) -> Callable[[random.Random, Tree], Injection]:
    def inject(rng: random.Random, tree: Tree) -> Injection:
        lines = rng.choice(variants)
        made = insert_block(rng, tree.topics, *lines)
        rest = tuple((made.file, made.line + extra) for extra in range(1, len(lines)))
        return made.or_at(*rest)

    return inject


for _name, _variants in _BLOCKS.items():
    defect(FAMILY, _name)(_block(_variants))


@defect(FAMILY, "list-block-dedented")
def dedented(rng: random.Random, tree: Tree) -> Injection:
    """The code of a list item is dedented and falls out of it."""
    lines = ("1. Send it:", "", "```http", "GET / HTTP/1.1", "Host: a.test", "", "```", "")
    return insert_block(rng, tree.topics, *lines, "2. Wait for the answer.", at=2)


@defect(FAMILY, "list-continuation-dedented")
def continuation(rng: random.Random, tree: Tree) -> Injection:
    """A numbered list's second paragraph has a small indent, which ends the list."""
    lines = ("1. Send the request.", "", "  It may take a while.", "", "2. Read the answer.")
    return insert_block(rng, tree.topics, *lines, at=2)


@defect(FAMILY, "quiz-reason-dedented")
def reason_dedented(rng: random.Random, tree: Tree) -> Injection:
    """The reason of an option stands two spaces in, not four, and becomes an option's sibling."""
    page, (row, match) = choose(
        rng, tree.topics, lambda each: each.find(r"^(?P<indent>    )- ", "list")
    )
    made = replace_match(page, row, match, "  ", "2 spaces", "indent")
    heading = max(each for each in page.at("heading") if each < row)
    return made.or_at((page.file, heading + 1))


@defect(FAMILY, "paragraph-copied")
def copied(rng: random.Random, tree: Tree) -> Injection:
    """A long paragraph of another page is pasted with two words changed."""

    def long(page: Page) -> list[tuple[int, int]]:
        return [
            span
            for span in page.paragraphs()
            if not page.lines[span[0]].startswith("**")
            and len(" ".join(page.lines[span[0] : span[1] + 1]).split()) > 45
        ]

    source, (start, end) = choose(rng, tree.topics, long)
    words = " ".join(source.lines[start : end + 1])
    plain = re.sub(r"\[([^\]]+)\]\([^)]*\)", r"\1", words).split(" ")
    for index in rng.sample(range(len(plain)), 2):
        plain[index] = "indeed"
    others = [page for page in tree.topics if page is not source]
    made = insert_block(rng, others, " ".join(plain), about=f"from {source.file}:{start + 1}")
    return made.or_at((source.file, start + 1))


@defect(FAMILY, "paragraph-doubled")
def doubled(rng: random.Random, tree: Tree) -> Injection:
    """A paragraph stands twice in a row."""

    def long(page: Page) -> list[tuple[int, int]]:
        return [span for span in page.paragraphs() if span[1] - span[0] > 1]

    page, (start, end) = choose(rng, tree.topics, long)
    lines = page.lines[start : end + 1]
    text = page.edited(end, page.lines[end], "", *lines)
    return Injection(page.file, text, end + 3, lines[0], ((page.file, start + 1),))


def _separators(page: Page) -> list[int]:
    return [row for row in page.at("table") if re.fullmatch(r"\|[-:|\s]+\|", page.lines[row])]


def _rows(page: Page) -> list[int]:
    headers = {row + offset for row in _separators(page) for offset in (-1, 0)}
    return [
        row
        for row in page.at("table")
        if row not in headers and page.lines[row].endswith(" |") and "`" not in page.lines[row]
    ]
