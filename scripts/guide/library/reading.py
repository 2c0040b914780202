"""Read a whole project into a Library, once; what cannot be read becomes a problem."""

from __future__ import annotations

import dataclasses
import os
import re
from collections.abc import Container, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from guide.library.allowance import Allowance
from guide.library.curriculum import Curriculum
from guide.library.examples import (
    DESCRIPTION_FILE,
    SHOWN_MARK,
    Example,
    ExampleDescription,
    example_folders,
    with_used,
)
from guide.library.ledger import Coverage, Document, Erratum, Ledger, Unit
from guide.library.limits import excess_of
from guide.library.memo import Memo, digest
from guide.library.model import Library
from guide.library.page import Page, PageReader
from guide.library.permanence import MANIFEST, Redirect, parse_manifest
from guide.library.plans import Plan
from guide.library.problem import Problem
from guide.library.site_config import SiteConfig, read_site_config
from guide.library.source_file import read_source
from guide.library.verification import VERIFICATION_FILE, Verification
from guide.library.vocabulary import Tag, Term
from guide.library.yaml_document import YamlDocument, YamlError, parse_yaml, try_validate

DATA_RULE = "data-file"
_PATH = re.compile(r"[\w./-]+")


def read_library(root: Path, memo: Memo | None = None) -> Library:
    """Read the project at `root`; raise ProjectError only if it is no project at all.

    What `memo` holds of files that did not change is not read again.
    """
    memo = memo or Memo()
    config = read_site_config(root)
    problems: list[Problem] = list(config.problems)
    files = frozenset(_walk(root, problems))

    documents: dict[str, YamlDocument] = {}

    def data(name: str, model: Any, default: Any) -> Any:
        return _read_data(root, f"docs/{name}", model, default, memo, documents, problems)

    curriculum: Curriculum = data("topics.yml", Curriculum, Curriculum.model_construct())
    ledger = Ledger(
        documents=data("sources/documents.yml", tuple[Document, ...], ()),
        units=data("sources/units.yml", tuple[Unit, ...], ()),
        coverage=data("sources/coverage.yml", tuple[Coverage, ...], ()),
        errata=data("sources/errata.yml", tuple[Erratum, ...], ()),
    )
    tags = data("tags.yml", tuple[Tag, ...], ())
    glossary = data("glossary.yml", tuple[Term, ...], ())
    plans = data("plans.yml", tuple[Plan, ...], ())
    allowances = data("allowed.yml", tuple[Allowance, ...], ())
    redirects = data("redirects.yml", tuple[Redirect, ...], ())
    published = _read_manifest(root, problems)
    examples: dict[str, Example] = {}
    for folder, names in example_folders(files).items():
        about = data(f"{folder}/{DESCRIPTION_FILE}", ExampleDescription, None)
        if about is not None:
            recorded = data(f"{folder}/{VERIFICATION_FILE}", Verification, Verification())
            examples[folder] = _read_example(root, folder, names, about, recorded)
        elif DESCRIPTION_FILE not in names:
            hint = f"describe the example in {DESCRIPTION_FILE}"
            path = f"docs/{folder}"
            problems.append(Problem(path, 1, 1, DATA_RULE, f"no {DESCRIPTION_FILE} here", hint))
    reader = PageReader(config, {area.id for area in curriculum.areas}, memo)
    pages: dict[str, Page] = {}
    setting = _setting(config, curriculum)
    for path in sorted(file for file in files if file.endswith(".md")):
        written = _written(root, path, setting, files, problems)
        if written is not None:
            pages[path] = _read_page(reader, path, written.text, written.key, memo, problems)
    return Library(
        root=root,
        config=config,
        pages=pages,
        files=files,
        curriculum=curriculum,
        tags=tags,
        glossary=glossary,
        ledger=ledger,
        examples=with_used(examples),
        plans=plans,
        allowances=allowances,
        redirects=redirects,
        published=published,
        problems=tuple(problems),
        reader=reader,
        data=documents,
        memo=memo,
    )


def add_generated(library: Library, texts: Mapping[str, str]) -> Library:
    """Return `library` with generated pages (path -> Markdown) read like written ones."""
    problems: list[Problem] = []
    setting = digest(library.config.syntax, "generated")
    generated = {
        path: _read_page(
            library.reader, path, text, digest(setting, path, text), library.memo, problems, True
        )
        for path, text in texts.items()
    }
    return library.extended(generated, tuple(problems))


def read_page_again(library: Library, path: str, problems: list[Problem]) -> Page | None:
    """Read the written page `path` of `library` as it is now; None if it is no text at all."""
    setting, reader = _setting(library.config, library.curriculum), library.reader
    found = _written(library.root, path, setting, library.files, problems)
    return found and reader.read(path, found.text, problems, found.key)


def read_example_again(library: Library, example: Example) -> Example:
    """Look at the files of `example` as they are now; what describes it stays as it was read."""
    read = _read_example(
        library.root, example.folder, example.files, example.about, example.recorded
    )
    return dataclasses.replace(read, used=example.used)


def _read_example(
    root: Path,
    folder: str,
    names: Iterable[str],
    about: ExampleDescription,
    recorded: Verification,
) -> Example:
    texts = {name: read_source(root, f"docs/{folder}/{name}").text or "" for name in names}
    contents = {name: digest(text) for name, text in texts.items()}
    shown = frozenset(name for name, text in texts.items() if SHOWN_MARK in text)
    return Example(folder, about, contents, shown, recorded)


def _setting(config: SiteConfig, curriculum: Curriculum) -> str:
    """Identify what written pages are read by, besides their text."""
    return digest(config.syntax, *(area.id for area in curriculum.areas))


class _Written(NamedTuple):
    text: str
    key: str


def _written(
    root: Path, path: str, setting: str, files: Container[str], problems: list[Problem]
) -> _Written | None:
    """The text of the page `path`, with a key for it and all that it includes."""
    source = read_source(root, f"docs/{path}")
    problems.extend(source.problems)
    excess = excess_of(f"docs/{path}", source.text or "")
    problems.extend(excess)
    if source.text is None or excess:
        return None
    contents = included(root, source.text, files)
    return _Written(source.text, digest(setting, path, source.text, *contents))


def _read_page(
    reader: PageReader,
    path: str,
    text: str,
    key: str,
    memo: Memo,
    problems: list[Problem],
    generated: bool = False,
) -> Page:
    def read() -> tuple[Page, list[Problem]]:
        found: list[Problem] = []
        return reader.read(path, text, found, key, generated), found

    page, found = memo.get("page", key, read)
    problems.extend(found)
    return page


def _read_manifest(root: Path, problems: list[Problem]) -> tuple[str, ...]:
    if not (root / MANIFEST).exists():
        return ()
    source = read_source(root, MANIFEST)
    problems.extend(source.problems)
    return parse_manifest(source.text or "")


def included(root: Path, text: str, files: Container[str]) -> Iterator[str]:
    """Yield a digest of each file that `text` may include, or that such a file may include.

    What is made of `text` changes with them.
    """
    waiting: list[str] = [text]
    seen: set[str] = set()
    while waiting:
        text = waiting.pop()
        if "--8<--" not in text:
            continue
        for path in sorted(set(_PATH.findall(text)) - seen):
            seen.add(path)
            if path in files:
                waiting.append((root / "docs" / path).read_bytes().decode("utf-8", "replace"))
                yield digest(waiting[-1])


def _walk(root: Path, problems: list[Problem]) -> Iterable[str]:
    """Yield the files under docs/, relative to it; links that leave it are problems."""
    docs = root / "docs"
    for folder, folders, names in os.walk(docs):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        here = Path(folder)
        for name in list(folders):
            link = here / name
            if link.is_symlink():
                folders.remove(name)
                problems.append(
                    Problem(
                        link.relative_to(root).as_posix(),
                        1,
                        1,
                        "file-link",
                        f"a folder in docs/ is a link to {link.readlink()}",
                        "move the folder into docs/ instead of linking to it",
                    )
                )
        for name in sorted(names):
            if not name.startswith("."):
                yield (here / name).relative_to(docs).as_posix()


def _read_data(
    root: Path,
    path: str,
    model: Any,
    default: Any,
    memo: Memo,
    documents: dict[str, YamlDocument],
    problems: list[Problem],
) -> Any:
    if not (root / path).exists():
        return default
    source = read_source(root, path)
    problems.extend(source.problems)
    text = source.text
    if text is None:
        return default
    document, value, found = memo.get(
        "data", digest(path, text), lambda: _parse_data(path, text, model)
    )
    problems.extend(found)
    if document is not None:
        documents[path] = document
    return default if value is None else value


def _parse_data(path: str, text: str, model: Any) -> tuple[YamlDocument | None, Any, list[Problem]]:
    found: list[Problem] = []
    try:
        document = parse_yaml(path, text, DATA_RULE)
    except YamlError as error:
        return None, None, [error.problem]
    if document.data is None:
        return None, None, found
    value = try_validate(document, model, DATA_RULE, found)
    return dataclasses.replace(document, data=None), value, found
