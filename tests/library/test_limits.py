"""What would keep the parser busy for minutes is refused before it is parsed."""

from __future__ import annotations

import pytest

from mini_project import TOPIC, MiniProject


@pytest.mark.parametrize(
    ("extra", "message"),
    [
        ("x" * 3_000, "the line has 3,000 characters; a line may have 2,000"),
        (f"| {'x' * 30_000} |", "the line has 30,004 characters; a line may have 20,000"),
        (f"```text\n{'x' * 30_000}\n```", "the line has 30,000 characters; a line may have 20,000"),
        ("[[[[\n" * 400, "the paragraph has more than 1,500 marks of Markdown"),
        ("word\n\n" * 30_000, "the page has 181,535 characters; a page may have 150,000"),
    ],
    ids=["line", "row", "code", "paragraph", "page"],
)
def test_an_excess_is_one_finding_and_the_page_is_not_read(
    project: MiniProject, extra: str, message: str
) -> None:
    project.write("docs/http/methods.md", f"{TOPIC}\n{extra}")

    found = [f for f in project.findings() if f.path == "docs/http/methods.md"]

    assert [(f.rule, f.message) for f in found] == [("file-size", message)]


def test_a_long_page_of_short_paragraphs_is_read(project: MiniProject) -> None:
    project.write("docs/http/methods.md", TOPIC + "\nA [link](index.md) and more text.\n" * 1_000)

    assert [f for f in project.findings() if f.rule == "file-size"] == []


def test_rows_and_code_may_be_longer_than_prose(project: MiniProject) -> None:
    rows = "| [x](index.md) |\n" * 500
    code = f"```json\n[{'1, ' * 3_000}1]\n```\n"
    project.write(
        "docs/http/methods.md", f"{TOPIC}\n| A |\n|---|\n{rows}| {'x ' * 3_000} |\n\n{code}"
    )

    assert [f for f in project.findings() if f.rule == "file-size"] == []
