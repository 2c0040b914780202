"""The overview of the study plans: a comparison, and how to work with any of them."""

from __future__ import annotations

from collections.abc import Iterator

from guide.indexes.area_order import area_order
from guide.indexes.markdown_text import duration, escape, items, link, page
from guide.library import Library
from guide.library.front_matter import LEVELS
from guide.library.questions import Question
from guide.library.workload import ANSWER, ANSWER_AGAIN, DESIGN, RETYPE, workloads

PATH = "plans/index.md"


def plan_overview(library: Library) -> str:
    """All plans side by side, how a day is counted and spent, and the questions to start with."""
    blocks = [
        "Take the plan that fits the days you have. Each reads topics in an order in which nothing "
        "needs what comes later, brings questions back after some days, and ends with mock "
        "interviews.",
        _comparison(library),
        items(f"**{escape(plan.title)}:** {escape(plan.audience)}." for plan in library.plans),
        "## How a day is counted { #minutes }",
        "A day never takes longer than its plan says. Its minutes are the sum of:",
        items(_formula()),
        "The figures follow the pages: when a page grows, the plans are checked again.",
        "## How to answer aloud { #aloud }",
        "Read the question, look away, speak for thirty seconds, then go on until you have nothing "
        "left to say. Only then open *Listen for* and count what you said of each **Must**. Mark "
        "what you missed: those questions come first when the day returns. Reading an answer "
        "again feels like knowing it. Saying it without the page is knowing it.",
        "## How a mock interview goes { #mock }",
        "Somebody else asks, from the page, with its follow-ups; alone, draw ten questions blind "
        "and record yourself. The clock runs, nothing is looked up, and a design is drawn where "
        "you will draw it: on a board, or in the tool of the interview. Afterwards write three "
        "lines: what you did not know, what you knew and said badly, what you will say next time.",
        "## When you fall behind { #behind }",
        "Drop examples first, then advanced topics, then reading; keep the questions that come "
        "back and the mock interviews. Never do two days in one: what was read on the second is "
        "gone by the third.",
        "## Assess yourself { #self-assessment }",
        "The same questions at the start and at the end, a minute each, aloud and without the "
        "page. Give 0 for silence, 1 for the words without the mechanism, 2 for the 30-second "
        "answer, 3 for an answer that also survives the follow-ups. An area where you reach half "
        "of the points or less is where your extra hours go.",
        *_assessment(library),
    ]
    order = area_order(library.curriculum)
    if order:
        blocks += ["## The order of the areas { #order }", *order]
    description = "Plans for a week, a month and three months, in the order of prerequisites."
    return page("Study plans", description, blocks, searched=True)


def _comparison(library: Library) -> str:
    rows = [
        "| Plan | Days | A day | Topics | Cases | Questions | Mock interviews | In all |",
        "| --- | --: | --: | --: | --: | --: | --: | --: |",
    ]
    for plan in library.plans:
        days = list(workloads(library, plan))
        cases = sum(len(each.cases) for each in days)
        cells = [
            link(plan.title, PATH, plan.path),
            str(len(days)),
            duration(round(plan.hours * 60)),
            str(sum(len(each.topics) for each in days) - cases),
            str(cases),
            str(sum(each.questions for each in days)),
            str(plan.count("mock")),
            f"{sum(each.minutes for each in days) / 60:.0f} h",
        ]
        rows.append(f"| {' | '.join(cells)} |")
    return "\n".join(rows)


def _formula() -> list[str]:
    return [
        "**Reading:** the words of the page, at 200 a minute",
        f"**Questions of the day:** {ANSWER} min each: thirty seconds aloud, some depth, and a "
        "look at what an interviewer listens for",
        f"**Questions that come back:** {ANSWER_AGAIN} min each, from memory",
        f"**Worked cases:** {DESIGN} min to design it on paper first, the clock running",
        f"**Examples:** {RETYPE} min to type it anew without copying, run it, and change one thing "
        "after saying aloud what will happen",
        "**Exercises and mock interviews:** as stated",
    ]


def _assessment(library: Library) -> Iterator[str]:
    """For each area a question of each level, from the middle of those that it has."""
    for area in library.curriculum.areas:
        asked: list[str] = []
        for level in LEVELS:
            found: list[tuple[str, Question]] = [
                (each.path, question)
                for topic in library.curriculum.by_area[area.id]
                if not topic.is_case and (each := library.page_of(topic.slug))
                for question in each.questions
                if question.level == level
            ]
            if found:
                path, question = found[len(found) // 2]
                asked.append(link(question.text, PATH, f"{path}#{question.id}"))
        if asked:
            yield f"### {escape(area.title)} {{ #assess-{area.id} }}"
            yield items(asked)
