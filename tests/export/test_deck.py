"""The published deck holds every item of the library, whole, and agrees with its schema."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import pytest
from jsonschema import Draft202012Validator
from selectolax.lexbor import LexborHTMLParser

from guide.export.files import SCHEMA
from guide.library import Library
from guide.publishing.printing import sheets
from site_server import ServedSite


def texts(card: Any) -> list[str]:
    """Every text of a card that readers see."""
    if card["kind"] == "quiz":
        own = [text for each in card["options"] for text in (each["text"], each["reason"])]
        return [card["question"], *own]
    follow_ups = [text for each in card["follow_ups"] for text in each.values()]
    criteria = [each["text"] for each in card["criteria"]]
    return [card["question"], card["brief"], card["depth"], *follow_ups, *criteria]


def test_there_is_a_card_for_every_item_in_the_order_of_the_map(
    deck: Any, library: Library
) -> None:
    expected = [
        (kind, item.id)
        for page in library.topic_pages
        for kind, items in (("question", page.questions), ("quiz", page.quiz))
        for item in items
    ]

    assert [(card["kind"], card["id"]) for card in deck["cards"]] == expected
    assert len({card["id"] for card in deck["cards"]}) == len(expected) > 0


def test_every_card_has_as_many_parts_as_its_item(deck: Any, library: Library) -> None:
    cards = {card["id"]: card for card in deck["cards"]}

    for page in library.topic_pages:
        for question in page.questions:
            card = cards[question.id]
            assert len(card["follow_ups"]) == len(question.follow_ups) > 0
            assert [each["kind"] for each in card["criteria"]] == [
                each.kind for each in question.criteria
            ]
            assert card["level"] == question.level
        for item in page.quiz:
            marks = [option["correct"] for option in cards[item.id]["options"]]
            assert marks == [option.correct for option in item.options]
    assert [card["id"] for card in cards.values() if not all(texts(card))] == []


def test_the_deck_agrees_with_the_schema_beside_it(
    deck: Any, schema: Any, built_site: ServedSite
) -> None:
    Draft202012Validator.check_schema(schema)

    errors = [error.message for error in Draft202012Validator(schema).iter_errors(deck)]

    assert errors == []
    assert deck["$schema"] == schema["$id"] == f"{built_site.url}{SCHEMA}"


@pytest.mark.parametrize(
    ("where", "value"),
    [("kind", "cloze"), ("id", "With Spaces"), ("url", "../page/"), ("brief", ""), ("more", 1)],
)
def test_the_schema_refuses_a_card_that_is_not_whole(
    deck: Any, schema: Any, where: str, value: object
) -> None:
    broken = {**deck, "cards": [{**deck["cards"][0], where: value}]}

    assert not Draft202012Validator(schema).is_valid(broken)


def test_every_link_of_a_card_leads_to_something(deck: Any, built_site: ServedSite) -> None:
    wrong = []
    checked = 0
    known: dict[Path, set[str | None]] = {}
    for card in deck["cards"]:
        tree = LexborHTMLParser(" ".join(texts(card)))
        links = [node.attributes["href"] or "" for node in tree.css("[href]")]
        for url in (card["url"], *links):
            if not url.startswith(built_site.url):
                wrong += [(card["id"], url)] if not urlsplit(url).scheme else []
                continue
            path, _, anchor = url.removeprefix(built_site.url).partition("#")
            file = built_site.folder / path / "index.html"
            if file not in known:
                text = file.read_text(encoding="utf-8") if file.exists() else ""
                known[file] = {node.id for node in LexborHTMLParser(text).css("[id]")}
            checked += 1
            if not known[file] or (anchor and anchor not in known[file]):
                wrong.append((card["id"], url))

    assert wrong == []
    assert checked > len(deck["cards"])


def test_every_image_travels_with_the_deck_and_stands_alone(deck: Any) -> None:
    shown = {each["file"] for card in deck["cards"] for each in card["drawings"]}
    images = {
        source
        for card in deck["cards"]
        for source in re.findall(r'<img src="([^"]*)"', " ".join(texts(card)))
    }

    assert images <= shown == deck["media"].keys()
    assert shown
    for name, svg in deck["media"].items():
        root = ElementTree.fromstring(svg)
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert name == f"bsg-{hashlib.sha256(svg.encode()).hexdigest()[:16]}.svg"
        assert not re.search(r"var\(|url\((?!#)|href=|<script|@import", svg), name
        drawn = [element for element in root.iter() if element.get("class") not in (None, "ground")]
        assert drawn, name
        ids = {element.get("id") for element in root.iter()}
        assert set(re.findall(r"url\(#([^)]*)\)", svg)) <= ids


def test_texts_hold_nothing_that_only_works_on_the_page(deck: Any) -> None:
    found = [
        (card["id"], match[0])
        for card in deck["cards"]
        for match in re.finditer(
            r"<(?:svg|input|label|button|script|style)\b|\b(?:id|tabindex|data-[\w-]+)=\"|headerlink",
            " ".join(texts(card)),
        )
    ]

    assert found == []


def test_every_area_has_two_sheets_to_print(library: Library) -> None:
    made = sheets(library)

    assert len(made) == 2 * len(library.curriculum.areas)
    assert made["exports/http-sheet/index.html"] == "http-sheet.pdf"
