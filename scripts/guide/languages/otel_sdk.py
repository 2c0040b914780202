"""Declarative configuration of OpenTelemetry's SDKs, against the schema that Python's carries.

The schema lets any key stand at the top, for versions to come; here an unknown one is a mistake.
"""

from __future__ import annotations

import json
from functools import cache
from importlib import metadata
from pathlib import Path

from jsonschema import Draft202012Validator

from guide.languages.marked import Document, Value
from guide.languages.problem import SyntaxProblem, quoted
from guide.languages.schema_errors import first_problem, without_placeholders

_SCHEMA = "opentelemetry/configuration/schema.json"


def is_one(value: Value) -> bool:
    """Return whether a document configures an SDK."""
    return isinstance(value, dict) and "file_format" in value


def problems(document: Document) -> tuple[SyntaxProblem, ...]:
    """Return what is wrong with a configuration first, if anything."""
    assert isinstance(document.value, dict)
    version = document.value["file_format"]
    if isinstance(version, str) and not version.startswith("1."):
        message = f"unknown version {quoted(version)} of the file format"
        return (SyntaxProblem(*document.place(["file_format"]), message, 'write `"1.0"`'),)
    errors = _validator().iter_errors(document.value)
    return first_problem(document, without_placeholders(errors))


@cache
def _validator() -> Draft202012Validator:
    # Found without importing the package, which would load the SDK.
    file = metadata.distribution("opentelemetry-configuration").locate_file(_SCHEMA)
    schema = json.loads(Path(str(file)).read_text("utf-8"))
    schema |= {"additionalProperties": False, "patternProperties": {"^x-": {}}}
    return Draft202012Validator(schema)
