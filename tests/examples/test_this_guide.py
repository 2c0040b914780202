"""The records of this guide's examples are of its files; `make examples` runs them all."""

from __future__ import annotations

import pytest

from guide.library.examples import Example
from support import this_guide

LIBRARY = this_guide()
FLAGSHIPS = """
    apis/code/idempotency-store apis/code/keyset-pagination apis/code/rate-limiter
    caching/code/lru-cache databases/code/consistent-hashing databases/code/optimistic-locking
    identity/code/jwt-verify identity/code/password-hashing messaging/code/transactional-outbox
    product/code/webhook-signature reliability/code/circuit-breaker reliability/code/retry-backoff
""".split()


@pytest.mark.parametrize("example", LIBRARY.examples, ids=lambda example: example.folder)
def test_the_record_is_of_these_files(example: Example) -> None:
    for language in example.about.languages:
        assert example.verdict(language) is not None, f"{language}: run `guide examples --update`"


@pytest.mark.parametrize("folder", FLAGSHIPS)
def test_a_flagship_comes_in_four_languages(folder: str) -> None:
    (example,) = (each for each in LIBRARY.examples if each.folder == folder)

    assert {"python", "go", "javascript", "java"} <= set(example.languages)
