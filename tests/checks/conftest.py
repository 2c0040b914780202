"""Fixtures for the checks."""

from __future__ import annotations

from pathlib import Path

import pytest

from small_site import SmallSite, make_small_site


@pytest.fixture
def site(tmp_path: Path) -> SmallSite:
    """A small built site without a finding."""
    return make_small_site(tmp_path)
