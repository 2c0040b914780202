"""The sections of a topic page, in the order of the house."""

from __future__ import annotations

CODE_HEADING = "In code"
SECTIONS = (
    "The problem",
    "How it works",
    CODE_HEADING,
    "Trade-offs",
    "Pitfalls",
    "Interview questions",
    "Check yourself",
    "Further reading",
)
OPTIONAL = frozenset({CODE_HEADING})
"""Sections that a page may lack."""
