"""Documents whose shape is standardized: OpenAPI descriptions and GitHub workflows.

Only whole documents are judged: those that say what they are by their top-level keys. A piece of
one is YAML or JSON like any other. The schemas come with `openapi-spec-validator` and
`check-jsonschema`; nothing is fetched.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml

from guide.languages.problem import SyntaxProblem

_LOADER: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_OPENAPI = re.compile(r"^openapi:|^\{?\s*\"openapi\"\s*:", re.MULTILINE)
_TRIGGER = re.compile(r"^[\"']?on[\"']?:", re.MULTILINE)
_JOBS = re.compile(r"^jobs:", re.MULTILINE)
_LONGEST = 100
"""Characters of a schema's own message that are worth reading."""


def shape_problems(code: str) -> tuple[SyntaxProblem, ...]:
    """Return what keeps a well-formed document from being what it says it is."""
    if _OPENAPI.search(code):
        check = _openapi
    elif _TRIGGER.search(code) and _JOBS.search(code):
        check = _workflow
    else:
        return ()
    loader = _LOADER(code)
    try:
        node = loader.get_single_node()
        data = loader.construct_document(node)
    except (yaml.YAMLError, ValueError):
        return ()  # several documents, or tags of some program: not what these schemas are for
    finally:
        loader.dispose()
    if not isinstance(data, dict):
        return ()
    return tuple(SyntaxProblem(*_place(node, path), message) for path, message in check(data))


def _openapi(data: dict[Any, Any]) -> Iterator[tuple[Sequence[Any], str]]:
    from openapi_spec_validator import OpenAPIV30SpecValidator, OpenAPIV31SpecValidator

    version = str(data.get("openapi"))
    known = {"3.0": OpenAPIV30SpecValidator, "3.1": OpenAPIV31SpecValidator}
    validator = known.get(version[:3])
    if validator is None:
        yield ["openapi"], f"OpenAPI {version} is not a version that can be verified (3.0, 3.1)"
        return
    for error in validator(data).iter_errors():
        yield _deepest(error, "not valid OpenAPI")
        return


def _workflow(data: dict[Any, Any]) -> Iterator[tuple[Sequence[Any], str]]:
    # YAML 1.1 reads the bare key `on` as the truth value.
    named = {("on" if key is True else key): value for key, value in data.items()}
    for error in _workflow_validator().iter_errors(named):
        yield _deepest(error, "not a valid workflow")
        return


@functools.cache
def _workflow_validator() -> Any:
    import jsonschema

    folder = importlib.resources.files("check_jsonschema") / "builtin_schemas" / "vendor"
    schema = json.loads((folder / "github-workflows.json").read_text(encoding="utf-8"))
    return jsonschema.Draft7Validator(schema)


def _deepest(error: Any, what: str) -> tuple[Sequence[Any], str]:
    """The error that says most: of alternatives, the one that got furthest."""
    best = error
    while getattr(best, "context", None):
        best = max(best.context, key=lambda each: len(each.absolute_path))
    message = " ".join(str(best.message).split())
    shown = message if len(message) <= _LONGEST else f"{message[:_LONGEST]}…"
    return list(best.absolute_path), f"{what}: {shown}"


def _place(node: Any, path: Sequence[Any]) -> tuple[int, int]:
    """Line and column of the value at `path`, as deep as it exists."""
    mark = node.start_mark
    for step in path:
        if isinstance(node, yaml.MappingNode):
            pairs = [(key, value) for key, value in node.value if key.value == str(step)]
            if not pairs:
                break
            mark, node = pairs[0][0].start_mark, pairs[0][1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(step, int):
            node = node.value[step]
            mark = node.start_mark
    return mark.line + 1, mark.column + 1
