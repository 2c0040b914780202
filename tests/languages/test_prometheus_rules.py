"""Prometheus rule files: their structure and their expressions."""

from __future__ import annotations

import pytest

from guide.languages import SyntaxProblem, verify

RULES = """\
groups:
  - name: orders
    interval: 30s
    rules:
      - record: job:requests:rate5m
        expr: sum by (job) (rate(http_requests_total[5m]))
      - alert: HighErrorRate
        expr: |
          sum(rate(http_requests_total{code=~"5.."}[5m]))
            / sum(rate(http_requests_total[5m])) > 0.05
        for: 10m
        keep_firing_for: 1h30m
        labels: {severity: page, tier: 1}
        annotations:
          summary: "{{ $value }} of all requests fail"
"""
TEST_FILE = """\
rule_files: [orders.rules.yml]
tests:
  - interval: 1m
    input_series:
      - {series: up, values: 0x5}
    alert_rule_test: []
"""

GOOD = [
    RULES,
    RULES.replace("for: 10m", "for: 0"),
    RULES.replace("[5m]", "[5m:30s] offset 1w"),
    "groups: [{name: a, rules: []}]",
    # Others that only look alike.
    TEST_FILE,
    "groups:\n  rules: [a]",
    "groups:\n  - name: admins\n    members: [a]\nrules: []",
]

MISTAKES = [
    (
        ("for: 10m", "for: 10 min"),
        SyntaxProblem(
            11,
            9,
            "`groups.0.rules.1.for` cannot be `10 min`",
            "a duration is written as `30s`, `5m` or `1h30m`",
        ),
    ),
    (
        ("interval: 30s", "interval: 30"),
        SyntaxProblem(
            3,
            5,
            "`groups.0.interval` cannot be `30`",
            "a duration is written as `30s`, `5m` or `1h30m`",
        ),
    ),
    (
        ("for: 10m", "fro: 10m"),
        SyntaxProblem(11, 9, "unexpected key `fro` in `groups.0.rules.1`", "did you mean `for`?"),
    ),
    (
        ("- alert: HighErrorRate\n        expr", "- expr"),
        SyntaxProblem(7, 9, "`groups.0.rules.1` lacks `alert` or `record`"),
    ),
    (
        ("- alert: High", "- record: a\n        alert: High"),
        SyntaxProblem(7, 9, "`groups.0.rules.1` cannot have `alert` and `record` at once"),
    ),
    (("name: orders\n    ", ""), SyntaxProblem(2, 5, "`groups.0` lacks `name`")),
    (
        ("job:requests:rate5m", "requests-rate5m"),
        SyntaxProblem(
            5,
            9,
            "`groups.0.rules.0.record` cannot be `requests-rate5m`",
            "the name of a metric has letters, digits, `_` and `:`",
        ),
    ),
    (
        ("{severity: page, tier: 1}", "[severity]"),
        SyntaxProblem(13, 9, "`groups.0.rules.1.labels` must be a mapping, not a list"),
    ),
    (
        ("rate5m\n", "rate5m\n        for: 5m\n"),
        SyntaxProblem(6, 9, "a recording rule has no `for`", "only alerts have it"),
    ),
    (
        ("[5m]))\n", "[5m])\n"),
        SyntaxProblem(6, 9, "the expression is not PromQL: unclosed left parenthesis"),
    ),
    (
        ("total[5m]", "total"),
        SyntaxProblem(
            6,
            9,
            "the expression is not PromQL: "
            "expected type matrix in call to function `rate`, got vector",
            "it takes a range of time, such as `requests_total[5m]`",
        ),
    ),
    (
        ("sum by (job) (rate", "sum by (job) (rat"),
        SyntaxProblem(6, 9, "the expression is not PromQL: unknown function with name `rat`"),
    ),
    (("> 0.05", ">"), SyntaxProblem(8, 9, "the expression is not PromQL")),
    (
        ("sum by (job)", "1 + " * 500 + "sum by (job)"),
        SyntaxProblem(6, 9, "an expression of over 2,000 characters is not parsed", "shorten it"),
    ),
    (
        ("groups:\n", "groups:\n  - {name: orders, rules: []}\n"),
        SyntaxProblem(
            3, 5, "the group `orders` occurs twice", "names of groups are unique in a file"
        ),
    ),
]


@pytest.mark.parametrize("code", GOOD)
def test_what_prometheus_takes_passes(code: str) -> None:
    assert verify("yaml", code) == ()


@pytest.mark.parametrize(("change", "problem"), MISTAKES)
def test_a_mistake_is_named_and_placed(change: tuple[str, str], problem: SyntaxProblem) -> None:
    assert change[0] in RULES
    assert verify("yaml", RULES.replace(*change, 1)) == (problem,)


def test_every_expression_is_parsed() -> None:
    problems = verify("yaml", RULES.replace("rate(", "rat("))

    assert [(each.line, each.column) for each in problems] == [(6, 9), (8, 9)]


def test_an_expression_that_would_end_the_process_is_refused() -> None:
    deep = "(" * 900 + "1" + ")" * 900

    assert verify("yaml", f"groups: [{{name: a, rules: [{{alert: b, expr: '{deep}'}}]}}]") == ()
    assert verify("yaml", f"groups: [{{name: a, rules: [{{alert: b, expr: '{deep * 99}'}}]}}]")
