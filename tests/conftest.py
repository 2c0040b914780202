"""Fixtures that several test packages share."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from mini_project import MiniProject, make_mini_project  # noqa: E402

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture
def project(tmp_path: Path) -> MiniProject:
    """A valid miniature guide."""
    return make_mini_project(tmp_path / "mini")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of this repository."""
    return ROOT


@pytest.fixture
def in_folder() -> Iterator[object]:
    """A function that changes the working folder until the test ends."""
    before = Path.cwd()
    yield os.chdir
    os.chdir(before)


def needs(tool: str | None, name: str) -> None:
    """Skip without `tool` on a laptop, fail in CI."""
    if tool is None:
        reason = f"{name} is not installed"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
