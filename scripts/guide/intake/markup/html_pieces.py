"""HTML cut into tags, comments and text, and what becomes of each element."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bs4 import BeautifulSoup, Tag
from markdownify import MarkdownConverter

VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
OPTIONAL_END = frozenset("p li dt dd tr td th thead tbody tfoot colgroup option".split())
WRAPPERS = frozenset(
    """
    div center p span font section article figure main header footer aside nav big hgroup address
    html body picture figcaption label tt summary details
    """.split()
)
KEPT_INLINE = frozenset("kbd sub sup mark del ins u small abbr".split())
_STRUCTURE = frozenset(
    """
    ul ol li dl dt dd table thead tbody tfoot tr td th caption col colgroup blockquote pre code
    h1 h2 h3 h4 h5 h6 hr br wbr a b strong i em s strike img q cite samp var dfn time bdi bdo source
    """.split()
)
KNOWN = WRAPPERS | KEPT_INLINE | _STRUCTURE
"""Elements that have a form in Markdown, are kept, or only wrap."""
_TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[A-Za-z][\w:-]*)"
    r"(?P<rest>(?:\s+[^\s\"'<>/=]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'=<>`]+))?)*\s*/?)>"
)
_ATTRIBUTE = re.compile(r"(?P<name>[^\s\"'<>/=]+)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'=<>`]+))")
_DANGEROUS = re.compile(r"^on|^srcdoc$|^formaction$", re.IGNORECASE)
_SCRIPT = re.compile(r"\s*(?:javascript|vbscript|data):", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Piece:
    """A tag, comment or text of HTML; `name` is empty for text, `!--` for comments."""

    raw: str
    name: str = ""
    is_end: bool = False
    attributes: str = ""

    @property
    def is_tag(self) -> bool:
        """Whether it is the start or end of an element."""
        return bool(self.name) and self.name != "!--"

    @property
    def opens(self) -> bool:
        """Whether an end has to follow."""
        is_whole = self.name in VOID or self.attributes.rstrip().endswith("/")
        return self.is_tag and not self.is_end and not is_whole

    def attribute(self, name: str) -> str:
        """Return the value of an attribute, empty without one."""
        return attributes(self).get(name, "")


def pieces(text: str) -> Iterator[Piece]:
    """Cut HTML; a `<` that starts no tag is text, and so is a comment without an end."""
    position = start = 0
    while (position := text.find("<", position)) >= 0:
        if text.startswith("<!--", position):
            end = text.find("-->", position + 4)
            piece = Piece(text[position : end + 3], "!--") if end >= 0 else None
        else:
            match = _TAG.match(text, position)
            piece = (
                Piece(match[0], match["name"].lower(), bool(match["end"]), match["rest"])
                if match
                else None
            )
        if piece is None:
            position += 1
            continue
        if position > start:
            yield Piece(text[start:position])
        yield piece
        start = position = position + len(piece.raw)
    if start < len(text):
        yield Piece(text[start:])


def attributes(piece: Piece) -> dict[str, str]:
    """Return the attributes of a tag, names in lower case."""
    return {
        match["name"].lower(): match[2] or match[3] or match[4] or ""
        for match in _ATTRIBUTE.finditer(piece.attributes)
    }


def is_dangerous(piece: Piece) -> bool:
    """Whether a tag can run something."""
    return any(
        _DANGEROUS.search(name) or (name in ("href", "src") and _SCRIPT.match(_target(value)))
        for name, value in attributes(piece).items()
    )


def _target(value: str) -> str:
    """A target as browsers read it: without character references, blanks and control characters."""
    return "".join(char for char in html.unescape(value) if char > " ")


def partners(cut: Sequence[Piece | None]) -> dict[int, int]:
    """Pair the starts and ends of elements; what has no partner is not in the result."""
    pairs: dict[int, int] = {}
    opened: list[int] = []
    waiting: dict[str, int] = {}
    for index, piece in enumerate(cut):
        if piece is None or not piece.is_tag:
            continue
        if piece.opens:
            opened.append(index)
            waiting[piece.name] = waiting.get(piece.name, 0) + 1
        elif piece.is_end and waiting.get(piece.name):
            while True:
                start = opened.pop()
                name = cut[start].name  # type: ignore[union-attr]
                waiting[name] -= 1
                if name == piece.name:
                    break
            pairs[start] = index
    return pairs


class _Converter(MarkdownConverter):
    """Elements that Markdown has no marks for stay; text is escaped where it looks like HTML."""

    def escape(self, text: str, parent_tags: object) -> str:
        return text.replace("&", "&amp;").replace("<", "&lt;")

    def convert_br(self, el: Tag, text: str, parent_tags: object) -> str:
        return "<br>"

    def convert_img(self, el: Tag, text: str, parent_tags: object) -> str:
        source, title = str(el.get("src", "")), str(el.get("title", ""))
        target = f"<{source}>" if re.search(r"[\s()]", source) else source
        shown = ' "' + title.replace('"', "&quot;") + '"' if title else ""
        return f"![{el.get('alt', '')}]({target}{shown})"


def _kept(self: _Converter, el: Tag, text: str, parent_tags: object) -> str:
    return f"<{el.name}>{text}</{el.name}>" if text.strip() else text


for _name in KEPT_INLINE:
    setattr(_Converter, f"convert_{_name}", _kept)


def to_markdown(text: str) -> str:
    """Write a balanced piece of HTML as Markdown."""
    markdown: str = _Converter(
        heading_style="atx",
        bullets="-",
        strip_pre="strip_one",
        table_infer_header=True,
        code_language_callback=_language,
    ).convert(text)
    return markdown


def _language(pre: Tag) -> str:
    """The language that a class names: `language-sql`, `lang-sql` or `highlight-source-sql`."""
    code = pre.find("code")
    names = [*(pre.get("class") or []), *((code.get("class") or []) if code else [])]
    for name in (*names, pre.get("lang") or ""):
        match = re.match(r"(?:language|lang|highlight-source)-([\w+#-]+)$", str(name))
        if match:
            return match[1]
    return str(pre.get("lang") or "")


def is_complex_table(text: str) -> bool:
    """Whether a table has what no table of Markdown can show."""
    if "<table" not in text.lower():
        return False
    soup = BeautifulSoup(text, "html.parser")
    blocks = ["ul", "ol", "pre", "table", "blockquote", "dl", "h1", "h2", "h3", "h4"]
    for cell in soup.find_all(["td", "th"]):
        if cell.get("rowspan") or cell.get("colspan") or cell.find(blocks):
            return True
        if len(cell.find_all("p")) > 1:
            return True
    return False


def plain(text: str) -> str:
    """The text of a piece of HTML, on one line."""
    return " ".join(BeautifulSoup(text, "html.parser").get_text().split())
