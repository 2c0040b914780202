"""Open the review with many cards on a slowed-down processor and tell how long its tasks block.

Serves a built site, gives the browser a state with so many cards, all of them due, opens the
review and starts a session, as often as asked. A task of 50 ms or more is long: a reader may
notice it. Times are the main thread's own processor time, as other load on this machine counts
less in it; still, run it on a machine at rest. What the theme's script does on every page is told
apart.

Examples:
  python scripts/bench/review_opening.py
  python scripts/bench/review_opening.py --cards 5000 --rate 6 --runs 5
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

import click

from review_states import studied_items
from workspace import ROOT

sys.path.insert(0, str(ROOT / "tests"))
from site_server import PREFIX, serve

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

LIMIT = 50
"""Milliseconds from which on a task is long."""
OURS = "/practice/study.json"
"""What the review asks for first."""
THEME = "/javascripts/theme.js"
PRESS = "setTimeout(() => document.querySelector('.tool .tool-button--main').click())"
"""The page itself starts the session: what the driver does for a click would count, too."""
CATEGORIES = ["toplevel", "devtools.timeline", "v8"]
QUIET = 4_000
"""Milliseconds in which everything has come to rest."""

Event = dict[str, Any]


@dataclass(frozen=True)
class Task:
    """One of the page's main thread, in milliseconds.

    `theme` says that most of it is the theme's script, `later` that the review had begun.
    """

    took: float
    theme: bool
    later: bool


@click.command(help=__doc__, context_settings={"help_option_names": ["-h", "--help"]})
@click.option("--cards", default=1000, show_default=True, help="Cards in the state.")
@click.option("--rate", default=4.0, show_default=True, help="How many times slower.")
@click.option("--runs", default=3, show_default=True)
@click.option("--site", "folder", type=Path, default=ROOT / "site", help="A built site.")
def main(cards: int, rate: float, runs: int, folder: Path) -> None:
    """Measure and print."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    state = _state(folder, cards)
    with serve(folder) as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        url = f"http://127.0.0.1:{server.server_port}{PREFIX}"
        measured = [_run(browser, url, state, rate) for _ in range(runs)]
        browser.close()
    click.echo(
        f"{cards} cards, processor {rate:g} times slower, longest task in each of {runs} runs"
    )
    for name in measured[0]:
        times = [run[name] for run in measured]
        verdict = "long" if median(times) >= LIMIT else "ok"
        listed = ", ".join(f"{each:.0f}" for each in times)
        click.echo(f"{name:<20} median {median(times):4.0f} ms  {verdict:<5} ({listed})")


def _state(folder: Path, cards: int) -> str:
    study = json.loads((folder / "practice" / "study.json").read_text(encoding="utf-8"))
    ids = [item["id"] for item in study["items"]]
    ids += [f"no-longer-there-{number}" for number in range(cards - len(ids))]
    return json.dumps(studied_items(ids[:cards], due=True))


def _run(browser: Browser, url: str, state: str, rate: float) -> dict[str, float]:
    with browser.new_context(service_workers="block") as context:
        page = context.new_page()
        page.goto(f"{url}robots.txt")
        page.evaluate("state => localStorage.setItem('guide.study', state)", state)
        session = context.new_cdp_session(page)
        session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
        opening = _tasks(browser, page, lambda: page.goto(f"{url}practice/review/"))
        starting = _tasks(browser, page, lambda: page.evaluate(PRESS))
        page.wait_for_selector(".review-card")
    return {
        "the theme": max(task.took for task in opening if task.theme),
        "opening the review": max(task.took for task in opening if task.later and not task.theme),
        "starting a session": max(task.took for task in starting),
    }


def _tasks(browser: Browser, page: Page, act: Callable[[], object]) -> list[Task]:
    browser.start_tracing(page=page, categories=CATEGORIES)
    act()
    page.wait_for_timeout(QUIET)
    events: list[Event] = json.loads(browser.stop_tracing())["traceEvents"]
    pages = {
        (event["pid"], event["tid"])
        for event in events
        if event["name"] == "thread_name" and event["args"]["name"] == "CrRendererMain"
    }
    threads = [[each for each in events if (each["pid"], each["tid"]) == page] for page in pages]
    return list(_tasks_of(max(threads, key=len)))


def _tasks_of(events: list[Event]) -> Iterator[Task]:
    began = min((event["ts"] for event in events if OURS in str(event.get("args"))), default=0)
    timed = [event for event in events if "tdur" in event]
    for event in timed:
        if event["name"] not in ("RunTask", "ThreadControllerImpl::RunTask"):
            continue
        inside = [each for each in timed if event["ts"] <= each["ts"] < event["ts"] + event["dur"]]
        theme = max((each["tdur"] for each in inside if THEME in str(each["args"])), default=0)
        yield Task(
            took=event["tdur"] / 1000,
            theme=theme > event["tdur"] / 2,
            later=event["ts"] >= began,
        )


if __name__ == "__main__":
    main()
