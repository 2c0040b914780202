"""Fixtures that several test packages share."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mini_project import MiniProject, make_mini_project
from site_server import PREFIX, ServedSite, copy_repository, run_guide, serve
from support import ROOT, needs

if TYPE_CHECKING:
    from playwright.sync_api import Browser

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


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests of the built site share one worker, so that it is built once, unless they say more."""
    for item in items:
        uses_site = "built_site" in getattr(item, "fixturenames", ())
        if uses_site and not any(item.iter_markers("xdist_group")):
            item.add_marker(pytest.mark.xdist_group("built-site"))


@pytest.fixture
def project(tmp_path: Path) -> MiniProject:
    """A valid miniature guide."""
    return make_mini_project(tmp_path / "mini")


@pytest.fixture(scope="session")
def built_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServedSite]:
    """The real site, built by `guide build` and served under a project sub-path."""
    copy = copy_repository(ROOT, tmp_path_factory.mktemp("repository"))
    with serve(copy / "site") as server:
        url = f"http://127.0.0.1:{server.server_port}{PREFIX}"
        done = run_guide(copy, "build", GUIDE_SITE_URL=url)
        assert done.returncode == 0, done.stdout + done.stderr
        yield ServedSite(url, copy / "site")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Headless Chromium, as the operating system ships it."""
    path = shutil.which("chromium") or shutil.which("chromium-browser")
    needs(path, "chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_OPTIONS)
        yield browser
        browser.close()
