"""The words of a raw text, each as often as it stands there.

A word is a run of letters, digits and their marks; of scripts that write without blanks each
character is one. Names of HTML tags, numbers of list items, marks of tasks and labels of
references are markup; everything else counts, also the info line of a fence.
"""

from __future__ import annotations

import re
from collections import Counter

from guide.intake.reporting.raw_text import RawText, decoded, without_items, without_tags

_SINGLE = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u312f\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
"""Thai, Lao, Burmese, Khmer, Japanese, Chinese."""
_MARKS = "\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0900-\u0dff"
_WORD = re.compile(rf"[{_SINGLE}]|[^\W_{_SINGLE}]+(?:[{_MARKS}]+[^\W_{_SINGLE}]*)*")


_GLUED_ADDRESS = re.compile(r"(?<=\w)(?=https?://)")
"""Where a link starts in a word, as it can where writing has no blanks."""


def words(raw: RawText) -> Counter[str]:
    """Count the words of a text's prose and code."""
    code = "\n".join(raw.code)
    if raw.doubtful:  # what looks like a tag or a list's number in its code may be one
        code = without_tags(without_items(code))
    return plain_words("\n".join((without_tags(raw.prose), *raw.spans, code)))


def plain_words(text: str) -> Counter[str]:
    """Count the words of a text in which nothing is markup, such as front matter."""
    return Counter(_WORD.findall(_GLUED_ADDRESS.sub(" ", decoded(text))))
