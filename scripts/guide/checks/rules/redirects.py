"""Redirects lead from addresses that are gone to addresses that are there, in one step."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, did_you_mean
from guide.library.permanence import REDIRECTS


def check(library: Library) -> Iterator[Finding]:
    """Report redirects that are not needed, lead nowhere, or lead to another redirect."""
    moved = [redirect.old for redirect in library.redirects]
    for index, redirect in enumerate(library.redirects):
        line, column = library.place(REDIRECTS, index)
        place = (REDIRECTS, line, column, RULE.id)
        if _exists(library, redirect.old):
            message = f"`{redirect.old}` is still there"
            yield Finding(*place, message, "a redirect is for what is gone")
        if redirect.old in moved[:index]:
            yield Finding(*place, f"`{redirect.old}` is redirected twice", "keep one")
        if redirect.new in moved:
            message = f"`{redirect.new}` is redirected too"
            yield Finding(*place, message, "lead straight to where it is now")
        elif not _exists(library, redirect.new):
            published = [page.path for page in library.pages.values() if page.is_published]
            known = [*published, *_anchors(library, redirect.new)]
            hint = did_you_mean(redirect.new, known) or "name a page, or a page and an id on it"
            yield Finding(*place, f"`{redirect.new}` does not exist", hint)


def _exists(library: Library, address: str) -> bool:
    path, _, anchor = address.partition("#")
    page = library.pages.get(path)
    return page is not None and page.is_published and (not anchor or anchor in page.ids)


def _anchors(library: Library, address: str) -> list[str]:
    page = library.pages.get(address.partition("#")[0])
    return [f"{page.path}#{each}" for each in page.ids] if page and page.is_published else []


RULE = LibraryRule("redirects", "is found under its old address by a redirect that works", check)
