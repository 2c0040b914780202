"""A document's units are found where a reader of its ledger expects them."""

from __future__ import annotations

import dataclasses
import time

from guide.intake.model import Document, Section, Source, Unit
from guide.intake.reading.markdown import parse
from guide.intake.reporting.units import find_units
from guide.intake.shape.outline import outline


def asking(section: Section) -> Section:
    """The outline with each heading that ends in a question mark as a question."""
    return dataclasses.replace(
        section,
        role="question" if section.title.endswith("?") else "section",
        content=tuple(
            asking(each) if isinstance(each, Section) else each for each in section.content
        ),
    )


def units(text: str, first_line: int = 1, front: str | None = None) -> tuple[Unit, ...]:
    source = Source("notes", text, "", "utf-8", front, first_line)
    document = Document(source, parse(text, first_line).blocks)
    return find_units(asking(outline(document).root), source)


def places(found: tuple[Unit, ...]) -> list[tuple[str, str, int, int, str | None]]:
    return [(unit.id, unit.kind, unit.line, unit.end_line, unit.parent) for unit in found]


QUESTIONS = """\
# Caching

Some notes.

## Basics

### What is a cache?

A copy.

**Benefits:**
- fast
- cheap

```python
x = 1
```

#### Kinds

```mermaid
graph TB
```

| a | b |
|---|---|
| c | d |

### Why cache?

1. First

   ```sh
   ls
   ```

## Tools

Redis.

    indented
"""


def test_questions_are_numbered_and_what_is_in_them_is_named_after_them() -> None:
    assert places(units(QUESTIONS)) == [
        ("title", "section", 1, 41, None),
        ("basics", "section", 5, 35, None),
        ("q01", "question", 7, 27, "basics"),
        ("q01-list1", "list", 12, 13, "q01"),
        ("q01-code1", "code", 15, 17, "q01"),
        ("q01-sec1", "section", 19, 27, "q01"),
        ("q01-diagram1", "diagram", 21, 23, "q01"),
        ("q01-table1", "table", 25, 27, "q01"),
        ("q02", "question", 29, 35, "basics"),
        ("q02-list1", "list", 31, 35, "q02"),
        ("q02-code1", "code", 33, 35, "q02"),
        ("tools", "section", 37, 41, None),
        ("tools-code1", "code", 41, 41, "tools"),
    ]


def test_a_unit_has_its_own_text_and_a_label_is_its_title() -> None:
    found = {unit.id: (unit.title, unit.text) for unit in units(QUESTIONS)}
    assert found["title"] == ("Caching", "Some notes.")
    assert found["q01"] == ("What is a cache?", "A copy.\n\n**Benefits:**")
    assert found["q01-list1"] == ("Benefits", "- fast\n- cheap")
    assert found["q01-code1"] == ("", "x = 1")
    assert found["q01-table1"] == ("", "a | b\nc | d")
    assert found["q02"] == ("Why cache?", "")
    assert found["q02-list1"] == ("", "- First")
    assert found["q02-code1"] == ("", "ls")


def test_items_of_an_outline_are_bullets() -> None:
    text = """\
# Topics

## 1. Databases
- **SQL databases**: joins, keys
  and more
- **NoSQL:** documents

## 2. Queues

A paragraph, so this is no outline.

- **Kafka**: a log

## 3. Mixed
- **Kafka**: a log
- no lead
"""
    found = units(text)
    assert places(found) == [
        ("title", "section", 1, 16, None),
        ("1-databases", "section", 3, 6, None),
        ("1-databases-bullet1", "bullet", 4, 5, "1-databases"),
        ("1-databases-bullet2", "bullet", 6, 6, "1-databases"),
        ("2-queues", "section", 8, 12, None),
        ("2-queues-list1", "list", 12, 12, "2-queues"),
        ("3-mixed", "section", 14, 16, None),
        ("3-mixed-list1", "list", 15, 16, "3-mixed"),
    ]
    assert [unit.title for unit in found if unit.kind == "bullet"] == ["SQL databases", "NoSQL"]
    assert found[2].text == "- **SQL databases**: joins, keys\nand more"


def test_a_list_of_leads_in_a_question_is_a_list() -> None:
    found = units("# What is REST?\n\n- **Stateless**: yes\n- **Cacheable**: yes\n")
    assert places(found) == [
        ("q01", "question", 1, 4, None),
        ("q01-list1", "list", 3, 4, "q01"),
    ]


def test_front_matter_and_introduction_are_units() -> None:
    found = units("Hello.\n\n- a\n\n## Part\n", first_line=5, front="title: x\n")
    assert places(found) == [
        ("front", "section", 1, 4, None),
        ("intro", "section", 5, 7, None),
        ("intro-list1", "list", 7, 7, "intro"),
        ("title", "section", 9, 9, None),
    ]
    assert [unit.text for unit in found[:2]] == ["title: x\n", "Hello."]


def test_ids_are_unique_whatever_headings_say() -> None:
    text = "# Intro\n\n# Intro\n\n# Q01\n\n# 什么\n\n# 缓存\n\n## Deep\n\n# Why?\n"
    assert [unit.id for unit in units(text)] == [
        "intro-2",
        "intro-3",
        "chapter-q01",
        "chapter",
        "chapter-2",
        "chapter-2-sec1",
        "q01",
    ]


def test_a_section_below_a_chapter_is_a_chapter_if_questions_stand_in_it() -> None:
    text = "# A\n\n## B\n\n### C\n\n#### Why?\n\n### D\n"
    assert [(unit.id, unit.parent) for unit in units(text)] == [
        ("title", None),
        ("b", None),
        ("c", "b"),
        ("q01", "c"),
        ("b-sec1", "b"),
    ]


def test_code_in_quotes_and_lists_is_found_where_it_stands() -> None:
    text = (
        "x\n\n> ```js\n> a\n> ```\n\n- b\n    - c\n\n        ```mermaid\n        d\n        ```\n"
    )
    assert places(units(text)) == [
        ("intro", "section", 1, 12, None),
        ("intro-code1", "code", 3, 5, "intro"),
        ("intro-list1", "list", 7, 12, "intro"),
        ("intro-diagram1", "diagram", 10, 12, "intro"),
    ]


def test_every_block_is_in_a_unit() -> None:
    blocks = parse(QUESTIONS).blocks
    found = units(QUESTIONS)
    assert all(
        any(unit.line <= block.line and block.end_line <= unit.end_line for unit in found)
        for block in blocks
    )


def test_a_document_without_headings_or_without_anything_has_units_too() -> None:
    assert [unit.id for unit in units("only text\n")] == ["intro"]
    assert units("") == ()


def test_many_questions_have_longer_numbers_and_take_no_time() -> None:
    text = "\n".join(f"## What is {number}?\n\ntext\n" for number in range(2_000))
    start = time.process_time()
    found = units(text)
    assert (found[0].id, found[-1].id) == ("q0001", "q2000")
    assert time.process_time() - start < 30
