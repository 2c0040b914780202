"""`guide check` on a part of the guide: named paths, changed files, other formats."""

from __future__ import annotations

import json
import subprocess

import pytest

from in_process import guide
from mini_project import MiniProject

PAGE = "docs/http/methods.md"


def git(project: MiniProject, *arguments: str) -> None:
    identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"]
    subprocess.run(
        ["git", *identity, *arguments], cwd=project.root, check=True, capture_output=True
    )


@pytest.fixture
def broken(project: MiniProject) -> MiniProject:
    """A repository whose home page was broken before, and whose topic page is broken now."""
    project.write(".gitignore", ".cache/\n")
    project.replace("docs/index.md", "#methods-safe", "#gone")
    git(project, "init", "--initial-branch", "main")
    git(project, "add", ".")
    git(project, "commit", "--message", "Before")
    project.replace(PAGE, "Links that delete.", "[Gone](gone.md).")
    return project


def places(project: MiniProject, *arguments: str) -> list[str]:
    done = guide(project.root, "check", "--format", "json", *arguments)
    found = json.loads(done.stdout)["findings"]
    assert done.returncode == bool(found), done.stderr
    return [f"{each['path']} {each['rule']}" for each in found]


def test_a_path_narrows_what_is_reported_not_what_is_known(broken: MiniProject) -> None:
    assert places(broken, PAGE) == [f"{PAGE} link-target"]
    assert places(broken, "docs") == [f"{PAGE} link-target", "docs/index.md link-anchor"]


def test_changed_means_what_differs_from_the_last_commit(broken: MiniProject) -> None:
    assert places(broken, "--changed") == [f"{PAGE} link-target"]


def test_new_files_are_changed_files(broken: MiniProject) -> None:
    git(broken, "commit", "--all", "--message", "Now")
    broken.write("docs/http/new.md", "# New\n")

    assert "docs/http/new.md front-matter" in places(broken, "--changed")
    assert f"{PAGE} link-target" not in places(broken, "--changed")


def test_changed_since_a_branch_counts_its_commits(broken: MiniProject) -> None:
    git(broken, "switch", "--create", "topic")
    git(broken, "commit", "--all", "--message", "Now")

    assert places(broken, "--changed") == []
    assert places(broken, "--changed", "main") == [f"{PAGE} link-target"]


def test_a_revision_that_does_not_exist_is_said_plainly(broken: MiniProject) -> None:
    done = guide(broken.root, "check", "--changed", "nowhere")

    assert done.returncode == 2
    assert done.stderr.startswith("guide: git merge-base nowhere HEAD: ")
    assert "Traceback" not in done.stderr


def test_fix_mends_only_what_was_asked_for(project: MiniProject) -> None:
    for page in (PAGE, "docs/index.md"):
        project.write(page, project.read(page) + "\nSee https://example.org/.\n")
    before = project.read("docs/index.md")

    done = guide(project.root, "check", "--fix", PAGE)

    assert done.returncode == 0, done.stdout
    assert f"Fixed 1 in {PAGE}\n" in done.stderr
    assert project.read(PAGE).endswith("\nSee <https://example.org/>.\n")
    assert project.read("docs/index.md") == before


def test_the_sarif_log_names_rule_and_place(broken: MiniProject) -> None:
    done = guide(broken.root, "check", "--format", "sarif", PAGE)

    log = json.loads(done.stdout)
    (result,) = log["runs"][0]["results"]
    location = result["locations"][0]["physicalLocation"]
    assert log["version"] == "2.1.0"
    assert result["ruleId"] == "link-target"
    assert location["artifactLocation"]["uri"] == PAGE
    assert location["region"] == {"startLine": 54, "startColumn": 1}
    assert result["ruleId"] in {rule["id"] for rule in log["runs"][0]["tool"]["driver"]["rules"]}


def test_a_second_run_tells_the_same_as_the_first(broken: MiniProject) -> None:
    assert places(broken) == places(broken)
    assert broken.path(".cache/memo").exists()


def test_a_damaged_memory_is_an_empty_one(broken: MiniProject) -> None:
    wanted = places(broken)
    broken.path(".cache/memo").write_bytes(b"\x80garbage")

    assert places(broken) == wanted


def test_a_change_in_an_included_file_is_seen(project: MiniProject) -> None:
    assert places(project) == []
    project.replace("docs/http/code/greeting/example.py", 'print("hello")', "print(")

    assert f"{PAGE} code-syntax" in places(project)
