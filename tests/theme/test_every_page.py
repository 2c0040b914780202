"""Every topic page passes axe, in the scheme and at the width that its turn brings."""

from __future__ import annotations

import pytest

from axe import violations
from guide.project import load
from support import ROOT

pytestmark = pytest.mark.browser

TOPICS = [page.path.removesuffix(".md") for page in load(ROOT).topic_pages]


@pytest.mark.parametrize("number", range(len(TOPICS)), ids=TOPICS)
def test_every_topic_page_passes_axe_and_never_scrolls_sideways(visit, number):
    scheme = ["light", "dark"][number % 2]
    width = [360, 1280][number // 2 % 2]
    page = visit(f"/{TOPICS[number]}/", width=width, color_scheme=scheme)
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
