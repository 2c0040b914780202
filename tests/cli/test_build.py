"""`guide build` publishes all or nothing, and the same bytes every time."""

from __future__ import annotations

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from circumstances import PLAIN, digests, other
from in_process import guide
from mini_project import MiniProject
from site_server import RUN_GUIDE, run_guide
from support import needs


def test_a_build_elsewhere_and_some_other_day_is_byte_identical(
    published: MiniProject, tmp_path: Path
) -> None:
    needs(shutil.which("faketime"), "faketime")
    first = digests(published.path("site"))
    copy = tmp_path / "another place, é" / "copy"
    shutil.copytree(published.root, copy, ignore=shutil.ignore_patterns(".cache", "site"))

    done = other().run([*RUN_GUIDE, "build"], copy, os.environ)

    assert done.returncode == 0, done.stdout + done.stderr
    assert digests(copy / "site") == first
    assert {"sitemap.xml.gz", "sw.js", "exports/backend-study-guide.apkg"} <= first.keys()


def test_other_circumstances_are_really_others(tmp_path: Path) -> None:
    needs(shutil.which("faketime"), "faketime")
    names = sorted("abcdefgh")
    for name in names:
        (tmp_path / name).touch()
    program = (
        "import datetime, os, pathlib\n"
        "there = [each.name for each in pathlib.Path().iterdir()]\n"
        "pathlib.Path('new').touch()\n"
        "mode = pathlib.Path('new').stat().st_mode & 0o777\n"
        "print(datetime.date.today().year, hash('x'), mode, os.stat('a').st_mtime, there)\n"
        "os.unlink('new')"
    )
    plain, changed = (
        each.run([sys.executable, "-c", program], tmp_path, os.environ).stdout.split(maxsplit=4)
        for each in (PLAIN, other())
    )

    assert [one != two for one, two in zip(plain, changed, strict=True)] == [True] * 5
    assert sorted(ast.literal_eval(changed[4])) == names


def test_a_build_that_remembers_makes_what_one_from_nothing_makes(published: MiniProject) -> None:
    published.replace("docs/http/methods.md", "A[Client] -->", "A[Reader] -->")
    published.replace("docs/http/code/greeting/example.py", "print(", "print (")
    run_guide(published.root, "examples", "--update")

    assert run_guide(published.root, "build").returncode == 0
    remembered = digests(published.path("site"))
    shutil.rmtree(published.path(".cache"))
    assert run_guide(published.root, "build").returncode == 0

    assert "print (" in published.read("site/http/methods/index.html").replace("</span>", "")
    assert digests(published.path("site")) == remembered


def test_diagrams_are_published_as_svg_without_a_script(published: MiniProject) -> None:
    html = published.read("site/http/methods/index.html")

    assert "<figure" in html
    assert "<title" in html
    assert "From client to server" in html
    assert "mermaid" not in html.lower()
    assert not list(published.path("site").rglob("mermaid*"))


@pytest.mark.parametrize(
    ("file", "old", "new", "place"),
    [
        ("docs/index.md", "#methods-safe", "#gone", "docs/index.md:8:12 error[link-anchor]"),
        ("docs/index.md", "methods.md", "gone.md", "docs/index.md:8:12 error[link-target]"),
        ("docs/http/methods.md", "```http\n", "```http {\n", "docs/http/methods.md:"),
        ("docs/http/methods.md", "level: core", "level: [", "docs/http/methods.md:"),
        ("docs/http/methods.md", "A[Client] -->", "A[Client -->", "error[diagram-syntax]"),
    ],
    ids=["anchor", "link", "fence", "front-matter", "diagram"],
)
def test_any_defect_stops_the_build_and_leaves_the_site(
    published: MiniProject, file: str, old: str, new: str, place: str
) -> None:
    before = digests(published.path("site"))
    published.replace(file, old, new)

    done = guide(published.root, "build")

    assert done.returncode == 1
    assert place in done.stdout
    assert "Nothing was published." in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert digests(published.path("site")) == before


def test_a_warning_of_the_renderer_stops_the_build(published: MiniProject) -> None:
    before = digests(published.path("site"))
    published.replace("mkdocs.yml", "  - index.md\n", "  - index.md\n  - Elsewhere: /x/y\n")

    done = guide(published.root, "build")

    assert done.returncode == 1
    assert digests(published.path("site")) == before


def test_a_warning_about_a_page_is_given_every_time(project: MiniProject) -> None:
    project.replace("docs/index.md", "#methods-safe", "#gone")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict"]

    for _ in range(2):
        done = subprocess.run(
            command, cwd=project.root, capture_output=True, text=True, check=False
        )

        assert done.returncode == 1
        assert "contains a link 'http/methods.md#gone'" in done.stderr


def test_outside_a_project_the_command_says_so(tmp_path: Path) -> None:
    done = guide(tmp_path, "check")

    assert done.returncode == 2
    assert done.stderr.startswith("guide: no mkdocs.yml in ")


def test_check_can_be_limited_to_a_path(project: MiniProject) -> None:
    project.replace("docs/index.md", "#methods-safe", "#gone")

    assert guide(project.root, "check", "docs/http").returncode == 0
    assert guide(project.root, "check", "docs/index.md").returncode == 1


def test_a_path_that_does_not_exist_is_a_usage_error(project: MiniProject) -> None:
    done = guide(project.root, "check", "docs/nowhere.md")

    assert done.returncode == 2
    assert "docs/nowhere.md does not exist" in done.stderr


def test_an_example_that_changed_is_not_published(published: MiniProject) -> None:
    site = digests(published.path("site"))
    published.replace("docs/http/code/greeting/example.py", "hello", "hullo")

    done = guide(published.root, "build")

    assert done.returncode == 1
    assert (
        "docs/http/code/greeting/example.py:1:1 error[example-verified] "
        "the example changed since its Python was last run\n"
        "  hint: run `guide examples --update docs/http/code/greeting`"
    ) in done.stdout
    assert digests(published.path("site")) == site


def test_an_example_that_never_ran_is_not_published(published: MiniProject) -> None:
    published.path("docs/http/code/greeting/verified.json").unlink()

    done = guide(published.root, "build")

    assert done.returncode == 1
    assert "error[example-verified] the example's Python was never run" in done.stdout
