"""Every published address is recorded in docs/ids.txt, and none is lost."""

from __future__ import annotations

from in_process import guide
from mini_project import MiniProject

MANIFEST = "docs/ids.txt"


def test_fix_records_pages_and_ids_in_reading_order(recorded: MiniProject) -> None:
    lines = recorded.read(MANIFEST).split("\n")

    start = lines.index("http/methods.md")
    assert lines[start + 1 : start + 6] == [
        "http/methods.md#the-problem",
        "http/methods.md#how-it-works",
        "http/methods.md#in-code",
        "http/methods.md#trade-offs",
        "http/methods.md#pitfalls",
    ]
    assert "glossary.md#term-safe" in lines


def test_what_is_not_recorded_is_not_published(project: MiniProject) -> None:
    done = guide(project.root, "build")

    assert done.returncode == 1
    assert "docs/ids.txt:1:1 error[id-recorded]" in done.stdout
    assert not project.path("site").exists()


def test_a_lost_id_stays_recorded_until_a_redirect_says_where_it_is(recorded: MiniProject) -> None:
    line = recorded.replace("docs/http/methods.md", "## The problem", "## The trouble")
    recorded.replace("docs/http/methods.md", "## The trouble", "## The problem { #trouble }")

    done = guide(recorded.root, "check", "--fix")

    assert done.returncode == 1
    assert f"docs/http/methods.md:{line}:1 error[id-permanence]" in done.stdout
    lines = recorded.read(MANIFEST).split("\n")
    assert "http/methods.md#the-problem" in lines
    assert "http/methods.md#trouble" not in lines

    recorded.write(
        "docs/redirects.yml",
        "- {old: http/methods.md#the-problem, new: http/methods.md#trouble}\n",
    )

    assert guide(recorded.root, "check", "--fix").returncode == 0
    lines = recorded.read(MANIFEST).split("\n")
    assert {"http/methods.md#the-problem", "http/methods.md#trouble"} <= set(lines)


def test_recording_twice_changes_nothing(recorded: MiniProject) -> None:
    before = recorded.path(MANIFEST).stat().st_mtime_ns

    assert guide(recorded.root, "check", "--fix").returncode == 0

    assert recorded.path(MANIFEST).stat().st_mtime_ns == before
