"""Fences that were left open are closed where it is certain where they end."""

from __future__ import annotations

import textwrap

from guide.intake.reading.fence_repair import Repaired, repair_fences


def repaired(text: str) -> Repaired:
    return repair_fences(textwrap.dedent(text).lstrip("\n"), 1)


def test_fences_that_are_closed_stay_as_they_are() -> None:
    text = "```js\na\n```\n\n~~~~\n```\n~~~~\n"
    assert repaired(text) == Repaired(text)


def test_a_fence_ends_before_the_next_one_opens() -> None:
    done = repaired(
        """
        ```python
        a = 1

        ```go
        b := 2
        ```
        """
    )
    assert done.text == "```python\na = 1\n```\n\n```go\nb := 2\n```\n"
    [change] = done.changes
    assert (change.kind, change.line) == ("repaired", 4)
    assert change.message == "a code block that was not closed ends before the next one"


def test_markdown_shown_as_code_holds_fences() -> None:
    text = "```markdown\nText.\n\n```python\nx\n```\n"
    assert repaired(text).text == text


def test_a_fence_that_nothing_closes_ends_before_the_next_heading() -> None:
    done = repaired(
        """
        ```go
        b := 2

        ## Next

        Text.
        """
    )
    assert done.text == "```go\nb := 2\n```\n\n## Next\n\nText.\n"
    assert [change.kind for change in done.changes] == ["repaired"]


def test_where_a_comment_looks_like_a_heading_it_needs_two_signs() -> None:
    done = repaired("```bash\nls\n\n# a comment\nls\n")
    assert done.text == "```bash\nls\n\n# a comment\nls\n```"
    [change] = done.changes
    assert (change.kind, change.message) == (
        "flagged",
        "a code block is not closed: it runs to the end of the document",
    )


def test_fences_in_lists_and_quotations_are_no_openings() -> None:
    texts = [
        "1. ```python\n   x = 1\n   ```\n\nText.\n",
        "- a\n\n  ```js\n  x\n  ```\n",
        "> ```sh\n> ls\n> ```\n\n## Next\n",
        "- ```js\n  never closed in its item\n\nText.\n",
    ]
    assert [repaired(text) for text in texts] == [Repaired(text) for text in texts]
