"""What has been published keeps its address: links, progress and review cards hang on it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guide.checks.finding import Finding
from guide.checks.rule import LibraryRule
from guide.library import Library, Page, did_you_mean
from guide.library.permanence import MANIFEST, REDIRECTS, addresses


def check(library: Library) -> Iterator[Finding]:
    """Report published pages and ids that are gone without a redirect."""
    present = set(addresses(library.pages))
    moved = {redirect.old for redirect in library.redirects}
    unread = any(each.meta is None for each in library.written_pages)
    published = [address for address in library.published if address]
    for number, address in enumerate(library.published, start=1):
        path, _, anchor = address.partition("#")
        if not address or address in present or address in moved or path in moved:
            continue
        if path not in library.pages:
            if not anchor:  # one finding for the page, not one for each of its ids
                known = [f"{page.path}" for page in library.pages.values()]
                hint = did_you_mean(path, known) or "bring it back"
                message = f"the published page docs/{path} is gone"
                yield Finding(MANIFEST, number, 1, RULE.id, message, f"{hint}; {_record(path)}")
            continue
        page = library.pages[path]
        if not page.is_published:
            if not anchor:
                message = f"the published page {page.file} is a draft now"
                line, hint = page.head_line("draft"), "remove `draft: true`"
                yield Finding(page.file, line, 1, RULE.id, message, f"{hint}; {_record(path)}")
            continue
        if page.kind == "generated" and unread:
            continue  # what it lists is incomplete
        present_here = (each.partition("#")[2] for each in addresses({path: page}))
        new = [each for each in present_here if each and f"{path}#{each}" not in published]
        hint = did_you_mean(anchor, new) or "give the id back: `{ #" + anchor + " }`"
        message = f"the published id `{anchor}` is gone"
        line = _place(page, anchor, new, published)
        yield Finding(page.file, line, 1, RULE.id, message, f"{hint}; {_record(address)}")


def _place(page: Page, anchor: str, new: Sequence[str], published: Sequence[str]) -> int:
    """Where the id probably was: at a new one after the id that stood before it."""
    ids = [each.partition("#")[2] for each in published if each.startswith(f"{page.path}#")]
    before = [each for each in ids[: ids.index(anchor)] if each in page.anchors]
    start = page.anchors[before[-1]] if before else page.body_line
    after = [each for each in ids[ids.index(anchor) + 1 :] if each in page.anchors]
    end = page.anchors[after[0]] if after else page.source.count("\n") + 1
    between = [page.anchors[each] for each in new if start <= page.anchors[each] <= end]
    return between[0] if between else end


def _record(address: str) -> str:
    return f"if it moved, say where in {REDIRECTS}: `{{old: {address}, new: ...}}`"


RULE = LibraryRule("id-permanence", "keeps every address it was published under", check)
