"""Compose files: the Compose Specification's schema that check-jsonschema carries, then names.

As Compose itself does, it refuses names of services, volumes, networks, configs and secrets that
the file does not define. What a file includes is not read, so there names are left alone.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator

from guide.languages.marked import Document, Value
from guide.languages.problem import SyntaxProblem, quoted
from guide.languages.schema_errors import first_problem, without_placeholders

_SCHEMA = "builtin_schemas/vendor/compose-spec.json"
_VOLUME = re.compile(r"(?P<source>[a-zA-Z0-9][a-zA-Z0-9_.-]*):")
"""A volume with a name at the start of the short form; paths begin with `/`, `.` or `~`."""
_BUILT_IN = frozenset({"default", "host", "none"})
"""Networks that nobody defines."""
_Path = list[str | int]


def is_one(value: Value) -> bool:
    """Return whether a document is a Compose file."""
    services = value.get("services") if isinstance(value, dict) else None
    return isinstance(services, dict) and any(
        isinstance(service, dict) and service.keys() & {"image", "build"}
        for service in services.values()
    )


def problems(document: Document) -> tuple[SyntaxProblem, ...]:
    """Return what the schema refuses first; if nothing, each name that is not defined."""
    errors = _validator().iter_errors(document.value)
    found = first_problem(document, without_placeholders(errors))
    return found or tuple(
        SyntaxProblem(*document.place(path), message, hint)
        for path, message, hint in _undefined(document.value)
    )


@cache
def _validator() -> Draft202012Validator:
    text = resources.files("check_jsonschema").joinpath(_SCHEMA).read_text("utf-8")
    schema = json.loads(text)
    definitions = schema["$defs"]
    for name, each in definitions.items():
        if each.get("unevaluatedProperties") is False:
            definitions[name] = _flat(each, definitions)
    return Draft202012Validator(schema)


def _flat(schema: Any, definitions: Any) -> Any:
    """Return a schema with the properties of its parts: so an unexpected key has neighbors."""
    parts = [definitions[part["$ref"].rpartition("/")[2]] for part in schema.get("allOf", ())]
    properties = {key: value for part in (*parts, schema) for key, value in _own(part).items()}
    kept = {
        key: value for key, value in schema.items() if key not in ("allOf", "unevaluatedProperties")
    }
    return kept | {
        "type": "object",
        "properties": properties,
        "patternProperties": {"^x-": {}},
        "additionalProperties": False,
    }


def _own(schema: Any) -> dict[str, Any]:
    return dict(schema.get("properties", {}))


def _undefined(value: Any) -> Iterator[tuple[_Path, str, str | None]]:
    if "include" in value:
        return
    for service, given in value["services"].items():
        for kind, path, name in _named(given):
            known = list(value.get(f"{kind}s") or ())
            built_in = kind == "network" and name in _BUILT_IN
            if name in known or built_in or "${" in name:
                continue
            message = f"the {kind} {quoted(name)} is not defined"
            near = difflib.get_close_matches(name[:60], known, n=1)
            hint = f"did you mean `{near[0]}`?" if near else f"define it under `{kind}s`"
            yield ["services", service, *path], message, hint


def _named(service: Any) -> Iterator[tuple[str, _Path, str]]:
    """Yield what a service names: the kind of the thing, where, and its name."""
    for index, volume in enumerate(service.get("volumes") or ()):
        if isinstance(volume, dict):
            if volume.get("type") == "volume" and "source" in volume:
                yield "volume", ["volumes", index, "source"], volume["source"]
        elif match := _VOLUME.match(volume):
            yield "volume", ["volumes", index], match["source"]
    for kind, key in (("service", "depends_on"), ("network", "networks")):
        for step, name in _steps(service.get(key) or ()):
            if not (kind == "service" and _is_optional(service[key], name)):
                yield kind, [key, step], name
    for kind in ("config", "secret"):
        for index, each in enumerate(service.get(f"{kind}s") or ()):
            source = each.get("source") if isinstance(each, dict) else each
            if source is not None:
                yield kind, [f"{kind}s", index], source


def _steps(names: Iterable[str] | dict[str, Any]) -> list[tuple[str | int, str]]:
    """Return the names of a list or a mapping, each with its step in a path."""
    if isinstance(names, dict):
        return [(name, name) for name in names]
    return list(enumerate(names))


def _is_optional(dependencies: Any, name: str) -> bool:
    return isinstance(dependencies, dict) and dependencies[name].get("required") is False
