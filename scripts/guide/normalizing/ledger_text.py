"""Entries of a document in the texts of the ledger's files: added at the end, taken out again.

Everything else of the files stays as it is, comments included, because people keep them.
"""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import yaml

from guide.library.ledger import Coverage, Document, Unit
from guide.library.yaml_document import compose
from guide.library.yaml_scalar import quoted, scalar

_WIDTH = 88


@dataclass(frozen=True, slots=True)
class LedgerTexts:
    """The texts of docs/sources/documents.yml, units.yml and coverage.yml."""

    documents: str
    units: str
    coverage: str


def with_document(
    texts: LedgerTexts, document: Document, units: Sequence[Unit], coverage: Sequence[Coverage]
) -> LedgerTexts:
    """Append `document` with its units and where they stand, as people write them.

    White space in its description becomes single spaces. Raises ValueError if a document with
    its id is there, or if a file is no list with one entry a line.
    """
    if without_document(texts, document.id) != texts:
        raise ValueError(f"the ledger has a document {document.id}; take it out first")
    return LedgerTexts(
        documents=_appended(texts.documents, _document_lines(document)),
        units=_appended(texts.units, map(_unit_line, units)),
        coverage=_appended(texts.coverage, map(_coverage_line, coverage)),
    )


def without_document(texts: LedgerTexts, document: int) -> LedgerTexts:
    """Take out the document with this id, its units and where they stand."""
    prefix = f"s{document}-"
    return LedgerTexts(
        documents=_dropped(texts.documents, "id", lambda value: value == str(document)),
        units=_dropped(texts.units, "id", lambda value: value.startswith(prefix)),
        coverage=_dropped(texts.coverage, "unit", lambda value: value.startswith(prefix)),
    )


def _document_lines(document: Document) -> Iterator[str]:
    yield f"- id: {document.id}"
    yield f"  title: {quoted(document.title)}"
    description = " ".join(document.description.split())
    if description.isprintable():
        yield "  description: >-"
        lines = textwrap.wrap(description, _WIDTH, break_long_words=False, break_on_hyphens=False)
        yield from (f"    {line}" for line in lines)
    else:
        yield f"  description: {quoted(description)}"
    yield f"  slug: {scalar(document.slug)}"
    if document.draft:
        yield "  draft: true"


def _unit_line(unit: Unit) -> str:
    parts = [f"id: {scalar(unit.id)}", f"kind: {unit.kind}", f"title: {quoted(unit.title)}"]
    if unit.lang is not None:
        parts.append(f"lang: {scalar(unit.lang)}")
    if unit.parent is not None:
        parts.append(f"parent: {scalar(unit.parent)}")
    parts.append(f"topics: {_list(unit.topics)}")
    if unit.errata:
        parts.append(f"errata: {_list(unit.errata)}")
    return f"- {{{', '.join(parts)}}}"


def _coverage_line(coverage: Coverage) -> str:
    return f"- {{unit: {scalar(coverage.unit)}, at: {_list(coverage.at)}}}"


def _list(values: Sequence[str]) -> str:
    return f"[{', '.join(map(scalar, values))}]"


def _appended(text: str, lines: Iterable[str]) -> str:
    entries = _entries(text)
    indent = " " * _dash(entries[0]) if entries else ""
    separator = "" if text.endswith("\n") or not text else "\n"
    return text + separator + "".join(f"{indent}{line}\n" for line in lines)


def _dropped(text: str, key: str, is_gone: Callable[[str], bool]) -> str:
    """`text` without the entries whose `key` has a value that `is_gone`."""
    lines = text.split("\n")
    for entry in reversed(_entries(text)):
        for name, value in entry.value if isinstance(entry, yaml.MappingNode) else ():
            if name.value == key and is_gone(value.value):
                del lines[entry.start_mark.line : _end(lines, entry)]
    return "\n".join(lines)


def _entries(text: str) -> list[yaml.Node]:
    root = compose(text)
    if root is None:
        return []
    if not isinstance(root, yaml.SequenceNode) or root.flow_style:
        raise ValueError("a file of the ledger must be a list with one entry a line")
    entries: list[yaml.Node] = root.value
    return entries


def _dash(entry: yaml.Node) -> int:
    """Column of the dash before `entry`."""
    column: int = entry.start_mark.column
    return column - len("- ")


def _end(lines: Sequence[str], entry: yaml.Node) -> int:
    """The line after `entry`: what it has below its first line is indented deeper than its dash."""
    end: int = entry.start_mark.line + 1
    for number in range(end, len(lines)):
        line = lines[number]
        if line.strip():
            if len(line) - len(line.lstrip(" ")) <= _dash(entry):
                break
            end = number + 1
    return end
