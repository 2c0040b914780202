"""Read a whole project into a Library, once; what cannot be read becomes a problem."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from guide.library.curriculum import Curriculum
from guide.library.examples import (
    DESCRIPTION_FILE,
    Example,
    ExampleDescription,
    example_folders,
)
from guide.library.ledger import Coverage, Document, Erratum, Ledger, Unit
from guide.library.model import Library
from guide.library.page import Page, PageReader
from guide.library.problem import Problem
from guide.library.site_config import read_site_config
from guide.library.source_file import read_source
from guide.library.vocabulary import Tag, Term
from guide.library.yaml_document import YamlDocument, YamlError, parse_yaml, try_validate

DATA_RULE = "data-file"


def read_library(root: Path) -> Library:
    """Read the project at `root`; raise ProjectError only if it is no project at all."""
    config = read_site_config(root)
    problems: list[Problem] = list(config.problems)
    files = frozenset(_walk(root, problems))

    documents: dict[str, YamlDocument] = {}

    def data(name: str, model: Any, default: Any) -> Any:
        return _read_data(root, f"docs/{name}", model, default, documents, problems)

    curriculum: Curriculum = data("topics.yml", Curriculum, Curriculum())
    ledger = Ledger(
        documents=data("sources/documents.yml", tuple[Document, ...], ()),
        units=data("sources/units.yml", tuple[Unit, ...], ()),
        coverage=data("sources/coverage.yml", tuple[Coverage, ...], ()),
        errata=data("sources/errata.yml", tuple[Erratum, ...], ()),
    )
    tags = data("tags.yml", tuple[Tag, ...], ())
    glossary = data("glossary.yml", tuple[Term, ...], ())
    examples = []
    for folder, names in example_folders(files).items():
        about = data(f"{folder}/{DESCRIPTION_FILE}", ExampleDescription, None)
        if about is not None:
            examples.append(Example(folder, about, names))
        elif DESCRIPTION_FILE not in names:
            hint = f"describe the example in {DESCRIPTION_FILE}"
            path = f"docs/{folder}"
            problems.append(Problem(path, 1, 1, DATA_RULE, f"no {DESCRIPTION_FILE} here", hint))
    reader = PageReader(config, {area.id for area in curriculum.areas})
    pages: dict[str, Page] = {}
    for path in sorted(file for file in files if file.endswith(".md")):
        source = read_source(root, f"docs/{path}")
        problems.extend(source.problems)
        if source.text is not None:
            pages[path] = reader.read(path, source.text, problems)
    return Library(
        root=root,
        config=config,
        pages=pages,
        files=files,
        curriculum=curriculum,
        tags=tags,
        glossary=glossary,
        ledger=ledger,
        examples=tuple(examples),
        problems=tuple(problems),
        reader=reader,
        data=documents,
    )


def add_generated(library: Library, texts: Mapping[str, str]) -> Library:
    """Return `library` with generated pages (path -> Markdown) read like written ones."""
    problems: list[Problem] = []
    generated = {
        path: library.reader.read(path, text, problems, generated=True)
        for path, text in texts.items()
    }
    return library.extended(generated, tuple(problems))


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
    documents: dict[str, YamlDocument],
    problems: list[Problem],
) -> Any:
    if not (root / path).exists():
        return default
    source = read_source(root, path)
    problems.extend(source.problems)
    if source.text is None:
        return default
    try:
        document = parse_yaml(path, source.text, DATA_RULE)
    except YamlError as error:
        problems.append(error.problem)
        return default
    if document.data is None:
        return default
    documents[path] = document
    value = try_validate(document, model, DATA_RULE, problems)
    return default if value is None else value
