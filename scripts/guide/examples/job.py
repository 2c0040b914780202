"""What the supervisor of a program is told, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

End = Literal["exit", "time", "memory", "output", "processes", "abandoned", "no start"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What a program may use: seconds, bytes of memory and of output, processes, bytes a file."""

    seconds: float
    memory: int = 1 << 30
    output: int = 1 << 20
    processes: int = 64
    file_size: int = 256 << 20


@dataclass(frozen=True, slots=True)
class Job:
    """A program to run.

    `environment` is all that it inherits. A server has a `log` file, which takes its output
    instead of the outcome, may have a `user` of its own, if root starts it, and a `farewell`: the
    number of the signal at which it removes what would outlive it, and ends.
    """

    command: tuple[str, ...]
    folder: str
    environment: dict[str, str]
    limits: Limits
    log: str | None = None
    user: str | None = None
    farewell: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How it ended, what it printed, and which processes it left behind (ended by now)."""

    end: End
    code: int | None
    stdout: str
    stderr: str
    left: tuple[str, ...] = ()
    detail: str = ""

    @property
    def is_clean(self) -> bool:
        """Whether it ended by itself, and nothing else had to be ended."""
        return self.end == "exit" and not self.left and not self.detail
