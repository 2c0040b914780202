"""What the last run of an example on record found: `verified.json` beside it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import pydantic
from pydantic import ConfigDict

VERIFICATION_FILE = "verified.json"
Verdict = Literal["ran", "compiled"]


class LanguageVerdict(pydantic.BaseModel):
    """One language: what was done with which content, on which engines.

    `content` identifies everything the run depended on; `engines` are names with versions, as
    `Go 1.27.3`; `count` is how many SQL statements, Redis commands or HTTP messages an engine
    took, where those are the program.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    verdict: Verdict
    content: str
    engines: tuple[str, ...]
    count: int | None = None


class Verification(pydantic.BaseModel):
    """The verdict for each language of an example; only `guide examples --update` writes it."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    languages: Mapping[str, LanguageVerdict] = {}

    def to_json(self) -> str:
        """The text of verified.json: the same for the same facts."""
        return self.model_dump_json(indent=2, exclude_none=True) + "\n"
