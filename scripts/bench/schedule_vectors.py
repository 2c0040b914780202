"""Make tests/learning/fsrs-vectors.json: review histories as py-fsrs, the reference, answers them.

Run it with `uv run scripts/bench/schedule_vectors.py`, which fetches the version named here;
nothing else in the project needs it.
"""

# /// script
# requires-python = ">=3.11"
# dependencies = ["fsrs==6.3.2"]
# ///

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

from fsrs import Card, Rating, Scheduler

TARGET = Path(__file__).resolve().parents[2] / "tests" / "learning" / "fsrs-vectors.json"
SEED = 11
HISTORIES = 250
MINUTE = 60_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_760_000_000_000
"""Milliseconds since 1970: a day in October 2025."""
STEP = timedelta(minutes=10)
LONGEST = 30_000
"""Days of stability where a history ends: past 36,500 the reference has no limit, ts-fsrs has."""


def histories(count: int, seed: int) -> Iterator[list[list[Any]]]:
    """Random histories; each is a list of [time, grade, due, stability, difficulty, phase]."""
    scheduler = Scheduler(learning_steps=[STEP], relearning_steps=[STEP], enable_fuzzing=False)
    rng = random.Random(seed)
    for _ in range(count):
        yield list(_history(scheduler, rng))


def _history(scheduler: Scheduler, rng: random.Random) -> Iterator[list[Any]]:
    card = Card(card_id=1)
    time = START + rng.randrange(365 * DAY)
    weights = rng.choice([(1, 1, 1, 1), (1, 2, 6, 1), (4, 1, 3, 0), (0, 1, 4, 4), (1, 0, 9, 0)])
    for _ in range(rng.randint(1, 14)):
        grade = rng.choices([1, 2, 3, 4], weights)[0]
        card, _log = scheduler.review_card(card, Rating(grade), _moment(time))
        assert card.stability is not None
        if card.stability > LONGEST:
            return
        due = _milliseconds(card.due)
        yield [time, grade, due, card.stability, card.difficulty, int(card.state)]
        time += _gap(rng, max(due - time, MINUTE))


def _gap(rng: random.Random, interval: int) -> int:
    """Until the next review: the same day, about a day, when due, early, late, or years later."""
    return rng.choice(
        [
            lambda: rng.randrange(1_000, 20 * MINUTE),
            lambda: rng.randrange(HOUR, DAY),
            lambda: DAY + rng.choice([-1, 0, 1]),
            lambda: interval,
            lambda: interval + rng.randrange(HOUR),
            lambda: rng.randrange(1, interval),
            lambda: interval * rng.randint(2, 5),
            lambda: rng.randrange(DAY, 1_500 * DAY),
        ]
    )()


def _moment(milliseconds: int) -> datetime:
    return datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)


def _milliseconds(moment: datetime) -> int:
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)


def main() -> None:
    """Write the file."""
    made = [json.dumps(each) for each in histories(HISTORIES, SEED)]
    about = {
        "made": f"by scripts/bench/schedule_vectors.py with fsrs {version('fsrs')}",
        "scheduler": "default parameters, retention 0.9, one learning and one relearning step of "
        "10 minutes, no fuzz",
        "columns": ["time", "grade", "due", "stability", "difficulty", "phase"],
    }
    head = json.dumps(about, indent=2).removesuffix("\n}")
    body = ",\n    ".join(made)
    TARGET.write_text(f'{head},\n  "histories": [\n    {body}\n  ]\n}}\n', encoding="utf-8")
    print(f"{TARGET}: {len(made)} histories")


if __name__ == "__main__":
    main()
