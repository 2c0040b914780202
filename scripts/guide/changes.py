"""Which files differ from a Git revision."""

from __future__ import annotations

import subprocess
from pathlib import Path


class ChangesError(Exception):
    """Git could not say; the message says why."""


def changed_files(root: Path, base: str) -> list[str]:
    """Paths under `root` that differ from where the work left `base`, and new ones.

    Deleted files are left out. Raises ChangesError if `base` is no revision or there is no
    repository.
    """
    start = _git(root, "merge-base", base, "HEAD").strip()
    # Without renames each path is one field; --relative: the project may be part of a repository.
    listed = _git(root, "diff", "--name-only", "-z", "--no-renames", "--relative", start)
    new = _git(root, "ls-files", "--others", "--exclude-standard", "-z")
    paths = {path for path in f"{listed}\0{new}".split("\0") if path}
    return sorted(path for path in paths if (root / path).exists())


def _git(root: Path, *arguments: str) -> str:
    try:
        done = subprocess.run(
            ["git", *arguments], cwd=root, capture_output=True, text=True, timeout=30, check=True
        )
    except FileNotFoundError as error:
        raise ChangesError("git is not installed") from error
    except subprocess.SubprocessError as error:
        reason = (getattr(error, "stderr", "") or str(error)).strip().splitlines()[-1:]
        raise ChangesError(f"git {' '.join(arguments)}: {' '.join(reason)}") from error
    return done.stdout
