"""What the project allows although a rule forbids it (docs/allowed.yml)."""

from __future__ import annotations

import pydantic
from pydantic import ConfigDict, Field

ALLOWANCES = "docs/allowed.yml"


class Allowance(pydantic.BaseModel):
    """A finding to leave out: its path, its rule and a part of its message, and the reason."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    path: str
    rule: str
    says: str = Field(min_length=3)
    reason: str = Field(min_length=10)
