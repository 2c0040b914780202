"""A copy of the project to break, and how to run commands in it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

BENCH = Path(__file__).resolve().parent
ROOT = BENCH.parents[1]
_PARTS = ("docs", "overrides", "mkdocs.yml", ".rumdl.toml", ".lychee.toml", ".typos.toml")
_ignored = shutil.ignore_patterns("__pycache__", "node_modules", "*.class")
GUIDE = (sys.executable, "-c", "from guide.cli import main; main()")


class BenchError(Exception):
    """The benchmark cannot run as asked; the message says why and what to do."""


def copy_project(source: Path, target: Path, drawings: bool = True) -> Path:
    """Copy what a build needs from `source`; `drawings` brings the cache of diagrams along."""
    target.mkdir(parents=True)
    for name in _PARTS:
        path = source / name
        if path.is_dir():
            shutil.copytree(path, target / name, symlinks=True, ignore=_ignored)
        elif path.exists():
            shutil.copy2(path, target / name)
    shutil.copytree(
        source / "scripts" / "guide",
        target / "scripts" / "guide",
        ignore=_ignored,
    )
    (target / "scripts" / "npm").symlink_to(source / "scripts" / "npm")
    cache = source / ".cache" / "diagrams"
    if drawings and cache.is_dir():
        shutil.copytree(cache, target / ".cache" / "diagrams")
    return target


def run(command: Sequence[str], root: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run `command` in `root` with the copy's own `guide`, without color and progress."""
    environment = {
        **os.environ,
        **environment,
        "CI": "true",
        "NO_COLOR": "1",
        "NO_MKDOCS_2_WARNING": "1",
        "PYTHONPATH": str(root / "scripts"),
    }
    return subprocess.run(
        list(command),
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )


def tool(name: str) -> str:
    """Path of a command of this Python's environment, or of the machine."""
    beside = Path(sys.executable).parent / name
    found = str(beside) if beside.exists() else shutil.which(name)
    if found is None:
        raise BenchError(f"{name} is not installed: run `make setup`")
    return found


def markdownlint() -> tuple[str, ...]:
    """The command of markdownlint-cli2 as locked here, with its configuration."""
    program = BENCH / "node_modules" / "markdownlint-cli2" / "markdownlint-cli2-bin.mjs"
    if not program.exists():
        raise BenchError(
            "markdownlint-cli2 is not installed: run "
            f"`npm --prefix {BENCH.relative_to(ROOT)} ci --ignore-scripts`, or choose other --tools"
        )
    config = BENCH / "markdownlint.markdownlint-cli2.jsonc"
    return (tool("node"), str(program), "--config", str(config), "docs/**/*.md")


def lychee(site: Path) -> tuple[str, ...]:
    """The command that checks the links of the built `site` without the network."""
    options = ("--offline", "--include-fragments", "--index-files", "index.html", "--no-progress")
    return (tool("lychee"), *options, "--root-dir", str(site), "--format", "json", str(site))


def write_between(file: Path, marker: str, text: str) -> None:
    """Replace what stands between `<!-- MARKER -->` and `<!-- /MARKER -->` in `file`."""
    start, end = f"<!-- {marker} -->", f"<!-- /{marker} -->"
    old = file.read_text("utf-8") if file.exists() else ""
    before, found, rest = old.partition(start)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise BenchError(f"{file} has no lines `{start}` and `{end}` to write between")
    replace_file(file, f"{before}{start}\n\n{text}\n\n{end}{after}")


def replace_file(file: Path, text: str) -> None:
    """Put `text` into `file` as a whole or not at all."""
    new = file.with_name(f".{file.name}.new")
    new.write_text(text, "utf-8")
    new.replace(file)
