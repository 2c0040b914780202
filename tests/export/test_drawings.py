"""Diagrams become image files that need nothing else, in the light colors of the site."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from guide.export.drawings import DrawingStyle, cut_drawings
from guide.export.stylesheet import properties, resolved, rules

SVG = "{http://www.w3.org/2000/svg}"
CSS = """\
/* { a comment } */
:root, [data-scheme="light"] { --ink: #111; --line: var(--ink, red); --diagram-page: #fafafa; }
@media screen { [data-scheme="dark"] { --ink: #eee; } }
.diagram svg :is(rect, path) { fill: var(--line); stroke-width: 1.25; }
.diagram svg .series-1 { --series: #010101; }
.diagram svg .series-2 { --series: var(--missing, var(--ink)); }
.diagram svg [class^="series-"] { fill: var(--series); }
.diagram svg .note { fill: yellow; }
.elsewhere { color: blue; }
"""


def figure(number: int, inner: str, title: str = "T &amp; t") -> str:
    name = f"diagram-{number}-"
    return (
        f'<figure class="diagram"><div><svg xmlns="{SVG[1:-1]}" width="9" height="9"'
        f' aria-labelledby="{name}t"><title id="{name}t">{title}</title>{inner}</svg></div>'
        f'<figcaption aria-hidden="true">{title}</figcaption></figure>'
    )


def test_colors_are_written_out_for_what_the_drawing_has() -> None:
    path = '<path class="series-2"/>'
    page = f"<p>a</p>{figure(3, path)}<p>b</p>"

    text, drawings = cut_drawings(page, DrawingStyle(CSS))

    ((name, drawing),) = drawings.items()
    assert text == f'<p>a</p><p><img src="media:{name}" alt="T &amp; t"></p><p>b</p>'
    style = re.search("<style>(.*)</style>", drawing.svg)
    assert style is not None
    assert "rect{fill:#111;stroke-width:1.25}path{fill:#111;stroke-width:1.25}" in style[1]
    assert '[class^="series-"].series-2{fill:#111}' in style[1]
    assert not [word for word in ("series-1", "yellow", "blue", "var(", ":is") if word in style[1]]
    assert ".ground{fill:#fafafa;stroke:none}" in style[1]


def test_a_drawing_is_xml_that_begins_with_its_name_and_lies_on_a_ground() -> None:
    _, drawings = cut_drawings(figure(1, '<rect class="note"/>'), DrawingStyle(CSS))

    (drawing,) = drawings.values()
    root = ElementTree.fromstring(drawing.svg)
    assert [child.tag.removeprefix(SVG) for child in root] == ["title", "style", "rect", "rect"]
    assert root[0].text == drawing.title == "T & t"
    assert root[2].get("class") == "ground"


def test_the_name_is_that_of_the_contents_wherever_the_drawing_stands() -> None:
    style = DrawingStyle(CSS)
    _, first = cut_drawings(figure(1, "<rect/>"), style)
    _, fourth = cut_drawings(figure(4, "<rect/>"), style)
    _, other = cut_drawings(figure(1, "<path/>"), style)

    assert first == fourth
    assert first.keys() != other.keys()


def test_properties_follow_each_other_and_their_fallbacks() -> None:
    known = properties(CSS, ":root")

    assert resolved("1px solid var(--line)", known) == "1px solid #111"
    assert resolved("var(--none, rgb(1, 2, 3))", known) == "rgb(1, 2, 3)"
    assert properties(CSS, '[data-scheme="dark"]', "screen") == {"--ink": "#eee"}
    assert [rule.selectors for rule in rules(CSS)][1] == (
        ".diagram svg rect",
        ".diagram svg path",
    )
