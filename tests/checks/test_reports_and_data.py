"""Each way to break a page is one finding at its place, with a way out."""

from __future__ import annotations

import json

import pytest

from guide.checks import REPORTERS, Finding, check_sources, report
from mini_project import MiniProject

PAGE = "docs/http/methods.md"


def only(project: MiniProject) -> Finding:
    findings = project.findings()
    assert len(findings) == 1, findings
    return findings[0]


def test_the_miniature_guide_is_clean(project: MiniProject) -> None:
    assert project.findings() == []


def test_a_link_to_a_missing_page_names_the_nearest(project: MiniProject) -> None:
    project.replace("docs/index.md", "http/methods.md#methods-safe", "http/method.md")

    finding = only(project)

    assert (finding.path, finding.line, finding.column) == ("docs/index.md", 8, 12)
    assert finding.message == "`http/method.md` leads nowhere: there is no docs/http/method.md"
    assert finding.hint == "did you mean `http/methods.md`?"


def test_a_wrong_anchor_names_the_nearest(project: MiniProject) -> None:
    project.replace("docs/index.md", "#methods-safe", "#method-safe")

    finding = only(project)

    assert finding.rule == "link-anchor"
    assert finding.message == (
        "`http/methods.md#method-safe`: there is no `#method-safe` on docs/http/methods.md"
    )
    assert finding.hint == "did you mean `methods-safe`?"


def test_code_that_does_not_parse_is_found_at_its_line_in_the_page(project: MiniProject) -> None:
    text = project.read(PAGE).replace("Links that delete.", "```json\n{\n  'a': 1\n}\n```")
    project.write(PAGE, text)

    finding = only(project)

    assert finding.rule == "code-syntax"
    assert project.read(PAGE).split("\n")[finding.line - 1] == "  'a': 1"


def test_a_page_missing_from_the_navigation_is_found(project: MiniProject) -> None:
    project.replace("mkdocs.yml", "  - http/methods.md\n", "")

    assert project.reported() == [f"{PAGE}:1 nav-complete the page is not in the navigation"]


def test_a_navigation_entry_without_a_page_is_found(project: MiniProject) -> None:
    line = project.replace("mkdocs.yml", "  - http/methods.md", "  - http/methods.md\n  - no.md")

    assert project.reported() == [
        f"mkdocs.yml:{line + 1} nav-complete the navigation names `no.md`, which does not exist"
    ]


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        (
            "docs/sources/coverage.yml",
            "http/methods#how-it-works",
            "http/methods#how-it-work",
            "`s0-q01` is said to be at `http/methods#how-it-work`, but docs/http/methods.md has no"
            " such anchor",
        ),
        (
            "docs/sources/coverage.yml",
            "s0-q01",
            "s0-q99",
            "`s0-q99` does not exist",
        ),
        (
            "docs/sources/units.yml",
            "errata: [E001]",
            "errata: [E002]",
            "`E002` does not exist",
        ),
    ],
)
def test_a_ledger_that_leads_nowhere_is_found(
    project: MiniProject, file: str, old: str, new: str, message: str
) -> None:
    line = project.replace(file, old, new)

    assert f"{file}:{line} ledger {message}" in project.reported()


def test_a_written_topic_must_cover_its_units(project: MiniProject) -> None:
    project.write("docs/sources/coverage.yml", "[]\n")

    assert project.reported() == [
        "docs/sources/units.yml:1 ledger `s0-q01` (The methods) is not covered, though"
        f" {PAGE} is written"
    ]


def test_circular_prerequisites_are_found(project: MiniProject) -> None:
    project.replace(
        "docs/topics.yml", "level: core\n", "level: core\n    prerequisites: [caching]\n"
    )
    project.replace(PAGE, "prerequisites: []", "prerequisites: [caching]")

    assert only(project).message == "prerequisites form a circle: methods -> caching -> methods"


def test_a_broken_data_file_is_one_finding_not_hundreds(project: MiniProject) -> None:
    project.write("docs/topics.yml", "areas: [\n")

    assert [(f.path, f.rule) for f in project.findings()] == [("docs/topics.yml", "data-file")]


def test_a_misspelt_key_in_a_data_file_is_found_at_its_line(project: MiniProject) -> None:
    line = project.replace("docs/topics.yml", "    summary: What", "    sumary: What")

    reported = project.reported()

    assert f"docs/topics.yml:{line} data-file unknown key `topics.0.sumary`" in reported


def test_nothing_to_check_is_a_finding(project: MiniProject) -> None:
    for page in project.path("docs").rglob("*.md"):
        page.unlink()
    for name in ("topics.yml", "sources/documents.yml", "sources/units.yml"):
        project.path(f"docs/{name}").unlink()

    assert "docs:1 nothing-checked there are no fences to check" in project.reported()


def test_the_terminal_report_gives_place_rule_hint_and_counts(project: MiniProject) -> None:
    project.replace("docs/index.md", "#methods-safe", "#method-safe")

    text = REPORTERS["text"](check_sources(project.library()))

    assert text.startswith(
        "docs/index.md:8:12 error[link-anchor] `http/methods.md#method-safe`: there is no"
        " `#method-safe` on docs/http/methods.md\n  hint: did you mean `methods-safe`?\n"
    )
    assert text.endswith(" 1 finding.")


def test_the_github_report_escapes_what_would_end_the_annotation() -> None:
    finding = Finding("docs/a,b.md", 2, 3, "rule", "100% wrong\nreally", "fix it")

    text = REPORTERS["github"](report([finding], {}))

    assert text == (
        "::error file=docs/a%2Cb.md,line=2,col=3,title=rule::100%25 wrong%0Areally%0Afix it"
    )


def test_the_json_report_is_json(project: MiniProject) -> None:
    project.replace("docs/index.md", "#methods-safe", "#method-safe")

    data = json.loads(REPORTERS["json"](check_sources(project.library())))

    assert data["findings"][0]["line"] == 8
    assert data["counts"]["questions"] == 1
