"""Read a study document from a file: any encoding that can be told, nothing that is no text."""

from __future__ import annotations

import hashlib
import re
import stat
import tomllib
from pathlib import Path

import yaml
from charset_normalizer import from_bytes

from guide.intake.model import Change, Document, IntakeError, Source
from guide.library.front_matter import Split, split

MAX_BYTES = 5_000_000
"""The largest study documents have about 300 kB."""
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_INVISIBLE = "\u200b\u2060\ufeff"
"""Zero-width characters that editors leave behind; joiners and directions mean something."""
BY = "reading"
_TOML = re.compile(r"\+\+\+[ \t]*\n(?P<toml>.*?\n)?\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL)


def read_document(path: Path) -> Document:
    """Read `path`; raise IntakeError if it is no text, is too large or cannot be opened."""
    raw = _bytes(path)
    text, encoding = _decode(raw)
    changes = []
    if raw.startswith(_MARKS):
        changes.append(Change("removed", BY, 1, "a byte order mark"))
    if encoding != "utf-8":
        changes.append(Change("changed", BY, 1, f"the encoding, from {encoding} to UTF-8"))
    plain = _LINE_END.sub("\n", text)
    if plain != text:
        changes.append(Change("changed", BY, 1, "the line ends, to LF"))
    kept = "".join(char for char in plain if char in "\n\t" or _is_text(char))
    if kept != plain:
        count = len(plain) - len(kept)
        message = f"{count} control characters and invisible ones"
        changes.append(Change("removed", BY, 1, message))
    if not kept.strip():
        raise IntakeError("the file is empty", "give a document that has text")
    parts, written = _front_matter(kept)
    changes += written
    source = Source(
        name=path.stem,
        text=parts.body,
        sha256=hashlib.sha256(raw).hexdigest(),
        encoding=encoding,
        front=parts.yaml,
        first_line=parts.body_line,
    )
    return Document(source, changes=tuple(changes))


def _is_text(char: str) -> bool:
    return (char.isprintable() or char > "\x9f") and char not in _INVISIBLE


def _front_matter(text: str) -> tuple[Split, list[Change]]:
    """Cut YAML off, or the TOML of Hugo between lines of `+++`, which is written as YAML."""
    match = _TOML.match(text)
    if match is None:
        return split(text), []
    toml = match["toml"] or ""
    try:
        data = tomllib.loads(toml)
    except tomllib.TOMLDecodeError:
        return split(text), []
    front = yaml.safe_dump(data, sort_keys=False, allow_unicode=True) if data else ""
    change = Change("changed", BY, 1, "the front matter, from TOML to YAML", toml, front)
    return Split(front, text[match.end() :], match[0].count("\n") + 1), [change]


def _bytes(path: Path) -> bytes:
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise IntakeError("this is a folder", "name the files in it")
        if not stat.S_ISREG(status.st_mode):
            raise IntakeError("this is no regular file", "copy its text into one")
        if status.st_size > MAX_BYTES:
            message = f"the file has {status.st_size:,} bytes; a document may have {MAX_BYTES:,}"
            raise IntakeError(message, "split it")
        return path.read_bytes()
    except OSError as error:
        raise IntakeError(
            f"cannot be read: {error.strerror}", "check path and permissions"
        ) from None


def _decode(raw: bytes) -> tuple[str, str]:
    for encoding in ("utf-8-sig", "utf-16" if raw.startswith(_MARKS[1:]) else "utf-8"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text, encoding.removesuffix("-sig")
    if b"\0" in raw:
        message = f"this is a binary file (NUL at byte {raw.index(0)}), not Markdown"
        raise IntakeError(message, "give a text file")
    best = from_bytes(raw).best()
    if best is None:
        raise IntakeError("the encoding cannot be determined", "save the file as UTF-8")
    return str(best), best.encoding
