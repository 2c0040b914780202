"""Comments let the rules pass that a document breaks by its own words."""

from __future__ import annotations

from guide.intake.pages.suppressing import Broken, suppress

REASON = "kept as notes.md has it"


def test_a_comment_stands_before_the_block() -> None:
    text = "# T\n\nfirst line\nthe the line\n\nlast\n"
    assert suppress(text, [Broken("doubled-word", 4, REASON)], {}) == (
        f"# T\n\n<!-- allow doubled-word: {REASON} -->\n\nfirst line\nthe the line\n\nlast\n"
    )


def test_code_gets_its_comment_before_the_fence() -> None:
    text = "a\n\n```js\nx\n\n{\n```\n"
    assert suppress(text, [Broken("code-syntax", 6, REASON)], {3: 7}) == (
        f"a\n\n<!-- allow code-syntax: {REASON} -->\n\n```js\nx\n\n{{\n```\n"
    )


def test_several_rules_and_findings_of_one_block_are_named_once_each() -> None:
    broken = [Broken("link-text", 1, REASON), Broken("doubled-word", 1, REASON)]
    assert suppress("the the [here](x)\n", [*broken, *broken], {}) == (
        f"<!-- allow doubled-word: {REASON} -->\n\n<!-- allow link-text: {REASON} -->\n\n"
        "the the [here](x)\n"
    )


def test_in_a_list_the_comment_stands_in_the_item() -> None:
    assert suppress("- a\n- the the\n- c\n", [Broken("doubled-word", 2, REASON)], {}) == (
        f"- a\n- the the <!-- allow doubled-word: {REASON} -->\n- c\n"
    )


def test_code_that_starts_an_item_moves_below_its_comment() -> None:
    text = "- ```js\n    {\n    ```\n"
    assert suppress(text, [Broken("code-syntax", 2, REASON)], {1: 3}) == (
        f"- <!-- allow code-syntax: {REASON} -->\n\n    ```js\n    {{\n    ```\n"
    )


def test_in_a_quote_the_comment_is_quoted() -> None:
    assert suppress("> the the\n", [Broken("doubled-word", 1, REASON)], {}) == (
        f"> <!-- allow doubled-word: {REASON} -->\n>\n> the the\n"
    )
