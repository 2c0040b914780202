"""Regular expressions: a line passes if Python or JavaScript takes it."""

from __future__ import annotations

import pytest

from guide.languages import SyntaxProblem, verify

GOOD = [
    r"^\d{3}-\d{4}$",
    "(?P<year>[0-9]{4})",
    r"(?<year>[0-9]{4})-\k<year>",
    r"\p{L}+",
    "a++(?>b)",
    "^[^@\\s]+@[^@\\s]+$\n\n  ^(?:[a-z]+,)*$\n",
    r"/^\/orders\/[/\w]+$/gi",
    "/api/v1",
    "/usr/local/bin",
    "/usr/bin",
    "[]",
    "[[a]",
]

BROKEN = [
    ("ü(a", SyntaxProblem(1, 2, "`)` is missing", "this `(` is never closed")),
    ("a)", SyntaxProblem(1, 2, "unexpected `)`", "write `\\)` for the character")),
    ("a\n  *b", SyntaxProblem(2, 3, "nothing to repeat", "escape the character to mean itself")),
    ("a**", SyntaxProblem(1, 3, "a repeat of a repeat", "put the inner one into `(?:...)`")),
    ("x[abc", SyntaxProblem(1, 2, "`]` is missing", "this `[` is never closed")),
    (
        "[z-a]",
        SyntaxProblem(
            1,
            2,
            "bad character range z-a",
            "put the lower end first; a plain `-` goes first or last",
        ),
    ),
    ("a{3,1}", SyntaxProblem(1, 3, "the least is more than the most", "write `{least,most}`")),
    ("a\\", SyntaxProblem(1, 2, "nothing follows the backslash", "write `\\\\` for one")),
    ("(?z)", SyntaxProblem(1, 2, "unknown extension ?z")),
    (
        r"(?<n>\p{L})\k<n>(a",
        SyntaxProblem(1, 17, "`)` is missing", "this `(` is never closed"),
    ),
    ("/a(/g", SyntaxProblem(1, 3, "`)` is missing", "this `(` is never closed")),
    ("/(?P<n>a)/", SyntaxProblem(1, 2, "invalid group modifier")),
    (
        "/a/gig",
        SyntaxProblem(
            1, 6, "unexpected flag `g`", "each of `dgimsuvy` at most once, and not both `u` and `v`"
        ),
    ),
    (
        "/a/uv",
        SyntaxProblem(
            1, 5, "unexpected flag `v`", "each of `dgimsuvy` at most once, and not both `u` and `v`"
        ),
    ),
    (
        "a|" * 50_000,
        SyntaxProblem(1, 1001, "a pattern of more than 1000 characters is not read", "split it"),
    ),
]


@pytest.mark.parametrize("code", GOOD)
def test_a_pattern_of_either_dialect_passes(code: str) -> None:
    assert verify("regex", code) == ()


@pytest.mark.parametrize(("code", "problem"), BROKEN)
def test_a_mistake_is_named_and_placed(code: str, problem: SyntaxProblem) -> None:
    assert verify("regexp", code) == (problem,)


def test_every_line_is_a_pattern_of_its_own() -> None:
    assert [(each.line, each.column) for each in verify("re", "(\na\n)")] == [(1, 1), (3, 1)]


@pytest.mark.parametrize("code", ["|" * 1000, "(" * 500 + ")" * 500, "((" * 200 + "a*" * 200])
def test_a_pattern_as_long_as_allowed_is_survived(code: str) -> None:
    assert all(each.line == 1 for each in verify("regex", code))
