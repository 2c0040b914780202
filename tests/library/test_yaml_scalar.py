"""What is written as a YAML value is read back, in lists and mappings of either style."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from guide.library.yaml_scalar import quoted, scalar


@settings(deadline=None, database=None, derandomize=True)
@given(st.text())
def test_any_text_is_read_back(text: str) -> None:
    for written in (quoted(text), scalar(text)):
        assert yaml.safe_load(
            f"- {{a: {written}, b: [{written}]}}\n- {written}\n- c: {written}\n"
        ) == [
            {"a": text, "b": [text]},
            text,
            {"c": text},
        ]


@pytest.mark.parametrize(
    "text",
    ["methods", "s5-q01", "area/slug#anchor", "More about caches", "Über", "2 or 3", "1.2.3"],
)
def test_what_needs_no_quotes_has_none(text: str) -> None:
    assert scalar(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("yes", '"yes"'),
        ("12", '"12"'),
        ("2026-13-45", '"2026-13-45"'),
        ("a: b", '"a: b"'),
        ("a #b", '"a #b"'),
        ("c++", '"c++"'),
        ("", '""'),
        (" a", '" a"'),
        ('"', '"\\""'),
        ("\x7f", '"\\u007f"'),
    ],
)
def test_what_yaml_would_read_as_something_else_is_quoted(text: str, expected: str) -> None:
    assert scalar(text) == expected
