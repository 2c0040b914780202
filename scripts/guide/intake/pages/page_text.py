"""Write a draft page: front matter, sections, and questions in their labelled parts."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from guide.intake.model import Block, DraftPage, Section
from guide.intake.pages.long_lines import broken
from guide.intake.reading.markdown import parse, plain_text, render, verbatim
from guide.intake.shape.front import Front
from guide.library.questions import LABELS

_MAX_DEPTH = 6
_BRIEF_WORDS = 80
_UNWRITTEN = "To be written."
_BRIEF, _DEPTH = LABELS[0], LABELS[1]
_BY_THEMSELVES = ("**", "__", "`", "!", "<")


def page_text(page: DraftPage, front: Front) -> str:
    """The whole text of a page."""
    head = front.house or "\n".join(_front_lines(page))
    body = broken(render(_blocks(page.root, 1)).strip())
    return f"---\n{head}\n---\n\n{body}\n"


def _front_lines(page: DraftPage) -> Iterator[str]:
    yield f"title: {json.dumps(page.title, ensure_ascii=False)}"
    yield f"description: {json.dumps(page.description, ensure_ascii=False)}"
    if page.level:
        yield f"level: {page.level}"
    if page.tags:
        yield f"tags: [{', '.join(page.tags)}]"
    yield "draft: true"


def _blocks(section: Section, depth: int) -> Iterator[Block]:
    attributes = [f"#{section.id}"] if section.id else []
    attributes += [f".{name}" for name in _classes(section)]
    marks = "#" * min(depth, _MAX_DEPTH)
    ending = f" {{ {' '.join(attributes)} }}" if attributes else ""
    yield verbatim(f"{marks} {section.title}{ending}", section.line)
    content: Iterable[Block | Section] = section.content
    if section.role == "question":
        content = _answered(section)
    for each in content:
        if isinstance(each, Section):
            yield from _blocks(each, depth + 1)
        else:
            yield each


def _classes(section: Section) -> Iterable[str]:
    level = [section.level] if section.role == "question" and section.level else []
    return dict.fromkeys([*section.classes, *level])


def _answered(question: Section) -> tuple[Block | Section, ...]:
    """The answer in the guide's parts: a first short paragraph is the answer in 30 seconds."""
    content = question.content
    texts = [render([each]) for each in content[:1] if isinstance(each, Block)]
    if any(texts and texts[0].startswith(f"**{label}.**") for label in LABELS):
        return content
    if not content:
        return (_labelled(_BRIEF, _UNWRITTEN, question.line),)
    first = content[0]
    rest = content[1:]
    labelled: list[Block | Section] = []
    if isinstance(first, Block) and _is_brief(first, texts[0]):
        labelled.append(_labelled(_BRIEF, texts[0], first.line))
        if not rest:
            return tuple(labelled)
        first, rest = rest[0], rest[1:]
    if isinstance(first, Block) and _is_prose(first):
        return (*labelled, _labelled(_DEPTH, render([first]), first.line), *rest)
    return (*labelled, _labelled(_DEPTH, "", question.line), first, *rest)


def _is_brief(block: Block, text: str) -> bool:
    words = len(plain_text(block.tokens).split())
    return _is_prose(block) and words <= _BRIEF_WORDS and not text.endswith((":", "："))


def _is_prose(block: Block) -> bool:
    return block.kind == "paragraph" and not render([block]).startswith(_BY_THEMSELVES)


def _labelled(label: str, text: str, line: int) -> Block:
    return parse(f"**{label}.** {text}".rstrip(), line).blocks[0]
