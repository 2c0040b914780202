"""Names in a Kubernetes manifest that must lead to something in the same manifest.

The schemas cannot say this. The API server refuses wrong labels and volumes; a container whose
probe asks a port that it does not name never becomes ready.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

_Path = list[str | int]
_Finding = tuple[_Path, str, str | None]
_TEMPLATE = ("spec", "template")
_TEMPLATES: dict[str, tuple[str, ...]] = {
    "Pod": (),
    "Deployment": _TEMPLATE,
    "ReplicaSet": _TEMPLATE,
    "StatefulSet": _TEMPLATE,
    "DaemonSet": _TEMPLATE,
    "Job": _TEMPLATE,
    "CronJob": ("spec", "jobTemplate", "spec", "template"),
    "PodTemplate": ("template",),
}
"""Where the pod, or its template, stands in each kind."""
_SELECTING = frozenset({"Deployment", "ReplicaSet", "StatefulSet", "DaemonSet"})
_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")


def dangling(kind: str, value: Any) -> Iterator[_Finding]:
    """Yield the place of each name that leads nowhere, what it is, and what to do.

    The manifest must fit the schema of its kind.
    """
    if kind not in _TEMPLATES:
        return
    template = _get(value, _TEMPLATES[kind])
    if kind in _SELECTING:
        yield from _unmatched(value, template)
    base: _Path = [*_TEMPLATES[kind], "spec"]
    pod = template.get("spec") or {}
    volumes = [each["name"] for _, each in _items(pod, "volumes")]
    for _, claim in _items(_get(value, ["spec"]), "volumeClaimTemplates"):
        volumes.append(_get(claim, ["metadata"]).get("name"))
    for group in ("initContainers", "containers"):
        for index, container in _items(pod, group):
            yield from _unmounted([*base, group, index], container, volumes)
            yield from _unknown_ports([*base, group, index], container)


def _get(value: Any, path: Sequence[str | int]) -> Any:
    """Return the mapping at a path; an empty one where nothing is."""
    for step in path:
        value = value.get(step) or {}
    return value


def _items(value: Any, key: str) -> Iterator[tuple[int, Any]]:
    """Yield the mappings in a list with their indexes: the schema lets any of them be empty."""
    for index, item in enumerate(value.get(key) or ()):
        if item is not None:
            yield index, item


def _unmatched(value: Any, template: Any) -> Iterator[_Finding]:
    labels = _get(template, ["metadata", "labels"])
    path: _Path = ["spec", "selector", "matchLabels"]
    for name, wanted in _get(value, path).items():
        if labels.get(name) != wanted:
            message = f"no pod of the template has the label `{name}: {wanted}`"
            yield [*path, name], message, "the selector must match the labels of the template"


def _unmounted(path: _Path, container: Any, volumes: list[str]) -> Iterator[_Finding]:
    for index, mount in _items(container, "volumeMounts"):
        if mount["name"] not in volumes:
            message = f"the pod has no volume `{mount['name']}`"
            hint = f"it has {', '.join(f'`{name}`' for name in volumes)}" if volumes else None
            yield [*path, "volumeMounts", index, "name"], message, hint


def _unknown_ports(path: _Path, container: Any) -> Iterator[_Finding]:
    named = [each["name"] for _, each in _items(container, "ports") if each.get("name")]
    for probe in _PROBES:
        for action in ("httpGet", "tcpSocket"):
            port = _get(container, [probe, action]).get("port")
            if isinstance(port, str) and port not in named:
                message = f"the container names no port `{port}`"
                hint = f"it names {', '.join(f'`{name}`' for name in named)}" if named else None
                yield [*path, probe, action, "port"], message, hint
