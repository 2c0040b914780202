"""The sixth document: through the command, a review, and into a page of this guide.

`walkthrough/nearby.md` is invented, `walkthrough/reviewed/` is what a reviewer made of its ledger
entries. The page that was written from it is in this guide; here the guide is put back to where it
was before, the document is taken in, and the review is done again. What `contributing.md` shows
of it is compared with what really happens.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from guide import indexes
from guide.library import Library
from guide.normalizing.ledger_text import LedgerTexts, without_document
from guide.normalizing.nav_text import with_page, without
from guide.project import load
from guide.topic_context import topic_context
from in_process import Done, guide
from site_server import copy_repository
from support import ROOT

WALKTHROUGH = ROOT / "tests" / "intake" / "walkthrough"
DOCUMENT = WALKTHROUGH / "nearby.md"
NUMBER = 5
LEDGER = ("documents", "units", "coverage", "errata")
DRAFT = "intake/nearby/nearby.md"
PAGE = "databases/indexing.md"
WRITTEN = ("nearby", "measured-nearby", "find-what-is-nearby", "geohash-border")
"""The sections of PAGE that were written from the document."""
ALIASES = ", spatial index, geospatial search, geohash, nearest neighbor, PostGIS]"
QUESTION = '      - "How do you find what is nearby, such as the ten nearest couriers?"\n'
PITFALL = '| Places across the street are missing from "near me" |'


@dataclass(frozen=True)
class Walk:
    """A copy of this guide after the review, and what it was when the document was taken in."""

    said: Done
    drafted: Library
    draft: str
    entries: str
    folder: Path
    checked: Done
    reviewed: Library


@pytest.fixture(scope="module")
def walk(tmp_path_factory: pytest.TempPathFactory) -> Walk:
    folder = copy_repository(ROOT, tmp_path_factory.mktemp("walk"))
    unwrite(folder)
    shutil.copy2(DOCUMENT, folder)
    said = guide(folder, "normalize", DOCUMENT.name)
    assert said.returncode == 0, said.stdout + said.stderr
    drafted = load(folder)
    draft = (folder / "docs" / DRAFT).read_text("utf-8")
    entries = "".join(ledger_file(folder, name).read_text("utf-8") for name in LEDGER)
    review(folder)
    checked = guide(folder, "check")
    return Walk(said, drafted, draft, entries, folder, checked, load(folder))


def ledger_file(root: Path, name: str) -> Path:
    return root / "docs" / "sources" / f"{name}.yml"


def unwrite(folder: Path) -> None:
    """Put the copy back to before the page said anything about what is nearby."""
    page = folder / "docs" / PAGE
    text = cut(page.read_text("utf-8"), WRITTEN)
    rows = [line for line in text.split("\n") if not line.startswith(PITFALL)]
    page.write_text(replaced("\n".join(rows), ALIASES, "]"), "utf-8")
    topics = folder / "docs" / "topics.yml"
    topics.write_text(replaced(topics.read_text("utf-8"), QUESTION, ""), "utf-8")


def replaced(text: str, old: str, new: str) -> str:
    assert text.count(old) == 1, old
    return text.replace(old, new)


def cut(text: str, ids: tuple[str, ...]) -> str:
    """The page without the sections that have these ids."""
    kept, gone, depth = [], set(), 0
    for line in text.split("\n"):
        heading = re.match(r"(#+) .*?(?:\{ #([\w-]+).*\})?$", line)
        if heading and depth and len(heading[1]) <= depth:
            depth = 0
        if heading and heading[2] in ids:
            depth = len(heading[1])
            gone.add(heading[2])
        if not depth:
            kept.append(line)
    assert gone == set(ids)
    return "\n".join(kept)


def review(folder: Path) -> None:
    """Do what a reviewer does: write the page, correct the ledger, remove the draft."""
    for name in (PAGE, "topics.yml"):
        shutil.copy2(ROOT / "docs" / name, folder / "docs" / name)
    files = [ledger_file(folder, name) for name in LEDGER]
    texts = LedgerTexts(*(file.read_text("utf-8") for file in files[:3]))
    left = without_document(texts, NUMBER)
    old = (left.documents, left.units, left.coverage, files[3].read_text("utf-8"))
    for file, text in zip(files, old, strict=True):
        new = (WALKTHROUGH / "reviewed" / file.name).read_text("utf-8")
        file.write_text(text + new, "utf-8")
    shutil.rmtree(folder / "docs" / "intake")
    config = folder / "mkdocs.yml"
    nav = without(config.read_text("utf-8"), {DRAFT})
    for area in ("sources", "about/errata"):
        nav = with_page(nav, area, f"{area}/nearby.md")
    config.write_text(nav, "utf-8")


def shown(language: str) -> Iterator[str]:
    """The blocks of this language in the section of `contributing.md` about the intake."""
    text = (ROOT / "docs/about/contributing.md").read_text("utf-8")
    section = re.split(r"^## ", text.split("\n## Take a document in\n")[1], flags=re.M)[0]
    yield from re.findall(rf"^``` ?{language}\n(.*?)^```$", section, re.M | re.S)


def test_the_page_shows_what_the_command_says(walk: Walk) -> None:
    [block] = [each for each in shown("console") if "Nothing is lost" in each]
    command, *lines = block.rstrip("\n").split("\n")
    parts = "\n".join(lines).split("\n...\n")

    assert command == "$ guide normalize nearby.md"
    at = 0
    for part in parts:
        found = f"\n{walk.said.stdout}".find(f"\n{part.strip(chr(10))}\n", at)
        assert found >= 0, (
            f"the command does not say\n{part}\n\nafter that, but\n{walk.said.stdout}"
        )
        at = found + len(part)


def test_the_page_shows_the_head_of_the_draft(walk: Walk) -> None:
    head, _, _ = shown("yaml")

    assert walk.draft.startswith(f"---\n{head}---\n")


def test_the_page_shows_entries_of_the_ledger_before_and_after_the_review(walk: Walk) -> None:
    _, before, after = shown("yaml")
    reviewed = "".join(ledger_file(walk.folder, name).read_text("utf-8") for name in LEDGER)

    assert [line for line in before.splitlines() if line not in walk.entries.splitlines()] == []
    assert [line for line in after.splitlines() if line not in reviewed.splitlines()] == []


def test_before_the_review_nothing_of_it_is_published(walk: Walk) -> None:
    pages = indexes.generate(walk.drafted)

    assert walk.drafted.pages[DRAFT].kind == "draft"
    assert "sources/nearby.md" not in pages
    assert [path for path, text in pages.items() if "courier-app-shows-ten-nearest" in text] == []


def test_after_the_review_the_guide_has_no_finding(walk: Walk) -> None:
    assert walk.checked.returncode == 0, walk.checked.stdout
    assert walk.checked.stdout.rstrip().endswith("no findings.")


def test_after_the_review_every_unit_stands_on_the_page(walk: Walk) -> None:
    ledger = walk.reviewed.ledger.published
    units = [unit for unit in ledger.units if unit.document == NUMBER]
    drafted = [unit.id for unit in walk.drafted.ledger.units if unit.document == NUMBER]

    assert [unit.id for unit in units] == drafted
    assert all(ledger.is_covered(unit) for unit in units)
    context = topic_context(walk.reviewed, walk.reviewed.pages[PAGE], "")
    assert context is not None
    assert {unit.id for unit in units} <= {unit.id for unit in context.units}


def test_after_the_review_the_document_has_its_pages(walk: Walk) -> None:
    pages = indexes.generate(walk.reviewed)

    assert "16 units, 16 covered, 0 open." in pages["sources/nearby.md"]
    assert (
        "    - A search by one prefix · code: [Nearby, measured](../databases/indexing.md"
        "#measured-nearby)" in pages["sources/nearby.md"]
    )
    assert "Only the converse holds." in pages["about/errata/nearby.md"]
    assert "(databases/indexing.md#find-what-is-nearby) · core" in pages["questions.md"]
