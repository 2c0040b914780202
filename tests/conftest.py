"""Fixtures that several test packages share."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mini_project import MiniProject, make_mini_project
from site_server import PREFIX, ServedSite, copy_repository, run_guide, serve
from support import ROOT, needs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage

# Go compiles its standard library once, not for every project that a test makes.
os.environ.setdefault("GOCACHE", str(ROOT / ".cache" / "go-build"))

CHROMIUM_OPTIONS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


# What a script catches, such as a refused eval, reaches no console by itself.
_TELL_REFUSALS = """addEventListener("securitypolicyviolation", event =>
    console.error("Content Security Policy:", event.violatedDirective, event.blockedURI))"""


def watched(make: Callable[..., Any], refused: list[str], **options: Any) -> Any:
    """A context or page from `make` that adds to `refused` what is against a page's policy."""
    made = make(**{"service_workers": "block", **options})

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            refused.append(f"{message.location['url']}: {message.text}")

    made.on("console", note)
    made.add_init_script(_TELL_REFUSALS)
    return made


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that drive a browser take longest: they start first, so that no worker ends alone."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is None)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--sources",
        type=Path,
        metavar="PATH",
        help="folder with the five source documents (sources/) and source-units.yml",
    )


@pytest.fixture
def project(tmp_path: Path) -> MiniProject:
    """A valid miniature guide."""
    return make_mini_project(tmp_path / "mini")


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """The real site, built by `guide build` and served under a project sub-path.

    The first worker that needs it builds it, for the address where every worker serves it.
    """
    own = tmp_path_factory.getbasetemp()
    shared = own.parent if "PYTEST_XDIST_WORKER" in os.environ else own
    copy, address = shared / "repository", shared / "built-site.port"
    with (shared / "built-site.lock").open("w") as lock, contextlib.ExitStack() as stack:
        fcntl.flock(lock, fcntl.LOCK_EX)
        port = int(address.read_text()) if address.exists() else 0
        server = stack.enter_context(serve(copy / "site", port))
        url = f"http://127.0.0.1:{server.server_port}{PREFIX}"
        if not port:
            done = run_guide(copy_repository(ROOT, copy), "build", GUIDE_SITE_URL=url)
            assert done.returncode == 0, done.stdout + done.stderr
            address.write_text(str(server.server_port))
        fcntl.flock(lock, fcntl.LOCK_UN)
        yield ServedSite(url, copy / "site")


@pytest.fixture(scope="session")
def refused() -> list[str]:
    """What browsers have reported to be against the Content Security Policy of a page."""
    return []


@pytest.fixture(autouse=True)
def _nothing_refused(refused: list[str]) -> Iterator[None]:
    """Fail a test in which a page did something that its policy forbids.

    Set up first, it looks when all pages of the test are closed. A test that is about the policy
    takes what it expects out of the list.
    """
    yield
    found = [*refused]
    refused.clear()
    assert found == []


@pytest.fixture(scope="session")
def chromium(refused: list[str]) -> Iterator[Browser]:
    """Headless Chromium, as the operating system ships it.

    Its profiles have no service workers, which would install the site in each of them behind the
    pages; tests that are about them ask for `service_workers="allow"`. What a page does against its
    policy fails the test (see `refused`).
    """
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    needs(path, "chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        for name in ("new_context", "new_page"):
            make = functools.partial(watched, getattr(browser, name), refused)
            setattr(browser, name, make)
        yield browser
        browser.close()
