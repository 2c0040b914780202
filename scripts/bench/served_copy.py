"""A copy of the guide in `mkdocs serve`, asked for its pages until they say something."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from workspace import BenchError

LIMIT = 600.0
"""Seconds after which something is wrong."""


@dataclass(frozen=True, slots=True)
class Site:
    """A served copy of the guide."""

    root: Path
    url: str
    process: subprocess.Popen[bytes]

    def wait_for(self, path: str, text: str) -> float:
        """Ask for the page at `path` until it holds `text`; return when that was."""
        deadline = time.monotonic() + LIMIT
        while time.monotonic() < deadline and self.process.poll() is None:
            if self.holds(path, text):
                return time.perf_counter()
            time.sleep(0.02)
        raise BenchError(f"{path} did not show {text!r} within {LIMIT:.0f} s")

    def holds(self, path: str, text: str) -> bool:
        """Whether the page at `path` holds `text` now."""
        try:
            with urllib.request.urlopen(self.url + path, timeout=LIMIT) as response:
                return text in response.read().decode()
        except (urllib.error.URLError, ConnectionError):
            return False

    def let_it_rest(self) -> None:
        """Wait until no process behind the server works any more."""
        before = -1.0
        while abs(self._seconds_used() - before) > 0.2:
            before = self._seconds_used()
            time.sleep(1.5)

    @property
    def megabytes(self) -> float:
        """Memory of all its processes; what they share is counted once."""
        return sum(each.memory_full_info().pss for each in self._processes()) / 1e6

    def _seconds_used(self) -> float:
        times = [each.cpu_times() for each in self._processes()]
        return sum(each.user + each.system for each in times)

    def _processes(self) -> list[psutil.Process]:
        server = psutil.Process(self.process.pid)
        return [server, *server.children(recursive=True)]


@contextmanager
def serving(root: Path, first: str, *options: str) -> Iterator[Site]:
    """Serve the guide in `root`; the block begins when its page at `first` is there."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    environment = {
        **os.environ,
        "GUIDE_SITE_URL": f"http://{address}/",
        "PYTHONPATH": str(root / "scripts"),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "mkdocs", "serve", "--dev-addr", address, *options],
        cwd=root,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        preexec_fn=_hear_ctrl_c,
    )
    try:
        site = Site(root, f"http://{address}/", process)
        site.wait_for(first, "</html>")
        yield site
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(timeout=60)


def _hear_ctrl_c() -> None:
    """Shells make what they run in the background deaf to it, and that is inherited."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
