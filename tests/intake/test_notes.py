"""Footnotes become a section of notes at the end, and references links to them."""

from __future__ import annotations

from guide.intake.markup.notes import notes, notes_for, notes_section, reference_changes
from guide.intake.reading.markdown import parse, render
from guide.intake.shape.outline import outline
from intake_documents import changes, document, output


def test_references_become_links_to_numbered_notes() -> None:
    text = "# T\n\na[^x] and b [^1].\n\n[^1]: One.\n\n    More.\n\n[^x]: Other *x*.\n\n## Part"

    assert output(notes, text) == (
        "# T\n\na [note 1](#note-1) and b [note 2](#note-2).\n\n## Part\n\n## Notes\n\n"
        "### Note 1 { #note-1 }\n\nOther *x*.\n\n### Note 2 { #note-2 }\n\nOne.\n\nMore."
    )


def test_a_note_used_twice_is_one_note() -> None:
    text = "a[^1]\n\n- b[^1]\n\n[^1]: One."

    assert output(notes, text) == (
        "a [note 1](#note-1)\n\n- b [note 1](#note-1)\n\n## Notes\n\n### Note 1 { #note-1 }\n\nOne."
    )


def test_notes_inside_the_line_and_in_notes_are_numbered_too() -> None:
    text = "a^[in *line*[^2]]\n\n[^2]: Two[^3].\n[^3]: Three."

    assert output(notes, text) == (
        "a [note 1](#note-1)\n\n## Notes\n\n### Note 1 { #note-1 }\n\n"
        "in *line* [note 2](#note-2)\n\n### Note 2 { #note-2 }\n\nTwo [note 3](#note-3).\n\n"
        "### Note 3 { #note-3 }\n\nThree."
    )


def test_a_reference_without_a_note_stays_as_text() -> None:
    assert output(notes, "a [^no] b") == "a \\[^no\\] b"
    [change] = changes(notes, "a [^no] b")
    assert (change.kind, change.message) == ("flagged", "`[^no]` names no note: left as text")


def test_a_note_that_nothing_names_is_kept_and_flagged() -> None:
    text = "a[^1]\n\n[^un]: Unused.\n\n[^1]: One.\n\n[^1]: Again."

    assert output(notes, text).endswith(
        "### Note 1 { #note-1 }\n\nOne.\n\n### Note 2 { #note-2 }\n\nUnused.\n\n"
        "### Note 3 { #note-3 }\n\nAgain."
    )
    flagged = [change for change in changes(notes, text) if change.kind == "flagged"]
    assert [(change.line, change.before) for change in flagged] == [(3, "[^un]:"), (7, "[^1]:")]


def test_a_document_with_a_section_of_notes_gets_another() -> None:
    assert "## Notes to the text" in output(notes, "## Notes\n\na^[b]")


def test_a_document_without_footnotes_stays() -> None:
    before = document("# A\n\n[a](#b) c")
    assert notes(before).blocks == before.blocks


def test_a_page_takes_the_notes_that_it_names() -> None:
    text = "# T\n\n## A\n\na[^1]\n\n## B\n\nb[^2]\n\n[^1]: One[^3].\n[^2]: Two.\n[^3]: Three."
    root = outline(notes(document(text))).root
    section = notes_section(root)
    assert section is not None
    first, second, _ = root.sections[0].sections

    kept = [notes_for(each, section) for each in (first, second)]

    assert [[note.id for note in each.sections] for each in kept if each] == [
        ["note-1", "note-3"],
        ["note-2"],
    ]


def test_a_page_that_names_no_note_takes_none() -> None:
    root = outline(notes(document("# T\n\n## A\n\na\n\n## B\n\nb^[c]"))).root
    section = notes_section(root)
    assert section is not None
    assert notes_for(root.sections[0].sections[0], section) is None


def test_reference_definitions_are_accounted_for() -> None:
    text = "[a][r]\n\n[r]: http://x.com\n[Un]: http://un.com 'T'\n[r]: http://dup.com\n"

    found = reference_changes(document(text), parse(text).definitions)

    assert [(change.kind, change.line, change.before) for change in found] == [
        ("changed", 3, "[r]: http://x.com"),
        ("removed", 4, "[Un]: http://un.com 'T'"),
        ("removed", 5, "[r]: http://dup.com"),
    ]
    assert render(document(text).blocks) == "[a](http://x.com)"
