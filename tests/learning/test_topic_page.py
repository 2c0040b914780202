"""A topic page quizzes its reader, hides answers until recalled, and notes that it was read."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from selectolax.lexbor import LexborHTMLParser

from axe import violations_in_both_schemes
from site_server import with_sources

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from site_server import ServedSite

TOPIC = "/security/cors/"
ITEM = "cors-blocked-post"
QUESTION = "sop-and-cors"
SCRIPT_BUDGET = 8_000
"""Bytes of the guide's own scripts on a first visit to a topic page, gzipped."""
NO_STORAGE = """Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("denied", "SecurityError") }
})"""
CLOCK = """const { now } = Date
window.later = 0
Date.now = () => now() + window.later * 1000"""
GO = """async ([place, later]) => {
    window.later = later
    const line = document.querySelector(".topic-read")
    if (place === "end") line.scrollIntoView()
    else scrollTo(0, 0)
    // Until the observers of the page have seen where it stands, and done what they do about it.
    await new Promise(done => new IntersectionObserver(done).observe(line))
    await new Promise(done => setTimeout(done, 50))
}"""
"""Go to the start or the end of the page, some seconds later than it is."""
READ = re.compile(r"Read on \d+ [A-Z][a-z]+")
SEVERAL = "/http/tls-and-network-security/"
"""A page with an item that has two right options."""

Open = Callable[..., "Page"]


@pytest.fixture
def visit(built_site: ServedSite, chromium: Browser) -> Iterator[Open]:
    """Open a path in a browser profile of its own; a script error fails the test."""
    contexts = []
    errors: list[str] = []

    def open_page(path: str, script: str = "", width: int = 1280, **options: Any) -> Page:
        viewport = {"width": width, "height": 900}
        sources = options.pop("sources", False)
        context = chromium.new_context(viewport=viewport, reduced_motion="reduce", **options)
        if sources:
            with_sources(context)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(10_000)
        page.on("pageerror", lambda error: errors.append(str(error)))
        if script:
            page.add_init_script(script)
        page.goto(built_site.at(path), wait_until="load")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def expect(value: Any) -> Any:
    from playwright.sync_api import expect as expect_

    return expect_(value)


def ready(page: Page) -> Page:
    """Give the page a sign of a reader, which loads what learners get."""
    page.locator(".md-header button[aria-label=Navigation]").wait_for(state="attached")
    page.keyboard.press("Shift")
    page.locator(".topic-read").wait_for()
    return page


def state(page: Page) -> dict[str, Any]:
    return json.loads(page.evaluate("localStorage.getItem('guide.study')") or "{}")


def answers(page: Page, item: str, number: int) -> list[list[Any]]:
    """The log of an item, once it holds `number` answers: the page shows results before that."""
    page.wait_for_function(
        """([item, number]) => JSON.parse(localStorage.getItem("guide.study") ?? "{}")
            .items?.[item]?.log.length === number""",
        arg=[item, number],
    )
    return state(page)["items"][item]["log"]


def quiz(page: Page, item: str = ITEM) -> Any:
    return page.locator(f"#{item} + .quiz")


def verdicts(page: Page, item: str = ITEM) -> dict[str, bool]:
    """The texts of an item's options, each with whether it is right, as the page has them."""
    options = page.locator(f"#{item} ~ .quiz-options").first.locator("li").all_text_contents()
    classes = page.locator(f"#{item} ~ .quiz-answer").first.locator("li").all()
    return {
        text.strip(): each.get_attribute("class") == "quiz-right"
        for text, each in zip(options, classes, strict=True)
    }


def choose(page: Page, right: bool, item: str = ITEM) -> None:
    for text, is_right in verdicts(page, item).items():
        if is_right == right:
            quiz(page, item).get_by_label(text, exact=True).check()
            return


def test_a_visit_loads_little_script_until_the_reader_does_something(built_site, chromium):
    with chromium.new_context() as context:
        page = context.new_page()
        responses = []
        page.on("response", lambda response: responses.append(response))
        page.goto(built_site.at(TOPIC))
        page.locator(".md-header button[aria-label=Navigation]").wait_for(state="attached")
        page.wait_for_load_state("networkidle")
        own = {
            response.url.rpartition("/")[2]: len(gzip.compress(response.body(), 9))
            for response in responses
            if "/assets/javascripts/" in response.url and "/theme.js" not in response.url
        }
    assert "guide.js" in own
    assert len(own) == 1, "the rest comes when the reader does something"
    assert sum(own.values()) <= SCRIPT_BUDGET, own


def test_an_item_is_answered_from_the_keyboard_and_a_miss_waits_for_review(visit):
    page = ready(visit(TOPIC))
    wrong = next(text for text, right in verdicts(page).items() if not right)
    form = quiz(page)
    question = page.locator(f"#{ITEM}").inner_text().rstrip("¶")
    group = form.get_by_role("group", name="Choose one", exact=True)
    expect(group).to_have_accessible_description(question)
    assert page.locator(".quiz-options:visible, .quiz-answer:visible").count() == 0

    page.locator(f"#{ITEM} .headerlink").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(form.get_by_role("status")).to_have_text("Choose an answer first.")
    page.keyboard.press("Space")
    for _ in verdicts(page):
        if form.get_by_label(wrong, exact=True).is_checked():
            break
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")

    result = form.locator(".quiz-result")
    expect(result).to_be_focused()
    expect(result).to_contain_text("Queued for review.")
    expect(form.locator(".quiz-reason")).to_have_count(len(verdicts(page)))
    assert "Wrong, your choice." in form.locator("li", has_text=wrong).inner_text()
    letter, _, told = result.inner_text().partition("The answer: ")[2].partition(". ")
    row = form.locator("li").all()["ABCD".index(letter)]
    assert "Right." in row.inner_text()
    assert told.startswith(row.locator("label").inner_text().strip())
    stored = state(page)["items"][ITEM]
    assert stored["queued"]
    assert [answer[1:] for answer in stored["log"]] == [["quiz", 1, 0]]

    target = form.locator(".quiz-see a").get_attribute("href").removeprefix("#")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator(f"[id='{target}']")).to_be_in_viewport()

    form.get_by_role("button", name="Try again").press("Enter")
    expect(form.locator("input").first).to_be_focused()
    assert form.locator("input:checked").count() == 0
    choose(page, right=True)
    page.keyboard.press("Enter")
    expect(result).to_have_text("Right.")
    assert [answer[2] for answer in answers(page, ITEM, 2)] == [1, 3]
    assert state(page)["items"][ITEM]["queued"], "a right answer does not take back that it waits"


def test_several_right_options_have_to_be_chosen_all_and_nothing_else(visit):
    page = ready(visit(SEVERAL))
    form = page.locator(".quiz:has([type=checkbox])").first
    item = form.evaluate("form => form.previousElementSibling.id")
    rights = [text for text, right in verdicts(page, item).items() if right]
    result = form.locator(".quiz-result")

    form.get_by_label(rights[0], exact=True).check()
    form.get_by_role("button", name="Check").click()
    expect(result).to_contain_text("Not right. The answer: ")
    form.get_by_role("button", name="Try again").click()
    for text in rights:
        form.get_by_label(text, exact=True).check()
    form.get_by_role("button", name="Check").click()
    expect(result).to_have_text("Right.")
    form.get_by_role("button", name="Try again").click()
    form.get_by_role("button", name="I don't know").click()
    expect(result).to_contain_text("The answer: ")
    assert [answer[2] for answer in answers(page, item, 3)] == [1, 3, 1]


def test_options_stand_in_an_order_of_the_item_and_the_day(visit):
    page = visit(TOPIC, sources=True)
    orders = page.evaluate("""async () => {
        const at = document.querySelector("script[src$='guide.js']").src
        const { enhanceQuiz } = await import(new URL("learning/quiz.js", at))
        const article = document.querySelector("article")
        return [0, 0, ...Array(60).keys()].map(day => {
            const copy = article.cloneNode(true)
            enhanceQuiz(copy, { day })
            return [...copy.querySelectorAll(".quiz")].map(form =>
                [...form.querySelectorAll("input")].map(input => input.value).join(""))
        })
    }""")
    assert orders[0] == orders[1]
    for item in zip(*orders, strict=True):
        assert len(set(item)) == 6
    assert any(len(set(day)) > 1 for day in orders)


def test_an_answer_is_recalled_before_it_is_read(visit):
    page = ready(visit(TOPIC))
    content = """() => {  // the theme changes attributes all the time
        const copy = document.querySelector("article").cloneNode(true)
        copy.querySelector(".self-test").remove()
        const tags = [...copy.querySelectorAll("*")].map(each => each.tagName)
        return [tags.join(" "), copy.textContent.replace(/\\s+/g, "")]
    }"""
    before = page.evaluate(content)
    switch = page.get_by_role("switch", name="Hide answers", exact=True)
    expect(switch).to_have_accessible_description(re.compile("Answer aloud first"))
    switch.press("Space")
    panel = page.locator(f"#{QUESTION} + .recall")
    panel.wait_for()
    assert page.locator(".answer:visible").count() == 0

    switch.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the second of three: unsure
    parts = page.locator(".layer")
    for number, label in enumerate(["30 seconds", "In depth", "Follow-ups", "Listen for"]):
        expect(parts.nth(number)).to_be_focused()
        assert label in parts.nth(number).inner_text()
        assert page.locator(".answer:visible").count() == number + 1
        if label == "Follow-ups":
            follow_up = parts.nth(number).locator("details").first
            assert not follow_up.locator("a").is_visible()
            follow_up.locator("summary").press("Enter")
            assert follow_up.locator("a").is_visible()
            parts.nth(number).locator("summary").last.focus()
        while page.evaluate("!document.activeElement.closest('.recall')"):
            page.keyboard.press("Tab")
        if label != "Listen for":
            page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Missed")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    said = page.locator(".recall p", has_text="Partly. Queued for review.")
    expect(said).to_be_focused()
    stored = state(page)["items"][QUESTION]
    assert [answer[1:] for answer in stored["log"]] == [["page", 2, 2]]
    assert stored["queued"]
    assert state(page)["settings"]["selfTest"]["value"] is True

    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Missed")).to_be_focused()
    stored = state(page)["items"][QUESTION]
    assert ([answer[2] for answer in stored["log"]], stored["queued"]) == ([0], False)
    page.get_by_role("button", name="All of it").press("Enter")
    expect(page.locator(".recall p", has_text="All of it.")).to_be_focused()
    assert not state(page)["items"][QUESTION]["queued"]

    switch.press("Space")
    expect(page.locator(".recall")).to_have_count(0)
    assert page.evaluate(content) == before


def test_hidden_answers_are_found_by_links_by_the_browsers_search_and_on_paper(visit):
    page = ready(visit(TOPIC))
    page.get_by_role("switch").check()
    page.locator(".recall").first.wait_for()
    questions = page.locator("h3:is(.foundation, .core, .advanced)").count()
    # What remembers the choice is loaded after what follows it.
    page.wait_for_function("() => localStorage.getItem('guide.study')?.includes('selfTest')")

    page.reload()
    expect(page.locator(".recall")).to_have_count(questions)
    assert page.locator(".answer:visible").count() == 0
    page.evaluate("location.hash = 'cors-curl'")
    expect(page.locator(".answer:visible")).to_have_count(4)
    page.get_by_role("button", name="Hide the answer").click()
    expect(page.locator(".answer:visible")).to_have_count(0)
    expect(page.locator("#cors-curl + .recall button").first).to_be_focused()

    address = page.url.partition("#")[0]
    page.goto("about:blank")
    page.goto(f"{address}#cors-preflight")
    expect(page.locator("#cors-preflight ~ .layer:visible")).to_have_count(4)
    page.locator(".recall").first.get_by_role("button", name="Show all").click()
    expect(page.locator(".answer:visible")).to_have_count(8)
    found = page.locator(".layer--depth:not(:visible)").first
    found.dispatch_event("beforematch")
    expect(page.locator(".answer:visible")).to_have_count(12)

    page.emulate_media(media="print")
    expect(page.locator(".layer p.answer:visible")).to_have_count(4 * questions)
    assert all(part.is_visible() for part in page.locator(".layer li strong").all())
    assert page.locator(":is(.quiz, .recall, .self-test, .topic-read):visible").count() == 0
    assert page.locator(".quiz-options:visible").count() == len(page.locator(".quiz").all())


@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing_in_any_state(visit, width):
    page = ready(visit(TOPIC, width=width))
    choose(page, right=False)
    quiz(page).get_by_role("button", name="Check").click()
    items = page.locator(".quiz")
    items.nth(1).get_by_role("button", name="I don't know").click()
    choose(page, True, "cors-wildcard-cookies")
    items.nth(2).get_by_role("button", name="Check").click()
    page.get_by_role("button", name="Mark as read").click()
    page.get_by_role("switch").check()
    panels = page.locator(".recall")
    for number in range(4):  # closed, first layer, result asked, result given
        panel = panels.nth(number)
        if number:
            panel.get_by_role("button", name="Sure", exact=True).click()
        for _ in range(3 if number > 1 else 0):
            panel.get_by_role("button", name="Next").click()
        if number == 3:
            panel.get_by_role("button", name="Missed").click()
    page.locator(".follow-up:visible summary").first.click()
    expect(page.locator(".recall p", has_text="Queued")).to_be_visible()
    assert violations_in_both_schemes(page) == {}
    assert page.evaluate("document.documentElement.scrollWidth") == width
    small = page.evaluate("""() => [...document.querySelectorAll(
        ".quiz :is(button, label), .recall button, .self-test label, .topic-read button, summary"
    )].map(each => [each.outerHTML, each.getBoundingClientRect()])
        .filter(([, { width, height }]) => width && height && Math.min(width, height) < 24)
        .map(([html]) => html)""")
    assert small == []


def test_a_page_is_read_once_its_end_was_reached_after_a_while(visit):
    page = ready(visit(TOPIC, script=CLOCK))
    line = page.locator(".topic-read")
    for place, later in (("start", 0), ("end", 5), ("start", 21)):
        page.evaluate(GO, [place, later])
        expect(line.get_by_role("button")).to_have_text("Mark as read")
    page.evaluate(GO, ["end", 21])
    expect(line).to_contain_text(READ)
    assert state(page)["topics"]["cors"]["read"] > 0

    page.reload()
    expect(line).to_contain_text(READ)
    line.get_by_role("button", name="Mark as not read").press("Enter")
    expect(page.locator(".tool-live")).to_have_text("Not read.")
    expect(line.get_by_role("button", name="Mark as read")).to_be_focused()
    assert state(page)["topics"]["cors"]["read"] == 0


def test_without_storage_everything_works_and_says_that_nothing_is_kept(visit):
    page = ready(visit(TOPIC, script=NO_STORAGE))
    quiz(page).get_by_role("button", name="I don't know").click()
    expect(quiz(page).locator(".quiz-result")).to_contain_text("this browser keeps nothing")
    page.get_by_role("button", name="Mark as read").click()
    expect(page.locator(".topic-read")).to_contain_text("this browser keeps nothing")
    page.get_by_role("switch").check()
    expect(page.locator(".answer:visible")).to_have_count(0)


def test_starting_again_on_the_same_page_changes_nothing(visit):
    page = ready(visit(TOPIC, sources=True))
    content = "document.querySelectorAll('article *').length"
    before = page.evaluate(content)
    page.evaluate("""async () => {
        const at = document.querySelector("script[src$='guide.js']").src
        const { start } = await import(new URL("learning/topic.js", at))
        await start(document.querySelector("[data-topic]"), true)
    }""")
    assert page.evaluate(content) == before


def test_without_scripts_the_page_has_all_of_it(built_site):
    page = LexborHTMLParser((built_site.folder / f"{TOPIC[1:]}index.html").read_text("utf-8"))
    items = page.css("ol.quiz-options")
    assert items
    assert len(page.css("details.quiz-answer .quiz-see a")) == len(items)
    assert page.css("article :is(.quiz, .recall, .self-test, .topic-read)") == []
    assert page.css("[hidden] .answer") == []
