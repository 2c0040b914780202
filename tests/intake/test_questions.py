"""Questions are recognized in every form that documents use; what is none stays what it is."""

from __future__ import annotations

import pytest

from guide.intake.shape.questions import BY, questions
from intake_documents import answer, noted, outlined, tree


def found(text: str) -> list[str]:
    root = outlined(text, questions).root
    return [each.title for each in root.walk() if each.role == "question"]


@pytest.mark.parametrize(
    ("heading", "title"),
    [
        ("## Q1: What is REST?", "What is REST?"),
        ("## Q12. Caching", "Caching"),
        ("## Question 3 - Idempotency", "Idempotency"),
        ("### 12. Explain the CAP theorem.", "Explain the CAP theorem."),
        ("### 7) How does TLS work", "How does TLS work"),
        ("## What is a deadlock?", "What is a deadlock?"),
        ("## **Why use an index?**", "Why use an index?"),
        ("## 问题1：什么是索引", "什么是索引"),
        ("## 3、什么是事务？", "什么是事务？"),
        ("## 一、如何设计缓存？", "如何设计缓存？"),
        ("## Что такое индекс?", "Что такое индекс?"),
    ],
)
def test_a_heading_asks(heading: str, title: str) -> None:
    assert found(f"{heading}\n\nAn answer.\n") == [title]


@pytest.mark.parametrize(
    "heading",
    [
        "## Caching",
        "## 1. Caching",
        "## 2. HTTP fundamentals",
        "# Questions",
        "## Answers",
        "## 第一章",
    ],
)
def test_a_heading_that_names_a_subject_asks_nothing(heading: str) -> None:
    assert found(f"{heading}\n\nText.\n") == []


def test_numbered_headings_are_questions_if_most_of_them_ask() -> None:
    text = "## 1. What is a pod?\n\na\n\n## 2. Explain services\n\nb\n\n## 3. Ingress\n\nc\n"
    assert found(text) == ["What is a pod?", "Explain services", "Ingress"]


def test_a_chapter_of_questions_is_no_question_whatever_its_title() -> None:
    root = outlined(
        "## Why HTTP?\n\n### What is a header?\n\nA name and a value.\n", questions
    ).root
    assert tree(root) == ["Why HTTP?", "  ? What is a header?"]


def test_paragraphs_with_labels_are_questions_and_answers() -> None:
    document = outlined(
        """
        # Notes

        **Q: What is a lock?**

        **A:** A right to be alone.

        It is released at the end.

        **Q2:** Why two-phase?
        **A:** Because locks come and go.
        """,
        questions,
    )
    assert tree(document.root) == ["Notes", "  ? What is a lock?", "  ? Why two-phase?"]
    assert answer(document.root, "What is a lock?") == (
        "A right to be alone.\n\nIt is released at the end."
    )
    assert answer(document.root, "Why two-phase?") == "Because locks come and go."
    assert noted(document, BY) == [
        ("removed", 3, "the number of the question", "Q:"),
        ("changed", 3, "into a question: What is a lock?", ""),
        ("removed", 9, "the number of the question", "Q2:"),
        ("changed", 9, "into a question: Why two-phase?", ""),
        ("removed", 5, "the label of the answer", "**A:**"),
        ("removed", 10, "the label of the answer", "**A:**"),
    ]


def test_a_list_whose_items_all_ask_is_a_list_of_questions() -> None:
    root = outlined(
        """
        ## Practice

        1. **What is a replica?**
           A copy.
        2. What is a shard?

           - A part.
        3. How is a key chosen?

        Good luck.
        """,
        questions,
    ).root
    assert tree(root) == [
        "Practice",
        "  ? What is a replica?",
        "  ? What is a shard?",
        "  ? How is a key chosen?",
    ]
    assert answer(root, "What is a replica?") == "A copy."
    assert answer(root, "What is a shard?") == "- A part."
    assert answer(root, "How is a key chosen?") == ""
    assert answer(root, "Practice") == "Good luck."


def test_a_list_of_tasks_is_questions_only_under_a_heading_that_says_so() -> None:
    items = "- Explain how a REST API authenticates.\n- Describe caching.\n"
    assert found(f"## Interview questions to practice\n\n{items}") == [
        "Explain how a REST API authenticates.",
        "Describe caching.",
    ]
    assert found(f"## What to do\n\n{items}") == []


def test_a_list_in_an_answer_stays_a_list() -> None:
    assert found("## What is REST?\n\n- Is it stateless?\n- Is it cacheable?\n") == [
        "What is REST?"
    ]


def test_folded_details_that_ask_are_questions() -> None:
    root = outlined(
        """
        ## Databases

        /// details | 1. What is an index?

        A sorted copy.

        ///

        /// details | What is a view?

        A stored query.

        ///
        """,
        questions,
    ).root
    assert tree(root) == ["Databases", "  ? What is an index?", "  ? What is a view?"]
    assert answer(root, "What is an index?") == "A sorted copy."


def test_details_that_ask_nothing_stay_folded() -> None:
    assert found("/// details | Solution\n\nText.\n\n///\n") == []


def test_the_rows_of_a_faq_table_are_questions() -> None:
    document = outlined(
        """
        ## FAQ

        | Question | Answer | Level |
        | --- | --- | --- |
        | What is `GET`? | A *safe* read. | Easy |
        | Why caches? | Speed. | |
        """,
        questions,
    )
    assert tree(document.root) == ["FAQ", "  ? What is `GET`?", "  ? Why caches?"]
    assert answer(document.root, "What is `GET`?") == "A *safe* read.\n\n**Level.** Easy"
    assert answer(document.root, "Why caches?") == "Speed."
    assert [section.line for section in document.root.walk()] == [1, 1, 5, 6]


def test_other_tables_stay_tables() -> None:
    assert found("| Method | Safe |\n| --- | --- |\n| What? | yes |\n") == []


def test_the_label_of_an_answer_goes_and_its_text_stays() -> None:
    root = outlined(
        "## What is REST?\n\n**Answer**: A style.\n\n## Why?\n\n**答案：** 因为。\n", questions
    ).root
    assert answer(root, "What is REST?") == "A style."
    assert answer(root, "Why?") == "因为。"


def test_check_yourself_items_of_the_guide_are_no_questions() -> None:
    item = "### Which one is safe? { #safe-one }\n\n- [x] `GET`\n    - It reads.\n"
    assert found(f"## Check yourself\n\n{item}") == []


def test_under_interview_questions_every_heading_is_one() -> None:
    assert found("# T\n\n## Interview questions\n\n### Tell me about yourself\n\nText.\n") == [
        "Tell me about yourself"
    ]
