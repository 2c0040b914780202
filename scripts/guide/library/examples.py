"""Runnable examples: a folder `docs/<area>/code/<example>/` is one idea in several languages."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import pydantic
from pydantic import ConfigDict

DESCRIPTION_FILE = "example.yml"
ExampleLanguage = Literal["python", "go", "javascript", "java", "sql", "redis"]
PROGRAM_FILES: dict[ExampleLanguage, str] = {
    "python": "example.py",
    "go": "main.go",
    "javascript": "example.mjs",
    "java": "Main.java",
    "sql": "example.sql",
    "redis": "example.redis",
}


class ExampleDescription(pydantic.BaseModel):
    """What example.yml says; `timeout` in seconds, `requires` names commands on the PATH."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    title: str
    proves: str
    topic: str
    languages: tuple[ExampleLanguage, ...]
    timeout: int = 20
    requires: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Example:
    """An example; `folder` is relative to docs/, `files` are the names in it."""

    folder: str
    about: ExampleDescription
    files: tuple[str, ...]

    def program(self, language: ExampleLanguage) -> str:
        """Path of the program in `language`, relative to docs/."""
        return posixpath.join(self.folder, PROGRAM_FILES[language])


def example_folders(files: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Group the paths under docs/ that belong to an example by its folder."""
    folders: dict[str, list[str]] = {}
    for path in sorted(files):
        parts = path.split("/")
        if len(parts) >= 4 and parts[1] == "code":
            folder = "/".join(parts[:3])
            folders.setdefault(folder, []).append("/".join(parts[3:]))
    return {folder: tuple(names) for folder, names in folders.items()}
