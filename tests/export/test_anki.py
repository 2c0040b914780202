"""The Anki package, as Anki's own library takes it in."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import json
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from guide.export.anki import (
    DECK,
    QUESTION_FIELDS,
    QUESTION_MODEL,
    QUIZ_FIELDS,
    QUIZ_MODEL,
    anki_package,
    guid,
)
from guide.export.cards import Criterion, Drawing, FollowUp, Option, QuestionCard, QuizCard
from guide.export.files import PACKAGE, card_style
from guide.library import Library
from site_server import ServedSite
from support import ROOT, needs

COMMON: dict[str, Any] = {
    "topic": "methods",
    "topic_title": "HTTP methods",
    "area": "http",
    "area_title": "HTTP & more",
    "level": "core",
    "tags": ("protocols",),
    "url": "https://example.org/guide/http/methods/#x",
}
DRAWING = Drawing("bsg-0123456789abcdef.svg", "A drawing", '<svg xmlns="x"><rect/></svg>')
QUESTION = QuestionCard(
    id="methods-safe",
    question="Which are <code>safe</code>?",
    brief="<p>GET.</p>",
    depth="<p>Because.</p>",
    follow_ups=(FollowUp("And HEAD?", "It, too."),),
    criteria=(Criterion("Must", "GET"),),
    drawings=(DRAWING,),
    **COMMON,
)
QUIZ = QuizCard(
    id="methods-head",
    question="Which has no body?",
    options=(Option("GET", False, "It has."), Option("HEAD", True, "By definition.")),
    **COMMON,
)
CARDS = (QUESTION, QUIZ)
CHANGED = 1_790_000_000

Import = Callable[[bytes], Any]


@pytest.fixture
def collection(tmp_path: Path) -> Iterator[Any]:
    needs("anki" if importlib.util.find_spec("anki") else None, "anki")
    from anki.collection import Collection

    opened = Collection(str(tmp_path / "collection.anki2"))
    yield opened
    opened.close()


@pytest.fixture
def take_in(collection: Any, tmp_path: Path) -> Import:
    """Import a package as Anki does when somebody opens it, with the settings it proposes."""
    from anki.collection import ImportAnkiPackageOptions, ImportAnkiPackageRequest

    def take(package: bytes) -> Any:
        path = tmp_path / "package.apkg"
        path.write_bytes(package)
        options = ImportAnkiPackageOptions()
        request = ImportAnkiPackageRequest(package_path=str(path), options=options)
        log = collection.import_anki_package(request).log
        collection.close()
        collection.reopen()  # it remembers note types as they were
        return log

    return take


def note(collection: Any, item: str) -> Any:
    (found,) = collection.find_notes(f'"Id:{item}"')
    return collection.get_note(found)


def test_the_published_package_comes_in_whole(
    collection: Any, take_in: Import, built_site: ServedSite, library: Library, deck: Any
) -> None:
    log = take_in((built_site.folder / PACKAGE).read_bytes())

    items = Counter(card["kind"] for card in deck["cards"])
    assert len(log.new) == collection.note_count() == collection.card_count() == items.total()
    for kind, number in items.items():
        assert len(collection.find_notes(f'"note:Backend Study Guide: {kind}"')) == number
    per_area = Counter(page.area for page in library.topic_pages for _ in page.items)
    for area in library.curriculum.areas:
        found = collection.find_cards(f'"deck:Backend Study Guide::{area.title}"')
        assert len(found) == len(collection.find_cards(f"tag:area::{area.id}")) == per_area[area.id]
    assert {Path(name).name for name in collection.media.check().missing} == set()
    assert set(deck["media"]) == {file.name for file in Path(collection.media.dir()).iterdir()}


def test_a_later_package_updates_texts_and_keeps_the_schedule(
    collection: Any, take_in: Import
) -> None:
    take_in(anki_package(CARDS, "", CHANGED))
    card = note(collection, "methods-safe").cards()[0]
    card.start_timer()
    collection.sched.answerCard(card, 4)
    before = vars_of(collection, "methods-safe")
    assert before["reps"] == 1

    new = dataclasses.replace(QUIZ, id="methods-trace", question="And TRACE?")
    edited = dataclasses.replace(QUESTION, question="Which are idempotent?", brief="<p>PUT.</p>")
    take_in(anki_package([edited, QUIZ, new], ".card { color: red }", CHANGED + 1))

    after = note(collection, "methods-safe")
    assert (after["Question"], after["Brief"]) == ("Which are idempotent?", "<p>PUT.</p>")
    assert vars_of(collection, "methods-safe") == before
    assert collection.note_count() == 3
    assert collection.models.get(after.mid)["css"] == ".card { color: red }"


def vars_of(collection: Any, item: str) -> dict[str, int]:
    """The schedule and the history of an item's card."""
    card = note(collection, item).cards()[0]
    names = ("id", "did", "type", "queue", "due", "ivl", "factor", "reps", "lapses")
    reviews = collection.db.scalar("select count() from revlog where cid = ?", card.id)
    return {**{name: getattr(card, name) for name in names}, "reviews": reviews}


def test_an_older_package_changes_nothing(collection: Any, take_in: Import) -> None:
    take_in(anki_package(CARDS, "", CHANGED))

    take_in(
        anki_package([dataclasses.replace(QUIZ, question="As it was before?")], "", CHANGED - 1)
    )

    assert note(collection, "methods-head")["Question"] == "Which has no body?"


def test_cards_show_what_they_should_on_either_side(collection: Any, take_in: Import) -> None:
    take_in(anki_package(CARDS, card_style(ROOT), CHANGED))

    card = note(collection, "methods-safe").cards()[0]
    assert "Which are <code>safe</code>?" in card.question()
    assert "HTTP &amp; more · HTTP methods · core" in card.question()
    assert "GET" not in card.question().partition("</style>")[2]
    for part in ("<p>GET.</p>", "<p>Because.</p>", "And HEAD?", "It, too.", "<b>Must:</b> GET"):
        assert part in card.answer()
    assert f'<img src="{DRAWING.name}" alt="A drawing">' in card.answer()
    assert 'href="https://example.org/guide/http/methods/#x"' in card.answer()

    quiz = note(collection, "methods-head").cards()[0]
    assert '<ol type="A"><li>GET</li><li>HEAD</li></ol>' in quiz.question()
    assert "By definition." not in quiz.question()
    assert 'HEAD<div><b class="right">Right.</b> By definition.</div>' in quiz.answer()


def test_notes_carry_tags_to_search_for(collection: Any, take_in: Import) -> None:
    take_in(anki_package(CARDS, "", CHANGED))

    expected = ["area::http", "level::core", "protocols", "topic::methods"]
    assert note(collection, "methods-safe").tags == expected
    assert note(collection, "methods-safe").guid == guid("methods-safe")


def test_equal_cards_give_equal_bytes_without_a_clock() -> None:
    package = anki_package(CARDS, "", CHANGED)

    assert package == anki_package(list(CARDS), "", CHANGED)
    with zipfile.ZipFile(io.BytesIO(package)) as files:
        assert {entry.date_time for entry in files.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert json.loads(files.read("media")) == {"0": DRAWING.name}
        assert files.read("0").decode() == DRAWING.svg


def test_what_collections_know_notes_by_never_changes() -> None:
    own = ("Question", "Brief", "Depth", "Follow-ups", "Listen for")
    common = ("Drawings", "Topic", "Area", "Level", "Address", "Id")

    assert guid("get-versus-post") == "HdY0x&+v):"
    assert (*own, *common) == QUESTION_FIELDS
    assert ("Question", "Options", "Answers", *common) == QUIZ_FIELDS
    assert (QUESTION_MODEL, QUIZ_MODEL, DECK) == (1_795_300_101, 1_795_300_102, 1_795_300_100)


def test_code_and_verdicts_have_the_colors_of_both_schemes() -> None:
    style = card_style(ROOT)

    assert style.count("--guide-code-keyword: #") == 2
    assert style.index(".card {") < style.index(".nightMode .card")
