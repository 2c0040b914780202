"""A report on a small document, with everything in it that a report can hold."""

from __future__ import annotations

from guide.intake.model import Change, Source, Unit
from guide.intake.relating.relations import Home, Relation
from guide.intake.reporting.conservation import conserve
from guide.intake.reporting.counts import count
from guide.intake.reporting.report import DocumentFacts, PageFacts, PlacedUnit, Report, Suppressed
from guide.library.front_matter import split

DOCUMENT = """\
## Q1: What is a `cache|copy`?

- [ ] see [RFC](http://example.com/rfc)

```js
x = 1
```

Follow us!
"""
PAGE = """\
---
title: Caches
---

# Caches

## What is a `cache|copy`?

- [ ] see [RFC](http://example.com/rfc)

```javascript
x = 1
```
"""
LOSING = (
    Change("inferred", "fences", 5, "`js` is `javascript`", "js", "javascript"),
    Change("removed", "questions", 1, "the label of a question", "Q1:"),
    Change("flagged", "links", 3, "http://example.com/rfc is not encrypted"),
    *(Change("changed", "lists", line, f"the indentation, by {line} | *") for line in (9, 8, 7, 6)),
)
"""The last line of the document is in none of them."""
WHOLE = (*LOSING, Change("removed", "notices", 9, "a call to follow", "Follow us!"))
QUESTION = Unit("q01", "question", "What is a `cache|copy`?", "", None, 1, 9)
CODE = Unit("q01-code1", "code", "", "x = 1", "q01", 5, 7)
TABLE = Unit("q01-table1", "table", "Nowhere", "", "q01", 9, 9)
HOMES = (
    Home("caching-strategies", 0.912, "caching/caching-strategies#what"),
    Home("http-caching", 0.2, "caching/http-caching#x"),
)


def sample(changes: tuple[Change, ...]) -> Report:
    """Return the report on what `changes` made of the document."""
    return Report(
        document=DocumentFacts("notes", "drop/notes.md", "Caches", "ab" * 32, "utf-8", 9),
        pages=(PageFacts("intake/notes/caches.md", "Caches", count(split(PAGE).body, 1)),),
        source=count(DOCUMENT, 1),
        output=count(split(PAGE).body, 1),
        units=(
            PlacedUnit(
                QUESTION,
                "intake/notes/caches.md#what",
                Relation("q01", HOMES, True, (), ("caching/caching-strategies#q-what",)),
            ),
            PlacedUnit(
                CODE,
                "intake/notes/caches.md#what",
                Relation("q01-code1", HOMES[1:], False, ("q01",)),
            ),
            PlacedUnit(TABLE, "report"),
        ),
        changes=changes,
        suppressions=(Suppressed("link-scheme", "intake/notes/caches.md", 9, "as written"),),
        conservation=conserve(Source("notes", DOCUMENT, "", "utf-8"), [PAGE], changes),
    )
