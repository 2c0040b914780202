"""`guide normalize` writes drafts, navigation and ledger, all or nothing and over nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from guide.normalizing.taking_in import write
from mini_project import MiniProject
from unseen_documents import Done, guide

RAW = """\
# Study notes

Notes on the protocol.

## Questions

### 1. What does HTTP GET mean?

It reads.

### 2. What is HTTP GET?

It reads and changes nothing.

### 3. Why POST?

```js
{"id": 1}
```
"""


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    path = tmp_path / "study-notes.md"
    path.write_text(RAW)
    return path


def normalize(project: MiniProject, *arguments: str | Path) -> Done:
    return guide(project.root, "normalize", *map(str, arguments))


def files(project: MiniProject) -> dict[str, bytes]:
    """Everything in the project that an author has written or keeps."""
    paths = [project.path("mkdocs.yml"), *project.path("docs").rglob("*")]
    return {
        path.relative_to(project.root).as_posix(): path.read_bytes()
        for path in paths
        if path.is_file()
    }


PAGE = "docs/intake/study-notes/study-notes.md"


def test_pages_navigation_and_ledger_are_written(project: MiniProject, raw: Path) -> None:
    done = normalize(project, raw)

    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith(f"Wrote {PAGE}, the navigation and the ledger.\n")
    assert project.read(PAGE).startswith('---\ntitle: "Study notes"\ndescription: "Draft from')
    assert "### Why POST? { #post }\n" in project.read(PAGE)
    assert "```json\n" in project.read(PAGE)
    assert project.read("mkdocs.yml").endswith(
        "  - Drafts:\n      - Study notes:\n          - intake/study-notes/study-notes.md\n"
    )
    documents = project.read("docs/sources/documents.yml")
    assert documents.endswith("  slug: study-notes\n  draft: true\n")
    units = project.read("docs/sources/units.yml")
    assert '- {id: s1-q03, kind: question, title: "Why POST?"' in units
    coverage = project.read("docs/sources/coverage.yml")
    assert "- {unit: s1-q03, at: [intake/study-notes/study-notes#post]}" in coverage


def test_what_it_writes_passes_the_check_and_is_published_nowhere(
    project: MiniProject, raw: Path
) -> None:
    normalize(project, raw)

    assert guide(project.root, "check", "--fix").returncode == 0
    done = guide(project.root, "build")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not project.path("site/intake").exists()
    assert "study-notes" not in project.read("site/sitemap.xml")


def test_nothing_is_overwritten_unless_asked(project: MiniProject, raw: Path) -> None:
    normalize(project, raw)
    project.write(PAGE, project.read(PAGE).replace("It reads.", "It reads, says a reviewer."))
    before = files(project)

    done = normalize(project, raw)

    assert (done.returncode, done.stderr) == (
        1,
        f"guide: {PAGE} is there already; --force replaces it, --name renames\n"
        "Nothing was written.\n",
    )
    assert files(project) == before


def test_by_force_the_earlier_result_is_replaced_without_a_rest(
    project: MiniProject, raw: Path
) -> None:
    normalize(project, raw)
    first = files(project)
    chapters = "## One\n\n### What is a?\n\n### What is b?\n\n## Two\n\n### Why c?\n\n### Why d?\n"
    raw.write_text(f"# Study notes\n\n{chapters}")
    normalize(project, raw, "--force")
    assert not project.path(PAGE).exists()
    assert project.path("docs/intake/study-notes/two.md").exists()

    raw.write_text(RAW)
    normalize(project, raw, "--force")

    assert files(project) == first


def test_a_dry_run_says_all_and_writes_nothing(project: MiniProject, raw: Path) -> None:
    before = files(project)

    done = normalize(project, raw, "--dry-run")

    assert done.returncode == 0
    assert "Nothing is lost" in done.stdout
    assert done.stdout.endswith("Nothing was written.\n")
    assert files(project) == before


def test_a_diff_shows_what_would_change_and_writes_nothing(project: MiniProject, raw: Path) -> None:
    normalize(project, raw)
    before = files(project)
    raw.write_text(RAW.replace("It reads.", "It only reads."))

    done = normalize(project, raw, "--diff")

    assert f"--- a/{PAGE}\n+++ b/{PAGE}\n" in done.stdout
    assert "-**In 30 seconds.** It reads.\n+**In 30 seconds.** It only reads.\n" in done.stdout
    assert files(project) == before


def test_pages_go_into_an_area_if_asked(project: MiniProject, raw: Path) -> None:
    done = normalize(project, raw, "--area", "http")

    assert (done.returncode, done.stderr) == (0, "")
    assert "draft: true" in project.read("docs/http/study-notes.md")
    assert "  - http/methods.md\n  - http/study-notes.md\n" in project.read("mkdocs.yml")
    assert guide(project.root, "check").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--area", "htpp"], "there is no area `htpp`; did you mean `http`?"),
        (["--report", "out.txt"], "out.txt: a report is a .md or a .json file"),
        (["--report", "none/out.md"], "none/out.md: there is no such folder"),
        (["--name", "x", "other.md"], "--name and --report are for one file at a time"),
    ],
)
def test_wrong_options_are_explained(
    project: MiniProject, raw: Path, arguments: list[str], message: str
) -> None:
    done = normalize(project, raw, *arguments)

    assert done.returncode == 2
    assert message in done.stderr
    assert not project.path("docs/intake").exists()


def test_the_report_is_written_as_markdown_and_json(
    project: MiniProject, raw: Path, tmp_path: Path
) -> None:
    reports = [tmp_path / "report.md", tmp_path / "report.json"]
    normalize(project, raw, "--report", reports[0], "--report", reports[1])

    assert "Nothing is lost" in reports[0].read_text()
    report = json.loads(reports[1].read_text())
    questions = [unit for unit in report["units"] if unit["kind"] == "question"]
    assert [unit["at"] for unit in questions] == [
        "intake/study-notes/study-notes#http-get-mean",
        "intake/study-notes/study-notes#http-get",
        "intake/study-notes/study-notes#post",
    ]
    assert questions[1]["duplicate_of"] == ["q01"]


def test_level_and_tags_are_inferred_with_a_confidence_or_left_out(
    project: MiniProject, raw: Path
) -> None:
    said = normalize(project, raw).stdout
    assert re.search(r"\n    line 1: tags of study-notes\.md: http \(\d+ %\)", said)

    raw.write_text("# Gardens\n\nOf roses and tulips.\n")
    said = normalize(project, raw, "--force").stdout
    assert "line 1, relating: no level for study-notes.md: nothing says it clearly enough" in said
    assert "line 1, relating: no tags for study-notes.md: nothing says it clearly enough" in said
    assert "level:" not in project.read(PAGE)


def test_a_diagram_that_cannot_be_drawn_is_text_as_the_document_has_it(
    project: MiniProject, raw: Path
) -> None:
    source = "graph TD\n  A[open --> B\n  style A fill:#f00"
    raw.write_text(f"# Notes\n\nLook:\n\n```mermaid\n{source}\n```\n")

    done = normalize(project, raw)

    assert done.returncode == 0
    assert f"```text\n{source}\n```" in project.read(PAGE)
    assert "line 5, diagrams: a diagram that cannot be drawn, shown as text: " in done.stdout
    assert guide(project.root, "check").returncode == 0


def test_questions_that_ask_the_same_are_merged_if_wanted(
    project: MiniProject, raw: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def confirm(text: str, default: bool = False) -> bool:
        asked.append(text)
        return True

    monkeypatch.setattr("click.confirm", confirm)
    done = normalize(project, raw, "--interactive")

    assert done.returncode == 0
    assert asked == [
        "`What is HTTP GET?` (line 11) asks the same as `What does HTTP GET mean?` (line 7). "
        "Merge them?"
    ]
    page = project.read(PAGE)
    assert "**In depth.** It reads and changes nothing." in page
    assert "### What is HTTP GET?" not in page
    assert "merged into the question on line 7" in done.stdout


def test_a_document_named_like_a_published_one_gets_the_next_name(
    project: MiniProject, tmp_path: Path
) -> None:
    raw = tmp_path / "old-notes.md"
    raw.write_text(RAW)

    done = normalize(project, raw)

    assert done.returncode == 0
    assert "docs/intake/old-notes-2/old-notes.md" in done.stdout
    refused = normalize(project, raw, "--name", "old-notes", "--force")
    assert (refused.returncode, refused.stderr) == (
        1,
        "guide: the document `old-notes` is in the ledger and no draft any more; "
        "give another --name\nNothing was written.\n",
    )


def test_documents_of_one_run_link_to_each_other_and_share_no_ids(
    project: MiniProject, tmp_path: Path
) -> None:
    question = "## Questions\n\n### What is a lease?\n\nA lock that ends by itself.\n"
    first, second = tmp_path / "first.md", tmp_path / "second.md"
    first.write_text(f"# First\n\nSee [leases](second.md#what-is-a-lease).\n\n{question}")
    second.write_text(f"# Second\n\n{question}")

    done = normalize(project, first, second)

    assert (done.returncode, done.stderr) == (0, "")
    page = project.read("docs/intake/first/first.md")
    assert "[leases](../second/second.md#lease-2)" in page
    assert "### What is a lease? { #lease }" in page
    assert "{ #lease-2 }" in project.read("docs/intake/second/second.md")
    assert guide(project.root, "check").returncode == 0


def test_documents_of_the_same_name_are_told_apart(project: MiniProject, tmp_path: Path) -> None:
    paths = [tmp_path / folder / "notes.md" for folder in ("a", "b")]
    for path in paths:
        path.parent.mkdir()
        path.write_text(f"# Of {path.parent.name}\n\nSomething to read in [it](notes.md).\n")

    done = normalize(project, *paths)

    assert (done.returncode, done.stderr) == (0, "")
    assert "# Of a" in project.read("docs/intake/notes/notes.md")
    assert "# Of b" in project.read("docs/intake/notes-2/notes.md")


def test_if_one_file_cannot_be_written_none_is(project: MiniProject) -> None:
    before = files(project)
    wanted = {
        "docs/new/page.md": b"new",
        "docs/index.md": b"changed",
        "docs/http/methods.md": None,
        "docs/tags.yml/impossible.md": b"a file is in the way",
    }

    with pytest.raises(OSError, match=r"tags\.yml"):
        write(project.root, wanted)

    assert files(project) == before
    assert not project.path("docs/new").exists()
