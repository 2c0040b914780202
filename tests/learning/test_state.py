"""The reader's state loses nothing: no answer, no damaged text, no state of another version."""

from __future__ import annotations

from guide.examples import toolchains
from guide.examples.toolchains import MissingToolError
from javascript_claims import claims, prove
from state_fuzz import fuzz
from support import ROOT, needs

CLAIMS = ROOT / "tests" / "learning" / "state_claims.mjs"


@claims(CLAIMS)
def test_of_the_state(claim: str) -> None:
    wrong = prove(CLAIMS)[claim]
    assert wrong is None, wrong


def test_hostile_texts_lose_nothing_and_throw_nothing() -> None:
    try:
        toolchains.node()
    except MissingToolError as error:
        needs(None, str(error))
    found = fuzz(0, 500)
    assert found.failures == ()
    assert min(found.taken, found.partly, found.refused) >= 50
