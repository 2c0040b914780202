"""axe in a page of the browser: what it finds wrong for people who cannot see or point."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import axe_core_python

if TYPE_CHECKING:
    from playwright.sync_api import Page

_AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Whatever passes is not described: that takes axe most of its time.
_RUN = "tags => axe.run(document, { runOnly: tags, resultTypes: ['violations'] })"


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """The rules that the page breaks, each with the elements that do."""
    page.evaluate(_AXE)
    found = page.evaluate(_RUN, _RULES)["violations"]
    return [(rule["id"], node["target"]) for rule in found for node in rule["nodes"]]
