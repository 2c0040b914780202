"""The study plans: a page for each, day by day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from guide.indexes.markdown_text import (
    duration,
    escape,
    items,
    link,
    named_link,
    page,
    plural,
)
from guide.indexes.plan_overview import PATH, plan_overview
from guide.library import Library
from guide.library.curriculum import Topic
from guide.library.examples import Example
from guide.library.plans import Plan, Task, TaskKind
from guide.library.questions import QUESTIONS_HEADING
from guide.library.workload import (
    ANSWER,
    ANSWER_AGAIN,
    DESIGN,
    RETYPE,
    Workload,
    reading_minutes,
    workloads,
)

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
    return {PATH: plan_overview(library)} | {
        plan.path: _plan_page(library, plan) for plan in library.plans
    }


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
        f"up to {duration(round(plan.hours * 60))} each",
        f"{sum(each.minutes for each in days) / 60:.0f} h in all",
        plural(topics, "topic"),
        plural(sum(len(each.cases) for each in days), "worked case"),
        plural(sum(each.questions for each in days), "question"),
        plural(sum(len(each.examples) for each in days), "example"),
        plural(plan.count("mock"), "mock interview"),
    ]
    return f"**For whom:** {escape(plan.audience)}.\n\n**In figures:** {', '.join(figures)}."


def _legend(plan: Plan) -> str:
    how = link("How the minutes are counted", plan.path, f"{PATH}#minutes")
    mock = link("how a mock interview goes", plan.path, f"{PATH}#mock")
    behind = link("what to drop when you fall behind", plan.path, f"{PATH}#behind")
    return f"{how}, {mock}, {behind}."


def _figures(load: Workload) -> str:
    figures = [duration(load.minutes)]
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
            target = f"{topic.path}#{section.id}"
            questions = named_link(questions, topic.title, origin, target)
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
