"""How much of each thing a text holds: to compare a document with what was made of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from markdown_it.token import Token

from guide.intake.model import Block
from guide.intake.reading.markdown import parse
from guide.intake.reporting.raw_cells import tables
from guide.intake.reporting.raw_text import raw_text
from guide.intake.reporting.raw_words import words
from guide.intake.reporting.unit_pieces import language

_LINK = re.compile(r"<a\s[^<>]*?\bhref\b", re.IGNORECASE)
_IMAGE = re.compile(r"<img\s", re.IGNORECASE)
_LINKS = ("link_open", "gfm_autolink_open")


@dataclass(frozen=True, slots=True)
class Counts:
    """What a text holds; `fences` are code blocks by language (empty for none), no diagrams."""

    questions: int
    fences: Mapping[str, int]
    diagrams: int
    tables: int
    links: int
    images: int
    words: int
    code_lines: int


def count(text: str, questions: int, blocks: Iterable[Block] | None = None) -> Counts:
    """Count what a body of Markdown holds; `blocks` are its own, if they are known already."""
    found: Counter[str] = Counter()
    fences: Counter[str] = Counter()
    for token in _tokens(parse(text).blocks if blocks is None else blocks):
        if token.type in ("fence", "code_block"):
            fences[language(token)] += 1
        elif token.type in ("html_block", "html_inline"):
            found["links"] += len(_LINK.findall(token.content))
            found["images"] += len(_IMAGE.findall(token.content))
        else:
            found["links"] += token.type in _LINKS
            found["images"] += token.type == "image"
    diagrams = fences.pop("mermaid", 0)
    raw = raw_text(text)
    return Counts(
        questions=questions,
        fences=dict(sorted(fences.items())),
        diagrams=diagrams,
        tables=len(tables(raw)),
        links=found["links"],
        images=found["images"],
        words=words(raw).total(),
        code_lines=len(raw.code),
    )


def total(counts: Iterable[Counts]) -> Counts:
    """Add up the counts of several pages."""
    all_of = tuple(counts)
    fences = sum((Counter(each.fences) for each in all_of), Counter[str]())
    return Counts(
        questions=sum(each.questions for each in all_of),
        fences=dict(sorted(fences.items())),
        diagrams=sum(each.diagrams for each in all_of),
        tables=sum(each.tables for each in all_of),
        links=sum(each.links for each in all_of),
        images=sum(each.images for each in all_of),
        words=sum(each.words for each in all_of),
        code_lines=sum(each.code_lines for each in all_of),
    )


def _tokens(blocks: Iterable[Block]) -> Iterator[Token]:
    for block in blocks:
        for token in block.tokens:
            yield token
            yield from token.children or ()
