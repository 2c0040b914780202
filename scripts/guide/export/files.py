"""What is published under exports/: the deck as JSON, its schema, and the Anki package."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from guide.export.anki import anki_package
from guide.export.cards import Card
from guide.export.deck import deck_json, schema_json
from guide.export.drawings import DrawingStyle
from guide.export.stylesheet import properties
from guide.library import Library

FOLDER = "exports"
DECK = f"{FOLDER}/backend-study-guide.json"
SCHEMA = f"{FOLDER}/backend-study-guide.schema.json"
PACKAGE = f"{FOLDER}/backend-study-guide.apkg"
_STYLESHEETS = "docs/assets/stylesheets"
_LIGHT = ":root"
_DARK = '[data-md-color-scheme="slate"]'
_CARD_STYLE = Path(__file__).with_name("cards.css")


def exported_files(
    library: Library, cards: Mapping[str, Iterable[Card]], site: str, changed: int
) -> dict[str, bytes]:
    """Path in the site -> contents, for the `cards` of each page.

    `site` is the address of the guide with a trailing slash, `changed` the time of its last
    change in Unix seconds.
    """
    ordered = [card for page in library.topic_pages for card in cards.get(page.path, ())]
    schema = site + SCHEMA
    return {
        DECK: deck_json(library, ordered, site, schema).encode(),
        SCHEMA: schema_json(schema).encode(),
        PACKAGE: anki_package(ordered, card_style(library.root), changed),
    }


def drawing_style(root: Path) -> DrawingStyle:
    """The style of drawings in the project at `root`."""
    return DrawingStyle(_stylesheet(root, "guide.css"), _stylesheet(root, "diagrams.css"))


def card_style(root: Path) -> str:
    """The style sheet of the cards with the colors of both of the guide's schemes."""
    guide = _stylesheet(root, "guide.css")
    light, dark = properties(guide, _LIGHT), properties(guide, _DARK, "screen")
    night = ".nightMode .card, .card.nightMode, .card.night_mode"  # Anki, AnkiMobile, AnkiDroid
    own = _CARD_STYLE.read_text(encoding="utf-8")
    return "\n".join([_block(".card", light), _block(night, dark), own])


def _block(selector: str, declarations: Mapping[str, str]) -> str:
    lines = [f"  {name}: {value};" for name, value in declarations.items()]
    return "\n".join([f"{selector} {{", *lines, "}", ""])


def _stylesheet(root: Path, name: str) -> str:
    """A stylesheet of the site; empty where a project has none of that name."""
    path = root / _STYLESHEETS / name
    return path.read_text(encoding="utf-8") if path.exists() else ""
