"""The cards as one JSON document, for programs that nobody has thought of yet.

It stands alone: drawings are in it, addresses are absolute. Its schema is published beside it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from guide.export.cards import Card, Drawing, QuestionCard, QuizCard
from guide.library import Library

VERSION = 1
_SCHEMA_FILE = Path(__file__).with_name("deck.schema.json")


def deck_json(library: Library, cards: Sequence[Card], site: str, schema: str) -> str:
    """The deck; `site` is the address of the guide, `schema` that of the deck's schema."""
    topics = {card.topic for card in cards}
    pages = [page for page in library.topic_pages if page.topic and page.slug in topics]
    deck: dict[str, Any] = {
        "$schema": schema,
        "version": VERSION,
        "title": "Backend Study Guide",
        "license": "MIT",
        "site": site,
        "areas": [
            {"id": area.id, "title": area.title, "url": f"{site}{area.id}/"}
            for area in library.curriculum.areas
        ],
        "topics": [
            {
                "slug": page.slug,
                "title": page.title,
                "area": page.area,
                "level": page.topic.level,
                "tags": list(page.topic.tags),
                "url": f"{site}{page.path.removesuffix('.md')}/",
            }
            for page in pages
            if page.topic
        ],
        "cards": [_card(card) for card in cards],
        "media": {name: drawing.svg for name, drawing in drawings(cards).items()},
    }
    return json.dumps(deck, ensure_ascii=False, indent=1) + "\n"


def schema_json(address: str) -> str:
    """The JSON Schema of the deck, to be published at `address`."""
    schema = {"$schema": _schema()["$schema"], "$id": address, **_schema()}
    return json.dumps(schema, ensure_ascii=False, indent=2) + "\n"


def drawings(cards: Sequence[Card]) -> dict[str, Drawing]:
    """Every drawing that a card shows, once, by its name."""
    found = {drawing.name: drawing for card in cards for drawing in card.drawings}
    return dict(sorted(found.items()))


@cache
def _schema() -> dict[str, Any]:
    schema: dict[str, Any] = json.loads(_SCHEMA_FILE.read_text(encoding="utf-8"))
    return schema


def _card(card: Card) -> dict[str, Any]:
    common = {
        "id": card.id,
        "topic": card.topic,
        "level": card.level,
        "url": card.url,
        "question": card.question,
    }
    shown = [{"file": each.name, "title": each.title} for each in card.drawings]
    if isinstance(card, QuestionCard):
        return {
            "kind": "question",
            **common,
            "brief": card.brief,
            "depth": card.depth,
            "follow_ups": [
                {"question": each.question, "answer": each.answer} for each in card.follow_ups
            ],
            "criteria": [{"kind": each.kind, "text": each.text} for each in card.criteria],
            "drawings": shown,
        }
    assert isinstance(card, QuizCard)
    return {
        "kind": "quiz",
        **common,
        "options": [
            {"text": each.text, "correct": each.correct, "reason": each.reason}
            for each in card.options
        ],
        "drawings": shown,
    }
