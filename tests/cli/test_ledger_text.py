"""A document comes into the ledger's files and leaves them; not a character of the rest changes."""

from __future__ import annotations

import pytest
import yaml
from pydantic import TypeAdapter

from guide.library.ledger import Coverage, Document, Unit
from guide.normalizing.ledger_text import LedgerTexts, with_document, without_document
from support import ROOT

BEFORE = LedgerTexts(
    documents="""\
# The documents.
- id: 4
  title: "Old notes"
  description: >-
    Notes
    of old.
  slug: old-notes
""",
    units='# Every unit.\n- {id: s4-q01, kind: question, title: "Old", topics: [methods]}\n',
    coverage="# Where.\n- {unit: s4-q01, at: [http/methods#how-it-works]}\n",
)
DOCUMENT = Document(
    id=5,
    slug="raw-notes",
    title='Raw "notes": a list',
    description="Forty questions on caches and queues # collected by people who asked them of "
    "others, with answers that nobody has reviewed so far.",
    draft=True,
)
UNITS = (
    Unit(id="s5-q01", kind="question", title="What is a cache?", topics=("caching", "methods")),
    Unit(id="s5-q01-code1", kind="code", title="A {map}", lang="c++", parent="s5-q01"),
    Unit(id="s5-q02", kind="list", title="Wörter, 词", topics=("methods",), errata=("E900",)),
)
COVERAGE = (
    Coverage(unit="s5-q01", at=("intake/raw-notes/basics#what-is-a-cache",)),
    Coverage(unit="s5-q02", at=("intake/raw-notes/basics#Ünten", "intake/raw-notes/b#list")),
)


def test_entries_are_written_as_people_write_them() -> None:
    after = with_document(BEFORE, DOCUMENT, UNITS, COVERAGE)

    assert after == LedgerTexts(
        documents=BEFORE.documents
        + """\
- id: 5
  title: "Raw \\"notes\\": a list"
  description: >-
    Forty questions on caches and queues # collected by people who asked them of others,
    with answers that nobody has reviewed so far.
  slug: raw-notes
  draft: true
""",
        units=BEFORE.units
        + """\
- {id: s5-q01, kind: question, title: "What is a cache?", topics: [caching, methods]}
- {id: s5-q01-code1, kind: code, title: "A {map}", lang: "c++", parent: s5-q01, topics: []}
- {id: s5-q02, kind: list, title: "Wörter, 词", topics: [methods], errata: [E900]}
""",
        coverage=BEFORE.coverage
        + """\
- {unit: s5-q01, at: [intake/raw-notes/basics#what-is-a-cache]}
- {unit: s5-q02, at: [intake/raw-notes/basics#Ünten, intake/raw-notes/b#list]}
""",
    )


def test_what_is_written_is_read_back() -> None:
    after = with_document(BEFORE, DOCUMENT, UNITS, COVERAGE)

    assert read(tuple[Document, ...], after.documents)[1:] == (DOCUMENT,)
    assert read(tuple[Unit, ...], after.units)[1:] == UNITS
    assert read(tuple[Coverage, ...], after.coverage)[1:] == COVERAGE


@pytest.mark.parametrize(
    "odd",
    ["a\x07b", "\x7f", "null", "2026-13-45", "- x", "'", "tab\there", "#", "a: b", "日本 \u2028"],
)
def test_odd_titles_and_descriptions_are_read_back(odd: str) -> None:
    document = DOCUMENT.model_copy(update={"title": odd, "description": f"{odd} x"})
    unit = UNITS[0].model_copy(update={"title": odd, "lang": odd, "topics": (odd,)})

    after = with_document(BEFORE, document, [unit], [])

    assert read(tuple[Unit, ...], after.units)[1:] == (unit,)
    (written,) = read(tuple[Document, ...], after.documents)[1:]
    assert (written.title, written.description) == (odd, " ".join(f"{odd} x".split()))


def test_a_document_leaves_with_its_units_and_places() -> None:
    assert without_document(with_document(BEFORE, DOCUMENT, UNITS, COVERAGE), 5) == BEFORE


def test_comments_around_a_document_stay_when_it_leaves() -> None:
    after = with_document(BEFORE, DOCUMENT, UNITS, COVERAGE)

    assert without_document(after, 4) == LedgerTexts(
        documents="# The documents.\n" + after.documents.removeprefix(BEFORE.documents),
        units="# Every unit.\n" + after.units.removeprefix(BEFORE.units),
        coverage="# Where.\n" + after.coverage.removeprefix(BEFORE.coverage),
    )


def test_document_1_leaves_without_document_11() -> None:
    texts = LedgerTexts(
        "- {id: 1}\n- {id: 11}\n", "- {id: s1-a}\n- {id: s11-a}\n", "- {unit: s11-a, at: []}\n"
    )

    assert without_document(texts, 1) == LedgerTexts(
        "- {id: 11}\n", "- {id: s11-a}\n", "- {unit: s11-a, at: []}\n"
    )


def test_a_number_is_given_once() -> None:
    after = with_document(BEFORE, DOCUMENT, UNITS, COVERAGE)

    with pytest.raises(ValueError, match="the ledger has a document 5"):
        with_document(after, DOCUMENT, UNITS, COVERAGE)


def test_an_empty_ledger_takes_a_document() -> None:
    after = with_document(LedgerTexts("", "# Units.\n", ""), DOCUMENT, UNITS, COVERAGE)

    assert read(tuple[Unit, ...], after.units) == UNITS
    assert without_document(after, 5) == LedgerTexts("", "# Units.\n", "")


def test_an_indented_list_stays_one() -> None:
    texts = LedgerTexts("  - {id: 4}\n", "", "")

    after = with_document(texts, DOCUMENT, [], [])

    assert [each["id"] for each in yaml.safe_load(after.documents)] == [4, 5]
    assert without_document(after, 5) == texts


def test_a_list_between_brackets_is_refused() -> None:
    with pytest.raises(ValueError, match="must be a list with one entry a line"):
        with_document(LedgerTexts("", "[]\n", ""), DOCUMENT, UNITS, COVERAGE)


def test_the_ledger_of_this_guide_comes_back_as_it_was() -> None:
    folder = ROOT / "docs" / "sources"
    names = ("documents.yml", "units.yml", "coverage.yml")
    texts = LedgerTexts(*((folder / name).read_text(encoding="utf-8") for name in names))

    after = with_document(texts, DOCUMENT, UNITS, COVERAGE)

    assert after.units.startswith(texts.units)
    assert read(tuple[Unit, ...], after.units)[-3:] == UNITS
    assert without_document(after, 5) == texts


def read(model: object, text: str) -> tuple:
    return TypeAdapter(model).validate_python(yaml.safe_load(text))
