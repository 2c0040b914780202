"""Pages of the guide are in house form already: passes that clean find nothing to clean."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest

from guide.intake.code.diagrams import diagrams
from guide.intake.model import Document, DraftPage
from guide.intake.pages.anchors import Anchors
from guide.intake.pages.links import rewrite_links
from guide.library import Library
from guide.library.front_matter import split
from intake_documents import outlined
from support import ROOT, this_guide


@pytest.fixture(scope="module")
def library() -> Library:
    return this_guide()


@pytest.fixture(scope="module")
def pages(library: Library) -> dict[str, Document]:
    """Pages with a file of their own, as documents, without their front matter."""
    written = {path: ROOT / "docs" / path for path in library.pages}
    return {
        path: outlined(split(file.read_text(encoding="utf-8")).body, name=file.stem)
        for path, file in written.items()
        if file.is_file()
    }


def test_diagrams_stay_as_they_are(pages: dict[str, Document]) -> None:
    assert len(pages) > 50
    touched = {
        path: [change for change in diagrams(page).changes if change.kind != "flagged"]
        for path, page in pages.items()
    }
    assert {path: changes for path, changes in touched.items() if changes} == {}


def test_links_stay_as_they_are(library: Library, pages: dict[str, Document]) -> None:
    there = {*library.pages, *library.files}
    touched = {}
    for path, page in pages.items():
        place = PurePosixPath(path)
        [title] = page.root.sections
        draft = DraftPage(place.stem, title.title, "", title)
        folder = "" if place.parent == PurePosixPath() else str(place.parent)
        done = rewrite_links(Anchors((draft,), page, folder), page, there=there)
        touched[path] = done.changes
    assert {path: changes for path, changes in touched.items() if changes} == {}
