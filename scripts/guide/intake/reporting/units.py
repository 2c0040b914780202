"""The units of a document in reading order, as the guide's ledger of its sources knows them.

Questions are numbered over the whole document (`q01`). What stands in one is named after it
(`q01-code1`, `q01-sec1`), at any depth; what stands outside is named after its chapter
(`core-skills-list2`). Front matter is `front`, the heading of the whole document `title`, what
comes before the first heading `intro`.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator

from guide.intake.model import Block, Section, Source, Unit, UnitKind
from guide.intake.reporting.unit_pieces import LISTS, Piece, bullets, label, own_text, pieces

_SLUG_LENGTH = 60
_SHORT: dict[UnitKind, str] = {"section": "sec"}
_WHOLE = ("intro", "title")
"""What stands for the document: it is the parent of pieces, not of chapters and questions."""
_LIKE_QUESTION = re.compile(r"q\d+(?:-|$)")


def find_units(root: Section, source: Source | None = None) -> tuple[Unit, ...]:
    """Find the units under `root`; front matter that precedes it has its text from `source`."""
    front = source.front if source else None
    return tuple(_Finder(root).units(front or ""))


class _Finder:
    def __init__(self, root: Section) -> None:
        self.root = root
        top = root.sections
        self.title = top[0] if len(top) == 1 and top[0].role == "section" else None
        self.chapter_depth = 2 if self.title else 1
        questions = sum(section.role == "question" for section in root.walk())
        self.digits = max(2, len(str(questions)))
        self.questions = 0
        self.ids = {*_WHOLE, "front"}
        self.counts: Counter[str] = Counter()
        self.repeats: Counter[str] = Counter()

    def units(self, front: str) -> Iterator[Unit]:
        if self.root.line > 1:
            yield Unit("front", "section", "", front, None, 1, self.root.line - 1)
        blocks = self.root.blocks
        if blocks:
            line, end_line = blocks[0].line, blocks[-1].end_line
            yield Unit("intro", "section", "", _text(self.root), None, line, end_line)
        yield from self._content(self.root, "intro", False)

    def _content(self, section: Section, owner: str, in_question: bool) -> Iterator[Unit]:
        """Yield what stands in a section, named after `owner`."""
        outline = not in_question and len(section.blocks) == 1
        before: Block | None = None
        for each in section.content:
            if isinstance(each, Section):
                yield from self._section(each, owner, in_question)
                continue
            for piece in (outline and bullets(each)) or pieces(each):
                yield self._piece(piece, owner, label(before))
            before = each

    def _section(self, section: Section, owner: str, in_question: bool) -> Iterator[Unit]:
        kind: UnitKind = "section"
        parent = None if owner in _WHOLE else owner
        if section.role == "question":
            kind, in_question = "question", True
            self.questions += 1
            id = owner = f"q{self.questions:0{self.digits}}"
        elif section is self.title:
            id = owner = "title"
        elif not in_question and self._is_chapter(section):
            id = owner = self._chapter_id(section.title)
        else:
            id = self._numbered(owner, kind)
        line, end_line = section.line, section.end_line
        yield Unit(id, kind, section.title, _text(section), parent, line, end_line)
        yield from self._content(section, owner, in_question)

    def _piece(self, piece: Piece, owner: str, said: str) -> Unit:
        id = self._numbered(owner, piece.kind)
        title = piece.title or said
        return Unit(id, piece.kind, title, piece.text, owner, piece.line, piece.end_line)

    def _is_chapter(self, section: Section) -> bool:
        has_questions = any(each.role == "question" for each in section.walk())
        return section.depth <= self.chapter_depth or has_questions

    def _numbered(self, owner: str, kind: UnitKind) -> str:
        name = f"{owner}-{_SHORT.get(kind, kind)}"
        self.counts[name] += 1
        return f"{name}{self.counts[name]}"

    def _chapter_id(self, title: str) -> str:
        slug = _slug(title) or "chapter"
        id = slug
        while id in self.ids:
            self.repeats[slug] += 1
            id = f"{slug}-{self.repeats[slug] + 1}"
        self.ids.add(id)
        return id


def _text(section: Section) -> str:
    """What a section says itself, without the pieces that are units."""
    blocks = (block for block in section.blocks if block.kind not in LISTS)
    return "\n\n".join(filter(None, (own_text(block.tokens) for block in blocks)))


def _slug(title: str) -> str:
    """An id of lower-case ASCII words; one that looks like a question's says that it is none."""
    ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", ascii_title.lower().replace("'", ""))
    slug = "-".join(words)[:_SLUG_LENGTH].strip("-")
    return f"chapter-{slug}" if _LIKE_QUESTION.match(slug) else slug
