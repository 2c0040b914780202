"""Kubernetes manifests: held to the schema of their kind, and names to what they lead to."""

from __future__ import annotations

import pytest

from guide.languages import SyntaxProblem, verify

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: orders
  labels: {app: orders}
spec:
  replicas: 3
  selector:
    matchLabels: {app: orders}
  template:
    metadata:
      labels: {app: orders, tier: api}
    spec:
      containers:
        - name: api
          image: registry.test/orders:1.4
          ports:
            - {name: http, containerPort: 8080}
          readinessProbe:
            httpGet: {path: /ready, port: http}
          resources:
            requests: {cpu: 0.25, memory: 128Mi}
            limits: {cpu: 500m, memory: 1e9}
          volumeMounts:
            - {name: scratch, mountPath: /tmp}
      volumes:
        - name: scratch
          emptyDir: {}
"""
SERVICE = """\
apiVersion: v1
kind: Service
metadata:
  name: orders
spec:
  selector: {app: orders}
  ports:
    - {port: 80, targetPort: http}
"""
CRON_JOB = """\
apiVersion: batch/v1
kind: CronJob
metadata: {generateName: nightly-}
spec:
  schedule: "0 3 * * *"
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: a, image: b, volumeMounts: [{name: c, mountPath: /c}]}]
          volumes: [{name: c, configMap: {name: d}}]
"""
STATEFUL_SET = """\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  serviceName: db
  selector: {matchExpressions: [{key: app, operator: Exists}]}
  template:
    metadata: {labels: {app: db}}
    spec:
      containers: [{name: db, image: a, volumeMounts: [{name: data, mountPath: /d}]}]
  volumeClaimTemplates:
    - metadata: {name: data}
      spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Gi}}}
"""
ROUTE = """\
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: {name: orders}
spec: {what: only its controller knows}
"""
DEFINITION = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: shops.example.test}
spec:
  group: example.test
  scope: Namespaced
  names: {plural: shops, kind: Shop}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties: {size: {type: integer, enum: [1, 2], default: 1}}
"""

GOOD = [
    DEPLOYMENT,
    f"{DEPLOYMENT}---\n{SERVICE}",
    f"# Both\n---\n{SERVICE}---\n{ROUTE}---\n",
    DEPLOYMENT.replace("      volumes:\n", "      volumes:\n        -\n"),
    CRON_JOB,
    STATEFUL_SET,
    DEFINITION,
    "apiVersion: argoproj.io/v1alpha1\nkind: Rollout\nmetadata: {name: a}\nspec: {b: 1}",
    "apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: 'a:b'}\nrules: []",
    "apiVersion: authentication.k8s.io/v1\nkind: TokenReview\nspec: {token: a}",
    "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [a]",
    "apiVersion: kind.x-k8s.io/v1alpha4\nkind: Cluster\nnodes: [{role: worker}]",
    "apiVersion: v1\nkind: Config\nclusters: []",
    "apiVersion: v1\nkind: List\nitems: []",
    # Fragments, and others that only look alike.
    DEPLOYMENT[DEPLOYMENT.index("spec:") :],
    "kind: Deployment\nspec: {replica: 3}",
    "apiVersion: 1\ndatasources: []",
    "data:\n  apiVersion: v1\n  kind: Pd",
]

MISTAKES = [
    (
        DEPLOYMENT,
        ("replicas: 3", "replica: 3"),
        SyntaxProblem(7, 3, "unexpected key `replica` in `spec`", "did you mean `replicas`?"),
    ),
    (
        DEPLOYMENT,
        ("replicas: 3", "replicas: '3'"),
        SyntaxProblem(
            7, 3, "`spec.replicas` must be a whole number, not `3`", "leave out the quotes"
        ),
    ),
    (
        DEPLOYMENT,
        ("metadata:\n      labels", "metadata:\n      lables"),
        SyntaxProblem(
            12, 7, "unexpected key `lables` in `spec.template.metadata`", "did you mean `labels`?"
        ),
    ),
    (
        DEPLOYMENT,
        ("  selector:\n    matchLabels: {app: orders}\n", ""),
        SyntaxProblem(6, 1, "`spec` lacks `selector`"),
    ),
    (
        DEPLOYMENT,
        ("image:", "imag:"),
        SyntaxProblem(
            16,
            11,
            "unexpected key `imag` in `spec.template.spec.containers.0`",
            "did you mean `image`?",
        ),
    ),
    (
        DEPLOYMENT,
        ("cpu: 500m", "cpu: 500ms"),
        SyntaxProblem(
            23,
            22,
            "`spec.template.spec.containers.0.resources.limits.cpu` cannot be `500ms`",
            "an amount is written as `500m`, `2`, `128Mi` or `1G`",
        ),
    ),
    (
        DEPLOYMENT,
        ("matchLabels: {app: orders}", "matchLabels: {app: order}"),
        SyntaxProblem(
            9,
            19,
            "no pod of the template has the label `app: order`",
            "the selector must match the labels of the template",
        ),
    ),
    (
        DEPLOYMENT,
        ("- {name: scratch", "- {name: tmp"),
        SyntaxProblem(25, 16, "the pod has no volume `tmp`", "it has `scratch`"),
    ),
    (
        CRON_JOB,
        ("name: c, mountPath", "name: e, mountPath"),
        SyntaxProblem(11, 60, "the pod has no volume `e`", "it has `c`"),
    ),
    (
        STATEFUL_SET,
        ("name: data, mount", "name: date, mount"),
        SyntaxProblem(10, 57, "the pod has no volume `date`", "it has `data`"),
    ),
    (
        DEPLOYMENT,
        ("port: http}", "port: web}"),
        SyntaxProblem(20, 37, "the container names no port `web`", "it names `http`"),
    ),
    (
        DEPLOYMENT,
        ("kind: Deployment", "kind: Deploymnet"),
        SyntaxProblem(
            2,
            1,
            "`apps/v1` has no kind `Deploymnet` in Kubernetes 1.37",
            "did you mean `Deployment`?",
        ),
    ),
    (
        DEPLOYMENT,
        ("apps/v1", "v1"),
        SyntaxProblem(
            2, 1, "`v1` has no kind `Deployment` in Kubernetes 1.37", "it is in `apps/v1`"
        ),
    ),
    (
        DEPLOYMENT,
        ("apps/v1", "extensions/v1beta1"),
        SyntaxProblem(
            1, 1, "Kubernetes 1.37 has no `extensions/v1beta1`", "`Deployment` is in `apps/v1`"
        ),
    ),
    (
        CRON_JOB,
        ("batch/v1", "batch/v1beta1"),
        SyntaxProblem(1, 1, "Kubernetes 1.37 has no `batch/v1beta1`", "`CronJob` is in `batch/v1`"),
    ),
    (
        ROUTE,
        ("gateway.networking", "netwroking"),
        SyntaxProblem(
            1, 1, "unknown group `netwroking.k8s.io`", "did you mean `networking.k8s.io`?"
        ),
    ),
    (
        ROUTE,
        ("metadata: {name: orders}\n", ""),
        SyntaxProblem(1, 1, "the document lacks `metadata.name`"),
    ),
    (
        ROUTE,
        ("name: orders", "name: Orders_2"),
        SyntaxProblem(
            3,
            12,
            "`metadata.name` cannot be `Orders_2`",
            "a name has small letters, digits, `-` and `.`",
        ),
    ),
    (
        SERVICE,
        ("  name: orders\n", "  labels: {a: b}\n"),
        SyntaxProblem(3, 1, "the document lacks `metadata.name`"),
    ),
    (
        SERVICE,
        ("targetPort: http", "targetPort: [http]"),
        SyntaxProblem(
            8,
            18,
            "`spec.ports.0.targetPort` cannot be a list like this",
            "it takes a text or a whole number",
        ),
    ),
    (
        SERVICE,
        ("app: orders", "app: 7"),
        SyntaxProblem(6, 14, "`spec.selector.app` must be a text, not `7`", "put it in quotes"),
    ),
    (
        SERVICE,
        ("apiVersion: v1", "apiVersion: 1"),
        SyntaxProblem(
            1,
            1,
            "`apiVersion` cannot be `1`",
            "it is `v1`, or a group and a version such as `apps/v1`",
        ),
    ),
    (
        SERVICE,
        ("kind: Service", "kind: []"),
        SyntaxProblem(2, 1, "`kind` cannot be this", "a kind is a name"),
    ),
]


@pytest.mark.parametrize("code", GOOD)
def test_what_kubernetes_takes_passes(code: str) -> None:
    assert verify("yaml", code) == ()


@pytest.mark.parametrize(("code", "change", "problem"), MISTAKES)
def test_the_likeliest_mistake_is_named_and_placed(
    code: str, change: tuple[str, str], problem: SyntaxProblem
) -> None:
    assert change[0] in code
    assert verify("yaml", code.replace(*change, 1)) == (problem,)


def test_every_document_of_a_stream_is_looked_at() -> None:
    stream = f"{SERVICE}---\n{DEPLOYMENT.replace('replicas', 'replica')}"

    assert verify("yaml", stream + "---\n" + SERVICE.replace("port: 80, ", "")) == (
        SyntaxProblem(16, 3, "unexpected key `replica` in `spec`", "did you mean `replicas`?"),
        SyntaxProblem(46, 7, "`spec.ports.0` lacks `port`"),
    )
