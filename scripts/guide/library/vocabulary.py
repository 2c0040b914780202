"""The closed list of tags (docs/tags.yml) and the glossary (docs/glossary.yml)."""

from __future__ import annotations

import pydantic
from pydantic import ConfigDict


class _Model(pydantic.BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class Tag(_Model):
    """A tag that pages may carry."""

    id: str
    title: str
    description: str


class Term(_Model):
    """A glossary term; `topic` is the slug of the page that is its home."""

    term: str
    definition: str
    topic: str
    aliases: tuple[str, ...] = ()
