"""The front matter of Hugo is TOML: it is read like YAML."""

from __future__ import annotations

from pathlib import Path

import pytest

from guide.intake.reading.source import read_document


def test_toml_front_matter_becomes_yaml(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text('+++\ntitle = "X"\ntags = ["a"]\n+++\n\n# H\n')

    document = read_document(file)

    assert document.source.front == "title: X\ntags:\n- a\n"
    assert (document.source.text, document.source.first_line) == ("\n# H\n", 5)
    [change] = document.changes
    assert (change.kind, change.before) == ("changed", 'title = "X"\ntags = ["a"]\n')


@pytest.mark.parametrize("text", ["+++\nno toml\n+++\n\na\n", "+++\na\n"])
def test_what_is_no_toml_is_text(tmp_path: Path, text: str) -> None:
    file = tmp_path / "a.md"
    file.write_text(text)

    document = read_document(file)

    assert (document.source.front, document.source.text) == (None, text)
