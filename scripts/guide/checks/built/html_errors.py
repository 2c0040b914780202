"""What an HTML parser had to repair, in words for the person who writes the page or template."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from justhtml import JustHTML, ParseError

_END = re.compile(r"</body>\s*</html>\s*\Z", re.IGNORECASE)
_UNCLOSED = "close elements in the reverse order of opening them"
_PLAIN: Mapping[str, tuple[str, str]] = {
    "duplicate-attribute": ("an attribute occurs twice; browsers drop the second", "keep one"),
    "unexpected-start-tag-implies-end-tag": (
        "this tag silently closes the element of the same kind that it stands in",
        "a link or button cannot hold another one",
    ),
    "adoption-agency-1.3": ("elements overlap, or one is closed that is not open", _UNCLOSED),
    "foster-parenting-character": (
        "content between the cells of a table; browsers move it in front of the table",
        "put it into a cell",
    ),
    "foster-parenting-start-tag": (
        "an element between the cells of a table; browsers move it in front of the table",
        "put it into a cell",
    ),
    "invalid-first-character-of-tag-name": (
        "a bare `<` that starts no tag",
        "write `&lt;`, in Markdown `\\<` or code",
    ),
    "missing-semicolon-after-character-reference": (
        "a character reference without its semicolon",
        "end it with `;`, or write `&amp;` for the character `&`",
    ),
    "missing-whitespace-between-attributes": (
        "two attributes without a space between them",
        "put a space behind the closing quote",
    ),
    "unexpected-null-character": ("a NUL character", "delete it"),
    "expected-doctype-but-got-start-tag": (
        "the page does not begin with `<!doctype html>`; browsers fall back to old layout rules",
        "begin the template with `<!doctype html>`",
    ),
}


@dataclass(frozen=True, slots=True)
class HtmlError:
    """A parse error at a place in the file, line and column from 1."""

    line: int
    column: int
    message: str
    hint: str


def html_errors(html: str) -> Iterator[HtmlError]:
    """Yield the parse errors of a page (WHATWG HTML, section 13.2.2)."""
    lines = html.split("\n")
    # At `</body>` the parser closes what is still open without a word; at the end of the file it
    # says so.
    body = _END.sub("", html)
    # Nothing is published from this tree: sanitizing it would only hide what is wrong.
    for error in JustHTML(body, collect_errors=True, sanitize=False).errors:
        line = error.line or 1
        message, hint = _explained(error)
        yield HtmlError(line, _column(lines[line - 1], error.column or 1), message, hint)


def _explained(error: ParseError) -> tuple[str, str]:
    if error.code in _PLAIN:
        return _PLAIN[error.code]
    tag = error.message.partition("<")[2].partition(">")[0]
    if error.code == "unexpected-end-tag":
        return f"`<{tag}>` closes an element that is not open here", _UNCLOSED
    if error.code.startswith("expected-") and error.code.endswith("closing-tag-but-got-eof"):
        return f"`<{tag.lstrip('/')}>` is never closed", _UNCLOSED
    if error.code == "end-tag-too-early":
        return f"`<{tag}>` comes while an element inside it is still open", _UNCLOSED
    if error.code.startswith("unexpected-start-tag"):
        return f"`<{tag}>` may not stand here", "check what it stands in, and what is still open"
    return f"{error.message[:1].lower()}{error.message[1:]}", "see the HTML standard, 13.2.2"


def _column(line: str, column: int) -> int:
    """Column of the tag that ends at `column`; the column itself if none does."""
    if line[column - 1 : column] == ">":
        return line.rfind("<", 0, column) + 1 or column
    return column
