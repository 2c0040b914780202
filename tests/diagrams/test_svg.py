from __future__ import annotations

import re
from collections.abc import Mapping
from xml.etree import ElementTree

import pytest

from guide.diagrams.engine import draw
from guide.diagrams.svg import canonical, with_ids
from guide.library.diagram_text import DiagramText

TEXT = DiagramText("flowchart", "A title", "What it shows.")


def raw(body: str, kind: str = "flowchart-v2") -> str:
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" id="my-svg" width="100%"'
        f' style="max-width: 90px" viewBox="-10 -5 90.2 40" aria-roledescription="{kind}">'
        f"<style>#my-svg .mermaid{{fill:red}}</style>{body}</svg>"
    )


def body_of(svg: str) -> str:
    return svg.partition("</desc>")[2].removesuffix("</svg>")


def test_size_title_and_description_are_wired():
    svg = canonical(raw('<rect width="4" height="4"/>'), TEXT)
    assert svg.startswith(
        '<svg xmlns="http://www.w3.org/2000/svg" width="91" height="40" viewBox="0 0 91 40"'
        ' role="img" aria-labelledby="t"'
    )
    assert 'aria-describedby="d"' in svg
    assert '<title id="t">A title</title><desc id="d">What it shows.</desc>' in svg


def test_nested_groups_become_placed_elements():
    body = (
        '<g transform="translate(10, 5)"><g class="node" transform="translate(20,10)">'
        '<rect x="-8" y="-4" width="16" height="8" style="fill:#f9f !important"/></g></g>'
    )
    assert body_of(canonical(raw(body), TEXT)) == (
        '<rect x="32" y="16" width="16" height="8" rx="4"/>'
    )


def test_words_split_over_spans_become_one_row_of_text():
    body = (
        '<g class="node" transform="translate(20,10)"><g class="label"><text y="-10.1">'
        '<tspan x="0" y="-0.1em" dy="1.1em"><tspan font-weight="normal">Two</tspan>'
        '<tspan font-weight="normal"> words</tspan></tspan>'
        '<tspan x="0" y="1em" dy="1.1em"><tspan font-weight="bold">strong</tspan></tspan>'
        "</text></g></g>"
    )
    assert body_of(canonical(raw(body), TEXT)) == (
        '<text x="30" y="29">Two words'
        '<tspan x="30" y="44.4"><tspan font-weight="bold">strong</tspan></tspan></text>'
    )


LINK = (
    '<a xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="{}" transform="translate(20,10)">'
    '<g class="node"><rect x="-8" y="-4" width="16" height="8"/><text>'
    '<tspan x="0" y="-0.1em">Two</tspan><tspan x="0" y="1em">rows</tspan></text></g></a>'
)


def test_a_link_stays_one_with_its_rows_as_one_name():
    svg = canonical(raw(LINK.format("../topic/")), TEXT)
    assert body_of(svg).startswith('<a href="../topic/" aria-label="Two rows"><rect x="22" y="11"')
    assert svg.count("</a>") == 1
    assert 'role="group"' in svg, "in an image nobody could reach it"


def test_an_address_that_was_unsafe_is_no_link():
    svg = canonical(raw(LINK.format("about:blank")), TEXT)
    assert "<a " not in svg
    assert 'role="img"' in svg


def test_only_used_arrow_heads_stay():
    body = (
        '<marker id="used" viewBox="0 0 10 10" markerUnits="userSpaceOnUse" orient="auto">'
        '<path d="M 0 0 L 10 5 L 0 10 z" style="stroke-width: 1"/></marker>'
        '<marker id="idle"><path d="M 0 0 L 1 1"/></marker>'
        '<path class="flowchart-link" d="M0,0L0,9" marker-end="url(#used)"/>'
    )
    assert body_of(canonical(raw(body), TEXT)) == (
        '<defs><marker id="m1" viewBox="0 0 10 10" orient="auto" markerUnits="userSpaceOnUse">'
        '<path d="M0 0L10 5L0 10Z" class="tip"/></marker></defs>'
        '<path d="M10 5V14" marker-end="url(#m1)" class="edge"/>'
    )


def test_ids_and_every_reference_to_them_take_the_prefix():
    svg = with_ids(
        '<svg aria-labelledby="t" aria-describedby="d"><title id="t">id="x" url(#m1)</title>'
        '<path marker-end="url(#m1)"/></svg>',
        "p-",
    )
    assert svg == (
        '<svg aria-labelledby="p-t" aria-describedby="p-d"><title id="p-t">id="x" url(#m1)</title>'
        '<path marker-end="url(#p-m1)"/></svg>'
    )


def test_a_label_with_markup_characters_stays_text():
    body = '<text x="1" y="2">a &lt; b &amp; "c"</text>'
    assert "a &lt; b &amp; &quot;c&quot;" in canonical(raw(body), TEXT)


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("<svg", "the drawing is not well-formed"),
        ("<svg/>", "the drawing has no size"),
        ('<svg viewBox="0 0 0 0"/>', "the drawing is empty"),
        ('<svg viewBox="0 0 9 9"><g/></svg>', "nothing is drawn"),
    ],
)
def test_a_drawing_that_cannot_be_used_is_refused_with_a_reason(source: str, reason: str):
    with pytest.raises(ValueError, match=reason):
        canonical(source, TEXT)


def test_no_kind_carries_style_or_the_name_of_the_plugin(drawings: Mapping[str, str]):
    for name, svg in drawings.items():
        assert " style=" not in svg, name
        assert "<style" not in svg, name
        assert "foreignObject" not in svg, name
        assert "#0000" not in svg, name
        assert "mermaid" not in svg.lower(), name


def test_a_label_that_names_the_plugin_reads_the_same_and_hides_the_word():
    svg = draw("flowchart TD\n  A[Mermaid, mermaid]\n").svg
    assert "mermaid" not in svg.lower()
    assert "Mermaid, mermaid" in "".join(ElementTree.fromstring(svg).itertext())


def test_every_kind_has_its_title_and_description(
    drawings: Mapping[str, str], kinds: Mapping[str, str]
):
    for name, svg in drawings.items():
        title = re.search(r"accTitle: (.*)", kinds[name])
        assert title is not None
        assert f'<title id="t">{title[1]}</title>' in svg, name
        assert '<desc id="d">' in svg, name


def test_every_kind_shows_its_words(drawings: Mapping[str, str]):
    expected = {
        "flowchart": {"Changes state?", "yes", "Where state lives"},
        "sequence": {"Open orders", "Nothing is cached", "alt", "[expired]", "1", "User"},
        "state": {"Closed", "five failures", "Calls fail at once"},
        "er": {"CUSTOMER", "places", "bigint"},
        "class": {"«interface»", "+find(id) : Order", "A port"},
        "mindmap": {"REST", "Stateless"},
        "block": {"Start line", "Header"},
        "gitgraph": {"main", "api", "v1.0"},
        "timeline": {"1991", "HTTP/1.1"},
        "pie": {"Database [75]", "75%"},
        "xychart": {"Load in %", "40"},
        "quadrant": {"Local reads", "Replica"},
        "gantt": {"Fundamentals", "Databases", "Offer"},
    }
    assert expected.keys() == drawings.keys()
    for name, words in expected.items():
        root = ElementTree.fromstring(drawings[name])
        texts = {"".join(e.itertext()) for e in root.iter() if e.tag.endswith("text")}
        assert words <= texts, name


def test_the_same_source_is_drawn_to_the_same_bytes(
    drawings: Mapping[str, str], kinds: Mapping[str, str]
):
    for name in ("sequence", "mindmap", "gitgraph"):
        assert draw(kinds[name]).svg == drawings[name]


def test_a_typical_flowchart_stays_small():
    import gzip

    source = "flowchart TD\n" + "".join(f"  N{n}[Step {n}] --> N{n + 1}\n" for n in range(9))
    assert len(gzip.compress(draw(source).svg.encode())) <= 2500


def test_every_dashed_note_number_and_head_keeps_its_role(drawings: Mapping[str, str]):
    roles = {name: set(re.findall(r'class="([^"]+)"', svg)) for name, svg in drawings.items()}
    assert {"edge", "edge dotted", "edge thick", "frame", "halo", "tip"} <= roles["flowchart"]
    assert {"note", "active", "accent", "on-accent", "lifeline", "rule dotted"} <= roles["sequence"]
    assert {"dot", "note"} <= roles["state"]
    assert {"note", "tip open", "rule"} <= roles["class"]
    assert {"series-1", "series-2", "on-series"} <= roles["pie"]
    assert {"series-1", "track series-2"} <= roles["xychart"]
    assert {"active", "surface done", "surface thick", "accent"} <= roles["gantt"]


def test_a_centred_label_stands_in_the_middle_of_its_node(drawings: Mapping[str, str]):
    box = re.search(
        r'<rect x="([\d.]+)" y="[\d.]+" width="([\d.]+)"[^>]*/><text x="([\d.]+)"[^>]*>Closed',
        drawings["state"],
    )
    assert box is not None
    left, width, centre = (float(number) for number in box.groups())
    assert centre == pytest.approx(left + width / 2, abs=0.1)
