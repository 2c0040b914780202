"""The tools under comparison: each looks at a project and says what it reports, and where."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from guide.checks import check_sources
from guide.drawing import draw_diagrams
from guide.keeping import CACHE
from guide.library import ProjectError
from guide.project import load
from workspace import GUIDE, lychee, markdownlint, run, tool

_NUMBER = re.compile(r"\d+")
_DOC_FILE = re.compile(r"Doc file '([^']+)'")
_MARKDOWNLINT = re.compile(r"^(?P<file>[^:\s]+):(?P<line>\d+)(?::\d+)? error (?P<message>.*)$")


@dataclass(frozen=True, slots=True)
class Report:
    """One thing that a tool reports; `line` is 0 if it names none, `file` empty likewise."""

    file: str
    line: int
    rule: str
    message: str

    @property
    def key(self) -> tuple[str, str, str]:
        """What makes two reports the same after lines have shifted: numbers do not count."""
        return (self.file, self.rule, _NUMBER.sub("#", self.message))


class CrashError(Exception):
    """The tool broke instead of reporting."""


Look = Callable[[Path], list[Report]]


def guide_check(root: Path) -> list[Report]:
    """`guide check` as library calls: read, check, draw; raise CrashError if it breaks."""
    try:
        library = load(root)
        drawn = draw_diagrams(library, root / CACHE / "diagrams", _ignore_progress)
        findings = check_sources(library, drawn).findings
        if not (root / CACHE / "memo").exists():  # as after the first run of the command
            library.memo.save()
    except (ProjectError, OSError) as error:  # the command turns these into a line and exit code 2
        return [Report("", 0, "project", str(error))]
    except Exception as error:
        raise CrashError(f"{type(error).__name__}: {error}") from error
    return sorted(
        {Report(each.path, each.line, each.rule, each.message) for each in findings},
        key=lambda report: (report.file, report.line, report.rule, report.message),
    )


def guide_command(root: Path) -> list[Report]:
    """`guide check --format json` as its own process."""
    done = run((*GUIDE, "check", "--format", "json"), root)
    if done.returncode not in (0, 1):
        return [Report("", 0, "project", done.stderr.strip().removeprefix("guide: "))]
    return [
        Report(each["path"], each["line"], each["rule"], each["message"])
        for each in json.loads(done.stdout)["findings"]
    ]


def mkdocs_build(root: Path) -> list[Report]:
    """`mkdocs build --strict`: the warnings it counts. They name files, not lines."""
    shutil.rmtree(root / "site", ignore_errors=True)  # a failing build would leave the old one
    done = run((tool("mkdocs"), "build", "--strict", "--site-dir", str(root / "site")), root)
    reports = []
    for line in done.stderr.splitlines():
        level, _, message = line.partition(" - ")
        if level.strip() in ("WARNING", "ERROR", "CRITICAL") and message.strip():
            match = _DOC_FILE.search(message)
            file = f"docs/{match[1]}" if match else ""
            reports.append(Report(file, 0, "mkdocs", message.strip()))
    if done.returncode and not reports:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        reports.append(Report("", 0, "mkdocs", last))
    return reports


def lychee_on_site(root: Path) -> list[Report]:
    """lychee on the site that `mkdocs build` left behind; it names built pages, not sources."""
    site = root / "site"
    if not (site / "index.html").exists():
        return []
    done = run(lychee(site), root)
    try:
        errors: Mapping[str, list[dict[str, object]]] = json.loads(done.stdout)["error_map"]
    except (json.JSONDecodeError, KeyError) as error:
        raise CrashError(done.stderr.strip() or str(error)) from error
    return [
        Report(_source(site, page), 0, "lychee", str(each["url"]).replace(str(site), ""))
        for page, found in errors.items()
        for each in found
    ]


def rumdl(root: Path) -> list[Report]:
    """`rumdl check` with the project's own configuration."""
    done = run((tool("rumdl"), "check", "--no-cache", "--output-format", "json", "docs"), root)
    return [
        Report(each["file"], int(each["line"]), each["rule"], each["message"])
        for each in json.loads(done.stdout or "[]")
    ]


def markdownlint_cli2(root: Path) -> list[Report]:
    """`markdownlint-cli2` with a configuration that makes the same choices."""
    done = run(markdownlint(), root)
    matches = filter(None, map(_MARKDOWNLINT.match, done.stderr.splitlines()))
    return [
        Report(each["file"], int(each["line"]), each["message"].split("/")[0], each["message"])
        for each in matches
    ]


TOOLS: Mapping[str, Look] = MappingProxyType(
    {
        "guide": guide_check,
        "rumdl": rumdl,
        "markdownlint": markdownlint_cli2,
        "mkdocs": mkdocs_build,
        "lychee": lychee_on_site,
    }
)
"""By name, in the order in which they run; lychee reads what mkdocs built."""

NAMES = MappingProxyType(
    {
        "guide": "guide check",
        "rumdl": "rumdl",
        "markdownlint": "markdownlint-cli2",
        "mkdocs": "mkdocs build --strict",
        "lychee": "lychee on the site",
    }
)
LOCATING = frozenset({"guide", "rumdl", "markdownlint"})
"""Tools that name the source line."""


def new_reports(before: Iterable[Report], after: Iterable[Report]) -> list[Report]:
    """Reports that were not there before, each as often as it is new."""
    known: dict[tuple[str, str, str], int] = {}
    for report in before:
        known[report.key] = known.get(report.key, 0) + 1
    fresh = []
    for report in after:
        if known.get(report.key, 0):
            known[report.key] -= 1
        else:
            fresh.append(report)
    return fresh


def _source(site: Path, page: str) -> str:
    name = page.removeprefix(f"{site}/").removesuffix("index.html").rstrip("/")
    return f"docs/{name or 'index'}.md"


def _ignore_progress(done: int, total: int) -> None:
    """Take the drawing's progress and show nothing."""
