"""axe in a page of the browser: what it finds wrong for people who cannot see or point."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from support import ROOT, needs

if TYPE_CHECKING:
    from playwright.sync_api import Page

FILE = ROOT / "scripts" / "npm" / "node_modules" / "axe-core" / "axe.min.js"
_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_OF_COLOR = ["color-contrast", "link-in-text-block"]
"""The rules among them whose verdict can differ between color schemes."""

# Whatever passes is not described: that takes axe most of its time. Preloading fetches style sheets
# and sounds again for two rules, of which one is experimental and not run, and the other is about
# sounds that start by themselves; nothing here makes a sound.
# From the top: what scrolling has put half under the header is no small target.
_RUN = """([within, runOnly]) => {
    scrollTo(0, 0)
    const options = { runOnly, resultTypes: ["violations"], preload: false, elementRef: true }
    return axe.run(within ? { include: [within] } : document, options).then(({ violations }) =>
        violations.flatMap(({ id, nodes }) => nodes.map(({ target, element }) =>
            [id, target, element.closest("svg") !== null])))
}"""

_MISREAD = "label-content-name-mismatch"
"""In a drawing axe joins the rows of a label without the space that ends a row. That names of links
say what is drawn is tested with the map."""


@cache
def _axe() -> str:
    needs("axe-core" if FILE.exists() else None, "axe-core (make setup)")
    return FILE.read_text(encoding="utf-8")


def violations(
    page: Page, within: str = "", *, of_color: bool = False
) -> list[tuple[str, list[str]]]:
    """The rules that the page breaks, each with the elements that do.

    `within` is a selector, for looking at a part only; `of_color` asks for the rules about colors.
    """
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(_axe())
    rules = {"type": "rule", "values": _OF_COLOR} if of_color else {"type": "tag", "values": _TAGS}
    found = page.evaluate(_RUN, [within, rules])
    return [(rule, target) for rule, target, drawn in found if not (drawn and rule == _MISREAD)]


def choose_scheme(page: Page, scheme: str) -> None:
    """Have the system prefer `scheme`, light or dark, and wait until the page follows."""
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    name = "slate" if scheme == "dark" else "default"
    page.locator(f"body[data-md-color-scheme={name}]").wait_for(state="attached")


def violations_in_both_schemes(page: Page) -> dict[str, list[tuple[str, list[str]]]]:
    """What axe finds, by color scheme; a scheme in which it finds nothing is left out.

    What is not about color is looked for once.
    """
    found = {}
    for scheme in ("light", "dark"):
        choose_scheme(page, scheme)
        if broken := violations(page, of_color=scheme == "dark"):
            found[scheme] = broken
    return found
