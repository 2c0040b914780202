"""JSON, YAML and TOML: strict, and helpful about the usual mistakes."""

from __future__ import annotations

import pytest

from guide.languages import SyntaxProblem, verify

BROKEN = [
    (
        "json",
        '{\n  "a": 1,\n}',
        SyntaxProblem(2, 9, "JSON does not allow trailing commas", "remove the comma"),
    ),
    (
        "json",
        "[1, 2,]",
        SyntaxProblem(1, 6, "JSON does not allow trailing commas", "remove the comma"),
    ),
    (
        "json",
        '{"é": 1} // x',
        SyntaxProblem(1, 10, "comments are not JSON", "say it in the text beside it"),
    ),
    ("json", "{'a': 1}", SyntaxProblem(1, 2, "single quotes are not JSON", "use double quotes")),
    (
        "json",
        "{a: 1}",
        SyntaxProblem(1, 2, "a name in an object needs quotes", 'use double quotes: `"a"`'),
    ),
    ("json", '{"a": True}', SyntaxProblem(1, 7, "`True` is not JSON", "use `true`")),
    ("json", '{"a": NaN}', SyntaxProblem(1, 7, "JSON has no `NaN`", "use `null`")),
    ("json", '{"a": 1 "b": 2}', SyntaxProblem(1, 9, "a comma is missing before this")),
    ("json", '{"a" 1}', SyntaxProblem(1, 6, "a colon is missing before this")),
    ("json", "[01]", SyntaxProblem(1, 3, "a number cannot begin with 0")),
    ("json", "{,}", SyntaxProblem(1, 2, "unexpected `,`")),
    (
        "json",
        '{\n  "a": 1,\n  ...\n}',
        SyntaxProblem(
            3, 3, "an omission is not JSON", "give the whole text, or shorten the example"
        ),
    ),
    (
        "json",
        '{"a": [1, 2}',
        SyntaxProblem(1, 12, "unexpected `}`", "`]` is missing: `[` on line 1 is not closed"),
    ),
    (
        "json",
        '[\n{"a": 1,\n "a": 2}]',
        SyntaxProblem(3, 2, 'the name `"a"` occurs twice in this object', "first on line 2"),
    ),
    (
        "json",
        '[{"a": 1, "a": 2}, NaN]]',
        SyntaxProblem(
            1,
            24,
            "the JSON has already ended before this",
            "one value a block; `jsonl` holds several",
        ),
    ),
    (
        "json",
        "{} {}",
        SyntaxProblem(
            1,
            4,
            "the JSON has already ended before this",
            "one value a block; `jsonl` holds several",
        ),
    ),
    ("jsonl", '{"a": 1}\n\n{"b":}', SyntaxProblem(3, 6, "unexpected `}`")),
    (
        "yaml",
        "a: 1\nb: c: d",
        SyntaxProblem(
            2, 5, "a second `: ` in one value", "quote the value, or check the indentation"
        ),
    ),
    (
        "yaml",
        "a:\n\t- b",
        SyntaxProblem(
            2,
            1,
            "found character that cannot start any token",
            "indent with spaces: YAML does not allow tabs there",
        ),
    ),
    (
        "yaml",
        "é: 1\né: 2",
        SyntaxProblem(2, 1, "the key `é` occurs twice in this mapping", "first on line 1"),
    ),
    (
        "yaml",
        "a: &x 1\nb: *x\n---\nc: *x",
        SyntaxProblem(4, 4, "the anchor `&x` is not defined before this"),
    ),
    ("toml", "a = 1\na = 2", SyntaxProblem(2, 6, "cannot overwrite a value")),
    ("toml", "a = [1,\n2", SyntaxProblem(2, 2, "unclosed array")),
]


@pytest.mark.parametrize(("language", "code", "problem"), BROKEN)
def test_a_mistake_is_named_and_placed(language: str, code: str, problem: SyntaxProblem) -> None:
    assert verify(language, code) == (problem,)


def test_every_line_of_json_lines_is_checked() -> None:
    assert [(each.line, each.column) for each in verify("jsonl", "{\n1\n[")] == [(1, 2), (3, 2)]


def test_a_name_may_recur_in_another_object() -> None:
    assert verify("json", '[{"a": {"a": 1}}, {"a": "\\"a\\": {"}]') == ()


def test_yaml_tags_are_accepted_and_never_run() -> None:
    assert verify("yaml", "a: !Ref b\nc: !!python/object/apply:os.abort []") == ()


def test_yaml_merges_cannot_explode() -> None:
    levels = ["a0: &a0 {k: v}"]
    levels += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 30)]
    assert verify("yaml", "\n".join(levels)) == ()
