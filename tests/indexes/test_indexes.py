"""Indexes are computed from the library and never forget anything."""

from __future__ import annotations

import re

from guide import indexes
from mini_project import MiniProject


def generated(project: MiniProject) -> dict[str, str]:
    return indexes.generate(project.library())


def test_every_index_has_its_page(project: MiniProject) -> None:
    assert set(generated(project)) == {
        "about/errata/index.md",
        "about/errata/old-notes.md",
        "about/examples.md",
        "code.md",
        "diagrams/http.md",
        "diagrams/index.md",
        "glossary.md",
        "http/index.md",
        "questions.md",
        "sources/index.md",
        "sources/old-notes.md",
        "topics/a-z.md",
        "topics/by-level.md",
        "topics/by-tag.md",
        "topics/index.md",
    }


def test_the_area_page_tells_written_from_planned(project: MiniProject) -> None:
    page = generated(project)["http/index.md"]

    written, planned = page.split("## Planned")
    heading = "### [HTTP methods](methods.md){ .topic-link } { #methods }"
    assert f"{heading}\n\ncore · 1 min · 1 question" in written
    assert "### HTTP caching { #caching }\n\nadvanced · 1 question" in planned
    assert "- What does no-store mean?" in planned


def test_topics_by_area_link_written_topics_only(project: MiniProject) -> None:
    page = generated(project)["topics/index.md"]

    link = "[HTTP methods](../http/methods.md){ .topic-link }"
    assert f"- {link} · core · 1 min. What the methods mean." in page
    assert "- HTTP caching · advanced · planned. Who may keep a copy." in page


def test_aliases_lead_to_their_topic(project: MiniProject) -> None:
    page = generated(project)["topics/a-z.md"]

    assert "- verbs: see [HTTP methods](../http/methods.md)" in page


def test_planned_topics_are_announced_only_where_there_are_any(project: MiniProject) -> None:
    before = generated(project)["topics/index.md"]
    project.write("docs/http/caching.md", project.read("docs/http/methods.md"))
    after = generated(project)["topics/index.md"]

    assert "Planned topics" in before
    assert "Planned topics" not in after


def test_terms_of_the_glossary_stand_under_their_initials(project: MiniProject) -> None:
    project.write(
        "docs/glossary.yml",
        "- {term: Safe, definition: Asks for no change., topic: methods}\n"
        "- {term: 2PC, definition: Two phases., topic: methods}\n"
        "- {term: safety, definition: Nothing bad., topic: methods}\n",
    )

    page = generated(project)["glossary.md"]

    found = re.findall(r"^.* \{ #(.*) \}$", page, re.MULTILINE)
    assert found == ["letter-0-9", "term-2pc", "letter-s", "term-safe", "term-safety"]


def test_questions_link_to_their_answers(project: MiniProject) -> None:
    page = generated(project)["questions.md"]

    assert "- [Which methods are safe?](http/methods.md#methods-safe) · core" in page
    assert "1 question answered, 1 more planned" in page


def test_the_gallery_redraws_the_diagram_and_leads_to_its_place(project: MiniProject) -> None:
    page = generated(project)["diagrams/http.md"]

    assert "accTitle: From client to server" in page
    name = "See it in its place: From client to server"
    link = f'[See it in its place](../http/methods.md#how-it-works){{ aria-label="{name}" }}'
    assert link in page


def test_examples_are_listed_by_language(project: MiniProject) -> None:
    page = generated(project)["code.md"]

    assert "[A greeting](http/methods.md): It prints." in page
    link = '[A greeting](http/code/greeting/example.py){ aria-label="A greeting: Python" }'
    line = f"- {link} · ran on Python 3.14.0\n"
    assert f"## Python {{ #python }}\n\n{line}" in page


def test_what_an_example_ran_on_is_told_in_one_list(project: MiniProject) -> None:
    record = next(project.root.joinpath("docs/http/code/greeting").glob("*.json"))
    engines = '"Python 3.14.0"', '"Python 3.14.0", "Redis 8", "MySQL 9"'
    assert project.replace(str(record.relative_to(project.root)), *engines)

    page = generated(project)["code.md"]

    assert "ran on Python 3.14.0 with Redis 8, MySQL 9\n" in page


def test_an_example_leads_to_the_page_that_shows_it(project: MiniProject) -> None:
    shown = '--8<-- "http/code/greeting/example.py:show"'
    project.replace("docs/http/methods.md", shown, 'print("hello")')
    project.write("docs/practice/steps.md", f"# Steps\n\n```python\n{shown}\n```\n")

    page = generated(project)["code.md"]

    assert "[A greeting](practice/steps.md): It prints." in page


def test_an_example_that_changed_is_listed_as_not_run(project: MiniProject) -> None:
    project.replace("docs/http/code/greeting/example.py", "hello", "hullo")

    page = generated(project)["code.md"]

    assert '{ aria-label="A greeting: Python" } · not run\n' in page


def test_figures_about_examples_are_counted_from_their_records(project: MiniProject) -> None:
    before = generated(project)["about/examples.md"]
    project.replace("docs/http/code/greeting/expected.txt", "hello", "hullo")
    after = generated(project)["about/examples.md"]

    assert "| Python | 1 | 0 | 0 | Python 3.14.0 |" in before
    assert "| Python | 0 | 0 | 1 |  |" in after
    assert "All 1 HTTP block on pages" in before


def test_an_example_ahead_of_its_page_is_shown_where_its_topic_is_planned(
    project: MiniProject,
) -> None:
    project.replace("docs/http/code/greeting/example.yml", "topic: methods", "topic: caching")

    area = generated(project)["http/index.md"]

    planned = area.index("### HTTP caching { #caching }")
    assert area.index("**A greeting.** It prints.") > planned
    assert (
        "/// tab | Python\n\n"
        '``` { .python title="example.py" }\n'
        '--8<-- "http/code/greeting/example.py:show"\n'
        "```\n\n///"
    ) in area


def test_a_source_page_says_what_is_covered_and_what_is_open(project: MiniProject) -> None:
    page = generated(project)["sources/old-notes.md"]

    assert "2 units, 1 covered, 1 open" in page
    assert (
        "- The methods · question: [How it works](../http/methods.md#how-it-works)"
        " in [HTTP methods](../http/methods.md)"
        " (corrected: [E001](../about/errata/old-notes.md#e001))"
    ) in page
    assert "- Caching · question: open, planned on HTTP caching" in page


def test_errata_say_where_they_are_corrected(project: MiniProject) -> None:
    page = generated(project)["about/errata/old-notes.md"]

    assert "- Said: POST creates.\n- Right: POST acts." in page
    assert "Corrected on [HTTP methods](../../http/methods.md#pitfalls)." in page


def test_special_characters_in_data_stay_text(project: MiniProject) -> None:
    project.replace("docs/topics.yml", "title: HTTP caching", "title: 'Caching [*all*] <b>'")

    assert r"### Caching \[\*all\*\] \<b\> { #caching }" in generated(project)["http/index.md"]


def test_generation_is_a_pure_function_of_the_library(project: MiniProject) -> None:
    assert generated(project) == generated(project)


def test_figures_count_what_is_there(project: MiniProject) -> None:
    figures = indexes.figures(project.library())

    assert (figures.topics_written, figures.topics_planned) == (1, 1)
    assert (figures.areas_complete, figures.areas_total) == (0, 1)
    assert (figures.units_covered, figures.units_total) == (1, 2)
    assert (figures.questions, figures.diagrams, figures.examples) == (1, 1, 1)
    assert (figures.errata_corrected, figures.errata_total) == (1, 1)
