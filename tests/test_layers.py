"""Dependencies between the packages of `guide` point one way, as docs/about/decisions.md says."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from support import ROOT

PACKAGE = ROOT / "scripts" / "guide"
ALLOWED = {
    "library": set(),
    "languages": set(),
    "checks": {"library", "languages"},
    "intake": {"library", "languages"},
    "examples": {"library", "languages"},
    "diagrams": {"library"},
    "indexes": {"library"},
    "export": {"library"},
    "offline": set(),
}
"""What each package may import of the others, besides itself."""


INTAKE = {
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


@pytest.mark.parametrize("package", ALLOWED)
def test_a_package_imports_only_what_it_stands_on(package: str) -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in sorted((PACKAGE / package).rglob("*.py"))
        for name in _imports(path)
        if name not in ALLOWED[package] | {package}
    ]
    assert wrong == []


@pytest.mark.parametrize("part", INTAKE)
def test_a_part_of_the_intake_imports_only_what_it_stands_on(part: str) -> None:
    here = PACKAGE / "intake"
    files = [here / f"{part}.py"] if (here / f"{part}.py").exists() else (here / part).glob("*.py")
    wrong = [
        f"{path.relative_to(here)} imports {name}"
        for path in sorted(files)
        for name in _imports(path, "guide.intake.")
        if name not in INTAKE[part] | {part}
    ]
    assert wrong == []


def _imports(path: Path, within: str = "guide.") -> Iterator[str]:
    """The packages and modules directly under `within` that a file imports."""
    for node in ast.walk(ast.parse(path.read_text())):
        names = []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith(within):
                yield name.removeprefix(within).partition(".")[0]
