"""A whole guide in miniature: one area, one valid topic page, everything the checks ask for."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from pathlib import Path

from guide.checks import Finding, check_sources
from guide.library import Library
from guide.library.verification import LanguageVerdict, Verification
from guide.project import load
from support import ROOT

MKDOCS = """\
site_name: Mini guide
site_url: !ENV [GUIDE_SITE_URL, "http://127.0.0.1:8000/"]
theme:
  name: material
  custom_dir: {overrides}
  static_templates: [robots.txt]
  font: false
exclude_docs: |
  /topics.yml
  /tags.yml
  /plans.yml
  /glossary.yml
  /allowed.yml
  /redirects.yml
  /ids.txt
  /sources/*.yml
draft_docs: |
  /intake/
plugins:
  - redirects
  - mermaid2:
      javascript: assets/preview/mermaid.js
hooks:
  - {hooks}
markdown_extensions:
  - attr_list
  - def_list
  - tables
  - toc:
      permalink: true
  - pymdownx.blocks.admonition
  - pymdownx.blocks.details
  - pymdownx.blocks.tab:
      alternate_style: true
  - pymdownx.highlight
  - pymdownx.snippets:
      base_path: [docs]
      check_paths: true
  - pymdownx.superfences
  - pymdownx.tasklist
validation:
  links:
    anchors: warn
nav:
  - index.md
  - http/index.md
  - http/methods.md
  - topics/index.md
  - topics/a-z.md
  - topics/by-level.md
  - topics/by-tag.md
  - questions.md
  - code.md
  - about/examples.md
  - glossary.md
  - diagrams/index.md
  - diagrams/http.md
  - sources/index.md
  - sources/old-notes.md
  - about/errata/index.md
  - about/errata/old-notes.md
"""

HOME = """\
---
title: Mini guide
description: "A guide in miniature that the tests build for real."
---

# Mini guide

Start with [methods](http/methods.md#methods-safe). It is the
only topic here, and whole: the answer, a diagram, code.
"""

TOPIC = """\
---
title: HTTP methods
description: "What the methods mean, in the fewest words that pass every check."
level: core
tags: [http]
aliases: [verbs]
prerequisites: []
related: []
reviewed: 2026-11-20
---

# HTTP methods

GET reads, POST acts. The lead stands alone.

## The problem

A crawler follows links.

## How it works

```mermaid
flowchart LR
  accTitle: From client to server
  accDescr: The client sends a request to the server.
  A[Client] --> B[Server]
```

## In code

/// tab | Python

``` { .python title="example.py" }
--8<-- "http/code/greeting/example.py:show"
```

///

/// tab | HTTP

```http
GET / HTTP/1.1
Host: example.com
```

///

## Trade-offs

None worth a table.

## Pitfalls

Links that delete.

## Interview questions

### Which methods are safe? { #methods-safe .core }

**In 30 seconds.** GET, HEAD, OPTIONS and TRACE.

**In depth.** Safe means the client asks for no change.

**Follow-ups.**

1. **Is logging a change?** Not one the client asked for.

**Listen for.**

- **Must:** safe is about intent
- **Bonus:** names HEAD
- **Red flag:** says POST is safe

## Check yourself

### A prefetcher calls a link. Which method is meant? { #methods-prefetch }

- [ ] `POST`
    - A prefetcher may not cause effects.
- [x] `GET`
    - It is safe.

### Which method has no body in its response? { #methods-head }

- [x] `HEAD`
    - By definition.
- [ ] `GET`
    - It carries the representation.

## Further reading

- [RFC 9110, section 9](https://www.rfc-editor.org/rfc/rfc9110#section-9): the definitions.
"""

DATA = {
    "topics.yml": """\
        areas:
          - {id: http, title: HTTP, summary: How a request travels., intro: Start here.}
        topics:
          - slug: methods
            area: http
            title: HTTP methods
            level: core
            summary: What the methods mean.
            questions: ["Which methods are safe?"]
          - slug: caching
            area: http
            title: HTTP caching
            level: advanced
            summary: Who may keep a copy.
            prerequisites: [methods]
            questions: ["What does no-store mean?"]
        """,
    "tags.yml": "- {id: http, title: HTTP, description: The protocol.}\n",
    "glossary.yml": "- {term: Safe, definition: Asks for no change., topic: methods}\n",
    "sources/documents.yml": (
        "- {id: 0, slug: old-notes, title: Old notes, description: Notes of old.}\n"
    ),
    "sources/units.yml": """\
        - {id: s0-q01, kind: question, title: The methods, topics: [methods], errata: [E001]}
        - {id: s0-q02, kind: question, title: Caching, topics: [caching]}
        """,
    "sources/coverage.yml": '- {unit: s0-q01, at: ["http/methods#how-it-works"]}\n',
    "sources/errata.yml": """\
        - id: E001
          units: [s0-q01]
          category: factual
          severity: low
          topics: [methods]
          said: POST creates.
          correct: POST acts.
          checked: reading
          at: http/methods#pitfalls
        """,
    "http/code/greeting/example.yml": """\
        title: A greeting
        proves: It prints.
        topic: methods
        languages: [python]
        """,
    "http/code/greeting/example.py": """\
        # --8<-- [start:show]
        print("hello")
        # --8<-- [end:show]
        """,
    "http/code/greeting/expected.txt": "hello\n",
    # What the head of every page names.
    "manifest.webmanifest": """\
        {
          "name": "Mini guide",
          "short_name": "Mini",
          "start_url": ".",
          "icons": [{"src": "assets/images/icon-192.png", "sizes": "192x192", "type": "image/png"}]
        }
        """,
    "assets/images/favicon.svg": '<svg xmlns="http://www.w3.org/2000/svg"/>\n',
}

ICON = "assets/images/icon-192.png"
GREETING = "docs/http/code/greeting"
OVERRIDES = ROOT / "overrides"
HOOKS = ROOT / "scripts" / "guide" / "site.py"


@dataclass(frozen=True)
class MiniProject:
    """A project in a temporary folder that a test can break."""

    root: Path

    def path(self, name: str) -> Path:
        return self.root / name

    def read(self, name: str) -> str:
        return self.path(name).read_text(encoding="utf-8")

    def write(self, name: str, text: str | bytes) -> None:
        file = self.path(name)
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            file.write_bytes(text)
        else:
            file.write_text(text, encoding="utf-8", newline="")

    def replace(self, name: str, old: str, new: str) -> int:
        """Replace `old`, which must occur, by `new`; return the line on which it began."""
        text = self.read(name)
        assert old in text, f"{old!r} is not in {name}"
        self.write(name, text.replace(old, new, 1))
        return text.count("\n", 0, text.index(old)) + 1

    def example(self, about: str, files: dict[str, str], folder: str = GREETING) -> None:
        """Describe the example in `folder` anew and write its files."""
        head = "title: A greeting\nproves: It prints.\ntopic: methods\n"
        self.write(f"{folder}/example.yml", f"{head}{about}\n")
        for name, text in files.items():
            self.write(f"{folder}/{name}", textwrap.dedent(text))

    def library(self) -> Library:
        return load(self.root)

    def findings(self) -> list[Finding]:
        return list(check_sources(self.library()).findings)

    def reported(self) -> list[str]:
        """Findings as `path:line rule message`, for exact comparison."""
        return [f"{f.path}:{f.line} {f.rule} {f.message}" for f in self.findings()]


def make_mini_project(root: Path) -> MiniProject:
    project = MiniProject(root)
    project.write("mkdocs.yml", MKDOCS.format(hooks=HOOKS, overrides=OVERRIDES))
    project.write("docs/index.md", HOME)
    project.write("docs/http/methods.md", TOPIC)
    for name, text in DATA.items():
        project.write(f"docs/{name}", textwrap.dedent(text))
    project.write(f"docs/{ICON}", (ROOT / "docs" / ICON).read_bytes())
    project.write("docs/http/code/greeting/verified.json", _verified(root))
    return project


def _verified(root: Path) -> str:
    """The record of a run of the greeting as it is; it is the same in every project."""
    if not _KNOWN:
        (greeting,) = load(root).examples
        _KNOWN.append(greeting.content("python"))
    verdict = LanguageVerdict(verdict="ran", content=_KNOWN[0], engines=("Python 3.14.0",))
    return Verification(languages={"python": verdict}).to_json()


_KNOWN: list[str] = []
