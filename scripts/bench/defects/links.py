"""Links inside the guide that lead nowhere."""

from __future__ import annotations

import posixpath
import random
import re

from defects.registry import defect
from defects.tree import (
    Injection,
    Page,
    Tree,
    add_sentence,
    choose,
    insert_block,
    misspell,
    replace_match,
)

FAMILY = "links"
_PROSE = ("prose", "list", "table")
_PAGE_LINK = r"(?<!!)\]\((?P<path>(?:\.\./|[\w-]+/)*[\w-]+\.md)(?P<anchor>#[\w-]+)?\)"


def to(page: Page, target: str) -> str:
    """Write `target`, relative to docs/, as a relative link on `page`."""
    return posixpath.relpath(f"docs/{target}", posixpath.dirname(page.file))


def page_links(page: Page) -> list[tuple[int, re.Match[str]]]:
    """Inline links of `page` to other pages."""
    return page.find(_PAGE_LINK, "prose", "list", "table")


@defect(FAMILY, "link-missing-page")
def missing_page(rng: random.Random, tree: Tree) -> Injection:
    """A link's file name is misspelt."""
    page, (row, match) = choose(rng, tree.pages, page_links)
    folder, slash, name = match["path"].rpartition("/")
    wrong = misspell(rng, name.removesuffix(".md")) + ".md"
    return replace_match(page, row, match, f"{folder}{slash}{wrong}", group="path")


@defect(FAMILY, "link-wrong-folder")
def wrong_folder(rng: random.Random, tree: Tree) -> Injection:
    """A link climbs one folder too few or names the wrong one."""
    page, (row, match) = choose(rng, tree.topics, page_links)
    name = match["path"].rpartition("/")[2]
    wrong = f"../caching/{name}"
    return replace_match(page, row, match, wrong, group="path")


@defect(FAMILY, "link-anchor-same-page")
def anchor_same_page(rng: random.Random, tree: Tree) -> Injection:
    """An anchor on the same page is misspelt."""
    page, (row, match) = choose(
        rng, tree.pages, lambda each: each.find(r"\]\(#(?P<id>[\w-]+)\)", *_PROSE)
    )
    return replace_match(page, row, match, misspell(rng, match["id"]), group="id")


@defect(FAMILY, "link-anchor-other-page")
def anchor_other_page(rng: random.Random, tree: Tree) -> Injection:
    """A link to another page names an anchor that is not there."""
    page, (row, match) = choose(rng, tree.pages, page_links)
    anchor = f"#{misspell(rng, (match['anchor'] or '#how-it-works')[1:])}"
    return replace_match(page, row, match, f"]({match['path']}{anchor})")


@defect(FAMILY, "link-anchor-case")
def anchor_case(rng: random.Random, tree: Tree) -> Injection:
    """An anchor is written with a capital letter."""
    page, (row, match) = choose(
        rng, tree.pages, lambda each: each.find(r"\]\([^):]*#(?P<id>[a-z][\w-]+)\)", *_PROSE)
    )
    return replace_match(page, row, match, match["id"].capitalize(), group="id")


@defect(FAMILY, "link-missing-image")
def missing_image(rng: random.Random, tree: Tree) -> Injection:
    """An image that is not there."""

    def image(page: Page) -> str:
        return f"![Requests per second by cache state]({to(page, 'assets/images/hit-rate.png')})"

    return add_sentence(rng, tree.topics, image)


@defect(FAMILY, "link-missing-download")
def missing_download(rng: random.Random, tree: Tree) -> Injection:
    """A link to a file of an example that is not there."""

    def link(page: Page) -> str:
        return f"The [whole program]({to(page, 'http/code/status-table/exampel.py')}) is short."

    return add_sentence(rng, tree.topics, link)


@defect(FAMILY, "link-html-href")
def html_href(rng: random.Random, tree: Tree) -> Injection:
    """A raw HTML link to nothing."""
    return add_sentence(rng, tree.topics, 'See <a href="../caching-basics/">the basics</a>.')


@defect(FAMILY, "link-html-src")
def html_src(rng: random.Random, tree: Tree) -> Injection:
    """A raw HTML image that is not there."""
    return add_sentence(rng, tree.topics, '<img src="../assets/flow.svg" alt="The flow">')


@defect(FAMILY, "link-html-srcset")
def html_srcset(rng: random.Random, tree: Tree) -> Injection:
    """A raw HTML image whose large version is not there."""

    def image(page: Page) -> str:
        fine = to(page, "assets/images/screenshot.png")
        return f'<img src="{fine}" srcset="{fine} 1x, ../assets/large.png 2x" alt="Home page">'

    return add_sentence(rng, tree.topics, image)


@defect(FAMILY, "link-generated-gone")
def generated_gone(rng: random.Random, tree: Tree) -> Injection:
    """A link to an index that is no longer generated."""
    gone = rng.choice(("topics/by-area.md", "diagrams/caching.md", "about/errata/notes.md"))
    return add_sentence(rng, tree.pages, lambda page: f"See the [index]({to(page, gone)}).")


@defect(FAMILY, "link-letter-case")
def letter_case(rng: random.Random, tree: Tree) -> Injection:
    """A link that works only where letter case does not count."""
    page, (row, match) = choose(rng, tree.pages, page_links)
    folder, slash, name = match["path"].rpartition("/")
    return replace_match(page, row, match, f"{folder}{slash}{name.capitalize()}", group="path")


@defect(FAMILY, "link-leaves-docs")
def leaves_docs(rng: random.Random, tree: Tree) -> Injection:
    """A link to a file of the repository outside docs/."""
    outside = rng.choice(("../README.md", "../mkdocs.yml", "../scripts/guide/cli.py"))
    return add_sentence(rng, tree.pages, lambda page: f"It is in [the file]({to(page, outside)}).")


@defect(FAMILY, "link-site-absolute")
def site_absolute(rng: random.Random, tree: Tree) -> Injection:
    """A path from the host's root, which breaks under a project sub-path."""
    page, (row, match) = choose(rng, tree.pages, page_links)
    target = posixpath.normpath(posixpath.join(posixpath.dirname(page.file), match["path"]))
    path = target.removeprefix("docs").removesuffix(".md")
    return replace_match(page, row, match, f"{path}/", group="path")


@defect(FAMILY, "link-trailing-slash")
def trailing_slash(rng: random.Random, tree: Tree) -> Injection:
    """A link to the address that the page will have instead of to its file."""
    page, (row, match) = choose(rng, tree.pages, page_links)
    return replace_match(page, row, match, match["path"].removesuffix(".md") + "/", group="path")


@defect(FAMILY, "link-no-extension")
def no_extension(rng: random.Random, tree: Tree) -> Injection:
    """A link whose `.md` was forgotten."""
    page, (row, match) = choose(rng, tree.pages, page_links)
    return replace_match(page, row, match, match["path"].removesuffix(".md"), group="path")


@defect(FAMILY, "link-doubled-slash")
def doubled_slash(rng: random.Random, tree: Tree) -> Injection:
    """A path with two slashes in a row."""
    page, (row, match) = choose(
        rng, tree.pages, lambda each: [link for link in page_links(each) if "/" in link[1]["path"]]
    )
    return replace_match(page, row, match, match["path"].replace("/", "//"), group="path")


@defect(FAMILY, "link-backslash")
def backslash(rng: random.Random, tree: Tree) -> Injection:
    """A path written with backslashes, as Windows does."""
    page, (row, match) = choose(
        rng, tree.pages, lambda each: [link for link in page_links(each) if "/" in link[1]["path"]]
    )
    return replace_match(page, row, match, match["path"].replace("/", "\\"), group="path")


@defect(FAMILY, "link-unclosed")
def unclosed(rng: random.Random, tree: Tree) -> Injection:
    """The closing parenthesis of a link is missing."""
    page, (row, match) = choose(
        rng, tree.pages, lambda each: each.find(r"\]\([^()\s]+(?P<end>\))", *_PROSE)
    )
    return replace_match(page, row, match, "", "no `)`", group="end")


@defect(FAMILY, "link-space-before-target")
def space_before_target(rng: random.Random, tree: Tree) -> Injection:
    """A space stands between `]` and `(`."""
    page, (row, match) = choose(
        rng, tree.pages, lambda each: each.find(r"(?P<end>\])\([^()\s]+\)", *_PROSE)
    )
    return replace_match(page, row, match, "] ", group="end")


@defect(FAMILY, "link-swapped-brackets")
def swapped_brackets(rng: random.Random, tree: Tree) -> Injection:
    """Text in parentheses and target in brackets."""
    page, (row, match) = choose(
        rng, tree.pages, lambda each: each.find(r"\[([^\[\]`]+)\]\(([^()\s]+)\)", *_PROSE)
    )
    return replace_match(page, row, match, f"({match[1]})[{match[2]}]")


@defect(FAMILY, "link-empty-target")
def empty_target(rng: random.Random, tree: Tree) -> Injection:
    """A link without a target."""
    page, (row, match) = choose(rng, tree.pages, page_links)
    return replace_match(page, row, match, rng.choice(("]()", "](#)")))


@defect(FAMILY, "link-empty-text")
def empty_text(rng: random.Random, tree: Tree) -> Injection:
    """A link that shows nothing."""
    page, (row, match) = choose(
        rng, tree.pages, lambda each: each.find(r"\[(?P<text>[^\[\]`]+)\]\([^()\s]+\)", *_PROSE)
    )
    return replace_match(page, row, match, "", "no text", group="text")


@defect(FAMILY, "link-vague-text")
def vague_text(rng: random.Random, tree: Tree) -> Injection:
    """A link that says only where to click."""
    vague = rng.choice(("click here", "here", "this link", "read more"))
    page, (row, match) = choose(
        rng, tree.pages, lambda each: each.find(r"\[(?P<text>[^\[\]`]+)\]\([^()\s]+\)", *_PROSE)
    )
    return replace_match(page, row, match, vague, group="text")


@defect(FAMILY, "link-in-block-to-nothing")
def inside_block(rng: random.Random, tree: Tree) -> Injection:
    """A broken link inside a note block."""
    lines = ("/// note | See also", "The [counterpart](conterpart.md) has the details.", "///")
    return insert_block(rng, tree.topics, *lines, at=1)
