"""What a program writes into its pipes, taken as it comes and no more than is allowed."""

from __future__ import annotations

import contextlib
import os
import selectors
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

_CHUNK = 65_536


@dataclass(slots=True)
class Output:
    """What came through the two pipes so far."""

    limit: int
    parts: dict[str, bytearray] = field(
        default_factory=lambda: {"stdout": bytearray(), "stderr": bytearray()}
    )

    @property
    def is_full(self) -> bool:
        """Whether no more is taken."""
        return sum(map(len, self.parts.values())) >= self.limit

    def add(self, name: str, data: bytes) -> None:
        """Take `data` of the pipe `name`, as far as there is room."""
        room = self.limit - sum(map(len, self.parts.values()))
        self.parts[name] += data[:room]

    def text(self, name: str) -> str:
        """What came through the pipe `name`."""
        return self.parts[name].decode("utf-8", "backslashreplace")


class Pipes:
    """The program's two pipes and the lifeline, read as data comes."""

    def __init__(self, program: subprocess.Popen[bytes], lifeline: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._selector.register(lifeline, selectors.EVENT_READ, "lifeline")
        self._piped = program.stdout is not None
        for name, pipe in _pipes(program):
            self._selector.register(pipe.fileno(), selectors.EVENT_READ, name)

    def __enter__(self) -> Pipes:
        return self

    def __exit__(self, *error: object) -> None:
        self._selector.close()

    def read(self, output: Output, seconds: float) -> bool:
        """Take what comes within `seconds`; False if the lifeline is cut."""
        until = time.monotonic() + seconds
        while (rest := until - time.monotonic()) > 0 and not output.is_full:
            for key, _ in self._selector.select(rest):
                data = os.read(key.fd, _CHUNK)
                if key.data == "lifeline":
                    return False
                output.add(key.data, data)
                if not data:
                    self._selector.unregister(key.fd)
            if self._piped and len(self._selector.get_map()) == 1:
                time.sleep(0.002)  # both pipes are closed: it is about to end
                break
        return True


def drain(program: subprocess.Popen[bytes], output: Output) -> None:
    """Read what is left in the pipes, which nobody writes to any more."""
    for name, pipe in _pipes(program):
        os.set_blocking(pipe.fileno(), False)
        with contextlib.suppress(BlockingIOError):
            while data := os.read(pipe.fileno(), _CHUNK):
                output.add(name, data)


def _pipes(program: subprocess.Popen[bytes]) -> Iterator[tuple[str, IO[bytes]]]:
    """The pipes by their names; a server with a log has none."""
    for name, pipe in (("stdout", program.stdout), ("stderr", program.stderr)):
        if pipe is not None:
            yield name, pipe
