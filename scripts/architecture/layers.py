"""What may import what in `guide`: the rules, in one place for the tests and the picture."""

from __future__ import annotations

from collections.abc import Mapping, Set

PACKAGES: Mapping[str, Set[str]] = {
    "library": set(),
    "languages": set(),
    "offline": set(),
    "checks": {"library", "languages"},
    "intake": {"library", "languages"},
    "examples": {"library", "languages"},
    "diagrams": {"library"},
    "indexes": {"library"},
    "export": {"library"},
    "search": {"library", "indexes"},
    "preview": {"library", "checks"},
    "rendering": {"library", "languages", "indexes", "export"},
    "publishing": {"library", "examples"},
    "normalizing": {"library", "checks", "intake"},
}
"""What each package may import of the others, besides itself; never a single module."""

INTAKE: Mapping[str, Set[str]] = {
    "model": set(),
    "slugs": set(),
    "reading": {"model"},
    "relating": {"model"},
    "markup": {"model", "reading"},
    "shape": {"model", "reading", "relating"},
    "code": {"model", "reading", "slugs"},
    "pages": {"model", "reading", "slugs", "code", "shape", "markup"},
    "reporting": {"model", "reading", "relating"},
}
"""The same inside the intake, whose `pipeline` stands on all of it."""

ENTRIES = ("cli", "site")
"""Where a run begins: the `guide` command at the one, MkDocs at the other. Nothing imports them."""
