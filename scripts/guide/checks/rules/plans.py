"""Study plans read what exists, once, in an order that works, and fit into their days."""

from __future__ import annotations

from collections.abc import Iterator

from guide.checks.finding import Finding, Severity
from guide.checks.rule import LibraryRule
from guide.library import Library, did_you_mean
from guide.library.plans import PLANS, Plan
from guide.library.workload import Workload, workloads

SHOWN = 5
"""So many topics that are left out are named."""


def check(library: Library) -> Iterator[Finding]:
    """Report what is wrong with each plan, and topics that the longest one leaves out."""
    ids = [plan.id for plan in library.plans]
    for index, plan in enumerate(library.plans):
        if plan.id in ids[:index]:
            yield _finding(library, (index, "id"), f"the plan `{plan.id}` is listed twice")
        days = _places(index, plan)
        for place, load in zip(days, workloads(library, plan), strict=True):
            yield from _topics(library, plan, place, load)
            yield from _examples(library, plan, place, load)
            yield from _tasks(library, place, load)
            yield from _length(library, plan, place, load)
    yield from _complete(library)


Place = tuple[str | int, ...]


def _places(index: int, plan: Plan) -> Iterator[Place]:
    """Where each day stands in the file."""
    for week, each in enumerate(plan.weeks):
        for day in range(len(each.days)):
            yield (index, "weeks", week, "days", day)


def _topics(library: Library, plan: Plan, place: Place, load: Workload) -> Iterator[Finding]:
    known = library.curriculum.by_slug
    here = load.day.read
    for position, slug in enumerate(here):
        where = (*place, "read", position)
        first = plan.day_of[slug]
        if slug not in known:
            message = f"there is no topic `{slug}`"
            yield _finding(library, where, message, did_you_mean(slug, known))
        elif first < load.number or slug in here[:position]:
            message = f"`{slug}` is read twice"
            hint = f"first on day {first}; its questions come back by themselves"
            yield _finding(library, where, message, hint)
        for needed in sorted(library.curriculum.foundations(slug), key=list(known).index):
            there = plan.day_of.get(needed, 0)
            if there > load.number or needed in here[position + 1 :]:
                message = f"`{slug}` is read before `{needed}`, on which it builds"
                hint = f"`{needed}` comes on day {there}: move one of them"
                yield _finding(library, where, message, hint)


def _examples(library: Library, plan: Plan, place: Place, load: Workload) -> Iterator[Finding]:
    known = {example.folder: example for example in library.examples}
    for position, folder in enumerate(load.day.retype):
        where = (*place, "retype", position)
        example = known.get(folder)
        if example is None:
            message = f"there is no example `{folder}`"
            hint = did_you_mean(folder, known) or "name its folder under docs/"
            yield _finding(library, where, message, hint)
        elif plan.day_of.get(example.about.topic, load.number + 1) > load.number:
            message = f"`{folder}` is typed before its topic `{example.about.topic}` is read"
            yield _finding(library, where, message, "an example comes on the day of its topic")


def _tasks(library: Library, place: Place, load: Workload) -> Iterator[Finding]:
    written = {page.path.removesuffix(".md"): page for page in library.written_pages}
    for position, task in enumerate(load.day.tasks):
        for number, see in enumerate(task.see):
            path, _, anchor = see.partition("#")
            page = written.get(path)
            where = (*place, "tasks", position, "see", number)
            message = f"`{see}` leads nowhere"
            if page is None:
                hint = did_you_mean(path, written) or "write `area/slug` or `area/slug#anchor`"
                yield _finding(library, where, message, hint)
            elif anchor and anchor not in page.ids:
                yield _finding(library, where, message, did_you_mean(anchor, page.ids))


def _length(library: Library, plan: Plan, place: Place, load: Workload) -> Iterator[Finding]:
    if load.minutes > plan.hours * 60:
        message = f"day {load.number} takes {load.minutes} minutes of {plan.hours * 60:.0f}"
        hint = f"{load.reading} of them are reading: move a topic or a task to another day"
        yield _finding(library, place, message, hint)


def _complete(library: Library) -> Iterator[Finding]:
    """The longest plan is the one that promises everything; a topic may be newer than it."""
    longest = max(library.plans, key=lambda plan: len(plan.days), default=None)
    if longest is None:
        return
    missing = [each.slug for each in library.curriculum.topics if each.slug not in longest.day_of]
    if missing:
        named = ", ".join(f"`{slug}`" for slug in missing[:SHOWN])
        more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
        message = f"the longest plan leaves out {named}{more}"
        where = (library.plans.index(longest), "id")
        yield _finding(library, where, message, "it holds every topic of the map", "note")


def _finding(
    library: Library, place: Place, message: str, hint: str = "", severity: Severity = "error"
) -> Finding:
    line, column = library.place(PLANS, *place)
    return Finding(PLANS, line, column, RULE.id, message, hint, severity)


RULE = LibraryRule(
    "plans", "comes in a study plan after what it needs, on a day that has time for it", check
)
