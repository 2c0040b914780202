"""The study plans: an overview and a page for each, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guide.indexes.area_order import area_order
from guide.indexes.markdown_text import escape, items, link, page, plural
from guide.library import Library
from guide.library.curriculum import Topic
from guide.library.examples import Example
from guide.library.front_matter import LEVELS
from guide.library.plans import Plan, Task, TaskKind
from guide.library.questions import QUESTIONS_HEADING, Question
from guide.library.workload import (
    ANSWER,
    ANSWER_AGAIN,
    DESIGN,
    RETYPE,
    Workload,
    reading_minutes,
    workloads,
)

PATH = "plans/index.md"
_TASKS: dict[TaskKind, str] = {
    "assessment": "Assess yourself",
    "mock": "Mock interview",
    "exercise": "Exercise",
    "build": "Build",
    "stories": "Stories",
}


def plan_pages(library: Library) -> dict[str, str]:
    """The overview and a page for each plan; none without plans."""
    if not library.plans:
        return {}
    return {PATH: _overview(library)} | {
        plan.path: _plan_page(library, plan) for plan in library.plans
    }


def _overview(library: Library) -> str:
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
            _time(round(plan.hours * 60)),
            str(sum(len(each.topics) for each in days) - cases),
            str(cases),
            str(sum(each.questions for each in days)),
            str(_tasks_of(plan, "mock")),
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
            yield f"**{escape(area.title)}**"
            yield items(asked)


def _plan_page(library: Library, plan: Plan) -> str:
    days = list(workloads(library, plan))
    mark = "##" if len(plan.weeks) == 1 else "###"
    blocks = [escape(plan.summary), _totals(plan, days), escape(plan.advice), _legend(plan)]
    waiting = iter(days)
    for number, week in enumerate(plan.weeks, start=1):
        if len(plan.weeks) > 1:
            blocks.append(f"## Week {number}: {escape(week.goal)} {{ #week-{number} }}")
        for day, load in zip(week.days, waiting, strict=False):
            blocks += [
                f"{mark} Day {load.number}: {escape(day.goal)} {{ #day-{load.number} }}",
                _figures(load),
                items(_lines(library, plan, load)),
            ]
    description = f"{plan.title}, day by day, with minutes and questions. {plan.audience}."
    return page(f"Study plan: {plan.title}", description, blocks, searched=True)


def _totals(plan: Plan, days: list[Workload]) -> str:
    topics = sum(len(each.topics) - len(each.cases) for each in days)
    figures = [
        plural(len(days), "day"),
        f"up to {_time(round(plan.hours * 60))} each",
        f"{sum(each.minutes for each in days) / 60:.0f} h in all",
        plural(topics, "topic"),
        plural(sum(len(each.cases) for each in days), "worked case"),
        plural(sum(each.questions for each in days), "question"),
        plural(sum(len(each.examples) for each in days), "example"),
        plural(_tasks_of(plan, "mock"), "mock interview"),
    ]
    return f"**For whom:** {escape(plan.audience)}.\n\n**In figures:** {', '.join(figures)}."


def _legend(plan: Plan) -> str:
    how = link("How the minutes are counted", plan.path, f"{PATH}#minutes")
    mock = link("how a mock interview goes", plan.path, f"{PATH}#mock")
    behind = link("what to drop when you fall behind", plan.path, f"{PATH}#behind")
    return f"{how}, {mock}, {behind}."


def _figures(load: Workload) -> str:
    figures = [_time(load.minutes)]
    if load.topics:
        figures.append(f"{load.reading} min of reading")
        figures.append(plural(load.questions, "question"))
    return ", ".join(figures)


def _lines(library: Library, plan: Plan, load: Workload) -> Iterator[str]:
    for task in load.day.tasks:
        if task.kind == "assessment" and load.number == 1:
            yield _task(library, plan.path, task)
    if load.again:
        yield _again(library, plan.path, load)
    for topic in load.topics:
        yield _topic(library, plan.path, topic)
    yield from (_example(library, plan.path, example) for example in load.examples)
    for task in load.day.tasks:
        if task.kind != "assessment" or load.number > 1:
            yield _task(library, plan.path, task)


def _topic(library: Library, origin: str, topic: Topic) -> str:
    found = library.page_of(topic.slug)
    name = link(topic.title, origin, found.path) if found else f"{escape(topic.title)} (planned)"
    questions = plural(len(topic.questions), "question")
    for section in found.sections if found else ():
        if section.title == QUESTIONS_HEADING:
            questions = link(questions, origin, f"{topic.path}#{section.id}")
    reading = f"{reading_minutes(library, topic)} min"
    aloud = f"then {questions} aloud, {ANSWER * len(topic.questions)} min"
    if topic.is_case:
        return f"**Design, then read:** {name} · {DESIGN} min on paper, {reading}, {aloud}"
    return f"**Read:** {name} · {topic.level} · {reading}, {aloud}"


def _example(library: Library, origin: str, example: Example) -> str:
    home = library.page_of(example.about.topic)
    name = escape(example.about.title)
    if home:
        anchor = "#in-code" if "in-code" in home.ids else ""
        name = link(example.about.title, origin, f"{home.path}{anchor}")
    return f"**Type anew:** {name} · {RETYPE} min"


def _again(library: Library, origin: str, load: Workload) -> str:
    days = [
        f"day {number} ({', '.join(_short(library, origin, topic) for topic in topics)})"
        for number, topics in load.again
    ]
    minutes = ANSWER_AGAIN * load.questions_again
    questions = plural(load.questions_again, "question")
    return f"**Again, from memory:** {'; '.join(days)} · {questions}, {minutes} min"


def _short(library: Library, origin: str, topic: Topic) -> str:
    found = library.page_of(topic.slug)
    title = topic.title.partition(":")[0]
    return link(title, origin, found.path) if found else escape(title)


def _task(library: Library, origin: str, task: Task) -> str:
    places = list(_places(library, origin, task.see))
    if task.kind == "assessment":
        places.append(link("The questions", origin, f"{PATH}#self-assessment"))
    see = f" See {', '.join(places)}." if places else ""
    return f"**{_TASKS[task.kind]}**, {task.minutes} min: {escape(task.do)}{see}"


def _places(library: Library, origin: str, addresses: Iterable[str]) -> Iterator[str]:
    for address in addresses:
        path, mark, anchor = address.partition("#")
        found = library.pages.get(f"{path}.md")
        if found is not None and (not anchor or anchor in found.ids):
            titles = {section.id: section.title for section in found.sections}
            yield link(titles.get(anchor, found.title), origin, f"{found.path}{mark}{anchor}")


def _tasks_of(plan: Plan, kind: TaskKind) -> int:
    return sum(task.kind == kind for day in plan.days for task in day.tasks)


def _time(minutes: int) -> str:
    hours, rest = divmod(minutes, 60)
    parts = [f"{hours} h"] * (hours > 0) + [f"{rest} min"] * (rest > 0)
    return " ".join(parts)
