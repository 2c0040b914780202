"""Kubernetes manifests: the strict schemas that kubernetes-validate carries, its newest version.

A kind that Kubernetes does not have belongs to whoever defined it: only what every object has is
checked. But a kind or a version that is missing in a group of Kubernetes itself is a mistake.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any

from jsonschema import Draft202012Validator

from guide.languages.kubernetes_references import dangling
from guide.languages.marked import Document, Value
from guide.languages.problem import SyntaxProblem, quoted
from guide.languages.schema_errors import HINT, first_problem

_FOLDER = re.compile(r"v(\d+)\.(\d+)\.\d+-local-strict")
_API_VERSION = re.compile(r"(?:(?P<group>[a-z0-9.-]+)/)?[a-z][a-z0-9]*")
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?")
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_AMOUNT = {
    "type": ["string", "number"],
    "pattern": r"^[+-]?(\d+\.?\d*|\.\d+)([numkMGTPE]|[KMGTPE]i|[eE][+-]?\d+)?$",
    HINT: "an amount is written as `500m`, `2`, `128Mi` or `1G`",
}
"""The schema takes any text."""
_RBAC = "rbac.authorization.k8s.io"
"""Names in this group may hold more characters: `system:node`."""
_FILES = frozenset({"audit.k8s.io", "kind.x-k8s.io", "kubeadm.k8s.io"})
"""Groups of files that a program reads, besides those that end in `config.k8s.io`: no objects."""
_NAMELESS = frozenset({"APIGroup", "APIVersions", "Config", "Status", "TokenRequest"})
"""Kinds without a name, besides reviews and lists; kubectl reads its own settings as `Config`."""


@dataclass(frozen=True, slots=True)
class _Release:
    """The kinds of one version of Kubernetes."""

    version: str
    schemas: Mapping[str, Any]
    names: Mapping[tuple[str, str], str]
    """The name of the schema by `apiVersion` and `kind`."""

    @property
    def api_versions(self) -> list[str]:
        """All that there are, in order."""
        return sorted({api_version for api_version, _ in self.names})

    def api_versions_of(self, kind: str) -> list[str]:
        """Return where a kind is, in order."""
        return sorted(api_version for api_version, name in self.names if name == kind)

    def kinds_of(self, api_version: str) -> list[str]:
        """Return the kinds of an `apiVersion`, in order."""
        return sorted(kind for found, kind in self.names if found == api_version)


def is_one(value: Value) -> bool:
    """Return whether a document is a manifest."""
    return isinstance(value, dict) and "apiVersion" in value and "kind" in value


def problems(document: Document) -> tuple[SyntaxProblem, ...]:
    """Return what is wrong with a manifest first; names that lead nowhere are all told."""
    value = document.value
    assert isinstance(value, dict)
    api_version, kind = value["apiVersion"], value["kind"]
    parts = _API_VERSION.fullmatch(api_version) if isinstance(api_version, str) else None
    if parts is None:
        hint = "it is `v1`, or a group and a version such as `apps/v1`"
        return (_at(document, ["apiVersion"], _cannot_be("apiVersion", api_version), hint),)
    if not isinstance(kind, str) or not kind:
        return (_at(document, ["kind"], _cannot_be("kind", kind), "a kind is a name"),)
    assert isinstance(api_version, str)
    schema = _release().names.get((api_version, kind))
    if schema is None:
        unknown = _unknown(document, api_version, parts["group"] or "", kind)
        return unknown or _named(document, parts["group"] or "", kind)
    return (
        first_problem(document, _validator(schema).iter_errors(value))
        or _named(document, parts["group"] or "", kind)
        or tuple(_at(document, path, says, hint) for path, says, hint in dangling(kind, value))
    )


@cache
def _release() -> _Release:
    """Read the newest version that there is."""
    folder = resources.files("kubernetes_validate") / "kubernetes-json-schema"
    versions = {
        (int(match[1]), int(match[2])): each
        for each in folder.iterdir()
        if (match := _FOLDER.fullmatch(each.name))
    }
    (major, minor), newest = max(versions.items(), key=lambda each: each[0])
    schemas = json.loads((newest / "_definitions.json").read_text("utf-8"))
    schemas["$defs"][_QUANTITY] = _AMOUNT
    names = {}
    for name, schema in schemas["$defs"].items():
        known = schema.get("x-kubernetes-group-version-kind", ())
        if len(known) == 1:  # what has several is part of requests
            group, version = known[0]["group"], known[0]["version"]
            names[f"{group}/{version}" if group else version, known[0]["kind"]] = name
    return _Release(f"{major}.{minor}", schemas, names)


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({**_release().schemas, "$ref": f"#/$defs/{name}"})


def _unknown(
    document: Document, api_version: str, group: str, kind: str
) -> tuple[SyntaxProblem, ...]:
    """Report a kind that Kubernetes itself would have if it were right."""
    release = _release()
    kinds = release.kinds_of(api_version)
    elsewhere = release.api_versions_of(kind)
    if kinds:
        if not group and kind in ("List", "Config"):
            return ()  # what kubectl makes and reads
        message = f"`{api_version}` has no kind {quoted(kind)} in Kubernetes {release.version}"
        hint = f"it is in {_listed(elsewhere)}" if elsewhere else _near(kind, kinds)
        hint = hint or _near(kind, {name for _, name in release.names}, 0.9)
        return (_at(document, ["kind"], message, hint),)
    versions = [each for each in release.api_versions if each.rpartition("/")[0] == group]
    # Groups without a dot are Kubernetes' own: one that had this kind is gone.
    if versions or (elsewhere and "." not in group):
        message = f"Kubernetes {release.version} has no `{api_version}`"
        hint = (
            f"`{kind}` is in {_listed(elsewhere)}" if elsewhere else f"it has {_listed(versions)}"
        )
        return (_at(document, ["apiVersion"], message, hint),)
    known = {each.rpartition("/")[0] for each in release.api_versions}
    hint = _near(group, known, 0.9 if "." in group else 0.8)
    if hint is None:
        return ()
    return (_at(document, ["apiVersion"], f"unknown group {quoted(group)}", hint),)


def _named(document: Document, group: str, kind: str) -> tuple[SyntaxProblem, ...]:
    """Report an object without a name, or with one that no object can have."""
    if kind in _NAMELESS or kind.endswith(("Review", "List")):
        return ()
    if group in _FILES or group.endswith("config.k8s.io"):
        return ()
    assert isinstance(document.value, dict)
    metadata = document.value.get("metadata")
    if not isinstance(metadata, dict) or not metadata.keys() & {"name", "generateName"}:
        return (_at(document, ["metadata"], "the document lacks `metadata.name`"),)
    name = metadata.get("name", "generated")
    if not isinstance(name, str) or not (group == _RBAC or _NAME.fullmatch(name)):
        hint = "a name has small letters, digits, `-` and `.`"
        return (_at(document, ["metadata", "name"], _cannot_be("metadata.name", name), hint),)
    return ()


def _at(
    document: Document, path: list[str | int], message: str, hint: str | None = None
) -> SyntaxProblem:
    return SyntaxProblem(*document.place(path), message, hint)


def _cannot_be(key: str, value: Value) -> str:
    return f"`{key}` cannot be {quoted(str(value)) if isinstance(value, str | int) else 'this'}"


def _listed(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _near(name: str, known: Iterable[str], cutoff: float = 0.6) -> str | None:
    by_lower = {each.lower(): each for each in known}
    near = difflib.get_close_matches(name.lower()[:60], by_lower, n=1, cutoff=cutoff)
    return f"did you mean `{by_lower[near[0]]}`?" if near else None
