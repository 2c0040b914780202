"""An address in running text is not a link until it is made one."""

from __future__ import annotations

import re
from collections.abc import Iterator

from guide.checks.finding import Edit, Finding
from guide.checks.rule import PageRule
from guide.library import Page
from guide.library.page import PageReader

_BARE = re.compile(
    r"(?P<before>\]\(\s*|\]:\s*|[<\"'=\[\w/.@-])?(?P<url>(?:https?://|www\.(?=\w))[^\s<>\[\]`|\"]+)"
)


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report addresses outside links and code; angle brackets make them links."""
    if "http" not in page.prose and "www." not in page.prose:
        return
    for number, line in enumerate(page.prose.split("\n"), page.body_line):
        for match in _BARE.finditer(line):
            if match["before"]:
                continue
            url = match["url"].rstrip(".,;:!?*_")
            if url.endswith(")") and "(" not in url:
                url = url.rstrip(").,")
            column = match.start("url") + 1
            fix: tuple[Edit, ...] = ()
            if url.startswith("https://") and page.kind != "generated":
                fix = (Edit(number, column, number, column + len(url), f"<{url}>"),)
            message = f"`{url}` is plain text, not a link"
            hint = "write `[what it is](address)`, `<address>`, or inline code"
            yield Finding(page.file, number, column, RULE.id, message, hint, fix=fix)


RULE = PageRule("link-bare", "makes each address a link or code", check)
