"""One hostile file: where it stands in the project, and what it is."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from fuzzing.mutations import mutate

Kind = Literal["file", "link", "pipe", "folder"]

PAGE = "docs/http/methods.md"
TARGETS: tuple[str, ...] = (
    "docs/index.md",
    "docs/http/index.md",
    "docs/topics.yml",
    "docs/tags.yml",
    "docs/glossary.yml",
    "docs/sources/units.yml",
    "docs/sources/coverage.yml",
    "docs/sources/errata.yml",
    "docs/sources/documents.yml",
    "docs/http/code/greeting/example.yml",
    "docs/http/code/greeting/example.py",
    "mkdocs.yml",
)
"""Files of the miniature project besides its page; one case in four breaks one of them."""

LINKS = (
    "/etc/passwd",
    "/dev/zero",
    "/proc/self/mem",
    "../../../outside.md",
    "methods.md",
    "/",
    ".",
)


@dataclass(frozen=True, slots=True)
class Case:
    """A file to put at `path`, relative to the project root.

    `data` is a file's content, or the target of a symbolic link.
    """

    seed: int
    path: str
    kind: Kind
    data: bytes


@dataclass(frozen=True, slots=True)
class Corpus:
    """What to mutate: the project's own files by path, and real pages for its topic page."""

    own: dict[str, bytes]
    pages: tuple[bytes, ...]

    @classmethod
    def read(cls, project: Path, guide: Path) -> Corpus:
        """Take the files of the miniature `project` and the pages under `guide`/docs."""
        names = (PAGE, *TARGETS)
        own = {
            name: (project / name).read_bytes() if (project / name).exists() else b""
            for name in names
        }
        pages = tuple(path.read_bytes() for path in sorted((guide / "docs").rglob("*.md")))
        return cls(own, (own[PAGE], *pages))


def make_case(seed: int, corpus: Corpus) -> Case:
    """The case of this seed: the same corpus and seed give the same case."""
    rng = random.Random(seed)
    if rng.random() < 0.02:
        kind: Kind = rng.choice(("link", "link", "pipe", "folder"))
        return Case(seed, PAGE, kind, rng.choice(LINKS).encode("utf-8"))
    if rng.random() < 0.25:
        path = rng.choice(TARGETS)
        return Case(seed, path, "file", mutate(rng, corpus.own[path], list(corpus.own.values())))
    page = corpus.own[PAGE] if rng.random() < 0.5 else rng.choice(corpus.pages)
    return Case(seed, PAGE, "file", mutate(rng, page, corpus.pages))
