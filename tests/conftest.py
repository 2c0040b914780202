"""Fixtures that several test packages share."""

from __future__ import annotations

import contextlib
import fcntl
import functools
import gc
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from in_process import guide
from mini_project import MiniProject, make_mini_project
from site_server import PREFIX, ServedSite, copy_repository, run_guide, serve
from support import ROOT, needs

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Request

# Go compiles its standard library once, not for every project that a test makes.
os.environ.setdefault("GOCACHE", str(ROOT / ".cache" / "go-build"))

# Of the last list of features only is heeded: the first lines are those of Playwright that matter
# here. Chromium would load two more pages for the address bar of each window, which takes as long
# as the page itself, and keep a process for a page that nobody opens.
NO_FEATURES = [
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "SpareRendererForSitePerProcess",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxPopup",
]
CHROMIUM_OPTIONS = [
    "--disable-features=" + ",".join(NO_FEATURES),
    "--no-sandbox",
    "--disable-gpu",
    # No page of a test lives long enough for optimized code to pay for its compilation.
    "--js-flags=--no-opt --no-maglev",
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
    """A context or page from `make` that adds to `refused` what no page may do."""
    made = make(**{"service_workers": "block", **options})

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and "Content Security Policy" in message.text:
            refused.append(f"{message.location['url']}: {message.text}")

    def note_request(request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in (None, "127.0.0.1", "localhost"):
            refused.append(f"a page asked for {request.url}")

    made.on("console", note)
    made.on("request", note_request)
    made.add_init_script(_TELL_REFUSALS)
    return made


SHARED = {"intake", "walk"}
"""Fixtures that would be set up several times if their tests were spread over the workers."""


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Collect no garbage meanwhile: what is imported and collected is needed to the end.

    And less often afterwards, for most of what a test makes is needed until it ends.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.set_threshold(20_000)
        gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests by what they need, and say which come first.

    Those that wait most, for a browser; then those that share what takes longest to set up, so
    that one worker has all of them and is done before another takes some of its tests over.
    """
    for item in items:
        needed = getattr(item, "fixturenames", ())
        if "chromium_path" in needed:
            item.add_marker("browser")
        if "built_site" in needed:
            item.add_marker("site")
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    if item.get_closest_marker("browser"):
        return 0
    return 2 if SHARED.isdisjoint(getattr(item, "fixturenames", ())) else 1


SITE = pytest.StashKey[dict[str, str]]()
CLEANUP = pytest.StashKey[contextlib.ExitStack]()


def pytest_configure(config: pytest.Config) -> None:
    """Serve the folder in which the site will be built: one server for all workers of a run."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        config.stash[SITE] = config.workerinput["site"]  # type: ignore[attr-defined]
        return
    stack = config.stash[CLEANUP] = contextlib.ExitStack()
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="guide-site-"))
    server = stack.enter_context(serve(Path(folder, "repository", "site")))
    url = f"http://127.0.0.1:{server.server_port}{PREFIX}"
    config.stash[SITE] = {"folder": folder, "url": url}


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Tell a worker where the site is; called by pytest-xdist."""
    node.workerinput["site"] = node.config.stash[SITE]


def pytest_unconfigure(config: pytest.Config) -> None:
    if CLEANUP in config.stash:
        config.stash[CLEANUP].close()


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
def published_once(tmp_path_factory: pytest.TempPathFactory) -> MiniProject:
    """A miniature guide with its site; for `published`, which is a copy of it."""
    project = make_mini_project(tmp_path_factory.mktemp("published") / "mini")
    assert guide(project.root, "check", "--fix").returncode == 0
    done = guide(project.root, "build")
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture
def published(published_once: MiniProject, tmp_path: Path) -> MiniProject:
    """A valid miniature guide whose site was built."""
    return MiniProject(shutil.copytree(published_once.root, tmp_path / "published"))


@pytest.fixture
def recorded(project: MiniProject) -> MiniProject:
    """A valid miniature guide whose addresses are in its manifest."""
    done = guide(project.root, "check", "--fix")
    assert done.returncode == 0, done.stdout + done.stderr
    return project


@pytest.fixture(scope="session")
def built_site(pytestconfig: pytest.Config) -> ServedSite:
    """The real site, built by `guide build` and served under a project sub-path.

    The first worker that needs it builds it; others wait until it is there.
    """
    folder, url = Path(pytestconfig.stash[SITE]["folder"]), pytestconfig.stash[SITE]["url"]
    copy, done = folder / "repository", folder / "built"
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not done.exists():
            shutil.rmtree(copy, ignore_errors=True)
            built = run_guide(copy_repository(ROOT, copy), "build", GUIDE_SITE_URL=url)
            assert built.returncode == 0, built.stdout + built.stderr
            done.touch()
    return ServedSite(url, copy / "site")


@pytest.fixture(scope="session")
def refused() -> list[str]:
    """What pages did against their Content Security Policy, and whom else they asked."""
    return []


@pytest.fixture(autouse=True)
def _nothing_refused(refused: list[str]) -> Iterator[None]:
    """Fail a test in which a page did what its policy forbids, or asked anyone but its site.

    Set up first, it looks when all pages of the test are closed. A test that is about the policy
    takes what it expects out of the list.
    """
    yield
    found = [*refused]
    refused.clear()
    assert found == []


@pytest.fixture(scope="session")
def chromium_path() -> str:
    """Where the operating system's Chromium is; whoever asks for it is marked `browser`."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    needs(path, "chromium")
    assert path
    return path


@pytest.fixture(scope="session")
def chromium(chromium_path: str, refused: list[str]) -> Iterator[Browser]:
    """Headless Chromium, as the operating system ships it.

    Its profiles have no service workers, which would install the site in each of them behind the
    pages; tests that are about them ask for `service_workers="allow"`. A page that does what it may
    not fails the test (see `refused`).
    """
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=CHROMIUM_OPTIONS)
        for name in ("new_context", "new_page"):
            make = functools.partial(watched, getattr(browser, name), refused)
            setattr(browser, name, make)
        yield browser
        browser.close()
