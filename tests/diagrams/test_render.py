from __future__ import annotations

import logging
from pathlib import Path

import pytest

from guide.diagrams import render
from guide.diagrams.cache import DiagramCache
from guide.diagrams.engine import DiagramError, Drawn, explain, source_line
from guide.diagrams.render import render_diagrams

SOURCE = "flowchart TD\n  A --> B\n"


@pytest.fixture
def drawn_sources(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The sources handed to a stand-in for the engine."""
    sources: list[str] = []

    def draw(source: str) -> Drawn:
        sources.append(source)
        return Drawn("<svg>é</svg>")

    monkeypatch.setattr(render, "draw", draw)
    return sources


def test_what_the_cache_holds_is_not_drawn_again(tmp_path: Path, drawn_sources: list[str]):
    first = render_diagrams([SOURCE], tmp_path)
    second = render_diagrams([SOURCE], tmp_path)
    assert drawn_sources == [SOURCE]
    assert first == second == {SOURCE: Drawn("<svg>é</svg>")}


def test_equal_sources_are_drawn_once(tmp_path: Path, drawn_sources: list[str]):
    render_diagrams([SOURCE, SOURCE], tmp_path)
    assert drawn_sources == [SOURCE]


@pytest.mark.parametrize("damage", [b"", b"<svg", b"\xff\xfe", b"<svg>other</svg>\n"])
def test_a_damaged_cache_file_is_drawn_again(
    tmp_path: Path, drawn_sources: list[str], damage: bytes
):
    render_diagrams([SOURCE], tmp_path)
    DiagramCache(tmp_path).path(SOURCE).write_bytes(damage)
    assert render_diagrams([SOURCE], tmp_path)[SOURCE].svg == "<svg>é</svg>"
    assert drawn_sources == [SOURCE, SOURCE]


def test_a_changed_byte_in_a_cache_file_is_noticed(tmp_path: Path, drawn_sources: list[str]):
    render_diagrams([SOURCE], tmp_path)
    file = DiagramCache(tmp_path).path(SOURCE)
    file.write_text(file.read_text("utf-8").replace("é", "e"), "utf-8")
    render_diagrams([SOURCE], tmp_path)
    assert drawn_sources == [SOURCE, SOURCE]


def test_a_cache_that_cannot_be_written_is_told_once_and_drawing_goes_on(
    tmp_path: Path, drawn_sources: list[str], caplog: pytest.LogCaptureFixture
):
    blocked = tmp_path / "file" / "cache"
    blocked.parent.write_text("not a directory")
    with caplog.at_level(logging.WARNING):
        drawn = render_diagrams([SOURCE, SOURCE + "%%"], blocked)
    assert drawn[SOURCE].svg == "<svg>é</svg>"
    assert caplog.messages == [
        f"diagrams are drawn anew each time: {blocked} is not writable"
        " (Not a directory); make it writable or remove it"
    ]


def test_no_temporary_file_is_left_behind(tmp_path: Path, drawn_sources: list[str]):
    render_diagrams([SOURCE], tmp_path)
    assert list(tmp_path.iterdir()) == [DiagramCache(tmp_path).path(SOURCE)]


def test_progress_counts_up_to_the_total(tmp_path: Path, drawn_sources: list[str]):
    render_diagrams(["a"], tmp_path)
    seen: list[tuple[int, int]] = []
    render_diagrams(["a", "b", "c"], tmp_path, lambda *now: seen.append(now), workers=1)
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_one_broken_diagram_leaves_the_others_drawn_in_parallel(tmp_path: Path):
    good = ['pie\n  "a" : 1\n', 'pie\n  "a" : 2\n']
    broken = "flowchart TD\n  A[Start] --> B\n  B --> C[open\n  C --> D\n"
    drawn = render_diagrams([good[0], broken, good[1]], tmp_path, workers=2)
    assert all(drawn[source].svg.startswith("<svg ") for source in good)
    assert drawn[broken].error == DiagramError(
        "the diagram ends too early; is something left open?", 4
    )
    assert not DiagramCache(tmp_path).path(broken).exists()


def test_a_broken_line_is_counted_with_the_comments_above_it(tmp_path: Path):
    source = "%% a comment\nsequenceDiagram\n  A->>B: hi\n  %% another\n  A->B\n  B->>A: ho\n"
    error = render_diagrams([source], tmp_path)[source].error
    assert error is not None
    assert error.line == 5
    assert error.message == "`A->B` does not fit the syntax"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("", DiagramError("it is empty")),
        ("flowcart TD\n  A", DiagramError("`flowcart` is not a kind of diagram", 1)),
        (
            'gitGraph\n  commit id: "a"\n  commit\n',
            DiagramError('this commit has no `id: "..."`, and a random one would be drawn', 3),
        ),
        (
            "sequenceDiagram\n  deactivate B\n",
            DiagramError("Trying to inactivate an inactive participant (B)"),
        ),
        ('pie\n  "a" : x\n', DiagramError("unexpected character: ->x<- at offset: 12", 2)),
    ],
)
def test_errors_say_what_is_wrong(tmp_path: Path, source: str, error: DiagramError):
    assert render_diagrams([source], tmp_path)[source] == Drawn("", error)


def test_an_unknown_message_is_passed_on_in_one_line():
    assert explain("Mermaid rendering failed: Error: Odd.\nstack", "x") == DiagramError("Odd.")


def test_a_line_past_the_end_is_the_last_one_with_content():
    assert source_line("flowchart TD\n  A -->\n\n", 9) == 2
