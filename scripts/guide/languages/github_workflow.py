"""GitHub workflows, against the schema that check-jsonschema carries."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from importlib import resources

import yaml
from jsonschema import Draft7Validator

from guide.languages.marked import Document, Value, is_merge
from guide.languages.problem import SyntaxProblem
from guide.languages.schema_errors import first_problem

_SCHEMA = "builtin_schemas/vendor/github-workflows.json"


def is_one(value: Value) -> bool:
    """Return whether a document is a workflow."""
    return isinstance(value, dict) and "on" in value and "jobs" in value


def problems(document: Document) -> tuple[SyntaxProblem, ...]:
    """Return what is wrong with a workflow first, if anything."""
    merges = tuple(_merges(document.root))[:1]
    found = merges or first_problem(document, _validator().iter_errors(document.value))
    return found or tuple(_unknown_needs(document))[:1]


@cache
def _validator() -> Draft7Validator:
    text = resources.files("check_jsonschema").joinpath(_SCHEMA).read_text("utf-8")
    return Draft7Validator(json.loads(text))


def _merges(node: yaml.Node) -> Iterator[SyntaxProblem]:
    """Yield the merge keys, which GitHub does not take, though it takes anchors."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _merges(each)
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if is_merge(key):
                line, column = key.start_mark.line + 1, key.start_mark.column + 1
                yield SyntaxProblem(line, column, "GitHub does not merge keys with `<<`")
            yield from _merges(value)


def _unknown_needs(document: Document) -> list[SyntaxProblem]:
    """Find jobs that wait for a job that does not exist. The document must fit the schema."""
    assert isinstance(document.value, dict)
    jobs = document.value["jobs"]
    assert isinstance(jobs, dict)
    found = []
    for name, job in jobs.items():
        needs = job.get("needs", []) if isinstance(job, dict) else []
        for each in [needs] if isinstance(needs, str) else needs if isinstance(needs, list) else []:
            if each not in jobs:
                line, column = document.place(["jobs", name, "needs"])
                message = f"the job `{name}` needs `{each}`, which does not exist"
                found.append(SyntaxProblem(line, column, message))
    return found
