"""Every example of this guide runs on every engine, and its record says so."""

from __future__ import annotations

import os

import pytest

from guide.library.examples import Example
from site_server import run_guide
from support import ROOT, needs, this_guide

LIBRARY = this_guide()
FLAGSHIPS = """
    apis/code/idempotency-store apis/code/keyset-pagination apis/code/rate-limiter
    caching/code/lru-cache databases/code/consistent-hashing databases/code/optimistic-locking
    identity/code/jwt-verify identity/code/password-hashing messaging/code/transactional-outbox
    product/code/webhook-signature reliability/code/circuit-breaker reliability/code/retry-backoff
""".split()


@pytest.mark.engines
def test_every_program_prints_what_the_pages_show() -> None:
    done = run_guide(ROOT, "examples")

    assert done.returncode == 0, done.stdout
    if "skipped" in done.stdout and not os.environ.get("CI"):
        needs(None, done.stdout.splitlines()[0])


@pytest.mark.parametrize("example", LIBRARY.examples, ids=lambda example: example.folder)
def test_the_record_is_of_these_files(example: Example) -> None:
    for language in example.about.languages:
        assert example.verdict(language) is not None, f"{language}: run `guide examples --update`"


@pytest.mark.parametrize("folder", FLAGSHIPS)
def test_a_flagship_comes_in_four_languages(folder: str) -> None:
    (example,) = (each for each in LIBRARY.examples if each.folder == folder)

    assert {"python", "go", "javascript", "java"} <= set(example.languages)
