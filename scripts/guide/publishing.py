"""Render the site into a fresh folder and put it in place only when it is good."""

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
from guide.lifeline import PARENT
from guide.os_errors import from_line
from guide.swapping import exchange

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


def put_in_place(built: Path, site: Path) -> None:
    """Replace `site` by `built`; whatever fails, one of the two whole sites stays there.

    Where the system can exchange them, there is no moment without one.
    """
    recover(site)
    if site.exists() and exchange(built, site):
        shutil.rmtree(built, ignore_errors=True)
        return
    previous = site.with_name(f".{site.name}.previous")
    if site.exists():
        site.rename(previous)
    try:
        built.rename(site)
    except OSError:
        recover(site)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def recover(site: Path) -> None:
    """Undo a replacement that was cut short: the previous site comes back."""
    previous = site.with_name(f".{site.name}.previous")
    if not previous.exists():
        return
    if site.exists():
        shutil.rmtree(previous)
    else:
        previous.rename(site)


def _log_lines(output: str) -> list[re.Match[str]]:
    return [match for line in output.splitlines() if (match := _LOG_LINE.match(line))]


def _finding(message: str) -> Finding:
    page = _DOC_FILE.search(message)
    path = f"docs/{page['path']}" if page else CONFIG_FILE
    return Finding(path, 1, 1, "render", message)
