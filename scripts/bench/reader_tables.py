"""What was measured for readers, as figures that are held to what is asked and as a table."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from figures import COLUMNS, GUIDE, Figure
from lighthouse import Report, Scores, median

BARE = "material"
MEDIAN_SIZE, LARGEST_SIZE, NEXT_SIZE = 100_000, 120_000, 25_000
REQUESTS, BLOCKING, PAINT_RATIO = 10, 50, 1.1


@dataclass(frozen=True, slots=True)
class Weights:
    """Of a page: bytes, requests, those to other hosts; bytes of the next page, and behind it."""

    size: int
    requests: int
    following: int
    elsewhere: int
    background: int


@dataclass(frozen=True, slots=True)
class Measured:
    """Everything of one run; keys are sites, for the guide also "guide, heaviest" and so on."""

    reports: Mapping[str, Sequence[Report]]
    weights: Mapping[str, Weights]
    sizes: Sequence[int]
    requests: Sequence[int]
    elsewhere: int
    following: Sequence[int]
    topic: str
    runs: int

    def scores(self) -> dict[str, Scores]:
        """The median figures of each measured page."""
        return {key: median(reports) for key, reports in self.reports.items()}


def figures(measured: Measured) -> list[Figure]:
    """One figure for each thing asked. The guide shows the worst of its measured topic pages."""
    scores = measured.scores()
    own = [each for key, each in scores.items() if key.startswith(GUIDE)]
    bare = scores[BARE]
    rows = []

    def score(name: str, take: Callable[[Scores], float], least: float, asked: str) -> None:
        values = {key: f"{take(each):.0f}" for key, each in scores.items() if key in COLUMNS}
        worst = min(map(take, own))
        values[GUIDE] = f"{worst:.0f}"
        rows.append(Figure(name, asked, values, round(worst) >= round(least)))

    def most(
        name: str, take: Callable[[Scores], float], limit: float, asked: str, form: str
    ) -> None:
        values = {key: form.format(take(each)) for key, each in scores.items() if key in COLUMNS}
        worst = max(map(take, own))
        values[GUIDE] = form.format(worst)
        rows.append(Figure(name, asked, values, worst <= limit))

    score("performance", lambda s: s.performance, bare.performance, "not below bare Material")
    score("accessibility", lambda s: s.accessibility, 100, "100")
    score("best practices", lambda s: s.best_practices, 100, "100")
    score("search engines", lambda s: s.seo, 100, "100")
    limit = PAINT_RATIO * bare.largest_paint
    asked = f"at most {PAINT_RATIO} times bare Material"
    most("largest paint", lambda s: s.largest_paint, limit, asked, "{:.0f} ms")
    most("blocking time", lambda s: s.blocking, BLOCKING, f"at most {BLOCKING} ms", "{:.0f} ms")
    most("layout shift", lambda s: round(s.shift, 3), 0, "0", "{:g}")
    return [*rows, *_weights(measured)]


def _weights(measured: Measured) -> list[Figure]:
    by_site = measured.weights

    def row(name: str, own: int, limit: int, others: Callable[[Weights], int] | None) -> Figure:
        values = {key: _kb(others(each)) for key, each in by_site.items()} if others else {}
        return Figure(
            name, f"at most {limit // 1000} kB", {**values, GUIDE: _kb(own)}, own <= limit
        )

    def count(name: str, own: int, limit: int, others: Callable[[Weights], int]) -> Figure:
        values = {key: str(others(each)) for key, each in by_site.items()}
        asked = f"at most {limit}" if limit else "0"
        return Figure(name, asked, {**values, GUIDE: str(own)}, own <= limit)

    middle = round(statistics.median(measured.sizes))
    following = round(statistics.median(measured.following))
    rows = [
        row("median topic page", middle, MEDIAN_SIZE, lambda w: w.size),
        row("heaviest topic page", max(measured.sizes), LARGEST_SIZE, None),
        count("requests of a page", max(measured.requests), REQUESTS, lambda w: w.requests),
        row("next page, median topic", following, NEXT_SIZE, lambda w: w.following),
        row("next page, heaviest topic", max(measured.following), NEXT_SIZE, None),
        count("requests to third parties", measured.elsewhere, 0, lambda w: w.elsewhere),
    ]
    kept = {key: _kb(each.background) for key, each in by_site.items() if each.background}
    # Bare Material is a single page: it has no next one.
    return [
        Figure(each.name, each.asked, _without(each.values, BARE), each.holds)
        if each.name.startswith("next page")
        else each
        for each in [*rows, Figure("kept for reading offline, behind the page", "", kept)]
    ]


def details(measured: Measured) -> str:
    """One row for each measured page, with every figure of Lighthouse."""
    lines = [
        f"Lighthouse's mobile preset, median of {measured.runs}; {platform.machine()}, "
        f"{os.cpu_count()} cores. The median topic page is `{measured.topic}`; "
        f"{len(measured.sizes)} topic pages were loaded.",
        "",
        "| Page | Performance | Accessibility | Best practices | Search engines | First paint "
        "| Largest paint | Blocking time | Layout shift |",
        "|---|" + "---:|" * 8,
    ]
    for key, each in measured.scores().items():
        site, _, which = key.partition(", ")
        name = f"{COLUMNS[site]}, {which} topic" if which else COLUMNS[site]
        cells = [f"{value:.0f}" for value in _of_hundred(each)]
        cells += [f"{ms:.0f} ms" for ms in (each.first_paint, each.largest_paint, each.blocking)]
        lines.append(f"| {name} | {' | '.join(cells)} | {each.shift:.3g} |")
    failed = {
        COLUMNS[key.partition(", ")[0]]: sorted({id for each in reports for id in each.failed})
        for key, reports in measured.reports.items()
    }
    said = [f"{name}: {', '.join(f'`{id}`' for id in ids)}" for name, ids in failed.items() if ids]
    costs = "; ".join(said) or "none"
    return "\n".join([*lines, "", f"Audits that cost points beside speed: {costs}."])


def _of_hundred(scores: Scores) -> tuple[float, ...]:
    return (scores.performance, scores.accessibility, scores.best_practices, scores.seo)


def _without(values: Mapping[str, str], key: str) -> dict[str, str]:
    return {each: value for each, value in values.items() if each != key}


def _kb(size: int) -> str:
    return f"{size / 1000:.1f} kB"
