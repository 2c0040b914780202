"""The cards as an Anki package.

Notes are known by their GUIDs, made of the permanent ids, so that a later package updates the
texts and leaves the schedule alone. Anki updates a note only from one that is newer: `changed`
has to grow with the contents, and is never the clock, so that equal contents give equal bytes.
"""

from __future__ import annotations

import io
import itertools
import json
import sqlite3
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Sequence
from html import escape

import genanki

from guide.export.cards import Card, Option, QuestionCard, QuizCard
from guide.export.deck import drawings

NAME = "Backend Study Guide"
# Written once for all: collections know the note types and the deck by these numbers, and take a
# type whose fields or whose card have other names for another one, which ends all updates.
QUESTION_MODEL = 1_795_300_101
QUIZ_MODEL = 1_795_300_102
DECK = 1_795_300_100
_FIRST_AREA_DECK = 1_795_400_000_000
_COMMON = ("Drawings", "Topic", "Area", "Level", "Address", "Id")
QUESTION_FIELDS = ("Question", "Brief", "Depth", "Follow-ups", "Listen for", *_COMMON)
QUIZ_FIELDS = ("Question", "Options", "Answers", *_COMMON)
_FACTS = '<p class="facts">{{Area}} · {{Topic}} · {{Level}}</p>'
_FOOT = '<p class="facts"><a href="{{Address}}">Read it on its page</a></p>'
_QUESTION_BACK = """{{FrontSide}}<hr id="answer">
<div class="brief">{{Brief}}</div>
<h2>In depth</h2>{{Depth}}{{Drawings}}
<h2>Follow-ups</h2>{{Follow-ups}}
<h2>Listen for</h2>{{Listen for}}
"""
_QUIZ_BACK = f"""{_FACTS}<h1>{{{{Question}}}}</h1><hr id="answer">{{{{Answers}}}}{{{{Drawings}}}}
"""
_TIME_IN_ZIP = (1980, 1, 1, 0, 0, 0)


def anki_package(cards: Sequence[Card], style: str, changed: int) -> bytes:
    """The package; `style` is the cards' CSS, `changed` when the guide did, in Unix seconds."""
    models = {
        QuestionCard: _model(
            QUESTION_MODEL, "question", QUESTION_FIELDS, "", _QUESTION_BACK, style
        ),
        QuizCard: _model(QUIZ_MODEL, "quiz", QUIZ_FIELDS, "{{Options}}", _QUIZ_BACK, style),
    }
    decks: dict[str, genanki.Deck] = {}
    for position, card in enumerate(cards):
        deck = decks.setdefault(card.area, _deck(card))
        deck.add_note(
            genanki.Note(
                model=models[type(card)],
                fields=list(_fields(card)),
                guid=guid(card.id),
                tags=sorted(_tags(card)),
                due=position,  # new cards come in the order of the map
            )
        )
    media = [(drawing.name, drawing.svg) for drawing in drawings(cards).values()]
    return _zipped(_collection(list(decks.values()), changed), media)


def guid(item: str) -> str:
    """How Anki knows the note of an item, whatever becomes of its text."""
    identifier: str = genanki.guid_for("backend-study-guide", item)
    return identifier


def _model(
    number: int, kind: str, fields: Sequence[str], front: str, back: str, style: str
) -> genanki.Model:
    return genanki.Model(
        number,
        f"{NAME}: {kind}",
        fields=[{"name": name} for name in fields],
        templates=[
            {
                "name": kind.capitalize(),
                "qfmt": f"{_FACTS}<h1>{{{{Question}}}}</h1>{front}",
                "afmt": back + _FOOT,
            }
        ],
        css=style,
    )


def _deck(card: Card) -> genanki.Deck:
    """The deck of an area. Its id follows from the area's, as new areas need one, too."""
    number = _FIRST_AREA_DECK + zlib.crc32(card.area.encode())
    return genanki.Deck(number, f"{NAME}::{card.area_title}")


def _tags(card: Card) -> Iterator[str]:
    yield from (f"area::{card.area}", f"level::{card.level}", f"topic::{card.topic}")
    yield from card.tags


def _fields(card: Card) -> Iterator[str]:
    yield card.question
    texts = ""
    if isinstance(card, QuestionCard):
        yield card.brief
        yield card.depth
        yield _list(
            "ol",
            (
                f"<details><summary>{each.question}</summary>{each.answer}</details>"
                for each in card.follow_ups
            ),
        )
        yield _list("ul", (f"<b>{each.kind}:</b> {each.text}" for each in card.criteria))
        texts = card.brief + card.depth
    elif isinstance(card, QuizCard):
        right = sum(option.correct for option in card.options)
        several = "" if right == 1 else f"<p>{right} of them are right.</p>"
        yield several + _list('ol type="A"', (option.text for option in card.options))
        yield _list('ol type="A"', map(_answer, card.options))
    shown = (each for each in card.drawings if each.name not in texts)
    yield "".join(f'<p><img src="{each.name}" alt="{escape(each.title)}"></p>' for each in shown)
    for text in (card.topic_title, card.area_title, card.level, card.url, card.id):
        yield escape(text)


def _answer(option: Option) -> str:
    kind = "right" if option.correct else "wrong"
    verdict = f'<b class="{kind}">{kind.capitalize()}.</b>'
    return f"{option.text}<div>{verdict} {option.reason}</div>"


def _list(tag: str, items: Iterable[str]) -> str:
    return f"<{tag}>{''.join(f'<li>{item}</li>' for item in items)}</{tag.partition(' ')[0]}>"


def _collection(decks: Sequence[genanki.Deck], changed: int) -> bytes:
    """The database of the package."""
    ids = itertools.count(changed * 1000)
    parent = genanki.Deck(DECK, NAME, "Interview questions and check-yourself items.")
    with sqlite3.connect(":memory:") as connection:
        package = genanki.Package([parent, *decks])
        package.write_to_db(connection.cursor(), changed, ids)
        connection.commit()
        data = connection.serialize()
    connection.close()
    return data


def _zipped(collection: bytes, media: Sequence[tuple[str, str]]) -> bytes:
    """The files of the package, without the time at which they were put into it."""
    names = {str(number): name for number, (name, _) in enumerate(media)}
    files = {
        "collection.anki2": collection,
        "media": json.dumps(names).encode(),
        **{str(number): text.encode() for number, (_, text) in enumerate(media)},
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as package:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _TIME_IN_ZIP)
            entry.external_attr = 0o644 << 16
            package.writestr(entry, data, zipfile.ZIP_DEFLATED, 9)
    return buffer.getvalue()
