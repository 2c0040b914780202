"""A folder beside the site in which one build works until what it made is whole."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import psutil


@contextlib.contextmanager
def staging(site: Path) -> Iterator[Path]:
    """An empty folder for this process, on the disk of `site`, so that it can take its place.

    It is gone afterwards, and with it those of builds that were killed.
    """
    _remove_leftovers(site)
    folder = site.with_name(f".{site.name}.{os.getpid()}")
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers(site: Path) -> None:
    for folder in site.parent.glob(f".{site.name}.*"):
        process = folder.name.rpartition(".")[2]
        if process.isdecimal() and not psutil.pid_exists(int(process)):
            shutil.rmtree(folder, ignore_errors=True)
