"""What a tool made of an injected defect."""

from __future__ import annotations

from dataclasses import dataclass

from tools import Report


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one tool made of one injection."""

    name: str
    family: str
    number: int
    tool: str
    detected: bool
    located: bool
    crash: str
    file: str
    line: int
    about: str
    reports: tuple[Report, ...]
