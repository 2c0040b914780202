"""The language that a label before a code block names: `**Node.js:**`, `Example in Go`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from guide.languages import LANGUAGES, canonical

_OTHER_NAMES = {
    "node.js": "javascript",
    "nodejs": "javascript",
    "vanilla js": "javascript",
    "ecmascript": "javascript",
    "es6": "javascript",
    "python 3": "python",
    **{language.title.lower(): language.name for language in LANGUAGES.values()},
}
_FILLER = frozenset(
    "a an code example examples implementation in sample snippet solution the using"
    " version with".split()
)
_LABEL = re.compile(
    r"(?P<before>[*_`]{0,3})(?P<text>[^*_`:：]{1,60}?)(?P<inside>[:：]?)(?P<after>[*_`]{0,3})"
    r"(?P<outside>[:：]?)"
)
_ASIDE = re.compile(r"[(（](?P<text>[^()（）]*)[)）]")


@dataclass(frozen=True, slots=True)
class Label:
    """A label: the language it names, how it is written, and whether it says anything else."""

    language: str
    form: tuple[str, bool]
    says_more: bool


def read_label(text: str) -> Label | None:
    """Read a line that names a language and little else; None for any other."""
    match = _LABEL.fullmatch(text.strip())
    if match is None or match["before"] != match["after"][::-1]:
        return None
    form = (match["before"], bool(match["inside"] or match["outside"]))
    aside = _ASIDE.search(match["text"])
    beside = aside["text"] if aside else ""
    main = _named(_ASIDE.sub(" ", match["text"]))
    if main:
        return Label(main, form, bool(beside) and _named(beside) != main)
    inner = _named(beside)
    only_filler = not _telling(_ASIDE.sub(" ", match["text"]))
    return Label(inner, form, False) if inner and only_filler else None


def _named(text: str) -> str:
    name = " ".join(_telling(text)).lower()
    return canonical(name) or _OTHER_NAMES.get(name, "")


def _telling(text: str) -> list[str]:
    return [word for word in text.split() if word.lower() not in _FILLER]
