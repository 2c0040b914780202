"""Every rule by id with its summary, whoever reports it: each has a page in docs/about/rules/."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from guide.checks.rules import RULES as SOURCE
from guide.checks.rules import input_files

_READING = input_files.RULE
"""Reports under the ids of `_INPUT`, not under its own."""
_INPUT = {
    "data-file": "stands beside data files that are valid YAML of the right shape",
    "file-encoding": "is UTF-8 text without a byte order mark",
    "file-link": "is a real file inside the project, not a link out of it",
    "file-newlines": "ends its lines with LF",
    "file-size": "is small enough to be a page",
    "file-unreadable": "can be read",
    "front-matter": "starts with front matter of the right shape",
}
"""What reading the project itself finds."""
_ABOUT_RULES = {
    "allow-list": "is allowed only what docs/allowed.yml lists, sorted and used",
    "nothing-checked": "is one of many: a check that sees nothing fails",
    "suppression": "suppresses only what is there, with a reason",
}
_DRAWING = {"diagram-syntax": "has only diagrams that can be drawn"}
_PUBLISHING = {
    "example-verified": "shows examples that ran exactly as they are",
    "id-recorded": "is published under addresses that are recorded",
    "render": "is rendered without a warning",
}

SOURCE_RULES: Mapping[str, str] = MappingProxyType(
    {**_INPUT, **_ABOUT_RULES, **_DRAWING, **{r.id: r.summary for r in SOURCE if r != _READING}}
)
"""What `guide check` can report."""


def built_rules() -> Mapping[str, str]:
    """What `guide build` can report in addition; loads what reads the built site."""
    from guide.checks.built import RULES as BUILT

    return {**_PUBLISHING, **{rule.id: rule.summary for rule in BUILT}}


def all_rules() -> Mapping[str, str]:
    """Every rule."""
    return {**SOURCE_RULES, **built_rules()}
