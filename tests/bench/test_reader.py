"""The benchmark of readers: what it serves, what it hands to others, what it holds figures to."""

from __future__ import annotations

import gzip
import urllib.error
import urllib.request
from pathlib import Path

import pytest

import lighthouse
from figures import Figure
from lighthouse import Scores
from page_server import serve
from plain_pages import around_the_median, plain_page, topic_pages
from reader_tables import Measured, Weights, details, figures

PAGE = """<html><head><meta property="og:type" content="article"></head><body><article>
<h1 id="a">A &amp; B<a class="headerlink" href="#a">¶</a></h1><ul class="topic-facts"></ul>
<p>One &lt;b&gt; <a href="../c/">link</a> and <a href="https://example.org/">another</a>.</p>
<figure class="diagram"><svg><title>Flow</title><desc>A leads to B.</desc></svg></figure>
<div class="language-go highlight"><pre><span></span><code><span class="k">go</span> f()
</code></pre></div></article></body></html>"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    for name, more in (("a", ""), ("b", "x" * 9), ("c", "<p>much longer</p>")):
        (tmp_path / "http" / name).mkdir(parents=True)
        (tmp_path / "http" / name / "index.html").write_text(PAGE + more)
    (tmp_path / "404.html").write_text("nothing here")
    return tmp_path


def test_a_plain_page_keeps_text_and_code_and_leaves_our_own_furniture_out(site: Path) -> None:
    page = plain_page(site, "http/a/")

    assert (page.name, page.title) == ("http-a", "A & B")
    assert page.body == (
        "One &lt;b&gt; link and [another](https://example.org/).\n\n"
        "Flow A leads to B.\n\n"
        "```go\ngo f()\n```\n"
    )


def test_pages_are_chosen_around_the_median(site: Path) -> None:
    topics = topic_pages(site)

    assert topics == ["http/a/", "http/b/", "http/c/"]
    assert around_the_median(topics, 2) == ["http/b/", "http/a/"]


def test_the_server_compresses_caches_and_knows_the_sites_own_404(site: Path) -> None:
    with serve({"guide": site}) as served:

        def ask(path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
            request = urllib.request.Request(served.url + path, headers=headers)
            try:
                with urllib.request.urlopen(request, timeout=10) as answer:
                    return answer.status, dict(answer.headers), answer.read()
            except urllib.error.HTTPError as error:
                with error:
                    return error.code, dict(error.headers), error.read()

        status, headers, body = ask("guide/http/a/")
        assert (status, headers["Cache-Control"]) == (200, "max-age=600")
        assert gzip.decompress(body).decode() == PAGE
        assert ask("guide/http/a/", **{"If-None-Match": headers["ETag"]})[0] == 304
        status, _, body = ask("guide/nowhere")
        assert (status, gzip.decompress(body)) == (404, b"nothing here")
        assert ask("guide/../../etc/passwd")[0] == 404
        assert served.requests[0] == ("/guide/http/a/", len(gzip.compress(PAGE.encode(), 6)))


def scores(**figures: float) -> list[lighthouse.Report]:
    best = dict(zip(Scores.__slots__, (100, 100, 100, 100, 900, 1000, 0, 0), strict=True))
    return [lighthouse.Report(Scores(**{**best, **figures}), ())]


def measured(**own: float) -> Measured:
    return Measured(
        reports={"guide": scores(), "guide, heaviest": scores(**own), "material": scores()},
        weights={
            "guide": Weights(90_000, 6, 25_000, 0, 200_000),
            "material": Weights(95_000, 6, 0, 0, 0),
        },
        sizes=[80_000, 90_000, 110_000],
        requests=[6, 6, 6],
        elsewhere=0,
        following=[20_000, 25_000, 30_000],
        topic="http/a/",
        runs=1,
    )


def held(**own: float) -> dict[str, Figure]:
    return {each.name: each for each in figures(measured(**own))}


def test_the_worst_of_the_measured_pages_is_held_to_what_is_asked() -> None:
    assert held()["performance"].holds
    assert not held(performance=99)["performance"].holds
    assert held(largest_paint=1100)["largest paint"].holds
    assert not held(largest_paint=1101)["largest paint"].holds
    assert not held(blocking=51)["blocking time"].holds
    assert not held(shift=0.01)["layout shift"].holds
    assert held(seo=92)["search engines"].values["guide"] == "92"


def test_weights_are_those_of_all_topic_pages() -> None:
    rows = held()
    assert rows["median topic page"].values == {"guide": "90.0 kB", "material": "95.0 kB"}
    assert rows["heaviest topic page"].holds
    assert rows["next page, median topic"].holds
    assert not rows["next page, heaviest topic"].holds
    assert "material" not in rows["next page, median topic"].values


def test_the_table_of_details_names_each_measured_page() -> None:
    table = details(measured())
    assert "| This guide | 100 | 100 |" in table
    assert "| This guide, heaviest topic |" in table
    assert "points beside speed: none" in table
