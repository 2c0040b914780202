"""Addresses that have been published, and where those that moved are now.

`docs/ids.txt` records every page and every id on it, in reading order, one a line: `page.md` or
`page.md#id`. Readers' links, progress and review cards hang on them, so one that goes away needs
an entry in `docs/redirects.yml`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import pydantic
from pydantic import ConfigDict, Field

from guide.library.page import Page

MANIFEST = "docs/ids.txt"
REDIRECTS = "docs/redirects.yml"
_PLACE = r"^[^#\s]+\.md(#[^#\s]+)?$"


class Redirect(pydantic.BaseModel):
    """An address that moved: `page.md` or `page.md#id`, both relative to docs/."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    old: str = Field(pattern=_PLACE)
    new: str = Field(pattern=_PLACE)


def addresses(pages: Mapping[str, Page]) -> Iterator[str]:
    """Yield the address of each page that is published, and of each id on it.

    The id of the title is left out, it is the page itself; so are headings of generated pages
    that come and go with what there is to list.
    """
    for path in sorted(pages):
        page = pages[path]
        if not page.is_published:
            continue
        yield path
        passing = {
            section.id
            for section in page.sections
            if not section.explicit and (section.level == 1 or page.kind == "generated")
        }
        yield from (f"{path}#{anchor}" for anchor in page.anchors if anchor not in passing)


def parse_manifest(text: str) -> tuple[str, ...]:
    """Read the lines of the manifest; blank ones and `#` comments keep their place, empty."""
    lines = (line.strip() for line in text.split("\n"))
    return tuple("" if line.startswith("#") else line for line in lines)


def write_manifest(recorded: Iterable[str]) -> str:
    """Return the manifest's text."""
    head = (
        "# Every address ever published. `guide check --fix` adds new ones; nobody removes one.\n"
    )
    return head + "".join(f"{address}\n" for address in recorded)
