"""Run Lighthouse on pages, several times in turns, and take the median."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from workspace import BENCH, ROOT, BenchError, tool

_PROGRAM = BENCH / "node_modules" / "lighthouse" / "cli" / "index.js"
_CHROME = "--headless=new --no-sandbox --disable-gpu --no-first-run --disable-component-update"
CATEGORIES = ("performance", "accessibility", "best-practices", "seo")


@dataclass(frozen=True, slots=True)
class Scores:
    """What Lighthouse says of a page in its mobile preset: scores of 100, milliseconds, shift."""

    performance: float
    accessibility: float
    best_practices: float
    seo: float
    first_paint: float
    largest_paint: float
    blocking: float
    shift: float


@dataclass(frozen=True, slots=True)
class Report:
    """The scores of one run, and the audits that cost points in other categories than speed."""

    scores: Scores
    failed: tuple[str, ...]


def measure(
    urls: Mapping[str, str], runs: int, progress: Callable[[str], None]
) -> dict[str, list[Report]]:
    """`runs` reports of each of `urls`, by their keys, in turns: what disturbs one disturbs all."""
    reports: dict[str, list[Report]] = {key: [] for key in urls}
    for number in range(runs):
        for key, url in urls.items():
            progress(f"Lighthouse, run {number + 1} of {runs}: {key}")
            reports[key].append(run(url))
    return reports


def median(reports: Sequence[Report]) -> Scores:
    """The median of each figure."""
    return Scores(
        *(
            statistics.median(getattr(each.scores, f.name) for each in reports)
            for f in fields(Scores)
        )
    )


def run(url: str) -> Report:
    """Measure the page at `url` once, in a fresh browser profile."""
    chrome = shutil.which("chromium") or shutil.which("chromium-browser")
    if chrome is None:
        raise BenchError("chromium is not installed; on Debian and Ubuntu: apt install chromium")
    if not _PROGRAM.exists():
        raise BenchError(
            "Lighthouse is not installed: run "
            f"`npm --prefix {BENCH.relative_to(ROOT)} ci --ignore-scripts`"
        )
    done = subprocess.run(
        [
            tool("node"),
            str(_PROGRAM),
            url,
            "--output=json",
            "--quiet",
            f"--only-categories={','.join(CATEGORIES)}",
            f"--chrome-flags={_CHROME}",
        ],
        env={**os.environ, "CHROME_PATH": chrome},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise BenchError(f"Lighthouse failed on {url}:\n{done.stderr.strip()[-1500:]}")
    return read(json.loads(done.stdout))


def read(result: Mapping[str, Any]) -> Report:
    """The report in the JSON that Lighthouse writes."""
    if "runtimeError" in result:
        raise BenchError(f"Lighthouse could not load the page: {result['runtimeError']['message']}")
    audits, categories = result["audits"], result["categories"]

    def number(audit: str) -> float:
        return float(audits[audit]["numericValue"])

    failed = sorted(
        {
            reference["id"]
            for name in CATEGORIES[1:]
            for reference in categories[name]["auditRefs"]
            if reference["weight"]
            and (audits[reference["id"]]["score"] or 0) < 1
            and audits[reference["id"]]["score"] is not None
        }
    )
    return Report(
        Scores(
            *(100 * categories[name]["score"] for name in CATEGORIES),
            number("first-contentful-paint"),
            number("largest-contentful-paint"),
            number("total-blocking-time"),
            number("cumulative-layout-shift"),
        ),
        tuple(failed),
    )
