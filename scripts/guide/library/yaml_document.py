"""Safe YAML that can tell where each value stands, for messages that name the line."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import pydantic
import yaml

from guide.library.problem import Problem, did_you_mean

SafeLoader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""Reads YAML that makes plain data only; written in C where PyYAML has that."""
Model = TypeVar("Model")
_adapter: Callable[[Any], pydantic.TypeAdapter[Any]] = functools.cache(pydantic.TypeAdapter)
"""What validates data as a model; making it takes longer than using it."""


class YamlError(Exception):
    """The text is not YAML, or not the YAML we accept; carries the problem to report."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """Parsed data and the text it came from, which knows each value's place."""

    path: str
    data: Any
    text: str
    first_line: int

    def place(self, location: Sequence[str | int]) -> tuple[int, int]:
        """Line and column (from 1) of the value at `location`, as deep as it exists."""
        node, mark = compose(self.text), None
        for step in location:
            found = _child(node, step)
            if found is None:
                break
            mark, node = found
        if mark is None:
            return self.first_line, 1
        return self.first_line + mark.line, mark.column + 1


def parse_yaml(path: str, text: str, rule: str, first_line: int = 1) -> YamlDocument:
    """Parse one safe YAML document; raise YamlError for bad syntax or a key given twice."""
    loader = SafeLoader(text)
    try:
        node = loader.get_single_node()
        _refuse_duplicate_keys(node)
        data = None if node is None else loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        if error.context_mark and "end of stream" in (error.problem or ""):
            mark = error.context_mark  # what was opened there is not closed
        raise YamlError(
            Problem(
                path,
                # YAML ends lines at more characters than files do.
                first_line + min(mark.line if mark else 0, text.count("\n")),
                (mark.column + 1) if mark else 1,
                rule,
                f"not valid YAML: {error.problem or error.context}",
                "quote values that contain a colon, `#` or brackets",
            )
        ) from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        line, column = _impossible(text)
        raise YamlError(
            Problem(path, first_line + line, column, rule, f"not valid YAML: {reason}", "")
        ) from error
    finally:
        loader.dispose()
    return YamlDocument(path, data, text, first_line)


def try_validate(
    document: YamlDocument, model: type[Model] | Any, rule: str, problems: list[Problem]
) -> Model | None:
    """Validate the document's data, or append what is wrong to `problems` and return None."""
    try:
        value: Model = _adapter(model).validate_python(document.data)
    except pydantic.ValidationError as error:
        problems.extend(_problem(document, rule, each) for each in error.errors())
        return None
    return value


def _problem(document: YamlDocument, rule: str, error: Any) -> Problem:
    location = [step for step in error["loc"] if isinstance(step, str | int)]
    line, column = document.place(location)
    name = ".".join(str(step) for step in location) or "the document"
    kind, context = error["type"], error.get("ctx", {})
    hint = ""
    if kind == "missing":
        message = f"`{name}` is missing"
    elif kind == "extra_forbidden":
        message = f"unknown key `{name}`"
        hint = did_you_mean(str(location[-1]), context.get("known", ()))
    elif kind == "did_you_mean":
        message, hint = context["message"], context["hint"]
    else:
        message = f"`{name}`: {error['msg'][0].lower()}{error['msg'][1:]}"
    return Problem(document.path, line, column, rule, message, hint)


def _impossible(text: str) -> tuple[int, int]:
    """Line (from 0) and column (from 1) of the first value that cannot be, as a 13th month."""
    loader = SafeLoader(text)
    try:
        pending = [loader.get_single_node()]
        while pending:
            node = pending.pop()
            if isinstance(node, yaml.ScalarNode):
                try:
                    loader.construct_object(node)
                except ValueError:
                    return node.start_mark.line, node.start_mark.column + 1
            elif isinstance(node, yaml.SequenceNode):
                pending.extend(reversed(node.value))
            elif isinstance(node, yaml.MappingNode):
                pending.extend(each for pair in reversed(node.value) for each in reversed(pair))
    except (yaml.YAMLError, RecursionError):
        pass
    finally:
        loader.dispose()
    return 0, 1


@functools.lru_cache(maxsize=8)
def compose(text: str) -> yaml.Node | None:
    """Parse `text` into nodes that know their places; raises yaml.YAMLError.

    That is a second time, which only files with something to report or to change need.
    """
    loader = SafeLoader(text)
    try:
        node: yaml.Node | None = loader.get_single_node()
    finally:
        loader.dispose()
    return node


def _child(node: yaml.Node | None, step: str | int) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return key.start_mark, value
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        value = node.value[step]
        return value.start_mark, value
    return None


def _refuse_duplicate_keys(node: yaml.Node | None) -> None:
    """YAML keeps the last of two equal keys without a word; an author never means that."""
    pending = [node] if node is not None else []
    seen_nodes: set[int] = set()
    while pending:
        current = pending.pop()
        if id(current) in seen_nodes:
            continue
        seen_nodes.add(id(current))
        if isinstance(current, yaml.MappingNode):
            keys: set[str] = set()
            for key, value in current.value:
                if isinstance(key, yaml.ScalarNode):
                    if key.value in keys:
                        raise yaml.MarkedYAMLError(
                            problem=f"the key `{key.value}` is given twice",
                            problem_mark=key.start_mark,
                        )
                    keys.add(key.value)
                pending.append(value)
        elif isinstance(current, yaml.SequenceNode):
            pending.extend(current.value)
