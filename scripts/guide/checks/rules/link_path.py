"""Paths are written so that they work on disk, in the preview and under any address."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Edit, Finding
from guide.checks.link_edits import retarget
from guide.checks.rule import PageRule
from guide.checks.targets import lacks_scheme, scheme
from guide.library import Page
from guide.library.links import Link
from guide.library.page import PageReader

_DOUBLED = re.compile(r"(?<!:)//+")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report absolute paths, doubled and trailing slashes, backslashes and empty targets."""
    for link in page.links:
        for message, hint, fix in _wrong(page, link):
            yield Finding(page.file, link.line, link.column, RULE.id, message, hint, fix=fix)


def _wrong(page: Page, link: Link) -> Iterator[tuple[str, str, tuple[Edit, ...]]]:
    target = link.target
    if not target.strip("<> "):
        yield "this link has no target", "say where it leads, or write it as plain text", ()
        return
    if scheme(target) in ("http", "https"):
        path = target.partition("://")[2].partition("?")[0].partition("#")[0]
        if _DOUBLED.search(path):
            yield f"`{target}` has a doubled slash in its path", "write one", ()
        return
    if scheme(target) or lacks_scheme(target) or target.startswith("//"):
        return
    path, mark, anchor = target.partition("#")
    if mark and not anchor:
        yield f"`{target}` ends with an empty anchor", "name a heading, or leave out the `#`", ()
    if re.search(r"\s", path.strip()):
        yield f"`{target}` contains a space", "close the link before it, or write `%20`", ()
        return
    if "\\" in path:
        yield f"`{target}` has a backslash", "paths are written with `/`", ()
    if path.startswith("/"):
        hint = "write the path relative to this page"
        yield f"`{target}` is an absolute path, which breaks under a project sub-path", hint, ()
        return
    if _DOUBLED.search(path):
        fix = retarget(page, link, _DOUBLED.sub("/", path) + mark + anchor)
        yield f"`{target}` has a doubled slash", "write one", fix
    if path.endswith("/"):
        hint = "link to the `.md` file, which works on disk and in the preview too"
        yield f"`{target}` ends with a slash", hint, ()


RULE = PageRule("link-path", "writes its paths so that they work everywhere", check)
