"""Pages of the built site as PDF files, printed by headless Chromium without a network."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urljoin

import click
from selectolax.lexbor import LexborHTMLParser

from guide.library import Library

FOLDER = "exports"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_OPTIONS = (
    "--headless",
    "--no-sandbox",  # the pages are our own, and containers offer no sandbox
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--no-pdf-header-footer",
    "--allow-file-access-from-files",
)
_TIMEOUT = 120
_AT_ONCE = 2
_TIMES = re.compile(rb"/(CreationDate|ModDate) \(D:\d{14}")
_PAPER = "<style>@page { size: A4 }</style>"
"""Fits on the letter format, too; from a browser the page takes the paper that there is."""
_NO_TIME = b"(D:20000101000000"
"""In the place of the time of printing, so that equal pages give equal files."""
_NODE = re.compile(rb"\(node(\d{8})\)")
"""A part of the page by the browser's own count, which another run may begin elsewhere."""


class PrintError(click.ClickException):
    """A page could not be printed; the message says why."""


def print_sheets(
    library: Library, site: Path, folder: Path, url: str, progress: Callable[[int, int], None]
) -> int:
    """Print the sheets of the built `site` into `folder`; return how many they are."""
    targets = {page: folder / name for page, name in sheets(library).items()}
    print_pages(site, url, targets, progress)
    return len(targets)


def sheets(library: Library) -> dict[str, str]:
    """The pages that are made to be printed (HTML file in the site) and names of PDF files."""
    places = [path.removesuffix(".md") for path in library.pages if path.startswith(f"{FOLDER}/")]
    return {f"{place}/index.html": f"{Path(place).name}.pdf" for place in places}


def print_pages(
    site: Path, url: str, pages: Mapping[str, Path], progress: Callable[[int, int], None]
) -> None:
    """Print `pages` (path of an HTML file in `site` -> PDF file) of the site published at `url`.

    Links lead to the published site. `progress` gets done and total.
    """
    browser = find_browser()
    done = 0
    progress(done, len(pages))
    with ThreadPoolExecutor(_AT_ONCE) as pool:

        def printed(item: tuple[str, Path]) -> None:
            _print(browser, site, url, *item)

        for _ in pool.map(printed, pages.items()):
            done += 1
            progress(done, len(pages))


def find_browser() -> str:
    """The browser on the PATH; raise PrintError if there is none."""
    found = next((path for name in _BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        raise PrintError(
            "printing needs Chromium or Chrome on the PATH; on Debian and Ubuntu: "
            "apt install chromium"
        )
    return found


def _print(browser: str, site: Path, url: str, page: str, target: Path) -> None:
    source = (site / page).resolve()
    with tempfile.TemporaryDirectory(prefix="guide-print-") as name:
        folder = Path(name)
        copy, result = folder / "page.html", folder / "page.pdf"
        copy.write_text(
            _standing_alone(source, url + page.removesuffix("index.html")), encoding="utf-8"
        )
        command = [
            browser,
            *_OPTIONS,
            f"--user-data-dir={folder / 'profile'}",
            f"--print-to-pdf={result}",
            copy.as_uri(),
        ]
        try:
            done = subprocess.run(command, capture_output=True, timeout=_TIMEOUT, check=False)
        except subprocess.TimeoutExpired:
            raise PrintError(f"{page} was not printed within {_TIMEOUT} s") from None
        if done.returncode or not result.exists():
            last = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise PrintError(f"{page} could not be printed: {' '.join(last)}")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(repeatable(result.read_bytes()))


def repeatable(pdf: bytes) -> bytes:
    """The file without what differs between two printings of one page; no byte moves."""
    # In their order, because the file looks them up in a sorted list.
    numbers = {node: place for place, node in enumerate(sorted(set(_NODE.findall(pdf))))}
    pdf = _NODE.sub(lambda node: b"(node%08d)" % numbers[node[1]], pdf)
    return _TIMES.sub(_timeless, pdf)


def _timeless(match: re.Match[bytes]) -> bytes:
    return b"/%s %s" % (match[1], _NO_TIME)


def _standing_alone(source: Path, address: str) -> str:
    """The page without scripts and their policy: it fetches from its files, links to the site."""
    tree = LexborHTMLParser(source.read_text(encoding="utf-8"))
    for unwanted in tree.css("script, meta[http-equiv=Content-Security-Policy]"):
        unwanted.decompose()
    paper = LexborHTMLParser(_PAPER).css_first("style")
    if tree.head is not None and paper is not None:
        tree.head.insert_child(paper)
    for node in tree.css("a[href]"):
        node.attrs["href"] = urljoin(address, node.attributes["href"] or "")
    for name in ("href", "src"):
        for node in tree.css(f"link[{name}], img[{name}]"):
            node.attrs[name] = urljoin(source.as_uri(), node.attributes[name] or "")
    return tree.html or ""
