"""Every relative link finds its page or file inside docs/, in its exact letter case."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Edit, Finding
from guide.checks.link_edits import retarget
from guide.checks.rule import LibraryRule
from guide.checks.targets import internal, relative
from guide.library import Library, Page, did_you_mean
from guide.library.links import Link

MANY_LINKS = 300


def check(library: Library) -> Iterator[Finding]:
    """Report links that lead nowhere, and from published pages to drafts.

    Where only the letter case is wrong, it can be fixed.
    """
    moved = {redirect.old for redirect in library.redirects}
    there = library.pages.keys() | library.files | moved
    drafts = {page.path for page in library.drafts}
    by_case: dict[str, str] = {}
    for page in library.pages.values():
        for link in page.links:
            target = internal(page, link.target)
            if target is None:
                continue
            if target.path in drafts and page.is_published:
                message = f"`{link.target}` leads to a draft, which is not published"
                hint = "link to it once it is, or make this page a draft too"
                yield Finding(page.file, link.line, link.column, RULE.id, message, hint)
            if target.path in there:
                continue
            if not by_case:
                by_case = {path.lower(): path for path in (*library.pages, *library.files)}
            message, hint, fix = _explain(library, page, link, target.path, by_case)
            yield Finding(page.file, link.line, link.column, RULE.id, message, hint, fix=fix)


def _explain(
    library: Library, page: Page, link: Link, path: str, by_case: dict[str, str]
) -> tuple[str, str, tuple[Edit, ...]]:
    written, mark, anchor = link.target.partition("#")
    if path.startswith(".."):
        return f"`{link.target}` leaves docs/", "link to the file on the repository's host", ()
    message = f"`{link.target}` leads nowhere: there is no docs/{path}"
    if path.lower() in by_case:
        right = relative(page, by_case[path.lower()])
        fix = retarget(page, link, f"{right}{mark}{anchor}")
        return message, f"did you mean `{right}`? Letter case counts", fix
    return message, _near(library, page, written) or "link to the `.md` file", ()


def _near(library: Library, page: Page, written: str) -> str:
    """The nearest path, if the page has only a few links to mend: finding it takes a while."""
    if len(page.links) > MANY_LINKS:
        return ""
    known = [relative(page, each) for each in (*library.pages, *library.files)]
    return did_you_mean(written, known)


RULE = LibraryRule("link-target", "links only to pages and files that exist", check)
