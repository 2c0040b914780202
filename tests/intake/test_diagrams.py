"""Diagrams of a document get the house form, and every line that goes is accounted for."""

from __future__ import annotations

import textwrap
import time

import pytest

from guide.diagrams.engine import draw
from guide.intake.code.diagrams import BY, as_text, diagrams
from guide.intake.model import Change, Document
from intake_documents import fences, outlined

SAID = "  accTitle: A request\n  accDescr: A client asks a server.\n"


def cleaned(source: str) -> tuple[str, list[Change]]:
    """The only diagram of a document, and what was noted."""
    done = diagrams(outlined(f"# Caching\n\n```mermaid\n{textwrap.dedent(source).strip()}\n```\n"))
    [content] = fences(done.root)
    return content, [change for change in done.changes if change.by == BY]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("flowchart LR", "style A fill:#f9f,stroke:#333,stroke-width:4px"),
        ("flowchart LR", "classDef hot fill:#f00;"),
        ("flowchart LR", "linkStyle 0 stroke:red"),
        ("flowchart LR", "class A,B hot"),
        ("flowchart LR", "class A hot;"),
        ("stateDiagram-v2", "class A hot"),
        ("classDiagram", "style A fill:#f9f"),
        ("classDiagram", 'cssClass "A" hot'),
        ("erDiagram", "classDef hot fill:#f00"),
        ("C4Context", 'UpdateElementStyle(a, $bgColor="red", $fontColor="white")'),
        ("mindmap", ":::hot large"),
    ],
)
def test_a_line_that_only_colors_is_removed_and_recorded(kind: str, line: str) -> None:
    marks = SAID.replace("  acc", "  %% acc") if kind == "mindmap" else SAID
    content, changes = cleaned(f"{kind}\n{marks}  {line}\n  x")

    assert content == f"{kind}\n{marks}  x\n"
    assert [(change.kind, change.line, change.before.strip()) for change in changes] == [
        ("removed", 7, line)
    ]


@pytest.mark.parametrize(
    ("kind", "line", "after"),
    [
        ("flowchart LR", "A[x]:::hot --> B:::cold", "A[x] --> B"),
        ("flowchart LR", "A --> B; style A fill:#f00; B --> C;", "A --> B; B --> C;"),
        ("flowchart LR", 'A["<font color=red>x</font>"] --> B', 'A["x"] --> B'),
        ("classDiagram", "class A:::hot {", "class A {"),
        ("sequenceDiagram", "rect rgb(191, 223, 255)", "rect"),
        ("sequenceDiagram", "rect rgba(0, 0, 0, .1)", "rect"),
        ("sequenceDiagram", "box LightBlue Our servers", "box Our servers"),
        ("sequenceDiagram", "box rgb(1,2,3) Ours", "box Ours"),
        ("quadrantChart", "A: [0.3, 0.6] radius: 12, color: #ff3300", "A: [0.3, 0.6] radius: 12"),
        (
            "C4Context",
            'UpdateRelStyle(a, b, $textColor="red", $offsetY="-40")',
            'UpdateRelStyle(a, b, $offsetY="-40")',
        ),
    ],
)
def test_a_color_in_a_line_goes_and_the_line_stays(kind: str, line: str, after: str) -> None:
    content, changes = cleaned(f"{kind}\n{SAID}  {line}\n  x")

    assert content.split("\n")[3].strip() == after
    assert [(change.kind, change.before, change.after) for change in changes] == [
        ("changed", f"  {line}", after)
    ]


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("classDiagram", "class Animal"),
        ("classDiagram", "class Animal {"),
        ("flowchart LR", "A[style guide] --> B[classDef]"),
        ("flowchart LR", 'A["a:::b"] --> B'),
        ("flowchart LR", 'click A "https://example.com/a"'),
        ("sequenceDiagram", "A->>B: style A fill:#f00"),
        ("sequenceDiagram", "box Redis cluster"),
        ("erDiagram", "class {"),
        ("flowchart LR", "%% style A fill:#f00"),
    ],
)
def test_what_only_looks_like_a_color_stays(kind: str, line: str) -> None:
    assert cleaned(f"{kind}\n{SAID}  {line}\n  x") == (f"{kind}\n{SAID}  {line}\n  x\n", [])


def test_a_theme_before_the_diagram_is_removed() -> None:
    content, changes = cleaned(
        "%%{init: {'theme': 'base', 'themeVariables': {\n"
        "  'primaryColor': '#f00'}}}%%\n"
        f"flowchart LR\n{SAID}  A --> B"
    )

    assert content == f"flowchart LR\n{SAID}  A --> B\n"
    assert [(change.kind, change.line) for change in changes] == [("removed", 4)]
    assert "'primaryColor': '#f00'}}}%%" in changes[0].before


def test_a_directive_about_layout_stays() -> None:
    layout = "%%{init: {'sequence': {'mirrorActors': false}}}%%"
    source = f"{layout}\nsequenceDiagram\n{SAID}  A->>B: x"

    assert cleaned(source) == (f"{source}\n", [])


def test_settings_of_colors_go_and_the_title_between_the_dashes_stays() -> None:
    config = "config:\n  theme: dark\n"
    kept, changes = cleaned(f"---\ntitle: A request\n{config}---\nflowchart LR\n{SAID}  A --> B")
    bare, _ = cleaned(f"---\n{config}---\nflowchart LR\n{SAID}  A --> B")

    assert kept == f"---\ntitle: A request\n---\nflowchart LR\n{SAID}  A --> B\n"
    assert bare == f"flowchart LR\n{SAID}  A --> B\n"
    assert [change.before for change in changes] == [config.rstrip()]


@pytest.mark.parametrize(
    ("source", "title", "description"),
    [
        (
            "flowchart LR\n  A[Client] -->|asks| B{Cached?}\n  B -- no --> db",
            "Caching",
            "Flowchart of Client, Cached? and db.",
        ),
        (
            "graph TD; A-->B",
            "Caching",
            "Flowchart of A and B.",
        ),
        (
            "sequenceDiagram\n  participant C as Client\n  C->>API: GET /\n  API-->>C: 200",
            "Caching",
            "Sequence diagram of Client and API.",
        ),
        (
            "stateDiagram-v2\n  [*] --> Idle\n  Idle --> Running: start",
            "Caching",
            "State diagram of Idle and Running.",
        ),
        (
            "erDiagram\n  USER ||--o{ ORDER : places\n  ORDER {\n    int id\n  }",
            "Caching",
            "Entity-relationship diagram of USER and ORDER.",
        ),
        (
            'pie title Pets\n  "Dogs" : 3\n  "Cats" : 2',
            "Pets",
            "Pie chart of Dogs and Cats.",
        ),
        ('gitGraph\n  commit id: "a"\n  branch fix', "Caching", "Git graph of a and fix."),
        (
            "flowchart LR\n" + "\n".join(f"  n{n} --> n{n + 1}" for n in range(20)),
            "Caching",
            "Flowchart of n0, n1, n2, n3, n4, n5, n6, n7, n8, n9, n10, n11 and 9 more.",
        ),
        ("flowchart LR", "Caching", "Flowchart that shows: Caching"),
    ],
)
def test_a_diagram_without_words_gets_them_from_its_place_and_its_parts(
    source: str, title: str, description: str
) -> None:
    content, changes = cleaned(source)

    assert f"accTitle: {title}\n" in content
    assert f"accDescr: {description}\n" in content
    assert [(change.kind, change.after) for change in changes] == [
        ("inferred", title),
        ("inferred", description),
    ]


def test_kinds_without_a_syntax_for_words_carry_them_as_comments() -> None:
    content, _ = cleaned("mindmap\n  root((Caching))\n    Where\n    Why")

    assert content == (
        "mindmap\n"
        "  %% accTitle: Caching\n"
        "  %% accDescr: Mind map of Caching, Where and Why.\n"
        "  root((Caching))\n    Where\n    Why\n"
    )


def test_a_description_that_says_nothing_is_replaced() -> None:
    content, changes = cleaned("flowchart LR\n  accTitle: X\n  accDescr {\n    X\n  }\n  A --> B")

    assert content == (
        "flowchart LR\n  accDescr: Flowchart of A and B.\n  accTitle: X\n  A --> B\n"
    )
    assert [(change.kind, change.before) for change in changes] == [
        ("changed", "  accDescr {\n    X\n  }")
    ]


def test_a_label_before_the_diagram_names_it_and_a_second_one_is_told_apart() -> None:
    fence = "```mermaid\nflowchart LR\n  A --> B\n```\n"
    text = f"# Caching\n\n**How a `GET` works:**\n\n{fence}\n{fence}\n- item\n\n{fence}"
    done = diagrams(outlined(text))

    titles = [content.split("\n")[1].strip() for content in fences(done.root)]
    assert titles == ["accTitle: How a GET works", "accTitle: Caching", "accTitle: Caching (2)"]


def test_a_diagram_in_a_list_item_is_cleaned_at_its_own_line() -> None:
    lines = ["```mermaid", "flowchart LR", *SAID.split("\n")[:2], "style A fill:#f00", "```"]
    indented = "\n".join(f"   {line}" for line in lines)
    done = diagrams(outlined(f"# Caching\n\n1. one\n\n{indented}\n"))

    assert [(change.kind, change.line) for change in done.changes] == [("removed", 9)]


@pytest.mark.parametrize(
    ("kind", "line", "after"),
    [
        ("flowchart LR", "A[Client (web)] --> B", 'A["Client (web)"] --> B'),
        ("flowchart LR", "A{Is (x)?} --> B(f (x))", 'A{"Is (x)?"} --> B("f (x)")'),
        ("flowchart LR", "A -->|GET /u/{id}| B", 'A -->|"GET /u/{id}"| B'),
        ("flowchart LR", 'A[Say "hi"] --> B', 'A["Say #quot;hi#quot;"] --> B'),
        ("flowchart LR", "A[/path] --> B[a [0]]", 'A["/path"] --> B["a [0]"]'),
        ("flowchart LR", "subgraph Servers (EU)", 'subgraph "Servers (EU)"'),
        ("sequenceDiagram", "A->>B: SELECT 1; done", "A->>B: SELECT 1#59; done"),
    ],
)
def test_text_that_mermaid_takes_for_syntax_is_quoted(kind: str, line: str, after: str) -> None:
    end = "\n  C --> D\n  end" if line.startswith("subgraph") else ""
    content, changes = cleaned(f"{kind}\n{SAID}  {line}{end}")

    assert content == f"{kind}\n{SAID}  {after}{end}\n"
    assert [(change.kind, change.before) for change in changes] == [("repaired", f"  {line}")]
    assert draw(content).error is None


@pytest.mark.parametrize(
    ("kind", "line"),
    [
        ("flowchart LR", "A[(Database)] --> B((x)) --> C([y]) --> D[[z]] --> E{{h}}"),
        ("flowchart LR", 'A["Client (web)"] --> B[/in/]'),
        ("flowchart LR", "A[never closed (x --> B"),
        ("sequenceDiagram", "A->>B: x; B->>A: y"),
        ("sequenceDiagram", "A->>B: x;"),
    ],
)
def test_what_is_right_or_unclear_stays(kind: str, line: str) -> None:
    assert cleaned(f"{kind}\n{SAID}  {line}") == (f"{kind}\n{SAID}  {line}\n", [])


def test_commits_get_ids_that_no_other_has() -> None:
    content, _ = cleaned(f'gitGraph\n{SAID}  commit\n  commit id: "c2"\n  commit tag: "v1"')

    assert content.endswith('  commit id: "c1"\n  commit id: "c2"\n  commit tag: "v1" id: "c3"\n')


@pytest.mark.parametrize(
    "drawing",
    [
        "@startuml\nA -> B\n@enduml",
        "digraph G {\n  a -> b\n}",
        "+---+     +---+\n| A | --> | B |\n+---+     +---+",
        "┌───┐\n│ A │\n└───┘\n  ▼\n",
    ],
)
def test_other_drawings_are_flagged_and_left(drawing: str) -> None:
    before = outlined(f"```text\n{drawing}\n```\n")
    done = diagrams(before)

    assert done.root == before.root
    assert [(change.kind, change.line) for change in done.changes] == [("flagged", 1)]


@pytest.mark.parametrize(
    "text",
    [
        "src\n├── a.py\n├── b.py\n└── c.py",
        "+----+------+\n| id | name |\n+----+------+\n|  1 | x    |\n+----+------+",
        "one\ntwo\nthree",
    ],
)
def test_trees_and_tables_are_no_drawings(text: str) -> None:
    assert diagrams(outlined(f"```text\n{text}\n```\n")).changes == ()


def test_a_diagram_that_cannot_be_drawn_is_shown_as_it_was() -> None:
    source = "flowchart LR\n  A[x --> B\n  style A fill:#f00\n"
    fine = "flowchart LR\n  A --> B\n"
    before = outlined(f"# X\n\n```mermaid\n{source}```\n\n```mermaid\n{fine}```\n")
    done = diagrams(before)
    broken = fences(done.root)[0]

    root, changes = as_text(done.root, done.changes, broken, "`A[x --> B` does not fit")

    assert fences(root)[0] == source
    assert [block.tokens[0].info for block in root.sections[0].blocks] == ["text", "mermaid"]
    assert all(change.line >= 9 for change in changes[:-1])
    assert changes[-1] == Change(
        "flagged",
        BY,
        3,
        "a diagram that cannot be drawn, shown as text: `A[x --> B` does not fit",
        before="mermaid",
        after="text",
    )


def test_what_is_in_house_form_stays_as_it_is() -> None:
    text = "# X\n\n```mermaid\ngraph TD\n A[a (b)]:::c --> B;\n classDef c fill:red\n```\n"
    once: Document = diagrams(outlined(text))
    again = diagrams(outlined(f"# X\n\n```mermaid\n{fences(once.root)[0]}```\n"))

    assert fences(again.root) == fences(once.root)
    assert again.changes == ()


@pytest.mark.parametrize("char", ["[", "(", '"', "|", ":::", "-", "style A ", "accDescr {\n", ";"])
def test_hostile_diagrams_end_quickly(char: str) -> None:
    hostile = outlined(f"```mermaid\nflowchart LR\n{char * 5_000}\n```\n")
    start = time.perf_counter()
    diagrams(hostile)
    assert time.perf_counter() - start < 30


def test_a_diagram_beyond_reading_is_left_and_flagged() -> None:
    source = "flowchart LR\n" + "  A --> B\n" * 3_000
    done = diagrams(outlined(f"```mermaid\n{source}```\n"))

    assert fences(done.root) == [source]
    assert [change.kind for change in done.changes] == ["flagged"]
