"""Documents written in tests: as they are read, after some passes, and what became of them."""

from __future__ import annotations

import textwrap

from guide.intake.model import Change, Document, Pass, Section, Source
from guide.intake.pipeline import parsed
from guide.intake.reading.markdown import render
from guide.intake.shape.outline import outline


def document(text: str, name: str = "notes") -> Document:
    """A document with this text, indented as the test has it, and with its blocks."""
    text = textwrap.dedent(text).strip("\n") + "\n"
    return parsed(Document(Source(name, text, "0" * 64, "utf-8")))


def outlined(text: str, *passes: Pass, name: str = "notes") -> Document:
    """A document with its outline, after `passes`."""
    done = outline(document(text, name))
    for each in passes:
        done = each(done)
    return done


def output(run: Pass, text: str) -> str:
    """What a pass over blocks makes of Markdown; made again, it must stay the same."""
    first = render(run(document(text)).blocks)
    assert render(run(document(first)).blocks) == first
    return first


def changes(run: Pass, text: str) -> list[Change]:
    """What a pass over blocks notes about Markdown."""
    return list(run(document(text)).changes)


def noted(document: Document, by: str) -> list[tuple[str, int, str, str]]:
    """What a pass noted: kind, line, message and the text that went."""
    return [(c.kind, c.line, c.message, c.before) for c in document.changes if c.by == by]


def tree(section: Section) -> list[str]:
    """The outline, a line for each section: its depth as indent, `?` before questions."""
    lines = []
    for each in section.walk():
        mark = "? " if each.role == "question" else ""
        lines.append(f"{'  ' * (each.depth - 1)}{mark}{each.title}")
    return lines[1:]


def answer(root: Section, title: str) -> str:
    """The Markdown under the section with this title."""
    section = next(each for each in root.walk() if each.title == title)
    return render(section.blocks)


def fences(section: Section) -> list[str]:
    """The contents of all fences of a section, in order."""
    return [
        token.content
        for part in section.walk()
        for block in part.blocks
        for token in block.tokens
        if token.type == "fence"
    ]
