"""An audit tells a known vulnerability from a service that did not answer, and both from none."""

from __future__ import annotations

import json

import pytest

import audit
from audit import FOUND, UNANSWERED, Answer, exit_code, read_npm, read_pip

WELL = {"name": "click", "version": "8.1", "vulns": []}
BAD = {
    "name": "jinja2",
    "version": "3.0",
    "vulns": [{"id": "PYSEC-1", "fix_versions": ["3.1"]}, {"id": "PYSEC-2", "fix_versions": []}],
}
UNKNOWN = {"name": "uv", "skip_reason": "Dependency not found on PyPI and could not be audited"}


def pip(*packages: object) -> Answer:
    return read_pip(json.dumps({"dependencies": packages, "fixes": []}))


def npm(vulnerabilities: object) -> Answer:
    report = {"vulnerabilities": vulnerabilities, "metadata": {"dependencies": {"total": 7}}}
    return read_npm("package-lock.json", json.dumps(report))


def test_what_is_well_is_counted() -> None:
    answers = [pip(WELL, WELL), npm({})]

    assert sum(answer.asked for answer in answers) == 9
    assert exit_code(answers) == 0


def test_each_vulnerability_is_named_with_what_mends_it() -> None:
    answer = pip(WELL, BAD)

    assert answer.found == (
        "requirements.lock: jinja2 3.0: PYSEC-1, mended in 3.1",
        "requirements.lock: jinja2 3.0: PYSEC-2, mended in no version yet",
    )
    assert exit_code([answer]) == FOUND


def test_vulnerable_packages_of_npm_are_named() -> None:
    answer = npm({"prettier": {"severity": "high", "range": "<3"}})

    assert answer.found == ("package-lock.json: prettier <3: high",)
    assert exit_code([answer]) == FOUND


@pytest.mark.parametrize(
    "output", ["", "null", "[]", "<html>", "{}", '{"dependencies": []}', '{"error": "x"}']
)
def test_no_report_is_no_answer(output: str) -> None:
    assert exit_code([read_pip(output)]) == UNANSWERED
    assert exit_code([read_npm("package-lock.json", output)]) == UNANSWERED


def test_npm_says_why_its_service_did_not_answer() -> None:
    answer = read_npm("package-lock.json", '{"message": "405 Method Not Allowed"}')

    assert answer.open == ("package-lock.json: the service did not answer: 405 Method Not Allowed",)


def test_what_a_service_does_not_know_is_an_open_question() -> None:
    answer = pip(WELL, *[UNKNOWN] * 7)

    assert answer.asked == 1
    assert answer.open == (
        "requirements.lock: 7 packages are unknown to the service: uv, uv, uv, uv, uv and 2 more",
    )
    assert exit_code([answer]) == UNANSWERED


def test_a_finding_counts_more_than_an_open_question() -> None:
    assert exit_code([pip(UNKNOWN), pip(BAD)]) == FOUND


def test_tools_that_are_missing_are_no_answer(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(audit.sys, "executable", "/nowhere/python")
    monkeypatch.setenv("PATH", "/nowhere")

    assert audit.main() == UNANSWERED
    assert "Not all was answered" in capsys.readouterr().out
