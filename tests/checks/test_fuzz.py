"""Hostile files never crash or hang the checks and never make them read outside the project."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from fuzzing import Case, Corpus, Harness, make_case, shrink
from guide.library import Library
from guide.project import load
from mini_project import MiniProject
from support import ROOT

PAGE = "docs/http/methods.md"
FILES = 200


def test_hostile_files_end_in_findings(project: MiniProject) -> None:
    harness = Harness(project.root)
    corpus = Corpus.read(project.root, ROOT)

    failures = [harness.run(make_case(seed, corpus)) for seed in range(FILES)]

    assert list(filter(None, failures)) == []


def test_a_seed_makes_the_same_file_again(project: MiniProject) -> None:
    corpus = Corpus.read(project.root, ROOT)

    assert [make_case(seed, corpus) for seed in range(50)] == [
        make_case(seed, corpus) for seed in range(50)
    ]


def test_a_case_leaves_the_project_as_it_was(project: MiniProject) -> None:
    before = project.read(PAGE)
    harness = Harness(project.root)

    for kind in ("file", "link", "folder"):
        harness.run(Case(0, PAGE, kind, b"methods.md"))

    assert project.read(PAGE) == before
    assert project.findings() == []


def test_a_read_outside_the_project_is_noticed(
    project: MiniProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("secret", "utf-8")
    monkeypatch.setattr("fuzzing.harness.load", lambda root: secret.read_text("utf-8"))

    failure = Harness(project.root).run(Case(0, PAGE, "file", b"# x\n"))

    assert failure is not None
    assert (failure.kind, failure.where) == ("outside", f"open {os.path.realpath(secret)}")


def test_what_another_thread_reads_is_not_the_files_doing(
    project: MiniProject, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = tmp_path / "served.html"
    page.write_text("served", "utf-8")
    reader, asked = ThreadPoolExecutor(1), []
    reader.submit(page.read_text).result()

    def load_while_serving(root: Path) -> Library:
        asked.append(reader.submit(page.read_text, "utf-8").result())
        return load(root)

    monkeypatch.setattr("fuzzing.harness.load", load_while_serving)

    with reader:
        failure = Harness(project.root).run(Case(0, PAGE, "file", b"# x\n"))

    assert (failure, asked) == (None, ["served"])


def test_a_hang_is_noticed(project: MiniProject, monkeypatch: pytest.MonkeyPatch) -> None:
    def spin(root: Path) -> None:
        while True:
            pass

    monkeypatch.setattr("fuzzing.harness.load", spin)

    failure = Harness(project.root, limit=0.1).run(Case(0, PAGE, "file", b"# x\n"))

    assert failure is not None
    assert (failure.kind, failure.detail) == ("hang", "more than 0.1 s")


def test_a_failing_file_shrinks_to_what_makes_it_fail(
    project: MiniProject, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(root: Path) -> None:
        if "boom" in project.read(PAGE):
            raise ValueError("boom")

    monkeypatch.setattr("fuzzing.harness.load", fail)
    monkeypatch.setattr("fuzzing.harness.check_sources", lambda library: _NO_FINDINGS)
    monkeypatch.setattr("fuzzing.harness.REPORTERS", {})
    harness = Harness(project.root)
    failure = harness.run(Case(0, PAGE, "file", b"# Title\n\nA line with boom in it.\n\nMore.\n"))
    assert failure is not None

    assert shrink(failure, harness).case.data == b"boom"


class _Report:
    findings = ()


_NO_FINDINGS = _Report()


@pytest.mark.parametrize(
    "case",
    [
        Case(0, PAGE, "link", b"methods.md"),
        Case(0, PAGE, "pipe", b""),
        Case(0, PAGE, "file", b"---\ntitle: x\n---\n\n# x\n\n<![[x]: <![...\n-->~~'"),
        Case(0, "docs/sources/units.yml", "file", b"- {id: s,kind: question,title: g,topics: []}"),
        Case(
            0,
            "mkdocs.yml",
            "file",
            b"markdown_extensions: [toc: {e: 1}, pymdownx.snippets, pymdownx.superfences]",
        ),
    ],
    ids=["link loop", "pipe", "markup declaration", "unit id", "extension option"],
)
def test_what_once_broke_the_checks_is_only_reported(project: MiniProject, case: Case) -> None:
    assert Harness(project.root).run(case) is None
