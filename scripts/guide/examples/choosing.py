"""Which examples a path means."""

from __future__ import annotations

from collections.abc import Sequence

from guide.library import Library
from guide.library.examples import Example, example_of
from guide.library.problem import did_you_mean


class NoExampleError(Exception):
    """Nothing there could be run; the text says what to name instead."""


def choose(library: Library, paths: Sequence[str]) -> tuple[Example, ...]:
    """The examples under `paths` (relative to the project), or on them if they are pages.

    Without paths all of them. Raises NoExampleError.
    """
    if not library.examples:
        raise NoExampleError("the guide has no examples: no docs/<area>/code/<example>/example.yml")
    if not paths:
        return library.examples
    chosen: dict[str, Example] = {}
    for path in paths:
        found = [each for each in library.examples if _concerns(library, path, each)]
        if not found:
            folders = [f"docs/{each.folder}" for each in library.examples]
            hint = did_you_mean(path, folders)
            raise NoExampleError(f"no example in {path}{f'; {hint}' if hint else ''}")
        chosen |= {each.folder: each for each in found}
    return tuple(chosen.values())


def _concerns(library: Library, path: str, example: Example) -> bool:
    folder = f"docs/{example.folder}"
    if path == "." or f"{folder}/".startswith(f"{path}/") or path.startswith(f"{folder}/"):
        return True
    page = library.pages.get(path.removeprefix("docs/"))
    return page is not None and any(
        example_of(include.path) == example.folder for include in page.includes
    )
