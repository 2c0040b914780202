"""Tabs of one language have one label and one place in the order everywhere: they are linked."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence

from guide.checks.finding import Edit, Finding
from guide.checks.rule import PageRule
from guide.languages import LANGUAGES, canonical
from guide.library import Page, did_you_mean
from guide.library.blocks import Block
from guide.library.page import PageReader
from guide.library.tabs import TAB_ORDER, tab_sets

_TITLES = tuple(language.title for language in LANGUAGES.values())


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report labels that differ from the guide's, repeat, mislead or come in another order."""
    for tabs in tab_sets(page):
        for tab in tabs:
            yield from _label(page, tab)
        yield from _repeated(page, tabs)
        yield from _order(page, tabs)


def _label(page: Page, tab: Block) -> Iterator[Finding]:
    if not tab.title:
        yield _finding(page, tab, "this tab has no label", "write `/// tab | Python`")
        return
    name = canonical(tab.title)
    wanted = LANGUAGES[name].title if name else ""
    if wanted and tab.title != wanted:
        line = page.source.split("\n")[tab.line - 1]
        start = line.rindex(tab.title) + 1
        fix = (Edit(tab.line, start, tab.line, start + len(tab.title), wanted),)
        message = f"the label `{tab.title}` is written `{wanted}` elsewhere"
        yield _finding(page, tab, message, "linked tabs need the same label", fix)
    elif not wanted:
        near = did_you_mean(tab.title, _TITLES)
        if near:
            yield _finding(page, tab, f"`{tab.title}` is no language of the guide", near)
    if name is None or LANGUAGES[name].title == "Output":
        return
    fences = [fence for fence in page.fences if tab.line < fence.line < tab.end_line]
    languages = [canonical(fence.language) for fence in fences]
    if fences and name not in languages and None not in languages:
        message = f"the tab `{tab.title}` shows {fences[0].language}"
        yield _finding(page, tab, message, "label it with the language of its code")


def _repeated(page: Page, tabs: Sequence[Block]) -> Iterator[Finding]:
    seen: set[str] = set()
    for tab in tabs:
        if tab.title and tab.title in seen:
            message = f"this set has two tabs `{tab.title}`"
            yield _finding(page, tab, message, "give each its own label")
        seen.add(tab.title)


def _order(page: Page, tabs: Sequence[Block]) -> Iterator[Finding]:
    ranks = [(TAB_ORDER.index(tab.title), tab) for tab in tabs if tab.title in TAB_ORDER]
    for (before, earlier), (after, later) in itertools.pairwise(ranks):
        if after < before:
            message = f"the tab `{later.title}` comes after `{earlier.title}`"
            hint = f"the order is {', '.join(TAB_ORDER)}"
            yield _finding(page, later, message, hint)


def _finding(
    page: Page, tab: Block, message: str, hint: str, fix: tuple[Edit, ...] = ()
) -> Finding:
    return Finding(page.file, tab.line, tab.column, RULE.id, message, hint, fix=fix)


RULE = PageRule("tab-labels", "labels and orders its tabs like every other page", check)
