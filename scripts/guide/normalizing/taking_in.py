"""Write normalized documents into the project: pages, images, navigation and ledger, or nothing."""

from __future__ import annotations

import contextlib
import difflib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from guide.library import Library
from guide.library.ledger import Document
from guide.library.page import DRAFTS
from guide.library.site_config import CONFIG_FILE
from guide.normalizing.drafts import Normalized
from guide.normalizing.ledger_text import LedgerTexts, with_document, without_document
from guide.normalizing.nav_text import NavTextError, with_draft, with_page, without

_LEDGER = {name: f"docs/sources/{name}.yml" for name in ("documents", "units", "coverage")}
Files = Mapping[str, bytes | None]
"""Path under the project root -> what it will hold; None where it will be gone."""


class TakeInError(Exception):
    """Why nothing was written; the message says what to do."""


def files_of(library: Library, documents: Iterable[Normalized], force: bool) -> Files:
    """All files that taking `documents` in writes or removes.

    Raises TakeInError if that would overwrite something and `force` is False.
    """
    files: dict[str, bytes | None] = {}
    config = library.config.text
    ledger = LedgerTexts(*(_text(library.root / path) for path in _LEDGER.values()))
    for each in documents:
        before = _before(library, each)
        stale = set(_pages_of(library, before)) if before else set()
        taken = [path for path in each.texts if (library.root / "docs" / path).exists()]
        if before and not before.draft:
            message = f"the document `{each.name}` is in the ledger and no draft any more"
            raise TakeInError(f"{message}; give another --name")
        if (taken or before) and not force:
            there = f"docs/{taken[0]}" if taken else f"the document `{each.name}`"
            raise TakeInError(f"{there} is there already; --force replaces it, --name renames")
        files |= {f"docs/{path}": None for path in stale}
        files |= {f"docs/{path}": text.encode() for path, text in each.texts.items()}
        files |= {f"docs/{to}": source.read_bytes() for source, to in each.copies.items()}
        try:
            config = _with_nav(without(config, stale), each)
        except NavTextError as error:
            raise TakeInError(str(error)) from error
        if before:
            ledger = without_document(ledger, before.id)
        ledger = with_document(ledger, each.document, each.units, each.coverage)
    files[CONFIG_FILE] = config.encode()
    for path, text in zip(
        _LEDGER.values(), (ledger.documents, ledger.units, ledger.coverage), strict=True
    ):
        files[path] = text.encode()
    return files


def write(root: Path, files: Files) -> None:
    """Write `files`; if one cannot be written, all are again as they were."""
    changed = {path: new for path, new in files.items() if _bytes(root / path) != new}
    before = {path: _bytes(root / path) for path in changed}
    made: list[Path] = []
    try:
        _make_folders(root, changed, made)
        ready = [_prepared(root / path, new) for path, new in changed.items() if new is not None]
        for temporary, target in ready:
            temporary.replace(target)
        for path, new in changed.items():
            if new is None:
                (root / path).unlink()
    except BaseException:
        for path, old in before.items():
            _restore(root / path, old)
        for folder in reversed(made):
            folder.rmdir()
        raise


def differences(root: Path, files: Files) -> Iterator[str]:
    """The lines of a unified diff between the project and `files`, text files only."""
    for path, new in files.items():
        old = _bytes(root / path) or b""
        try:
            before, after = (text.decode().splitlines(keepends=True) for text in (old, new or b""))
        except UnicodeDecodeError:
            yield f"Binary file {path} differs\n"
            continue
        yield from difflib.unified_diff(before, after, f"a/{path}", f"b/{path}")


def _before(library: Library, document: Normalized) -> Document | None:
    """The document of this name that was taken in earlier."""
    return next((each for each in library.ledger.documents if each.slug == document.name), None)


def _pages_of(library: Library, document: Document) -> Iterator[str]:
    """The draft pages on which the ledger says that `document` stands."""
    prefix = f"s{document.id}-"
    places = {
        f"{place.partition('#')[0]}.md"
        for entry in library.ledger.coverage
        if entry.unit.startswith(prefix)
        for place in entry.at
    }
    for path in sorted(places):
        page = library.pages.get(path)
        if page is not None and page.kind == "draft":
            yield path


def _with_nav(config: str, document: Normalized) -> str:
    if document.folder.partition("/")[0] == DRAFTS:
        pages = [(None, path) for path in document.texts]
        return with_draft(config, document.title, pages)
    for path in document.texts:
        config = with_page(config, document.folder, path)
    return config


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.exists() else ""


def _bytes(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _make_folders(root: Path, files: Files, made: list[Path]) -> None:
    """Make the folders that `files` need, noting each in `made`."""
    for path in files:
        parents = [each for each in (root / path).parents if each.is_relative_to(root)]
        for folder in reversed(parents):
            if not folder.exists():
                folder.mkdir()
                made.append(folder)


def _prepared(target: Path, content: bytes) -> tuple[Path, Path]:
    temporary = target.with_name(f".{target.name}.new")
    temporary.write_bytes(content)
    return temporary, target


def _restore(path: Path, content: bytes | None) -> None:
    """Make a file as it was, as far as that is possible: the first error is the one to report."""
    with contextlib.suppress(OSError):
        path.with_name(f".{path.name}.new").unlink(missing_ok=True)
        if content is None:
            path.unlink(missing_ok=True)
        elif _bytes(path) != content:
            path.write_bytes(content)
