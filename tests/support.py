"""What tests share that is no fixture."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


def needs(tool: str | None, name: str) -> None:
    """Skip without `tool` on a laptop, fail in CI."""
    if tool is None:
        reason = f"{name} is not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
