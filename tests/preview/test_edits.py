"""What an edit means for the pages of the site."""

from __future__ import annotations

import pytest

from guide.preview.edits import MAX_PAGES, Change, understand
from mini_project import GREETING, MiniProject

METHODS = "docs/http/methods.md"


def after(project: MiniProject, file: str, old: str, new: str) -> Change:
    """What replacing `old` by `new` in `file` means."""
    library = project.library()
    project.replace(file, old, new)
    return understand(library, [file])


def test_an_edit_of_the_text_concerns_its_page_and_what_is_derived_from_it(
    project: MiniProject,
) -> None:
    change = after(project, METHODS, "Links that delete.", "Links that order.")

    assert change.pages == ("http/methods.md",)
    assert (change.behind, change.reason, change.broken) == (True, "", ())
    assert "Links that order." in change.library.pages["http/methods.md"].body


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("title: HTTP methods", "title: HTTP verbs", "the title"),
        ("aliases: [verbs]", "aliases: [words]", "the front matter"),
        ("{ #methods-safe .core }", "{ #methods-sound .core }", "an id"),
        ("## Pitfalls", "## Traps", "an id"),
    ],
)
def test_what_other_pages_show_or_link_to_makes_all_pages_anew(
    project: MiniProject, old: str, new: str, what: str
) -> None:
    change = after(project, METHODS, old, new)

    assert change.reason == f"{what} of {METHODS} changed"
    assert change.pages == ("http/methods.md",)


def test_an_example_concerns_the_pages_that_show_it(project: MiniProject) -> None:
    change = after(project, f"{GREETING}/example.py", "hello", "hallo")

    assert change.pages == ("http/methods.md",)
    assert change.files == ("http/code/greeting/example.py",)
    (greeting,) = change.library.examples
    assert greeting.verdict("python") is None


def test_an_included_page_concerns_the_page_that_includes_it(project: MiniProject) -> None:
    project.write("docs/part.txt", "One part.\n")
    project.replace("docs/index.md", "Start with", '--8<-- "part.txt"\n\nStart with')

    change = after(project, "docs/part.txt", "One", "Another")

    assert change.pages == ("index.md",)


def test_a_style_sheet_concerns_no_page(project: MiniProject) -> None:
    project.write("docs/assets/extra.css", "p { color: teal }")

    change = after(project, "docs/assets/extra.css", "teal", "navy")

    assert (change.files, change.pages, change.behind) == (("assets/extra.css",), (), False)


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("mkdocs.yml", "Mini guide", "Small guide"),
        ("docs/glossary.yml", "Asks for", "Wants"),
        (f"{GREETING}/example.yml", "A greeting", "Greetings"),
    ],
)
def test_settings_and_data_make_all_pages_anew(
    project: MiniProject, file: str, old: str, new: str
) -> None:
    change = after(project, file, old, new)

    assert (change.reason, change.pages) == (f"{file} changed", ())


def test_a_file_that_comes_or_goes_makes_all_pages_anew(project: MiniProject) -> None:
    library = project.library()
    project.write("docs/new.md", "# New\n")
    project.path("docs/index.md").unlink()

    change = understand(library, ["docs/new.md", "docs/index.md"])

    assert change.reason == "docs/index.md is gone, and 1 more"


def test_a_file_that_came_and_went_means_nothing(project: MiniProject) -> None:
    change = understand(project.library(), ["docs/4913"])

    assert (change.behind, change.reason, change.files) == (False, "", ())


def test_a_page_that_was_only_saved_again_means_nothing(project: MiniProject) -> None:
    change = understand(project.library(), [METHODS])

    assert (change.behind, change.pages) == (False, ())


def test_many_pages_at_once_are_left_to_the_build(project: MiniProject) -> None:
    names = [f"docs/http/extra-{number}.md" for number in range(MAX_PAGES + 1)]
    for name in names:
        project.write(name, "---\ntitle: Extra\n---\n\n# Extra\n")
    library = project.library()
    for name in names:
        project.replace(name, "# Extra\n", "# Extra\n\nText.\n")

    change = understand(library, names)

    assert (change.pages, change.reason) == ((), f"{MAX_PAGES + 1} pages changed")


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        (METHODS, "B[Server]\n```", "B[Server]\n", "fence-closed"),
        (METHODS, "```http\n", "```http {\n", "fence-header"),
        (METHODS, "```\n\n///\n\n/// tab | HTTP", "```\n\n/// tab | HTTP", "block-closed"),
        (METHODS, "tags: [http]", "tags: [http", "front-matter"),
        (METHODS, "level: core\n", "", "front-matter"),
        (METHODS, "example.py:show", "example.py:gone", "snippet-path"),
        ("docs/topics.yml", "level: core", "level: [", "data-file"),
        ("mkdocs.yml", "site_name:", "site_name: [", "data-file"),
    ],
)
def test_what_cannot_be_read_as_it_is_meant_is_broken(
    project: MiniProject, file: str, old: str, new: str, rule: str
) -> None:
    before = project.library()
    change = after(project, file, old, new)

    assert {each.path for each in change.broken} == {file}
    assert rule in {each.rule for each in change.broken}
    assert (change.pages, change.behind) == ((), False)
    assert change.library.pages["http/methods.md"] == before.pages["http/methods.md"]


def test_a_page_that_was_broken_before_has_no_good_state_to_keep(project: MiniProject) -> None:
    project.replace(METHODS, "B[Server]\n```", "B[Server]\n")

    change = after(project, METHODS, "Links that delete.", "Links that order.")

    assert (change.pages, change.broken) == (("http/methods.md",), ())


def test_what_a_comment_allows_is_not_broken(project: MiniProject) -> None:
    reason = "<!-- allow fence-closed: shows a fence inside a fence -->\n\n"
    fence = "```text\n~~~\n```\n"

    change = after(project, METHODS, "Links that delete.", f"{reason}{fence}")

    assert (change.pages, change.broken) == (("http/methods.md",), ())
