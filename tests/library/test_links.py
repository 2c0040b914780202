"""Links are found where they stand, as the renderer reads them."""

from __future__ import annotations

import pytest

from guide.library.links import find_links
from guide.library.masking import mask_comments, mask_inline_code


def found(text: str) -> list[tuple[str, str, int, int]]:
    prose = mask_inline_code(mask_comments(text))
    return [(link.kind, link.target, link.line, link.column) for link in find_links(prose, 1)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("see [a](b.md)", [("inline", "b.md", 1, 5)]),
        ('see [a](b.md "title")', [("inline", "b.md", 1, 5)]),
        ("[a](<b c.md>)", [("inline", "b c.md", 1, 1)]),
        ("[a [b] c](d_(e).md)", [("inline", "d_(e).md", 1, 1)]),
        ("![alt](x.png)", [("image", "x.png", 1, 1)]),
        ("[![alt](x.png)](y.md)", [("inline", "y.md", 1, 1), ("image", "x.png", 1, 2)]),
        ("[a][r] [r][] [r]\n\n[r]: x.md", [("reference", "x.md", 1, n) for n in (1, 8, 14)]),
        ("<https://example.com>", [("autolink", "https://example.com", 1, 1)]),
        ('x <a href="y.md">z</a>', [("html", "y.md", 1, 3)]),
        ('<img srcset="a.png 1x, b.png 2x">', [("html", "a.png", 1, 1), ("html", "b.png", 1, 1)]),
        (
            "one\ntwo [a](b.md)\n\nthree [c](d.md)",
            [("inline", "b.md", 2, 5), ("inline", "d.md", 4, 7)],
        ),
        ("`[a](b.md)` and ``[a](b.md)``", []),
        (r"\[a](b.md)", []),
        ("<!-- [a](b.md) -->", []),
        ("[no link] and [x][unknown]", []),
    ],
)
def test_each_link_has_its_place(text: str, expected: list[tuple[str, str, int, int]]) -> None:
    assert found(text) == expected


def test_a_marked_section_without_a_name_is_no_error() -> None:
    assert [link.target for link in find_links("<![[x]: a>\n\n<a href='b'>b</a>\n", 1)] == ["b"]
