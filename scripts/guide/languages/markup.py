"""HTML and XML: XML with expat, HTML with the tokenizer of the standard library and a stack.

HTML parsers repair everything, so HTML is held to what a careful author means: every element that
needs an end tag has one, in the right place. Fragments: any run of whole elements in HTML, one
root element in XML.
"""

from __future__ import annotations

from html.parser import HTMLParser
from xml.parsers import expat

from guide.languages.problem import SyntaxProblem, at_end, at_offset, offset_of

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
_OPTIONAL_END = frozenset(
    """
    body colgroup dd dt head html li optgroup option p rp rt tbody td tfoot th thead tr
    """.split()
)


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

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
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
