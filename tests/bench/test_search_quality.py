"""The search is judged by the answer to the query asked, read as the reader sees it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from search_box import SearchBox
from search_quality import Answer, Place, Query, figures, misses, read_queries
from site_server import PREFIX, serve
from workspace import BenchError

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGE = Place("http/http-methods")
SECTION = Place("http/http-methods", "put-vs-patch")
OTHER = Place("security/cors")


def answer(at: Place, *links: Place, milliseconds: float = 1) -> Answer:
    opened = links[-1] if links else None
    return Answer(Query("put vs patch", "words", (at,)), links, opened, milliseconds)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("http/http-methods", PAGE),
        ("http/http-methods/", PAGE),
        ("http/http-methods/?h=put#put-vs-patch", SECTION),
        ("http/http-methods#put-vs-patch", SECTION),
        ("", Place("")),
    ],
)
def test_a_place_reads_the_same_from_a_query_and_from_a_link(text: str, place: Place) -> None:
    assert Place.read(text) == place


@pytest.mark.parametrize(
    ("place", "link", "is_right"),
    [
        (PAGE, PAGE, True),
        (PAGE, SECTION, True),
        (PAGE, OTHER, False),
        (SECTION, SECTION, True),
        (SECTION, PAGE, False),
        (SECTION, Place("http/http-methods", "pitfalls"), False),
    ],
)
def test_a_page_is_answered_anywhere_and_a_section_only_there(
    place: Place, link: Place, is_right: bool
) -> None:
    assert place.answered_by(link) is is_right


def test_the_top_of_a_page_answers_for_its_section_if_asked_to() -> None:
    found = answer(SECTION, OTHER, PAGE, SECTION)
    assert (found.rank(), found.rank(page_suffices=True)) == (3, 2)


def test_figures_add_up() -> None:
    ranks = [answer(PAGE, PAGE), answer(PAGE, OTHER, PAGE), answer(PAGE, OTHER), answer(PAGE)]
    slow = [answer(PAGE, PAGE, milliseconds=9) for _ in range(16)]
    found = figures(ranks + slow)
    assert (found.first, found.first_three, found.opened, found.empty) == (17, 18, 18, 1)
    assert found.reciprocal_rank == pytest.approx(17.5 / 20)
    assert (found.median, found.percentile_95) == (9, 9)


def test_a_miss_says_what_was_wanted_and_what_came() -> None:
    (line,) = misses([answer(SECTION, OTHER, SECTION), answer(PAGE, PAGE)], within=1)
    assert "'put vs patch'" in line
    assert "wanted http/http-methods#put-vs-patch, which came 2." in line
    assert "first came security/cors" in line


@pytest.mark.parametrize(
    ("entry", "complaint"),
    [
        ("{query: 429, kind: status, at: [a/b]}", "in quotes, not 429"),
        ("{query: put , kind: wrods, at: [a/b]}", "no kind 'wrods'"),
        ("{query: put, kind: words, at: []}", "at least one place"),
        ("{query: put, kind: words, at: [a/b, a/b/]}", "names a place twice"),
        ("{query: put, kind: words}", "exactly the keys"),
        ("{query: put, kind: words, at: [a/b]", "is no YAML"),
    ],
)
def test_a_wrong_entry_is_refused_with_its_line(entry: str, complaint: str, tmp_path: Path) -> None:
    file = tmp_path / "queries.yml"
    file.write_text(f"# Two.\n- {{query: get, kind: words, at: [a/b]}}\n- {entry}\n", "utf-8")
    with pytest.raises(BenchError) as error:
        read_queries(file)
    assert complaint in str(error.value)
    assert "queries.yml:3: " in str(error.value) or "line 3" in str(error.value)


# A search like Material's, only worse: it answers after a while, writes its message first and the
# list a moment later, and brings the same page up for every query but "nothing".
DIALOG = """<!doctype html>
<input data-md-component="search-query">
<div class="md-search-result">
  <div class="md-search-result__meta">Initializing</div><ol class="md-search-result__list"></ol>
</div>
<script>
  const [meta, list] = document.querySelector(".md-search-result").children;
  const box = document.querySelector("input");
  let last = "";
  box.addEventListener("EVENT", () => {
    if (box.value === last) return;
    const query = last = box.value;
    if (query === "silence") return;
    setTimeout(() => {
      meta.textContent = query === "" ? "Type" : query === "nothing" ? "None" : "Some";
      setTimeout(() => {
        list.innerHTML = query === "" || query === "nothing" ? "" :
          `<li class="md-search-result__item"><a href="a/b/?h=x">b</a>
           <a href="a/${query}/#id">c</a><details><a href="a/hidden/">d</a></details></li>`;
      });
    }, 60);
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") list.querySelectorAll("a")[1]?.click();
  });
</script>
"""


@pytest.fixture(params=["input", "keyup"])
def box(request: pytest.FixtureRequest, tmp_path: Path, chromium: Browser) -> Iterator[SearchBox]:
    (tmp_path / "index.html").write_text(DIALOG.replace("EVENT", request.param), "utf-8")
    with serve(tmp_path) as server:
        page = chromium.new_page()
        yield SearchBox(page, f"http://127.0.0.1:{server.server_port}{PREFIX}", limit=1000)
        page.close()


def ask(box: SearchBox, text: str) -> Answer:
    return box.ask(Query(text, "words", (PAGE,)))


def test_each_answer_belongs_to_its_own_query(box: SearchBox) -> None:
    for text in ("put", "patch", "nothing", "nothing", "x", "put", "café"):
        second = Place.read(f"a/{quote(text)}#id")
        found = ask(box, text)
        assert found.links == (() if text == "nothing" else (Place("a/b"), second))
        assert found.opened == (None if text == "nothing" else second)


def test_the_time_is_that_of_the_engine(box: SearchBox) -> None:
    # It answers after 60; the key may be let go some time after the input that began it.
    assert 20 <= ask(box, "put").milliseconds < 500


def test_a_query_without_an_answer_is_an_error_that_names_it(box: SearchBox) -> None:
    with pytest.raises(BenchError, match="no answer to 'silence'"):
        ask(box, "silence")
