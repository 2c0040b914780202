"""OpenAPI documents and GitHub workflows: held to their schemas; other YAML and JSON is not."""

from __future__ import annotations

import json
import subprocess
import sys
import time

import pytest

from guide.languages import SyntaxProblem, verify

OPENAPI = """\
openapi: 3.1.0
info:
  title: Orders
  version: "1"
paths:
  /orders/{id}:
    get:
      operationId: getOrder
      parameters:
        - name: id
          in: path
          required: true
          schema: {type: string}
      responses:
        200:
          description: The order
          content:
            application/json:
              schema:
                $ref: '#/components/schemas/Order'
components:
  schemas:
    Order:
      type: object
"""
OPENAPI_JSON = json.dumps(
    {"openapi": "3.0.3", "info": {"title": "Orders", "version": "1"}, "paths": {}}, indent="\t"
)
WORKFLOW = """\
name: CI
on: [push]
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - run: make test
"""

GOOD = [
    ("yaml", OPENAPI),
    ("yaml", OPENAPI.replace("3.1.0", "3.0.3")),
    ("yaml", OPENAPI.replace("3.1.0", "3.2.0")),
    ("openapi", OPENAPI),
    ("openapi", OPENAPI_JSON),
    ("json", OPENAPI_JSON),
    ("yaml", WORKFLOW),
    ("github-workflow", WORKFLOW.replace("\non:", "\n'on':")),
    ("workflow", WORKFLOW.replace("[push]", "\n  schedule:\n    - cron: '0 3 * * 1'")),
    # Fragments, and others that only look alike.
    ("yaml", OPENAPI[OPENAPI.index("paths:") :]),
    ("yaml", "openapi:\n  generator: go\n"),
    ("yaml", "tools:\n  openapi: 3.1.0\n"),
    ("yaml", "jobs:\n  test:\n    run-on: x\n"),
    ("yaml", f"a: 1\n---\n{OPENAPI}---\n{WORKFLOW}"),
    ("json", '{"a": {"openapi": "3.1.0"}}'),
]

MISTAKES = [
    (
        OPENAPI,
        ("description", "descripton"),
        SyntaxProblem(15, 9, "`paths./orders/{id}.get.responses.200` lacks `description`"),
    ),
    (
        OPENAPI,
        ("responses:", "respones:"),
        SyntaxProblem(
            14,
            7,
            "unexpected key `respones` in `paths./orders/{id}.get`",
            "did you mean `responses`?",
        ),
    ),
    (
        OPENAPI,
        ("in: path", "in: pth"),
        SyntaxProblem(
            11,
            11,
            "`paths./orders/{id}.get.parameters.0.in` cannot be `pth`",
            "did you mean `path`?",
        ),
    ),
    (
        OPENAPI,
        ("required: true", "required: false"),
        SyntaxProblem(
            12,
            11,
            "`paths./orders/{id}.get.parameters.0.required` cannot be `false`",
            "write `true`",
        ),
    ),
    (
        OPENAPI,
        ("type: object", "type: objct"),
        SyntaxProblem(
            24, 7, "`components.schemas.Order.type` cannot be `objct`", "did you mean `object`?"
        ),
    ),
    (
        OPENAPI.replace("3.1.0", "3.0.3"),
        ("type: object", "type: objct"),
        SyntaxProblem(
            24, 7, "`components.schemas.Order.type` cannot be `objct`", "did you mean `object`?"
        ),
    ),
    (OPENAPI, ("  title: Orders\n", ""), SyntaxProblem(2, 1, "`info` lacks `title`")),
    (
        OPENAPI,
        ("title: Orders", "title: 5"),
        SyntaxProblem(3, 3, "`info.title` must be a text, not `5`", "put it in quotes"),
    ),
    (
        OPENAPI,
        ("schemas/Order", "schemas/Ordr"),
        SyntaxProblem(20, 17, "`#/components/schemas/Ordr` leads nowhere in this document"),
    ),
    (
        OPENAPI,
        ("name: id", "name: key"),
        SyntaxProblem(7, 5, "the path parameter `id` is not declared"),
    ),
    (
        OPENAPI,
        (
            "components:",
            "  /orders:\n    get:\n      operationId: getOrder\n"
            "      responses: {default: {description: a}}\ncomponents:",
        ),
        SyntaxProblem(23, 7, "the `operationId` `getOrder` occurs twice"),
    ),
    (
        OPENAPI,
        ("3.1.0", "4.0.0"),
        SyntaxProblem(1, 1, "unknown version `4.0.0` of OpenAPI", "3.0, 3.1 and 3.2 are known"),
    ),
    (
        WORKFLOW,
        ("runs-on", "run-on"),
        SyntaxProblem(5, 5, "unexpected key `run-on` in `jobs.test`", "did you mean `runs-on`?"),
    ),
    (
        WORKFLOW,
        ("    runs-on: ubuntu-latest\n", ""),
        SyntaxProblem(4, 3, "`jobs.test` lacks `runs-on`"),
    ),
    (
        WORKFLOW,
        ("[push]", "psh"),
        SyntaxProblem(2, 1, "`on` cannot be `psh`", "did you mean `push`?"),
    ),
    (
        WORKFLOW,
        ("[push]", "\n  push:\n    branchs: [main]"),
        SyntaxProblem(4, 5, "unexpected key `branchs` in `on.push`", "did you mean `branches`?"),
    ),
    (
        WORKFLOW,
        ("- run", "- rnu"),
        SyntaxProblem(8, 9, "unexpected key `rnu` in `jobs.test.steps.1`", "did you mean `run`?"),
    ),
    (
        WORKFLOW,
        ("checkout@v4", "checkout@v4\n        run: x"),
        SyntaxProblem(7, 9, "`jobs.test.steps.0` cannot have `uses` and `run` at once"),
    ),
    (
        WORKFLOW,
        ("steps:", "timeout-minutes: soon\n    steps:"),
        SyntaxProblem(6, 5, "`jobs.test.timeout-minutes` cannot be `soon`", "it takes a number"),
    ),
    (
        WORKFLOW,
        ("      - run: make test\n", "      - rnu: make\n" * 9),
        SyntaxProblem(8, 9, "unexpected key `rnu` in `jobs.test.steps.1`", "did you mean `run`?"),
    ),
    (
        WORKFLOW,
        ("steps:", "needs: [build]\n    steps:"),
        SyntaxProblem(6, 5, "the job `test` needs `build`, which does not exist"),
    ),
]

BROKEN = [
    (
        "json",
        '{"openapi": "3.0.0",\n\t"info": {}}',
        SyntaxProblem(2, 2, "`info` lacks `title`"),
    ),
    ("json", '{"info": {}, "openapi": "3.0.0"}', SyntaxProblem(1, 2, "`info` lacks `title`")),
    (
        "yaml",
        "  on: push\n  jobs: {? [a] : 1}",
        SyntaxProblem(2, 12, "unexpected key `[…]` in `jobs`"),
    ),
    (
        "openapi",
        "paths: {}",
        SyntaxProblem(
            1,
            1,
            "the document lacks `openapi` with its version",
            "a part of a document is `yaml` or `json`",
        ),
    ),
    ("openapi", "a: 1\n---\nb: 2", SyntaxProblem(1, 1, "one document a block", "split the block")),
    ("openapi", '{"openapi": }', SyntaxProblem(1, 13, "unexpected `}`")),
    ("workflow", "on: push", SyntaxProblem(1, 1, "the document lacks `jobs`")),
    (
        "workflow",
        "on: push\njobs:\n  a: &a\n    runs-on: x\n    steps: [{run: y}]\n  b:\n    <<: *a",
        SyntaxProblem(7, 5, "GitHub does not merge keys with `<<`"),
    ),
    ("workflow", "on: push\njobs: 1", SyntaxProblem(2, 1, "`jobs` must be a mapping, not `1`")),
    ("workflow", "[]", SyntaxProblem(1, 1, "the document must be a mapping, not a list")),
]


@pytest.mark.parametrize(("language", "code"), GOOD)
def test_what_its_schema_takes_passes(language: str, code: str) -> None:
    assert verify(language, code) == ()


@pytest.mark.parametrize(("code", "change", "problem"), MISTAKES)
def test_the_likeliest_mistake_is_named_and_placed(
    code: str, change: tuple[str, str], problem: SyntaxProblem
) -> None:
    assert verify("yaml", code.replace(*change)) == (problem,)


@pytest.mark.parametrize(("language", "code", "problem"), BROKEN)
def test_a_document_must_be_what_it_is_called(
    language: str, code: str, problem: SyntaxProblem
) -> None:
    assert verify(language, code) == (problem,)


def test_every_document_of_a_stream_is_held_to_its_own_schema() -> None:
    first, second = OPENAPI.replace("Orders", "5"), WORKFLOW.replace("runs-on", "run-on")

    assert verify("yaml", f"{first}---\n{second}") == (
        SyntaxProblem(3, 3, "`info.title` must be a text, not `5`", "put it in quotes"),
        SyntaxProblem(30, 5, "unexpected key `run-on` in `jobs.test`", "did you mean `runs-on`?"),
    )


def test_a_part_of_a_document_is_only_parsed() -> None:
    part = WORKFLOW.replace("runs-on", "run-on")

    assert verify("workflow", part, is_part=True) == ()
    assert verify("yaml", "on: push\njobs: [", is_part=True) != ()


@pytest.mark.parametrize(
    "tail",
    [
        "\n".join([f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]),
        "".join(f"k{n}: {{a: 1}}\n" for n in range(1000)),
    ],
    ids=["aliases", "keys"],
)
def test_a_document_too_large_is_refused_at_once(tail: str) -> None:
    started = time.process_time()

    assert verify("yaml", f"openapi: 3.1.0\na0: &a0 []\n{tail}") == (
        SyntaxProblem(1, 1, "the document is too large to be checked", "shorten it"),
    )
    assert time.process_time() - started < 1


def test_looking_for_a_kind_takes_no_time() -> None:
    started = time.process_time()

    assert verify("yaml", " \n" * 50_000 + "on: push\n") == ()
    assert time.process_time() - started < 1


@pytest.mark.parametrize("tail", ["a: &a [*a]", f"x-a: {'[' * 2000}{']' * 2000}"])
def test_a_document_too_deep_is_refused(tail: str) -> None:
    assert verify("yaml", f"openapi: 3.1.0\n{tail}") == (
        SyntaxProblem(1, 1, "the code is nested too deeply to be parsed"),
    )


def test_other_documents_load_no_schema() -> None:
    program = (
        "import sys; from guide.languages import verify; verify('yaml', 'a: 1'); "
        "verify('json', '1'); sys.exit('jsonschema' in sys.modules)"
    )

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
