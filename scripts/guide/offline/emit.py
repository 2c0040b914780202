"""Write into a built site what its readers' devices need to keep it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from guide.offline import areas as areas_
from guide.offline import worker
from guide.offline.files import kept_files, shell_paths


def write_offline(site: Path, tools: Iterable[str], areas: Mapping[str, Sequence[str]]) -> None:
    """Write the service worker and the list of what each area holds.

    `tools` are pages that every device keeps, `areas` the pages of each area, all as file paths.
    """
    paths = [file.relative_to(site).as_posix() for file in site.rglob("*") if file.is_file()]

    def read(path: str) -> bytes:
        return (site / path).read_bytes()

    shell = shell_paths(paths, tools)
    (site / areas_.PATH).parent.mkdir(exist_ok=True)
    (site / areas_.PATH).write_text(areas_.areas_json(areas, paths, shell, read), encoding="utf-8")
    files = kept_files(shell, read)
    (site / worker.PATH).write_text(worker.service_worker(files), encoding="utf-8")
