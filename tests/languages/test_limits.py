"""Hostile input is a problem or a pass, soon; honest input costs next to nothing."""

from __future__ import annotations

import time

import pytest

from guide.languages import LANGUAGES, SyntaxProblem, verify

PARSED = sorted(name for name, language in LANGUAGES.items() if not language.exempt)
HOSTILE = {
    "balanced brackets": "[" * 10_000 + "]" * 10_000,
    "balanced parentheses": "(" * 10_000 + "1" + ")" * 10_000,
    "tags": "<a>" * 3_000,
    "blocks": "a {" * 3_000,
    "words": "a " * 5_000,
    "quotes": '"' * 9_999,
    "digits": "1" * 5_000,
    "number": "a = " + "1" * 5_000,
    "minus signs": "-" * 10_000 + "1",
    "attribute chain": "a" + ".b" * 5_000,
    "sequence": "- " * 5_000 + "a",
}
PAGE = [
    ("python", "import json\n\n\ndef load(path: str) -> dict:\n    return json.loads(path)\n" * 8),
    ("go", "func add(a, b int) int {\n\treturn a + b\n}\n" * 15),
    ("javascript", "export function add(a, b) {\n  return a + b;\n}\n" * 15),
    ("java", "class A { int add(int a, int b) { return a + b; } }\n" * 15),
    ("sql", "SELECT id, total FROM orders WHERE customer_id = $1 ORDER BY created_at DESC;\n" * 5),
    ("http", 'HTTP/1.1 200 OK\nContent-Type: application/json\n\n{"id": 1, "total": 2}'),
    ("http", "GET /orders HTTP/1.1\nHost: shop.test\nAccept: application/json"),
    ("json", '{"items": [1, 2, 3], "next": null}'),
    ("json", '{"type": "about:blank", "status": 404}'),
    ("yaml", "services:\n  api:\n    image: api\n    ports: [8080]\n"),
    ("bash", "curl -s http://localhost/ | jq '.items[0]'"),
    ("mermaid", "flowchart LR\n  a --> b"),
    ("mermaid", "flowchart LR\n  a --> b"),
    ("console", "$ ls\nfile"),
    ("text", "anything"),
]


@pytest.mark.parametrize("language", PARSED)
@pytest.mark.parametrize("code", HOSTILE.values(), ids=HOSTILE)
def test_hostile_input_neither_crashes_nor_hangs(language: str, code: str) -> None:
    started = time.process_time()
    problems = verify(language, code)

    assert time.process_time() - started < 5
    assert all(each.line == 1 and 1 <= each.column <= len(code) + 1 for each in problems)


@pytest.mark.parametrize("language", PARSED)
@pytest.mark.parametrize(
    ("code", "problem"),
    [
        (" \n\t\n", SyntaxProblem(1, 1, "the block is empty")),
        ("a\nbé\x00", SyntaxProblem(2, 3, "a NUL character is not text")),
        ("a\rb", SyntaxProblem(1, 2, "a lone carriage return is not text")),
        ("a\n\udc00", SyntaxProblem(2, 1, "half of a surrogate pair is not text")),
    ],
    ids=["blank", "nul", "carriage return", "surrogate"],
)
def test_what_is_not_text_is_a_problem_in_every_language(
    language: str, code: str, problem: SyntaxProblem
) -> None:
    assert verify(language, code) == (problem,)


def test_a_page_of_fifteen_fences_is_verified_within_ten_milliseconds() -> None:
    def verify_page() -> float:
        started = time.process_time()
        for language, code in PAGE:
            assert verify(language, code) == ()
        return time.process_time() - started

    verify_page()  # loads the parsers

    assert min(verify_page() for _ in range(5)) < 0.010
