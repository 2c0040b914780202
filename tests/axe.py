"""axe in a page of the browser: what it finds wrong for people who cannot see or point."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from support import ROOT, needs

if TYPE_CHECKING:
    from playwright.sync_api import Page

FILE = ROOT / "scripts" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]

# Whatever passes is not described: that takes axe most of its time. Preloading fetches style sheets
# and sounds again for two rules, of which one is experimental and not run, and the other is about
# sounds that start by themselves; nothing here makes a sound.
_RUN = """tags => axe.run(document, {
    runOnly: tags, resultTypes: ["violations"], preload: false
})"""


@cache
def _axe() -> str:
    needs("axe-core" if FILE.exists() else None, "axe-core (make setup)")
    return FILE.read_text(encoding="utf-8")


def violations(page: Page) -> list[tuple[str, list[str]]]:
    """The rules that the page breaks, each with the elements that do."""
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_axe())
    found = page.evaluate(_RUN, _RULES)["violations"]
    return [(rule["id"], node["target"]) for rule in found for node in rule["nodes"]]
