"""What may differ between two machines that build the same sources, and must not show."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

UNSORTED = Path(__file__).resolve().parent / "unsorted"
_OLD = 1_000_000_000
"""September 2001: long before any of the files was written."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """Under which a command runs; `clock` is an offset for faketime, `+400d` for instance."""

    clock: str = ""
    time_zone: str = "UTC"
    locale: str = "C.UTF-8"
    hash_seed: int = 0
    umask: int = 0o022
    old_files: bool = False
    unsorted: bool = False

    def environment(self, given: Mapping[str, str]) -> dict[str, str]:
        """The environment `given` with these circumstances in it."""
        told = {
            **given,
            "TZ": self.time_zone,
            "LC_ALL": self.locale,
            "PYTHONHASHSEED": str(self.hash_seed),
        }
        told.pop("SOURCE_DATE_EPOCH", None)
        if self.unsorted:
            path = told.get("PYTHONPATH", "")
            told["PYTHONPATH"] = os.pathsep.join(filter(None, (str(UNSORTED), path)))
        return told

    def run(
        self, command: Sequence[str], folder: Path, environment: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` in `folder`; its files are old from then on if they are to be."""
        if self.old_files:
            for path in folder.rglob("*"):
                if path.is_file() and ".cache" not in path.parts:
                    os.utime(path, (_OLD, _OLD))
        # By its offset, with a running clock: a clock that stands lets programs wait for ever.
        faked = ["faketime", "-f", self.clock] if self.clock else []
        return subprocess.run(
            [*faked, *command],
            cwd=folder,
            env=self.environment(environment),
            umask=self.umask,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )

    def rows(self) -> list[tuple[str, str]]:
        """Name and value of each, for people."""
        return [
            ("Clock", self.clock or "as it is"),
            ("Time zone", self.time_zone),
            ("Locale", self.locale),
            ("Seed of hashes", str(self.hash_seed)),
            ("Mode mask of new files", f"{self.umask:03o}"),
            ("Time of files", "September 2001" if self.old_files else "as copied"),
            ("Order in folders", "of chance" if self.unsorted else "as the file system has it"),
        ]


PLAIN = Circumstances()


def other(clock: str | None = None) -> Circumstances:
    """Circumstances in which nothing is as in PLAIN; by default with a clock that can be had."""
    if clock is None:
        clock = "+400d" if shutil.which("faketime") else ""
    return Circumstances(clock, "Pacific/Kiritimati", "POSIX", 12345, 0o077, True, True)


def digests(folder: Path) -> dict[str, str]:
    """A digest of each file below `folder`."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
