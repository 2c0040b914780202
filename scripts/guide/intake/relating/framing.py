"""Parts of a document that are about itself: title, contents, levels, closing words.

They treat no subject, so no topic is nearest to them. Their home is the page on preparing for
interviews, which holds what study documents say on studying.
"""

from __future__ import annotations

from collections.abc import Sequence

from guide.intake.model import UnitText
from guide.intake.relating.stems import FACETS
from guide.library.words import STOP_WORDS, plain, words

PREPARATION = "backend-role-and-preparation"
"""The topic on the role, its levels and how to prepare."""
_LEAST = 0.55
"""The share of words on the document itself from which a part is about nothing else."""
_LONGEST = 400
"""Characters that are read of a title, or of a text without one."""
_WORDS = frozenset(
    """
    advanced appendix backend basic basics beginner beginners career chapter cheat cheatsheet
    closing comprehensive conclusion contents course courses cover coverage covered covering
    covers date developer developers development document documentation easy engineer engineers
    essential essentials experienced expert final foreword foundation fresher freshers
    fundamental fundamentals guide hard ideas intermediate interview interviews introduction
    junior key learn learning level levels material medium mid middle next notes outline
    overview path plan practice preface preparation prepare prerequisites question questions
    reading recap reference references resource resources revision roadmap roadmaps role roles
    senior sheet skill skills study summary table tags takeaways tips title tools topic topics
    tutorial workbook
    """.split()
)


def framed(units: Sequence[UnitText]) -> dict[str, float]:
    """The parts of a document that are about itself, each with the share of it that is.

    Inside a part on a subject, words such as `Tools` and `Summary` are about that subject.
    Parents come before children.
    """
    known = {unit.id for unit in units}
    found: dict[str, float] = {}
    for unit in units:
        if unit.parent in known and unit.parent not in found:
            continue
        if unit.kind == "section" or (unit.kind != "question" and unit.title):
            share = _share(plain((unit.title or unit.text)[:_LONGEST]))
            if share >= _LEAST:
                found[unit.id] = share
    return found


def is_framing(heading: str) -> bool:
    """Whether a heading is mostly about the document itself: `Questions for beginners`.

    Letters that are not Latin are no words here, so a heading without any counts as one.
    """
    return not any(words(heading)) or _share(heading) >= _LEAST


def _share(text: str) -> float:
    said = [word for word in words(text) if word not in STOP_WORDS and not word.isdigit()]
    said = [word for word in said if word in _WORDS or word not in FACETS]
    return sum(word in _WORDS for word in said) / len(said) if said else 0.0
