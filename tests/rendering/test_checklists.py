"""The boxes of a checklist are for the eye; one that is ticked says so."""

from __future__ import annotations

import markdown

from guide.rendering.checklists import with_quiet_boxes


def test_an_empty_box_is_not_announced_and_a_ticked_one_is() -> None:
    html = markdown.markdown("- [ ] Ask\n- [x] Read\n", extensions=["pymdownx.tasklist"])
    quiet = with_quiet_boxes(html)
    assert quiet.count("<input") == 2
    assert quiet.count('aria-hidden="true"') == 1
    assert '<input type="checkbox" disabled checked/>' in quiet
