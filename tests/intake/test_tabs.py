"""Variants of one example become tabs; what only stands side by side does not."""

from __future__ import annotations

import pytest

from guide.intake.code.tabs import BY, tabs
from guide.intake.model import Section
from guide.intake.reading.markdown import render
from intake_documents import outlined

PYTHON = "```python\ndef fetch_user(user_id):\n    return cache.get(user_id)\n```"
GO = "```go\nfunc FetchUser(userID int) User {\n\treturn cache.Get(userID)\n}\n```"
JAVASCRIPT = "```javascript\nconst fetchUser = (userId) => cache.get(userId)\n```"
JAVA = "```java\nUser fetchUser(int userId) { return cache.get(userId); }\n```"
HTTP = "```http\nGET /users/1 HTTP/1.1\nHost: example.com\n```"
JSON = '```json\n{"user_id": 1}\n```'
OUTPUT = "```output\nUser 1\n```"


def grouped(*parts: str) -> str:
    """The only section of a document of these parts, as it is written after the pass."""
    done = tabs(outlined("# Notes\n\n## Example\n\n" + "\n\n".join(parts) + "\n"))
    return written(done.root.sections[0].sections[0])


def written(section: Section) -> str:
    """The content of a section, with headings where sections are."""
    return "\n\n".join(
        f"{'#' * each.depth} {each.title}\n\n{written(each)}".strip()
        if isinstance(each, Section)
        else render([each])
        for each in section.content
    )


def tab(title: str, *content: str, marks: str = "///") -> str:
    return "\n\n".join([f"{marks} tab | {title}", *content, marks])


@pytest.mark.parametrize(
    ("python", "go"),
    [
        ("**Python:**", "**Go:**"),
        ("**Python**:", "**Golang**:"),
        ("*Python*", "*Go*"),
        ("Python:", "Go:"),
        ("Python", "Go"),
        ("`Python`", "`Go`"),
        ("Example in Python:", "Example in Go:"),
        ("**Python implementation:**", "**Go implementation:**"),
        ("**Implementation (Python)**", "**Implementation (Go)**"),
    ],
)
def test_code_with_labels_of_one_form_becomes_tabs(python: str, go: str) -> None:
    assert grouped(python, PYTHON, go, GO) == "\n\n".join([tab("Python", PYTHON), tab("Go", GO)])


def test_the_labels_that_go_are_recorded() -> None:
    done = tabs(
        outlined(
            f"# Notes\n\n## Example\n\n**Node.js:**\n\n{JAVASCRIPT}\n\n**Python:**\n\n{PYTHON}\n"
        )
    )

    assert [(each.kind, each.by, each.line, each.before, each.after) for each in done.changes] == [
        ("changed", BY, 5, "**Node.js:**\n**Python:**", "Python, JavaScript")
    ]


def test_tabs_stand_in_the_order_of_the_guide() -> None:
    text = grouped(JAVA, JAVASCRIPT, GO, PYTHON)

    assert [line[10:] for line in text.split("\n") if "tab |" in line] == [
        "Python",
        "Go",
        "JavaScript",
        "Java",
    ]


def test_a_label_that_says_more_stays_in_its_tab() -> None:
    assert grouped("**Python (Flask):**", PYTHON, "**JavaScript (Node.js):**", JAVASCRIPT) == (
        "\n\n".join(
            [
                tab("Python", "**Python (Flask):**", PYTHON),
                tab("JavaScript", JAVASCRIPT),
            ]
        )
    )


def test_neighbors_without_labels_are_variants_if_they_share_names() -> None:
    assert grouped("Reading:", PYTHON, GO) == (
        "\n\n".join(["Reading:", tab("Python", PYTHON), tab("Go", GO)])
    )


@pytest.mark.parametrize(
    "parts",
    [
        [PYTHON],
        [PYTHON, PYTHON],
        [PYTHON, GO, PYTHON],
        [HTTP, JSON],
        ["**HTTP:**", HTTP, "**JSON:**", JSON],
        [PYTHON, OUTPUT],
        ["**Python:**", PYTHON, "**Output:**", OUTPUT],
        ["**Python:**", PYTHON, "*Go*", GO],
        ["**Python:**", PYTHON, "**Go:**", JAVA],
        ["**Python:**", PYTHON, GO],
        ["**Server:**", PYTHON, "**Client:**", JAVASCRIPT],
        ["**Server (Python):**", PYTHON, "**Client (JavaScript):**", JAVASCRIPT],
        ["**Python:**", PYTHON, "And the same again.", "**Go:**", GO],
        [PYTHON, "```javascript\ndocument.title = 'Hello'\n```"],
        ["```python\n# Server\nx.fetch_user(1)\n```", "```go\n// Client\nx.fetchUser(1)\n```"],
    ],
)
def test_what_is_no_set_of_variants_stays(parts: list[str]) -> None:
    before = outlined("# Notes\n\n## Example\n\n" + "\n\n".join(parts) + "\n")

    assert tabs(before).root == before.root
    assert tabs(before).changes == ()


def test_a_result_after_variants_stays_outside() -> None:
    assert grouped("**Python:**", PYTHON, "**Go:**", GO, "**Output:**", OUTPUT) == "\n\n".join(
        [tab("Python", PYTHON), tab("Go", GO), "**Output:**", OUTPUT]
    )


def test_headings_that_name_languages_become_tabs() -> None:
    text = grouped("### JavaScript", JAVASCRIPT, "### Python", PYTHON, OUTPUT, "### Why", "Text.")

    assert text == "\n\n".join(
        [tab("Python", PYTHON, OUTPUT), tab("JavaScript", JAVASCRIPT), "### Why", "Text."]
    )


def test_what_only_the_last_heading_has_after_its_code_stands_after_the_tabs() -> None:
    text = grouped("### Python", PYTHON, "### Go", GO, "Both read the cache.")

    assert text == "\n\n".join([tab("Python", PYTHON), tab("Go", GO), "Both read the cache."])


def test_links_to_a_heading_that_became_a_tab_still_find_its_place() -> None:
    done = tabs(outlined(f"# Notes\n\n## Example\n\n### Python\n\n{PYTHON}\n\n### Go\n\n{GO}\n"))

    assert dict(done.anchors) == {"python": 5, "go": 12}


@pytest.mark.parametrize(
    "text",
    [
        f"# Notes\n\n## Python\n\n{PYTHON}\n\n## Go\n\n{GO}\n",
        f"# Notes\n\n## Example\n\n### Why\n\nText.\n\n### Python\n\n{PYTHON}\n\n### Go\n\n{GO}\n",
        f"# Notes\n\n## Example\n\n### Python\n\n{PYTHON}\n\n{JSON}\n\n### Go\n\n{GO}\n",
    ],
)
def test_headings_that_are_more_than_labels_stay(text: str) -> None:
    before = outlined(text)

    assert tabs(before).root == before.root


def test_tabs_of_the_document_stay_and_get_no_others_beside_them() -> None:
    own = tab("Python", PYTHON)
    before = outlined(f"# Notes\n\n## Example\n\n{own}\n\n{tab('Go', GO)}\n\n{PYTHON}\n\n{GO}\n")

    assert tabs(before).root == before.root


def test_tabs_in_another_block_have_other_marks() -> None:
    details = grouped("/// details | Code", PYTHON, GO, "///")

    assert details == "\n\n".join(
        [
            "/// details | Code",
            tab("Python", PYTHON, marks="////"),
            tab("Go", GO, marks="////"),
            "///",
        ]
    )


def test_grouping_again_changes_nothing() -> None:
    text = grouped("**Python:**", PYTHON, "**Go:**", GO)

    assert grouped(text) == text
