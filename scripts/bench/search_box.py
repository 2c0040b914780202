"""Type queries into the search box of a site, in a real browser, and collect what comes."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from search_quality import Answer, Place, Query
from workspace import BenchError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Route, ViewportSize

WARM_UP = "http"
"""A query that has results in any version of this site: it shows that the engine is ready."""
WINDOW: ViewportSize = {"width": 1280, "height": 900}

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


_SOURCES = Path(__file__).parents[2] / "docs" / "assets" / "javascripts" / "search"
# What the site's worker does with a query, without the dialog around it.
_ENGINE = """
async ({ site, queries }) => {
  const { Engine } = await import(`${site}sources/engine.js`);
  const index = await (await fetch(`${site}search/search_index.json`)).json();
  const engine = new Engine(index.docs);
  return queries.map((query) => {
    const began = performance.now();
    const urls = engine.search(query).map((found) => found.url);
    return [urls, performance.now() - began];
  });
}
"""


def _give_source(route: Route) -> None:
    name = PurePosixPath(urlsplit(route.request.url).path).name
    route.fulfill(path=_SOURCES / name, content_type="text/javascript")


def ask_engine(page: Page, site: str, queries: Sequence[Query]) -> list[Answer]:
    """What the engine of this guide finds for `queries`, all in one go: fast, but without the box.

    The dialog lists what the engine finds in its order, and opens the first: `ask_all` shows it.
    """
    page.goto(site, wait_until="load")
    page.route(f"{site}sources/*", _give_source)
    asked = {"site": site, "queries": [query.text for query in queries]}
    answers = []
    for query, (urls, milliseconds) in zip(queries, page.evaluate(_ENGINE, asked), strict=True):
        links = tuple(map(Place.read, urls))
        answers.append(Answer(query, links, links[0] if links else None, milliseconds))
    return answers


@contextmanager
def chromium() -> Iterator[Browser]:
    """Headless Chromium, as the operating system ships it."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("chromium-browser")
    if path is None:
        raise BenchError("chromium is not installed; on Debian and Ubuntu: apt install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu", "--no-first-run"]
        )
        yield browser
        browser.close()


def new_page(browser: Browser) -> Page:
    """A page of a browser profile of its own: nothing is in its cache, and nothing fills it."""
    return browser.new_context(viewport=WINDOW, service_workers="block").new_page()
