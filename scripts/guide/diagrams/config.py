"""How diagrams are laid out. A change here redraws everything: it is part of the cache key."""

from __future__ import annotations

import functools
import hashlib
import json
from importlib.metadata import version
from typing import Any

FONT_SIZE = 14
"""Pixels; the size at which labels are measured and shown. The measuring font is a wide one,
so that the reader's own font never needs more room than the layout gave."""

CANONICAL_VERSION = 1
"""Counts changes of our own normalization; raise it when canonical output changes."""

PIE_SLICES = 12
"""How many slices get a colour of their own."""

LINE_MARK = "#0000f1"
NOTE_MARK = "#0000f2"
"""Not colours but marks: what is filled with them is a line's end or a note."""

_SMALL = f"{FONT_SIZE - 2}px"

# Text, not HTML, in every label: it needs no inline style and prints everywhere.
MERMAID_CONFIG: dict[str, Any] = {
    "securityLevel": "strict",
    "deterministicIds": True,
    "deterministicIDSeed": "diagram",
    "handDrawnSeed": 1,
    "htmlLabels": False,
    "fontSize": FONT_SIZE,
    "themeVariables": {
        "fontSize": f"{FONT_SIZE}px",
        "pieTitleTextSize": f"{FONT_SIZE + 2}px",
        "pieSectionTextSize": f"{FONT_SIZE}px",
        "pieLegendTextSize": f"{FONT_SIZE}px",
        "commitLabelFontSize": _SMALL,
        "tagLabelFontSize": _SMALL,
        "lineColor": LINE_MARK,
        "noteBkgColor": NOTE_MARK,
        # Marks as well: they tell which slice a legend entry belongs to.
        **{f"pie{n}": f"#0000{n:02x}" for n in range(1, PIE_SLICES + 1)},
    },
    "flowchart": {
        "htmlLabels": False,
        "padding": 16,
        "nodeSpacing": 36,
        "rankSpacing": 40,
        "diagramPadding": 4,
        "wrappingWidth": 180,
        "subGraphTitleMargin": {"top": 4, "bottom": 6},
    },
    "class": {"htmlLabels": False},
    "sequence": {
        "actorFontSize": FONT_SIZE,
        "noteFontSize": FONT_SIZE,
        "messageFontSize": FONT_SIZE,
        "width": 120,
        "height": 54,
        "actorMargin": 32,
        "diagramMarginX": 4,
        "diagramMarginY": 4,
        "boxMargin": 8,
        "noteMargin": 8,
        "messageMargin": 30,
        "labelBoxWidth": 56,
    },
    "gantt": {
        "useWidth": 720,
        "fontSize": 12,
        "sectionFontSize": 12,
        "barHeight": 24,
        "leftPadding": 110,
    },
    "journey": {"textPlacement": "tspan"},
    "timeline": {"textPlacement": "tspan"},
    "xyChart": {"width": 640, "height": 400},
}

_CENTRED_LABELS = (
    ".rough-node .label text,.node .label text,.image-shape .label,.icon-shape .label"
    "{text-anchor:middle}"
)
_SIZES = (
    f"svg{{font-size:{FONT_SIZE}px}}"
    f".commit-label,.tag-label{{font-size:{_SMALL}}}"
    ".edgeTerminals{font-size:11px}"
    f".pieTitleText,.titleText{{font-size:{FONT_SIZE + 2}px}}"
    ".titleText,.taskText,.pieTitleText{text-anchor:middle}"
)


def layout_css(kind: str) -> str:
    """Return what a kind's labels are measured with.

    The embedded engine consults the first stylesheet it finds whenever it measures a label,
    and searching Mermaid's own 150 rules takes more than half of all drawing time. These are
    the ones that decide where words stand and how much room they need.
    """
    return _SIZES + (_CENTRED_LABELS if kind.startswith(("flowchart", "graph", "block")) else "")


@functools.cache
def _engine_version() -> str:
    return version("mermaidx")


def cache_key(source: str) -> str:
    """Return the name under which a drawing is cached: it changes with whatever shapes it."""
    layout = [MERMAID_CONFIG, _SIZES, _CENTRED_LABELS]
    parts = [source, _engine_version(), layout, CANONICAL_VERSION]
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()
