"""Tables of what was measured, for a terminal and for a page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from outcome import Outcome
from tools import LOCATING, NAMES, Report

HARMLESS = "harmless"


def text_table(outcomes: Sequence[Outcome], tools: Sequence[str]) -> str:
    """One line per class: detected and located of injected, for each tool."""
    width = max([len(each.name) for each in outcomes] or [5])
    lines = [f"{'class':{width}} " + " ".join(f"{name:>14}" for name in tools)]
    for name in dict.fromkeys(each.name for each in outcomes):
        cells = []
        for tool in tools:
            own = [each for each in outcomes if each.name == name and each.tool == tool]
            found, placed = sum(each.detected for each in own), sum(each.located for each in own)
            crashes = sum(bool(each.crash) for each in own)
            cell = f"{found}/{len(own)}" + (f" @{placed}" if tool in LOCATING and found else "")
            cells.append(f"{cell + (f' !{crashes}' if crashes else ''):>14}")
        lines.append(f"{name:{width}} {' '.join(cells)}")
    return "\n".join([*lines, "found/injected, @located, !crashed"])


def overview(
    outcomes: Sequence[Outcome], tools: Sequence[str], baseline: Mapping[str, Sequence[Report]]
) -> str:
    """Totals per tool, the classes that `guide check` misses, and its false positives."""
    lines = [""]
    for tool in tools:
        row = _row(outcomes, tool)
        lines.append(f"{NAMES[tool]}: {row}; {len(baseline[tool])} reports on the unbroken tree")
    own = [each for each in outcomes if each.tool == "guide"]
    missed = _by_class(own, lambda each: each.family != HARMLESS and not each.detected)
    astray = _by_class(
        own, lambda each: each.family != HARMLESS and each.detected and not each.located
    )
    false = _by_class(own, lambda each: each.family == HARMLESS and each.detected)
    lines += ["", f"missed: {missed}", f"not located: {astray}", f"false positives: {false}"]
    crashes = _by_class(own, lambda each: bool(each.crash))
    return "\n".join([*lines, f"crashes: {crashes}"])


def markdown_table(
    outcomes: Sequence[Outcome],
    tools: Sequence[str],
    baseline: Mapping[str, Sequence[Report]],
    seed: int,
) -> str:
    """The summary for a page: rates per family and tool, then what `guide check` misses."""
    families = list(dict.fromkeys(each.family for each in outcomes if each.family != HARMLESS))
    classes = {each.name for each in outcomes if each.family != HARMLESS}
    edits = {each.name for each in outcomes if each.family == HARMLESS}
    lines = [
        f"{len(classes)} classes of defects and {len(edits)} of harmless edits, seed {seed}.",
        "",
        "| Defects in | " + " | ".join(NAMES[tool] for tool in tools) + " |",
        "|---|" + "---:|" * len(tools),
    ]
    for family in families:
        rates = [
            _rate([each for each in outcomes if each.family == family and each.tool == tool])
            for tool in tools
        ]
        lines.append(f"| {family} | " + " | ".join(rates) + " |")
    defects = [each for each in outcomes if each.family != HARMLESS]
    harmless = [each for each in outcomes if each.family == HARMLESS]
    rows: dict[str, Callable[[str], str]] = {
        "**All**": lambda tool: _rate([each for each in defects if each.tool == tool]),
        "Located within two lines": lambda tool: (
            _rate([each for each in defects if each.tool == tool], located=True)
            if tool in LOCATING
            else "names no line"
        ),
        "Harmless edits reported": lambda tool: _count(
            [each for each in harmless if each.tool == tool]
        ),
        "Reports on the unbroken tree": lambda tool: str(len(baseline[tool])),
    }
    lines += [
        f"| {name} | " + " | ".join(cell(tool) for tool in tools) + " |"
        for name, cell in rows.items()
    ]
    own = [each for each in defects if each.tool == "guide"]
    missed = _by_class(own, lambda each: not each.detected)
    return "\n".join([*lines, "", f"Missed by `guide check`, at least in part: {missed}."])


def _row(outcomes: Sequence[Outcome], tool: str) -> str:
    own = [each for each in outcomes if each.tool == tool]
    defects = [each for each in own if each.family != HARMLESS]
    harmless = [each for each in own if each.family == HARMLESS]
    located = f", located {_rate(defects, located=True)}" if tool in LOCATING else ""
    return f"detected {_rate(defects)}{located}, harmless edits reported {_count(harmless)}"


def _rate(outcomes: Sequence[Outcome], located: bool = False) -> str:
    if not outcomes:
        return "not run"
    found = sum(each.located if located else each.detected for each in outcomes)
    # Rounded down: 100 % means all.
    return f"{found * 100 // len(outcomes)} % ({found}/{len(outcomes)})"


def _count(outcomes: Sequence[Outcome]) -> str:
    return f"{sum(each.detected for each in outcomes)} of {len(outcomes)}"


def _by_class(outcomes: Sequence[Outcome], wanted: Callable[[Outcome], bool]) -> str:
    names = dict.fromkeys(each.name for each in outcomes if wanted(each))
    totals = {name: [each for each in outcomes if each.name == name] for name in names}
    return (
        ", ".join(f"{name} ({sum(map(wanted, own))}/{len(own)})" for name, own in totals.items())
        or "none"
    )
