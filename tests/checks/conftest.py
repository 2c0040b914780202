"""Fixtures for the checks."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from in_process import guide
from mini_project import MiniProject, make_mini_project
from small_site import SmallSite, make_small_site


@pytest.fixture(scope="session")
def checked_once(tmp_path_factory: pytest.TempPathFactory) -> MiniProject:
    """A miniature guide that the checks have seen; for `project`, which is a copy of it."""
    project = make_mini_project(tmp_path_factory.mktemp("checked") / "mini")
    assert guide(project.root, "check").returncode == 0
    return project


@pytest.fixture
def project(checked_once: MiniProject, tmp_path: Path) -> MiniProject:
    """A valid miniature guide; what a test leaves as it is need not be checked again."""
    return MiniProject(shutil.copytree(checked_once.root, tmp_path / "mini"))


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    """A small built site without a finding."""
    return make_small_site(tmp_path)
