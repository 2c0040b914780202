"""What there is to study, for the learning tools in the browser."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from guide.library import Library, Page
from guide.library.weight import weights
from guide.library.workload import ANSWER, ANSWER_AGAIN, DESIGN

PATH = "practice/study.json"
VERSION = 1


def study(library: Library) -> dict[str, Any]:
    """Areas, written topics in the order of the map, and all that readers answer."""
    pages = [page for page in library.topic_pages if page.topic is not None]
    weight = weights(library)
    return {
        "version": VERSION,
        "areas": [
            {"id": area.id, "title": area.title, "url": f"{area.id}/"}
            for area in library.curriculum.areas
        ],
        "topics": [_topic(library, page, weight.get(page.slug, 0)) for page in pages],
        "items": [item for page in pages for item in _items(page)],
        "minutes": {"answer": ANSWER, "again": ANSWER_AGAIN, "design": DESIGN},
    }


def study_json(library: Library) -> str:
    """The same as the browser loads it."""
    return json.dumps(study(library), ensure_ascii=False, separators=(",", ":"))


def _topic(library: Library, page: Page, weight: int) -> dict[str, Any]:
    assert page.topic is not None
    return {
        "slug": page.slug,
        "title": page.title,
        "area": page.area,
        "level": page.topic.level,
        "minutes": page.minutes,
        "weight": weight,
        "needs": [slug for slug in page.topic.prerequisites if library.page_of(slug)],
        "tags": list(page.topic.tags),
        "url": page.path.removesuffix(".md") + "/",
    }


def _items(page: Page) -> Iterator[dict[str, Any]]:
    """Questions have their own level, check-yourself items that of their topic."""
    level = page.topic.level if page.topic else ""
    for kind, items in (("question", page.questions), ("quiz", page.quiz)):
        for item in items:
            yield {
                "id": item.id,
                "kind": kind,
                "topic": page.slug,
                "level": getattr(item, "level", "") or level,
                "title": item.text,
            }
