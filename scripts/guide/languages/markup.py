"""HTML and XML: XML with expat, HTML with the tokenizer of the standard library and a stack.

HTML parsers repair everything, so HTML is held to what a careful author means: every element that
needs an end tag has one, in the right place. Fragments: any run of whole elements in HTML, one
root element in XML.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.parsers import expat

from guide.languages.problem import SyntaxProblem, at_end, at_offset, offset_of, quoted

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_OPTIONAL_END = frozenset(
    """
    body colgroup dd dt head html li optgroup option p rp rt tbody td tfoot th thead tr
    """.split()
)
_VERBATIM = frozenset({"script", "style", "textarea", "title"})
_STRAY = re.compile(r"(?:^|(?<=\s)|(?<=>))(?:!--|!doctype\b)|/[a-z][a-z0-9]*>", re.IGNORECASE)
"""What is left of a tag or a comment that lost its first character."""
_QUOTED = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_OUTSIDE_QUOTES = re.compile("[\"'<]")


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return the first problem, if any."""
    return _verify_xml(code) if language == "xml" else _verify_html(code)


def _verify_xml(code: str) -> tuple[SyntaxProblem, ...]:
    parser = expat.ParserCreate()
    try:
        parser.Parse(code, True)
    except expat.ExpatError as error:
        message = expat.ErrorString(error.code) or str(error)
        offset = offset_of(code, error.lineno, error.offset + 1)
        if offset >= len(code.rstrip()):
            return (at_end(code, message),)
        return (at_offset(code, offset, message),)
    return ()


def _verify_html(code: str) -> tuple[SyntaxProblem, ...]:
    reader = _HtmlReader()
    reader.feed(code)
    reader.finish(code)
    return tuple(sorted(reader.problems)[:1])


class _HtmlReader(HTMLParser):
    """Keeps the stack of open elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=False)
        self.problems: list[SyntaxProblem] = []
        self._open: list[tuple[str, int, int]] = []
        self._follows_reference = False

    def parse_endtag(self, i: int) -> int:
        """Read an end tag. It swallows the next tag where its own `>` is missing."""
        end = super().parse_endtag(i)
        if "<" in self.rawdata[i + 1 : end]:
            self._report("`>` is missing in this tag")
        return end

    def handle_comment(self, data: str) -> None:
        if data.endswith("--"):
            self._report("a comment begins with `<!--` and ends with `-->`")

    def handle_entityref(self, name: str) -> None:
        self._follows_reference = True

    def handle_charref(self, name: str) -> None:
        self._follows_reference = True

    def handle_data(self, data: str) -> None:
        # What follows `&lt;` is text, however much it looks like the rest of a tag.
        data = f" {data[1:]}" if self._follows_reference else data
        self._follows_reference = False
        inside = self._open[-1][0] if self._open else ""
        stray = None if inside in _VERBATIM else _STRAY.search(data)
        if stray is not None:
            line, column = self.getpos()
            found = at_offset(data, stray.start(), f"`<` is missing before {quoted(stray.group())}")
            moved = found.column + (column if found.line == 1 else 0)
            self.problems.append(SyntaxProblem(line + found.line - 1, moved, found.message))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if _OUTSIDE_QUOTES.search(_QUOTED.sub("", (self.get_starttag_text() or "")[1:])):
            self._report("a quote or `>` is missing in this tag")
        if tag not in _VOID:
            line, column = self.getpos()
            self._open.append((tag, line, column + 1))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        inside_svg = any(name in ("svg", "math") for name, _, _ in self._open)
        if tag not in _VOID and not inside_svg and tag not in ("svg", "math"):
            message = f"`<{tag}/>` does not close the element"
            self._report(message, f"write `<{tag}></{tag}>`")

    def handle_endtag(self, tag: str) -> None:
        names = [name for name, _, _ in self._open]
        if tag in _VOID:
            self._report(f"`<{tag}>` has no end tag")
            return
        if tag not in names:
            self._report(f"`</{tag}>` closes nothing that is open")
            return
        while (name := self._open.pop()[0]) != tag:
            if name not in _OPTIONAL_END:
                self._report(f"`</{name}>` is missing before `</{tag}>`")

    def finish(self, code: str) -> None:
        """Report what is still open at the end. Call it after the last `feed`."""
        if self.rawdata.strip():
            offset = len(code) - len(self.rawdata)
            self.problems.append(at_offset(code, offset, "this tag is never finished"))
            return
        for name, line, column in self._open:
            if name not in _OPTIONAL_END:
                self.problems.append(SyntaxProblem(line, column, f"`<{name}>` is never closed"))

    def _report(self, message: str, hint: str | None = None) -> None:
        line, column = self.getpos()
        self.problems.append(SyntaxProblem(line, column + 1, message, hint))
