"""The language of a file by its name."""

from __future__ import annotations

import fnmatch

from guide.languages.registry import canonical

_NAMES: tuple[tuple[str, str | None], ...] = (
    ("*.dockerignore", None),
    ("Dockerfile", "dockerfile"),
    ("Dockerfile.*", "dockerfile"),
    ("Containerfile", "dockerfile"),
    ("*nginx.conf", "nginx"),
    ("*.tfvars", "hcl"),
)
"""Names whose ending says nothing, or the wrong thing: the first pattern that fits.

BuildKit reads `api.Dockerfile.dockerignore`, which is a list of patterns.
"""


def language_of(path: str) -> str | None:
    """Return the language that a file is in; None if its name is that of no known language."""
    name = path.rpartition("/")[2]
    for pattern, language in _NAMES:
        if fnmatch.fnmatchcase(name, pattern):
            return language
    stem, dot, ending = name.rpartition(".")
    return canonical(ending) if dot and stem else None
