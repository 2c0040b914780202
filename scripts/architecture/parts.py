"""The parts of a Python package as its files show them: what each is for and what it imports."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from graphlib import TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
GUIDE = ROOT / "scripts" / "guide"


@dataclass(frozen=True, slots=True)
class Part:
    """A module or a package directly inside another: `purpose` is how its docstring begins."""

    name: str
    is_package: bool
    purpose: str
    imports: Set[str]


def read_parts(package: Path, within: str = "guide.") -> dict[str, Part]:
    """The parts of the package in the folder `package`, whose modules are imported as `within`."""
    paths = (path for path in sorted(package.iterdir()) if not path.name.startswith("_"))
    parts = (_part(path, within) for path in paths if _code(path))
    return {part.name: part for part in parts}


def imports(file: Path, within: str = "guide.") -> Iterator[str]:
    """The packages and modules directly under `within` that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        names: list[str] = []
        if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        for name in names:
            if name.startswith(within):
                yield name.removeprefix(within).partition(".")[0]


def reached(graph: Mapping[str, Set[str]], start: str) -> set[str]:
    """What `start` leads to, directly or through others."""
    found: set[str] = set()
    waiting = list(graph[start])
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting.extend(graph[name])
    return found


def reduced(graph: Mapping[str, Set[str]]) -> dict[str, set[str]]:
    """The graph without every edge that a longer path shows as well; `CycleError` if it has one."""
    TopologicalSorter(graph).prepare()
    beyond = {name: set().union(*(reached(graph, each) for each in graph[name])) for name in graph}
    return {name: set(graph[name]) - beyond[name] for name in graph}


def _part(path: Path, within: str) -> Part:
    files = sorted(path.rglob("*.py")) if path.is_dir() else [path]
    found = {name for file in files for name in imports(file, within)}
    main = path / "__init__.py" if path.is_dir() else path
    docstring = ast.get_docstring(ast.parse(main.read_text(encoding="utf-8"))) or ""
    purpose = re.split(r"[.:;] |\.$", docstring.partition("\n")[0])[0]
    return Part(path.stem, path.is_dir(), purpose, found - {path.stem})


def _code(path: Path) -> bool:
    return path.suffix == ".py" or (path / "__init__.py").is_file()
