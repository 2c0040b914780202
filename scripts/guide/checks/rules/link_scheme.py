"""Links to other sites say `https:` and mean it."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding
from guide.checks.rule import PageRule
from guide.checks.targets import lacks_scheme, scheme
from guide.library import Page, did_you_mean
from guide.library.links import LinkKind
from guide.library.page import PageReader

_SCHEMES = ("https", "mailto")


def check(page: Page, reader: PageReader) -> Iterator[Finding]:
    """Report schemes that are missing, misspelt, unknown or without encryption."""
    for link in page.links:
        message, hint = _wrong(link.kind, link.target)
        if message:
            yield Finding(page.file, link.line, link.column, RULE.id, message, hint)


def _wrong(kind: LinkKind, target: str) -> tuple[str, str]:
    used = scheme(target)
    if used == "http":
        return (
            f"`{target}` is not encrypted",
            "use `https:`; where there is none, say so and allow it",
        )
    if used == "mailto":
        if "@" not in target:
            return f"`{target}` has no address", "write `mailto:name@host`"
    elif used and used not in _SCHEMES and not (used == "data" and kind == "image"):
        hint = did_you_mean(used, (*_SCHEMES, "http")) or f"known: {', '.join(_SCHEMES)}"
        return f"`{target}` uses the scheme `{used}`", hint
    elif target.startswith("//"):
        return f"`{target}` has no scheme", f"write `https:{target}`"
    elif lacks_scheme(target):
        return f"`{target}` has no scheme, so it is taken for a file", "start it with `https://`"
    return "", ""


RULE = PageRule("link-scheme", "links to other sites by `https:`", check)
