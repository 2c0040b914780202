"""Whatever a document is made of: nothing is lost, and its pages are sound and stay as they are."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings

from intake_properties import Laboratory
from mini_project import make_mini_project
from random_documents import documents, leaves, lists, quotes

_SETTINGS = settings(
    derandomize=True,
    deadline=None,
    database=None,
    max_examples=20,
    suppress_health_check=[HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def laboratory(tmp_path_factory: pytest.TempPathFactory) -> Laboratory:
    return Laboratory(make_mini_project(tmp_path_factory.mktemp("mini")).library())


@_SETTINGS
@given(text=documents())
def test_documents_of_all_kinds_of_blocks(laboratory: Laboratory, text: str) -> None:
    laboratory.assert_holds(text)


@_SETTINGS
@given(text=lists(leaves))
def test_lists_that_hold_blocks(laboratory: Laboratory, text: str) -> None:
    laboratory.assert_holds(text)


@_SETTINGS
@given(text=quotes(leaves))
def test_quotations_that_hold_blocks(laboratory: Laboratory, text: str) -> None:
    laboratory.assert_holds(text)
