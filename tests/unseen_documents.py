"""The documents of tests/intake/documents, what a person sees in them, and how to take them in."""

from __future__ import annotations

import functools
import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from in_process import Done, guide
from mini_project import MiniProject
from support import ROOT

DOCUMENTS = ROOT / "tests" / "intake" / "documents"
NAMES = sorted(path.stem for path in DOCUMENTS.glob("*.md"))
_NEWLINES = {"lf": "\n", "crlf": "\r\n"}
_ADDRESS = re.compile(r"(?:https?://|mailto:)[^\s<>\"'`\]|\\]+", re.IGNORECASE)


@dataclass(frozen=True)
class Expectation:
    """What a person who read the document expects of its pages.

    `questions` are the first words of each, in order; `labelled` counts fences by the label that
    the document gives them, `fences` by the language that they should have, diagrams left out.
    `at_least` says that pages may have more fences than `fences` names (HTML shown as code), and
    `either` which languages a person would accept for each other. `links` counts different
    addresses of other sites; those of `reported_links` are in the report only. `present` must and
    `absent` must not stand on the pages; what of `gone` was taken away is in the report.
    """

    title: str = ""
    questions: Sequence[str] = ()
    levels: Mapping[str, int] = field(default_factory=dict)
    labelled: Mapping[str, int] = field(default_factory=dict)
    fences: Mapping[str, int] = field(default_factory=dict)
    at_least: bool = False
    either: Sequence[Sequence[str]] = ()
    diagrams: int = 0
    tables: int = 0
    links: int | None = 0
    reported_links: Sequence[str] = ()
    images: Sequence[str] = ()
    present: Sequence[str] = ()
    absent: Sequence[str] = ()
    gone: Sequence[str] = ()
    encoding: str = "utf-8"
    newline: str = "lf"

    def folded(self, language: str) -> str:
        """The name under which languages that may stand for each other are counted."""
        return next((names[0] for names in self.either if language in names), language)


@dataclass(frozen=True)
class Taken:
    """A document after `guide normalize`: its report and its pages by path under docs/."""

    done: Done
    report: Mapping[str, Any]
    pages: Mapping[str, str]

    @property
    def text(self) -> str:
        """All its pages."""
        return "\n".join(self.pages.values())


@functools.cache
def expected(name: str) -> Expectation:
    """Read what is expected of a document."""
    return Expectation(**yaml.safe_load((DOCUMENTS / f"{name}.yml").read_text("utf-8")))


def source(name: str) -> str:
    """The text of a document, as it is committed: UTF-8 with LF."""
    return (DOCUMENTS / f"{name}.md").read_text("utf-8")


def stored(name: str, folder: Path) -> Path:
    """Put a document into `folder` in its author's encoding, with its pictures; return its path."""
    wanted = expected(name)
    text = source(name).replace("\n", _NEWLINES[wanted.newline])
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.md"
    path.write_bytes(text.encode(wanted.encoding))
    for image in wanted.images:
        (folder / "images").mkdir(exist_ok=True)
        shutil.copy(DOCUMENTS / "images" / image, folder / "images" / image)
    return path


def addresses(text: str) -> set[str]:
    """The different addresses of other sites in a text, without the marks that follow them."""
    return {match[0].rstrip(".,;:!?*)}") for match in _ADDRESS.finditer(text.replace("&amp;", "&"))}


def take_in(project: MiniProject, path: Path, *options: str) -> Taken:
    """Normalize a document into the project."""
    report = project.path(f"{path.stem}.json")
    before = _drafts(project)
    done = guide(project.root, "normalize", str(path), "--report", str(report), *options)
    content = json.loads(report.read_text("utf-8")) if report.exists() else {}
    pages = {name: text for name, text in _drafts(project).items() if before.get(name) != text}
    return Taken(done, content, pages)


def _drafts(project: MiniProject) -> dict[str, str]:
    docs = project.path("docs")
    return {
        path.relative_to(docs).as_posix(): path.read_text("utf-8")
        for path in sorted((docs / "intake").rglob("*.md"))
    }
