"""Text to words. The browser cuts queries the same way (assets/javascripts/search/words.js).

A word is a run of letters and digits in lower case without accents. What is written together with
other signs (`Cache-Control`, `HTTP/2`, `n+1`) gives its parts and all of them in one.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator

_LINK = re.compile(r"!?\[([^\]]*)\]\([^()\s]*(?:\([^()]*\)[^()\s]*)*\)")
_ATTRIBUTES = re.compile(r"[ ]+\{:?[ ]*[#.][^}\n]*\}[ ]*$", re.MULTILINE)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>|<https?:[^>]*>|https?://\S+")
_CHUNK = re.compile(r"[^\s,;()\[\]{}\"“”<>|`]+")
_PART = re.compile(r"[a-z0-9]+")
STOP_WORDS = frozenset(
    """
    a about again all also always am an and another any anybody anyone anything are around as at
    basically be because been being between both but by came can cannot come comes could did
    didnt do does doesnt doing done dont during each either else enough ever every everything
    exactly far few for from gets getting give gives go goes going gone good got had happen
    happened happening happens has have having he help her here him his how i if im in instead
    into is isnt it its itself just keeps know knows let lets like likes little look looks lot
    made make makes making many may maybe me mean means might more most much must my myself need
    needs no nobody not nothing now of often ok okay on or other others our out over people
    please possible probably quite rather really right said say saying says see seems seen
    several shall she should show since so some somebody someone something sometimes somewhere
    still such suddenly sure take takes talk tell than that thats the their them then there
    these they thing things think this those though through to together told too took tried try
    trying turn until up upon us use used uses using usually versus very vs want wants was way
    we well went were what whats when where whether which while who whole whom whose why will
    with wont work worked working works would yes yet you your
    """.split()
)
"""Words that lead nowhere by themselves; only names of places keep them."""
_MAX_PARTS = 5
_MAX_LENGTH = 40


def plain(markdown: str) -> str:
    """Markdown without what readers do not see: targets of links, attributes, tags."""
    text = _LINK.sub(r"\1", markdown)
    return _TAG.sub(" ", _ATTRIBUTES.sub("", text))


def words(text: str) -> Iterator[str]:
    """The words of plain text, in its order."""
    for chunk in _CHUNK.findall(_folded(text).replace("'", "").replace("’", "")):
        yield from _words_of(chunk)


@functools.cache  # a text has thousands of chunks, a library few that differ
def _words_of(chunk: str) -> tuple[str, ...]:
    parts = tuple(_PART.findall(chunk))
    joined = "".join(parts)
    if 1 < len(parts) <= _MAX_PARTS and len(joined) <= _MAX_LENGTH:
        return (*parts, joined)
    return parts


def _folded(text: str) -> str:
    """Lower case without accents."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(each for each in decomposed if not unicodedata.combining(each)).lower()
