"""A guide of any size: copies of its topic pages, each with ids, questions and words of its own.

Everything that must agree does (map, navigation, front matter), so that the checks find nothing
and do all their work. Words change places with others of the same length, so that the copies are
as long as their originals and no near-duplicates of them.

The shape is that of the guide. A generation holds one copy of each topic, and its links lead to
the same generation. Areas grow in number as their topics do: a guide with sixteen times the pages
has four times the areas, each with four times the topics.
"""

from __future__ import annotations

import json
import math
import posixpath
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from defects.tree import Page, Tree

_PROTECTED = re.compile(
    r"(`+[^`]*`+|\[[^\[\]]*\]\([^)]*\)|\]\([^)]*\)|<[^>]*>|\[x\]|\{[^}]*\}|https?://\S+|&\w+;"
    r"|\*\*(?:In 30 seconds|In depth|Follow-ups|Listen for|Must|Bonus|Red flag)[.:]\*\*)"
)
_WORD = re.compile(r"(?<![\w'’-])[a-z]{4,}(?![\w'’-])")
_QUESTION = re.compile(r"^(### .*?)( \{ #)(.*)$")


_LINK = re.compile(r"\]\((?P<path>[\w./-]+\.md)(?P<anchor>#[\w-]+)?\)")


@dataclass(frozen=True, slots=True)
class _Copy:
    """A topic to be: the `generation` of a written one, in the area `area`."""

    original: Page
    generation: int
    area: str

    @property
    def suffix(self) -> str:
        return f"v{self.generation}"

    @property
    def slug(self) -> str:
        return f"{_slug(self.original)}-{self.suffix}"

    @property
    def path(self) -> str:
        """Relative to docs/."""
        return f"{self.area}/{self.slug}.md"


def grow(root: Path, pages: int, seed: int = 1) -> int:
    """Add topic pages to the project at `root` until it has `pages` written pages; return them."""
    tree = Tree.read(root)
    data = yaml.safe_load(tree.texts["docs/topics.yml"])
    entries: dict[str, dict[str, Any]] = {each["slug"]: each for each in data["topics"]}
    originals = [page for page in tree.topics if _slug(page) in entries]
    editions = max(1, round(math.sqrt(pages / len(tree.pages))))
    copies = [
        _Copy(original, generation, _edition(entries[_slug(original)]["area"], number))
        for index in range(pages - len(tree.pages))
        for original in [originals[index % len(originals)]]
        for generation in [index // len(originals) + 1]
        for number in [generation % editions]
    ]
    theirs = {(each.generation, _slug(each.original)): each for each in copies}
    areas = {each["id"]: each for each in data["areas"]}
    added = list(dict.fromkeys(each.area for each in copies if each.area not in areas))
    for each in copies:
        file = root / "docs" / each.path
        file.parent.mkdir(exist_ok=True)
        file.write_text(_text(each, theirs, random.Random(f"{seed}/{each.path}")), "utf-8")
    _extend_map(
        root / "docs" / "topics.yml",
        [_area(areas[_base(area)], area) for area in added],
        [_entry(entries[_slug(each.original)], each, theirs) for each in copies],
    )
    titles = {area: _area(areas[_base(area)], area)["title"] for area in added}
    _extend_nav(root / "mkdocs.yml", areas, titles, copies)
    return len(tree.pages) + len(copies)


def _edition(area: str, number: int) -> str:
    """The area `area` itself, or another one of its kind."""
    return f"{area}-{number + 1}" if number else area


def _base(area: str) -> str:
    return re.sub(r"-\d+$", "", area)


def _area(entry: dict[str, Any], area: str) -> dict[str, Any]:
    number = area.rpartition("-")[2]
    words = {
        key: f"{entry[key].rstrip('.')}, once more ({number})." for key in ("summary", "intro")
    }
    return {**entry, **words, "id": area, "title": f"{entry['title']} {number}"}


def _entry(
    entry: dict[str, Any], each: _Copy, theirs: dict[tuple[int, str], _Copy]
) -> dict[str, Any]:
    links = {
        key: [_same(slug, each, theirs) for slug in entry.get(key, ())]
        for key in ("prerequisites", "related")
    }
    return {
        **entry,
        **links,
        "slug": each.slug,
        "area": each.area,
        "title": f"{entry['title']} {each.suffix}",
        "questions": [_asked(question, each.suffix) for question in entry["questions"]],
    }


def _same(slug: str, each: _Copy, theirs: dict[tuple[int, str], _Copy]) -> str:
    """The topic `slug` in the generation of `each`, or the original."""
    other = theirs.get((each.generation, slug))
    return other.slug if other else slug


def _extend_map(file: Path, areas: list[dict[str, Any]], topics: list[dict[str, Any]]) -> None:
    before, heading, after = file.read_text("utf-8").partition("\ntopics:\n")
    parts = (
        before,
        *_items(areas),
        heading.strip("\n"),
        after.rstrip("\n"),
        *_items(topics),
        "",
    )
    file.write_text("\n".join(parts), "utf-8")


def _items(entries: list[dict[str, Any]]) -> Iterator[str]:
    return (f"  - {json.dumps(each, ensure_ascii=False, default=str)}" for each in entries)


def _extend_nav(
    file: Path, areas: dict[str, Any], titles: dict[str, str], copies: list[_Copy]
) -> None:
    """Name the copies in their areas, and what is generated for a new area beside its model."""
    before, heading, text = file.read_text("utf-8").partition("\nnav:\n")
    topics: dict[str, list[str]] = {}
    for each in copies:
        topics.setdefault(each.area, []).append(each.path)
    nav = _with_areas(yaml.safe_load(text), areas, titles, topics)
    dumped = yaml.safe_dump(nav, allow_unicode=True, sort_keys=False, width=200)
    file.write_text(before + heading + dumped, "utf-8")


def _with_areas(
    nav: list[Any], areas: dict[str, Any], titles: dict[str, str], topics: dict[str, list[str]]
) -> list[Any]:
    """`nav` with the pages of new areas behind those of the areas that they are like."""
    grown: list[Any] = []
    for item in nav:
        added = []
        if isinstance(item, str):
            for _, path in _siblings(item, areas, titles):
                added.append(path)
        else:
            [(title, inner)] = item.items()
            if isinstance(inner, str):
                for area, path in _siblings(inner, areas, titles):
                    added.append({titles[area]: path})
            elif inner[0] in (f"{area}/index.md" for area in areas):
                own = inner[0].partition("/")[0]
                item = {title: [*inner, *topics.get(own, ())]}
                for area in titles:
                    if _base(area) == own:
                        added.append({titles[area]: [f"{area}/index.md", *topics[area]]})
            else:
                item = {title: _with_areas(inner, areas, titles, topics)}
        grown += [item, *added]
    return grown


def _siblings(
    path: str, areas: dict[str, Any], titles: dict[str, str]
) -> Iterator[tuple[str, str]]:
    """What is generated for the new areas like the one that `path` is generated for."""
    match = re.fullmatch(r"(?P<folder>diagrams|exports)/(?P<area>\w+)(?P<kind>-\w+)?\.md", path)
    if match and match["area"] in areas:
        for area in titles:
            if _base(area) == match["area"]:
                yield area, f"{match['folder']}/{area}{match['kind'] or ''}.md"


def _text(each: _Copy, theirs: dict[tuple[int, str], _Copy], rng: random.Random) -> str:
    page, suffix = each.original, each.suffix
    own = _own_ids(page)
    words = _exchange(page, rng)
    lines = []
    asking = False

    def led(link: re.Match[str]) -> str:
        """A link of the original, from the copy to the same generation."""
        folder = posixpath.dirname(page.file.removeprefix("docs/"))
        path, anchor = posixpath.normpath(f"{folder}/{link['path']}"), link["anchor"] or ""
        other = theirs.get((each.generation, Path(path).stem))
        if other and other.original.file == f"docs/{path}":
            path = other.path
            if anchor.removeprefix("#") in _own_ids(other.original):
                anchor = f"{anchor}-{suffix}"
        return f"]({posixpath.relpath(path, each.area)}{anchor})"

    for line, kind in zip(page.lines, page.kinds, strict=True):
        if kind == "head":
            line = re.sub(r'^title: "?(.*?)"?$', rf'title: "\1 {suffix}"', line)
            line = re.sub(r'^description: "?(.*?)"?$', rf'description: "{suffix}: \1"', line)
            line = re.sub(r"^aliases: .*$", f"aliases: [{_slug(page)} {suffix}]", line)
            line = re.sub(
                r"^(?P<key>prerequisites|related): \[(?P<slugs>.*)\]$",
                lambda found: f"{found['key']}: [{_others(found['slugs'], each, theirs)}]",
                line,
            )
        elif kind == "heading":
            if line.startswith("## "):
                asking = line in ("## Interview questions", "## Check yourself")
            match = _QUESTION.match(line)
            if match and asking:
                line = f"{_asked(match[1], suffix)}{match[2]}{match[3]}"
            if line.startswith("# "):
                line = f"{line} {suffix}"
            line = re.sub(r"\{ #([\w-]+)", rf"{{ #\1-{suffix}", line)
        elif kind in ("prose", "list", "table"):
            parts = _PROTECTED.split(line)
            parts[::2] = [_WORD.sub(lambda word: words[word[0]], part) for part in parts[::2]]
            line = "".join(parts)
            line = re.sub(
                r"\]\(#([\w-]+)\)",
                lambda link: f"](#{link[1]}-{suffix})" if link[1] in own else link[0],
                line,
            )
            line = _LINK.sub(led, line)
        lines.append(line)
    return "\n".join(lines)


def _own_ids(page: Page) -> set[str]:
    """The ids that headings of `page` are given."""
    return {match["id"] for _, match in page.find(r"\{ #(?P<id>[\w-]+)", "heading")}


def _others(slugs: str, each: _Copy, theirs: dict[tuple[int, str], _Copy]) -> str:
    return ", ".join(_same(slug.strip(), each, theirs) for slug in slugs.split(",") if slug.strip())


def _exchange(page: Page, rng: random.Random) -> dict[str, str]:
    """Each word of `page` and another of the same length in its place, one to one."""
    by_length: dict[int, list[str]] = {}
    for word in sorted({word for line in page.lines for word in _WORD.findall(line)}):
        by_length.setdefault(len(word), []).append(word)
    exchanged = {}
    for words in by_length.values():
        exchanged.update(zip(words, rng.sample(words, len(words)), strict=True))
    return exchanged


def _asked(question: str, suffix: str) -> str:
    return (
        f"{question[:-1]} {suffix}{question[-1]}"
        if question[-1] in "?."
        else f"{question} {suffix}"
    )


def _slug(page: Page) -> str:
    return Path(page.file).stem
