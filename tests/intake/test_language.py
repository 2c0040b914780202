"""The language of a block is inferred from its content, and a label is kept unless it is wrong."""

from __future__ import annotations

import time
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from guide.intake.code.language import Guess, infer_language
from guide.languages import LANGUAGES, canonical, language_of
from support import ROOT, this_guide

HTTP = "GET /orders HTTP/1.1\nHost: api.example.com\n"
JSON = '{\n  "id": 1,\n  "tags": ["a", "b"]\n}'
PIECES = (
    *(
        "\n",
        "\n\n",
        "    ",
        "\t",
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "<",
        "/>",
        '"',
        "'",
        "`",
        "${",
        ":",
    ),
    *(
        "func ",
        "def ",
        "class ",
        "SELECT ",
        "FROM ",
        "GET /",
        "HTTP/1.1",
        "SET a",
        "$ ",
        "> ",
        "\r",
    ),
    *(
        "const x = ",
        "=> ",
        ":= ",
        "- a: ",
        "\x00",
        "\ud800",
        "```",
        "graph TD",
        "^\\d+$",
        "│",
        "->",
    ),
)
"""What random code is made of."""
TEXTS = frozenset({"text", "output", "console", None})
KINDS_OF_YAML = frozenset({"openapi", "github-workflow"})


@dataclass(frozen=True, slots=True)
class Labelled:
    """Code whose language is known."""

    language: str | None
    code: str
    place: str


@dataclass(frozen=True, slots=True)
class Figures:
    """What became of a labelled set: the counts of each language, and the places that failed."""

    right: Counter[str]
    unsure: Counter[str]
    wrong: Counter[str]
    failed: tuple[str, ...]

    @property
    def total(self) -> int:
        return self.right.total() + self.unsure.total() + self.wrong.total()

    def __str__(self) -> str:
        names = sorted(self.right | self.unsure | self.wrong)
        rows = [
            f"{name:12} {self.right[name]:5} right {self.unsure[name]:4} unsure"
            f" {self.wrong[name]:4} wrong"
            for name in names
        ]
        return "\n".join([*rows, *self.failed])


def is_right(expected: str | None, guess: Guess) -> bool:
    if expected in TEXTS and expected is not None:
        return guess.language in TEXTS
    if expected in KINDS_OF_YAML:
        return guess.language == "yaml"
    return guess.language == expected


def figures(labelled: Iterable[Labelled]) -> Figures:
    counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
    failed = []
    for each in labelled:
        guess = infer_language(each.code)
        result = "unsure" if guess.language is None else "wrong"
        if is_right(each.language, guess):
            result = "right"
        else:
            failed.append(f"{each.place}: {each.language}, not {guess.language} ({guess.reason})")
        counts[result][each.language or "unknown"] += 1
    return Figures(counts["right"], counts["unsure"], counts["wrong"], tuple(failed))


@pytest.fixture(scope="module")
def blocks_of_pages() -> list[Labelled]:
    """Every block of every page, as a reader sees it: most are fragments of the examples."""
    found: dict[tuple[str, str], Labelled] = {}
    for name, page in this_guide().pages.items():
        for fence in page.fences:
            language = canonical(fence.language)
            if language is not None and fence.code.strip():
                place = f"{name}:{fence.line}"
                found.setdefault((language, fence.code), Labelled(language, fence.code, place))
    return list(found.values())


@pytest.fixture(scope="module")
def files_of_examples() -> list[Labelled]:
    """Every file of every example whose name says its language."""
    found: dict[tuple[str, str], Labelled] = {}
    for path in sorted((ROOT / "docs").glob("**/code/**/*")):
        language = language_of(path.name) if path.is_file() else None
        if language is not None:
            code, place = path.read_text("utf-8"), path.relative_to(ROOT).as_posix()
            found.setdefault((language, code), Labelled(language, code, place))
    return list(found.values())


def test_code_of_the_guide_is_recognized_without_labels_and_names(
    blocks_of_pages: list[Labelled], files_of_examples: list[Labelled]
) -> None:
    result = figures([*blocks_of_pages, *files_of_examples])

    assert result.total > 2000
    assert result.right.total() >= 0.95 * result.total, f"\n{result}"
    assert result.wrong.total() <= result.unsure.total(), f"\n{result}"


def test_study_notes_are_recognized_without_labels() -> None:
    path = Path(__file__).with_name("held-out.yml")
    held_out = [
        Labelled(each["language"], each["code"], f"number {number}")
        for number, each in enumerate(yaml.safe_load(path.read_text("utf-8")), start=1)
    ]

    result = figures(held_out)

    assert result.total >= 100
    assert result.right.total() >= 0.9 * result.total, f"\n{result}"
    assert result.wrong.total() <= 0.04 * result.total, f"\n{result}"


def test_labels_of_the_guide_are_kept(
    blocks_of_pages: list[Labelled], files_of_examples: list[Labelled]
) -> None:
    labelled = [
        each
        for each in (*blocks_of_pages[::3], *files_of_examples[::3])
        # Some of these are HTTP messages, sessions with Redis or JSON, shown as mere text.
        if each.language != "text"
    ]

    changed = [
        each.place
        for each in labelled
        if infer_language(each.code, each.language or "").language != each.language
    ]

    assert len(labelled) > 400
    assert changed == []


def test_wrong_labels_are_replaced_by_the_right_ones_or_kept(
    blocks_of_pages: list[Labelled],
) -> None:
    labels = ("javascript", "bash", "json", "sql", "java", "text", "http", "go")
    code = [each for each in blocks_of_pages if each.language not in (*TEXTS, "markdown")]
    results: Counter[str] = Counter()
    for number, each in enumerate(code):
        wrong = labels[number % len(labels)]
        if each.language != wrong:
            guess = infer_language(each.code, wrong).language
            results[
                {each.language: "right", wrong: "kept"}.get(guess, f"{each.place}: {guess}")
            ] += 1

    assert set(results) == {"right", "kept"}
    assert results["right"] >= 0.9 * results.total(), results


@pytest.mark.parametrize(
    "code",
    [
        "{[" * 10_000,
        "\n" * 20_000 + "x",
        "-" * 20_000 + "x",
        "a, " * 6_000,
        "`${`" * 4_000,
        "[a" * 9_000,
        "const x = (a) => { await fetch(1) ]\n" * 500,
        "a: b: c\n" * 2_500,
    ],
    ids=["brackets", "lines", "dashes", "commas", "templates", "lists", "script", "colons"],
)
def test_no_text_takes_long(code: str) -> None:
    start = time.process_time()

    infer_language(code)

    assert time.process_time() - start < 10


@pytest.mark.parametrize(
    ("code", "language"),
    [
        ("npm install express", "bash"),
        ("curl -i https://example.com/health", "bash"),
        ("docker run --rm -p 80:80 web", "bash"),
        ("$ npm test\n> ok", "console"),
        (">>> 1 + 1\n2", "console"),
        ("mysql> SHOW TABLES;", "console"),
        ("SELECT 1;", "sql"),
        ("SET k v", "redis"),
        ('> SET a 1\nOK\n> GET a\n"1"', "redis"),
        ("GET /users/1", "text"),
        ("GET /users\nPOST /users  # creates one", "text"),
        ('Cache-Control: max-age=60\nETag: "abc"', "text"),
        (HTTP, "http"),
        ("HTTP/1.1 204 No Content", "http"),
        ("POST /orders\nContent-Type: application/json\n\n{}", "http"),
        (JSON, "json"),
        ('{"a": 1}\n{"a": 2}', "jsonl"),
        ("erDiagram\n  A ||--o{ B : has", "mermaid"),
        ("---\ntitle: x\n---\nflowchart LR\n  a --> b", "mermaid"),
        ("timeline\n  2001 : a", "mermaid"),
        ('syntax = "proto3";', "protobuf"),
        ("├── a\n└── b", "text"),
        ("client --> server --> database", "text"),
        (" id | name\n----+------\n  1 | Ada\n(1 row)", "text"),
        ("func (s *Store) Close() error {\n\treturn s.db.Close()\n}", "go"),
        ("def f(x):\n    ...", "python"),
        # A string of SQL makes no SQL of a program.
        (
            'rows = db.execute("""\n  SELECT id FROM users\n""")\nfor row in rows:\n    print(row)',
            "python",
        ),
        ("# Создать пользователя\ndef create(имя):\n    return {'name': имя}", "python"),
        ("// 用户\nconst user = await fetch('/users/1');", "javascript"),
        ("^\\d{4}-\\d{2}$", "regex"),
    ],
)
def test_typical_blocks_are_recognized(code: str, language: str) -> None:
    assert infer_language(code).language == language


@pytest.mark.parametrize("code", ["", "\n  \n", "foo", "a b c", "42", "x = y", "foo.bar()", "?!"])
def test_what_may_be_anything_is_left_unsaid(code: str) -> None:
    assert infer_language(code).language is None


def test_a_language_that_the_guide_does_not_know_is_named_and_not_guessed() -> None:
    guess = infer_language('fn main() {\n    let mut x = 1;\n    println!("{}", x);\n}')

    assert guess == Guess(None, 0.9, "looks like Rust, which the guide does not know")


@pytest.mark.parametrize(
    ("label", "title"),
    [("c#", "C#"), ("CS", "C#"), ("cpp", "C++"), ("Rust", "Rust"), ("properties", "INI"),
     ("rb", "Ruby"), ("language-php", "PHP"), ("diff", "diff"), ("VB", "Visual Basic"),
     ("PowerShell", "PowerShell"), ("kt", "Kotlin")],
)  # fmt: skip
def test_a_foreign_label_is_named(label: str, title: str) -> None:
    guess = infer_language("x = 1", label)

    assert (guess.language, guess.reason) == (
        None,
        f"labelled {title}, which the guide does not know",
    )


@pytest.mark.parametrize(
    ("label", "code", "language"),
    [
        ("Python", "x = 1", "python"),
        ("YML", "a: 1", "yaml"),
        ("{.js}", "f()", "javascript"),
        ("language-go", "x := 1", "go"),
        ("shell script", "ls", "bash"),
        ("curl", "curl http://localhost", "bash"),
        ("plaintext", "anything", "text"),
        ("Plain Text", "anything", "text"),
        ("jsonc", JSON, "json"),
        ("mysql", "SELECT * FROM t LIMIT 1, 2", "sql"),
        ("output", JSON, "output"),
        ("console", "make", "console"),
        # What may be the labelled language, or is a sketch of it, stays what it is called.
        ("python", "for each user:\n    send the mail ...", "python"),
        ("python", '{"a": 1}', "python"),
        ("js", "[1, 2, 3]", "javascript"),
        ("yaml", JSON, "yaml"),
        ("go", "type User struct { ... }", "go"),
        ("text", "npm or yarn", "text"),
        ("text", "GET /users", "text"),
        ("text", "[1, 2, 3]", "text"),
        ("ts", "const a = 1;", "typescript"),
    ],
)
def test_a_label_is_kept_under_its_canonical_name(label: str, code: str, language: str) -> None:
    assert infer_language(code, label) == Guess(language, 0.95, "as labelled")


@pytest.mark.parametrize(
    ("label", "code", "language"),
    [
        ("javascript", HTTP, "http"),
        ("js", JSON, "json"),
        ("json", HTTP, "http"),
        ("http", JSON, "json"),
        ("http", "GET /users\nPOST /users", "text"),
        ("bash", HTTP, "http"),
        ("sh", "$ redis-cli ping\nPONG", "console"),
        ("json", '{"a": 1}\n{"a": 2}', "jsonl"),
        ("python", "┌───┐\n│ A │\n└───┘", "text"),
        ("python", "SELECT id, name\nFROM users\nWHERE id = 1;", "sql"),
        ("java", "sequenceDiagram\n  A->>B: hi", "mermaid"),
        ("js", "interface A {\n  id: number;\n  name: string;\n}", "typescript"),
        ("text", JSON, "json"),
        ("text", "package main\n\nfunc main() {\n\tfmt.Println(1)\n}", "go"),
        ("json", "services:\n  web:\n    image: nginx\n    ports:\n      - 80:80", "yaml"),
    ],
)
def test_a_label_that_is_wrong_is_replaced(label: str, code: str, language: str) -> None:
    guess = infer_language(code, label)

    assert guess.language == language
    assert guess.reason.startswith(f"labelled {canonical(label)}, but ")


def test_a_label_that_nobody_knows_is_no_label() -> None:
    assert infer_language(HTTP, "snippet") == infer_language(HTTP)


@given(
    st.lists(st.sampled_from(PIECES) | st.text(max_size=8), max_size=25).map("".join),
    st.sampled_from(["", "js", "go", "http", "yaml", "text", "c#", "?"]),
)
@settings(max_examples=150, deadline=None, derandomize=True)
def test_any_text_gets_an_answer(code: str, label: str) -> None:
    guess = infer_language(code, label)

    assert guess.language is None or guess.language in LANGUAGES
    assert 0 <= guess.confidence <= 1
    assert guess.reason


def test_half_a_character_is_no_obstacle() -> None:
    assert infer_language('func main() {\n\tfmt.Println("\ud800")\n}').language == "go"


def test_line_ends_of_windows_change_nothing() -> None:
    assert infer_language(HTTP.replace("\n", "\r\n")) == infer_language(HTTP)
