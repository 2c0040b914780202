"""A document of many flavors: what the passes make of it passes the checks and stays."""

from __future__ import annotations

from guide.intake.markup.flavors import flavors
from guide.intake.markup.html import html
from guide.intake.markup.notes import notes
from guide.intake.reading.markdown import render
from intake_documents import document
from mini_project import MiniProject

DRAFT = "docs/intake/raw-notes.md"
FRONT = """\
---
title: Raw notes
description: "Notes that are on their way to become a page."
level: core
tags: [http]
reviewed: 2026-11-20
draft: true
---

"""
TEXT = """\
# Raw notes

<div align="center">

Intro <b>bold</b> with List<String> and <kbd>Ctrl</kbd>, :rocket: ==mark== $x_1$ and $5.

</div>

## Tables

| Name | Value |
|---|---|
| or | `a || b` |
| only |

<table><tr><td rowspan="2">One</td><td>Two</td></tr><tr><td>Three</td></tr></table>

## Lists

- one
  - two
    1. three

1. four

- [ ] task
- [x] done

-
- item

1. ```python
   x = 1
   ```

Term
: definition

    more

## Blocks

<details><summary>What is it?</summary>

An answer[^1].

!!! warning "Mind"
    the gap

</details>

> [!NOTE]
> A remark^[with a footnote].

=== "Python"
    ```python
    x = 1
    ```

:::tip Advice
Do it.
:::

$$
e = mc^2
$$

call /users/{id}

no note [^zz] here, ~~gone~~, {{ tpl }}, [[Wiki page]]

*[HTML]: Hyper Text

<iframe src="x"></iframe>

[^1]: The note.
"""


def normalized(text: str) -> str:
    return render(notes(flavors(html(document(text)))).blocks)


def test_what_is_made_of_foreign_markup_passes_the_checks(project: MiniProject) -> None:
    project.write(DRAFT, FRONT + TEXT)
    assert {"foreign-syntax", "html-closed", "table-shape"} <= errors(project).keys()

    project.write(DRAFT, f"{FRONT}{normalized(TEXT)}\n")

    assert errors(project) == {}


def errors(project: MiniProject) -> dict[str, str]:
    found = [each for each in project.findings() if each.path == DRAFT]
    return {each.rule: each.message for each in found if each.severity == "error"}


def test_what_is_made_of_foreign_markup_stays() -> None:
    assert normalized(normalized(TEXT)) == normalized(TEXT)
