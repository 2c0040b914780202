"""Navigation, the map, the glossary and the ledgers: data that no longer agrees with the pages."""

from __future__ import annotations

import random
import re

from defects.registry import defect
from defects.tree import Injection, Page, Tree, choose, misspell, replace_match

FAMILY = "data"


@defect(FAMILY, "nav-no-page")
def nav_no_page(rng: random.Random, tree: Tree) -> Injection:
    """The navigation names a page that is not there."""
    page, (row, match) = choose(rng, [tree.data("mkdocs.yml")], _nav)
    wrong = misspell(rng, match["path"].removesuffix(".md")) + ".md"
    text = page.edited(row, page.lines[row], f"{match['indent']}- {wrong}")
    return Injection(page.file, text, row + 2, match["path"])


@defect(FAMILY, "nav-page-missing")
def nav_page_missing(rng: random.Random, tree: Tree) -> Injection:
    """A page is deleted from the navigation."""
    page, (row, match) = choose(rng, [tree.data("mkdocs.yml")], _nav)
    text = page.edited(row)
    nav = page.lines.index("nav:") + 1
    also = ((f"docs/{match['path']}", 1), (page.file, nav))
    return Injection(page.file, text, row + 1, match["path"], also)


@defect(FAMILY, "nav-page-twice")
def nav_page_twice(rng: random.Random, tree: Tree) -> Injection:
    """The navigation names a page twice."""
    page, (row, match) = choose(rng, [tree.data("mkdocs.yml")], _nav)
    text = page.edited(row, page.lines[row], page.lines[row])
    return Injection(page.file, text, row + 2, match["path"])


@defect(FAMILY, "config-style-missing")
def style_missing(rng: random.Random, tree: Tree) -> Injection:
    """The configuration names a stylesheet or script that is not there."""
    page, (row, match) = choose(
        rng,
        [tree.data("mkdocs.yml")],
        lambda each: each.find(r"assets/(?:stylesheets|javascripts)/(?P<name>\w+)\."),
    )
    return replace_match(page, row, match, misspell(rng, match["name"]), group="name")


@defect(FAMILY, "glossary-term-twice")
def term_twice(rng: random.Random, tree: Tree) -> Injection:
    """A term is defined twice."""
    page, (row, match) = choose(
        rng, [tree.data("glossary.yml")], lambda each: each.find(r'^- term: "(?P<term>.*)"$')
    )
    entry = [page.lines[row], '  definition: "Something else."', f"  {_topic(tree, rng)}"]
    text = "\n".join([*page.lines[:-1], *entry, ""])
    return Injection(page.file, text, len(page.lines), match["term"], ((page.file, row + 1),))


@defect(FAMILY, "glossary-alias-taken")
def alias_taken(rng: random.Random, tree: Tree) -> Injection:
    """An alias is the name of another term."""
    page, (row, match) = choose(
        rng, [tree.data("glossary.yml")], lambda each: each.find(r'aliases: \["(?P<alias>[^"]+)"')
    )
    terms = page.find(r'^- term: "(?P<term>.*)"$')
    other_row, other = rng.choice([each for each in terms if not row - 4 < each[0] < row])
    made = replace_match(page, row, match, other["term"], group="alias")
    entry = max(each for each, _ in terms if each < row)
    also = ((page.file, other_row + 1), (page.file, entry + 1))
    return made.or_at(*also)


@defect(FAMILY, "glossary-topic-unknown")
def glossary_topic(rng: random.Random, tree: Tree) -> Injection:
    """A term's home is a topic that the map does not know."""
    page, (row, match) = choose(
        rng, [tree.data("glossary.yml")], lambda each: each.find(r"^  topic: (?P<slug>[\w-]+)$")
    )
    return replace_match(page, row, match, misspell(rng, match["slug"]), group="slug")


@defect(FAMILY, "ledger-anchor-missing")
def ledger_anchor(rng: random.Random, tree: Tree) -> Injection:
    """The coverage of a unit names an anchor that is not on the page."""
    page, (row, match) = choose(
        rng,
        [tree.data("sources/coverage.yml")],
        lambda each: each.find(r"(?<=[\[ ])[\w-]+/[\w-]+#(?P<id>[\w-]+)"),
    )
    return replace_match(page, row, match, misspell(rng, match["id"]), group="id")


@defect(FAMILY, "ledger-unit-unknown")
def ledger_unit(rng: random.Random, tree: Tree) -> Injection:
    """The coverage names a unit that no document has."""
    page, (row, match) = choose(
        rng, [tree.data("sources/coverage.yml")], lambda each: each.find(r"unit: (?P<id>[\w-]+)")
    )
    return replace_match(page, row, match, f"{match['id']}9", group="id")


@defect(FAMILY, "ledger-unit-lost")
def ledger_lost(rng: random.Random, tree: Tree) -> Injection:
    """A unit whose topic is written is no longer covered."""
    page, (row, match) = choose(
        rng, [tree.data("sources/coverage.yml")], lambda each: each.find(r"unit: (?P<id>[\w-]+)")
    )
    also = tree.mentions(f"id: {match['id']},", "docs/sources/units.yml")
    return Injection(page.file, page.edited(row), row + 1, match["id"], also)


@defect(FAMILY, "errata-anchor-gone")
def errata_anchor(rng: random.Random, tree: Tree) -> Injection:
    """An erratum points to an anchor that is gone."""
    page, (row, match) = choose(
        rng, [tree.data("sources/errata.yml")], lambda each: each.find(r"^  at: .*#(?P<id>[\w-]+)$")
    )
    return replace_match(page, row, match, misspell(rng, match["id"]), group="id")


@defect(FAMILY, "errata-unit-unknown")
def errata_unit(rng: random.Random, tree: Tree) -> Injection:
    """An erratum names a unit that no document has."""
    page, (row, match) = choose(
        rng, [tree.data("sources/errata.yml")], lambda each: each.find(r"units: \[(?P<id>[\w-]+)")
    )
    return replace_match(page, row, match, f"{match['id']}9", group="id")


@defect(FAMILY, "errata-id-twice")
def errata_id(rng: random.Random, tree: Tree) -> Injection:
    """Two errata have the same id."""
    page = tree.data("sources/errata.yml")
    found = page.find(r"^- id: (?P<id>E\d+)$")
    (first, one), (row, two) = sorted(rng.sample(found, 2), key=lambda each: each[0])
    made = replace_match(page, row, two, one["id"], group="id")
    return made.or_at((page.file, first + 1))


@defect(FAMILY, "map-prerequisite-unknown")
def map_prerequisite(rng: random.Random, tree: Tree) -> Injection:
    """A topic of the map needs one that is not on it."""
    page, (row, match) = choose(
        rng,
        [tree.data("topics.yml")],
        lambda each: each.find(r"prerequisites: \[(?P<slug>[\w-]+)"),
    )
    made = replace_match(page, row, match, misspell(rng, match["slug"]), group="slug")
    entry = max(each for each, _ in page.find(r"^  - slug:") if each < row)
    return made.or_at((page.file, entry + 1))


@defect(FAMILY, "map-slug-twice")
def map_slug(rng: random.Random, tree: Tree) -> Injection:
    """Two topics of the map have the same slug."""
    page = tree.data("topics.yml")
    found = page.find(r"slug: (?P<slug>[\w-]+)")
    (first, one), (row, two) = sorted(rng.sample(found, 2), key=lambda each: each[0])
    made = replace_match(page, row, two, one["slug"], group="slug")
    return made.or_at((page.file, first + 1))


@defect(FAMILY, "data-yaml-invalid")
def yaml_invalid(rng: random.Random, tree: Tree) -> Injection:
    """A data file loses a bracket or quote."""
    names = ("topics.yml", "glossary.yml", "tags.yml", "sources/coverage.yml", "sources/errata.yml")
    page, (row, match) = choose(
        rng, [tree.data(name) for name in names], lambda each: each.find(r'(?<=\w)[\]"]\}?$')
    )
    return replace_match(page, row, match, "", f"no {match[0]}")


@defect(FAMILY, "data-key-misspelt")
def key_misspelt(rng: random.Random, tree: Tree) -> Injection:
    """A key of a data file is misspelt."""
    names = ("glossary.yml", "sources/errata.yml")
    page, (row, match) = choose(
        rng,
        [tree.data(name) for name in names],
        lambda each: each.find(r"^  (?P<key>definition|topic|severity|units|correct):"),
    )
    start = max(each for each, _ in page.find(r"^- ") if each < row)
    made = replace_match(page, row, match, misspell(rng, match["key"]), group="key")
    return made.or_at((page.file, start + 1))


@defect(FAMILY, "example-key-missing")
def example_key(rng: random.Random, tree: Tree) -> Injection:
    """The description of an example lacks a key."""
    files = [Page.of(name, text) for name, text in tree.texts.items() if _is_description(name)]
    page, (row, match) = choose(rng, files, lambda each: each.find(r"^(?:title|proves|topic):.*$"))
    return Injection(page.file, page.edited(row), row + 1, match[0], ((page.file, 1),))


@defect(FAMILY, "example-topic-unknown")
def example_topic(rng: random.Random, tree: Tree) -> Injection:
    """The description of an example names a topic that the map does not know."""
    files = [Page.of(name, text) for name, text in tree.texts.items() if _is_description(name)]
    page, (row, match) = choose(rng, files, lambda each: each.find(r"^topic: (?P<slug>[\w-]+)$"))
    return replace_match(page, row, match, misspell(rng, match["slug"]), group="slug")


def _is_description(name: str) -> bool:
    return "/code/" in name and name.endswith("/example.yml")


def _nav(page: Page) -> list[tuple[int, re.Match[str]]]:
    return page.find(r"^(?P<indent> +)- (?P<path>[\w./-]+/[\w-]+\.md)$")


def _topic(tree: Tree, rng: random.Random) -> str:
    found = tree.data("glossary.yml").find(r"topic: [\w-]+")
    return rng.choice(found)[1][0]
