"""OpenTelemetry: the Collector's names lead somewhere; an SDK's configuration fits its schema."""

from __future__ import annotations

import subprocess
import sys

import pytest

from guide.languages import SyntaxProblem, verify

COLLECTOR = """\
receivers:
  otlp:
    protocols:
      grpc: {endpoint: 0.0.0.0:4317}
processors:
  memory_limiter: {check_interval: 1s, limit_mib: 400}
  batch:
exporters:
  otlphttp/traces: {endpoint: "http://tempo:4318"}
  prometheus: {endpoint: 0.0.0.0:8889}
connectors:
  spanmetrics:
extensions:
  health_check:
service:
  extensions: [health_check]
  telemetry: {logs: {level: info}}
  pipelines:
    traces:
      receivers: [otlp]
      processors: [memory_limiter, batch]
      exporters: [otlphttp/traces, spanmetrics]
    metrics/red:
      receivers: [spanmetrics]
      exporters: [prometheus]
"""
SDK = """\
file_format: "1.0"
resource:
  attributes:
    - {name: service.name, value: orders}
tracer_provider:
  processors:
    - batch:
        schedule_delay: 5000
        exporter:
          otlp_http: {endpoint: "http://collector:4318/v1/traces"}
  sampler:
    parent_based:
      root:
        trace_id_ratio_based: {ratio: 0.1}
"""

GOOD = [
    COLLECTOR,
    COLLECTOR.replace("traces:\n", "profiles:\n"),
    COLLECTOR.replace("[memory_limiter, batch]", "[memory_limiter, batch, '${env:MORE}']"),
    SDK,
    SDK.replace('"1.0"', '"1.0-rc.2"'),
    SDK.replace("5000", "${DELAY:-5000}"),
    f"{SDK}---\n{COLLECTOR}",
    # Fragments, and others that only look alike.
    COLLECTOR[: COLLECTOR.index("service:")],
    SDK[SDK.index("tracer_provider:") :],
    "service: api\npipelines: {build: {steps: []}}",
]

MISTAKES = [
    (
        ("receivers:\n  otlp", "recievers:\n  otlp"),
        SyntaxProblem(1, 1, "unexpected key `recievers`", "did you mean `receivers`?"),
    ),
    (
        ("receivers: [otlp]", "receivers: [oltp]"),
        SyntaxProblem(20, 19, "the receiver `oltp` is not defined", "did you mean `otlp`?"),
    ),
    (
        ("receivers: [otlp]", "receivers: [prometheus]"),
        SyntaxProblem(
            20,
            19,
            "the receiver `prometheus` is not defined",
            "there is an exporter of that name",
        ),
    ),
    (
        ("limiter, batch]", "limiter, batch, spanmetrics]"),
        SyntaxProblem(
            21,
            43,
            "the processor `spanmetrics` is not defined",
            "there is a connector of that name",
        ),
    ),
    (
        ("  prometheus: {endpoint: 0.0.0.0:8889}\n", ""),
        SyntaxProblem(
            24, 19, "the exporter `prometheus` is not defined", "define it under `exporters`"
        ),
    ),
    (
        ("[health_check]", "[healthcheck]"),
        SyntaxProblem(
            16, 16, "the extension `healthcheck` is not defined", "did you mean `health_check`?"
        ),
    ),
    (
        ("[memory_limiter, batch]", "[memory_limiter]"),
        SyntaxProblem(
            7,
            3,
            "the processor `batch` is defined, but no pipeline has it",
            "name it in a pipeline, or remove it",
        ),
    ),
    (
        ("  extensions: [health_check]\n", ""),
        SyntaxProblem(
            14,
            3,
            "the extension `health_check` is defined, but never started",
            "name it in `service.extensions`, or remove it",
        ),
    ),
    (
        ("receivers: [spanmetrics]", "receivers: [otlp]"),
        SyntaxProblem(
            12,
            3,
            "no pipeline reads from the connector `spanmetrics`",
            "name it under the `receivers` of one",
        ),
    ),
    (
        (", spanmetrics]", "]"),
        SyntaxProblem(
            12,
            3,
            "no pipeline writes to the connector `spanmetrics`",
            "name it under the `exporters` of one",
        ),
    ),
    (
        ("      receivers: [otlp]\n", ""),
        SyntaxProblem(19, 5, "`service.pipelines.traces` lacks `receivers`"),
    ),
    (
        ("receivers: [otlp]", "receivers: []"),
        SyntaxProblem(20, 7, "`service.pipelines.traces.receivers` must not be empty"),
    ),
    (
        ("receivers: [otlp]", "receivers: otlp"),
        SyntaxProblem(20, 7, "`service.pipelines.traces.receivers` must be a list, not `otlp`"),
    ),
    (
        ("receivers: [otlp]", "receivers: [otlp grpc]"),
        SyntaxProblem(
            20,
            19,
            "`service.pipelines.traces.receivers.0` cannot be `otlp grpc`",
            "a component is `type` or `type/name`, as in `otlp/backend`",
        ),
    ),
    (
        ("  batch:\n", "  batch:\n  1batch:\n"),
        SyntaxProblem(
            8,
            3,
            "`1batch` is no name of a processor",
            "write `type` or `type/name`, as in `batch/fast`",
        ),
    ),
    (
        ("      processors:", "      procesors:"),
        SyntaxProblem(
            21,
            7,
            "unexpected key `procesors` in `service.pipelines.traces`",
            "did you mean `processors`?",
        ),
    ),
    (
        ("    traces:\n", "    trace:\n"),
        SyntaxProblem(19, 5, "unknown signal `trace` of a pipeline", "did you mean `traces`?"),
    ),
    (
        ("    traces:\n", "    spans/a:\n"),
        SyntaxProblem(
            19,
            5,
            "unknown signal `spans` of a pipeline",
            "one of `traces`, `metrics`, `logs`, `profiles`",
        ),
    ),
    (
        ("metrics/red", "metrics/"),
        SyntaxProblem(
            23, 5, "the pipeline `metrics/` has no name after its `/`", "write `metrics/name`"
        ),
    ),
]

SDK_MISTAKES = [
    (
        ("tracer_provider", "trace_provider"),
        SyntaxProblem(5, 1, "unexpected key `trace_provider`", "did you mean `tracer_provider`?"),
    ),
    (
        ("schedule_delay", "scheduled_delay"),
        SyntaxProblem(
            8,
            9,
            "unexpected key `scheduled_delay` in `tracer_provider.processors.0.batch`",
            "did you mean `schedule_delay`?",
        ),
    ),
    (
        ("5000", "soon"),
        SyntaxProblem(
            8,
            9,
            "`tracer_provider.processors.0.batch.schedule_delay` "
            "must be a whole number, not `soon`",
        ),
    ),
    (
        ("0.1", "-0.1"),
        SyntaxProblem(
            14,
            32,
            "`tracer_provider.sampler.parent_based.root.trace_id_ratio_ba…` must be at least 0",
        ),
    ),
    (
        ('"1.0"', '"0.4"'),
        SyntaxProblem(1, 1, "unknown version `0.4` of the file format", 'write `"1.0"`'),
    ),
    (
        ('"1.0"', "1.0"),
        SyntaxProblem(1, 1, "`file_format` must be a text, not `1.0`", "put it in quotes"),
    ),
]


@pytest.mark.parametrize("code", GOOD)
def test_what_opentelemetry_takes_passes(code: str) -> None:
    assert verify("yaml", code) == ()


@pytest.mark.parametrize(("change", "problem"), MISTAKES)
def test_a_mistake_in_a_collector_is_named_and_placed(
    change: tuple[str, str], problem: SyntaxProblem
) -> None:
    assert change[0] in COLLECTOR
    assert verify("yaml", COLLECTOR.replace(*change, 1)) == (problem,)


@pytest.mark.parametrize(("change", "problem"), SDK_MISTAKES)
def test_a_mistake_in_an_sdk_is_named_and_placed(
    change: tuple[str, str], problem: SyntaxProblem
) -> None:
    assert change[0] in SDK
    assert verify("yaml", SDK.replace(*change, 1)) == (problem,)


def test_a_misspelt_name_is_one_mistake_although_the_right_one_is_then_unused() -> None:
    assert len(verify("yaml", COLLECTOR.replace("[otlp]", "[oltp]"))) == 1


def test_the_sdk_itself_is_not_loaded() -> None:
    program = (
        "import sys; from guide.languages import verify; "
        "verify('yaml', 'file_format: \"1.0\"'); sys.exit('opentelemetry' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
