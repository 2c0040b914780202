"""Every example prints exactly its expected.txt, in every language it comes in."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from guide.library.examples import Example, ExampleLanguage
from guide.project import load
from support import ROOT, needs

EXAMPLES = load(ROOT).examples
PROGRAMS = [(example, language) for example in EXAMPLES for language in example.about.languages]


def tool(name: str) -> str | None:
    """The command in this environment, or else on the PATH."""
    own = Path(sys.executable).parent / name
    return str(own) if own.exists() else shutil.which(name)


def command(language: ExampleLanguage) -> list[str]:
    name, arguments = {
        "python": (sys.executable, ["example.py"]),
        "go": (tool("go"), ["run", "."]),
        "javascript": (tool("node"), ["example.mjs"]),
        "java": (tool("java"), ["Main.java"]),
    }[language]
    needs(name, language)
    return [str(name), *arguments]


def test_there_are_examples() -> None:
    assert PROGRAMS


@pytest.mark.parametrize(
    ("example", "language"),
    PROGRAMS,
    ids=[f"{example.folder}-{language}" for example, language in PROGRAMS],
)
def test_the_program_prints_what_the_page_shows(
    example: Example, language: ExampleLanguage, tmp_path: Path
) -> None:
    for required in example.about.requires:
        needs(shutil.which(required), required)
    folder = tmp_path / "example"
    shutil.copytree(ROOT / "docs" / example.folder, folder)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path),
        "GOCACHE": os.environ.get("GOCACHE", str(ROOT / ".cache" / "go-build")),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-mod=mod",
    }

    done = subprocess.run(
        command(language),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60 + example.about.timeout,
        check=False,
    )

    assert done.stderr == ""
    assert done.stdout == (folder / "expected.txt").read_text(encoding="utf-8")
    assert done.returncode == 0


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.folder)
def test_an_example_has_a_program_for_each_language_it_names(example: Example) -> None:
    for language in example.about.languages:
        assert (ROOT / "docs" / example.program(language)).is_file()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.folder)
def test_an_example_is_shown_on_the_page_it_names(example: Example) -> None:
    library = load(ROOT)
    page = library.page_of(example.about.topic)

    assert page is not None
    assert any(include.path.startswith(example.folder) for include in page.includes)
