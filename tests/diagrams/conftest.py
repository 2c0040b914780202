from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from guide.diagrams.render import render_diagrams

KINDS = Path(__file__).parent / "kinds"


@pytest.fixture(scope="session")
def kinds() -> Mapping[str, str]:
    """The source of one diagram of each kind."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(KINDS.glob("*.mmd"))}


@pytest.fixture(scope="session")
def drawings(
    kinds: Mapping[str, str], tmp_path_factory: pytest.TempPathFactory
) -> Mapping[str, str]:
    """One drawing of each kind; test processes share a cache."""
    cache = tmp_path_factory.getbasetemp().parent / "diagram-cache"
    drawn = render_diagrams(kinds.values(), cache)
    errors = {name: drawn[source].error for name, source in kinds.items() if drawn[source].error}
    assert errors == {}
    return {name: drawn[source].svg for name, source in kinds.items()}
