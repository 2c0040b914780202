"""Remove handwritten tables of contents, and links back to them: the site makes its own."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator

from markdown_it.token import Token

from guide.intake.model import Block, Change, Document, Section
from guide.intake.reading.markdown import plain_text, render

BY = "contents"
_TITLE = re.compile(
    r"\W*(?:(?:table of )?contents|toc|index|navigation|on this page|目录|内容|содержание"
    r"|índice)\W*",
    re.IGNORECASE,
)
_BACK = re.compile(r"\W*(?:back to )?(?:the )?(?:top|toc|table of contents|index|up)\W*|\W*", re.I)
_MIN_LINKS = 3
_LISTS = ("bullet_list", "ordered_list")


def contents(document: Document) -> Document:
    """Return the document without lists of links to its own headings and links back to the top."""
    changes: list[Change] = []
    root = _without(document.root, changes)
    return document.noting(changes, root=root)


def _without(section: Section, changes: list[Change]) -> Section:
    content: list[Block | Section] = []
    for each in section.content:
        if isinstance(each, Section):
            if _is_contents(each):
                changes.append(_removed(each.line, "the table of contents", _text(each)))
            else:
                content.append(_without(each, changes))
        elif _is_list_of_own(each):
            title = _popped_title(content)
            changes.append(_removed(each.line, "the table of contents", render([*title, each])))
        elif _leads_back(each):
            changes.append(_removed(each.line, "a link back to the top", render([each])))
        else:
            content.append(each)
    return dataclasses.replace(section, content=tuple(content))


def _removed(line: int, message: str, before: str) -> Change:
    return Change("removed", BY, line, message, before)


def _is_contents(section: Section) -> bool:
    """A section that says so in its title and holds nothing but links to headings."""
    lists = [each for each in section.blocks if each.kind != "hr"]
    return (
        _TITLE.fullmatch(section.title) is not None
        and not section.sections
        and bool(lists)
        and all(each.kind in _LISTS and _targets([each]) for each in lists)
        and all(target.startswith("#") for target in _targets(lists))
    )


def _popped_title(content: list[Block | Section]) -> list[Block]:
    """The line at the end of `content`, often bold, that announces the list after it."""
    last = content[-1] if content else None
    if not isinstance(last, Block) or last.kind != "paragraph":
        return []
    if not _TITLE.fullmatch(plain_text(last.tokens)):
        return []
    content.pop()
    return [last]


def _is_list_of_own(block: Block) -> bool:
    """A list that is links to this document and nothing else."""
    if block.kind not in _LISTS:
        return False
    targets = _targets([block])
    if len(targets) < _MIN_LINKS or not all(target.startswith("#") for target in targets):
        return False
    linked = " ".join(text for token in _inline([block]) for text in _linked(token.children or ()))
    everything = " ".join(plain_text([token]) for token in _inline([block]))
    return _letters(linked) == _letters(everything)


def _leads_back(block: Block) -> bool:
    if block.kind != "paragraph":
        return False
    targets = _targets([block])
    return (
        len(targets) == 1
        and targets[0].startswith("#")
        and _BACK.fullmatch(plain_text(block.tokens).strip()) is not None
    )


def _text(section: Section) -> str:
    return f"{section.heading}\n\n{render(section.blocks)}"


def _inline(blocks: Iterable[Block]) -> Iterator[Token]:
    for block in blocks:
        yield from (token for token in block.tokens if token.type == "inline")


def _targets(blocks: Iterable[Block]) -> list[str]:
    return [
        str(child.attrs.get("href", ""))
        for token in _inline(blocks)
        for child in token.children or ()
        if child.type == "link_open"
    ]


def _linked(children: Iterable[Token]) -> Iterator[str]:
    inside = 0
    for child in children:
        inside += child.type == "link_open"
        inside -= child.type == "link_close"
        if inside and child.content:
            yield child.content


def _letters(text: str) -> str:
    return "".join(char for char in text if char.isalpha())
