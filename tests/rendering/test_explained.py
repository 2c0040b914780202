"""Each check-yourself item says where the page explains it."""

from __future__ import annotations

import markdown
from selectolax.lexbor import LexborHTMLParser

from guide.rendering.explained import ExplainedExtension
from guide.rendering.quiz import QuizExtension

ABOVE = """\
# Caches

A cache keeps copies.

## How it works

A lookup reads the cache first and the store after a miss.

- Expiry drops an entry after its time to live.
- Eviction drops the entry that was used longest ago.

```text
eviction eviction eviction
```

## Interview questions

### What is eviction? { #eviction .core }

Eviction, eviction and eviction again.
"""
ITEM = """\

### What makes room when it is full? { #full }

- [ ] Waiting
    - That is expiry.
- [x] Eviction
    - The entry used longest ago goes.
"""
PAGE = f"{ABOVE}\n## Check yourself\n{ITEM}"


def render(text: str) -> LexborHTMLParser:
    extensions = [
        "attr_list",
        "toc",
        "pymdownx.superfences",
        "pymdownx.tasklist",
        QuizExtension(),
        ExplainedExtension(),
    ]
    return LexborHTMLParser(markdown.markdown(text, extensions=extensions))


def test_an_item_links_to_the_passage_that_explains_it_and_names_its_section() -> None:
    page = render(PAGE)

    line = page.css_first(".quiz-answer .quiz-see")
    target = page.css_first(line.css_first("a").attributes["href"])

    assert line.text() == "Explained in How it works."
    assert target.tag == "li"
    assert target.text() == "Eviction drops the entry that was used longest ago."


def test_items_explained_by_one_passage_share_its_id() -> None:
    page = render(PAGE + ITEM.replace("#full", "#fuller"))

    links = [link.attributes["href"] for link in page.css(".quiz-see a")]

    assert len(links) == 2
    assert len(set(links)) == 1


def test_a_passage_keeps_the_id_it_has() -> None:
    page = render(PAGE.replace("used longest ago.\n", "used longest ago.\n  { #lru }\n", 1))

    assert page.css_first(".quiz-see a").attributes["href"] == "#lru"


def test_rendering_again_gives_the_same() -> None:
    assert render(PAGE).html == render(PAGE).html


def test_an_item_about_something_else_gets_no_link() -> None:
    elsewhere = "\n### Zebra? { #zebra }\n\n- [ ] Yes\n    - Quagga.\n- [x] Zorse\n    - Zebroid.\n"
    page = render(f"{ABOVE}\n## Check yourself\n{elsewhere}")

    assert page.css(".quiz-see") == []


def test_code_and_diagrams_are_left_as_they_are() -> None:
    assert "eviction eviction" in render(PAGE).css_first("pre").text()
