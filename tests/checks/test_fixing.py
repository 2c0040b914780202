"""`--fix` changes what it says and nothing else."""

from __future__ import annotations

from guide.checks import Edit
from guide.checks.fixing import apply_edits, fix_files
from mini_project import TOPIC, MiniProject

PAGE = "docs/http/methods.md"


def test_windows_line_ends_are_converted(project: MiniProject) -> None:
    project.write(PAGE, TOPIC.replace("\n", "\r\n").encode())
    findings = project.findings()
    assert [finding.rule for finding in findings] == ["file-newlines"]

    assert fix_files(project.root, findings) == {PAGE: 1}

    assert project.path(PAGE).read_bytes() == TOPIC.encode()


def test_a_byte_order_mark_is_removed(project: MiniProject) -> None:
    project.write(PAGE, b"\xef\xbb\xbf" + TOPIC.encode())

    fix_files(project.root, project.findings())

    assert project.path(PAGE).read_bytes() == TOPIC.encode()


def test_of_two_fixes_that_overlap_the_first_is_applied() -> None:
    first = (Edit(1, 1, 1, 4, "ONE"),)
    second = (Edit(1, 3, 1, 6, "x"),)

    assert apply_edits("one two\n", [second, first]) == ("ONE two\n", 1)


def test_fixes_side_by_side_are_all_applied() -> None:
    fixes = [(Edit(1, 1, 1, 4, "1"),), (Edit(1, 5, 1, 8, "2"), Edit(2, 1, 2, 1, "3 "))]

    assert apply_edits("one two\nfour\n", fixes) == ("1 2\n3 four\n", 2)


def test_a_finding_without_a_fix_leaves_its_file_alone(project: MiniProject) -> None:
    project.replace("docs/index.md", "#methods-safe", "#gone")
    before = project.read("docs/index.md")

    assert fix_files(project.root, project.findings()) == {}

    assert project.read("docs/index.md") == before
