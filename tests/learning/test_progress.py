"""What the browser remembers: shown, exported, reset and imported, whatever storage does."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from axe import violations, violations_in_both_schemes
from site_server import with_sources

KEY = "guide.study"
PATH = "/practice/progress/"
DAY = 86_400_000
NO_STORAGE = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("denied", "SecurityError") }
})"""
STORE = """async () => {
    const state = "assets/javascripts/learning/state/"
    const from = name => import(new URL(`../../${state}${name}.js`, location.href))
    const [{ theStore }, { answered, answersOf }] = [await from("store"), await from("changes")]
    window.store = theStore()
    window.answer = (id, source = "quiz") =>
        store.update((state, at) => answered(state, id, { at, source, grade: 3 }))
    window.answers = id => answersOf(store.state, id).length
}"""
"""Have the page's own store at hand."""


def a_state(study, items=30, topics=4):
    """A reader who read some topics, answered some items and has every second one due."""
    now = 1_700_000_000_000
    card = {"stability": 3, "difficulty": 5, "phase": 2, "step": 0, "reps": 3, "lapses": 0}
    return {
        "schema": "backend-study-guide/state",
        "version": 1,
        "items": {
            item["id"]: {
                "at": now,
                "since": 0,
                "card": card | {"last": now, "due": now + DAY * (1 if number % 2 else 36_500)},
                "queued": False,
                "log": [[now, "quiz", 1, 0], [now + 60_000, "review", 3, 0]],
            }
            for number, item in enumerate(study["items"][:items])
        },
        "topics": {each["slug"]: {"at": now, "read": now} for each in study["topics"][:topics]},
        "settings": {"hours": {"at": now, "value": 2}},
        "sessions": {},
    }


@pytest.fixture(scope="module")
def study(built_site):
    """What there is to study."""
    return json.loads((built_site.folder / "practice" / "study.json").read_text("utf-8"))


@pytest.fixture
def visit(built_site, chromium):
    """Open a page in a browser profile of its own, or in one that exists, with a past or none."""
    contexts = []
    errors = []

    def open_page(
        path=PATH, stored=None, script="", width=1280, context=None, sources=False, **options
    ):
        if context is None:
            viewport = {"width": width, "height": 900}
            context = chromium.new_context(viewport=viewport, reduced_motion="reduce", **options)
            contexts.append(context)
            if sources:
                with_sources(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        if stored is not None:
            text = stored if isinstance(stored, str) else json.dumps(stored)
            script += f"localStorage.getItem('{KEY}') ?? "
            script += f"localStorage.setItem('{KEY}', {json.dumps(text)})"
        if script:
            page.add_init_script(script)
        page.goto(built_site.at(path))
        if path == PATH and options.get("java_script_enabled", True):
            expect(page.get_by_role("heading", name="By area")).to_be_visible()
            if sources:
                page.evaluate(STORE)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def sums(page):
    """What the three bars of the whole guide say."""
    return page.locator(".tool > .progress-bars").inner_text().splitlines()


def press(page, name, key="Enter"):
    """Press a button as the keyboard does."""
    page.get_by_role("button", name=name, exact=True).focus()
    page.keyboard.press(key)


def test_an_export_brings_back_what_was_reset_all_by_keyboard(visit, study, tmp_path):
    page = visit(stored=a_state(study))
    before = sums(page)
    assert before == [
        f"4 of {len(study['topics'])} read",
        f"30 of {len(study['items'])} tested",
        "15 due",
    ]
    page.get_by_label("Interview date").focus()
    page.keyboard.type("12012027")
    page.keyboard.press("Tab")

    press(page, "Reset everything")
    dialog = page.get_by_role("dialog", name="Reset everything?")
    expect(dialog).to_contain_text("60 answers, 30 scheduled items, 4 read marks, 2 settings")
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    page.keyboard.press("Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    name = download.value.suggested_filename
    assert name.startswith("backend-study-guide-20")
    download.value.save_as(tmp_path / name)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Export, import, reset")).to_be_focused()
    assert sums(page)[1:] == [f"0 of {len(study['items'])} tested", "None due"]
    expect(page.get_by_label("Hours a day")).to_have_value("")

    page.get_by_label("Import a file").focus()
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Space")
    chooser.value.set_files(tmp_path / name)
    heading = page.get_by_role("heading", name=f"What {name} would change")
    expect(heading).to_be_focused()
    preview = page.locator("section", has=heading)
    assert preview.get_by_role("listitem").all_inner_texts() == [
        "60 answers added",
        "30 items scheduled as in the file",
        "4 topics marked as read",
        "2 settings changed",
    ]
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert preview.get_by_role("listitem").all_inner_texts() == [
        "Nothing: all of it is here already."
    ]
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"Merged {name}.")).to_be_focused()
    assert sums(page) == before
    page.reload()
    expect(page.get_by_role("heading", name="By area")).to_be_visible()
    assert sums(page) == before
    expect(page.get_by_label("Interview date")).to_have_value("2027-12-01")


def test_a_topic_is_reset_by_itself_and_an_area_leads_to_its_review(visit, study):
    page = visit(stored=a_state(study))
    topic, area = study["topics"][0], study["areas"][0]
    row = page.locator("details", has=page.get_by_text(area["title"], exact=True)).first
    row.locator("summary").focus()
    page.keyboard.press("Enter")
    expect(row.get_by_role("link", name="items due")).to_have_attribute(
        "href", page.url.replace("progress/", f"review/?area={area['id']}")
    )
    items = [item for item in study["items"] if item["topic"] == topic["slug"]]
    press(page, f"Reset {topic['title']}")
    expect(page.get_by_role("dialog")).to_contain_text(f"{2 * len(items)} answers")
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=f"Reset {topic['title']}")).to_be_focused()
    page.keyboard.press("Enter")
    press(page, "Reset")
    expect(row.get_by_role("link", name=topic["title"], exact=True)).to_be_focused()
    tested = f"{30 - len(items)} of {len(study['items'])} tested"
    expect(page.locator(".tool > .progress-bars")).to_contain_text(tested)
    expect(page.get_by_role("button", name=f"Reset {topic['title']}")).to_be_hidden()
    assert list(row.get_by_role("listitem").all())


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_any_state(visit, study, width):
    page = visit(stored=a_state(study), width=width, sources=True)
    page.evaluate("localStorage.setItem('guide.study.aside.1', '{')")
    page.evaluate("answer('anything')")
    page.locator("summary", has_text="API design").click()
    expect(page.get_by_role("button", name="Discard part 1")).to_be_visible()
    assert violations_in_both_schemes(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_role("button", name="Reset everything").click()
    assert violations_in_both_schemes(page) == {}
    page.keyboard.press("Escape")
    state = a_state(study, items=40)
    state["items"]["wrong"] = {"at": -1}
    file = {"name": "other.json", "mimeType": "application/json"}
    page.get_by_label("Import a file").set_input_files(
        {**file, "buffer": json.dumps(state).encode()}
    )
    expect(page.get_by_text("1 entry of the file cannot be read in full")).to_be_visible()
    assert violations_in_both_schemes(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_label("Import a file").set_input_files({**file, "buffer": b"[]"})
    expect(page.get_by_text("This is not a state of the Backend Study Guide.")).to_be_focused()


def test_two_tabs_that_answer_at_once_lose_nothing(visit):
    one = visit(sources=True)
    two = visit(context=one.context, sources=True)
    for page, source in ((one, "quiz"), (two, "page")):
        page.evaluate(
            """source => { window.done = (async () => {
                for (let n = 0; n < 100; n++) {
                    answer(source)
                    answer("both", source)
                    await new Promise(resolve => setTimeout(resolve, n % 3))
                }
            })() }""",
            source,
        )
    for page in (one, two):
        page.evaluate("done")
    for page in (one, two):
        page.wait_for_function("() => answers('quiz') + answers('page') + answers('both') === 400")
    three = visit(context=one.context, sources=True)
    assert three.evaluate("['quiz', 'page', 'both'].map(id => answers(id))") == [100, 100, 200]


def test_a_full_storage_is_told_and_used_again_when_there_is_room(visit):
    page = visit(sources=True)
    page.evaluate("""() => {
        let size = 1 << 20
        for (let n = 0; size; n++) {
            try { localStorage.setItem(`filler ${n}`, "x".repeat(size)) } catch { size >>= 1 }
        }
    }""")
    assert page.evaluate("answer('a')") is False
    expect(page.get_by_text("The storage of this browser is full.")).to_be_visible()
    assert page.evaluate("[1, 2, 3].map(() => answer('a'))") == [False] * 3
    page.evaluate("""() => Object.keys(localStorage)
        .filter(key => key.startsWith("filler")).forEach(key => localStorage.removeItem(key))""")
    assert page.evaluate("answer('a')") is True
    expect(page.get_by_text("The storage of this browser is full.")).to_be_hidden()
    assert visit(context=page.context, sources=True).evaluate("answers('a')") == 5


def test_without_a_storage_the_page_says_so_and_works(visit):
    page = visit(script=NO_STORAGE, sources=True)
    expect(page.get_by_text("This browser lets the guide store nothing")).to_be_visible()
    assert page.evaluate("[answer('a'), answers('a')]") == [False, 1]
    with page.expect_download() as download:
        page.get_by_role("button", name="Export").click()
    assert json.loads(download.value.path().read_text("utf-8"))["items"]["a"]


def test_a_state_of_a_later_version_is_left_alone(visit):
    newer = json.dumps({"schema": "backend-study-guide/state", "version": 2, "items": {"b": 1}})
    page = visit(stored=newer, sources=True)
    expect(page.get_by_text("of a later version of the guide")).to_be_visible()
    page.evaluate("answer('a')")
    again = visit(context=page.context, sources=True)
    assert again.evaluate("[answers('a'), localStorage.getItem('guide.study')]") == [1, newer]


def test_a_damaged_state_is_set_aside_to_download_or_discard(visit):
    page = visit(stored='{"schema": <script>', sources=True)
    assert page.evaluate("answer('a')") is True
    with page.expect_download() as download:
        press(page, "Download part 1")
    assert download.value.path().read_text("utf-8") == '{"schema": <script>'
    press(page, "Discard part 1")
    press(page, "Discard")
    expect(page.get_by_role("heading", name="Set aside")).to_be_hidden()
    assert page.evaluate("store.aside()") == []


def test_lists_of_topics_say_how_far_the_reader_is(visit, study):
    topic = study["topics"][0]
    items = [item for item in study["items"] if item["topic"] == topic["slug"]]
    words = f"read · {len(items)} of {len(items)} tested"
    for path in (f"/{topic['area']}/", "/topics/"):
        page = visit(path, stored=a_state(study))
        expect(page.locator(".topic-progress").first).to_contain_text(words)
        assert violations(page) == []
    loaded = []
    page = visit("/404.html")
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(page.url.replace("404.html", "topics/"), wait_until="networkidle")
    assert not [url for url in loaded if "/learning/bars.js" in url]


def test_without_scripts_the_page_says_what_to_do(visit):
    page = visit(java_script_enabled=False)
    expect(page.get_by_text("needs scripts to be on")).to_be_visible()
    expect(page.locator("article").get_by_role("link", name="question index")).to_be_visible()
