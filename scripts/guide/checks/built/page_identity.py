"""A page has one heading, and a title and a description that no other page has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from guide.checks.built.page import BuiltPage
from guide.checks.built.place import line_of
from guide.checks.built.rule import BuiltRule
from guide.checks.built.site import BuiltSite
from guide.checks.finding import Finding


def check(site: BuiltSite) -> Iterator[Finding]:
    """Report missing, repeated and shared titles, descriptions and main headings."""
    titles: dict[str, str] = {}
    descriptions: dict[str, str] = {}
    for page in site.pages.values():
        if not page.is_content:
            continue
        described = page.facts.metas.get("description", ())
        yield from _property(page, "title", page.facts.titles, titles)
        yield from _property(page, "description", described, descriptions)
        headings = page.facts.headings
        if headings != 1:
            yield Finding(
                f"site/{page.path}",
                line_of(page, page.tree.css("h1")[1]) if headings else 1,
                1,
                RULE.id,
                f"the page has {headings} headings of level 1" if headings else _NO_HEADING,
                "start the page with one `# Title`; sections below it begin with `##`",
            )


_NO_HEADING = "the page has no heading of level 1"
_ELEMENTS = {"title": "head > title", "description": 'meta[name="description" i]'}


def _property(
    page: BuiltPage, name: str, texts: Sequence[str], seen: dict[str, str]
) -> Iterator[Finding]:
    path = f"site/{page.path}"
    hint = f"give the page its own `{name}:` in its front matter"
    values = [" ".join(text.split()) for text in texts]
    if not any(values):
        yield Finding(path, 1, 1, RULE.id, f"the page has no {name}", hint)
        return
    wrong = len(values) > 1 or values[0] in seen
    line = line_of(page, page.tree.css(_ELEMENTS[name])[-1]) if wrong else 1
    if len(values) > 1:
        yield Finding(path, line, 1, RULE.id, f"the page has {len(values)} {name}s", hint)
    if values[0] in seen:
        message = f"{seen[values[0]]} has the same {name}: {values[0]}"
        yield Finding(path, line, 1, RULE.id, message, hint)
    seen.setdefault(values[0], page.path)


RULE = BuiltRule("page-identity", "has its own title, description and one main heading", check)
