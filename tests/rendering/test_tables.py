"""Tables: in a box that scrolls, cells aligned by class, first cells that are headers of rows."""

from __future__ import annotations

import markdown

from guide.rendering.tables import TableExtension


def render(text: str) -> str:
    html = markdown.markdown(text, extensions=["tables", TableExtension()])
    return "".join(line.strip() for line in html.splitlines())


def test_the_first_cells_are_headers_of_their_rows() -> None:
    html = render("| `Step` | Cost |\n|---|---|\n| **Read** | 1 ms |\n| Write | |\n")
    assert "<tr><th><code>Step</code></th><th>Cost</th></tr>" in html
    assert '<tr><th scope="row"><strong>Read</strong></th><td>1 ms</td></tr>' in html
    assert '<tr><th scope="row">Write</th><td></td></tr>' in html


def test_empty_cells_are_headers_of_nothing() -> None:
    html = render("| | Cost |\n|---|---|\n| Read | 1 ms |\n| | 2 ms |\n")
    assert "<tr><td></td><th>Cost</th></tr>" in html
    assert "<tr><td></td><td>2 ms</td></tr>" in html


def test_in_a_single_column_no_cell_is_the_header_of_others() -> None:
    assert "<tr><td>Read</td></tr>" in render("| Step |\n|---|\n| Read |\n")


def test_cells_are_aligned_by_class_not_by_style() -> None:
    html = render("| Step | Cost |\n|:--|--:|\n| Read | **1** ms |\n")
    assert '<th class="align-left">Step</th><th class="align-right">Cost</th>' in html
    assert '<th class="align-left" scope="row">Read</th>' in html
    assert '<td class="align-right"><strong>1</strong> ms</td>' in html
    assert "style" not in html


def test_a_table_stands_in_a_box_and_has_a_class() -> None:
    html = render("| Step |\n|---|\n| Read |\n")
    assert html.startswith('<div class="table-box"><table class="table"><thead>')
    assert html.endswith("</tbody></table></div>")


def test_a_table_in_html_is_boxed_too_unless_it_has_attributes() -> None:
    plain, marked = (
        "<table><tr><td>a</td></tr></table>",
        '<table id="x"><tr><td>b</td></tr></table>',
    )
    boxed = plain.replace("<table>", '<table class="table">')
    assert render(f"{plain}\n\n{marked}\n") == f'<div class="table-box">{boxed}</div>{marked}'


def test_a_table_in_code_stays_as_it_is() -> None:
    assert render("    <table></table>\n") == (
        "<pre><code>&lt;table&gt;&lt;/table&gt;</code></pre>"
    )
