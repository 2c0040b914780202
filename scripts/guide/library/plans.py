"""Study plans (docs/plans.yml): which topic on which day, and what to practice with it."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Literal

import pydantic
from pydantic import ConfigDict, Field

PLANS = "docs/plans.yml"
TaskKind = Literal["assessment", "mock", "exercise", "build", "stories"]
"""What a day asks for beside topics; `build` goes on with a project over several days."""


class _Model(pydantic.BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Task(_Model):
    """Something to do; `see` are places (`area/slug` or `area/slug#anchor`) that help with it."""

    kind: TaskKind
    minutes: int = Field(ge=5, le=180)
    do: str
    see: tuple[str, ...] = ()


class Day(_Model):
    """A day of study: topics to read, examples (their folders) to type anew, and tasks.

    A worked case among the topics is designed before it is read.
    """

    goal: str
    read: tuple[str, ...] = ()
    retype: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()


class Week(_Model):
    """Some days under one goal."""

    goal: str
    days: tuple[Day, ...] = Field(min_length=1)


class Plan(_Model):
    """A plan: who it is for, the time a day has, and its weeks.

    The questions of each day come back after as many days of the plan as `again` says.
    """

    id: str = Field(pattern=r"^[a-z][a-z-]*$")
    title: str
    summary: str
    audience: str
    advice: str
    hours: float = Field(gt=0, le=12)
    again: tuple[Annotated[int, Field(ge=1)], ...] = ()
    weeks: tuple[Week, ...] = Field(min_length=1)

    @pydantic.field_validator("id")
    @classmethod
    def _has_an_address(cls, name: str) -> str:
        if name == "index":
            raise ValueError("this is the address of the overview")
        return name

    @property
    def path(self) -> str:
        """Path of the plan's page relative to docs/."""
        return f"plans/{self.id}.md"

    @cached_property
    def days(self) -> tuple[Day, ...]:
        """All days in order."""
        return tuple(day for week in self.weeks for day in week.days)

    @cached_property
    def day_of(self) -> dict[str, int]:
        """On which day, counted from 1, each topic is read first."""
        found: dict[str, int] = {}
        for number, day in enumerate(self.days, start=1):
            for slug in day.read:
                found.setdefault(slug, number)
        return found

    def count(self, kind: TaskKind) -> int:
        """How many tasks of `kind` its days have."""
        return sum(task.kind == kind for day in self.days for task in day.tasks)
