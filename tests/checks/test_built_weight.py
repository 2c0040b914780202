"""Pages stay within their budgets of compressed bytes."""

from __future__ import annotations

import random

from small_site import SmallSite

TOPIC = '<meta property="og:type" content="article"><title>'


def noise(size: int) -> str:
    """Text that gzip packs into about `size` bytes: hexadecimal digits carry half a byte each."""
    return random.Random(size).randbytes(size).hex()


def test_a_page_counts_everything_it_fetches_once(site: SmallSite) -> None:
    site.write("assets/a.js", f'import "./b.js"\nimport "./c.js"\n// {noise(40_000)}')
    site.write("assets/b.js", f'import "./c.js"\n// {noise(41_000)}')
    site.write("assets/c.js", f"// {noise(42_000)}")
    assert site.findings() == []

    site.write("assets/b.svg", f"<svg><!-- {noise(50_000)} --></svg>")

    (finding,) = site.findings()
    assert finding.path == "site/page/index.html"
    assert finding.message.startswith("the page weighs 19")
    assert finding.message.endswith(" kB compressed (budget 160.0 kB)")
    assert finding.hint.startswith("largest: assets/b.svg 5")


def test_what_a_page_does_not_fetch_has_no_weight(site: SmallSite) -> None:
    site.write("search/worker.js", f"// {noise(300_000)}")
    site.write("large.svg", f"<svg><!-- {noise(300_000)} --></svg>")
    site.add('<a href="../large.svg">large</a>')

    assert site.findings() == []


def test_a_topic_has_a_smaller_budget(site: SmallSite) -> None:
    site.write("assets/a.js", f"// {noise(115_000)}")
    assert site.findings() == []

    site.edit("<title>", TOPIC)

    (finding,) = site.findings()
    assert finding.message.endswith(" kB compressed (budget 120.0 kB)")


def test_the_html_of_a_topic_has_a_budget_of_its_own(site: SmallSite) -> None:
    site.add(f"<p>{noise(34_000)}</p>")
    assert site.findings() == []

    site.edit("<title>", TOPIC)

    (finding,) = site.findings()
    assert finding.message.startswith("the HTML alone weighs 3")
    assert finding.message.endswith(" kB compressed (budget 36.0 kB)")
    assert finding.hint == "split the topic, or move a large example out of the page"


def test_an_image_that_is_too_large_is_found_once(site: SmallSite) -> None:
    site.write("assets/b.svg", f"<svg><!-- {noise(58_000)} --></svg>")
    site.edit("<h1>", '<img src="assets/b.svg" alt=""><h1>', "index.html")

    (finding,) = site.findings()

    assert finding.path == "site/assets/b.svg"
    assert finding.message.startswith("the image weighs 6")
    assert finding.message.endswith(" kB (budget 60.0 kB); index.html shows it")


def test_a_topic_is_made_of_few_files(site: SmallSite) -> None:
    site.edit("<title>", TOPIC)
    scripts = [f"assets/{number}.js" for number in range(12)]
    for script in scripts:
        site.write(script, "//")
    site.edit(
        "</head>", "".join(f'<script src="../{each}"></script>' for each in scripts) + "</head>"
    )

    (finding,) = [each for each in site.findings() if each.rule == "page-weight"]

    assert "files (at most 10)" in finding.message
    assert "assets/11.js" in finding.hint


def test_half_of_many_topics_are_lighter_than_the_others_may_be(site: SmallSite) -> None:
    site.write("assets/a.js", f"// {noise(104_000)}")
    page = (site.root / "page/index.html").read_text().replace("<title>", TOPIC)
    for number in range(10):
        site.write(f"topic-{number}/index.html", page)

    found = [each for each in site.findings() if each.rule == "page-weight"]

    assert [each.path for each in found] == ["site/index.html"]
    assert found[0].message.startswith("the median topic page weighs 1")
