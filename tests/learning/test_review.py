"""Review: FSRS schedules what sessions ask, by keyboard, filtered, undone, up to an interview."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from axe import violations, violations_in_both_schemes
from javascript_claims import claims, prove
from review_states import studied_items
from site_server import with_sources
from support import ROOT

CLAIMS = ROOT / "tests" / "learning" / "review_claims.mjs"
LIBRARY = ROOT / "docs/assets/javascripts/vendor/ts-fsrs"
HASHES = {
    # dist/index.mjs and LICENSE of ts-fsrs 5.4.2 as npm has them.
    "ts-fsrs.js": "ad4a4b3b7e259fcbf02764454c8f9db4ea3bf5aae2f473198129ecb7728f1a19",
    "LICENSE": "8b83a73dd2894ff553d6de6113064b3ad9dfad3f839837b61f3b183881131d01",
}
KEY = "guide.study"
QUESTION = ".review-card h3"


@claims(CLAIMS)
def test_of_the_review(claim: str) -> None:
    wrong = prove(CLAIMS)[claim]
    assert wrong is None, wrong


@pytest.mark.parametrize("name", HASHES)
def test_the_scheduling_library_is_the_one_that_was_published(name):
    assert hashlib.sha256((LIBRARY / name).read_bytes()).hexdigest() == HASHES[name]


@pytest.fixture
def review(built_site, chromium):
    """Open the review in a browser profile of its own, which may have a past."""
    contexts = []
    errors: list[str] = []

    def open_review(search="", state=None, width=1280, sources=False, **options):
        viewport = {"width": width, "height": 900}
        context = chromium.new_context(viewport=viewport, reduced_motion="reduce", **options)
        contexts.append(context)
        if sources:
            with_sources(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        if state:
            known = f"localStorage.getItem('{KEY}')"
            stored = f"localStorage.setItem('{KEY}', {json.dumps(json.dumps(state))})"
            page.add_init_script(f"{known} ?? {stored}")
        page.goto(built_site.at(f"/practice/review/{search}"))
        expect(page.get_by_role("heading", name="Due now")).to_be_visible()
        return page

    yield open_review
    for context in contexts:
        context.close()
    assert errors == []


def stored(page):
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')"))


def study(site):
    return json.loads((site.folder / "practice" / "study.json").read_text(encoding="utf-8"))


def status(page):
    return page.locator(".tool [role=status]").first


def question_id(page):
    return page.locator(QUESTION).get_attribute("data-item")


def answer_quiz(page, right):
    """Choose by keyboard; the page itself says which options are right."""
    numbers = page.locator(".quiz-answer li").evaluate_all(
        "all => all.flatMap((each, index) => each.matches('.quiz-right') ? [index] : [])"
    )
    wrong = next(number for number in range(9) if number not in numbers)
    for number in numbers if right else [wrong]:
        page.locator(f".quiz input[value='{number}']").focus()
        page.keyboard.press("Space")
    page.keyboard.press("Enter")


def rate(page, grade):
    """Answer what is on show; a check-yourself item right, unless the grade is 1."""
    if page.locator(".quiz").count():
        answer_quiz(page, right=grade > 1)
        expect(page.locator(".quiz-result")).to_be_focused()
        page.keyboard.press("1" if grade == 1 else str(max(3, grade)))
    else:
        page.keyboard.press("Space")
        page.keyboard.press(str(grade))


def test_a_session_by_keyboard_from_start_to_summary(review, built_site):
    page = review()
    expect(status(page)).to_have_text(re.compile(r"^0 due, \d+ new\.$"))
    page.get_by_label("New items in a session").fill("6")
    page.keyboard.press("Tab")
    start = page.get_by_role("button", name="Start: 6 items")
    start.focus()
    page.keyboard.press("Enter")

    # The question has the focus; each layer of its answer takes it over.
    expect(page.locator(QUESTION)).to_be_focused()
    assert page.locator(".layer").count() == 0
    first = question_id(page)
    page.keyboard.press("3")  # too early: nothing to compare with
    for number in (1, 2, 3, 4):
        page.keyboard.press("Space")
        expect(page.locator(".layer").nth(number - 1)).to_be_focused()
    expect(page.get_by_role("button", name="3 Good 2 days")).to_be_visible()

    # Missed: it comes back in this session. Undone: as if nothing had been.
    page.keyboard.press("1")
    expect(page.get_by_role("heading", name="2 of 7")).to_be_visible()
    entry = stored(page)["items"][first]
    assert entry["card"]["due"] - entry["at"] == 600_000
    page.keyboard.press("u")
    expect(page.get_by_role("heading", name="1 of 6")).to_be_visible()
    expect(page.locator(QUESTION)).to_have_attribute("data-item", first)
    entry = stored(page)["items"][first]
    assert entry["card"] is None
    assert [grade for _, _, grade, _ in entry["log"]] == [0]

    rate(page, 1)
    for number in range(2, 8):
        expect(page.get_by_role("heading", name=f"{number} of 7")).to_be_visible()
        expect(page.locator(QUESTION)).to_be_focused()
        if number == 3:
            assert page.evaluate("document.querySelectorAll('[id]').length") == page.evaluate(
                "new Set([...document.querySelectorAll('[id]')].map(each => each.id)).size"
            )
        rate(page, 3)
    done = page.get_by_role("heading", name="Session done")
    expect(done).to_be_focused()
    expect(page.locator(".tool")).to_contain_text("7 answers: 1 again, 6 good.")
    missed = page.get_by_role("link", name=page.locator(".tool li a").first.inner_text())
    assert missed.get_attribute("href").endswith(f"#{first}")
    assert page.request.get(missed.get_attribute("href")).status == 200
    assert all(item["card"]["phase"] == 2 for item in stored(page)["items"].values())

    # Undo reaches into the session from its end, and the session can go on.
    page.keyboard.press("u")
    expect(page.get_by_role("heading", name="7 of 7")).to_be_visible()
    rate(page, 4)
    expect(page.locator(".tool")).to_contain_text("7 answers: 1 again, 5 good, 1 easy.")
    page.get_by_role("button", name="Done").press("Enter")
    expect(page.get_by_role("heading", name="Due now")).to_be_focused()
    expect(status(page)).to_have_text(re.compile("^0 due, .* The next one comes back on "))


def test_a_wrong_answer_to_a_check_yourself_item_is_a_miss(review, built_site):
    items = study(built_site)["items"]
    quiz = next(item["id"] for item in items if item["kind"] == "quiz")
    state = studied_items([quiz], due=True)
    page = review(state=state)
    page.get_by_label("New items in a session").fill("0")
    page.get_by_label("New items in a session").press("Tab")
    page.get_by_role("button", name="Start: 1 item").press("Enter")
    expect(page.locator(QUESTION)).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(".quiz input").first).to_be_focused()
    answer_quiz(page, right=False)
    expect(page.get_by_role("group", name="Go on").get_by_role("button")).to_have_text(
        ["1 Again10 min"]
    )
    page.keyboard.press("Space")
    page.get_by_role("button", name="End session").press("Enter")
    page.get_by_role("button", name="Done").press("Enter")
    expect(page.get_by_role("button", name="Nothing to review")).to_be_disabled()
    assert violations(page) == []
    entry = stored(page)["items"][quiz]
    assert (entry["card"]["lapses"], entry["card"]["phase"]) == (1, 3)
    assert entry["log"][-1][1:3] == ["review", 1]


def test_filters_narrow_a_session_and_stay_in_the_address(review, built_site):
    data = study(built_site)
    areas = {topic["slug"]: topic["area"] for topic in data["topics"]}
    ids = [item["id"] for item in data["items"]]
    gone = [f"no-longer-there-{number}" for number in range(200)]
    state = studied_items(ids + gone, due=True)
    page = review("?area=caching&level=core&tag=nonsense", state=state)
    fitting = {
        item["id"]
        for item in data["items"]
        if areas[item["topic"]] == "caching" and item["level"] == "core"
    }
    expect(status(page)).to_have_text(f"{len(fitting)} due, 0 new.")
    expect(page.get_by_label("Tag")).to_have_value("")
    page.get_by_label("Level").select_option("")
    page.get_by_role("link", name="Databases").press("Enter")
    expect(page.get_by_role("button", name="Start")).to_be_focused()
    assert page.url.endswith("/practice/review/?area=databases&tag=nonsense")
    page.reload()
    expect(page.get_by_label("Area")).to_have_value("databases")
    page.get_by_role("button", name="Start").press("Enter")
    topics = {item["id"]: item["topic"] for item in data["items"]}
    seen = []
    for number in range(1, 9):
        expect(page.get_by_role("heading", name=re.compile(f"^{number} of "))).to_be_visible()
        expect(page.locator(QUESTION)).to_be_focused()
        seen.append(topics[question_id(page)])
        rate(page, 4)
    assert {areas[topic] for topic in seen} == {"databases"}
    assert all(one != other for one, other in pairwise(seen))


def test_an_interview_date_brings_every_card_back_before_it(review, built_site):
    ids = [item["id"] for item in study(built_site)["items"] if item["kind"] == "quiz"][:40]
    page = review(state=studied_items(ids, due=False, stability=400))
    expect(status(page)).to_have_text(re.compile("^0 due"))
    before = stored(page)
    day = (datetime.now() + timedelta(days=20)).replace(hour=0, minute=0, second=0, microsecond=0)
    field = page.get_by_label("Day of your interview")
    field.fill(f"{day:%Y-%m-%d}")
    week = (day - timedelta(days=7)).timestamp() * 1000
    for item in stored(page)["items"].values():
        assert week <= item["card"]["due"] < day.timestamp() * 1000
    field.fill("")
    assert stored(page)["items"] == before["items"]
    field.fill("2020-02-02")
    assert stored(page)["items"] == before["items"]

    # Keys of one character can be switched off (WCAG 2.1.4).
    page.get_by_label("Keys: space, 1 to 4 and u").uncheck()
    page.get_by_role("button", name="Start").press("Enter")
    expect(page.locator(QUESTION)).to_be_focused()
    page.keyboard.press("Space")
    assert page.locator(".layer").count() == 0
    page.get_by_role("button", name="Show the answer").press("Space")
    expect(page.locator(".layer")).to_be_focused()


def test_a_session_survives_pages_that_cannot_be_loaded_and_goes_on_offline(review, built_site):
    ids = [item["id"] for item in study(built_site)["items"] if item["topic"] == "cors"][:3]
    page = review("?area=security", state=studied_items(ids, due=True))
    page.get_by_label("New items in a session").fill("0")
    page.get_by_label("New items in a session").press("Tab")
    page.route(re.compile("/study.json"), lambda route: route.abort())
    page.reload()
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_text("could not be loaded")).to_be_focused()
    page.unroute_all()
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.get_by_role("heading", name="Due now")).to_be_focused()
    page.route(re.compile("/security/cors/"), lambda route: route.abort())
    page.get_by_role("button", name="Start: 3 items").press("Enter")
    expect(page.get_by_text("could not be loaded")).to_be_focused()
    assert violations(page) == []
    page.unroute_all()
    page.get_by_role("button", name="Try again").press("Enter")
    expect(page.locator(QUESTION)).to_be_focused()
    page.context.set_offline(True)
    for _ in range(3):
        expect(page.locator(QUESTION)).to_be_focused()
        rate(page, 3)
    expect(page.get_by_role("heading", name="Session done")).to_be_focused()


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_any_state_of_the_review(review, built_site, width):
    items = study(built_site)["items"]
    question = next(item["id"] for item in items if item["kind"] == "question")
    quiz = next(item["id"] for item in items if item["kind"] == "quiz")

    def check():
        assert violations_in_both_schemes(page) == {}
        assert page.evaluate("document.documentElement.scrollWidth") == width

    state = studied_items([quiz, question], due=True)
    page = review(state=state, width=width)
    page.get_by_label("New items in a session").fill("0")
    check()
    page.get_by_role("button", name="Start").press("Enter")
    expect(page.locator(QUESTION)).to_be_focused()
    check()
    for _ in range(4):
        page.keyboard.press("Space")
    check()
    page.keyboard.press("4")
    expect(page.get_by_role("heading", name="2 of 2")).to_be_visible()
    check()
    answer_quiz(page, right=False)
    expect(page.get_by_role("group", name="Go on")).to_be_visible()
    check()
    page.get_by_role("button", name="End session").press("Enter")
    expect(page.get_by_role("heading", name="Session done")).to_be_focused()
    check()


def test_without_scripts_the_page_says_what_to_do_instead(built_site, chromium):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(built_site.at("/practice/review/"))
        expect(page.locator(".tool-waiting")).to_be_visible()
        expect(page.get_by_role("link", name="question index")).to_be_visible()


ALL_CARDS = """async () => {
    const at = path => import(new URL(`../../assets/javascripts/learning/${path}`, location).href)
    const { fetchCard } = await at("card.js")
    const { loadStudy } = await at("site.js")
    const study = await loadStudy()
    const wrong = []
    const ids = new Set()
    for (const item of study.items) {
        const card = await fetchCard(study, item)
        const all = [...card.querySelectorAll("*")]
        const names = all.flatMap(({ id }) => (id ? [id] : []))
        const links = all.flatMap(each => ["href", "src"].map(name => each.getAttribute(name)))
        const refers = all.flatMap(({ attributes }) => [...attributes].flatMap(({ value }) =>
            [...value.matchAll(/url\\(#([^)]+)\\)/g)].map(([, id]) => id)))
        const parts = item.kind === "quiz" ? "ol.quiz-options + .quiz-answer" : ".answer--brief"
        const is = {
            headed: card.querySelectorAll("h1, h2, h3").length === 1,
            named: card.firstElementChild.matches(`h3[data-item="${item.id}"]`),
            whole: card.querySelectorAll(parts).length === 1,
            alone: names.every(id => !ids.has(id)) && new Set(names).size === names.length,
            drawn: refers.every(id => names.includes(id)),
            absolute: links.every(link => !link || /^(https?:|mailto:|#card-)/.test(link)),
        }
        for (const id of names) ids.add(id)
        for (const [what, holds] of Object.entries(is)) if (!holds) wrong.push([item.id, what])
    }
    return { items: study.items.length, wrong }
}"""


def test_every_item_can_be_cut_whole_from_its_page_and_shown_elsewhere(review):
    found = review(sources=True).evaluate(ALL_CARDS)
    assert found["wrong"] == []
    assert found["items"] > 700
