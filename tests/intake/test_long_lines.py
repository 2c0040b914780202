"""Prose of a document that is written in one line is broken where that changes nothing."""

from __future__ import annotations

import pytest

from guide.intake.pages.long_lines import MAX_LINE, broken
from guide.intake.reading.markdown import parse, render

WORDS = "a word, `some code` and 1. number - dash # sign [link](https://example.com/x) " * 60


@pytest.mark.parametrize("before", ["", "- ", "12. ", "> ", "> - ", "    "])
def test_prose_is_broken_and_reads_the_same(before: str) -> None:
    text = f"- x\n\n{before}{WORDS}".strip() if before == "    " else f"{before}{WORDS}".strip()
    done = broken(text)
    assert max(map(len, done.split("\n"))) <= MAX_LINE
    once = render(parse(text).blocks)
    assert render(parse(done).blocks).split() == broken(once).split()


def test_what_is_broken_stays_so() -> None:
    done = broken(WORDS)
    assert broken(done) == done
    assert render(parse(done).blocks) == done.strip()


def test_chinese_is_broken_after_its_punctuation() -> None:
    done = broken("缓存把数据放在离用户更近的地方，用过期时间换取速度。" * 100)
    assert max(map(len, done.split("\n"))) <= MAX_LINE
    assert {line[-1] for line in done.split("\n")} <= {"，", "。"}


@pytest.mark.parametrize(
    "text",
    [f"```text\n{WORDS}\n```", f"| {WORDS} |", f"# {WORDS}", "short\nlines"],
    ids=["code", "row", "heading", "short"],
)
def test_code_rows_and_headings_stay_whole(text: str) -> None:
    assert broken(text) == text
