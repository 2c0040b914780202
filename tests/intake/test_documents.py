"""Documents that the normalizer has never seen become pages that hold all that they said.

What is expected of each was written by a person who read it; see the `.yml` beside it.
"""

from __future__ import annotations

import difflib
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from guide.intake.relating.relating import Relater
from guide.languages import canonical
from guide.library import Library
from guide.library.page import Page
from guide.normalizing.drafts import Options, normalize
from intake_properties import draw_nothing
from mini_project import MiniProject, make_mini_project
from study_documents import StudyDocument, study_document
from unseen_documents import (
    NAMES,
    Expectation,
    Taken,
    addresses,
    expected,
    guide,
    stored,
    take_in,
)

SIZES = {"100 kB": (100, "en"), "270 kB of Chinese": (270, "zh")}


@dataclass(frozen=True)
class Intake:
    """A project that took in all documents, one after the other."""

    project: MiniProject
    taken: Mapping[str, Taken]
    library: Library
    errors: Mapping[str, list[str]]

    def pages(self, name: str) -> list[Page]:
        """The pages of a document, in its order."""
        files = [each["path"] for each in self.taken[name].report.get("pages", ())]
        return [self.library.pages[file.removeprefix("docs/")] for file in files]


@pytest.fixture(scope="module")
def intake(tmp_path_factory: pytest.TempPathFactory) -> Intake:
    folder = tmp_path_factory.mktemp("intake")
    project = make_mini_project(folder / "mini")
    taken = {name: take_in(project, stored(name, folder / "raw" / name)) for name in NAMES}
    checked = guide(project.root, "check", "--format", "json", "docs/intake")
    errors: dict[str, list[str]] = {}
    for each in json.loads(checked.stdout)["findings"]:
        if each["severity"] == "error":
            path = each["path"].removeprefix("docs/")
            errors.setdefault(path, []).append(f"{each['rule']} {each['message']}")
    return Intake(project, taken, project.library(), errors)


@pytest.fixture(scope="module")
def relater(intake: Intake) -> Relater:
    return Relater(intake.library)


def test_there_are_enough_of_them() -> None:
    assert len(NAMES) >= 18


@pytest.mark.parametrize("name", NAMES)
def test_it_is_taken_in(intake: Intake, name: str) -> None:
    taken = intake.taken[name]

    assert (taken.done.returncode, taken.done.stderr) == (0, "")
    assert taken.pages


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_lost(intake: Intake, name: str) -> None:
    conservation = intake.taken[name].report["conservation"]

    missing = {
        kind: each["missing"]
        for kind, each in conservation.items()
        if kind != "whole" and each["missing"]
    }
    assert (missing, conservation["whole"]) == ({}, True)


@pytest.mark.parametrize("name", NAMES)
def test_its_pages_pass_the_checks(intake: Intake, name: str) -> None:
    found = {path: intake.errors.get(path, []) for path in intake.taken[name].pages}

    assert found == {path: [] for path in found}


@pytest.mark.parametrize("name", NAMES)
def test_each_question_is_one_on_the_pages_too(intake: Intake, name: str) -> None:
    wanted = expected(name).questions
    units = intake.taken[name].report["units"]
    asked = [unit["title"] for unit in units if unit["kind"] == "question"]

    starts = [text[: len(start)] for text, start in zip(asked, wanted, strict=False)]
    assert (starts, len(asked)) == (list(wanted), len(wanted)), asked
    on_pages = [question.text for page in intake.pages(name) for question in page.questions]
    assert len(on_pages) == len(asked), on_pages


@pytest.mark.parametrize("name", [name for name in NAMES if expected(name).levels])
def test_questions_have_the_level_of_their_section(intake: Intake, name: str) -> None:
    found = Counter(
        question.level or (page.topic.level if page.topic else "")
        for page in intake.pages(name)
        for question in page.questions
    )

    assert found == expected(name).levels


@pytest.mark.parametrize("name", NAMES)
def test_code_has_the_language_that_a_person_would_name(intake: Intake, name: str) -> None:
    wanted = expected(name)
    found = _folded(_output(intake.taken[name])["fences"], wanted)
    fences = _folded(wanted.fences, wanted)

    if wanted.at_least:
        fewer = {language: n for language, n in fences.items() if found[language] < n}
        assert fewer == {}, found
    else:
        assert found == fences


@pytest.mark.parametrize("name", NAMES)
def test_diagrams_and_tables_are_all_there(intake: Intake, name: str) -> None:
    wanted = expected(name)
    counts = _output(intake.taken[name])

    assert counts["diagrams"] == wanted.diagrams
    assert (
        counts["tables"] >= wanted.tables if wanted.at_least else counts["tables"] == wanted.tables
    )


@pytest.mark.parametrize("name", NAMES)
def test_links_lead_where_they_led(intake: Intake, name: str) -> None:
    wanted = expected(name)
    taken = intake.taken[name]
    found = addresses(taken.text)

    if wanted.links is not None:
        assert len(found) == wanted.links, sorted(found)
    assert [each for each in wanted.reported_links if each not in json.dumps(taken.report)] == []


@pytest.mark.parametrize("name", NAMES)
def test_what_matters_is_on_the_pages(intake: Intake, name: str) -> None:
    wanted = expected(name)
    text = intake.taken[name].text

    assert [each for each in wanted.present if each not in text] == []
    assert [each for each in [*wanted.absent, *wanted.gone] if each in text] == []


@pytest.mark.parametrize("name", [name for name in NAMES if expected(name).title])
def test_its_title_is_the_authors(intake: Intake, name: str) -> None:
    title = intake.taken[name].report["document"]["title"]

    assert title.startswith(expected(name).title)


@pytest.mark.parametrize("name", [name for name in NAMES if expected(name).images])
def test_pictures_come_along(intake: Intake, name: str) -> None:
    [folder] = {path.rpartition("/")[0] for path in intake.taken[name].pages}
    images = {path.name for path in (intake.project.path("docs") / folder).rglob("*.png")}

    assert images == set(expected(name).images)


@pytest.mark.parametrize("name", NAMES)
def test_its_pages_are_in_house_format_already(intake: Intake, relater: Relater, name: str) -> None:
    changed = {}
    for path, text in intake.taken[name].pages.items():
        file = intake.project.path(f"docs/{path}")
        again = normalize(
            intake.library, relater, file, Options(name=file.parent.name), draw_nothing
        )
        if again.texts != {path: text}:
            changed[path] = "\n".join(_differences(text, again.texts))

    assert changed == {}


def test_a_site_with_all_of_them_builds_and_publishes_none(intake: Intake) -> None:
    project = intake.project
    fixed = guide(project.root, "check", "--fix")
    assert fixed.returncode == 0, fixed.stdout + fixed.stderr
    done = guide(project.root, "build")

    assert done.returncode == 0, done.stdout + done.stderr
    assert not project.path("site/intake").exists()


@pytest.fixture(scope="module")
def large(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> tuple[StudyDocument, Taken, MiniProject]:
    kilobytes, language = request.param
    # Few diagrams: each page says of its own what they show, and to draw them takes longest.
    document = study_document(kilobytes, 7, language, most_diagrams=2)
    folder = tmp_path_factory.mktemp("large")
    project = make_mini_project(folder / "mini")
    path = folder / "handbook.md"
    path.write_text(document.text, encoding="utf-8")
    return document, take_in(project, path), project


each_size = pytest.mark.parametrize("large", SIZES.values(), ids=SIZES, indirect=True)
Large = tuple[StudyDocument, Taken, MiniProject]


@each_size
def test_a_large_document_is_whole(large: Large) -> None:
    document, taken, _ = large

    assert (taken.done.returncode, taken.done.stderr) == (0, "")
    assert taken.report["conservation"]["whole"]
    counts = _output(taken)
    fences = _folded(counts["fences"], Expectation())
    assert (counts["questions"], fences) == (document.questions, document.fences)
    assert (counts["diagrams"], counts["tables"]) == (document.diagrams, document.tables)
    assert len(addresses(taken.text)) == document.links


@each_size
def test_the_pages_of_a_large_document_pass_the_checks(large: Large) -> None:
    _, _, project = large

    assert guide(project.root, "check", "docs/intake").returncode == 0


def test_several_documents_are_taken_in_at_once(tmp_path: Path) -> None:
    project = make_mini_project(tmp_path / "mini")
    paths = [str(stored(name, tmp_path)) for name in ("ten-titles", "windows-marked")]

    done = guide(project.root, "normalize", *paths)

    assert (done.returncode, done.stderr) == (0, "")
    folders = sorted(path.name for path in project.path("docs/intake").iterdir())
    assert folders == ["ten-titles", "windows-marked"]


def _output(taken: Taken) -> dict[str, Any]:
    counts: dict[str, Any] = taken.report["counts"]["output"]
    return counts


def _folded(fences: Mapping[str, int], wanted: Expectation) -> Counter[str]:
    """Fences by language without diagrams; what a person would accept counts as one."""
    found: Counter[str] = Counter()
    for language, count in fences.items():
        if language != "mermaid":
            found[wanted.folded(canonical(language) or language)] += count
    return found


def _differences(text: str, again: Mapping[str, str]) -> list[str]:
    lines = "\n".join(again.values()).split("\n")
    return list(difflib.unified_diff(text.split("\n"), lines, lineterm="", n=0))
