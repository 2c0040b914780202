"""Draw the picture in the README from the code: its packages, what each is for, what it imports.

    make picture

An arrow that a longer path shows as well is left out; single modules are drawn as a part of the
entry that they serve.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Set

from guide.library.writing import write_text
from layers import ENTRIES
from parts import GUIDE, ROOT, Part, reached, read_parts, reduced

README = ROOT / "README.md"
START, END = "<!-- architecture:start -->", "<!-- architecture:end -->"
_BETWEEN = re.compile(f"{re.escape(START)}.*{re.escape(END)}", re.DOTALL)
_LAYOUT = """\
---
config:
  flowchart: {nodeSpacing: 14, rankSpacing: 44, padding: 8, wrappingWidth: 118}
---
"""
_ALT = """\
  accTitle: The parts of scripts/guide
  accDescr: The entries cli.py and site.py stand on packages, these on library and languages.
"""


def with_picture(readme: str, parts: Mapping[str, Part]) -> str:
    """The text of the README with the picture of `parts` between its markers."""
    if not _BETWEEN.search(readme):
        raise ValueError(f"README.md has no lines `{START}` and `{END}` to draw between")
    block = f"{START}\n\n```mermaid\n{mermaid(parts)}```\n\n{END}"
    return _BETWEEN.sub(lambda _: block, readme)


def mermaid(parts: Mapping[str, Part]) -> str:
    """The picture as a Mermaid flowchart: entries above, and below each what it stands on."""
    graph = _graph(parts)
    order = sorted(graph, key=lambda name: (-_level(graph, name), name))
    boxes = "".join(f'  {name}["{_label(parts, name)}"]\n' for name in order)
    arrows = reduced(graph)
    lines = "".join(
        f"  {name} --> {' & '.join(sorted(arrows[name]))}\n" for name in order if arrows[name]
    )
    return f"{_LAYOUT}flowchart TB\n{_ALT}{boxes}{lines}"


def _graph(parts: Mapping[str, Part]) -> dict[str, set[str]]:
    """Entries and packages -> the packages that they import, through single modules as well."""
    everything = {name: part.imports & parts.keys() for name, part in parts.items()}
    packages = {name for name, part in parts.items() if part.is_package}
    graph = {name: everything[name] & packages for name in packages}
    for name in ENTRIES:
        modules = {name, *_beside(parts, name)}
        graph[name] = set().union(*(everything[each] & packages for each in modules))
    return graph


def _beside(parts: Mapping[str, Part], entry: str) -> set[str]:
    """The single modules that serve an entry."""
    modules = {
        name: {each for each in part.imports if each in parts and not parts[each].is_package}
        for name, part in parts.items()
    }
    return reached(modules, entry)


def _level(graph: Mapping[str, Set[str]], name: str) -> int:
    if name in ENTRIES:
        return len(graph)
    return 1 + max((_level(graph, each) for each in graph[name]), default=0)


def _label(parts: Mapping[str, Part], name: str) -> str:
    part = parts[name]
    title = f"{name}/" if part.is_package else f"{name}.py"
    purpose = part.purpose.replace("`", "").replace('"', "#quot;")
    if name in ENTRIES and (beside := len(_beside(parts, name))):
        purpose += f"; uses {beside} module{'s' * (beside > 1)} beside it"
    return f"`**{title}**\n{purpose}`"


if __name__ == "__main__":
    write_text(README, with_picture(README.read_text("utf-8"), read_parts(GUIDE)))
