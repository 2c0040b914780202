"""The site on the device: installed, read without a network, kept by area, updated on request."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect

from axe import violations_in_both_schemes
from guide.offline import write_offline
from javascript_claims import claims, prove
from site_server import PREFIX, ServedSite, serve
from support import ROOT

CLAIMS = ROOT / "tests" / "learning" / "areas_claims.mjs"
TOPIC, OTHER = "/security/cors/", "/http/http-methods/"
NOT_HERE = "This page is not on this device"
CONTROLLED = "() => navigator.serviceWorker.controller"
HERE = "async url => Boolean(await caches.match(url))"
SHELLS = "async () => (await caches.keys()).filter(name => name.includes(' shell '))"


@pytest.fixture
def reader(chromium):
    """A browser profile; a script error on any page fails the test."""
    errors = []
    context = chromium.new_context(
        viewport={"width": 1280, "height": 900}, reduced_motion="reduce", service_workers="allow"
    )
    context.on("weberror", lambda error: errors.append(str(error.error)))
    yield context
    context.close()
    assert errors == []


@pytest.fixture
def site(built_site, tmp_path):
    """A copy of the site to change, at an address of its own; `waits` says which pages are slow."""
    unused = shutil.ignore_patterns("*.map", "*.apkg", "about", "diagrams", "sources")
    folder = Path(shutil.copytree(built_site.folder, tmp_path / "site", ignore=unused))
    slow = []

    def before(path):
        if path in slow:
            time.sleep(4)

    with serve(folder, before=before) as server:
        site = ServedSite(f"http://127.0.0.1:{server.server_port}{PREFIX}", folder)
        yield site, slow


def open_and_install(reader, site, path="/"):
    page = reader.new_page()
    page.goto(site.at(path))
    page.wait_for_function(CONTROLLED)
    until(page, HERE, site.at(path))
    return page


def until(page, script, argument=None):
    """Wait until an asynchronous script says yes."""
    poll = f"async argument => {{ while (!(await ({script})(argument))) await 0 }}"
    page.evaluate(poll.replace("await 0", "await new Promise(go => setTimeout(go, 30))"), argument)


def edit(site, path, old, new):
    file = site.folder / path
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def publish(site):
    """What the build does when files of the site have changed."""
    areas = json.loads((site.folder / "practice/offline.json").read_text(encoding="utf-8"))
    worker = (site.folder / "sw.js").read_text(encoding="utf-8")
    tools = [built(url) for url in re.findall(r'^  \["([^"]*)"', worker, re.MULTILINE)]
    write_offline(
        site.folder, tools, {area: [built(url) for url, *_ in areas[area]] for area in areas}
    )


def built(url):
    return f"{url}index.html" if url.endswith("/") or not url else url


def heading(page):
    return page.locator("h1").first


@claims(CLAIMS)
def test_of_areas(claim):
    wrong = prove(CLAIMS)[claim]
    assert wrong is None, wrong


def test_what_was_opened_is_there_without_a_network_and_the_rest_says_so(reader, built_site):
    page = open_and_install(reader, built_site, TOPIC)
    title = heading(page).inner_text()
    assert page.locator(".update-bar").count() == 0
    reader.set_offline(True)

    for path in (
        "/",
        "/practice/review/",
        "/practice/offline/",
        TOPIC,
        f"{TOPIC}?from=a-link#pitfalls",
    ):
        page.goto(built_site.at(path))
        expect(heading(page)).not_to_have_text(NOT_HERE)
    # Styles and scripts are there, too, and an address without its slash finds the page.
    page.goto(built_site.at(TOPIC.rstrip("/")))
    expect(heading(page)).to_have_text(title)
    assert page.url == built_site.at(TOPIC)
    expect(page.locator(".md-header button[aria-label=Navigation]")).to_be_attached()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(251, 250, 247)"

    response = page.goto(built_site.at("/deep/in/nowhere/"))
    assert response.status == 503
    expect(heading(page)).to_have_text(NOT_HERE)
    page.goto(built_site.at(OTHER))
    expect(heading(page)).to_have_text(NOT_HERE)
    assert violations_in_both_schemes(page) == {}
    page.get_by_role("link", name=title.strip("¶")).click()
    expect(heading(page)).to_have_text(title)

    page.go_back()
    reader.set_offline(False)
    page.get_by_role("link", name="Try again").click()
    expect(heading(page)).not_to_have_text(NOT_HERE)


def test_an_area_is_kept_and_removed_by_keyboard(reader, built_site):
    page = open_and_install(reader, built_site, "/practice/offline/")
    page.set_viewport_size({"width": 360, "height": 800})
    box = page.get_by_role("checkbox", name="Caching")
    said = page.locator(".tool-live")
    box.focus()
    page.keyboard.press("Space")
    expect(said).to_have_text("Caching is on this device.")
    expect(box).to_be_focused()
    expect(page.locator(".offline-area", has=box)).to_contain_text("on this device")
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert violations_in_both_schemes(page) == {}
    until(page, HERE, built_site.at("/search/search_index.json"))

    reader.set_offline(True)
    for path in ("/caching/", "/caching/caching-strategies/"):
        page.goto(built_site.at(path))
        expect(heading(page)).not_to_have_text(NOT_HERE)
    page.keyboard.press("/")
    page.keyboard.type("cache stampede")
    expect(page.locator(".md-search-result__item").first).to_be_attached()
    page.goto(built_site.at(OTHER))
    expect(heading(page)).to_have_text(NOT_HERE)
    page.goto(built_site.at("/practice/offline/"))
    expect(box).to_be_checked()

    reader.set_offline(False)
    page.reload()
    box.focus()
    page.keyboard.press("Space")
    expect(said).to_have_text("Caching was removed from this device.")
    assert not page.evaluate(HERE, built_site.at("/caching/caching-strategies/"))


def test_a_new_version_is_announced_in_every_tab_and_loaded_on_request(reader, site):
    site, _ = site
    page, other = open_and_install(reader, site), reader.new_page()
    other.goto(site.at("/caching/"))
    before = page.evaluate(SHELLS)
    bar = page.locator(".update-bar")

    style = site.folder / "assets/stylesheets/site.css"
    style.write_text(f":root{{--test-version:two}}{style.read_text(encoding='utf-8')}")
    publish(site)
    page.evaluate("async () => (await navigator.serviceWorker.getRegistration()).update()")
    expect(bar).to_contain_text("A new version of the guide is ready.")
    expect(page.locator(".tool-live")).to_contain_text("A new version of the guide is ready.")
    expect(other.locator(".update-bar")).to_be_visible()
    assert violations_in_both_schemes(page) == {}
    assert len(page.evaluate(SHELLS)) == 2  # the old one serves until the reader says so

    other.bring_to_front()
    other.get_by_role("button", name="Not now").press("Enter")
    expect(other.locator(".update-bar")).to_have_count(0)
    expect(other.get_by_role("main")).to_be_focused()

    page.bring_to_front()
    page.evaluate("window.isOld = true")
    page.get_by_role("button", name="Reload").press("Enter")
    page.wait_for_function("() => !window.isOld && document.readyState === 'complete'")
    after = page.evaluate(SHELLS)
    assert len(after) == 1
    assert after != before
    reader.set_offline(True)
    page.goto(site.at("/"))
    styled = "getComputedStyle(document.documentElement).getPropertyValue('--test-version')"
    assert page.evaluate(styled).strip() == "two"
    expect(bar).to_have_count(0)


def test_a_page_from_the_device_that_has_changed_says_so_when_back_online(reader, site):
    site, _ = site
    page = open_and_install(reader, site, TOPIC)
    title = heading(page).inner_text()
    reader.set_offline(True)
    page.goto(site.at(TOPIC))
    edit(site, "security/cors/index.html", "</h1>", " anew</h1>")

    reader.set_offline(False)
    page.get_by_role("button", name="Reload").click()

    expect(heading(page)).not_to_have_text(title)
    expect(heading(page)).to_contain_text("anew")
    expect(page.locator(".update-bar")).to_have_count(0)


def test_a_slow_network_shows_the_page_of_the_device_and_then_what_is_new(reader, site):
    site, slow = site
    page = open_and_install(reader, site, TOPIC)
    edit(site, "security/cors/index.html", "</h1>", " anew</h1>")
    slow.append(f"{PREFIX}security/cors/")

    page.goto(site.at(TOPIC))
    expect(heading(page)).not_to_contain_text("anew")

    expect(page.locator(".update-bar")).to_be_visible(timeout=15_000)
    slow.clear()
    page.get_by_role("button", name="Reload").click()
    expect(heading(page)).to_contain_text("anew")


def test_kept_areas_follow_the_published_ones(reader, site):
    site, _ = site
    page = open_and_install(reader, site, "/practice/offline/")
    page.get_by_role("checkbox", name="Caching").check()
    expect(page.locator(".tool-live")).to_have_text("Caching is on this device.")
    edit(site, "caching/caching-strategies/index.html", "</h1>", " anew</h1>")
    publish(site)

    later = reader.new_page()
    later.goto(site.at("/"))

    url = site.at("/caching/caching-strategies/")
    until(later, "async url => (await (await caches.match(url)).text()).includes('anew')", url)


def test_a_full_device_loses_nothing_but_the_copy(reader, site):
    site, _ = site
    page = open_and_install(reader, site, "/practice/offline/")
    origin = site.url.removesuffix(PREFIX)
    quota = {"origin": origin, "quotaSize": 1000}
    reader.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)

    page.get_by_role("checkbox", name="Caching").check()
    expect(page.locator(".tool-live")).to_have_text("Caching: no room is left.")
    expect(page.locator(".offline-area", has_text="Caching")).to_contain_text("no room is left")
    expect(page.get_by_role("button", name="Fetch the rest")).to_be_visible()
    page.goto(site.at(OTHER))
    expect(heading(page)).not_to_have_text(NOT_HERE)


def test_a_preview_removes_the_worker_of_an_earlier_site(reader, site):
    site, _ = site
    page = open_and_install(reader, site)
    edit(site, "security/cors/index.html", " name=service-worker", " name=x")

    page.goto(site.at(TOPIC))

    until(page, "async () => !(await navigator.serviceWorker.getRegistrations()).length")
    until(page, "async () => !(await caches.keys()).length")
    page.goto(site.at("/practice/offline/"))


def test_readers_who_save_data_install_nothing_unless_they_ask(reader, built_site):
    saving = "Object.defineProperty(navigator, 'connection', { value: { saveData: true } })"
    reader.add_init_script(saving)
    page = reader.new_page()
    page.goto(built_site.at("/"))
    page.wait_for_load_state("networkidle")
    page.evaluate("new Promise(done => requestIdleCallback(done))")
    assert page.evaluate("async () => (await caches.keys()).length") == 0

    page.goto(built_site.at("/practice/offline/"))

    page.wait_for_function(CONTROLLED)


def test_wrong_addresses_redirects_and_other_requests_are_left_alone(reader, built_site):
    page = open_and_install(reader, built_site)
    assert page.goto(built_site.at("/no/such/page/")).status == 404
    page.goto(built_site.at(OTHER.rstrip("/")))
    assert page.url == built_site.at(OTHER)
    part = "async url => (await fetch(url, { headers: { Range: 'bytes=0-9' } })).status"
    assert page.evaluate(part, built_site.at(TOPIC)) in (200, 206)
    post = "async url => (await fetch(url, { method: 'POST' })).status"
    assert page.evaluate(post, built_site.at(TOPIC)) == 501
    assert not page.evaluate(HERE, built_site.at("/no/such/page/"))
    assert not page.evaluate(HERE, built_site.at(OTHER.rstrip("/")))
    assert not page.evaluate(HERE, built_site.at(TOPIC))
    with pytest.raises(Error):
        page.goto(built_site.url.removesuffix(PREFIX) + ":1/")
