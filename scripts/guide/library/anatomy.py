"""The sections of a topic page and of a worked case, in the order of the house."""

from __future__ import annotations

CODE_HEADING = "In code"
FURTHER_READING = "Further reading"
_LAST = ("Interview questions", "Check yourself", FURTHER_READING)
SECTIONS = (
    "The problem",
    "How it works",
    CODE_HEADING,
    "Trade-offs",
    "Pitfalls",
    *_LAST,
)
CASE_SECTIONS = (
    "Requirements",
    "Estimates",
    "API",
    "Data model",
    "Design",
    "Bottlenecks",
    "Failure modes",
    "Three answers",
    *_LAST,
)
OPTIONAL = frozenset({CODE_HEADING})
"""Sections that a page may lack."""


def is_case(slug: str) -> bool:
    """Tell whether the page `slug` is a worked system-design case, a topic of its own form."""
    return slug.startswith("case-")


def sections_of(slug: str) -> tuple[str, ...]:
    """The sections that the page `slug` has."""
    return CASE_SECTIONS if is_case(slug) else SECTIONS
