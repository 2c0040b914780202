"""Every relative link finds its page or file; nothing links by absolute path or odd scheme."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import Rule
from guide.checks.targets import internal, relative, scheme
from guide.library import Library, Page, did_you_mean

_SCHEMES = ("https", "http", "mailto")


def check(library: Library) -> Iterator[Finding]:
    """Report links that lead nowhere."""
    for page in library.pages.values():
        for link in page.links:
            message, hint = _wrong(library, page, link.target)
            if message:
                yield Finding(page.file, link.line, link.column, RULE.id, message, hint)


def _wrong(library: Library, page: Page, link: str) -> tuple[str, str]:
    used = scheme(link)
    if used:
        if used in _SCHEMES:
            return "", ""
        return f"`{link}` uses the scheme `{used}`", did_you_mean(used, _SCHEMES)
    if link.startswith("/"):
        return (
            f"`{link}` is an absolute path, which breaks under a project sub-path",
            "write the path relative to this page",
        )
    target = internal(page, link)
    if target is None or target.path in library.pages or target.path in library.files:
        return "", ""
    if target.path.startswith(".."):
        return f"`{link}` leaves docs/", "link to the file on the repository's host instead"
    known = {relative(page, path) for path in (*library.pages, *library.files)}
    by_case = next((path for path in known if path.lower() == link.partition("#")[0].lower()), "")
    hint = f"did you mean `{by_case}`? Letter case counts" if by_case else ""
    hint = hint or did_you_mean(link.partition("#")[0], known) or "link to the `.md` file"
    return f"`{link}` leads nowhere: there is no docs/{target.path}", hint


RULE = Rule("link-target", "links only to pages and files that exist", check)
