"""Render the site into a fresh folder, as MkDocs does it."""

from __future__ import annotations

import calendar
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from guide.checks import Finding
from guide.dates import newest
from guide.keeping import PLACE, cache_folder
from guide.library import Library
from guide.library.site_config import CONFIG_FILE
from guide.os_errors import from_line
from guide.publishing.lifeline import PARENT

_LOG_LINE = re.compile(r"^(WARNING|ERROR)\s+-\s+(?P<message>.*)$")
_DOC_FILE = re.compile(r"(?:Doc file|page) '(?P<path>[^']+\.md)'")
DEFAULT_SITE_URL = "http://127.0.0.1:8000/"


def site_url() -> str:
    """Where the site will be published, with a trailing slash (GUIDE_SITE_URL)."""
    return os.environ.get("GUIDE_SITE_URL", DEFAULT_SITE_URL).rstrip("/") + "/"


def render(library: Library, target: Path, *, pdf: bool = False) -> list[Finding]:
    """Run `mkdocs build --strict` into `target`; every warning is a finding.

    With `pdf` its pages link to the PDF files that will be printed into it.
    """
    shutil.rmtree(target, ignore_errors=True)
    environment = {
        **os.environ,
        "GUIDE_SITE_URL": site_url(),
        "GUIDE_PDF": "1" if pdf else "",
        PARENT: str(os.getpid()),
        PLACE: str(cache_folder(library.root)),
        "NO_MKDOCS_2_WARNING": "1",  # our own output is calm
        "SOURCE_DATE_EPOCH": str(calendar.timegm(newest(library).timetuple())),
    }
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(target)]
    done = subprocess.run(
        command, cwd=library.root, env=environment, capture_output=True, text=True, check=False
    )
    findings = [_finding(match["message"]) for match in _log_lines(done.stderr)]
    if done.returncode and not findings:
        last = (done.stderr or done.stdout).strip().splitlines()[-1:]
        refused = from_line(*last) if last else None
        if refused is not None:
            raise refused
        findings.append(
            Finding(
                CONFIG_FILE,
                1,
                1,
                "render",
                f"mkdocs build failed: {' '.join(last)}",
                "run `mkdocs build --strict` to see the whole message",
            )
        )
    return findings


def _log_lines(output: str) -> list[re.Match[str]]:
    return [match for line in output.splitlines() if (match := _LOG_LINE.match(line))]


def _finding(message: str) -> Finding:
    page = _DOC_FILE.search(message)
    path = f"docs/{page['path']}" if page else CONFIG_FILE
    return Finding(path, 1, 1, "render", message)
