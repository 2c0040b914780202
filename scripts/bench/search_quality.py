"""Judge the site's search: type readers' queries into its box and see where the right links stand.

A query names every place that answers it: `area/slug` (anywhere on that page) or `area/slug#id`
(only there).
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import yaml

from workspace import BenchError

if TYPE_CHECKING:
    from playwright.sync_api import Page

KINDS = (
    "title",
    "question",
    "words",
    "alias",
    "term",
    "symbol",
    "status",
    "form",
    "joined",
    "typo",
    "sentence",
)
WARM_UP = "http"
"""A query that has results in any version of this site: it shows that the engine is ready."""


@dataclass(frozen=True, slots=True)
class Place:
    """A page of the site, like `http/http-methods`, and an id on it; an empty id is the page."""

    page: str
    anchor: str = ""

    @classmethod
    def read(cls, text: str) -> Place:
        """From `area/slug`, `area/slug#id` or an address relative to the site."""
        address = urlsplit(text)
        return cls(address.path.removesuffix("index.html").rstrip("/"), address.fragment)

    def __str__(self) -> str:
        return f"{self.page}{'#' * bool(self.anchor)}{self.anchor}"

    def answered_by(self, link: Place, page_suffices: bool = False) -> bool:
        """Tell whether `link` leads here; if `page_suffices`, to any place on the page."""
        return link.page == self.page and (page_suffices or self.anchor in ("", link.anchor))


@dataclass(frozen=True, slots=True)
class Query:
    """What a reader types, and all places that are a right answer."""

    text: str
    kind: str
    at: tuple[Place, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """The links that a query brought up, in the order of the screen, and how long it took.

    `opened` is where the Enter key leads: Material takes its best score, wherever that stands.
    """

    query: Query
    links: tuple[Place, ...]
    opened: Place | None
    milliseconds: float

    def rank(self, page_suffices: bool = False) -> int | None:
        """Position of the first right link, from 1; None if there is none."""
        for rank, link in enumerate(self.links, 1):
            if self._is_right(link, page_suffices):
                return rank
        return None

    @property
    def opens_right(self) -> bool:
        """Whether the Enter key leads to a right place."""
        return self.opened is not None and self._is_right(self.opened)

    def _is_right(self, link: Place, page_suffices: bool = False) -> bool:
        return any(place.answered_by(link, page_suffices) for place in self.query.at)


@dataclass(frozen=True, slots=True)
class Figures:
    """What a number of answers come to; shares are between 0 and 1."""

    queries: int
    first: int
    first_three: int
    opened: int
    reciprocal_rank: float
    empty: int
    median: float
    percentile_95: float

    @property
    def hit_1(self) -> float:
        """Share of the queries whose first link is right."""
        return self.first / self.queries

    @property
    def hit_3(self) -> float:
        """Share of the queries with a right link among the first three."""
        return self.first_three / self.queries


def read_queries(file: Path) -> tuple[Query, ...]:
    """Read a set of queries; raise BenchError with the line of what is wrong."""
    loader = yaml.SafeLoader(file.read_text("utf-8"))
    try:
        root = loader.get_single_node()
        if not isinstance(root, yaml.SequenceNode) or not root.value:
            raise BenchError(f"{file} holds no list of queries")
        return tuple(
            _query(loader.construct_object(node, deep=True), file, node.start_mark.line + 1)
            for node in root.value
        )
    except yaml.YAMLError as error:
        raise BenchError(f"{file} is no YAML: {error}") from error
    finally:
        loader.dispose()


def _query(entry: Any, file: Path, line: int) -> Query:
    def refuse(what: str) -> BenchError:
        return BenchError(f"{file}:{line}: {what}")

    if not isinstance(entry, dict) or set(entry) != {"query", "kind", "at"}:
        raise refuse("an entry has exactly the keys `query`, `kind` and `at`")
    text, kind, at = entry["query"], entry["kind"], entry["at"]
    if not isinstance(text, str) or not text or text != text.strip():
        raise refuse(f"a query is text without blanks around it, in quotes, not {text!r}")
    if kind not in KINDS:
        raise refuse(f"no kind {kind!r}; there are {', '.join(KINDS)}")
    if not isinstance(at, list) or not at or not all(isinstance(each, str) for each in at):
        raise refuse("`at` is a list of at least one place")
    places = tuple(map(Place.read, at))
    if len(set(places)) != len(places):
        raise refuse("`at` names a place twice")
    return Query(text, kind, places, line)


def figures(answers: Sequence[Answer], page_suffices: bool = False) -> Figures:
    """Sum up `answers`, of which there is at least one."""
    ranks = [answer.rank(page_suffices) for answer in answers]
    times = sorted(answer.milliseconds for answer in answers)
    return Figures(
        queries=len(answers),
        first=sum(rank == 1 for rank in ranks),
        first_three=sum(rank is not None and rank <= 3 for rank in ranks),
        opened=sum(answer.opens_right for answer in answers),
        reciprocal_rank=sum(1 / rank for rank in ranks if rank) / len(ranks),
        empty=sum(not answer.links for answer in answers),
        median=statistics.median(times),
        percentile_95=times[-(-95 * len(times) // 100) - 1],
    )


def by_kind(answers: Iterable[Answer]) -> dict[str, list[Answer]]:
    """`answers` by the kind of their query, in the order of KINDS."""
    sorted_ = sorted(answers, key=lambda answer: KINDS.index(answer.query.kind))
    kinds: dict[str, list[Answer]] = {}
    for answer in sorted_:
        kinds.setdefault(answer.query.kind, []).append(answer)
    return kinds


def misses(answers: Iterable[Answer], within: int, page_suffices: bool = False) -> list[str]:
    """A line for each query without a right link among the first `within`: what came instead."""
    return [
        f"{answer.query.text!r} ({answer.query.kind}): "
        f"wanted {' or '.join(map(str, answer.query.at))}, "
        f"{f'which came {rank}.' if rank else 'which did not come'}; "
        f"first came {', '.join(map(str, answer.links[:within])) or 'nothing'}"
        for answer in answers
        if (rank := answer.rank(page_suffices)) is None or rank > within
    ]


# Lives in the page, so that the way from here to the browser is no part of any time.
#
# `state` is what the dialog says and its first links. `expect` is called before a key is pressed;
# its promise resolves once the state is the one wanted. For an answer it must have stood
# for a whole frame too: a message and its list might be written one after the other. The time is
# that between two moments: the last `input` or `keyup` before the list was written (Material's box
# waits for the key to be released, others need not), and the mutation that wrote it. Painting comes
# with the next frame and is not counted.
_WATCH = """
(() => {
  const box = document.querySelector("[data-md-component=search-query]");
  const result = document.querySelector(".md-search-result");
  const meta = result.querySelector(".md-search-result__meta");
  let key = 0;
  for (const type of ["input", "keyup"])
    box.addEventListener(type, () => { key = performance.now(); }, { capture: true });

  // A closed "more on this page" hides its links: a reader does not see them.
  const links = () => [...result.querySelectorAll(".md-search-result__item a")]
    .filter((link) => !link.closest("details:not([open])"))
    .map((link) => link.href);
  const state = () => JSON.stringify([meta.textContent.trim(), links().slice(0, 3)]);

  const goals = {
    filled: () => links().length > 0,
    emptied: (shown, old) => shown !== old && links().length === 0,
    from: (shown, old) => shown !== old,
    to: (shown, wanted) => shown === wanted,
  };

  function changed(goal, other, limit) {
    return new Promise((resolve, reject) => {
      const began = performance.now();
      const needed = goal === "to" ? 1 : 2;
      let shown = state(), since = began, at = began, frames = 0;
      const observer = new MutationObserver(() => {
        frames = 0;
        const now = state();
        if (now === shown) return;
        [shown, since, at] = [now, key, performance.now()];
      });
      observer.observe(result, { childList: true, subtree: true, characterData: true });
      requestAnimationFrame(function look() {
        frames = goals[goal](shown, other) ? frames + 1 : 0;
        const over = performance.now() - began > limit;
        if (frames < needed && !over) return requestAnimationFrame(look);
        observer.disconnect();
        if (frames >= needed) resolve({ links: links(), milliseconds: at - since, state: shown });
        else reject(new Error(`not within ${limit} ms; the dialog shows ${shown}`));
      });
    });
  }

  let opened = null;
  addEventListener("click", (event) => {
    const link = event.target.closest(".md-search-result a");
    if (!link) return;
    opened = link.href;
    event.preventDefault();
    event.stopImmediatePropagation();
  }, { capture: true });

  window.searchWatch = {
    expect(goal, other, limit) {
      this.answer = changed(goal, other, limit);
      this.answer.catch(() => {});  // whoever awaits it gets the error
    },
    // All but the last character, without an event: the one key that follows asks for the whole
    // query, once, whatever event the engine listens to.
    prepare(text) {
      box.value = text;
      box.setSelectionRange(text.length, text.length);
      opened = null;
    },
    opened: () => opened,
  };
})();
"""


class SearchBox:
    """The search dialog of an open page, ready for queries.

    Between two queries the box is emptied and the dialog watched until it shows what it shows for
    an empty box. So whatever differs from that afterwards answers the query just typed, and can be
    no leftover of the one before.
    """

    def __init__(self, page: Page, site: str, limit: int = 10_000) -> None:
        """Open `site`, an URL that ends in a slash, and its search, and wait for its engine.

        `limit` is the number of milliseconds that an answer may take.
        """
        self._page = page
        self._site = site
        self._limit = limit
        self._errors: list[str] = []
        page.on("pageerror", lambda error: self._errors.append(str(error)))
        page.goto(site, wait_until="load")
        page.evaluate(_WATCH)
        page.locator("[data-md-component=search-query]").focus()
        shown = self._type(WARM_UP, "filled")
        self._empty = self._erase("emptied", shown["state"])["state"]

    def ask(self, query: Query) -> Answer:
        """Type `query` and collect what is found; raise BenchError if no answer comes."""
        found = self._type(query.text, "from", self._empty)
        self._page.keyboard.press("Enter")  # the watch notes the link and goes nowhere
        opened = self._page.evaluate("searchWatch.opened()")
        self._erase("to", self._empty)
        if self._errors:
            raise BenchError(f"{query.text!r} led to an error in the page: {self._errors[0]}")
        return Answer(
            query,
            tuple(map(self._place, found["links"])),
            self._place(opened) if opened else None,
            found["milliseconds"],
        )

    def _place(self, link: str) -> Place:
        return Place.read(link.removeprefix(self._site))

    def _type(self, text: str, goal: str, state: str = "") -> dict[str, Any]:
        self._page.evaluate("text => searchWatch.prepare(text)", text[:-1])
        self._expect(goal, state)
        self._page.keyboard.type(text[-1])
        if not text[-1].isascii():  # comes without a key, as from an input method
            self._page.keyboard.press("End")
        return self._answer(repr(text))

    def _erase(self, goal: str, state: str) -> dict[str, Any]:
        self._expect(goal, state)
        self._page.keyboard.press("ControlOrMeta+a")
        self._page.keyboard.press("Backspace")
        return self._answer("an emptied box")

    def _expect(self, goal: str, state: str) -> None:
        self._page.evaluate("a => searchWatch.expect(...a)", [goal, state, self._limit])

    def _answer(self, subject: str) -> dict[str, Any]:
        from playwright.sync_api import Error

        try:
            found: dict[str, Any] = self._page.evaluate("searchWatch.answer")
        except Error as error:
            raise BenchError(f"no answer to {subject} on {self._site}: {error.message}") from error
        return found


def ask_all(
    page: Page,
    site: str,
    queries: Sequence[Query],
    progress: Callable[[Answer], None] | None = None,
) -> list[Answer]:
    """Ask `queries` one after the other in one page of the site at the URL `site`."""
    box = SearchBox(page, site)
    answers = []
    for query in queries:
        answers.append(box.ask(query))
        if progress is not None:
            progress(answers[-1])
    return answers
