"""Hostile texts stay texts: imported, stored, searched for, in addresses. The policy is switched
off here, so that the code has to hold by itself.
"""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

import pytest
from playwright.sync_api import expect

from hostile import ELEMENTS, HUGE, METHODS, NAMES, SIGNS, TEXTS, WATCH

KEY = "guide.study"
SHORT = [text for text in TEXTS if text not in HUGE and "\x00" not in text]
"""What an address can hold."""


def parts_of(texts, size):
    return [texts[start : start + size] for start in range(0, len(texts), size)]


@pytest.fixture
def visit(built_site, chromium):
    """Open a path without a policy, watched; harm, a request elsewhere or a script error fails."""
    wrong = []
    contexts = []

    def open_page(path, stored=None):
        context = chromium.new_context(bypass_csp=True, reduced_motion="reduce")
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: wrong.append(f"{page.url[:200]}: {error}"))
        page.on("dialog", lambda dialog: (wrong.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda asked: is_ours(asked.url) or wrong.append(asked.url))
        page.add_init_script(WATCH)
        if stored is not None:
            text = json.dumps(json.dumps(stored))
            page.add_init_script(f"localStorage['{KEY}'] ??= {text}")
        page.goto(built_site.at(path))
        return page

    def is_ours(url):
        return url.startswith((built_site.url, "blob:", "data:"))

    yield open_page
    for context in contexts:
        for page in context.pages:
            wrong += page.evaluate("harm()")
        context.close()
    assert wrong == []


@pytest.fixture(scope="module")
def study(built_site):
    return json.loads((built_site.folder / "practice" / "study.json").read_text("utf-8"))


def a_state(**parts):
    empty = {"items": {}, "topics": {}, "settings": {}, "sessions": {}}
    return {"schema": "backend-study-guide/state", "version": 1, **empty, **parts}


@pytest.mark.parametrize("texts", parts_of(TEXTS, 130), ids=lambda texts: f"{len(texts)} texts")
def test_imported_files_of_hostile_texts_and_names(visit, texts):
    page = visit("/practice/progress/")
    expect(page.get_by_role("heading", name="By area")).to_be_visible()
    merged = page.evaluate(
        """async texts => {
            const input = document.querySelector("input[type=file]")
            const result = document.querySelector(".progress-import")
            const changed = () => new Promise(done => new MutationObserver((_, observer) => {
                observer.disconnect()
                done()
            }).observe(result, { childList: true }))
            const offer = async (name, text) => {
                const files = new DataTransfer()
                files.items.add(new File([text], name))
                const shown = changed()
                input.files = files.files
                input.dispatchEvent(new Event("change"))
                await shown
            }
            let merged = 0
            for (const text of texts) {
                await offer(text, text)
                // A name such as __proto__ has to be a key of the file, not of this object.
                const entries = value => `{${JSON.stringify(text)}:{"at":1,${value}}}`
                const value = `"value":${JSON.stringify([text, { [text]: text }])}`
                await offer(text, `{"schema":"backend-study-guide/state","version":1,
                    "items":${entries('"log":[[1,"quiz",3,0]],"queued":true')},
                    "topics":${entries('"read":1')},
                    "settings":${entries(value)},"sessions":${entries(value)},
                    ${JSON.stringify(text)}:{}}`)
                const merge = result.querySelector("button")
                if (merge?.textContent !== "Merge") throw new Error(`refused: ${text}`)
                const done = changed()
                merge.click()
                await done
                merged += result.textContent.startsWith("Merged")
            }
            return merged
        }""",
        list(texts),
    )
    assert merged == len(texts)
    page.reload()
    expect(page.get_by_role("heading", name="By area")).to_be_visible()
    kept = json.loads(page.evaluate(f"localStorage['{KEY}']"))
    short = {text for text in texts if len(text) <= 200}
    assert short <= set(kept["items"])
    assert short <= set(kept["topics"])
    # Nothing is kept in which such a name is more than the name of an entry.
    assert short - {*METHODS} <= set(kept["settings"])
    assert short - {*METHODS} <= set(kept["sessions"])


def odd_values():
    """Values of all shapes with hostile leaves; lists and objects hold many of them."""
    own = [{"toString": text, "valueOf": text, "length": 1e9, "__proto__": text} for text in NAMES]
    return [
        SHORT[0],
        ELEMENTS,
        dict.fromkeys(SHORT[:60], ELEMENTS[1]),
        own,
        own[0],
        [None, True, 1e308, -1, 2**53, [], {}],
        1e308,
    ]


def odd_settings(number, study):
    """What the tools keep, the right shape in the wrong stuff: odd values, or odd leaves."""
    value = odd_values()[number]
    leaf = TEXTS[number :: len(odd_values())][:40]
    items = [item["id"] for item in study["items"] if item["kind"] == "quiz"]
    questions = [item["id"] for item in study["items"] if item["kind"] == "question"]
    plan = {"date": "2100-01-01", "start": leaf[0], "hours": 2, "level": "core"}
    names = ["interviewDate", "hours", "level", "role", "newItems", "reviewKeys", "selfTest"]
    settings = dict.fromkeys([*names, "offline", "offlineAreas", "areas", *leaf], value)
    settings["plan"] = {**plan, "off": leaf, "known": leaf, "date": value}
    entry = {"id": questions[number], "seconds": value, "grade": value, "note": value}
    interview = {"role": "backend", "minutes": 30, "seed": value, "level": value, "areas": leaf}
    interview |= {"entries": [entry, value, None], "finished": value, "added": value}
    placement = {"answers": [[items[number], value], [value, value]], "level": value}
    sessions = {"interview-1700000000000": interview, "placement-1": {**placement, "known": leaf}}
    sessions |= {"placement-2": {**placement, "done": True, "known": leaf}, "placement-x": value}
    sessions |= {f"interview-{text}": interview for text in leaf[:8]}
    return a_state(
        items={text: {"at": 1, "log": [[1, "quiz", 3, 0]], "queued": True} for text in leaf},
        topics={text: {"at": 1, "read": 1} for text in leaf},
        settings={name: {"at": 1, "value": value} for name, value in settings.items()},
        sessions={name: {"at": 1, "value": value} for name, value in sessions.items()},
    )


TOOLS = ["review", "interview", "placement", "progress", "offline"]
PAGES = [f"/practice/{tool}/" for tool in TOOLS] + ["/plans/dated/", "/topics/", "/security/cors/"]


@pytest.mark.parametrize("number", range(len(odd_values())))
def test_stored_settings_and_sessions_of_hostile_texts(visit, built_site, study, number):
    page = visit("/404.html", stored=odd_settings(number, study))
    for path in PAGES:
        page.goto(built_site.at(path))
        tool = page.locator("[data-tool]")
        if tool.count():
            expect(tool.locator(".tool-waiting")).to_have_count(0)
            expect(tool.get_by_role("button").or_(tool.get_by_role("link")).first).to_be_visible()
        assert page.evaluate("harm()") == []


def test_addresses_of_interviews(visit):
    page = visit("/practice/interview/")
    expect(page.get_by_role("heading", name="Set up a session")).to_be_visible()
    names = ["role", "level", "minutes", "areas", "seed", "draw", "v", "view", "__proto__"]
    addresses = ["?" + urlencode(dict.fromkeys(names, text)) for text in SHORT]
    addresses += [f"?{name}={quote(text)}" for name in names for text in ELEMENTS[:4]]
    page.evaluate(
        """addresses => {
            for (const address of addresses) {
                history.pushState(null, "", address)
                dispatchEvent(new PopStateEvent("popstate"))
            }
        }""",
        addresses,
    )
    expect(page.locator("[data-tool] h2").first).to_be_visible()


def test_fragments_of_addresses(visit):
    page = visit("/security/cors/#%E0%A4%A")
    page.evaluate(
        """async texts => {
            for (const text of texts) {
                const changed = new Promise(done => {
                    addEventListener("hashchange", done, { once: true })
                    setTimeout(done, 20)
                })
                location.hash = text
                await changed
            }
        }""",
        SHORT,
    )
    # A script that stumbles over the first fragment leaves the menu without its button.
    expect(page.locator(".md-header button[aria-label=Navigation]")).to_be_attached()


def test_queries_typed_into_the_search(visit):
    page = visit("/")
    page.keyboard.press("/")
    box = page.locator("[data-md-component=search-query]")
    box.evaluate(
        """async (box, texts) => {
            for (const text of texts) {
                box.value = text
                box.dispatchEvent(new Event("keyup"))
                await new Promise(done => setTimeout(done))
            }
            box.value = ""
        }""",
        TEXTS,
    )
    box.press_sequentially("preflight")
    result = page.locator(".md-search-result__item a[href*=cors]").first
    expect(result).to_be_visible(timeout=60_000)  # the worker answers one after the other


@pytest.mark.parametrize("texts", parts_of(SHORT, 60), ids=lambda texts: f"{len(texts)} texts")
def test_addresses_of_searches_languages_and_filters(visit, built_site, texts):
    together = " ".join(texts)
    page = visit("/security/cors/?" + urlencode({"q": together[:6000], "lang": texts[0]}))
    expect(page.locator(".md-search-result__meta")).to_contain_text(
        "matching document", timeout=60_000
    )
    page.goto(built_site.at("/security/cors/?" + urlencode({"h": together[:6000]})))
    filters = urlencode({"area": texts[1], "level": texts[2], "tag": texts[3]})
    page.goto(built_site.at(f"/practice/review/?{filters}"))
    expect(page.get_by_role("heading", name="Due now")).to_be_visible()


def test_a_language_of_a_link_that_is_a_name_of_every_object(visit):
    page = visit("/security/cors/?lang=constructor")
    expect(page.locator(".tabbed-set").first).to_be_attached()
    assert page.locator(".tabbed-note").all_text_contents() == []
    assert page.evaluate("__md_get('__tabs')") is None


@pytest.mark.parametrize("text", [*ELEMENTS[1:4], *SIGNS[2:5], "__proto__"])
def test_words_of_a_wrong_address(visit, text):
    page = visit(f"/no/{quote(quote(text) if '%' in text else text, safe='')}/")
    expect(page.get_by_role("heading", name="Page not found")).to_be_visible()
