"""What no page of prose needs, and what would keep the Markdown parser busy for minutes."""

from __future__ import annotations

import re

from guide.library.fenced_lines import fenced_lines
from guide.library.problem import Problem

MAX_PAGE = 150_000
"""Characters; the longest page has about 60,000."""
MAX_LINE = 2_000
"""Characters of prose; the longest line of a page has about 600."""
MAX_ROW = 20_000
"""Characters of a row of a table, whose cells are parsed one by one; code may be as long."""
MAX_MARKS = 1_500
"""Brackets, asterisks and the like in one paragraph or table row; the parser's time grows with
the square of their number."""
_MARK = re.compile(r"[\[\](){}*_`<&#!]")


def excess_of(path: str, text: str) -> list[Problem]:
    """Return the first thing in a page that is too much to be parsed, if there is one."""
    if len(text) <= min(MAX_LINE, MAX_MARKS):
        return []
    if len(text) > MAX_PAGE:
        message = f"the page has {len(text):,} characters; a page may have {MAX_PAGE:,}"
        return [Problem(path, 1, 1, "file-size", message, "split the page")]
    marks = 0
    for number, (line, fenced) in enumerate(fenced_lines(text), start=1):
        is_row = line.lstrip(" >").startswith("|")
        marks = 0 if fenced or is_row or not line.strip() else marks
        marks += 0 if fenced else len(_MARK.findall(line))
        limit = MAX_ROW if fenced or is_row else MAX_LINE
        if len(line) > limit:
            message = f"the line has {len(line):,} characters; a line may have {limit:,}"
            hint = "break it: the renderer joins lines to paragraphs"
        elif marks > MAX_MARKS:
            message = f"the paragraph has more than {MAX_MARKS:,} marks of Markdown"
            hint = "break it up with blank lines, or fence it as text"
        else:
            continue
        return [Problem(path, number, 1, "file-size", message, hint)]
    return []
