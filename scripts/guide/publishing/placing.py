"""Put a built site in the place of the last one, whatever fails."""

from __future__ import annotations

import shutil
from pathlib import Path

from guide.publishing.swapping import exchange


def put_in_place(built: Path, site: Path) -> None:
    """Replace `site` by `built`; whatever fails, one of the two whole sites stays there.

    Where the system can exchange them, there is no moment without one.
    """
    recover(site)
    if site.exists() and exchange(built, site):
        shutil.rmtree(built, ignore_errors=True)
        return
    previous = site.with_name(f".{site.name}.previous")
    if site.exists():
        site.rename(previous)
    try:
        built.rename(site)
    except OSError:
        recover(site)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def recover(site: Path) -> None:
    """Undo a replacement that was cut short: the previous site comes back."""
    previous = site.with_name(f".{site.name}.previous")
    if not previous.exists():
        return
    if site.exists():
        shutil.rmtree(previous)
    else:
        previous.rename(site)
