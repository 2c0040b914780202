"""Do these manifests satisfy Kubernetes' schema, and do they fit each other?"""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import yaml

VERSION = "1.37"
FILES = (
    "deployment.yaml",
    "configmap.yaml",
    "service.yaml",
    "autoscaler.yaml",
    "disruption.yaml",
    "network.yaml",
    "gateway.yaml",
    "route.yaml",
)

Document = dict[str, Any]
Manifests = dict[str, Document]  # by kind; there is one of each


# --8<-- [start:show]
def cross_check(by_kind: Manifests) -> Iterator[str]:
    """What no schema can know: whether the manifests fit each other."""
    template = by_kind["Deployment"]["spec"]["template"]
    labels, pod = template["metadata"]["labels"], template["spec"]
    container = pod["containers"][0]
    ports = {port["name"] for port in container["ports"]}
    service = by_kind["Service"]["spec"]
    scaler = by_kind["HorizontalPodAutoscaler"]["spec"]
    budget = by_kind["PodDisruptionBudget"]["spec"]
    policy = by_kind["NetworkPolicy"]["spec"]
    config = by_kind["ConfigMap"]["data"]

    selectors = {
        "Service": service["selector"],
        "PodDisruptionBudget": budget["selector"]["matchLabels"],
        "NetworkPolicy": policy["podSelector"]["matchLabels"],
    }
    for kind, selector in selectors.items():
        if not selector.items() <= labels.items():
            yield f"{kind} selects no pod of the Deployment"

    probes = [container[name] for name in container if name.endswith("Probe")]
    used = {port["targetPort"] for port in service["ports"]}
    used |= {probe["httpGet"]["port"] for probe in probes}
    for port in sorted(used - ports):
        yield f"no container port is named {port}"
    offered = {port["port"] for port in service["ports"]}
    for rule in by_kind["HTTPRoute"]["spec"]["rules"]:
        for backend in rule["backendRefs"]:
            if backend["port"] not in offered:
                yield f"the Service has no port {backend['port']}"

    requests = container["resources"].get("requests", {})
    for name in (metric["resource"]["name"] for metric in scaler["metrics"]):
        if name not in requests:
            yield f"HPA needs a {name} request"
    if "replicas" in by_kind["Deployment"]["spec"]:
        yield "replicas undo the HPA at every apply"

    if scaler["minReplicas"] - budget.get("minAvailable", 0) < 1:
        yield "the budget allows no eviction, so no node drains"
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]
    needed = pause + int(config["DRAIN_SECONDS"])
    if needed > pod["terminationGracePeriodSeconds"]:
        yield f"preStop and draining need {needed} s, killed earlier"


# --8<-- [end:show]


def schema_errors(document: Document) -> str:
    """Empty if the document is valid for this version, or no schema covers it."""
    try:
        kubernetes_validate.validate(document, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        return error.message.replace("Additional properties are not allowed", "unknown")
    except kubernetes_validate.SchemaNotFoundError:
        return "custom resource, no schema here"
    return ""


def load() -> Manifests:
    texts = (Path(__file__).with_name(name).read_text() for name in FILES)
    return {each["kind"]: each for each in map(yaml.safe_load, texts)}


POD = "spec/template/spec"
CONTAINER = f"{POD}/containers/0"
MISTAKES = {
    "probe field misspelled": (
        "Deployment",
        f"{CONTAINER}/livenessProbe/periodSecond",
        5,
    ),
    "wrong selector": ("Service", "spec/selector", {"app": "stock"}),
    "port renamed": ("Deployment", f"{CONTAINER}/ports/0/name", "web"),
    "route to the pod's port": ("HTTPRoute", "spec/rules/0/backendRefs/0/port", 8080),
    "no requests": ("Deployment", f"{CONTAINER}/resources/requests", {}),
    "replicas written down": ("Deployment", "spec/replicas", 3),
    "budget of 3 for 3 pods": ("PodDisruptionBudget", "spec/minAvailable", 3),
    "grace period 30 s": ("Deployment", f"{POD}/terminationGracePeriodSeconds", 30),
    "policy for another pod": (
        "NetworkPolicy",
        "spec/podSelector/matchLabels",
        {"app.kubernetes.io/name": "stok"},
    ),
}


def put(document: Any, path: str, value: Any) -> None:
    *folders, name = path.split("/")
    for each in folders:
        document = document[int(each) if each.isdigit() else each]
    document[name] = value


def main() -> None:
    manifests = load()
    print(f"Kubernetes {VERSION}, strict")
    for kind, document in manifests.items():
        print(f"  {kind:<25}{schema_errors(document) or 'valid'}")
    print(f"  {'together':<25}{'; '.join(cross_check(manifests)) or 'they fit'}")

    print("one mistake each")
    for name, (kind, path, value) in MISTAKES.items():
        broken = copy.deepcopy(manifests)
        put(broken[kind], path, value)
        if "minAvailable" in path:
            del broken[kind]["spec"]["maxUnavailable"]  # they exclude each other
        error = ""
        if kind != "HTTPRoute":
            error = schema_errors(broken[kind])
        found = [f"schema: {error}"] if error else list(cross_check(broken))
        print(f"  {name:<25}{found[0] if found else 'NOT FOUND'}")


if __name__ == "__main__":
    main()
