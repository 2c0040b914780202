"""The HTML is valid where it matters: no parse error, and names, nesting and tables hold."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from selectolax.lexbor import LexborNode

from guide.checks.built.html_errors import html_errors
from guide.checks.built.page import BuiltPage
from guide.checks.built.place import line_of
from guide.checks.built.rule import BuiltPageRule
from guide.checks.finding import Finding
from guide.library import did_you_mean

Problem = tuple[LexborNode, str, str]
"""An element, what is wrong with it, and what to do."""
_INTERACTIVE = (
    "a[href], button, details, embed, iframe, input:not([type=hidden]), label, select, textarea, "
    "audio[controls], video[controls], [tabindex]"
)
_OBSOLETE = (
    "acronym, applet, basefont, big, center, dir, font, frame, frameset, marquee, nobr, strike, tt"
)
_NAMING = ("for", "aria-activedescendant", "aria-controls", "aria-describedby", "aria-labelledby")


def check(page: BuiltPage) -> Iterator[Finding]:
    """Report parse errors and broken rules of content."""
    path = f"site/{page.path}"
    for error in html_errors(page.html):
        yield Finding(path, error.line, error.column, RULE.id, error.message, error.hint)
    for rule in _CONTENT_RULES:
        for node, message, hint in rule(page):
            yield Finding(path, line_of(page, node), 1, RULE.id, message, hint)


def _nested_controls(page: BuiltPage) -> Iterator[Problem]:
    for outer in page.tree.css("a[href], button"):
        for inner in outer.css(_INTERACTIVE):
            if inner.mem_id != outer.mem_id:
                message = f"`<{inner.tag}>` inside `<{outer.tag}>`: one click, two meanings"
                yield inner, message, "put them side by side"


def _images_without_alternative(page: BuiltPage) -> Iterator[Problem]:
    for node in page.tree.css("img:not([alt])"):
        message = f"the image `{node.attributes.get('src') or ''}` has no alternative text"
        yield node, message, 'describe it: `![text](path)`; `alt=""` if it only decorates'


def _names_of_nothing(page: BuiltPage) -> Iterator[Problem]:
    ids = frozenset(page.ids)
    for attribute in _NAMING:
        for node in page.tree.css(f"[{attribute}]"):
            for name in (node.attributes[attribute] or "").split():
                if name not in ids:
                    message = f"`{attribute}` names `{name}`, which is no id on the page"
                    yield node, message, did_you_mean(name, ids) or "name an id or take it out"


def _obsolete_elements(page: BuiltPage) -> Iterator[Problem]:
    for node in page.tree.css(_OBSOLETE):
        yield node, f"`<{node.tag}>` is obsolete", "use CSS, or an element with a meaning"


def _items_outside_lists(page: BuiltPage) -> Iterator[Problem]:
    for node in page.tree.css("li"):
        if node.parent is None or node.parent.tag not in ("ul", "ol", "menu"):
            yield node, "`<li>` outside a list", "put it into `<ul>` or `<ol>`"


def _cells_beyond_header(page: BuiltPage) -> Iterator[Problem]:
    for table in page.tree.css("table"):
        header = table.css_first("thead tr")
        columns = _width(header) if header else 0
        for row in table.css("tbody tr") if columns else ():
            if _width(row) > columns:
                message = f"the row has {_width(row)} cells under {columns} column headers"
                yield row, message, "add a header, or escape a `|` inside a cell as `\\|`"


def _width(row: LexborNode) -> int:
    return sum(_span(cell) for cell in row.iter() if cell.tag in ("td", "th"))


def _span(cell: LexborNode) -> int:
    span = cell.attributes.get("colspan") or "1"
    return int(span) if span.isdecimal() else 1


_CONTENT_RULES: tuple[Callable[[BuiltPage], Iterator[Problem]], ...] = (
    _nested_controls,
    _images_without_alternative,
    _names_of_nothing,
    _obsolete_elements,
    _items_outside_lists,
    _cells_beyond_header,
)
RULE = BuiltPageRule("html-valid", "is valid HTML", check)
