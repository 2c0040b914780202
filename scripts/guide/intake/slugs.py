"""File names and ids: short, kebab-case ASCII, the same for the same words every time."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Container

from markdown.extensions.toc import slugify

_SMALL_WORDS = frozenset(
    """
    a an and are as at be by can describe do does explain for from give how i in into is it its
    me my of on or should tell the their them there this to us was we what when where which who
    why will with would you your
    """.split()
)
_MAX_WORDS = 5
_MAX_LENGTH = 48


def slug(text: str, fallback: str = "section") -> str:
    """A slug of the words that carry the meaning; a digest tells apart what has no ASCII."""
    words = _ascii_words(text)
    while len(words) > 1 and words[0].isdigit():
        words = words[1:]
    telling = [word for word in words if word not in _SMALL_WORDS] or words
    name = "-".join(telling[:_MAX_WORDS])[:_MAX_LENGTH].strip("-")
    letters = sum(char.isalpha() for char in text)
    if len(name) * 3 >= min(letters, 12) and re.match("[a-z]", name):
        return name
    digest = hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    return f"{name if re.match('[a-z]', name) else fallback}-{digest}"


def file_slug(text: str, fallback: str) -> str:
    """A slug of all words of a name, but for a number before them (`02_notes`)."""
    words = _ascii_words(text)
    while len(words) > 1 and words[0].isdigit():
        words = words[1:]
    name = "-".join(words)[:_MAX_LENGTH].strip("-")
    return name if re.match("[a-z]", name) else slug(text, fallback)


def free(name: str, taken: Container[str], numbers: Counter[str] | None = None) -> str:
    """`name`, or with the first number that makes it none of those `taken`.

    `numbers` remember how far each name has been counted, for who asks often and only ever adds
    to `taken`.
    """
    if name not in taken:
        return name
    counted = Counter[str]() if numbers is None else numbers
    number = max(counted[name], 2)
    while f"{name}-{number}" in taken:
        number += 1
    counted[name] = number
    return f"{name}-{number}"


def heading_slug(text: str) -> str:
    """The id that the site gives to a heading with this plain text."""
    return str(slugify(text, "-"))


def _folded(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def _ascii_words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", _folded(text.replace("'", "").replace("’", "")).lower())
