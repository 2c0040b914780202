"""GitHub workflows, against the schema that check-jsonschema carries."""

from __future__ import annotations

import json
from functools import cache
from importlib import resources

from jsonschema import Draft7Validator

from guide.languages.marked import Document, Value
from guide.languages.problem import SyntaxProblem
from guide.languages.schema_errors import first_problem

_SCHEMA = "builtin_schemas/vendor/github-workflows.json"


def is_one(value: Value) -> bool:
    """Return whether a document is a workflow."""
    return isinstance(value, dict) and "on" in value and "jobs" in value


def problems(document: Document) -> tuple[SyntaxProblem, ...]:
    """Return what is wrong with a workflow first, if anything."""
    found = first_problem(document, _validator().iter_errors(document.value))
    return found or tuple(_unknown_needs(document))[:1]


@cache
def _validator() -> Draft7Validator:
    text = resources.files("check_jsonschema").joinpath(_SCHEMA).read_text("utf-8")
    return Draft7Validator(json.loads(text))


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
