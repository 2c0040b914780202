"""What a browser loads to show a page, and then the next, before the reader does anything."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, ViewportSize

_IDLE = """() => new Promise(done => requestIdleCallback(() => setTimeout(done, 300)))"""
PHONE: ViewportSize = {"width": 412, "height": 823}


@dataclass(frozen=True, slots=True)
class Load:
    """Bytes and requests, headers included, of one visit; `elsewhere` are those to other hosts."""

    size: int
    requests: tuple[str, ...]
    elsewhere: tuple[str, ...]


class _Watch:
    """Counts what one page fetches over the network; answers from a cache cost nothing."""

    def __init__(self, page: Page, url: str) -> None:
        parts = urlsplit(url)
        session = page.context.new_cdp_session(page)
        self._origin = f"{parts.scheme}://{parts.netloc}/"
        self._urls: dict[str, str] = {}
        self._cached: set[str] = set()
        self._sizes: dict[str, int] = {}
        session.on("Network.requestWillBeSent", self._sent)
        session.on("Network.requestServedFromCache", lambda e: self._cached.add(e["requestId"]))
        session.on("Network.responseReceived", self._answered)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def _sent(self, event: dict[str, object]) -> None:
        request = event["request"]
        assert isinstance(request, dict)
        if request["url"].startswith(("http:", "https:", "ws:", "wss:")):
            self._urls[str(event["requestId"])] = request["url"]

    def _answered(self, event: dict[str, object]) -> None:
        response = event["response"]
        assert isinstance(response, dict)
        if response.get("fromDiskCache") or response.get("fromPrefetchCache"):
            self._cached.add(str(event["requestId"]))

    def _finished(self, event: dict[str, object]) -> None:
        size = event["encodedDataLength"]
        assert isinstance(size, (int, float))
        self._sizes[str(event["requestId"])] = int(size)

    def take(self) -> Load:
        """What was fetched since the last call."""
        urls = {key: url for key, url in self._urls.items() if key not in self._cached}
        load = Load(
            sum(self._sizes.get(key, 0) for key in urls),
            tuple(urls.values()),
            tuple(url for url in urls.values() if not url.startswith(self._origin)),
        )
        self._urls.clear()
        self._cached.clear()
        self._sizes.clear()
        return load


def cold(browser: Browser, url: str) -> Load:
    """What a phone with an empty cache loads for the page at `url`."""
    return warm(browser, [url])[0]


def warm(browser: Browser, urls: Sequence[str]) -> list[Load]:
    """What each of `urls` takes, opened one after the other in one profile.

    Without a service worker, which would answer and hide what the cache does.
    """
    with _phone(browser, "block") as page:
        watch = _Watch(page, urls[0])
        return [_open(page, url, watch) for url in urls]


def background(browser: Browser, url: str, sent: Callable[[], int]) -> int:
    """Bytes that the service worker of a site fetches after a first visit of the page at `url`.

    `sent` says how many bytes the server has sent so far.
    """
    before = sent()
    with _phone(browser, "allow") as page:
        load = _open(page, url, _Watch(page, url))
        last = -1
        while last != (now := sent()):
            last = now
            page.wait_for_timeout(1000)
    return max(now - before - load.size, 0)


@contextmanager
def _phone(browser: Browser, workers: Literal["allow", "block"]) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, service_workers=workers)
    try:
        yield context.new_page()
    finally:
        context.close()


def _open(page: Page, url: str, watch: _Watch) -> Load:
    page.goto(url, wait_until="networkidle")
    page.evaluate(_IDLE)
    page.wait_for_load_state("networkidle")
    return watch.take()
