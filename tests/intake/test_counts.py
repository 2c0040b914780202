"""A document and its pages are counted alike."""

from __future__ import annotations

from guide.intake.reading.markdown import parse
from guide.intake.reporting.counts import Counts, count, total

TEXT = """\
A [link](a.md), <https://example.com>, www.example.com and ![an image](b.png).

<p><a href="c.md">d</a> <img src="e.png"></p>

- a

  ```Python title="x"
  x = 1
  ```

```mermaid
graph TB
```

```
y
```

    z

| a | b |
|---|---|
| c | d |
"""


def test_everything_is_counted_also_in_lists_and_html() -> None:
    assert count(TEXT, 3) == Counts(
        questions=3,
        fences={"": 2, "python": 1},
        diagrams=1,
        tables=1,
        links=4,
        images=2,
        words=35,
        code_lines=4,
    )


def test_blocks_that_are_known_are_not_parsed_again() -> None:
    assert count(TEXT, 3, parse(TEXT).blocks) == count(TEXT, 3)
    assert count(TEXT, 0, ()).links == 0


def test_counts_of_pages_add_up() -> None:
    one = count(TEXT, 3)
    both = total([one, one])
    assert (both.questions, both.words, both.fences) == (6, 2 * one.words, {"": 4, "python": 2})
    assert total([]) == Counts(0, {}, 0, 0, 0, 0, 0, 0)
