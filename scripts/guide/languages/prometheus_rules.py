"""Prometheus rule files: their structure, and each expression by a parser of PromQL.

Test files of promtool have no `groups`, so they stay plain YAML.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import promql_parser
from jsonschema import Draft202012Validator

from guide.languages.marked import Document, Value
from guide.languages.problem import SyntaxProblem, quoted
from guide.languages.schema_errors import HINT, first_problem

_LONGEST = 2000
"""Characters of an expression: the parser is recursive and would end the process at 100,000."""
_DURATION = {
    "anyOf": [
        {"const": 0},
        {
            "type": "string",
            "pattern": r"^(0|(?=\d)(\d+y)?(\d+w)?(\d+d)?(\d+h)?(\d+m)?(\d+s)?(\d+ms)?)$",
            HINT: "a duration is written as `30s`, `5m` or `1h30m`",
        },
    ],
    HINT: "a duration is written as `30s`, `5m` or `1h30m`",
}
_TEXTS = {"type": "object", "additionalProperties": {"type": ["string", "number", "boolean"]}}
_NAME = {
    "type": "string",
    "pattern": "^[a-zA-Z_:][a-zA-Z0-9_:]*$",
    HINT: "the name of a metric has letters, digits, `_` and `:`",
}
_RULE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["expr"],
    "oneOf": [{"required": ["alert"]}, {"required": ["record"]}],
    "properties": {
        "alert": {"type": "string", "minLength": 1},
        "record": _NAME,
        "expr": {"type": ["string", "number"]},
        "for": _DURATION,
        "keep_firing_for": _DURATION,
        "labels": _TEXTS,
        "annotations": _TEXTS,
    },
}
_GROUP = {
    "type": "object",
    "additionalProperties": False,
    "required": ["name", "rules"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "interval": _DURATION,
        "query_offset": _DURATION,
        "limit": {"type": "integer"},
        "labels": _TEXTS,
        "rules": {"type": "array", "items": _RULE},
    },
}
_VALIDATOR = Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {"groups": {"type": "array", "items": _GROUP}},
    }
)
_ONLY_ALERTS = ("for", "keep_firing_for", "annotations")
_QUOTED = re.compile(r"'([^'\s]+)'")
_Path = list[str | int]


def is_one(value: Value) -> bool:
    """Return whether a document is a rule file."""
    groups = value.get("groups") if isinstance(value, dict) else None
    return isinstance(groups, list) and any(
        isinstance(group, dict) and "rules" in group for group in groups
    )


def problems(document: Document) -> tuple[SyntaxProblem, ...]:
    """Return what is wrong with the structure first; if nothing is, with each rule."""
    found = first_problem(document, _VALIDATOR.iter_errors(document.value))
    return found or tuple(
        SyntaxProblem(*document.place(path), message, hint)
        for path, message, hint in _of_rules(document.value)
    )


def _of_rules(value: Any) -> Iterator[tuple[_Path, str, str | None]]:
    names: set[str] = set()
    for number, group in enumerate(value["groups"]):
        if group["name"] in names:
            hint = "names of groups are unique in a file"
            yield (
                ["groups", number, "name"],
                f"the group {quoted(group['name'])} occurs twice",
                hint,
            )
        names.add(group["name"])
        for index, rule in enumerate(group["rules"]):
            path: _Path = ["groups", number, "rules", index]
            for key in _ONLY_ALERTS:
                if "record" in rule and key in rule:
                    yield [*path, key], f"a recording rule has no `{key}`", "only alerts have it"
            refused = _refused(str(rule["expr"]))
            if refused is not None:
                yield [*path, "expr"], *refused


def _refused(expression: str) -> tuple[str, str | None] | None:
    """Return what is wrong with an expression, and what to do."""
    if len(expression) > _LONGEST:
        return f"an expression of over {_LONGEST:,} characters is not parsed", "shorten it"
    try:
        promql_parser.parse(expression)
    except ValueError as error:
        said = _QUOTED.sub(r"`\1`", str(error))
        if said == "invalid promql query":
            return "the expression is not PromQL", None
        hint = None
        if "expected type matrix" in said:
            hint = "it takes a range of time, such as `requests_total[5m]`"
        return f"the expression is not PromQL: {said}", hint
    return None
