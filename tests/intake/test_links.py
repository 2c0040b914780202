"""Links find what they meant wherever it stands now; what leads nowhere is said, not linked."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterable
from pathlib import Path

import pytest

from guide.intake.model import Document, DraftPage, Section
from guide.intake.pages.anchors import Anchors, github_slug
from guide.intake.pages.links import BY, Linked, rewrite_links
from guide.intake.reading.markdown import render
from intake_documents import outlined

FOLDER = "intake/notes"


def paged(read: Document) -> tuple[DraftPage, ...]:
    """A page for each chapter of a document, named after its first word."""
    [title] = read.root.sections
    first = dataclasses.replace(title, content=title.blocks)
    return tuple(
        DraftPage(each.title.split()[0].lower(), each.title, "", each)
        for each in (first, *title.sections)
    )


def linked(
    text: str,
    *,
    beside: Path | None = None,
    there: Iterable[str] = (),
    neighbors: dict[str, Anchors] | None = None,
    anchors: dict[str, int] | None = None,
) -> Linked:
    read = dataclasses.replace(outlined(text), anchors=anchors or {})
    places = Anchors(paged(read), read, FOLDER)
    return rewrite_links(places, read, beside=beside, there=set(there), neighbors=neighbors or {})


def first_block(done: Linked) -> str:
    return render(done.pages[0].root.blocks[:1])


def leads(
    target: str,
    heading: str = "Q1. What is **REST**?",
    anchors: dict[str, int] | None = None,
) -> str:
    """Where a link on the first page leads, in a document whose second chapter has `heading`."""
    text = f"# Guide\n\n[it]({target})\n\n## HTTP\n\n### {heading}\n\nText.\n"
    return first_block(linked(text, anchors=anchors))


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("What is REST?", "what-is-rest"),
        ("🚀 HTTP fundamentals", "-http-fundamentals"),
        ("CI/CD & DevOps", "cicd--devops"),
        ("snake_case", "snake_case"),
        ("什么是 REST？", "什么是-rest"),
        ("Überblick", "überblick"),
    ],
)
def test_slugs_are_those_of_github(text: str, slug: str) -> None:
    assert github_slug(text) == slug


@pytest.mark.parametrize(
    "target",
    [
        "#q1-what-is-rest",
        "#Q1-What-Is-REST",
        "#user-content-q1-what-is-rest",
        "#markdown-header-q1-what-is-rest",
        "#q1.-what-is-rest?",
        "#q1--what-is-rest",
        "#q1_what_is_rest",
        "#Q1.%20What%20is%20REST%3F",
        "notes.md#q1-what-is-rest",
        "./notes.md#q1-what-is-rest",
    ],
)
def test_a_link_in_any_spelling_finds_its_heading(target: str) -> None:
    assert leads(target) == "[it](http.md#q1-what-is-rest)"


@pytest.mark.parametrize(
    ("heading", "target", "id"),
    [
        ("🚀 HTTP fundamentals", "#-http-fundamentals", "http-fundamentals"),
        ("🚀 HTTP fundamentals", "#%F0%9F%9A%80-http-fundamentals", "http-fundamentals"),
        ("CI/CD & DevOps", "#cicd--devops", "cicd-devops"),
        ("CI/CD & DevOps", "#ci-cd-devops", "cicd-devops"),
        ("12. Two phases", "#two-phases", "two-phases"),
        ("12. Two phases", "#12-two-phases", "two-phases"),
        ("Custom { #mine }", "#mine", "mine"),
        ("Überblick", "#%C3%BCberblick", "uberblick"),
        ("`GET` and _PUT_", "#get-and-put", "get-and-put"),
    ],
)
def test_headings_of_all_kinds_are_found(heading: str, target: str, id: str) -> None:
    assert leads(target, heading) == f"[it](http.md#{id})"


def test_a_heading_in_another_script_gets_an_id_in_ascii() -> None:
    done = linked("# Guide\n\n[it](#什么是缓存)\n\n## HTTP\n\n### 什么是缓存\n\nText.\n")

    [section] = done.pages[1].root.sections
    assert section.id.isascii()
    assert first_block(done) == f"[it](http.md#{section.id})"


def test_a_repeated_heading_is_found_by_its_count() -> None:
    chapters = "## REST\n\n### Pros\n\nX.\n\n## RPC\n\n### Pros\n\nY."
    done = linked(f"# Guide\n\n[a](#pros) [b](#pros-1)\n\n{chapters}\n")

    assert first_block(done) == "[a](rest.md#pros) [b](rpc.md#pros)"


def test_a_repeated_heading_on_one_page_gets_an_id_of_its_own() -> None:
    done = linked("# G\n\n[b](#pros-1)\n\n## All\n\n### A\n\n#### Pros\n\n### B\n\n#### Pros\n")

    assert first_block(done) == "[b](all.md#pros-2)"
    ids = [section.id for section in done.pages[1].root.walk()]
    assert ids == ["", "", "", "", "pros-2"]


def test_only_sections_that_links_lead_to_get_ids() -> None:
    done = linked("# G\n\nText.\n\n## All\n\n[y](#two)\n\n### One\n\n### Two\n\n")

    assert [section.id for section in done.pages[1].root.walk()] == ["", "", "two"]
    assert render(done.pages[1].root.blocks) == "[y](#two)"


@pytest.mark.parametrize("target", ["#guide", "#top", "#table-of-contents", "notes.md"])
def test_a_link_to_the_title_or_the_contents_leads_to_the_first_page(target: str) -> None:
    assert leads(target) == "[it](guide.md)"


def test_a_chapter_that_became_a_page_is_linked_as_one() -> None:
    assert leads("#http") == "[it](http.md)"


@pytest.mark.parametrize(("line", "at"), [(6, "q1-what-is-rest"), (7, "q1-what-is-rest")])
def test_a_named_anchor_leads_to_the_section_that_it_stands_in_or_before(
    line: int, at: str
) -> None:
    assert leads("#r", anchors={"r": line}) == f"[it](http.md#{at})"


def test_a_heading_that_is_gone_leads_to_what_came_first_under_it() -> None:
    read = outlined("# G\n\n[it](#basics)\n\n## All\n\n### Basics\n\n#### One\n\n#### Two\n")
    first, chapter = paged(read)
    [basics] = chapter.root.sections
    root = dataclasses.replace(chapter.root, content=basics.content)
    pages = (first, dataclasses.replace(chapter, root=root))

    done = rewrite_links(Anchors(pages, read, FOLDER), read)

    assert first_block(done) == "[it](all.md#one)"


def test_every_new_target_is_recorded() -> None:
    done = linked("# G\n\nSee [it](#two).\n\n## All\n\n- a [y](#two)\n\n### Two\n")

    assert [(each.kind, each.by, each.line, each.before, each.after) for each in done.changes] == [
        ("changed", BY, 3, "#two", "all.md#two")
    ]


@pytest.mark.parametrize(
    ("link", "after"),
    [
        ("[it](#gone)", "it (`#gone`)"),
        ("[the *other* one](../other.md)", "the *other* one (`../other.md`)"),
        ("[it](/docs/x)", "it (`/docs/x`)"),
        ("[`a.md`](a.md)", "`a.md`"),
        ("[a.md](a.md)", "`a.md`"),
        ("[](a.md)", "`a.md`"),
        ("[it](javascript:alert\\(1\\))", "it (`javascript:alert(1)`)"),
        ("[it](file:///etc/passwd)", "it (`file:///etc/passwd`)"),
        ("[it](C:\\notes\\a.md)", "it (`C:\\notes\\a.md`)"),
    ],
)
def test_a_link_that_leads_nowhere_becomes_text_with_its_target(link: str, after: str) -> None:
    done = linked(f"# G\n\n{link}\n\n## All\n\nText.\n")

    assert first_block(done) == after
    assert [(each.kind, each.line) for each in done.changes] == [("flagged", 3)]


def test_an_empty_link_becomes_its_text() -> None:
    done = linked("# G\n\n[it](#) [y]()\n\n## All\n\nText.\n")

    assert first_block(done) == "it (`#`) y"


@pytest.mark.parametrize(
    "link",
    ["[it](https://example.com/a#b)", "[it](http://example.com)", "[it](mailto:a@example.com)"],
)
def test_links_to_elsewhere_stay(link: str) -> None:
    done = linked(f"# G\n\n{link}\n\n## All\n\nText.\n")

    assert (first_block(done), done.changes) == (link, ())


def test_a_link_called_x_is_no_check_box() -> None:
    done = linked("# G\n\n[x](https://example.com)\n\n## All\n\nText.\n")

    assert first_block(done) == "[x](https://example.com)"


@pytest.mark.parametrize("target", ["//example.com/a", "www.example.com/a", "example.com/a"])
def test_a_link_to_a_host_gets_its_scheme(target: str) -> None:
    done = linked(f"# G\n\n[it]({target})\n\n## All\n\nText.\n")

    assert first_block(done) == f"[it](https://{target.removeprefix('//')})"


def test_a_link_to_a_document_of_the_same_run_leads_to_its_pages() -> None:
    other = outlined(
        "# Other\n\nText.\n\n## Caches\n\n### Why a cache?\n\nBecause.\n", name="other"
    )
    neighbors = {"other.md": Anchors(paged(other), other, "intake/other")}
    text = "# G\n\n[a](../b/other.md#why-a-cache) [b](other.md) [c](other.md#x)\n\n## All\n"

    assert first_block(linked(text, neighbors=neighbors)) == (
        "[a](../other/caches.md#why-a-cache) [b](../other/other.md) c (`other.md#x`)"
    )


def test_a_link_to_a_file_of_the_guide_stays() -> None:
    done = linked(
        "# G\n\n[a](../../http/methods.md#safe) ![A cache](images/a.png)\n\n## All\n",
        there=["http/methods.md", "intake/notes/images/a.png"],
    )

    assert done.changes == ()


def test_links_in_titles_tables_and_lists_are_rewritten() -> None:
    text = (
        "# G\n\n| a |\n| --- |\n| [it](#two) |\n\n> - [y](#two)\n\n"
        "## All\n\n### See [z](gone.md)\n\n### Two\n"
    )
    done = linked(text)

    table, quote = done.pages[0].root.blocks
    assert "| [it](all.md#two) |" in render([table])
    assert render([quote]) == "> - [y](all.md#two)"
    assert done.pages[1].root.sections[0].title == "See z (`gone.md`)"
    assert [each.line for each in done.changes] == [5, 7, 11]


def test_links_in_html_work_on_the_page_or_become_text() -> None:
    html = (
        '<table><tr><td rowspan="2"><a href="#two">x</a> <a href="gone.md">y</a> '
        '<a href="https://example.com">z</a> <img src="https://example.com/a.png" alt="A cache">'
        "</td></tr></table>"
    )
    done = linked(f"# G\n\nText.\n\n## All\n\n{html}\n\n### Two\n")

    assert render(done.pages[1].root.blocks) == (
        '<table><tr><td rowspan="2"><a href="#two">x</a> y (<code>gone.md</code>) '
        '<a href="https://example.com">z</a> <a href="https://example.com/a.png">A cache</a>'
        "</td></tr></table>"
    )
    assert [each.before for each in done.changes] == ["gone.md", "https://example.com/a.png"]


PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "img").mkdir(parents=True)
    (folder / "img" / "Cache Flow.png").write_bytes(PNG)
    (folder / "flow.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>")
    (folder / "evil.svg").write_text("<svg><script>alert(1)</script></svg>")
    (folder / "text.png").write_text("no image")
    (folder / "big.png").write_bytes(PNG + b"0" * 2_000_000)
    (folder / "page.html").write_text("<p>")
    (tmp_path / "outside.png").write_bytes(PNG)
    (folder / "linked.png").symlink_to(tmp_path / "outside.png")
    return folder


def test_images_beside_the_document_come_along(beside: Path) -> None:
    images = "![A cache](img/Cache%20Flow.png) ![Two](./flow.svg) ![Again it](flow.svg?raw=1)"
    done = linked(f"# G\n\n{images}\n\n## All\n", beside=beside)

    assert first_block(done) == (
        "![A cache](images/cache-flow.png) ![Two](images/flow.svg) ![Again it](images/flow.svg)"
    )
    assert done.copies == {
        beside / "img" / "Cache Flow.png": "intake/notes/images/cache-flow.png",
        beside / "flow.svg": "intake/notes/images/flow.svg",
    }


@pytest.mark.parametrize(
    ("source", "reason"),
    [
        ("gone.png", "there is no such file"),
        ("../outside.png", "it is outside the document's folder"),
        ("/etc/passwd", "it is outside the document's folder"),
        ("linked.png", "it is outside the document's folder"),
        ("evil.svg", "it runs scripts or loads other files"),
        ("text.png", "it is no image of a kind that the site shows"),
        ("page.html", "it is no image of a kind that the site shows"),
        ("big.png", "it is larger than 2 MB"),
    ],
)
def test_images_that_may_not_come_along_become_text(beside: Path, source: str, reason: str) -> None:
    done = linked(f"# G\n\n![A cache]({source})\n\n## All\n", beside=beside)

    assert first_block(done) == f"A cache (`{source}`)"
    assert done.copies == {}
    assert [(each.kind, each.message, each.before) for each in done.changes] == [
        ("flagged", f"an image that does not come along: {reason}", source)
    ]


def test_an_image_of_another_site_becomes_a_link() -> None:
    text = (
        "# G\n\n![A cache](https://example.com/a.png) "
        "[![Build status](https://example.com/b.svg)](https://example.com/ci)\n\n## All\n"
    )
    done = linked(text)

    assert first_block(done) == (
        "[A cache](https://example.com/a.png) [Build status](https://example.com/ci)"
    )
    assert [each.before for each in done.changes] == [
        "https://example.com/a.png",
        "https://example.com/b.svg",
    ]


def test_an_image_within_the_text_is_left_out_and_recorded() -> None:
    done = linked("# G\n\n![A cache](data:image/png;base64,AAAA)\n\n## All\n")

    assert first_block(done) == "A cache"
    assert [each.before for each in done.changes] == ["data:image/png;base64,AAAA"]


@pytest.mark.parametrize(
    ("alt", "source", "words"),
    [
        ("", "img/Cache%20Flow.png", "Cache Flow"),
        ("image", "img/Cache%20Flow.png", "Cache Flow"),
        ("a.png", "a.png", "Guide to caches"),
        ("", "https://example.com/image-1.png", "Guide to caches"),
        ("", "3f2a9c7d81b04e5fa6c2.png", "Guide to caches"),
    ],
)
def test_an_image_without_words_gets_a_proposal(
    beside: Path, alt: str, source: str, words: str
) -> None:
    done = linked(f"# Guide to caches\n\n![{alt}]({source})\n\n## All\n", beside=beside)

    assert words in first_block(done)
    noted = [(each.kind, each.before, each.after) for each in done.changes]
    assert ("flagged", alt, words) in noted


def test_rewriting_again_changes_nothing(beside: Path) -> None:
    text = (
        "# G\n\n[it](#two) [y](gone.md) ![](img/Cache%20Flow.png) ![A b](https://example.com/a.png)"
        "\n\n## All\n\n### Two\n"
    )
    once = linked(text, beside=beside)
    read = outlined(text)
    there = {"intake/notes/all.md", "intake/notes/images/cache-flow.png"}
    again = rewrite_links(Anchors(once.pages, read, FOLDER), read, there=there)

    assert again.pages == once.pages
    assert again.changes == ()


def test_many_links_and_headings_end_quickly() -> None:
    headings = "\n\n".join(f"### Part {n}\n\n[a](#part-{n}) [b](#gone-{n})" for n in range(1_000))
    start = time.perf_counter()
    done = linked(f"# G\n\nText.\n\n## All\n\n{headings}\n")
    assert time.perf_counter() - start < 30
    assert sum(bool(section.id) for section in done.pages[1].root.walk()) == 1_000


def test_pages_without_links_stay() -> None:
    read = outlined("# G\n\nText with `code` and *more*.\n\n## All\n\nText.\n")
    pages = paged(read)

    done = rewrite_links(Anchors(pages, read, FOLDER), read)

    assert done == Linked(pages, (), {})
    assert isinstance(done.pages[0].root, Section)
