"""States of readers who have reviewed, as the browser stores them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

DAY = 86_400_000


def studied_items(
    ids: Iterable[str], *, due: bool, stability: float = 20, now: int | None = None
) -> dict[str, Any]:
    """A state in which each item has a card; it is due since a moment ago, or not for long."""
    time_now = int(time.time() * 1000) if now is None else now
    interval = round(stability) * DAY
    items = {}
    for place, item in enumerate(ids):
        last = time_now - place - (interval + 1000 if due else DAY)
        card = {
            "due": last + interval,
            "last": last,
            "stability": stability,
            "difficulty": 5,
            "phase": 2,
            "step": 0,
            "reps": 2,
            "lapses": 0,
        }
        log = [[last - DAY, "review", 3, 0], [last, "review", 3, 0]]
        items[item] = {"at": last, "since": 0, "card": card, "queued": False, "log": log}
    return {
        "schema": "backend-study-guide/state",
        "version": 1,
        "items": items,
        "topics": {},
        "settings": {},
        "sessions": {},
    }
