"""The map of topics: what builds on what, drawn with a link at every node and said in lists."""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Mapping

from guide.indexes.area_order import area_edges, short_name
from guide.indexes.markdown_text import escape, items, link, page
from guide.indexes.topics import BY_AREA
from guide.library import Library
from guide.library.curriculum import Area, Topic

PATH = "topics/map.md"
_FENCE = re.compile(r"^```mermaid\n(.*?)\n```$", re.MULTILINE | re.DOTALL)


def map_pages(library: Library) -> dict[str, str]:
    """The page of the map; none for a single area, whose own page says as much."""
    return {PATH: _map(library)} if len(library.curriculum.areas) > 1 else {}


def map_drawings(library: Library) -> list[str]:
    """The Mermaid sources of the page: they can be drawn before it is converted."""
    return [fence for page in map_pages(library).values() for fence in _FENCE.findall(page)]


def _map(library: Library) -> str:
    """All areas in one drawing, then the topics of each area in one of their own."""
    by_area = link("topics by area", PATH, BY_AREA)
    blocks = [
        "What builds on what. Each box leads to its page; follow the arrows back to find what to "
        "read first.",
        "## How to read it { #how-to-read-it }",
        "An arrow leads from a topic to one that builds on it. What a topic needs by way of others "
        "has no arrow of its own. Boxes are topics of the area, and those with round ends come "
        f"from other areas. Under each drawing is the same as a list; there are {by_area}, too.",
        "## Areas { #areas }",
        "An arrow leads to an area of which at least half of the topics build on the area before "
        "it. Areas that no arrow joins can be read in either order.",
        _fence(_overview(library)),
    ]
    for area in library.curriculum.areas:
        topics = library.curriculum.by_area[area.id]
        if topics:
            blocks += [
                f"## {link(area.title, PATH, f'{area.id}/index.md')} {{ #{area.id} }}",
                _about(library, topics),
                _fence(_area(library, area)),
                f"/// details | {escape(area.title)} as a list",
                items(_line(library, topic) for topic in topics),
                "///",
            ]
    description = (
        "What builds on what: every topic with its prerequisites, as a map to click through."
    )
    return page("Map of topics", description, blocks, tool="map")


def _overview(library: Library) -> Iterator[str]:
    curriculum = library.curriculum
    edges = area_edges(curriculum)
    said = [
        f"{short_name(area)} {_after([short_name(each) for each in above])}"
        for area in curriculum.areas
        if (above := [each for each in curriculum.areas if (each.id, area.id) in edges])
    ]
    yield "flowchart LR"
    yield "  accTitle: Map of the areas"
    yield f"  accDescr: {'. '.join(said) or 'No area builds on another'}."
    # Areas that no arrow joins come last: they stand below the others.
    joined = {area for edge in edges for area in edge}
    for area in sorted(curriculum.areas, key=lambda area: area.id not in joined):
        yield f'  {area.id}["{short_name(area)}"]'
        yield f'  click {area.id} "{_address(f"{area.id}/index.md")}"'
    for first, second in edges:
        yield f"  {first} --> {second}"


def _area(library: Library, area: Area) -> Iterator[str]:
    """The topics of an area as boxes, and those of other areas that they need with round ends."""
    topics = library.curriculum.by_area[area.id]
    needs = {topic.slug: _needs(library, topic) for topic in topics}
    shown = [*topics, *_elsewhere(library, topics)]
    said = [
        f"{_label(topic)} {_after([_label(each) for each in needs[topic.slug]])}"
        if needs[topic.slug]
        else f"{_label(topic)} needs nothing"
        for topic in topics
    ]
    yield f"flowchart {_direction(needs)}"
    yield f"  accTitle: {_plain(area.title)}, what builds on what"
    yield f"  accDescr: {'. '.join(said)}."
    number = {topic.slug: f"n{index}" for index, topic in enumerate(shown)}
    for topic in shown:
        left, right = ("[", "]") if topic.area == area.id else ("([", "])")
        yield f'  {number[topic.slug]}{left}"{_label(topic)}"{right}'
        if library.page_of(topic.slug):
            yield f'  click {number[topic.slug]} "{_address(topic.path)}"'
    for topic in topics:
        for needed in needs[topic.slug]:
            yield f"  {number[needed.slug]} --> {number[topic.slug]}"


def _direction(needs: Mapping[str, list[Topic]]) -> str:
    """Down if the longest chain is longer than the widest row, else to the right: the page is
    narrower than it is long."""
    row: Counter[int] = Counter()
    place: dict[str, int] = {}

    def visit(slug: str) -> int:
        if slug not in place:
            below = [visit(each.slug) for each in needs.get(slug, ())]
            place[slug] = max(below, default=-1) + 1
            row[place[slug]] += 1
        return place[slug]

    longest = 1 + max(visit(slug) for slug in needs)
    return "TB" if longest > max(row.values()) else "LR"


def _needs(library: Library, topic: Topic) -> list[Topic]:
    """What a topic builds on directly, without what its other prerequisites build on themselves."""
    curriculum = library.curriculum
    direct = [slug for slug in topic.prerequisites if slug in curriculum.by_slug]
    implied = {below for slug in direct for below in curriculum.foundations(slug)}
    return [curriculum.by_slug[slug] for slug in direct if slug not in implied]


def _elsewhere(library: Library, topics: tuple[Topic, ...]) -> list[Topic]:
    """What `topics` need from other areas, in the order of the map."""
    needed = {each.slug for topic in topics for each in _needs(library, topic)}
    own = {topic.slug for topic in topics}
    return [each for each in library.curriculum.topics if each.slug in needed - own]


def _about(library: Library, topics: tuple[Topic, ...]) -> str:
    number = len(_elsewhere(library, topics))
    if not number:
        return "Nothing here needs a topic of another area."
    ends = "One topic" if number == 1 else f"{number} topics"
    verb = "comes" if number == 1 else "come"
    return f"{ends} with round ends {verb} from other areas."


def _line(library: Library, topic: Topic) -> str:
    """A topic and what it builds on, as links."""
    needs = [_link(library, each) for each in _needs(library, topic)]
    return f"{_link(library, topic)}{f': after {_joined(needs)}' if needs else ''}"


def _link(library: Library, topic: Topic) -> str:
    found = library.page_of(topic.slug)
    return link(topic.title, PATH, found.path) if found else f"{escape(topic.title)} (planned)"


def _after(names: list[str]) -> str:
    return f"comes after {_joined(names)}"


def _joined(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def _label(topic: Topic) -> str:
    """The title up to its colon: worked cases and some topics explain themselves behind it."""
    return _plain(topic.title.partition(":")[0])


def _plain(text: str) -> str:
    """Without what Mermaid would take for its own."""
    return text.replace('"', "'")


def _address(path: str) -> str:
    """From the map to the page at `path`, as browsers see both."""
    folder = path.removesuffix("index.md").removesuffix(".md")
    return posixpath.relpath(folder, PATH.removesuffix(".md")) + "/"


def _fence(lines: Iterator[str]) -> str:
    return "```mermaid\n" + "\n".join(lines) + "\n```"
