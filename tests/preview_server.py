"""`mkdocs serve` on a project, as an author runs it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest

from mini_project import MiniProject

PATIENCE = 120.0
"""Seconds: a builder with many neighbors is slow."""
UP_TO_DATE = "everything is up to date"


@dataclass(frozen=True)
class Preview:
    """A served project; `log` is what its terminal shows, `temporary` its folder for files."""

    project: MiniProject
    url: str
    log: Path
    temporary: Path
    process: subprocess.Popen[bytes]

    def get(self, path: str) -> str:
        """The page at `path`, which has no slash at its start; also one that is not there."""
        try:
            with urllib.request.urlopen(f"{self.url}/{path}", timeout=PATIENCE) as response:
                return str(response.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()

    def shows(self, path: str, text: str) -> None:
        """Wait until the page at `path` shows `text`."""
        self._wait(lambda: text in self.get(path), f"{path} did not show {text!r}")

    def says(self, text: str, times: int = 1) -> None:
        """Wait until the terminal says `text` for the `times`-th time."""
        self._wait(lambda: self.said.count(text) >= times, f"nobody said {text!r}")

    @property
    def said(self) -> str:
        """All that the terminal has shown."""
        return self.log.read_text("utf-8")

    @contextmanager
    def up_to_date_after(self) -> Iterator[None]:
        """Wait for the end of what the edits in the block begin."""
        before = self.said.count(UP_TO_DATE)
        yield
        self.says(UP_TO_DATE, before + 1)

    def children(self) -> list[psutil.Process]:
        """The processes behind the server."""
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    @contextmanager
    def events(self, page: str) -> Iterator[Iterator[Any]]:
        """What the open page `page` is told: "reload", or the state of the site."""
        version = self.get(page).partition("client.js?version=")[2].partition('"')[0]
        query = f"page=/{page}&version={version}"
        with urllib.request.urlopen(
            f"{self.url}/livereload/events?{query}", timeout=PATIENCE
        ) as it:
            yield (
                "reload" if line.startswith(b"event: reload") else json.loads(line[6:])
                for line in it
                if line.startswith((b"event: reload", b"data: {"))
            )

    def _wait(self, is_so: Callable[[], bool], complaint: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            if is_so():
                return
            if self.process.poll() is not None:
                break
            time.sleep(0.1)
        pytest.fail(f"{complaint} within {PATIENCE:.0f} s; the server said:\n{self.said}")


@contextmanager
def previewing(project: MiniProject) -> Iterator[Preview]:
    """Serve `project` until the block ends, and stop it as Ctrl+C does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    log = project.root.parent / "serve.log"
    temporary = project.root.parent / "temporary"
    temporary.mkdir()
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", address],
            cwd=project.root,
            env={
                **os.environ,
                "GUIDE_SITE_URL": f"http://{address}/",
                "TMPDIR": str(temporary),
            },
            stdout=out,
            stderr=out,
            preexec_fn=_hear_ctrl_c,
        )
    preview = Preview(project, f"http://{address}", log, temporary, process)
    try:
        preview.says("Serving on")
        yield preview
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            raise


def _hear_ctrl_c() -> None:
    """Shells make what they run in the background deaf to it, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
