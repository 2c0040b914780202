"""The real deck as published, and the cards of a small page."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import markdown
import pytest

from guide.export.cards import Card
from guide.export.cutting import cards_of
from guide.export.drawings import DrawingStyle
from guide.export.files import DECK, SCHEMA, drawing_style
from guide.library import Library
from guide.rendering.answers import AnswerExtension
from guide.rendering.quiz import QuizExtension
from guide.rendering.tables import TableExtension
from mini_project import MiniProject
from site_server import ServedSite
from support import ROOT, this_guide

URL = "https://example.org/guide/"
PAGE = "http/methods.md"
PAGE_URL = f"{URL}http/methods/"

Cut = Callable[..., tuple[Card, ...]]


@pytest.fixture(scope="session")
def library() -> Library:
    return this_guide()


@pytest.fixture(scope="session")
def deck(built_site: ServedSite) -> Any:
    return json.loads((built_site.folder / DECK).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def schema(built_site: ServedSite) -> Any:
    return json.loads((built_site.folder / SCHEMA).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def style() -> DrawingStyle:
    return drawing_style(ROOT)


@pytest.fixture
def cut(project: MiniProject, style: DrawingStyle) -> Cut:
    """The cards of the miniature's topic; `edit` changes its HTML before they are cut."""

    def cards(edit: Callable[[str], str] = str) -> tuple[Card, ...]:
        library = project.library()
        page = library.pages[PAGE]
        return cards_of(library, page, edit(_rendered(library, page.body)), PAGE_URL, style)

    return cards


def _rendered(library: Library, body: str) -> str:
    """The page as the site renders it, its diagrams apart."""
    config = library.config
    converter = markdown.Markdown(
        extensions=[*config.extensions, QuizExtension(), AnswerExtension(), TableExtension()],
        extension_configs=copy.deepcopy(dict(config.extension_configs)),
    )
    return converter.convert(body)
