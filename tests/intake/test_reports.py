"""The reports say the same in three ways: for people at a terminal, for reviewers, for programs."""

from __future__ import annotations

import dataclasses
import json

import pytest

from guide.intake.model import Change, Document, DraftPage, Section, Source, Unit
from guide.intake.reading.markdown import parse
from guide.intake.relating.relations import Relation
from guide.intake.reporting import report_json, report_markdown, report_text
from guide.intake.reporting.conservation import conserve
from guide.intake.reporting.report import IN_REPORT, DocumentFacts, PlacedUnit, Report, make_report
from mini_project import MiniProject
from sample_report import LOSING, WHOLE, sample

TEXT = """\
drop/notes.md: Caches (9 lines, utf-8)
  read:    1 question, 1 code block (js 1), 0 diagrams, 0 tables, 1 link, 0 images, 17 words
  written: 1 question, 1 code block (javascript 1), 0 diagrams, 0 tables, 1 link, 0 images, 15 words

Pages (1)
  intake/notes/caches.md: Caches, 1 question

Units (3) and the topics nearest to them; ? where it is not sure
  questions (1)
    caching-strategies: q01
  code blocks (1)
    http-caching: q01-code1?
  tables (1)
    no topic: q01-table1
  on no page: q01-table1
  said before: q01-code1 (q01)
  asked in the guide: q01 (caching/caching-strategies#q-what)

Changes (7)
  removed by questions (1)
    line 1: the label of a question
  removed by notices (1)
    line 9: a call to follow
  changed by lists (4)
    line 6: the indentation, by 6 | *
    line 7: the indentation, by 7 | *
    line 8: the indentation, by 8 | *
    and 1 more
  inferred by fences (1)
    line 5: `js` is `javascript`

Look at these (1)
  line 3, links: http://example.com/rfc is not encrypted

Suppressed findings of the checks (1)
  intake/notes/caches.md:9 link-scheme: as written

Nothing is lost: 17 words, 1 code line, 1 link, 0 table cells; 4 of them only in this report.
"""
MARKDOWN = """\
# Intake of `notes`

**Lost:** 2 words.

| Document | Value |
| --- | --- |
| File | `drop/notes.md` |
| Title | `Caches` |
| SHA-256 | `abababababababababababababababababababababababababababababababab` |
| Encoding | `utf-8` |
| Lines | 9 |

## What it holds

| What | Document | Pages |
| --- | --- | --- |
| Questions | 1 | 1 |
| Code blocks: `javascript` | 0 | 1 |
| Code blocks: `js` | 1 | 0 |
| Diagrams | 0 | 0 |
| Tables | 0 | 0 |
| Links | 1 | 1 |
| Images | 0 | 0 |
| Words | 17 | 15 |
| Lines of code | 1 | 1 |

## What became of it

| What | Document | On pages | Only in this report | Lost |
| --- | --- | --- | --- | --- |
| Words | 17 | 13 | 2 | 2 |
| Code lines | 1 | 1 | 0 | 0 |
| Links | 1 | 1 | 0 | 0 |
| Table cells | 0 | 0 | 0 | 0 |

Lost words:

```markdown
Follow
us
```

## Pages

| Page | Title | Questions | Words |
| --- | --- | --- | --- |
| `intake/notes/caches.md` | `Caches` | 1 | 15 |

## Units

A question mark says that the topic is a guess.

| Unit | Kind | Lines | Title | Now at | Topics | Said already |
| --- | --- | --- | --- | --- | --- | --- |
| `q01` | question | 1 to 9 | <code>What is a &#96;cache&#124;copy&#96;?</code> \
| `intake/notes/caches.md#what` | `caching-strategies 0.91`, `http-caching 0.20` \
| `caching/caching-strategies#q-what` |
| `q01-code1` | code | 5 to 7 |  | `intake/notes/caches.md#what` | `http-caching 0.20?` | `q01` |
| `q01-table1` | table | 9 to 9 | `Nowhere` | `report` |  |  |

## Changes

### Removed by `questions`

| Line | What | Now |
| --- | --- | --- |
| 1 | the label of a question |  |

Line 1 said:

```markdown
Q1:
```

### Changed by `lists`

| Line | What | Now |
| --- | --- | --- |
| 6 | the indentation, by 6 &#124; &#42; |  |
| 7 | the indentation, by 7 &#124; &#42; |  |
| 8 | the indentation, by 8 &#124; &#42; |  |
| 9 | the indentation, by 9 &#124; &#42; |  |

### Inferred by `fences`

| Line | What | Now |
| --- | --- | --- |
| 5 | `js` is `javascript` | `javascript` |

Line 5 said:

```markdown
js
```

## Look at these

| Line | What | Now |
| --- | --- | --- |
| 3 | `http://example.com/rfc` is not encrypted |  |

## Suppressed findings

| Page | Line | Rule | Reason |
| --- | --- | --- | --- |
| `intake/notes/caches.md` | 9 | `link-scheme` | as written |
"""
HEAD = """\
---
title: Intake of notes
description: "What was made of a document that came in."
level: core
tags: [http]
reviewed: 2026-11-20
draft: true
---

"""


def with_change(change: Change) -> Report:
    return dataclasses.replace(sample(WHOLE), changes=(change,))


def test_the_text_is_compact() -> None:
    assert report_text.render(sample(WHOLE)) + "\n" == TEXT


def test_what_is_lost_is_the_last_line_of_the_text() -> None:
    last = report_text.render(sample(LOSING)).rsplit("\n", 1)[-1]
    assert last == "Lost: 2 words ('Follow', 'us')."


@pytest.mark.parametrize("message", ["word " * 100, "x" * 1000, "控" * 300, "a\x1b[31m\tb"])
def test_no_line_of_the_text_is_too_long_or_steers_the_terminal(message: str) -> None:
    for kind in ("flagged", "changed"):
        text = report_text.render(with_change(Change(kind, "links", 7, message)))
        assert max(map(len, text.split("\n"))) <= 100
        assert all(char.isprintable() or char == "\n" for char in text)


def test_the_markdown_holds_everything() -> None:
    assert report_markdown.render(sample(LOSING)) == MARKDOWN


@pytest.mark.parametrize(
    "quoted",
    [
        "a | b",
        "`code` and ``more``",
        "<script>alert(1)</script> & <b>",
        "```\nnever closed",
        "**bold** [[wiki]] {{ x }} {% y %} ==mark== ~~gone~~ $$m$$ :rocket: [^1]",
        "see https://example.com/x_(y) and www.example.com",
        "\\| \\` !!! note",
        "# heading\n\n- [ ] task",
    ],
)
def test_the_markdown_passes_the_checks_whatever_the_document_says(
    project: MiniProject, quoted: str
) -> None:
    change = Change("changed", "links", 7, quoted, quoted, quoted)
    report = with_change(change)
    unit = dataclasses.replace(report.units[0].unit, title=quoted)
    placed = dataclasses.replace(report.units[0], unit=unit)
    text = report_markdown.render(dataclasses.replace(report, units=(placed,)))
    project.write("docs/intake/notes.md", HEAD + text)
    errors = [
        (finding.rule, finding.line, finding.message)
        for finding in project.findings()
        if finding.path == "docs/intake/notes.md" and finding.severity == "error"
    ]
    assert errors == []


def test_the_json_has_its_keys_in_order_and_every_text_in_full() -> None:
    data = json.loads(report_json.render(sample(WHOLE)))
    assert list(data) == [
        "schema",
        "document",
        "pages",
        "counts",
        "units",
        "changes",
        "suppressions",
        "conservation",
    ]
    assert data["schema"] == 1
    assert data["document"] == {
        "name": "notes",
        "file": "drop/notes.md",
        "title": "Caches",
        "sha256": "abababababababababababababababababababababababababababababababab",
        "encoding": "utf-8",
        "lines": 9,
    }
    assert data["pages"] == [{"path": "intake/notes/caches.md", "title": "Caches", "questions": 1}]
    assert data["counts"]["source"] == {
        "questions": 1,
        "fences": {"js": 1},
        "diagrams": 0,
        "tables": 0,
        "links": 1,
        "images": 0,
        "words": 17,
        "code_lines": 1,
    }
    assert data["counts"]["output"]["fences"] == {"javascript": 1}
    assert data["units"][1] == {
        "id": "q01-code1",
        "kind": "code",
        "title": "",
        "line": 5,
        "end_line": 7,
        "parent": "q01",
        "at": "intake/notes/caches.md#what",
        "home": "http-caching",
        "sure": False,
        "homes": [{"topic": "http-caching", "score": 0.2, "place": "caching/http-caching#x"}],
        "duplicate_of": ["q01"],
        "known_at": [],
    }
    assert [(unit["home"], unit["sure"]) for unit in data["units"]] == [
        ("caching-strategies", True),
        ("http-caching", False),
        (None, False),
    ]
    assert data["changes"] == [dataclasses.asdict(change) for change in WHOLE]
    assert data["suppressions"] == [
        {"rule": "link-scheme", "page": "intake/notes/caches.md", "line": 9, "reason": "as written"}
    ]
    assert data["conservation"]["words"] == {
        "source": 17,
        "output": 13,
        "report": 4,
        "lost": 0,
        "missing": [],
    }
    assert data["conservation"]["whole"] is True
    assert list(data["conservation"]) == ["words", "code_lines", "links", "table_cells", "whole"]


def test_a_report_with_nothing_in_it_is_a_report() -> None:
    empty = dataclasses.replace(sample(WHOLE), pages=(), units=(), changes=(), suppressions=())
    assert report_text.render(empty).count("\n\n") == 2
    assert "## Units" not in report_markdown.render(empty)
    assert json.loads(report_json.render(empty))["units"] == []


def test_a_report_is_put_together_from_what_was_made() -> None:
    source = Source("notes", "# Notes\n\n## Why?\n\nBecause.\n", "ab", "utf-8", "x: y\n", 4)
    asked = Section("Why?", 2, 6, 8, (), "question", heading="Why?")
    root = Section("", 0, 4, 8, (Section("Notes", 1, 4, 8, (asked,)),))
    units = (
        Unit("title", "section", "Notes", "", None, 4, 8),
        Unit("q01", "question", "Why?", "", None, 6, 8),
    )
    report = make_report(
        file="in/notes.md",
        title="Notes",
        document=Document(source, root=root, changes=LOSING),
        read=parse(source.text, source.first_line).blocks,
        pages={"intake/notes/all.md": DraftPage("all", "All", "What is in it.", root)},
        texts={"intake/notes/all.md": "---\ntitle: All\n---\n\n# All\n\n## Why?\n\nBecause.\n"},
        units=units,
        places={"q01": "intake/notes/all#why", "title": None},
        relations={"q01": Relation("q01")},
        suppressions=(),
        conservation=conserve(source, ["# All\n\n## Why?\n\nBecause.\n"], ()),
    )
    assert report.document == DocumentFacts("notes", "in/notes.md", "Notes", "ab", "utf-8", 8)
    assert [(page.path, page.counts.questions, page.counts.words) for page in report.pages] == [
        ("intake/notes/all.md", 1, 3)
    ]
    assert (report.source.questions, report.source.words, report.output.words) == (1, 3, 3)
    assert report.units == (
        PlacedUnit(units[0], IN_REPORT),
        PlacedUnit(units[1], "intake/notes/all#why", Relation("q01")),
    )
    assert (report.units[1].home, report.units[1].sure) == (None, False)
    assert report.changes == LOSING
