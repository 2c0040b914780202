"""No page asks anyone but the site it belongs to, and none does what its policy forbids.

What every browser test watches (see `refused`), on every page there is: topics are opened one by
one elsewhere (test_every_page), all others here.
"""

from __future__ import annotations

import pytest

from guide.project import load
from support import ROOT

pytestmark = pytest.mark.browser


def test_no_page_asks_anyone_else_and_no_policy_refuses_anything(built_site, chromium, refused):
    topics = {page.path.removesuffix(".md") + "/" for page in load(ROOT).topic_pages}
    files = [file.relative_to(built_site.folder) for file in built_site.folder.rglob("*.html")]
    paths = {file.as_posix().removesuffix("index.html") for file in files}
    asked = []
    with chromium.new_context() as context:
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        for path in sorted(paths - topics):
            page.goto(built_site.at(path), wait_until="domcontentloaded")
            # The first signs of a reader load what waits for them.
            page.mouse.move(200, 200)
            page.keyboard.press("Shift")
    assert topics < paths
    assert len(asked) > len(paths - topics)
    assert [url for url in asked if not url.startswith(built_site.url)] == []
    assert refused == []
