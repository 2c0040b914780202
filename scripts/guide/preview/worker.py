"""The process that builds the whole site, keeps the build and renders single pages of it."""

from __future__ import annotations

import gc
import logging
import os
import signal
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from multiprocessing import parent_process
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

import mkdocs.commands.build
from mkdocs.config import load_config
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import MkDocsException
from mkdocs.structure.files import Files

from guide.checks import Finding
from guide.library.reading import DATA_RULE
from guide.preview.edits import findings
from guide.preview.renderer import Renderer


@dataclass(frozen=True, slots=True)
class Build:
    """A whole build to make: the options of `mkdocs serve` that matter, and where it goes."""

    config_file: str
    strict: bool
    use_directory_urls: bool
    serve_url: str
    folder: str


@dataclass(frozen=True, slots=True)
class Built:
    """What became of a build: nothing if it is whole, else why there is none."""

    broken: tuple[Finding, ...] = ()


def build_and_render(build: Build, desk: Connection) -> None:
    """Make `build`, tell the desk, then render what it asks for. The target of a new process."""
    _belong_to_desk()
    logging.basicConfig(level=logging.WARNING, format="%(levelname)-7s -  %(message)s")
    renderer: Renderer | None = None
    try:
        renderer = _built(build)
        built = Built()
    except _UnreadableError as error:
        built = Built(error.findings)
    except Exception as error:  # whatever hooks, plugins and templates raise
        name = Path(build.config_file).name
        message = f"the site cannot be built: {type(error).__name__}: {error}"
        built = Built((Finding(name, 1, 1, "render", message),))
    desk.send(built)
    _render(renderer, desk)


def render(renderer: Renderer, desk: Connection) -> None:
    """Render what the desk asks for. The target of a process that was forked after a build."""
    _belong_to_desk()
    _render(renderer, desk)


def _render(renderer: Renderer | None, desk: Connection) -> None:
    """Work until the desk hangs up."""
    gc.freeze()  # the build stays as it is: looking through it again and again takes time
    while renderer is not None:
        try:
            changed: Iterable[str] = desk.recv()
        except EOFError:
            break
        desk.send(renderer.apply(changed))
    os._exit(0)  # extension modules would complain about what they still hold


def _built(build: Build) -> Renderer:
    """Build the whole site as `mkdocs serve` does."""
    config = load_config(
        config_file=build.config_file,
        site_dir=build.folder,
        strict=build.strict or None,
        use_directory_urls=build.use_directory_urls,
    )
    gate: Any = _Gate()
    config.plugins["guide preview"] = gate
    config.plugins.on_startup(command="serve", dirty=False)
    config.site_url = build.serve_url
    mkdocs.commands.build.build(config, serve_url=build.serve_url)
    renderer: Renderer = config.extra["renderer"]
    return renderer


class _UnreadableError(MkDocsException):
    def __init__(self, found: tuple[Finding, ...]) -> None:
        super().__init__("a data file cannot be read")
        self.findings = found


class _Gate:
    """Refuses to make a site from data that cannot be read: the last good one is better."""

    def on_files(self, files: Files, config: MkDocsConfig) -> None:
        problems = config.extra["guide"].library.problems
        broken = findings(each for each in problems if each.rule == DATA_RULE)
        if broken:
            raise _UnreadableError(tuple(broken))


def _belong_to_desk() -> None:
    """Leave it to the desk when to stop, but end with it, however it ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    desk = parent_process()

    def watch() -> None:
        if desk is not None:
            wait([desk.sentinel])
            os._exit(1)  # from a thread, nothing else ends the process

    threading.Thread(target=watch, name="desk", daemon=True).start()
