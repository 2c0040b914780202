"""How a question looks: by its mark, its first words or the label before it, in any language
that the guide meets often.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from unicodedata import category

_LABEL = re.compile(
    r"""[*_#\s]*
    (?P<label>
        (?:Q|Question|Вопрос|Pregunta|Frage|问|问题|面试题|题)[ ]*[#№]?[ ]*\d*[ ]*[:.)、．：—–-]+
      | Q\d+\b
      | \(?\d{1,3}(?:\.\d{1,3})*[ ]*(?:[.):、．：]|[ ][—–-])
      | [一二三四五六七八九十百]+[、．.]
    )
    [*_\s]*""",
    re.VERBOSE | re.IGNORECASE,
)
_NAMED = re.compile(r"[*_#\s]*(?:[^\W\d]+|Q)", re.UNICODE)
_ANSWER = re.compile(
    r"""[*_\s]*
    (?:(?:Short\ |Sample\ |Model\ )?Answer|Ans|A|Ответ|Respuesta|Antwort|答案|答|回答|参考答案)
    (?:[*_]*[ ]*[:：.)]|[:：.)][*_]*)[*_]*[ ]*""",
    re.VERBOSE | re.IGNORECASE,
)
_ASKING = re.compile(
    r"""(?:
        what|why|how|when|where|which|who|whose|whom|is|are|do|does|did|can|could|should|would|will
      | explain|describe|compare|define|discuss|differentiate|distinguish|walk\ me|tell\ me
      | mention|elaborate
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
_TASK = re.compile(
    r"(?:design|implement|name|list|give|outline|write|state|contrast|propose|illustrate)\b",
    re.IGNORECASE,
)
"""Verbs that are also the first words of titles: `Design systems`, `State machines`."""
_ASKING_CJK = re.compile(
    "什么|如何|为什么|为何|怎么|怎样|哪些|哪几|区别|谈谈|说说|介绍一下|讲讲|吗$|呢$"
)
_SIGNS = ("So", "Sk", "Mn", "Cf")
"""Categories of emoji and of what modifies them."""
_LONGEST = 400
_MARKS = ("?", "？", "؟")
_TRAILING = "*_`'\"”’) \t"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A text and the number or label that stood before it."""

    label: str
    text: str

    @property
    def is_named(self) -> bool:
        """Whether the label itself says that a question follows (`Q7:`), not only its number."""
        return _NAMED.match(self.label) is not None and not re.match(
            "[一二三四五六七八九十百]", self.label
        )


def unlabelled(text: str) -> Labelled:
    """Take the number or label of a question off `text`."""
    match = _LABEL.match(text)
    if match is None or not text[match.end() :].strip("*_ "):
        return Labelled("", text)
    bold = text[: match.end()].count("**") % 2 == 1
    rest = text[match.end() :]
    return Labelled(text[: match.end()].strip("*_# \t"), f"**{rest}" if bold else rest)


def unanswered(text: str) -> Labelled:
    """Take the label of an answer (`**Answer:**`) off `text`."""
    match = _ANSWER.match(text)
    if match is None:
        return Labelled("", text)
    taken = text[: match.end()]
    bold = taken.count("**") % 2 == 1
    return Labelled(taken.strip(), f"**{text[match.end() :]}" if bold else text[match.end() :])


def asks(text: str) -> bool:
    """Tell whether a short text is a question or asks to explain something."""
    bare = text.rstrip(_TRAILING).lstrip('*_`"“ ')
    if not bare or len(bare) > _LONGEST:
        return False
    return bare.endswith(_MARKS) or bool(_ASKING.match(bare)) or bool(_ASKING_CJK.search(bare))


def sets_task(text: str) -> bool:
    """Tell whether a text among questions is one: it asks, or sets a task (`Design a cache`)."""
    return asks(text) or (bool(_TASK.match(text.lstrip('*_`"“ '))) and len(text) <= _LONGEST)


def has_mark(text: str) -> bool:
    """Tell whether a text ends with a question mark."""
    return _bare_end(text).endswith(_MARKS)


def _bare_end(text: str) -> str:
    """The text without markup, quotes and emoji at its end."""
    end = len(text)
    while end and (text[end - 1] in _TRAILING or category(text[end - 1]) in _SIGNS):
        end -= 1
    return text[:end]


def unbold(text: str) -> str:
    """Take the bold or italics off a text that has it as a whole."""
    bare = text.strip()
    for mark in ("**", "__", "*", "_"):
        inner = bare[len(mark) : -len(mark)]
        if inner and bare == f"{mark}{inner}{mark}" and mark not in inner:
            return inner.strip()
    return bare
