"""What is remembered between runs is what would be computed, or is computed again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from guide.library import memo as memo_module
from guide.library.memo import MAX_UNUSED, Memo


def remember(file: Path, **results: object) -> None:
    """Keep `results` by key, as one run does."""
    memo = Memo(file)
    for key, value in results.items():
        memo.get("kind", key, lambda value=value: value)  # type: ignore[misc]
    memo.save()


def recall(file: Path, key: str) -> object:
    """What the next run takes for `key`: "computed" if nothing is remembered."""
    return Memo(file).get("kind", key, lambda: "computed")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "memo"


def test_a_result_is_computed_once(file: Path) -> None:
    remember(file, one={"a": (1, 2)})

    assert recall(file, "one") == {"a": (1, 2)}
    assert recall(file, "another") == "computed"


def test_results_of_other_kinds_do_not_meet(file: Path) -> None:
    remember(file, one=1)

    assert Memo(file).find("other kind", "one") is None


def test_other_code_computes_its_own(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    remember(file, one=1)

    monkeypatch.setattr(memo_module, "fingerprint", lambda: "another version")

    assert recall(file, "one") == "computed"


def test_another_package_that_is_installed_is_other_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fingerprint: Callable[[], str] = memo_module.fingerprint.__wrapped__
    before = fingerprint()
    (tmp_path / "parser-2.0.dist-info").mkdir()
    monkeypatch.syspath_prepend(tmp_path)

    assert fingerprint() != before


@pytest.mark.parametrize("length", [0, 1, 100, 5000])
def test_a_file_that_was_cut_off_is_made_again(file: Path, length: int) -> None:
    remember(file, one="result " * 2000)
    file.write_bytes(file.read_bytes()[:length])

    assert recall(file, "one") == "computed"
    remember(file, one=2)
    assert recall(file, "one") == 2


def test_a_file_of_another_program_is_made_again_and_told(
    file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file.parent.mkdir()
    file.write_bytes(b"\x80\x05 no database")

    memo = Memo(file)
    assert [memo.get("kind", key, lambda: key) for key in "abc"] == ["a", "b", "c"]  # noqa: B023
    memo.save()

    assert [record.message for record in caplog.records] == [
        f"{file} is damaged: all is computed again"
    ]
    assert recall(file, "a") == "a"


def test_no_other_bit_changes_a_result(file: Path) -> None:
    remember(file, one="a result", two="another")
    content = file.read_bytes()

    for at in (*range(0, len(content), 500), *_places(content, b"a result")):
        file.write_bytes(content[:at] + bytes([content[at] ^ 1]) + content[at + 1 :])
        assert recall(file, "one") in ("a result", "computed")


def test_one_damaged_result_costs_no_other(file: Path) -> None:
    remember(file, one="a result", two="another")
    content = file.read_bytes()
    (at,) = _places(content, b"a result")
    file.write_bytes(content[:at] + b"z" + content[at + 1 :])

    remember(file, one="once more")

    assert recall(file, "one") == "once more"
    assert recall(file, "two") == "another"


def test_what_cannot_be_written_is_told_once_and_computed(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "cache").write_text("no folder")

    remember(tmp_path / "cache" / "memo", one=1, two=2)

    (record,) = caplog.records
    assert "cannot be written" in record.message
    assert recall(tmp_path / "cache" / "memo", "one") == "computed"


def test_a_run_that_is_reading_does_not_stop_another_from_writing(file: Path) -> None:
    remember(file, one=1)
    reader = Memo(file)
    assert reader.find("kind", "one") == 1

    remember(file, two=2)

    assert reader.find("kind", "two") == 2


def test_what_is_no_longer_used_is_forgotten_in_time(file: Path) -> None:
    for number in range(MAX_UNUSED + 2):
        remember(file, **{f"edit{number}": number})
    remember(file, last=True)

    with sqlite3.connect(file) as store:
        ((kept,),) = store.execute("SELECT count(*) FROM results")
    store.close()
    assert kept <= MAX_UNUSED + 1
    assert recall(file, "last") is True


def _places(content: bytes, text: bytes) -> Iterator[int]:
    start = content.find(text)
    while start >= 0:
        yield start
        start = content.find(text, start + 1)
