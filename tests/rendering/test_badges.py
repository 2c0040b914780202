"""Under an example stands what was done with it."""

from __future__ import annotations

from guide.rendering.badges import with_badges
from mini_project import GREETING, MiniProject

MARK = '{ .example-badge data-search-exclude="" }'


def badge(project: MiniProject) -> str:
    """What the page says between the tabs of its example and the next heading."""
    library = project.library()
    body = with_badges(library, library.pages["http/methods.md"])
    said, mark = body.partition("\n## Trade-offs")[0].rstrip().split("\n")[-2:]
    assert mark == MARK
    return said


def test_a_program_that_ran_is_linked_with_its_engine(project: MiniProject) -> None:
    assert badge(project) == "**Ran:** [Python 3.14.0](code/greeting/example.py)."


def test_a_program_that_changed_since_counts_as_not_run(project: MiniProject) -> None:
    project.replace(f"{GREETING}/example.py", "hello", "good day")

    assert badge(project) == "**Not run:** [Python](code/greeting/example.py)."


def test_only_files_that_the_check_reads_are_called_parsed(project: MiniProject) -> None:
    for name in ("compose.yaml", "data.unknown", "notes.txt", "table.sql"):
        project.write(f"{GREETING}/{name}", "")

    parsed = "[compose.yaml](code/greeting/compose.yaml), [table.sql](code/greeting/table.sql)"
    assert badge(project).endswith(f" **Parsed:** {parsed}.")
