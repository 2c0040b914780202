"""OpenAPI 3 documents: the schema of their version, then what no schema can say.

That is: a local `$ref` must lead somewhere, an `operationId` is unique, and each parameter in a
path is declared. References to other documents are never followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from openapi_spec_validator import schemas

from guide.languages.marked import Document, Value
from guide.languages.problem import SyntaxProblem, quoted
from guide.languages.schema_errors import first_problem

_VALIDATORS = {
    "3.0": schemas.openapi_v30_schema_validator,
    "3.1": schemas.openapi_v31_schema_validator,
    "3.2": schemas.openapi_v32_schema_validator,
}
_DIALECT = Draft202012Validator(Draft202012Validator.META_SCHEMA)
_METHODS = ("get", "put", "post", "delete", "options", "head", "patch", "trace", "query")
_PARAMETER = re.compile(r"\{([^{}]+)\}")
_Path = list[str | int]


def is_one(value: Value) -> bool:
    """Return whether a document is OpenAPI: a tool's own `openapi` setting has no version."""
    version = value.get("openapi") if isinstance(value, dict) else None
    return isinstance(version, str | float | int) and str(version)[:1].isdigit()


def problems(document: Document) -> tuple[SyntaxProblem, ...]:
    """Return what is wrong with a document first, if anything."""
    value = document.value
    if not isinstance(value, dict) or not is_one(value):
        message = "the document lacks `openapi` with its version"
        return (SyntaxProblem(1, 1, message, "a part of a document is `yaml` or `json`"),)
    version = str(value["openapi"])
    validator = _VALIDATORS.get(version[:3])
    if validator is None:
        line, column = document.place(["openapi"])
        message = f"unknown version {quoted(version)} of OpenAPI"
        return (SyntaxProblem(line, column, message, "3.0, 3.1 and 3.2 are known"),)
    found = first_problem(document, validator.iter_errors(value))
    if not found and version[:3] != "3.0":
        found = first_problem(document, _schema_errors(value))
    return found or tuple(
        SyntaxProblem(*document.place(path), message)
        for path, message in (*_dangling(value), *_repeated(value), *_undeclared(value))
    )


def _schema_errors(root: dict[str, Value]) -> Iterator[ValidationError]:
    """Yield what is wrong inside schemas, which the schema of OpenAPI 3.1 leaves open."""
    for path, value in _walk(root, []):
        is_schema = path[-1:] == ["schema"] or (
            path[:2] == ["components", "schemas"] and len(path) == 3
        )
        for error in _DIALECT.iter_errors(value) if is_schema else ():
            error.path.extendleft(reversed(path))
            yield error


def _dangling(root: dict[str, Value]) -> Iterator[tuple[_Path, str]]:
    """Yield the references into the document that lead nowhere."""
    for path, value in _walk(root, []):
        reference = value.get("$ref") if isinstance(value, dict) else None
        is_local = isinstance(reference, str) and reference.startswith("#/")
        if is_local and _follow(root, str(reference)) is None:
            message = f"{quoted(str(reference), 60)} leads nowhere in this document"
            yield [*path, "$ref"], message


def _walk(value: Value, path: _Path) -> Iterator[tuple[_Path, Value]]:
    yield path, value
    children: list[tuple[Any, Value]] = []
    if isinstance(value, dict):
        children = list(value.items())
    elif isinstance(value, list):
        children = list(enumerate(value))
    for step, child in children:
        # Examples are data, whatever their keys are called.
        if step not in ("example", "examples"):
            yield from _walk(child, [*path, step])


def _follow(root: Value, reference: str) -> Value:
    """Return what a local reference leads to; None if nothing is there."""
    value = root
    for part in reference[2:].split("/"):
        step = part.replace("~1", "/").replace("~0", "~").replace("%7B", "{").replace("%7D", "}")
        if isinstance(value, dict):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _operations(root: dict[str, Value]) -> Iterator[tuple[_Path, dict[str, Any], dict[str, Any]]]:
    """Yield each operation with its path in the document and the path item that it is in."""
    paths = root.get("paths")
    for template, item in paths.items() if isinstance(paths, dict) else ():
        if not isinstance(item, dict):
            continue
        for method in _METHODS:
            operation = item.get(method)
            if isinstance(operation, dict):
                yield ["paths", template, method], operation, item


def _repeated(root: dict[str, Value]) -> Iterator[tuple[_Path, str]]:
    seen: set[str] = set()
    for path, operation, _ in _operations(root):
        name = operation.get("operationId")
        if name in seen:
            yield [*path, "operationId"], f"the `operationId` {quoted(name)} occurs twice"
        if name is not None:
            seen.add(name)


def _undeclared(root: dict[str, Value]) -> Iterator[tuple[_Path, str]]:
    """Yield the operations whose path holds a parameter that they do not declare."""
    for path, operation, item in _operations(root):
        declared: set[str] = set()
        for each in [*item.get("parameters", ()), *operation.get("parameters", ())]:
            reference = each.get("$ref")
            found = _follow(root, reference) if isinstance(reference, str) else each
            if not isinstance(found, dict) or "$ref" in found:
                break  # declared in another document
            if found.get("in") == "path":
                declared.add(str(found.get("name")))
        else:
            for name in _PARAMETER.findall(str(path[1])):
                if name not in declared:
                    yield path, f"the path parameter {quoted(name)} is not declared"
