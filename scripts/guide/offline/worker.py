"""The service worker as published: the program with what it installs written into it."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

from guide.offline.files import KeptFile, version

PATH = "sw.js"
_PROGRAM = Path(__file__).with_name("worker.js")
_COMMENT = re.compile(r"^ *(?://.*|/\*\*[^\n]*\*/)\n", re.MULTILINE)
_HEAD = "// Made from scripts/guide/offline/worker.js, which says how it works."


def service_worker(files: Sequence[KeptFile]) -> str:
    """The script of a worker that installs `files`; the same files make the same script."""
    listed = ",\n".join(f"  {json.dumps([file.url, file.hash])}" for file in files)
    program = _COMMENT.sub("", _PROGRAM.read_text(encoding="utf-8")).lstrip("\n")
    return f'{_HEAD}\nconst VERSION = "{version(files)}"\nconst FILES = [\n{listed}\n]\n{program}'
