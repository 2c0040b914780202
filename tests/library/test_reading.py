"""What a project on disk becomes in the library, and what bad input becomes instead."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.library import ProjectError, find_project, read_library
from mini_project import TOPIC, MiniProject


def test_a_page_is_read_into_its_parts(project: MiniProject) -> None:
    page = project.library().pages["http/methods.md"]

    assert page.kind == "topic"
    assert page.lead == "GET reads, POST acts. The lead stands alone."
    assert [section.id for section in page.sections if section.level == 2] == [
        "the-problem",
        "how-it-works",
        "in-code",
        "trade-offs",
        "pitfalls",
        "interview-questions",
        "check-yourself",
        "further-reading",
    ]
    (question,) = page.questions
    assert (question.id, question.level) == ("methods-safe", "core")
    assert question.brief == "GET, HEAD, OPTIONS and TRACE."
    assert question.follow_ups[0].answer == "Not one the client asked for."
    assert [criterion.kind for criterion in question.criteria] == ["Must", "Bonus", "Red flag"]
    assert [(o.text, o.correct, o.reason) for o in page.quiz[0].options] == [
        ("`POST`", False, "A prefetcher may not cause effects."),
        ("`GET`", True, "It is safe."),
    ]


def test_fence_spans_are_the_lines_of_the_two_fence_lines_in_the_file(project: MiniProject) -> None:
    page = project.library().pages["http/methods.md"]
    lines = project.read("docs/http/methods.md").split("\n")

    assert [fence.language for fence in page.fences] == ["mermaid", "python", "http"]
    for fence in page.fences:
        assert lines[fence.line - 1].startswith("```")
        assert lines[fence.end_line - 1] == "```"


def test_an_included_fence_holds_the_code_of_the_file(project: MiniProject) -> None:
    fence = project.library().pages["http/methods.md"].fences[1]

    assert fence.code == 'print("hello")'
    assert fence.included_from == "http/code/greeting/example.py"
    assert fence.options == {"title": "example.py"}


def test_a_diagram_knows_its_title_and_description(project: MiniProject) -> None:
    (diagram,) = project.library().pages["http/methods.md"].diagrams

    assert diagram.text.title == "From client to server"
    assert diagram.text.description == "The client sends a request to the server."


def test_a_page_is_the_same_for_any_navigation_and_another_for_other_syntax(
    project: MiniProject,
) -> None:
    key = project.library().pages["http/methods.md"].key
    project.replace("mkdocs.yml", "  - glossary.md\n", "  - Words: glossary.md\n")
    assert project.library().pages["http/methods.md"].key == key

    project.replace("mkdocs.yml", "      permalink: true\n", "      permalink: false\n")
    assert project.library().pages["http/methods.md"].key != key


def test_planned_topics_have_no_page(project: MiniProject) -> None:
    library = project.library()

    assert library.page_of("methods") is library.pages["http/methods.md"]
    assert library.page_of("caching") is None


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            b"\xff\xfe\x00binary",
            "docs/bad.md:1 file-encoding this is a binary file (NUL at byte 2), not Markdown",
        ),
        (b"---\ntitle: x\n\xe9", "docs/bad.md:3 file-encoding not UTF-8: byte 0xe9"),
        (
            b"x" * 10_000_000,
            "docs/bad.md:1 file-size the file has 10,000,000 bytes; a page may have 1,000,000",
        ),
        (b"# No head\n", "docs/bad.md:1 front-matter the page has no front matter"),
        (b"---\nnever closed\n", "docs/bad.md:1 front-matter the page has no front matter"),
        (
            b"---\ntitle: a: b\n---\n# A\n",
            "docs/bad.md:2 front-matter not valid YAML: mapping values are not allowed in this "
            "context",
        ),
        (
            b"---\ntitle: a\ntitle: b\n---\n# A\n",
            "docs/bad.md:3 front-matter not valid YAML: the key `title` is given twice",
        ),
        (
            b"---\n- a\n---\n# A\n",
            "docs/bad.md:2 front-matter the front matter must be `key: value` lines",
        ),
        (b"", "docs/bad.md:1 front-matter the page has no front matter"),
    ],
    ids=["binary", "latin-1", "10-mb", "no-head", "open-head", "yaml", "twice", "list", "empty"],
)
def test_bad_input_is_one_clear_finding(
    project: MiniProject, content: bytes, expected: str
) -> None:
    project.write("docs/bad.md", content)

    assert expected in project.reported()


def test_a_file_that_cannot_be_read(project: MiniProject, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    library = project.library
    monkeypatch.setattr(Path, "read_bytes", refuse)  # who runs as root may read everything

    with pytest.raises(ProjectError, match=r"mkdocs.yml: cannot be read: Permission denied"):
        library()


def test_a_byte_order_mark_is_reported_and_the_page_still_read(project: MiniProject) -> None:
    project.write("docs/http/methods.md", "\ufeff" + TOPIC)

    assert project.reported() == [
        "docs/http/methods.md:1 file-encoding the file starts with a byte order mark"
    ]


def test_windows_line_ends_are_reported_and_the_page_still_read(project: MiniProject) -> None:
    project.write("docs/http/methods.md", TOPIC.replace("\n", "\r\n"))

    assert project.reported() == [
        "docs/http/methods.md:1 file-newlines the file has Windows line ends (CRLF)"
    ]


def test_a_link_out_of_docs_is_refused_unread(project: MiniProject, tmp_path: Path) -> None:
    secret = tmp_path / "secret.md"
    secret.write_text("# Secret\n")
    project.path("docs/leak.md").symlink_to(secret)

    found = [f for f in project.findings() if f.path == "docs/leak.md"]

    assert [f.rule for f in found] == ["file-link"]
    assert "outside the project" in found[0].message


def test_a_linked_folder_is_refused_unread(project: MiniProject, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "page.md").write_text("# Elsewhere\n")
    project.path("docs/linked").symlink_to(tmp_path / "elsewhere")

    library = project.library()

    assert not any(path.startswith("linked") for path in library.pages)
    assert [problem.rule for problem in library.problems] == ["file-link"]


def test_unknown_front_matter_keys_get_a_suggestion(project: MiniProject) -> None:
    project.replace("docs/http/methods.md", "aliases: [verbs]", "alias: [verbs]")

    (finding,) = project.findings()

    assert (finding.line, finding.message) == (6, "unknown key `alias`")
    assert finding.hint == "did you mean `aliases`?"


def test_unknown_levels_get_a_suggestion(project: MiniProject) -> None:
    project.replace("docs/http/methods.md", "level: core", "level: advance")

    finding = next(f for f in project.findings() if f.rule == "front-matter")

    assert finding.line == 4
    assert finding.hint == "did you mean `advanced`?"


def test_the_project_is_found_from_a_folder_inside(project: MiniProject) -> None:
    assert find_project(project.path("docs/http")) == project.root.resolve()


def test_no_project_is_said_plainly(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"no mkdocs\.yml in .* or above it"):
        find_project(tmp_path)


def test_a_broken_configuration_is_said_plainly(project: MiniProject) -> None:
    project.write("mkdocs.yml", "site_name: [")

    with pytest.raises(ProjectError, match=r"mkdocs\.yml is not valid YAML"):
        read_library(project.root)
