"""What a JSON schema refuses, as one problem for people: the place and the likeliest mistake."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from jsonschema.exceptions import ValidationError

from guide.languages.marked import Document
from guide.languages.problem import SyntaxProblem, quoted

HINT = "x-hint"
"""The keyword by which a schema of ours says what to write."""
_ALTERNATIVES = frozenset({"oneOf", "anyOf"})
_UNEXPECTED = frozenset({"additionalProperties", "unevaluatedProperties"})
_COLLECTIONS = frozenset({"object", "array"})
_NEEDED = frozenset({"dependencies", "dependentRequired"})
_BOUNDS = {
    "minimum": "at least",
    "maximum": "at most",
    "exclusiveMinimum": "more than",
    "exclusiveMaximum": "less than",
}
_TYPES = {
    "object": "a mapping",
    "array": "a list",
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "`true` or `false`",
    "null": "null",
}


def first_problem(
    document: Document, errors: Iterable[ValidationError]
) -> tuple[SyntaxProblem, ...]:
    """Return the most telling of a validator's errors, at its place; nothing if there is none."""
    found = [leaf for error in errors for leaf in _leaves(error)]
    if not found:
        return ()
    return (_explain(document, max(found, key=_telling), found),)


def without_placeholders(errors: Iterable[ValidationError]) -> Iterator[ValidationError]:
    """Leave out what is refused only because `${...}` stands where a tool puts a scalar."""
    for error in errors:
        is_placeholder = isinstance(error.instance, str) and "${" in error.instance
        wanted = _wanted_types(error)
        if not is_placeholder or (wanted and _COLLECTIONS.issuperset(wanted)):
            yield error


def _wanted_types(error: ValidationError) -> list[str]:
    """Return the types that an error asks for, in any of its alternatives."""
    rules: list[Any] = [
        each.validator_value for each in (error, *(error.context or ())) if each.validator == "type"
    ]
    return [name for rule in rules for name in ([rule] if isinstance(rule, str) else rule)]


def _leaves(error: ValidationError) -> Iterator[ValidationError]:
    """Yield the errors of the alternative that the author most likely had in mind."""
    if error.validator not in _ALTERNATIVES or not error.context:
        yield error
        return
    branches: dict[object, list[ValidationError]] = {}
    for each in error.context:
        branches.setdefault(each.relative_schema_path[0], []).append(each)
    fitting = [
        branch
        for branch in branches.values()
        if not any(_is_of_another_kind(each) for each in branch)
    ]
    if not fitting or _all_lack_a_key(fitting):
        yield error
        return
    for each in min(fitting, key=_distance):
        yield from _leaves(each)


def _is_of_another_kind(error: ValidationError) -> bool:
    """Return whether the whole value, not a part of it, is not what an alternative is about."""
    if error.relative_path:
        return False
    is_reference = error.validator == "required" and error.validator_value == ["$ref"]
    return is_reference or error.validator in ("type", "const", "pattern", "not")


def _all_lack_a_key(branches: Sequence[Sequence[ValidationError]]) -> bool:
    """Return whether each alternative only wants another key: none is likelier than the others."""
    return len(branches) > 1 and all(
        len(branch) == 1 and branch[0].validator == "required" and not branch[0].relative_path
        for branch in branches
    )


def _distance(branch: Sequence[ValidationError]) -> tuple[int, int]:
    """Return how far a value is from an alternative: its own keys first, then what is in them."""
    own = sum(_weight(each) for each in branch if not each.relative_path)
    return own, sum(map(_weight, branch))


def _weight(error: ValidationError) -> int:
    """Return how much would have to change: each key that is unknown counts."""
    return max(len(_unexpected(error)), 1)


def _telling(error: ValidationError) -> tuple[int, int]:
    """Return the rank of an error: deep ones first, and a key that is wrong before one missing."""
    ranks = {"additionalProperties": 3, "unevaluatedProperties": 0, "required": 2}
    return len(error.absolute_path), ranks.get(str(error.validator), 1)


def _unexpected(error: ValidationError) -> list[str]:
    if error.validator not in _UNEXPECTED or not isinstance(error.instance, Mapping):
        return []
    return [key for key in error.instance if repr(key) in error.message]


def _explain(
    document: Document, error: ValidationError, others: Sequence[ValidationError]
) -> SyntaxProblem:
    path = list(error.absolute_path)
    where = _where(path)
    unexpected = _unexpected(error)
    line, column = document.place(path, unexpected[0] if unexpected else None)
    if unexpected:
        inside = f" in {where}" if path else ""
        hint = _did_you_mean(unexpected[0], _known(error, others))
        return SyntaxProblem(line, column, f"unexpected key {quoted(unexpected[0])}{inside}", hint)
    message, hint = _message(error)
    own = error.schema.get(HINT) if isinstance(error.schema, Mapping) else None
    return SyntaxProblem(line, column, f"{where} {message}", own or hint)


def _known(error: ValidationError, others: Sequence[ValidationError]) -> list[str]:
    """Return the keys that might stand where an unexpected one does."""
    known = list(error.schema.get("properties", ())) if isinstance(error.schema, Mapping) else []
    missing = [
        key
        for other in others
        if other.validator == "required" and other.absolute_path == error.absolute_path
        for key in _missing(other)
    ]
    given: Any = error.instance
    return [key for key in [*missing, *known] if key not in given]


def _missing(error: ValidationError) -> list[str]:
    wanted: Any = error.validator_value
    given: Any = error.instance
    return [key for key in wanted if key not in given]


def _message(error: ValidationError) -> tuple[str, str | None]:
    value: Any = error.instance
    rule: Any = error.validator_value
    if error.validator == "required":
        return f"lacks {_choices(_missing(error)[:1])}", None
    if error.validator in _NEEDED:
        needed = error.message.rpartition("'")[0].partition("'")[2]
        key, _, by = needed.partition("' is a dependency of '")
        return (f"has `{by}` but lacks `{key}`", None) if by else ("lacks a key", None)
    if error.validator == "type":
        names = [rule] if isinstance(rule, str) else rule
        return f"must be {_names(names)}, not {_kind(value)}", _quotes(names, value)
    if error.validator in ("enum", "const"):
        allowed = [_text(each) for each in (rule if error.validator == "enum" else [rule])]
        hint = _did_you_mean(_text(value), allowed)
        if hint is None and len(allowed) <= 8:
            hint = f"one of {_choices(allowed)}" if len(allowed) > 1 else f"write `{allowed[0]}`"
        return f"cannot be {quoted(_text(value))}", hint
    if error.validator == "pattern":
        return f"cannot be {quoted(str(value))}", f"it must match {quoted(str(rule), 60)}"
    if error.validator in ("minItems", "minProperties", "minLength"):
        return "must not be empty" if rule == 1 else f"needs at least {rule}", None
    if error.validator in _BOUNDS:
        return f"must be {_BOUNDS[str(error.validator)]} {rule}", None
    if error.validator in _ALTERNATIVES:
        return _no_alternative(error)
    return f"is not valid: {error.message[:80]}", None


def _quotes(types: Sequence[str], value: object) -> str | None:
    """Tell a number that is written as a text, or the other way round, which look the same here."""
    if isinstance(value, bool | int | float):
        return "put it in quotes" if "string" in types else None
    is_plain = isinstance(value, str) and (
        (value.isdecimal() and not {"integer", "number"}.isdisjoint(types))
        or (value in ("true", "false") and "boolean" in types)
    )
    return "leave out the quotes" if is_plain else None


def _no_alternative(error: ValidationError) -> tuple[str, str | None]:
    needed = [each for each in error.context or () if each.validator == "required"]
    if needed:
        return f"lacks {_choices([_missing(each)[0] for each in needed][:3], ' or ')}", None
    alternatives: Any = error.validator_value
    if not error.context and isinstance(error.instance, Mapping):
        excluding = [key for each in alternatives for key in each.get("required", ())]
        both = [key for key in excluding if key in error.instance]
        return f"cannot have {_choices(both, ' and ')} at once", None
    like_this = " like this" if isinstance(error.instance, dict | list) else ""
    return f"cannot be {_kind(error.instance)}{like_this}", _wanted(error)


def _wanted(error: ValidationError) -> str | None:
    """Say which kinds of values an alternative takes, where that is all there is to say."""
    names = _wanted_types(error)
    return f"it takes {_names(names)}" if names else None


def _names(types: Sequence[str]) -> str:
    """Return types in words; that a value may also be left empty helps nobody who gave one."""
    unique = list(dict.fromkeys(types))
    telling = [name for name in unique if name != "null"] or unique
    return " or ".join(_TYPES.get(name, name) for name in telling)


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    if isinstance(value, list):
        return "a list"
    return "empty" if value is None else quoted(_text(value))


def _text(value: object) -> str:
    """Return a scalar as YAML and JSON have it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _choices(names: Sequence[str], separator: str = ", ") -> str:
    return separator.join(f"`{name}`" for name in names)


def _where(path: Sequence[str | int]) -> str:
    if not path:
        return "the document"
    text = ".".join(str(step) for step in path)
    return quoted(text, 60)


def _did_you_mean(name: str, known: Iterable[str]) -> str | None:
    near = difflib.get_close_matches(name[:40], list(known), n=1, cutoff=0.6)
    return f"did you mean `{near[0]}`?" if near else None
