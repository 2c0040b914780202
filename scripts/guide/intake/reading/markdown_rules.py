"""What the parser knows beyond CommonMark: GitHub's Markdown and the marks of other flavors.

Marks become tokens of their own, so that a later pass can say what they were. Every rule reads
its lines once: a document of any size is parsed in linear time.
"""

from __future__ import annotations

import functools
import re

from markdown_it import MarkdownIt
from markdown_it.rules_block import StateBlock
from markdown_it.rules_core import StateCore
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdformat.renderer import MDRenderer
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin
from mdit_py_plugins.gfm_autolink import gfm_autolink_plugin

from guide.intake.model import IntakeError
from guide.intake.reading.markdown_lines import line_at
from guide.intake.reading.markdown_math import math_block, math_inline
from guide.intake.reading.markdown_tables import whole_table
from guide.intake.reading.markdown_writing import writers

MAX_NESTING = 60
"""Lists in lists count twice: 30 of them. Deeper, the parser would drop what it does not read."""
MAX_BRACKETS = 3_000
"""Opening brackets in a paragraph."""

_HOUSE_LINE = re.compile(r"/{3,}(?:[ \t]+[a-z][\w-]*[ \t]*(?:\|.*)?)?[ \t]*$")
_CONTAINER_LINE = re.compile(r":{3,}[ \t]*(?:\{?[A-Za-z][\w-]*\}?.*)?$")
_INDENTED = re.compile(r"(?P<mark>!!!|\?\?\?\+?)[ \t]*(?P<info>[\w\"].*)$")
_TAB = re.compile(r"(?P<mark>===)[!+]*[ \t]+(?P<info>[\"'].*[\"'])[ \t]*$")
_ABBREVIATION = re.compile(r"\*\[[^\]\n]+\]:[ \t]*\S")
_GLUED_HEADING = re.compile(r"(?P<marks>#{1,6})(?P<text>[^\W_].*)$")
_SCHEME = re.compile(r"https?://|(?:mailto|xmpp):")
_INTERRUPTS = {"alt": ["paragraph", "list", "blockquote", "reference"]}


@functools.cache
def parser() -> MarkdownIt:
    """Return the parser of all flavors; it also carries the options to write with."""
    markdown = MarkdownIt("commonmark", renderer_cls=MDRenderer)  # type: ignore[arg-type]
    markdown.options["maxNesting"] = MAX_NESTING
    markdown.options["mdformat"] = {"wrap": "keep", "number": True}
    markdown.enable(["table", "strikethrough"])
    markdown.use(gfm_autolink_plugin)
    _look_at_schemes_only(markdown)
    markdown.use(deflist_plugin)
    markdown.use(footnote_plugin, move_to_end=False)
    block = markdown.block.ruler
    block.at("table", whole_table, {"alt": ["paragraph", "reference"]})
    for name, rule in (
        ("house_block", _house_block),
        ("container_line", _container_line),
        ("admonition", _admonition),
        ("glued_heading", _glued_heading),
    ):
        block.before("paragraph", name, rule, _INTERRUPTS)  # type: ignore[arg-type]
    block.before("reference", "abbreviation", _abbreviation)
    block.before("fence", "math_block", math_block)
    markdown.inline.ruler.before("escape", "math_inline", math_inline)
    markdown.core.ruler.before("inline", "brackets", _brackets)
    markdown.core.ruler.after("inline", "link_ends", _link_ends)
    markdown.normalizeLink = str  # type: ignore[method-assign, assignment]  # as it was written
    # A link to a script or a file is one to the end: only so can it be taken out.
    markdown.validateLink = bool  # type: ignore[method-assign, assignment]
    markdown.options["parser_extension"] = [writers()]
    return markdown


def _brackets(state: StateCore) -> None:
    """The end of a link is looked for from every bracket: thousands of them would take hours."""
    for token in state.tokens:
        count = token.content.count("[") if token.type == "inline" else 0
        if count > MAX_BRACKETS:
            line = token.map[0] + 1 if token.map else 1
            raise IntakeError(
                f"the paragraph at line {line} of the text has {count:,} opening brackets; "
                f"one may have {MAX_BRACKETS:,}",
                "put data into a fence",
            )


def _link_ends(state: StateCore) -> None:
    """A bare link does not end in the backslash that breaks its line."""
    for token in state.tokens:
        children = token.children or []
        if token.type != "inline" or "\\" not in token.content:
            continue
        for index, child in enumerate(children[:-2]):
            text, closing = children[index + 1], children[index + 2]
            bare = text.content.rstrip("\\")
            if child.info != "auto" or child.type != "link_open" or bare == text.content:
                continue
            count = len(text.content) - len(bare)
            text.content = bare
            child.attrs["href"] = str(child.attrs["href"])[:-count]
            rest = Token("text", "", 0, content="\\" * count, level=closing.level)
            after = children[index + 3] if index + 3 < len(children) else None
            if after is not None and after.type == "softbreak" and count == 1:
                after.type = "hardbreak"
            else:
                children.insert(index + 3, rest)


def _look_at_schemes_only(markdown: MarkdownIt) -> None:
    """The plugin reads the paragraph back from every colon: a long one would take minutes."""
    name = "gfm_autolink_protocol"
    [rule] = [rule.fn for rule in markdown.inline.ruler.__rules__ if rule.name == name]

    def protocol(state: StateInline, silent: bool) -> bool:
        if state.src[state.pos] != ":" or not _SCHEME.search(
            state.src, max(state.pos - 6, 0), state.pos + 3
        ):
            return False
        return bool(rule(state, silent))

    markdown.inline.ruler.at(name, protocol)


def _one_line(state: StateBlock, line: int, kind: str) -> None:
    token = state.push(kind, "", 0)
    token.content, token.map = line_at(state, line).rstrip(), [line, line + 1]
    state.line = line + 1


def _house_block(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line that opens or closes a generic block of PyMdown stands by itself."""
    if state.is_code_block(start) or not _HOUSE_LINE.match(line_at(state, start)):
        return False
    if not silent:
        _one_line(state, start, "house_block")
    return True


def _container_line(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """A line of colons opens or closes a container of Docusaurus, VuePress or Pandoc."""
    if state.is_code_block(start) or not _CONTAINER_LINE.match(line_at(state, start)):
        return False
    if not silent:
        _one_line(state, start, "container_line")
    return True


def _abbreviation(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    if silent or state.is_code_block(start) or not _ABBREVIATION.match(line_at(state, start)):
        return False
    _one_line(state, start, "abbreviation")
    return True


def _admonition(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`!!! note "T"`, `??? note` and `=== "Tab"`, with what is indented by four under them."""
    if state.is_code_block(start):
        return False
    line = line_at(state, start)
    match = _INDENTED.match(line) or _TAB.match(line)
    if not match:
        return False
    if silent:
        return True
    after = start + 1
    last = start
    while after < end and (state.isEmpty(after) or state.sCount[after] >= state.blkIndent + 4):
        last = last if state.isEmpty(after) else after
        after += 1
    kind = "content_tab" if match["mark"] == "===" else "admonition"
    opening = state.push(f"{kind}_open", "div", 1)
    opening.markup, opening.info, opening.map = (
        match["mark"],
        match["info"].strip(),
        [start, last + 1],
    )
    before = state.lineMax, state.blkIndent, state.parentType
    state.lineMax, state.blkIndent = last + 1, state.blkIndent + 4
    state.md.block.tokenize(state, start + 1, last + 1)
    state.lineMax, state.blkIndent, state.parentType = before
    state.push(f"{kind}_close", "div", -1)
    state.line = last + 1
    return True


def _glued_heading(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    """`##Heading`; with one mark it stands alone and starts like a title, as no hash tag does."""
    if state.is_code_block(start):
        return False
    match = _GLUED_HEADING.match(line_at(state, start))
    if not match:
        return False
    text = match["text"].rstrip(" \t#")
    if len(match["marks"]) == 1:
        alone = (start == 0 or state.isEmpty(start - 1)) and (
            start + 1 >= state.lineMax or state.isEmpty(start + 1)
        )
        if silent or not alone or not text[0].isupper() or "#" in text:
            return False
    if silent:
        return True
    opening = state.push("heading_open", f"h{len(match['marks'])}", 1)
    opening.markup, opening.map = match["marks"], [start, start + 1]
    opening.meta = {"glued": match[0]}
    inline = state.push("inline", "", 0)
    inline.content, inline.map, inline.children = text, [start, start + 1], []
    closing = state.push("heading_close", opening.tag, -1)
    closing.markup = opening.markup
    state.line = start + 1
    return True
