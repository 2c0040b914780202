"""Units of a study document find the topics of the guide that they belong to."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from guide.intake.model import UnitText
from guide.intake.relating.relating import Relater
from guide.intake.relating.relations import Relation
from guide.library import Library
from guide.library.ledger import Ledger
from mini_project import MiniProject
from source_documents import read_source_documents
from support import this_guide

OWN_QUESTIONS = Path(__file__).with_name("relating.yml")


@pytest.fixture(scope="module")
def library() -> Library:
    return this_guide()


@pytest.fixture(scope="module")
def relater(library: Library) -> Relater:
    return Relater(library)


def question(title: str, text: str = "", name: str = "q") -> UnitText:
    return UnitText(name, "question", title, text, None)


def first_homes(relations: Sequence[Relation]) -> list[str]:
    return [each.homes[0].topic if each.homes else "" for each in relations]


def test_questions_in_other_words_find_their_topic_and_doubt_is_said(relater: Relater) -> None:
    rows = yaml.safe_load(OWN_QUESTIONS.read_text(encoding="utf-8"))
    found = [relater.relate([question(row["asks"])])[0] for row in rows]
    wrong = [
        f"{row['asks']} -> {topic}{', sure' if each.sure else ''}; expected {row['home']}"
        for row, each, topic in zip(rows, found, first_homes(found), strict=True)
        if topic != row["home"]
    ]
    assert len(rows) >= 100
    assert len(wrong) <= 0.15 * len(rows), "\n".join(wrong)
    assert sum(", sure; " in each for each in wrong) <= len(wrong) / 2, "\n".join(wrong)


def test_main_homes_of_the_five_documents_are_those_of_the_ledger(
    relater: Relater, request: pytest.FixtureRequest
) -> None:
    folder = request.config.getoption("--sources")
    if folder is None:
        pytest.skip("without --sources there are no documents to relate")
    right, sure, sure_and_right, disagreements = 0, 0, 0, []
    documents = read_source_documents(folder)
    for document in documents:
        relations = relater.relate(document.units)
        for relation, topic in zip(relations, first_homes(relations), strict=True):
            agrees = topic == document.homes[relation.unit]
            right += agrees
            sure += relation.sure
            sure_and_right += relation.sure and agrees
            if not agrees:
                doubt = "" if relation.sure else " (unsure)"
                expected = document.homes[relation.unit]
                disagreements.append(f"{relation.unit}: {topic}{doubt}, in the ledger {expected}")
    total = sum(len(document.units) for document in documents)
    print(
        f"{right} of {total} right; {sure_and_right} of {sure} sure ones", *disagreements, sep="\n"
    )
    assert total > 500
    assert right >= 0.85 * total, "\n".join(disagreements)
    assert sure_and_right >= 0.92 * sure, "\n".join(disagreements)
    assert sure >= 0.75 * total, "unsure of too many to be of use"


def test_the_ledger_of_the_source_documents_is_no_evidence(
    library: Library, relater: Relater
) -> None:
    units = [question("Explain rate limiting", name="a"), question("What is a JWT?", name="b")]
    without = Relater(dataclasses.replace(library, ledger=Ledger()))
    assert without.relate(units) == relater.relate(units)


def test_homes_come_best_first_with_places_that_exist(library: Library, relater: Relater) -> None:
    units = [
        question("How do you choose a shard key?", "Consistent hashing moves few keys.", "a"),
        question("What is the difference between ETag and Last-Modified?", "", "b"),
        question("Explain HTTP methods", "GET, POST, PUT, PATCH and DELETE", "c"),
    ]
    for relation in relater.relate(units):
        scores = [home.score for home in relation.homes]
        assert 1 <= len(scores) <= 5
        assert scores == sorted(scores, reverse=True)
        assert 0 < scores[-1] <= scores[0] <= 1
        for home in relation.homes:
            page, _, anchor = home.place.partition("#")
            assert page.rpartition("/")[2] == home.topic
            assert anchor in library.pages[f"{page}.md"].ids


def test_the_place_is_the_part_of_the_page_that_treats_it(relater: Relater) -> None:
    (relation,) = relater.relate([question("What does the CAP theorem say?")])
    assert relation.homes[0].place == "architecture/consistency-models#what-cap-says"


# What stands around a unit


@pytest.mark.parametrize(
    ("kind", "title", "text"),
    [
        ("code", "", "const a = await load(id);\nreturn a ?? null;"),
        ("code", "Example", "func main() {}"),
        ("list", "Benefits", "- Simple\n- Fast"),
        ("list", "Functions", "- Rate limiting\n- Authentication\n- Caching"),
        ("table", "", "| Kind | Use |\n|---|---|\n| A | B |"),
        ("diagram", "", "graph TB\n  A --> B"),
    ],
)
def test_content_without_a_subject_belongs_where_its_question_does(
    relater: Relater, kind: str, title: str, text: str
) -> None:
    part = UnitText("part", kind, title, text, "q")  # type: ignore[arg-type]
    units = [question("Explain the API gateway pattern"), part]
    assert first_homes(relater.relate(units)) == ["api-gateway-and-bff"] * 2


def test_code_and_sections_with_a_subject_of_their_own_leave_their_question(
    relater: Relater,
) -> None:
    units = [
        question("Explain API security vulnerabilities"),
        UnitText("code", "code", "CSRF (Cross-Site Request Forgery)", "csurf({})", "q"),
        UnitText("section", "section", "SQL injection", "Use prepared statements.", "q"),
    ]
    assert first_homes(relater.relate(units))[1:] == ["csrf", "injection"]


def test_bullets_of_an_outline_have_their_own_homes_and_their_heading_is_unsure(
    relater: Relater,
) -> None:
    bullets = {
        "Containerization": ("Docker images, multi-stage builds", "containers"),
        "CI/CD pipelines": ("Automated builds and tests", "ci-cd"),
        "Infrastructure as Code": ("Terraform, provisioning", "cloud-and-infrastructure-as-code"),
        "Feature flags": ("Gradual rollout, experiments", "feature-flags-and-experiments"),
    }
    units = [UnitText("s", "section", "7. DevOps & Deployment", "", None)]
    units += [UnitText(title, "bullet", title, text, "s") for title, (text, _) in bullets.items()]
    relations = relater.relate(units)
    assert first_homes(relations)[1:] == [home for _, home in bullets.values()]
    assert not relations[0].sure


@pytest.mark.parametrize(
    "title",
    ["Table of Contents", "Beginner Level", "Backend Interview Questions", "Learning Resources"],
)
def test_parts_of_a_document_about_itself_belong_to_the_page_on_preparing(
    relater: Relater, title: str
) -> None:
    unit = UnitText("s", "section", title, "", None)
    assert first_homes(relater.relate([unit])) == ["backend-role-and-preparation"]


def test_questions_under_a_heading_for_their_level_have_their_own_homes(relater: Relater) -> None:
    units = [
        UnitText("s", "section", "Beginner Level", "", None),
        UnitText("q", "question", "1. What is CORS?", "", "s"),
    ]
    assert first_homes(relater.relate(units)) == ["backend-role-and-preparation", "cors"]


def test_a_list_of_skills_with_a_heading_is_not_about_skills(relater: Relater) -> None:
    units = [
        UnitText("s", "section", "Core Skills", "", None),
        UnitText("l", "list", "Databases", "- SQL (PostgreSQL)\n- NoSQL (MongoDB, Redis)", "s"),
    ]
    assert first_homes(relater.relate(units))[1] == "sql-vs-nosql"


def test_tools_in_a_chapter_on_a_subject_are_tools_for_it(relater: Relater) -> None:
    units = [
        UnitText("s", "section", "4. Caching", "", None),
        UnitText("t", "section", "Tools", "Redis, Memcached", "s"),
    ]
    assert first_homes(relater.relate(units))[1] == "caching-strategies"


# Other languages, and texts that nobody meant


def test_technical_terms_in_a_chinese_question_are_understood(relater: Relater) -> None:
    (relation,) = relater.relate([question("什么是 JWT？它由哪些部分组成？")])
    assert relation.homes[0].topic == "jwt"


def test_text_without_a_known_word_has_no_home_and_is_not_sure(relater: Relater) -> None:
    (relation,) = relater.relate([question("什么是缓存？", "缓存可以提高性能。")])
    assert relation == Relation("q", (), sure=False, duplicate_of=(), known_at=())


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.builds(
            UnitText,
            st.sampled_from("abcde"),
            st.sampled_from(["question", "section", "bullet", "code", "table", "list", "diagram"]),
            st.text(max_size=40),
            st.text(max_size=200),
            st.none() | st.sampled_from("abcdef"),
        ),
        max_size=5,
        unique_by=lambda unit: unit.id,
    )
)
def test_any_units_are_related_in_their_order(relater: Relater, units: list[UnitText]) -> None:
    assert [each.unit for each in relater.relate(units)] == [unit.id for unit in units]


def test_hostile_texts_are_read_in_time(relater: Relater) -> None:
    text = "[" * 200_000 + "{ #" * 50_000 + "<a" * 50_000
    started = time.process_time()
    relater.relate([UnitText("a", "section", text, text, None)])
    assert time.process_time() - started < 30


# What was said before


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("8. Explain rate limiting.", "What is rate limiting?"),
        ("13. Explain API Gateway pattern.", "35. Explain API Gateway Pattern."),
        ("Explain GraphQL vs REST", "REST vs GraphQL"),
    ],
)
def test_the_same_question_asked_twice_is_a_duplicate(
    relater: Relater, first: str, second: str
) -> None:
    relations = relater.relate([question(first, "", "a"), question(second, "", "b")])
    assert [each.duplicate_of for each in relations] == [(), ("a",)]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Explain caching strategies", "Explain deployment strategies"),
        ("Explain backend testing strategies", "Explain backend caching strategies"),
        ("What are the advantages of indexes?", "What are the types of indexes?"),
        ("Explain database replication", "Explain database sharding"),
    ],
)
def test_questions_on_another_subject_or_side_are_no_duplicates(
    relater: Relater, first: str, second: str
) -> None:
    relations = relater.relate([question(first, "", "a"), question(second, "", "b")])
    assert [each.duplicate_of for each in relations] == [(), ()]


def test_close_questions_are_duplicates_if_their_answers_say_the_same(relater: Relater) -> None:
    answer = "Offset pages count rows, cursor pages continue after the last id."
    first = question("Explain pagination", answer, "a")
    alike = question("Explain API pagination strategies", answer, "b")
    other = question("Explain API pagination strategies", "Send a Link header.", "b")
    assert relater.relate([first, alike])[1].duplicate_of == ("a",)
    assert relater.relate([first, other])[1].duplicate_of == ()


def test_the_same_label_over_other_contents_is_no_duplicate(relater: Relater) -> None:
    units = [
        UnitText("a", "section", "Authentication", "Use OAuth with PKCE and short tokens.", None),
        UnitText("b", "section", "Authentication", "Postgres roles, pg_hba rules.", None),
        UnitText("c", "list", "Benefits", "- Scalable deployments\n- Isolated faults", "a"),
        UnitText("d", "list", "Benefits", "- Cheap reads\n- Small payloads", "b"),
    ]
    assert [each.duplicate_of for each in relater.relate(units)] == [()] * 4


def test_the_same_list_or_code_is_a_duplicate_whatever_its_label(relater: Relater) -> None:
    code = "const pool = new Pool({ host, max: 20, idleTimeoutMillis: 30000 });"
    units = [
        UnitText("a", "code", "Example", code, None),
        UnitText("b", "code", "Pool setup", f"{code}\n", None),
    ]
    assert [each.duplicate_of for each in relater.relate(units)] == [(), ("a",)]


@pytest.mark.parametrize(
    ("asks", "known"),
    [
        ("22. Explain CAP theorem.", ("architecture/consistency-models#what-cap-says",)),
        ("What is a webhook?", ("product/webhooks#what-a-webhook-is",)),
        ("How would you paint a fence?", ()),
        ("Explain pagination of GraphQL lists with cursors in Java", ()),
    ],
)
def test_questions_that_the_guide_asks_too_are_named(
    relater: Relater, asks: str, known: tuple[str, ...]
) -> None:
    assert relater.relate([question(asks)])[0].known_at == known


# Levels and tags


@pytest.mark.parametrize(
    ("headings", "level"),
    [
        (["Beginner Level"], "foundation"),
        (["Backend Interview Questions - Easy"], "foundation"),
        (["Advanced Level", "Caching"], "advanced"),
        (["Advanced Level", "Intermediate questions"], "core"),
        (["Mid-Level Backend Developer"], "core"),
        (["初级"], "foundation"),
        (["二、高级 Redis"], "advanced"),
        (["From beginner to advanced"], None),
        (["Basic auth"], None),
        (["Hard deletes"], None),
        ([], None),
    ],
)
def test_headings_say_the_level(relater: Relater, headings: list[str], level: str | None) -> None:
    guess = relater.level(headings, [])
    assert guess.level == level
    assert (guess.confidence >= 0.75) == (level is not None)


def test_without_such_headings_the_nearest_topics_say_the_level_less_surely(
    relater: Relater,
) -> None:
    near = relater.relate([question("How does Raft elect a leader?")])
    guess = relater.level(["Distributed systems"], near)
    assert guess.level == "advanced"
    assert 0 < guess.confidence <= 0.7


def test_tags_are_those_of_the_nearest_topics_best_first(
    library: Library, relater: Relater
) -> None:
    text = "How do background jobs and workers run outside of a request?"
    guesses = relater.tags(text, relater.relate([question(text)]))
    assert guesses[0].tag == "background-work"
    assert {guess.tag for guess in guesses} <= {tag.id for tag in library.tags}
    confidences = [guess.confidence for guess in guesses]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 < each <= 1 for each in confidences)


def test_without_homes_there_are_no_tags(relater: Relater) -> None:
    assert relater.tags("什么是缓存？", relater.relate([question("什么是缓存？")])) == ()


# Exactly, in a guide of two topics


def test_a_planned_topic_is_a_home_without_an_anchor(project: MiniProject) -> None:
    relater = Relater(project.library())
    (relation,) = relater.relate([question("What does no-store mean in HTTP caching?")])
    assert (relation.homes[0].topic, relation.homes[0].place) == ("caching", "http/caching")


def test_terms_of_the_glossary_lead_to_their_home(project: MiniProject) -> None:
    relater = Relater(project.library())
    (relation,) = relater.relate([question("Which are safe?")])
    assert relation.homes[0].topic == "methods"


def test_a_guide_without_a_page_on_preparing_has_no_home_for_titles(
    project: MiniProject,
) -> None:
    relater = Relater(project.library())
    (relation,) = relater.relate([UnitText("s", "section", "Table of Contents", "", None)])
    assert relation.homes == ()
