"""As much of CSS as the guide's own stylesheets use: rules, custom properties and `var()`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_VAR = re.compile(r"var\(\s*(--[\w-]+)\s*(?:,\s*((?:[^()]|\([^()]*\))*))?\)")
_IS = re.compile(r":is\(([^()]*)\)")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule for one or more selectors."""

    selectors: tuple[str, ...]
    declarations: Mapping[str, str]


def rules(css: str) -> Iterator[Rule]:
    """The rules at the top level of `css`: those that hold in every medium."""
    for head, body in _blocks(_COMMENT.sub("", css)):
        if not head.startswith("@"):
            yield Rule(tuple(_expanded(head)), _declarations(body))


def properties(css: str, selector: str, medium: str = "") -> dict[str, str]:
    """The custom properties that rules for `selector` set, at the top level or in `medium`."""
    text = _COMMENT.sub("", css)
    if medium:
        text = "\n".join(body for head, body in _blocks(text) if head == f"@media {medium}")
    return {
        name: value
        for rule in rules(text)
        if selector in rule.selectors
        for name, value in rule.declarations.items()
        if name.startswith("--")
    }


def resolved(value: str, known: Mapping[str, str]) -> str:
    """`value` with each `var()` replaced by what the property is, or by its fallback."""
    while _VAR.search(value):
        value = _VAR.sub(lambda match: known.get(match[1], match[2] or ""), value)
    return value.strip()


def _blocks(css: str) -> Iterator[tuple[str, str]]:
    """What stands before each outermost pair of braces, and in it."""
    depth = start = opened = 0
    for match in re.finditer(r"[{}]", css):
        if match[0] == "{":
            opened = match.end() if depth == 0 else opened
            depth += 1
        else:
            depth -= 1
            if depth == 0:
                yield " ".join(css[start : opened - 1].split()), css[opened : match.start()]
                start = match.end()


def _declarations(body: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in body.split(";") if ":" in line)
    return {name.strip(): " ".join(value.split()) for name, _, value in pairs}


def _expanded(head: str) -> Iterator[str]:
    """The selectors of `head`, each `:is()` written out: not every viewer of images knows it."""
    for selector in re.split(r",\s*(?![^()]*\))", head):
        match = _IS.search(selector)
        if match is None:
            yield selector.strip()
            continue
        for choice in match[1].split(","):
            yield from _expanded(
                selector[: match.start()] + choice.strip() + selector[match.end() :]
            )
