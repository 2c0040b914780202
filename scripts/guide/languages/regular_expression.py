"""Regular expressions, one a line: as Python reads them, or as JavaScript does.

A line may be wrapped in slashes with flags behind, as in JavaScript. Dialects differ; a line is
wrong only if neither accepts it.
"""

from __future__ import annotations

import functools
import re
import warnings

import tree_sitter

from guide.languages.problem import SyntaxProblem

_WRAPPED = re.compile(r"^/(?P<pattern>.+)/(?P<flags>[a-z]*)$")
_LONGEST = 2_000
"""Characters; beyond that a pattern is not read by anybody, and slow to parse."""


def verify(language: str, code: str) -> tuple[SyntaxProblem, ...]:
    """Return a problem for each line that is no regular expression."""
    problems = []
    for number, line in enumerate(code.split("\n"), start=1):
        text = line.strip()
        if not text:
            continue
        wrapped = _WRAPPED.match(text)
        pattern = wrapped["pattern"] if wrapped else text
        start = line.index(text) + bool(wrapped)
        if len(pattern) > _LONGEST:
            message = f"longer than {_LONGEST:,} characters"
            problems.append(SyntaxProblem(number, start + 1, message))
            continue
        error = _error(pattern)
        if error is not None and (_is_wrong_anywhere(error) or not _is_javascript(pattern)):
            offset = min(error.pos or 0, len(pattern))
            problems.append(SyntaxProblem(number, start + offset + 1, error.msg))
    return tuple(problems)


def _error(pattern: str) -> re.error | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what will change in later versions is valid in this one
        try:
            re.compile(pattern)
        except re.error as error:
            return error
        except (OverflowError, RecursionError) as error:
            return re.error(str(error), pattern, 0)
    return None


def _is_wrong_anywhere(error: re.error) -> bool:
    """Whether the meaning is wrong, which the grammar of JavaScript does not look at."""
    return error.msg.startswith("bad character range")


@functools.cache
def _grammar() -> tree_sitter.Language:
    import tree_sitter_regex

    return tree_sitter.Language(tree_sitter_regex.language())


def _is_javascript(pattern: str) -> bool:
    tree = tree_sitter.Parser(_grammar()).parse(pattern.encode())
    return not tree.root_node.has_error
