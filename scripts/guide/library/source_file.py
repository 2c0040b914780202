"""Read one text file of the project safely: contained, UTF-8, of sane size, with plain newlines."""

from __future__ import annotations

import functools
import stat
from dataclasses import dataclass
from pathlib import Path

from guide.library.problem import Problem

MAX_BYTES = 1_000_000
"""Larger pages are a mistake: the longest topic page is under 60 kB of Markdown."""


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file's text with `\\n` newlines and no byte order mark, and what was wrong with it.

    `text` is None if the file could not be read as text at all.
    """

    path: str
    text: str | None
    problems: tuple[Problem, ...]


@functools.lru_cache(maxsize=4)
def _resolved(root: Path) -> Path:
    return root.resolve()


def read_source(root: Path, path: str) -> SourceFile:
    """Read `path`, relative to the project `root`. Never raises for bad content."""
    file = root / path
    try:
        inside = file.resolve().is_relative_to(_resolved(root))
    except (OSError, RuntimeError):  # Python before 3.13 raises RuntimeError for a loop of links
        return _refused(
            path,
            "file-link",
            "the link leads back to itself",
            "replace it by a file, or remove it",
        )
    if not inside:
        return _refused(
            path,
            "file-link",
            f"the link points outside the project, to {file.readlink()}",
            "copy the file into docs/ instead of linking to it",
        )
    try:
        status = file.stat()
        if not stat.S_ISREG(status.st_mode):
            return _refused(
                path,
                "file-unreadable",
                "this is no regular file: reading it might never end",
                "replace it by a file, or remove it",
            )
        size = status.st_size
        if size > MAX_BYTES:
            return _refused(
                path,
                "file-size",
                f"the file has {size:,} bytes; a page may have {MAX_BYTES:,}",
                "split the page, or move data out of it",
            )
        raw = file.read_bytes()
    except OSError as error:
        return _refused(
            path, "file-unreadable", f"cannot be read: {error.strerror}", "check its permissions"
        )
    return _decode(path, raw)


def _decode(path: str, raw: bytes) -> SourceFile:
    nul = raw.find(b"\0")
    if nul >= 0:
        return _refused(
            path,
            "file-encoding",
            f"this is a binary file (NUL at byte {nul}), not Markdown",
            "give it its real extension and put it under docs/assets/",
        )
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        return _refused(
            path,
            "file-encoding",
            f"not UTF-8: byte 0x{raw[error.start]:02x}",
            "save the file as UTF-8",
            line=raw.count(b"\n", 0, error.start) + 1,
            column=error.start - raw.rfind(b"\n", 0, error.start),
        )
    problems = []
    if text.startswith("\ufeff"):
        text = text[1:]
        problems.append(
            Problem(
                path,
                1,
                1,
                "file-encoding",
                "the file starts with a byte order mark",
                "save it as UTF-8 without BOM, or its front matter is published as text",
                mendable=True,
            )
        )
    if "\r" in text:
        line = text.count("\n", 0, text.index("\r")) + 1
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        problems.append(
            Problem(
                path,
                line,
                1,
                "file-newlines",
                "the file has Windows line ends (CRLF)",
                "convert it to LF; .editorconfig tells editors to",
                mendable=True,
            )
        )
    return SourceFile(path, text, tuple(problems))


def _refused(
    path: str, rule: str, message: str, hint: str, line: int = 1, column: int = 1
) -> SourceFile:
    return SourceFile(path, None, (Problem(path, line, column, rule, message, hint),))
