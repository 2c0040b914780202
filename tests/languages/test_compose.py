"""Compose files: held to the Compose Specification, and names to what they lead to."""

from __future__ import annotations

import pytest

from guide.languages import SyntaxProblem, verify

COMPOSE = """\
name: shop
services:
  api:
    build: .
    ports: ["${PORT:-8080}:8080"]
    environment:
      DATABASE_URL: postgres://db/shop
    depends_on:
      db: {condition: service_healthy}
    networks: [back]
    secrets: [token]
    healthcheck:
      test: [CMD, curl, -f, http://localhost:8080/health]
      interval: 10s
    deploy:
      resources: {limits: {cpus: "0.5", memory: 256M}}
  db:
    image: postgres:18
    volumes:
      - data:/var/lib/postgresql
      - ./init.sql:/docker-entrypoint-initdb.d/init.sql:ro
      - {type: tmpfs, target: /tmp}
    networks: [back, default]
volumes:
  data:
networks:
  back:
secrets:
  token: {file: ./token}
"""

GOOD = [
    COMPOSE,
    "services:\n  api:\n    image: api\n    ports: [8080]\n",
    "services: {api: {image: a, depends_on: [b]}}\ninclude: [more.yaml]",
    "services: {api: {image: a, depends_on: {b: {condition: service_started, required: false}}}}",
    "services: {api: {image: a, volumes: ['${DATA}:/data'], network_mode: host}}",
    "services: {api: {image: a, x-note: b}}\nx-c: 1",
    "x-a: &a {image: a}\nx-b: &b {init: true}\nservices: {c: {<<: [*a, *b], command: c}}",
    # Fragments, and others that only look alike.
    COMPOSE[COMPOSE.index("volumes:\n  data") :],
    "services:\n  - name: api\n    image: a",
    "services:\n  api: {url: a}\nimages: {build: b}",
    "build:\n  services: {api: {imge: a}}",
]

MISTAKES = [
    (
        ("    image: postgres:18", "    <<: {imge: postgres}"),
        SyntaxProblem(17, 3, "unexpected key `imge` in `services.db`", "did you mean `image`?"),
    ),
    (
        ("image: postgres", "imge: postgres"),
        SyntaxProblem(18, 5, "unexpected key `imge` in `services.db`", "did you mean `image`?"),
    ),
    (
        ("ports:", "port:"),
        SyntaxProblem(5, 5, "unexpected key `port` in `services.api`", "did you mean `ports`?"),
    ),
    (
        ("name: shop", "nmae: shop"),
        SyntaxProblem(1, 1, "unexpected key `nmae`", "did you mean `name`?"),
    ),
    (
        ("service_healthy", "healthy"),
        SyntaxProblem(
            9,
            12,
            "`services.api.depends_on.db.condition` cannot be `healthy`",
            "did you mean `service_healthy`?",
        ),
    ),
    (
        ("interval: 10s", "interval: 10"),
        SyntaxProblem(
            14,
            7,
            "`services.api.healthcheck.interval` must be a text, not `10`",
            "put it in quotes",
        ),
    ),
    (
        ('["${PORT:-8080}:8080"]', "8080:8080"),
        SyntaxProblem(5, 5, "`services.api.ports` must be a list, not `8080:8080`"),
    ),
    (
        ("depends_on:\n      db: {condition: service_healthy}", "depends_on: '${NEEDED}'"),
        SyntaxProblem(
            8,
            5,
            "`services.api.depends_on` cannot be `${NEEDED}`",
            "it takes a list or a mapping",
        ),
    ),
    (
        ("cpus:", "cpu:"),
        SyntaxProblem(
            16,
            28,
            "unexpected key `cpu` in `services.api.deploy.resources.limits`",
            "did you mean `cpus`?",
        ),
    ),
    (
        ("build: .", "build: {contxt: .}"),
        SyntaxProblem(
            4, 13, "unexpected key `contxt` in `services.api.build`", "did you mean `context`?"
        ),
    ),
    (
        ("      db: {", "      dbs: {"),
        SyntaxProblem(9, 7, "the service `dbs` is not defined", "did you mean `db`?"),
    ),
    (
        ("volumes:\n  data:\n", ""),
        SyntaxProblem(20, 9, "the volume `data` is not defined", "define it under `volumes`"),
    ),
    (
        ("- data:/var/lib/postgresql", "- {type: volume, source: date, target: /d}"),
        SyntaxProblem(20, 24, "the volume `date` is not defined", "did you mean `data`?"),
    ),
    (
        ("networks: [back, default]", "networks: [bakc]"),
        SyntaxProblem(23, 16, "the network `bakc` is not defined", "did you mean `back`?"),
    ),
    (
        ("secrets: [token]", "secrets: [{source: key}]"),
        SyntaxProblem(11, 15, "the secret `key` is not defined", "define it under `secrets`"),
    ),
    (
        ("secrets: [token]", "configs: [settings]"),
        SyntaxProblem(11, 15, "the config `settings` is not defined", "define it under `configs`"),
    ),
]


@pytest.mark.parametrize("code", GOOD)
def test_what_compose_takes_passes(code: str) -> None:
    assert verify("yaml", code) == ()


@pytest.mark.parametrize(("change", "problem"), MISTAKES)
def test_the_likeliest_mistake_is_named_and_placed(
    change: tuple[str, str], problem: SyntaxProblem
) -> None:
    assert change[0] in COMPOSE
    assert verify("yaml", COMPOSE.replace(*change, 1)) == (problem,)


def test_each_name_that_is_not_defined_is_told() -> None:
    problems = verify("yaml", COMPOSE.replace("  back:\n", "  front:\n"))

    assert problems == (
        SyntaxProblem(10, 16, "the network `back` is not defined", "define it under `networks`"),
        SyntaxProblem(23, 16, "the network `back` is not defined", "define it under `networks`"),
    )
