"""A paragraph that stands on many pages is found on each of them."""

from __future__ import annotations

from mini_project import MiniProject

PAGES = 12
PAGE = """\
---
title: Copy {number}
description: "Says what others of its kind say, nearly in the same words."
draft: true
---

# Copy {number}

A cache keeps a copy of what was asked before, so that request number {number} is answered without
asking the origin again; it must know for how long a copy is good, and whom it may be shown to.
"""


def test_of_many_copies_each_is_reported(project: MiniProject) -> None:
    names = [f"docs/intake/copy-{number}.md" for number in range(PAGES)]
    for number, name in enumerate(names):
        project.write(name, PAGE.format(number=number))

    found = [each for each in project.findings() if each.rule == "near-duplicate"]

    assert {each.path for each in found} == set(names)
