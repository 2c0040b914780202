"""Boxes of checklists and the links of headings to themselves are for the eye."""

from __future__ import annotations

import markdown

from guide.rendering.quiet import quiet


def test_an_empty_box_is_not_announced_and_a_ticked_one_is() -> None:
    html = markdown.markdown("- [ ] Ask\n- [x] Read\n", extensions=["pymdownx.tasklist"])
    heard = quiet(html)
    assert heard.count("<input") == 2
    assert heard.count('aria-hidden="true"') == 1
    assert '<input type="checkbox" disabled checked/>' in heard


def test_the_link_of_a_heading_to_itself_is_no_part_of_its_name_and_no_tab_stop() -> None:
    options = {"toc": {"permalink": True}}
    html = markdown.markdown("## Cost\n", extensions=["toc"], extension_configs=options)
    assert '<a class="headerlink" aria-hidden="true" tabindex="-1" href="#cost"' in quiet(html)
