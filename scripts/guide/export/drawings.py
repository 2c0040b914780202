"""Diagrams of a page as image files that need nothing else: no stylesheet, no script."""

from __future__ import annotations

import hashlib
import html
import re
from collections.abc import Iterator, Mapping

from guide.export.cards import Drawing
from guide.export.markup import MEDIA
from guide.export.stylesheet import Rule, properties, resolved, rules

_FIGURE = re.compile(r'<figure class="diagram">.*?</figure>', re.DOTALL)
_SVG = re.compile(r"<svg\b.*?</svg>", re.DOTALL)
_CAPTION = re.compile(r"<figcaption\b[^>]*>(.*?)</figcaption>", re.DOTALL)
_TAG = re.compile(r"<[^>]*>")
_PREFIX = re.compile(r"\bdiagram-\d+-")
_PART = ".diagram svg "
_SERIES = "--series"
_GROUND = "ground"
_FONTS = "system-ui, -apple-system, Segoe UI, Roboto, Noto Sans, Liberation Sans, Arial, sans-serif"


class DrawingStyle:
    """The rules for diagrams of the site's stylesheets, in the colors of the light scheme."""

    def __init__(self, *stylesheets: str) -> None:
        css = "\n".join(stylesheets)
        known = properties(css, ":root")
        self.paper = resolved("var(--diagram-page, #fff)", known)
        self._rules = list(_standing_alone(list(rules(css)), known))

    def of(self, svg: str) -> str:
        """The style sheet for one drawing, without rules for what it does not have."""
        there = {name for match in re.findall(r'class="([^"]*)"', svg) for name in match.split()}
        there.add(_GROUND)
        lines = [f"svg{{font-family:{_FONTS}}}"]
        for selector, body in self._rules:
            named = re.findall(r"\.([\w-]+)", selector)
            if all(name in there for name in named):
                lines.append(f"{selector}{{{body}}}")
        lines.append(f".{_GROUND}{{fill:{self.paper};stroke:none}}")
        return "".join(lines)


def cut_drawings(page: str, style: DrawingStyle) -> tuple[str, Mapping[str, Drawing]]:
    """The page with an image in the place of each diagram, and the drawings by their names."""
    found: dict[str, Drawing] = {}

    def cut(match: re.Match[str]) -> str:
        svg, caption = _SVG.search(match[0]), _CAPTION.search(match[0])
        title = html.unescape(caption[1]) if caption else ""
        if svg is None:
            return match[0]
        drawing = _drawing(svg[0], title, style)
        found[drawing.name] = drawing
        return f'<p><img src="{MEDIA}{drawing.name}" alt="{html.escape(title)}"></p>'

    return _FIGURE.sub(cut, page), found


def _drawing(svg: str, title: str, style: DrawingStyle) -> Drawing:
    # Ids that are unique on the page are needed there only, and change with the page.
    svg = _TAG.sub(lambda tag: _PREFIX.sub("", tag[0]), svg)
    head, _, rest = svg.partition(">")
    ground = f'<rect class="{_GROUND}" width="100%" height="100%"/>'
    # The words come first: a title names the drawing for those who do not see it.
    words = re.match(r"(?:<title\b.*?</title>)?(?:<desc\b.*?</desc>)?", rest, re.DOTALL)
    after = words.end() if words else 0
    svg = f"{head}>{rest[:after]}<style>{style.of(svg)}</style>{ground}{rest[after:]}"
    return Drawing(f"bsg-{hashlib.sha256(svg.encode()).hexdigest()[:16]}.svg", title, svg)


def _standing_alone(found: list[Rule], known: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Selector and body of each rule for parts of a drawing, every color written out."""
    series = [
        (selector.removeprefix(_PART), rule.declarations[_SERIES])
        for rule in found
        for selector in rule.selectors
        if _SERIES in rule.declarations and selector.startswith(_PART)
    ]
    for rule in found:
        body = {name: value for name, value in rule.declarations.items() if name != _SERIES}
        for selector in rule.selectors:
            if not selector.startswith(_PART) or not body:
                continue
            part = selector.removeprefix(_PART)
            if any(f"var({_SERIES})" in value for value in body.values()):
                for which, color in series:
                    yield part + which, _body(body, {**known, _SERIES: color})
            else:
                yield part, _body(body, known)


def _body(declarations: Mapping[str, str], known: Mapping[str, str]) -> str:
    return ";".join(f"{name}:{resolved(value, known)}" for name, value in declarations.items())
