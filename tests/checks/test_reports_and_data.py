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


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("HTTP/methods.md", "`HTTP/methods.md` leads nowhere: there is no docs/HTTP/methods.md"),
        (
            "/http/methods/",
            "`/http/methods/` is an absolute path, which breaks under a project sub-path",
        ),
        ("../README.md", "`../README.md` leaves docs/"),
        ("htps://example.com", "`htps://example.com` uses the scheme `htps`"),
        ("http/methods/", "`http/methods/` leads nowhere: there is no docs/http/methods"),
    ],
)
def test_links_that_break_once_published(project: MiniProject, target: str, message: str) -> None:
    project.replace("docs/index.md", "http/methods.md#methods-safe", target)

    finding = only(project)

    assert finding.rule == "link-target"
    assert finding.message == message
    assert finding.hint


@pytest.mark.parametrize(
    ("old", "new", "rule", "message", "at"),
    [
        ("```http\n", "```\n", "fence-language", "this fence names no language", "```"),
        (
            "```http\n",
            "```htpp\n",
            "fence-language",
            "`htpp` is no language that the guide can verify",
            "```htpp",
        ),
        (
            '``` { .python title="example.py" }',
            "```python title=example.py",
            "fence-header",
            "this fence header cannot be parsed: ```python title=example.py",
            "```python title=example.py",
        ),
        (
            "example.py:show",
            "example.py:shown",
            "snippet-path",
            "`http/code/greeting/example.py` has no section `shown`",
            '--8<-- "http/code/greeting/example.py:shown"',
        ),
        (
            "greeting/example.py:show",
            "greetings/example.py:show",
            "snippet-path",
            "the included file `http/code/greetings/example.py` does not exist",
            '--8<-- "http/code/greetings/example.py:show"',
        ),
        (
            "  accTitle: From client to server\n",
            "",
            "diagram-text",
            "the diagram has no accTitle",
            "```mermaid",
        ),
        (
            "{ #methods-safe .core }",
            "{ .core }",
            "heading-ids",
            "`Which methods are safe?` has no id of its own",
            "### Which methods are safe? { .core }",
        ),
        (
            "{ #methods-head }",
            "{ #methods-safe }",
            "heading-ids",
            f"the id `methods-safe` is taken by {PAGE}:58",
            "### Which method has no body in its response? { #methods-safe }",
        ),
        (
            "{ #methods-head }",
            "{ #Methods_Head }",
            "heading-ids",
            "the id `Methods_Head` is not kebab-case",
            "### Which method has no body in its response? { #Methods_Head }",
        ),
        (
            "## Pitfalls",
            "## Pitfals",
            "anatomy",
            "`Pitfals` is no section of a topic page",
            "## Pitfals",
        ),
        (
            "# HTTP methods\n",
            "# The methods\n",
            "anatomy",
            "the heading `The methods` differs from the title `HTTP methods`",
            "# The methods",
        ),
        (
            "GET reads, POST acts. The lead stands alone.\n",
            "",
            "anatomy",
            "there is no lead under the title",
            "# HTTP methods",
        ),
        (
            "**In depth.** Safe means",
            "Safe means",
            "question-parts",
            "`Which methods are safe?`: the labels are In 30 seconds, Follow-ups, Listen for",
            "### Which methods are safe? { #methods-safe .core }",
        ),
        (
            "- **Red flag:** says POST is safe\n",
            "",
            "question-parts",
            "`Which methods are safe?`: nothing under `Red flag` to listen for",
            "### Which methods are safe? { #methods-safe .core }",
        ),
        (
            "- [x] `GET`",
            "- [ ] `GET`",
            "quiz-options",
            "`A prefetcher calls a link. Which method is meant?` has no right option",
            "### A prefetcher calls a link. Which method is meant? { #methods-prefetch }",
        ),
        (
            "    - By definition.\n",
            "",
            "quiz-options",
            "this option gives no reason",
            "- [x] `HEAD`",
        ),
        (
            "level: core",
            "level: advanced",
            "map-agreement",
            "`level` is 'advanced'; the map says 'core'",
            "level: advanced",
        ),
        ("tags: [http]", "tags: [htp]", "tags", "unknown tag `htp`", "tags: [htp]"),
    ],
)
def test_a_defect_in_a_page_is_found_at_its_place(
    project: MiniProject, old: str, new: str, rule: str, message: str, at: str
) -> None:
    project.replace(PAGE, old, new)

    matching = [f for f in project.findings() if (f.rule, f.message) == (rule, message)]

    assert len(matching) == 1, project.reported()
    assert matching[0].path == PAGE
    assert project.read(PAGE).split("\n")[matching[0].line - 1] == at
    assert matching[0].hint


def test_an_unclosed_fence_is_found_where_it_opens(project: MiniProject) -> None:
    project.write(PAGE, project.read(PAGE) + "\n```python\nprint(1)\n")

    finding = only(project)

    assert finding.message == "this fence is never closed: ```python"
    assert finding.line == project.read(PAGE).count("\n") - 1


def test_code_that_does_not_parse_is_found_at_its_line_in_the_page(project: MiniProject) -> None:
    text = project.read(PAGE).replace("Links that delete.", "```json\n{\n  'a': 1\n}\n```")
    project.write(PAGE, text)

    finding = only(project)

    assert finding.rule == "code-syntax"
    assert project.read(PAGE).split("\n")[finding.line - 1] == "  'a': 1"


def test_code_that_does_not_parse_in_a_file_names_the_file(project: MiniProject) -> None:
    project.replace("docs/http/code/greeting/example.py", 'print("hello")', "print(")

    finding = only(project)

    assert finding.rule == "code-syntax"
    assert finding.message.startswith("http/code/greeting/example.py, line 1 of the part shown")


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
