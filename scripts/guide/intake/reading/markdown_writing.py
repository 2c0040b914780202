"""How each thing is written, so that the site's renderer (Python-Markdown) reads it alike.

Four spaces under a list item, `<br>` for a line break, entities instead of escapes that
Python-Markdown does not know.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from mdformat.renderer import DEFAULT_RENDERERS, RenderContext, RenderTreeNode
from mdformat.renderer._util import maybe_add_link_brackets

_ESCAPE = re.compile(r"\\([^\\`*_{}\[\]()>#+\-.!|\w\s])")
"""Escapes of CommonMark that Python-Markdown publishes with their backslash."""
_SPECIAL = re.compile(r"www\.|[\\*_\[\]<`&\t!$~{^\xa0\n]|  ")
"""Most texts hold none of these and are written as they are."""
_NOTE = re.compile(r"(?<!\\)\[(\^[^\[\]\s\\]+)(?<!\\)\]")
_ESCAPED_DOLLAR = re.compile(r"\\\$|&#0*36;|&#[xX]0*24;|&dollar;")
LIST_TYPES = ("bullet_list", "ordered_list")
LIST_END = "<!-- -->"
"""Stands between two lists, of which Python-Markdown would make one."""
_INDENT = "    "
_NOTHING = "&nbsp;"
"""Python-Markdown knows no item that is empty or starts with a block."""
_UNLINKED = re.compile(r"(?<!\w)www\.(?=\w)")
"""No link to the parser, but one when what follows is written in another way."""
_BRACES = re.compile(r"(?<!\\)\{[^{}]*\}[ ]*$")
_HEADING_ID = re.compile(r"\{:?[ ]*[#.]")
_LONE_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_BLOCK_MARK = re.compile(r"[:~](?=[ \t]|$)|/{3,}|:{3,}|!!!|\?\?\?|===[!+]*[ \t]+[\"']")
"""What starts a block of the guide or of another flavor, or a definition."""
_CHECK_BOX = re.compile(r"\[[ xX]\](?=\s|$)")
_ROW_OF_MARKS = re.compile(r"[|: ]*-[|:\- ]*$")
_TICKS = re.compile(r"`+")
_CODE_MARKS = re.compile(r"[^\w\s,;()/\"'=+.-]|_")
_ALIGNMENT = {"left": ":--", "right": "--:", "center": ":-:"}


def writers() -> SimpleNamespace:
    """Return what mdformat takes for a plugin."""
    return SimpleNamespace(RENDERERS=_RENDERERS, POSTPROCESSORS={"paragraph": _paragraph})


def _content(node: RenderTreeNode, context: RenderContext) -> str:
    return node.content


def _inside(node: RenderTreeNode, context: RenderContext) -> str:
    return "".join(child.render(context) for child in node.children)


def _entity(match: re.Match[str]) -> str:
    return {"<": "&lt;", "&": "&amp;"}.get(match[1], f"&#{ord(match[1])};")


def _text(node: RenderTreeNode, context: RenderContext) -> str:
    if not _SPECIAL.search(node.content):
        return node.content
    text = DEFAULT_RENDERERS["text"](node, context)
    if "\\" in text:
        text = _ESCAPE.sub(_entity, text)
    if "[^" in text:
        text = _NOTE.sub(r"\\[\1\\]", text)
    text = _braces(text, node).replace("\xa0", "&nbsp;")
    if "~~" in text:
        text = text.replace("~~", "&#126;&#126;")
    after = _after(node)
    if text.endswith("^") and after is not None and after.type == "link":
        text = f"{text[:-1]}&#94;"  # no footnote
    if "www." in text and not _is_in(node, "link"):
        text = _UNLINKED.sub("www&#46;", text)
    if "$" in text and _ESCAPED_DOLLAR.search(_source(node)):
        text = text.replace("$", "&#36;")
    return text


def _braces(text: str, node: RenderTreeNode) -> str:
    """Escape what Python-Markdown would take for attributes: `/users {id}` at a line's end."""
    if "{" not in text:
        return text
    before, after = _before(node), _after(node)
    if before is not None and before.type not in ("softbreak", "hardbreak"):
        text = re.sub(r"^\{", r"\\{", text)
    is_break = after is not None and after.type in ("softbreak", "hardbreak")
    if after is None or (is_break and not _is_heading(node)):
        match = _BRACES.search(text)
        if match and not (_HEADING_ID.match(match[0]) and _is_heading(node)):
            text = f"{text[: match.start()]}\\{text[match.start() :]}"
    return text


def _is_heading(node: Any) -> bool:
    return bool(node.parent.type == "inline" and node.parent.parent.type == "heading")


def _source(node: RenderTreeNode) -> str:
    """The Markdown that a text was parsed from."""
    parent: Any = node.parent
    while parent is not None and parent.type != "inline":
        parent = parent.parent
    return parent.content if parent is not None else ""


def _paragraph(text: str, node: RenderTreeNode, context: RenderContext) -> str:
    """Write lines that would start something else than a paragraph so that they do not."""
    lines = text.split("\n")
    if len(lines) > 1 and _LONE_TAG.fullmatch(lines[0]):  # it would start a block of HTML
        lines[:2] = [lines[0] + lines[1]]
    for index, line in enumerate(lines):
        if line.startswith("\\["):  # not a formula
            lines[index] = f"&#91;{line[2:]}"
        elif line.startswith("\\"):
            lines[index] = _ESCAPE.sub(_entity, line, count=1)
        elif line.startswith("#"):  # no heading without a blank
            lines[index] = f"\\{line}"
        elif _BLOCK_MARK.match(line):
            lines[index] = f"&#{ord(line[0])};{line[1:]}"
        elif _CHECK_BOX.match(line) and (index or not _starts_item(node)):
            lines[index] = f"\\[{line[1]}\\]{line[3:]}"
        elif _ROW_OF_MARKS.match(line):
            lines[index] = line.replace("-", "\\-", 1)
    return "\n".join(lines)


def _term(node: RenderTreeNode, context: RenderContext) -> str:
    return _paragraph(DEFAULT_RENDERERS["paragraph"](node, context), node, context)


def _starts_item(node: Any) -> bool:
    return node.parent.type == "list_item" and _before(node) is None


def _hard_break(node: RenderTreeNode, context: RenderContext) -> str:
    return "<br>\n"


def _deleted(node: RenderTreeNode, context: RenderContext) -> str:
    return f"<del>{_inside(node, context)}</del>"


def _list(node: RenderTreeNode, context: RenderContext) -> str:
    start = node.attrs.get("start", 1)
    first = start if isinstance(start, int) else 1
    gap = "\n\n" if _is_loose(node) else "\n"
    items = []
    for number, item in enumerate(node.children, first):
        mark = "-" if node.type == "bullet_list" else f"{number}."
        parts = [part for child in item.children if (part := child.render(context))]
        if not parts or item.children[0].type != "paragraph":
            parts.insert(0, _NOTHING)
        items.append(f"{mark} {_indented(gap.join(parts))}")
    return (f"{LIST_END}\n\n" if _follows_list(node) else "") + gap.join(items)


def _indented(text: str) -> str:
    """Indent all lines but the first."""
    first, *rest = text.split("\n")
    return "\n".join([first, *(f"{_INDENT}{line}" if line else "" for line in rest)])


def _follows_list(node: RenderTreeNode) -> bool:
    before: Any = _before(node)
    return before is not None and before.type in LIST_TYPES


def _is_loose(node: Any) -> bool:
    """Whether blank lines stand between items: tight ones hold a line and lists, no more."""
    for item in node.children:
        for index, child in enumerate(item.children):
            is_paragraph = child.type == "paragraph"
            if is_paragraph and (index or not child.hidden):
                return True
            if not is_paragraph and (not index or child.type not in LIST_TYPES or index > 1):
                return True
    return False


def _table(node: RenderTreeNode, context: RenderContext) -> str:
    rows = [row for part in node.children for row in part.children]
    lines = [_row([cell.render(context) for cell in row.children]) for row in rows]
    styles = [str(cell.attrs.get("style", "")) for cell in rows[0].children]
    marks = [_ALIGNMENT.get(style.removeprefix("text-align:"), "---") for style in styles]
    return "\n".join([lines[0], _row(marks), *lines[1:]])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(node: RenderTreeNode, context: RenderContext) -> str:
    text = " ".join(_inside(node, context).split("\n")).strip()
    return text.replace("|", "&#124;" if "<code>" in text else "\\|")


def _link(node: RenderTreeNode, context: RenderContext) -> str:
    text = node.children[0].content if node.children else ""
    if node.info == "auto" and text.startswith("www."):
        target = maybe_add_link_brackets(f"https://{text}")
        return f"[{node.children[0].render(context)}]({target})"
    return _titled(DEFAULT_RENDERERS["link"], node, context)


def _image(node: RenderTreeNode, context: RenderContext) -> str:
    return _titled(DEFAULT_RENDERERS["image"], node, context)


def _titled(write: Any, node: RenderTreeNode, context: RenderContext) -> str:
    """Python-Markdown knows no escapes in titles."""
    title = node.attrs.get("title")
    text: str = write(node, context)
    if node.info == "auto" or '"' not in str(title or ""):
        return text
    shown = str(title).replace('"', "&quot;")
    return f'{text[: text.rindex("](")]}](<{_target(node)}> "{shown}")'


def _target(node: RenderTreeNode) -> str:
    return str(node.attrs.get("href") or node.attrs.get("src") or "")


def _emphasis(node: RenderTreeNode, context: RenderContext) -> str:
    """Marks stand next to what they mark: a pass may have left a blank there, or nothing."""
    text = _inside(node, context)
    inner = text.strip()
    if not inner:
        return text
    mark = node.markup
    if mark.startswith("_") and _touches_word(node):
        mark = "*" * len(mark)
    before = "" if _is_edge(_before(node)) else text[: text.index(inner)]
    after = "" if _is_edge(_after(node)) else text[text.index(inner) + len(inner) :]
    beside = _before(node)
    if beside is not None and beside.type in ("em", "strong"):
        return f"{before}<{node.type}>{inner}</{node.type}>{after}"  # marks would run together
    return f"{before}{mark}{inner}{mark}{after}"


@functools.lru_cache(maxsize=8)
def _positions(parent: RenderTreeNode) -> dict[int, int]:
    """The index of each child; the tree's own way to siblings counts them anew for each."""
    return {id(child): index for index, child in enumerate(parent.children)}


def _before(node: RenderTreeNode) -> RenderTreeNode | None:
    index = _positions(node.parent)[id(node)] if node.parent else 0
    return node.parent.children[index - 1] if node.parent and index else None


def _after(node: RenderTreeNode) -> RenderTreeNode | None:
    siblings = node.parent.children if node.parent else []
    index = _positions(node.parent)[id(node)] + 1 if node.parent else 0
    return siblings[index] if index < len(siblings) else None


def _touches_word(node: RenderTreeNode) -> bool:
    """Whether a word goes on beside emphasis, where underscores mark nothing."""
    before, after = _before(node), _after(node)
    return bool(
        (before is not None and before.type == "text" and before.content[-1:].isalnum())
        or (after is not None and after.type == "text" and after.content[:1].isalnum())
    )


def _is_edge(node: RenderTreeNode | None) -> bool:
    return node is None or node.type in ("softbreak", "hardbreak")


def _code(node: RenderTreeNode, context: RenderContext) -> str:
    """Spans that touch, which a pass may leave, are one: their marks would not pair up.

    A bar in a table cell splits GitHub's code; Python-Markdown shows the escape of it.
    """
    if _is_code(_before(node)):
        return ""
    text, after = node.content, _after(node)
    while after is not None and _is_code(after):
        is_glued = text[-1:].isalnum() and after.content[:1].isalnum()
        text += (" " if is_glued else "") + after.content
        after = _after(after)
    if "|" in text and _is_in(node, "td", "th"):
        shown = _CODE_MARKS.sub(lambda match: f"&#{ord(match[0])};", text)
        return f"<code>{shown}</code>"
    runs = {len(run) for run in _TICKS.findall(text)} if text.strip() else set()
    if not text:
        return ""
    marks = "`" * next(length for length in itertools.count(1) if length not in runs)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    pad = pad or (" " if text[:1] == text[-1:] == " " and text.strip() else "")
    return f"{marks}{pad}{text}{pad}{marks}"


def _is_code(node: RenderTreeNode | None) -> bool:
    return node is not None and node.type == "code_inline"


def _is_in(node: Any, *kinds: str) -> bool:
    while node is not None and node.type not in kinds:
        node = node.parent
    return node is not None


def _definitions(node: RenderTreeNode, context: RenderContext) -> str:
    parts = [child.render(context) for child in node.children]
    kinds = [child.type for child in node.children]
    text = parts[0]
    for part, kind, before in zip(parts[1:], kinds[1:], kinds[:-1], strict=True):
        text += ("\n\n" if kind == "dt" and before == "dd" else "\n") + part
    return text


def _definition(node: RenderTreeNode, context: RenderContext) -> str:
    return f":   {_indented(_blocks(node, context) or _NOTHING)}"


def _blocks(node: RenderTreeNode, context: RenderContext) -> str:
    return "\n\n".join(part for child in node.children if (part := child.render(context)))


def _indented_block(node: RenderTreeNode, context: RenderContext) -> str:
    return f"{node.markup} {node.info}\n\n{_INDENT}{_indented(_blocks(node, context))}"


def _note(node: RenderTreeNode, context: RenderContext) -> str:
    return f"[^{node.meta['label']}]: {_indented(_blocks(node, context))}"


def _note_mark(node: RenderTreeNode, context: RenderContext) -> str:
    return f"[^{node.meta['label']}]" if node.meta.get("label") else f"^[{node.content}]"


_RENDERERS: Mapping[str, Any] = {
    "house_block": _content,
    "container_line": _content,
    "abbreviation": _content,
    "math_block": _content,
    "math_inline": _content,
    "hardbreak": _hard_break,
    "s": _deleted,
    "em": _emphasis,
    "strong": _emphasis,
    "text": _text,
    "bullet_list": _list,
    "ordered_list": _list,
    "admonition": _indented_block,
    "content_tab": _indented_block,
    "footnote_reference": _note,
    "footnote_ref": _note_mark,
    "table": _table,
    "th": _cell,
    "td": _cell,
    "code_inline": _code,
    "image": _image,
    "link": _link,
    "dl": _definitions,
    "dt": _term,
    "dd": _definition,
}
