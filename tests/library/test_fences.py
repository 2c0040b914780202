"""Fences are what SuperFences says they are."""

from __future__ import annotations

import markdown
import pytest

from guide.library.fences import FenceScan, FenceScanner


@pytest.fixture(scope="module")
def scanner() -> FenceScanner:
    return FenceScanner(markdown.Markdown(extensions=["attr_list", "pymdownx.superfences"]))


def spans(scan: FenceScan) -> list[tuple[str, int, int]]:
    return [(fence.language, fence.line, fence.end_line) for fence in scan.fences]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```python\na\n```", [("python", 1, 3)]),
        ("~~~go\na\n~~~", [("go", 1, 3)]),
        ("````markdown\n```python\na\n```\n````", [("markdown", 1, 5)]),
        ("- item\n\n    ```json\n    1\n    ```", [("json", 3, 5)]),
        ("> ```json\n> 1\n> ```", [("json", 1, 3)]),
        ("text\n\n```\nno language\n```", [("", 3, 5)]),
        ("Use ```code``` inline.", []),
    ],
    ids=["backticks", "tildes", "nested", "list", "quote", "bare", "inline"],
)
def test_fences_are_found_where_the_renderer_finds_them(
    scanner: FenceScanner, text: str, expected: list[tuple[str, int, int]]
) -> None:
    scan = scanner.scan(text)

    assert spans(scan) == expected
    assert scan.strays == ()


def test_lines_count_from_the_given_first_line(scanner: FenceScanner) -> None:
    assert spans(scanner.scan("\n```go\na\n```", first_line=10)) == [("go", 11, 13)]


def test_options_are_read_from_both_header_forms(scanner: FenceScanner) -> None:
    scan = scanner.scan('``` { .go title="main.go" }\na\n```\n\n```go hl_lines="1"\na\n```')

    assert [dict(fence.options) for fence in scan.fences] == [
        {"title": "main.go"},
        {"hl_lines": "1"},
    ]


@pytest.mark.parametrize("header", ["```python hl_lines=1", "```python {title", "```a b c=d=e"])
def test_a_header_the_renderer_refuses_is_a_stray(scanner: FenceScanner, header: str) -> None:
    scan = scanner.scan(f"text\n\n{header}\ncode\n```")

    assert (scan.strays[0].kind, scan.strays[0].line) == ("header", 3)


def test_an_unclosed_fence_is_a_stray(scanner: FenceScanner) -> None:
    scan = scanner.scan("text\n\n```python\ncode")

    assert [(stray.kind, stray.line) for stray in scan.strays] == [("unclosed", 3)]


def test_a_scanner_forgets_the_page_before(scanner: FenceScanner) -> None:
    scanner.scan("```python hl_lines=1\n```")

    assert scanner.scan("plain").strays == ()
