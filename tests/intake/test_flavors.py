"""What other Markdown flavors write becomes what the site knows."""

from __future__ import annotations

import pytest

from guide.intake.markup.flavors import abbreviations, flavors
from intake_documents import changes, output


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('!!! note "A title"\n    b\n\n    - c', "/// note | A title\n\nb\n\n- c\n\n///"),
        ("!!! tip\n    b", "/// tip\n\nb\n\n///"),
        ("!!! example\n    b", "/// note | Example\n\nb\n\n///"),
        ("!!! bug\n    b", "/// danger | Bug\n\nb\n\n///"),
        ('??? question "Why?"\n    b', "/// details | Why?\n\nb\n\n///"),
        ("???+ note\n    b", "/// details | Note\n\nb\n\n///"),
        ('!!! note inline end "T"\n    b', "/// note | T\n\nb\n\n///"),
        ('=== "A"\n    a\n=== "B"\n    b',
         "/// tab | A\n\na\n\n///\n\n/// tab | B\n\nb\n\n///"),
        ("> [!WARNING]\n> a\n> b", "/// warning\n\na\nb\n\n///"),
        ("> [!info]- A *t*\n> a", "/// details | A *t*\n\na\n\n///"),
        ("> [x] no alert", "> \\[x\\] no alert"),
        (":::tip A title\na\n:::", "/// tip | A title\n\na\n\n///"),
        (":::info[A title]\na\n:::", "/// note | A title\n\na\n\n///"),
        ("::: details\na\n:::", "/// details | Details\n\na\n\n///"),
        ("::: package.module", "`::: package.module`"),
        (":::\n\na", "a"),
    ],
)  # fmt: skip
def test_admonitions_tabs_and_containers_become_blocks(text: str, expected: str) -> None:
    assert output(flavors, text) == expected


def test_blocks_in_blocks_have_other_slashes() -> None:
    text = '!!! note\n    a\n\n    ??? tip "T"\n        b\n\n    c'

    assert output(flavors, text) == "//// note\n\na\n\n/// details | T\n\nb\n\n///\n\nc\n\n////"


def test_blocks_stand_in_list_items_too() -> None:
    assert output(flavors, "- a\n\n  > [!NOTE]\n  > b") == (
        "- a\n\n    /// note\n\n    b\n\n    ///"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a ==b c== d", "a <mark>b c</mark> d"),
        ("a == b and c == d", "a == b and c == d"),
        (":rocket: a :+1:", "🚀 a 👍"),
        ("at 10:30:00 in a:b:c :no_such_name:", "at 10:30:00 in a:b:c :no_such_name:"),
        ("is $a_1 + b$ or $$c$$ or \\(d_2\\)", "is `$a_1 + b$` or `$$c$$` or `\\(d_2\\)`"),
        ("from $5 to $10", "from $5 to $10"),
        ("no \\$a\\$ here", "no &#36;a&#36; here"),
        ("use {{ name }} and {% if a %}", "use `{{ name }}` and `{% if a %}`"),
        ("{% raw %}a{% endraw %}", "a"),
        ("see [[Page]] or [[Other#Part|that]]", "see Page or that"),
        ("a %%hidden%% b", "a b"),
        ("[a](b.md){target=_blank} c", "[a](b.md) c"),
        ("text {: .wide }", "text"),
        ("call /users/{id}", "call /users/\\{id}"),
        ('-8<- "a.md"', '`-8<- "a.md"`'),
        ("| a |\n| --- |\n| ==b== |", "| a |\n| --- |\n| <mark>b</mark> |"),
    ],
)
def test_marks_in_a_line_become_what_the_site_knows(text: str, expected: str) -> None:
    assert output(flavors, text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$$\na = b\n$$", "```text\n$$\na = b\n$$\n```"),
        ("\\[ a \\]", "```text\n\\[ a \\]\n```"),
        ("\\begin{align}\na\n\\end{align}", "```text\n\\begin{align}\na\n\\end{align}\n```"),
        ("[TOC]\n\na", "a"),
        ("[[_TOC_]]\n\na", "a"),
        ("a\n\n---\n\nb", "a\n\nb"),
        ("\\newpage\n\na", "a"),
        ("##\n\n## 🚀\n\n## A 🚀", "## A 🚀"),
        ("## ![](a.png)", "![](a.png)"),
        ("word " * 30 + "\n---", ("word " * 30).strip()),
        ("# A { #own-id }", "# A { #own-id }"),
    ],
)
def test_other_blocks_become_what_the_site_knows(text: str, expected: str) -> None:
    assert output(flavors, text) == expected


def test_abbreviations_become_a_list() -> None:
    text = "*[HTML]: Markup\n*[CSS]: Style\n\na"
    assert output(abbreviations, text) == "Abbreviations:\n\n- HTML: Markup\n- CSS: Style\n\na"


def test_a_heading_in_a_list_or_quotation_becomes_a_bold_line() -> None:
    text = "- # What is **ACID**?\n\n> ## Costs\n>\n> a"
    assert output(flavors, text) == "- **What is ACID?**\n\n> **Costs**\n>\n> a"


@pytest.mark.parametrize(
    ("text", "kind", "message", "before"),
    [
        ("a\n\n***", "removed", "a rule", ""),
        ("## 🚀", "removed", "a heading without a word", "🚀"),
        ("##A", "repaired", "a heading without a blank after `#`", ""),
        ("| a | b |\n|-|-|\n| 1 |", "repaired",
         "a row of 1 cells where the header has 2: filled up", ""),
        ("3. a", "flagged", "this list starts at 3; the site counts from 1", ""),
        ("[[Page|that]]", "changed", "a wiki link to its text", "[[Page|that]]"),
        ("::: none", "flagged", "a line of colons that opens nothing, shown as code", ""),
        ("> [!NOTE] b", "changed", "an alert to a block", "[!NOTE] b"),
    ],
)  # fmt: skip
def test_each_change_is_told(text: str, kind: str, message: str, before: str) -> None:
    [change] = changes(flavors, text)
    assert (change.kind, change.message, change.before) == (kind, message, before)


def test_changes_have_the_lines_of_the_document() -> None:
    text = "# A\n\n- a\n\n  ==b==\n\n---\n\n!!! note\n    :rocket:\n"
    assert [change.line for change in changes(flavors, text)] == [5, 7, 9, 10]
