"""Code is found in a raw text without a parser, wherever it stands."""

from __future__ import annotations

import pytest

from guide.intake.reporting.raw_code import raw_code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("```\na\n\n  b  \n```\nc\n", ("a", "  b")),
        ("~~~ js\n```\n~~~\n", ("```",)),
        ("````\n```\n````\n", ("```",)),
        ("`` ` ``\n", ()),
        ("```a``` b\n", ()),
        ("a\n\n    b\n\n      c\nd\n", ("b", "  c")),
        ("a\n    b\n", ()),
        ("# a\n    b\n", ("b",)),
        ("\ta\n\t\tb\n", ("a", "    b")),
        ("- a\n\n    b\n\n        c\n", ("c",)),
        ("1. a\n\n       b\n", ("b",)),
        ("- a\n    - b\n\n        c\n\n            d\n", ("d",)),
        ("- a\n\nb\n\n    c\n", ("c",)),
        ("- ```\n  a\n    b\n  ```\n", ("a", "  b")),
        ("> ```\n> > a\n> ```\n", ("> a",)),
        ("- a\n\n  > b\n\n  c\n\n    d\n", ()),
        (">     a\n", ("a",)),
        ("!!! note\n\n    a\n\n        b\n", ("b",)),
        ('=== "A"\n\n    ```\n    a\n    ```\n', ("a",)),
        ("[^1]: a\n\n    b\n", ()),
        ("a\n:   b\n\n    c\n", ()),
        ("   ```\n   a\n   \tb\n   ```\n", ("a", "    b")),
        ("- > ```\n  > a\n  > ```\n  > b\n", ("a",)),
        ("- a\n      # b\n      c\n", ()),
        ('- > === "A"\n  >\n  >     a\n', ()),
        ("* * *\n\n    a\n", ("a",)),
    ],
)
def test_code_is_found(text: str, code: tuple[str, ...]) -> None:
    found = raw_code(text)
    assert (found.code, found.doubtful) == (code, False)
    assert len(found.prose) == len(text.split("\n"))


@pytest.mark.parametrize(
    "text",
    [
        "```\nnever closed\n",
        "```md\n```js\na\n```\n```\n",
        "```\na\n    ```\n```\n",
        "- ```\na\n  ```\n",
        "> ```\n> a\nb\n",
        "a\n\n    ```\n    b\n    ```\n",
        "<div>\n\n    <p>a</p>\n",
    ],
)
def test_fences_that_do_not_pair_up_leave_doubt(text: str) -> None:
    assert raw_code(text).doubtful


def test_an_opening_fence_leaves_what_it_says_and_code_leaves_nothing() -> None:
    assert raw_code("a\n\n```js title\nb\n```\nc").prose == ("a", "", "js title", "", "", "c")
