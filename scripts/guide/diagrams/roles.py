"""What each drawn element is for, in the few words that the stylesheet knows.

The roles of shapes: `surface` (a node), `frame` (a group of nodes), `note`, `accent`,
`active`, `dot` (filled with the line colour), `hole` (filled with the page colour),
`series-N`. Of lines: `edge` (with `dotted` or `thick`), `rule` (inside a node), `lifeline`,
`track series-N` (a drawn value), `grid`. Of text: `halo` (readable across lines),
`on-accent`, `on-series`; other text needs no role. `""` means the element's default, which
is `surface` for closed shapes and `edge` for lines; None drops the element.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from xml.etree.ElementTree import Element

Role = str | Callable[[str], str] | None

_INDEX = re.compile(r"(?:^|\s)(?:commit|arrow|bar-plot-|line-plot-)(\d+)(?=\s|$)")
_PIE_MARK = re.compile(r"#0000(0[0-9a-f])|rgb\(0, 0, (\d{1,2})\)")
SERIES = 8


@dataclass(frozen=True, slots=True)
class Rule:
    """Elements with a class of `own`, inside one of `within`, of a tag of `tags`; empty is any."""

    role: Role
    own: str = ""
    within: str = ""
    tags: str = ""

    def matches(self, tag: str, own: set[str], within: set[str]) -> bool:
        """Whether an element with these classes and ancestors' classes is meant."""
        return (
            (not self.tags or tag in self.tags.split())
            and (not self.own or not own.isdisjoint(self.own.split()))
            and (not self.within or not within.isdisjoint(self.within.split()))
        )


def series(number: int) -> str:
    """Return the role of the n-th series, counting from 1."""
    return f"series-{(number - 1) % SERIES + 1}"


def _numbered(classes: str) -> str:
    match = _INDEX.search(classes)
    return series(int(match[1]) + 1 if match else 1)


def _track(classes: str) -> str:
    return "track " + _numbered(classes)


_RULES = (
    # Text
    Rule("on-accent", own="sequenceNumber", tags="text"),
    Rule("on-series", own="slice", tags="text"),
    Rule("on-accent", within="section-root", tags="text"),
    Rule(
        "halo",
        own="messageText loopText sectionTitle commit-label",
        tags="text",
    ),
    Rule("halo", within="edgeLabel edgeTerminals data-point cluster-label", tags="text"),
    Rule("", tags="text"),
    # Backgrounds and decoration that the stylesheet gives otherwise
    Rule(
        None, own="background commit-label-bkg pieOuterCircle today edge-thickness-invisible inner"
    ),
    Rule(None, within="timeline-node mindmap-node", tags="line"),
    # Sequence diagrams
    Rule("lifeline", own="actor-line"),
    Rule("edge dotted", own="messageLine1"),
    Rule("edge", own="messageLine0"),
    Rule("active", own="activation0 activation1 activation2"),
    Rule("note", own="note"),
    Rule("frame", own="rect", tags="rect"),
    Rule("rule dotted", own="loopLine"),
    Rule("surface", own="labelBox actor"),
    # Nodes and edges
    Rule("frame", within="cluster statediagram-cluster", tags="rect path polygon"),
    Rule("frame", own="composite cluster", tags="rect"),
    Rule(None, within="note-cluster"),
    Rule("edge dotted", own="note-edge edge-pattern-dotted edge-pattern-dashed"),
    Rule("edge dotted", own="dashed-line dotted-line"),
    Rule("edge thick", own="edge-thickness-thick"),
    Rule("edge", own="edge-thickness-normal transition relation relationshipLine flowchart-link"),
    Rule("note", within="statediagram-note noteLabel"),
    Rule("dot", own="state-start fork-join"),
    Rule("rule", own="divider"),
    Rule("rule", within="divider"),
    Rule("accent", within="section-root", tags="circle rect path polygon ellipse"),
    # Git graphs
    Rule("lifeline", own="branch"),
    Rule(_track, own="arrow"),
    Rule("hole", own="commit-merge commit-highlight-inner tag-hole"),
    Rule("edge", own="commit-reverse"),
    Rule(_numbered, own="commit"),
    Rule("note", own="tag-label-bkg"),
    # Charts
    Rule(_numbered, within="plot", tags="rect"),
    Rule(_track, within="plot", tags="path"),
    Rule("grid", within="tick ticks", tags="line path"),
    Rule("rule", own="domain"),
    Rule("rule", within="axis-line axisl-line border"),
    Rule("frame", within="quadrant", tags="rect"),
    Rule("accent", within="data-point", tags="circle"),
    Rule("frame band", own="section", tags="rect"),
    Rule("accent", own="milestone"),
    Rule("active", own="active0 active1 active2 active3"),
    Rule("surface done", own="done0 done1 done2 done3"),
    Rule("surface thick", own="crit0 crit1 crit2 crit3"),
    Rule("rule dotted", within="lineWrapper"),
)


def role_of(element: Element, ancestors: set[str]) -> str | None:
    """Return the role of a raw element whose ancestors have these classes; None drops it."""
    if pie := _slice(element):
        return series(pie)
    classes = element.get("class", "")
    own = set(classes.split())
    for rule in _RULES:
        if rule.matches(element.tag, own, ancestors):
            if callable(rule.role):
                return rule.role(" ".join([classes, *sorted(ancestors)]))
            return rule.role
    return "edge" if _is_line(element) else ""


def _slice(element: Element) -> int:
    """Return the number of a pie slice or its legend entry, read from its marking fill."""
    mark = _PIE_MARK.search(element.get("fill", "") + element.get("style", ""))
    return int(mark[1], 16) if mark and mark[1] else int(mark[2]) if mark else 0


def _is_line(element: Element) -> bool:
    hollow = element.get("fill") == "none" and element.get("stroke", "none") != "none"
    return element.tag in ("line", "polyline") or (element.tag == "path" and hollow)
