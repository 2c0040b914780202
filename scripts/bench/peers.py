"""Other generators build the same pages, each as it comes and with its own search."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import yaml

from plain_pages import PlainPage
from workspace import BENCH, ROOT, BenchError, tool

FILES = BENCH / "peers"
WORK = ROOT / ".cache" / "bench" / "peers"
"""Where they are installed and build: Node looks for packages in the folders above a file only."""
MODULES = WORK / "node_modules"
PYTHON = WORK / "python"

_OF_NODE = frozenset({"vitepress", "starlight"})


@dataclass(frozen=True, slots=True)
class Peer:
    """How a generator takes pages, builds them, and where it leaves the site."""

    name: str
    write: Callable[[Path, Sequence[PlainPage]], None]
    command: Callable[[], Sequence[str]]
    output: str
    address: str = "{}/"


def build(peer: Peer, pages: Sequence[PlainPage], base: str, folder: Path) -> Path:
    """Build `pages` in `folder`, one below WORK, to be served under `base`; return the site."""
    shutil.copytree(FILES / peer.name, folder)
    peer.write(folder, pages)
    listed = [{"name": each.name, "title": each.title} for each in pages]
    environment = {
        **os.environ,
        "ASTRO_TELEMETRY_DISABLED": "1",
        "BASE": base,
        "CI": "true",
        "NO_MKDOCS_2_WARNING": "1",
        "PAGES": json.dumps(listed),
    }
    done = subprocess.run(
        list(peer.command()),
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stdout + done.stderr).strip()[-1500:]
        raise BenchError(f"{peer.name} ended with {done.returncode}:\n{said}")
    return folder / peer.output


def install(names: Sequence[str]) -> None:
    """Install the generators called `names` as locked, those that are not there yet."""
    if _OF_NODE & set(names) and not MODULES.is_dir():
        WORK.mkdir(parents=True, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy2(FILES / name, WORK / name)
        # Not `ci`, which wants the builds for every other platform in the lock file, too.
        quiet = ("--no-audit", "--no-fund", "--loglevel=error")
        _run(tool("npm"), "install", "--ignore-scripts", *quiet, where=WORK)
    if "furo" in names and not _sphinx().exists():
        _run(tool("uv"), "venv", "--quiet", "--python", sys.executable, str(PYTHON))
        python = str(PYTHON / "bin" / "python")
        locked = str(FILES / "requirements.txt")
        _run(tool("uv"), "pip", "sync", "--quiet", "--require-hashes", "--python", python, locked)


def _run(*command: str, where: Path = ROOT) -> None:
    done = subprocess.run(command, cwd=where, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BenchError(f"{' '.join(command[:3])} failed:\n{done.stderr.strip()[-1500:]}")


def _sphinx() -> Path:
    return PYTHON / "bin" / "sphinx-build"


def _node(package: str, program: str, *arguments: str) -> tuple[str, ...]:
    return (tool("node"), str(MODULES / package / program), *arguments)


def _markdown(folder: Path, pages: Sequence[PlainPage]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for page in pages:
        (folder / f"{page.name}.md").write_text(f"# {page.title}\n\n{page.body}", "utf-8")


def _index(pages: Sequence[PlainPage], link: str) -> str:
    return "\n".join(f"- [{each.title}]({link.format(each.name)})" for each in pages) + "\n"


def _for_material(folder: Path, pages: Sequence[PlainPage]) -> None:
    _markdown(folder / "docs", pages)
    (folder / "docs" / "index.md").write_text("# Topics\n\n" + _index(pages, "{}.md"), "utf-8")


def _for_furo(folder: Path, pages: Sequence[PlainPage]) -> None:
    _markdown(folder, pages)
    names = "\n".join(each.name for each in pages)
    (folder / "index.md").write_text(f"# Topics\n\n```{{toctree}}\n{names}\n```\n", "utf-8")


def _for_vitepress(folder: Path, pages: Sequence[PlainPage]) -> None:
    for page in pages:  # it takes "{{" in a text for an expression of Vue, unless told not to
        text = f"# {page.title}\n\n::: v-pre\n\n{page.body}\n:::\n"
        (folder / f"{page.name}.md").write_text(text, "utf-8")
    (folder / "index.md").write_text("# Topics\n\n" + _index(pages, "./{}.md"), "utf-8")


def _for_starlight(folder: Path, pages: Sequence[PlainPage]) -> None:
    docs = folder / "src" / "content" / "docs"
    docs.mkdir(parents=True)
    for page in pages:
        head = yaml.safe_dump({"title": page.title}, allow_unicode=True, width=1000)
        (docs / f"{page.name}.md").write_text(f"---\n{head}---\n\n{page.body}", "utf-8")
    (docs / "index.md").write_text("---\ntitle: Topics\n---\n\n" + _index(pages, "./{}/"), "utf-8")


PEERS: Mapping[str, Peer] = MappingProxyType(
    {
        each.name: each
        for each in (
            Peer(
                "material",
                _for_material,
                lambda: (tool("mkdocs"), "build", "--quiet"),
                "site",
            ),
            Peer(
                "furo",
                _for_furo,
                lambda: (str(_sphinx()), "--quiet", "-b", "html", ".", "site"),
                "site",
                "{}.html",
            ),
            Peer(
                "vitepress",
                _for_vitepress,
                lambda: _node("vitepress", "bin/vitepress.js", "build"),
                ".vitepress/dist",
                "{}.html",
            ),
            Peer(
                "starlight",
                _for_starlight,
                lambda: _node("astro", "bin/astro.mjs", "build"),
                "dist",
            ),
        )
    }
)
"""By name. Bare Material gets one page; the others get them all."""
