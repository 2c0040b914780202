"""Mock interviews: drawn by a seed, walked by keyboard, printed for the interviewer, kept."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from playwright.sync_api import expect

from axe import violations_in_both_schemes
from guide.export.study import study_json
from javascript_claims import claims, prove
from support import ROOT, this_guide

CLAIMS = ROOT / "tests" / "learning" / "interview_claims.mjs"
KEY = "guide.study"
SENIOR = "?role=senior&minutes=60&seed=oak"


@pytest.fixture(scope="session")
def study_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the guide offers to learning tools, as the browser loads it."""
    file = tmp_path_factory.mktemp("interview") / "study.json"
    file.write_text(study_json(this_guide()), encoding="utf-8")
    return file


@claims(CLAIMS)
def test_of_mock_interviews(claim: str, study_file: Path) -> None:
    wrong = prove(CLAIMS, study_file)[claim]
    assert wrong is None, wrong


@pytest.fixture
def interview(built_site, chromium):
    """Open the page in a browser profile of its own, whose clock the test may move."""
    contexts = []
    errors: list[str] = []

    def open_page(search="", heading=None, width=1280, **options):
        viewport = {"width": width, "height": 900}
        context = chromium.new_context(viewport=viewport, reduced_motion="reduce", **options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(built_site.at(f"/practice/interview/{search}"))
        expect(page.locator(".interview-title")).to_have_text(
            heading or ("Your session" if search else "Set up a session")
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []


def stored(page):
    return json.loads(page.evaluate(f"localStorage.getItem('{KEY}')"))


def sessions(page):
    return [entry["value"] for entry in stored(page)["sessions"].values() if entry["value"]]


def loaded(page):
    """Wait until the sheet holds all answers."""
    expect(page.locator(".interview-part .layer--criteria").last).to_be_visible()
    expect(page.locator("[aria-busy]")).to_have_count(0)


def title(page):
    return page.locator(".interview-title")


def reveal(page):
    page.keyboard.press("Space")
    expect(page.locator(".layer--followups")).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(".layer--brief")).to_be_focused()


def test_a_session_by_keyboard_from_the_form_to_the_review(interview):
    page = interview()
    page.clock.install()
    page.reload()
    page.get_by_label("Role").focus()
    page.keyboard.type("Senior")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.type("15")
    page.keyboard.press("Tab")
    page.keyboard.type("oak")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("Your session")
    expect(title(page)).to_be_focused()
    assert re.search(r"\?role=senior&minutes=15&seed=oak&draw=[\w.]+&v=1$", page.url)
    expect(page.get_by_label("Address of this session")).to_have_value(page.url)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    # The clock runs, is told at half of the time and a minute before its end, and can stand still.
    expect(title(page)).to_contain_text("Question 1 of 3")
    expect(title(page)).to_be_focused()
    told = page.locator(".tool-live")
    timer = page.get_by_role("timer")
    page.clock.run_for(125_000)
    expect(timer).to_have_text(re.compile(r"^Question 2:\d\d of 4:00\. Session 2:\d\d of 15:00\.$"))
    expect(told).to_have_text("Half of the time for this question is over.")
    page.keyboard.press("p")
    expect(timer).to_contain_text("of 4:00, paused.")
    stands = timer.inner_text()
    page.clock.run_for(500_000)
    expect(timer).to_have_text(stands)
    page.get_by_role("button", name="Go on").press("Enter")
    title(page).focus()
    page.clock.run_for(60_000)
    expect(told).to_have_text("One minute left for this question.")
    page.clock.run_for(60_000)
    expect(timer).to_contain_text("of 4:00, over time.")

    # Too early to rate; then the answer in layers, a rating, a note.
    page.keyboard.press("3")
    assert sessions(page) == []
    reveal(page)
    page.keyboard.press("1")
    expect(page.get_by_role("button", name="Next question")).to_be_focused()
    expect(page.get_by_role("button", name="1 Missed")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Your notes").focus()
    page.keyboard.type("3 things and a P")
    expect(page.get_by_role("button", name="1 Missed")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")

    # Left in the middle: the session waits among those of the past, with its notes.
    expect(title(page)).to_contain_text("Question 2 of 3")
    page.go_back()
    expect(title(page)).to_have_text("Set up a session")
    page.get_by_role("button", name="Continue").press("Enter")
    expect(title(page)).to_contain_text("Question 2 of 3")
    page.get_by_role("button", name="Previous question").press("Enter")
    expect(page.get_by_label("Your notes")).to_have_value("3 things and a P")
    expect(page.get_by_role("button", name="1 Missed")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="Next question").press("Enter")
    for grade in ("2", "4"):
        expect(title(page)).to_be_focused()
        reveal(page)
        page.keyboard.press(grade)
        page.keyboard.press("Enter")

    expect(title(page)).to_have_text("Summary")
    expect(title(page)).to_be_focused()
    rows = page.locator(".tool .table").first.locator("tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("3 things and a P")
    expect(rows.locator("td:last-child")).to_have_text(["Missed", "Partly", "All of it"])
    expect(page.locator(".tool .table").last.locator("tbody tr")).not_to_have_count(0)
    for link in rows.locator("a").evaluate_all("all => all.map(each => each.href)"):
        assert page.request.get(link).status == 200
    page.get_by_role("button", name="Add to review").press("Enter")
    expect(page.get_by_text("2 questions wait for review now.").first).to_be_visible()
    expect(page.locator(".interview-said a")).to_be_focused()
    items = stored(page)["items"]
    assert [items[entry["id"]]["queued"] for entry in sessions(page)[0]["entries"]] == [
        True,
        True,
        False,
    ]
    assert sorted(item["log"][0][1:3] for item in items.values()) == [
        ["interview", 1],
        ["interview", 2],
        ["interview", 4],
    ]

    # The past session: the same questions again, its summary without adding twice, its end.
    page.get_by_role("button", name="Set up another").press("Enter")
    assert "draw=" in page.get_by_role("link", name="Same questions").get_attribute("href")
    assert "draw=" not in page.get_by_role("link", name="New draw").get_attribute("href")
    page.get_by_role("button", name="Summary").press("Enter")
    expect(page.get_by_text("are in your review")).to_be_visible()
    expect(page.get_by_role("button", name="Add to review")).to_have_count(0)
    page.get_by_role("button", name="Set up another").press("Enter")
    page.get_by_role("button", name="Remove").press("Enter")
    expect(title(page)).to_be_focused()
    assert sessions(page) == []


def test_the_interviewer_prints_every_question_with_its_follow_ups_and_criteria(interview):
    page = interview(SENIOR)
    page.get_by_role("button", name="Start").press("Enter")
    asked = []
    for number in (1, 2, 3, 4):
        expect(title(page)).to_contain_text(f"Question {number} of 4")
        asked.append(title(page).inner_text().split("\n")[-1])
        page.get_by_role("button", name="Next question" if number < 4 else "Finish").press("Enter")
    expect(title(page)).to_have_text("Summary")
    assert "sessions" not in (page.evaluate(f"localStorage.getItem('{KEY}')") or "")
    page = interview(f"{SENIOR}&view=interviewer", heading="Interviewer's sheet")
    loaded(page)
    headings = page.locator(".interview-part > h3 a").all_inner_texts()
    assert headings == asked
    deeper = page.locator(".interview-part h4 a").all_inner_texts()
    assert len(deeper) == 2
    page.emulate_media(media="print")
    for part in page.locator(".interview-part:has(.layer)").all():
        expect(part.locator(".layer--brief").first).to_be_visible()
        expect(part.locator(".layer--followups details p, .follow-up").first).to_be_visible()
        expect(part.get_by_role("checkbox").first).to_be_visible()
    expect(page.get_by_text("Red flag").first).to_be_visible()
    expect(page.get_by_role("heading", name="Scoring")).to_be_visible()
    expect(page.get_by_role("heading", name="How it works")).to_be_hidden()
    expect(page.get_by_role("button", name="Print")).to_be_hidden()
    pdf = page.pdf(format="A4", outline=True, tagged=True).decode("latin-1")
    outline = "".join(re.findall(r"/Title \((.*?)\)\n", pdf)).replace(" ", "")
    for question in [*asked, *deeper]:
        assert re.sub(r"[\s()\\]", "", question) in re.sub(r"[()\\]", "", outline), question
    assert len(re.findall(r"/Type /Page\b", pdf)) <= 10


def test_the_sheet_is_printed_only_once_its_answers_are_there(interview):
    page = interview(SENIOR)
    waiting = []
    page.route(re.compile(r"/guide/(?!practice|assets)"), lambda route: waiting.append(route))
    page.get_by_role("link", name="Interviewer's sheet").press("Enter")
    expect(title(page)).to_have_text("Interviewer's sheet")
    page.evaluate("""() => {
        window.print = () => (window.busy = document.querySelectorAll("[aria-busy]"))
    }""")
    page.get_by_role("button", name="Print").press("Enter")
    expect(page.locator(".tool-live")).to_have_text(re.compile("once its answers have loaded"))
    assert page.evaluate("window.busy === undefined")
    page.emulate_media(media="print")
    expect(page.get_by_text("The answer is loading.").first).to_be_hidden()
    page.emulate_media(media="screen")
    for route in waiting:
        route.continue_()
    page.wait_for_function("() => window.busy?.length === 0")


def test_an_address_that_makes_no_sense_is_told_and_replaced_by_defaults(interview):
    page = interview("?role=king&level=<b>x</b>&minutes=1e9&areas=nope&seed=oak&draw=zzz&v=99")
    problems = page.locator(".interview-problems li")
    expect(problems).to_have_count(6)
    expect(problems.nth(1)).to_contain_text('"<b>x</b>"')
    assert page.locator(".tool b").count() == 0
    expect(page.get_by_text("Backend, 30 minutes, 6 questions")).to_be_visible()
    page.get_by_role("button", name="Change").press("Enter")
    expect(title(page)).to_have_text("Set up a session")
    page.get_by_role("button", name="No areas").press("Enter")
    page.get_by_role("button", name="Draw questions").press("Enter")
    expect(page.get_by_text("Choose at least one area.")).to_be_focused()
    page.get_by_label("Caching").check()
    page.get_by_role("button", name="Draw questions").press("Enter")
    expect(title(page)).to_have_text("Your session")
    assert "areas=caching&" in page.url
    page.go_back()
    expect(title(page)).to_have_text("Set up a session")


def test_without_its_answers_a_session_goes_on(interview, built_site):
    page = interview("?seed=oak")
    page.route(re.compile(r"/guide/(?!practice|assets)"), lambda route: route.abort())
    page.get_by_role("button", name="Start").press("Enter")
    page.keyboard.press("Space")
    page.keyboard.press("Space")
    expect(page.get_by_text("The answer did not load")).to_be_visible()
    page.get_by_role("button", name="4 All of it").press("Enter")
    expect(page.get_by_role("button", name="Next question")).to_be_focused()


@pytest.mark.parametrize("width", [320, 1280])
def test_axe_finds_nothing_in_any_view_of_an_interview(interview, width):
    def check():
        assert violations_in_both_schemes(page) == {}
        assert page.evaluate("document.documentElement.scrollWidth") == width

    page = interview("?role=junior", heading="Set up a session", width=width)
    check()
    page.get_by_role("button", name="No areas").press("Enter")
    page.get_by_role("button", name="Draw questions").press("Enter")
    check()
    page.goto(page.url.partition("?")[0] + f"{SENIOR}&level=none")
    expect(title(page)).to_have_text("Your session")
    check()
    page.get_by_role("button", name="Start").press("Enter")
    expect(title(page)).to_be_focused()
    check()
    reveal(page)
    page.get_by_text("More of the answer").click()
    page.keyboard.press("2")
    check()
    for _ in range(3):
        page.get_by_role("button", name="Next question").press("Enter")
    page.get_by_role("button", name="Finish").press("Enter")
    expect(title(page)).to_have_text("Summary")
    check()
    page.get_by_role("button", name="Set up another").press("Enter")
    expect(page.get_by_role("heading", name="Past sessions")).to_be_visible()
    check()
    page.get_by_role("link", name="Same questions").press("Enter")
    page.get_by_role("link", name="Interviewer's sheet").press("Enter")
    loaded(page)
    check()


def test_without_scripts_the_page_says_what_to_do_instead(built_site, chromium):
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(built_site.at("/practice/interview/"))
        expect(page.locator(".tool-waiting")).to_be_visible()
        expect(page.get_by_role("link", name="question index")).to_be_visible()
