"""Parts of `guide` depend on each other one way, as scripts/architecture/layers.py says."""

from __future__ import annotations

import pytest

from layers import ENTRIES, INTAKE, PACKAGES
from parts import GUIDE, imports, read_parts, reduced

PARTS = read_parts(GUIDE)


def test_every_package_has_its_rule() -> None:
    assert {name for name, part in PARTS.items() if part.is_package} == PACKAGES.keys()


@pytest.mark.parametrize("package", PACKAGES)
def test_a_package_imports_only_what_it_stands_on(package: str) -> None:
    wrong = [
        f"{path.relative_to(GUIDE)} imports {name}"
        for path in sorted((GUIDE / package).rglob("*.py"))
        for name in imports(path)
        if name not in PACKAGES[package] | {package}
    ]
    assert wrong == []


@pytest.mark.parametrize("part", INTAKE)
def test_a_part_of_the_intake_imports_only_what_it_stands_on(part: str) -> None:
    here = GUIDE / "intake"
    files = [here / f"{part}.py"] if (here / f"{part}.py").exists() else (here / part).glob("*.py")
    wrong = [
        f"{path.relative_to(here)} imports {name}"
        for path in sorted(files)
        for name in imports(path, "guide.intake.")
        if name not in INTAKE[part] | {part}
    ]
    assert wrong == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_nothing_imports_an_entry(entry: str) -> None:
    assert [part.name for part in PARTS.values() if entry in part.imports] == []


def test_nothing_imports_in_a_circle() -> None:
    reduced({name: part.imports & PARTS.keys() for name, part in PARTS.items()})
