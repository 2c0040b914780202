"""Each page carries a strict policy, first in its head, that names the scripts in the page."""

from __future__ import annotations

import pytest

from guide.publishing.content_security import with_policy
from small_site import POLICY, SmallSite

PLACE = "page/index.html:2: "


def messages(site: SmallSite) -> list[str]:
    return site.messages("content-security")


def test_a_page_without_a_policy_is_found(site: SmallSite) -> None:
    site.edit(POLICY, "")

    assert messages(site) == [PLACE + "the page has no Content-Security-Policy"]


@pytest.mark.parametrize(
    "before",
    ['<link rel="stylesheet" href="../assets/a.css">', '<script src="../assets/a.js"></script>'],
)
def test_what_stands_before_the_policy_is_found(site: SmallSite, before: str) -> None:
    site.edit(POLICY, before + POLICY)

    tag = before.partition(" ")[0] + ">"
    assert messages(site) == [f"{PLACE}`{tag}` stands before the policy"]


def test_the_encoding_may_stand_before_the_policy(site: SmallSite) -> None:
    site.edit(POLICY, f'<meta charset="utf-8">{POLICY}')

    assert site.findings() == []


def test_browsers_ignore_a_policy_in_the_body(site: SmallSite) -> None:
    site.edit(POLICY, "")
    site.edit("</main>", f"{POLICY}</main>")

    assert messages(site) == ["page/index.html:10: browsers ignore a policy outside the head"]


@pytest.mark.parametrize(
    ("name", "source"),
    [
        ("script-src", "'unsafe-inline'"),
        ("script-src", "'unsafe-eval'"),
        ("script-src", "'unsafe-hashes'"),
        ("script-src", "https:"),
        ("script-src", "data:"),
        ("script-src", "*"),
        ("default-src", "https://cdn.example"),
    ],
)
def test_a_source_that_lets_others_in_is_found(site: SmallSite, name: str, source: str) -> None:
    old = {"script-src": "script-src 'self'", "default-src": "default-src 'none'"}[name]
    site.edit(old, f"{old} {source}")

    assert messages(site) == [f"{PLACE}the policy is weak: `{name} {source}`"]


@pytest.mark.parametrize("name", ["default-src", "script-src", "base-uri", "form-action"])
def test_a_policy_that_leaves_something_open_is_found(site: SmallSite, name: str) -> None:
    site.edit(f"{name} ", f"img-src 'none'; x-{name} ")

    assert messages(site) == [f"{PLACE}the policy has no `{name}`"]


def test_of_two_equal_directives_browsers_take_the_first(site: SmallSite) -> None:
    site.edit("script-src 'self'", "script-src *; script-src 'self'")

    assert messages(site) == [f"{PLACE}the policy is weak: `script-src *`"]


@pytest.mark.parametrize(
    "script",
    [
        "<script>a < b && c()</script>",
        '<SCRIPT type="module">\n// é\n</SCRIPT >',
        "<script></script>",
    ],
)
def test_what_the_build_hashes_is_what_browsers_run(site: SmallSite, script: str) -> None:
    site.edit(POLICY, "")
    site.edit("</main>", f"{script}</main>")
    site.write("page/index.html", with_policy((site.root / "page/index.html").read_text()))

    assert site.findings() == []


def test_a_script_that_changed_after_it_was_hashed_is_found(site: SmallSite) -> None:
    site.edit(POLICY, "")
    site.edit("</main>", "<script>one()</script></main>")
    site.write("page/index.html", with_policy((site.root / "page/index.html").read_text()))
    site.edit("one()", "two()")

    assert [message.partition(": ")[2] for message in messages(site)] == [
        "the policy does not name this script: `two()`"
    ]


@pytest.mark.parametrize(
    "address",
    ["javascript:go()", "\tjava\nscript:go()", "&#1;javascript:go()", "java&Tab;script:1"],
)
@pytest.mark.parametrize("element", ['<a href="{}">x</a>', '<button formaction="{}">x</button>'])
def test_an_address_that_is_a_script_is_found(site: SmallSite, element: str, address: str) -> None:
    site.add(element.format(address))

    tag = element[1:].partition(" ")[0]
    found = site.messages("content-security", "html-valid", "built-target")
    assert found == [f"page/index.html:10: the address in `<{tag}>` is a script"]


def test_a_style_sheet_in_the_page_is_found(site: SmallSite) -> None:
    site.add("<style>p { color: red }</style>")

    assert messages(site) == ["page/index.html:10: `<style>` is refused by the policy"]
