"""The map of the guide: areas and topics, written or planned (docs/topics.yml)."""

from __future__ import annotations

from functools import cached_property

import pydantic
from pydantic import ConfigDict

from guide.library.anatomy import is_case
from guide.library.front_matter import Level


class _Model(pydantic.BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Area(_Model):
    """A folder of topics."""

    id: str
    title: str
    summary: str
    intro: str


class Topic(_Model):
    """One canonical page, written or still planned; a worked case is one, too."""

    slug: str
    area: str
    title: str
    level: Level
    summary: str
    prerequisites: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    questions: tuple[str, ...]

    @property
    def path(self) -> str:
        """Path of the topic's page relative to docs/."""
        return f"{self.area}/{self.slug}.md"

    @property
    def is_case(self) -> bool:
        """Whether its page is a worked system-design case."""
        return is_case(self.slug)


class Curriculum(_Model):
    """All areas and topics in reading order."""

    areas: tuple[Area, ...] = ()
    topics: tuple[Topic, ...] = ()

    @cached_property
    def by_slug(self) -> dict[str, Topic]:
        """Topics by slug."""
        return {topic.slug: topic for topic in self.topics}

    @cached_property
    def by_area(self) -> dict[str, tuple[Topic, ...]]:
        """Topics of each area, in reading order; every area has an entry."""
        return {
            area.id: tuple(topic for topic in self.topics if topic.area == area.id)
            for area in self.areas
        }

    def area(self, area_id: str) -> Area | None:
        """Return the area with this id, if there is one."""
        return next((area for area in self.areas if area.id == area_id), None)

    def foundations(self, slug: str) -> frozenset[str]:
        """Return all topics that `slug` builds on, also by way of others."""
        found: set[str] = set()
        waiting = [slug]
        while waiting:
            topic = self.by_slug.get(waiting.pop())
            needed = set(topic.prerequisites if topic else ()) & self.by_slug.keys()
            waiting += needed - found
            found |= needed
        return frozenset(found - {slug})
