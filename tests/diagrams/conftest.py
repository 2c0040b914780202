from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from guide.diagrams.render import render_diagrams

KINDS = Path(__file__).parent / "kinds"


@pytest.fixture(scope="session")
def kinds() -> Mapping[str, str]:
    """The source of one diagram of each kind."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(KINDS.glob("*.mmd"))}


@pytest.fixture(scope="session")
def drawings(kinds: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """One drawing of each kind; test processes share a cache."""
    cache = tmp_path_factory.getbasetemp().parent / "diagram-cache"
    drawn = render_diagrams(kinds.values(), cache)
    errors = {name: drawn[source].error for name, source in kinds.items() if drawn[source].error}
    assert errors == {}
    return {name: drawn[source].svg for name, source in kinds.items()}


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """A headless Chromium: the one on the machine, else Playwright's own."""
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        installed = shutil.which("chromium") or shutil.which("chromium-browser")
        try:
            launched = playwright.chromium.launch(
                executable_path=installed, args=["--no-sandbox"]
            )
        except sync_api.Error as error:
            pytest.skip(f"Chromium does not start: {error.message.splitlines()[0]}")
        yield launched
        launched.close()
