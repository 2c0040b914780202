"""Claims about modules of the browser, proved in Node.js: one process for all of a file."""

from __future__ import annotations

import functools
import json
import re
import subprocess
from pathlib import Path

import pytest

from guide.examples import toolchains
from guide.examples.toolchains import MissingToolError
from support import needs

_CLAIM = re.compile(r'^claim\("(.+)", ', re.MULTILINE)


def claims(file: Path) -> pytest.MarkDecorator:
    """Parametrize a test with what `file` claims, one `claim("...", ...)` a line."""
    return pytest.mark.parametrize("claim", _CLAIM.findall(file.read_text(encoding="utf-8")))


@functools.cache
def prove(file: Path, *arguments: Path) -> dict[str, str | None]:
    """What is wrong with each claim of a file, or None; it finds `arguments` in process.argv."""
    try:
        node = toolchains.node()
    except MissingToolError as error:
        needs(None, str(error))
    done = subprocess.run(
        [node.path, file, *arguments], capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str | None] = json.loads(done.stdout)
    return found
