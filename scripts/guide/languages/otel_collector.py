"""Configuration of the OpenTelemetry Collector: its structure, and that every name leads somewhere.

What a component may be told is the component's own affair and not checked.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator
from typing import Any

from jsonschema import Draft202012Validator

from guide.languages.marked import Document, Value
from guide.languages.problem import SyntaxProblem, quoted
from guide.languages.schema_errors import HINT, first_problem

_SECTIONS = {
    "receivers": "receiver",
    "processors": "processor",
    "exporters": "exporter",
    "connectors": "connector",
    "extensions": "extension",
}
_COMPONENT = r"^([a-zA-Z][0-9a-zA-Z_]*(/\S.*)?|\$\{.*\})$"
_NAMES = {
    "type": "array",
    "minItems": 1,
    "items": {
        "type": "string",
        "pattern": _COMPONENT,
        HINT: "a component is `type` or `type/name`, as in `otlp/backend`",
    },
}
_PIPELINE = {
    "type": "object",
    "additionalProperties": False,
    "required": ["receivers", "exporters"],
    "properties": {
        "receivers": _NAMES,
        "processors": {**_NAMES, "minItems": 0},
        "exporters": _NAMES,
    },
}
_VALIDATOR = Draft202012Validator(
    {
        "type": "object",
        "additionalProperties": False,
        "properties": {
            **{section: {"type": ["object", "null"]} for section in _SECTIONS},
            "service": {
                "type": "object",
                "additionalProperties": False,
                "required": ["pipelines"],
                "properties": {
                    "extensions": {**_NAMES, "minItems": 0},
                    "pipelines": {
                        "type": "object",
                        "minProperties": 1,
                        "additionalProperties": _PIPELINE,
                    },
                    "telemetry": {"type": ["object", "null"]},
                },
            },
        },
    }
)
_NAME = Draft202012Validator({"type": "string", "pattern": _COMPONENT})
_SIGNALS = ("traces", "metrics", "logs", "profiles")
_SIDES = ("receivers", "processors", "exporters")
_Path = list[str | int]
_Finding = tuple[_Path, str, str | None]


def is_one(value: Value) -> bool:
    """Return whether a document configures a Collector."""
    service = value.get("service") if isinstance(value, dict) else None
    return isinstance(service, dict) and "pipelines" in service


def problems(document: Document) -> tuple[SyntaxProblem, ...]:
    """Return what is wrong with the structure first; if nothing is, with each name."""
    found = first_problem(document, _VALIDATOR.iter_errors(document.value))
    if found:
        return found
    value = document.value
    # A misspelt name is one mistake, although what it should name is then unused.
    wrong = [*_misnamed(value), *_undefined(value)] or [*_unused(value)]
    return tuple(
        SyntaxProblem(*document.place(path), message, hint) for path, message, hint in wrong
    )


def _defined(value: Any, section: str) -> list[str]:
    return list(value.get(section) or ())


def _misnamed(value: Any) -> Iterator[_Finding]:
    for section, kind in _SECTIONS.items():
        for name in _defined(value, section):
            if not _NAME.is_valid(name):
                message = f"{quoted(name)} is no name of {_a(kind)}"
                yield [section, name], message, "write `type` or `type/name`, as in `batch/fast`"
    for pipeline in value["service"]["pipelines"]:
        signal, slash, name = pipeline.partition("/")
        if signal not in _SIGNALS:
            hint = _near(signal, _SIGNALS) or f"one of {_listed(_SIGNALS)}"
            yield (
                ["service", "pipelines", pipeline],
                f"unknown signal {quoted(signal)} of a pipeline",
                hint,
            )
        elif slash and not name:
            message = f"the pipeline {quoted(pipeline)} has no name after its `/`"
            yield ["service", "pipelines", pipeline], message, f"write `{signal}/name`"


def _named(value: Any, side: str) -> Iterator[tuple[_Path, str]]:
    """Yield each component that the pipelines name on a side, and where they do."""
    for pipeline, given in value["service"]["pipelines"].items():
        for index, name in enumerate(given.get(side) or ()):
            if not name.startswith("${"):
                yield ["service", "pipelines", pipeline, side, index], name


def _undefined(value: Any) -> Iterator[_Finding]:
    """Yield the names under `service` of components that are defined nowhere."""
    connectors = _defined(value, "connectors")
    for side in _SIDES:
        known = _defined(value, side) + (connectors if side != "processors" else [])
        for path, name in _named(value, side):
            if name not in known:
                yield path, *_missing(_SECTIONS[side], name, known, value)
    known = _defined(value, "extensions")
    for index, name in enumerate(value["service"].get("extensions") or ()):
        if name not in known and not name.startswith("${"):
            yield (
                ["service", "extensions", index],
                *_missing("extension", name, known, value),
            )


def _missing(kind: str, name: str, known: Iterable[str], value: Any) -> tuple[str, str | None]:
    message = f"the {kind} {quoted(name)} is not defined"
    for section, other in _SECTIONS.items():
        if name in _defined(value, section):
            return message, f"there is {_a(other)} of that name"
    return message, _near(name, known) or f"define it under `{kind}s`"


def _unused(value: Any) -> Iterator[_Finding]:
    """Yield what is defined and does nothing: the Collector starts, without it."""
    used = {side: {name for _, name in _named(value, side)} for side in _SIDES}
    for side in _SIDES:
        for name in _defined(value, side):
            if name not in used[side]:
                message = f"the {_SECTIONS[side]} {quoted(name)} is defined, but no pipeline has it"
                yield [side, name], message, "name it in a pipeline, or remove it"
    for name in _defined(value, "connectors"):
        for side, verb in (("exporters", "writes to"), ("receivers", "reads from")):
            if name not in used[side]:
                message = f"no pipeline {verb} the connector {quoted(name)}"
                yield ["connectors", name], message, f"name it under the `{side}` of one"
    for name in _defined(value, "extensions"):
        if name not in (value["service"].get("extensions") or ()):
            message = f"the extension {quoted(name)} is defined, but never started"
            yield ["extensions", name], message, "name it in `service.extensions`, or remove it"


def _a(kind: str) -> str:
    return f"an {kind}" if kind[0] == "e" else f"a {kind}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _near(name: str, known: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(name[:60], list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
