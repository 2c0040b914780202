"""What happens to a build from outside: it is killed, the disk is full, the cache is unusable."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from circumstances import digests
from guide.library.writing import write_text
from mini_project import MiniProject
from site_server import RUN_GUIDE, run_guide

PATIENCE = 60.0
EARLY, HALF_WAY = "", "site/assets"
"""What is in the folder of a build that has begun, and of one that renders."""


def built(project: MiniProject) -> dict[str, str]:
    done = run_guide(project.root, "build")
    assert done.returncode == 0, done.stdout + done.stderr
    return digests(project.path("site"))


def leftovers(root: Path) -> list[str]:
    """Files and folders that only a build in progress has."""
    return [path.name for path in root.rglob(".*") if re.search(r"\.\d+$|\.new$", path.name)]


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end
        time.sleep(0.005)


def still_working(root: Path) -> list[psutil.Process]:
    """Processes in the project that are not over."""
    found = []
    for process in psutil.process_iter(["cwd", "status"]):
        cwd = process.info["cwd"]
        if cwd and Path(cwd) == root and process.info["status"] != psutil.STATUS_ZOMBIE:
            found.append(process)
    return found


@pytest.fixture(scope="module")
def published(published_once: MiniProject, tmp_path_factory: pytest.TempPathFactory) -> MiniProject:
    """A project with a published site; tests leave both as good as they were."""
    place = tmp_path_factory.mktemp("resilience") / "mini"
    return MiniProject(shutil.copytree(published_once.root, place))


@pytest.mark.parametrize(
    ("made", "number", "code"),
    [
        (EARLY, signal.SIGKILL, -signal.SIGKILL),
        (HALF_WAY, signal.SIGKILL, -signal.SIGKILL),
        (HALF_WAY, signal.SIGTERM, 128 + signal.SIGTERM),
        (HALF_WAY, signal.SIGINT, 2),
    ],
    ids=["early-kill", "kill", "terminate", "interrupt"],
)
def test_a_build_that_is_ended_from_outside_leaves_the_last_good_site(
    published: MiniProject, made: str, number: int, code: int
) -> None:
    before = digests(published.path("site"))
    process = subprocess.Popen(
        [*RUN_GUIDE, "build"],
        cwd=published.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    until(lambda: published.path(f".site.{process.pid}/{made}").exists())
    assert len(digests(published.path("site"))) == len(before)

    process.send_signal(number)
    output, _ = process.communicate(timeout=PATIENCE)

    assert process.returncode == code
    assert "Traceback" not in output
    until(lambda: not still_working(published.root))
    assert digests(published.path("site")) == before
    assert published.path(f".site.{process.pid}").exists() is (number == signal.SIGKILL)


def test_the_build_after_a_killed_one_cleans_up_and_publishes(published: MiniProject) -> None:
    dead = subprocess.Popen(["true"])
    dead.wait()
    abandoned = published.path(f".site.{dead.pid}")
    (abandoned / "site").mkdir(parents=True)
    half = published.path(f".cache/.memo.{dead.pid}-1.new")
    half.write_bytes(b"half of it")
    published.replace("docs/index.md", "It is the", "It is now the")

    after = built(published)

    assert not leftovers(published.root)
    assert "It is now the" in published.read("site/index.html")
    assert after == digests(published.path("site"))


def test_what_another_build_works_on_stays(tmp_path: Path) -> None:
    alive = tmp_path / f".notes.md.{os.getppid()}-1.new"
    alive.write_text("not done yet")

    write_text(tmp_path / "notes.md", "done")

    assert alive.exists()
    assert (tmp_path / "notes.md").read_text() == "done"


@pytest.fixture
def small_disk(published: MiniProject, tmp_path: Path) -> Iterator[MiniProject]:
    """The project on a disk of its own that has room for the site, but not for a second one."""
    if os.geteuid():
        pytest.skip("only root may mount a disk")
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", disk], check=True)
    try:
        shutil.copytree(published.root, disk / "mini")
        used = shutil.disk_usage(disk).used + 600_000
        subprocess.run(["mount", "-o", f"remount,size={used}", disk], check=True)
        yield MiniProject(disk / "mini")
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def test_a_full_disk_stops_the_build_with_a_word_and_leaves_the_site(
    small_disk: MiniProject,
) -> None:
    before = digests(small_disk.path("site"))

    done = run_guide(small_disk.root, "build")

    assert done.returncode == 2
    assert "guide: the disk is full (No space left on device): " in done.stderr
    assert "make room and run the command again" in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert digests(small_disk.path("site")) == before
    assert not leftovers(small_disk.root)


@pytest.fixture
def read_only_cache(published: MiniProject) -> Iterator[MiniProject]:
    """The project with a cache that nobody may write, whoever runs this."""
    cache = published.path(".cache")
    if os.geteuid():
        folders = [cache, *(path for path in cache.rglob("*") if path.is_dir())]
        for folder in folders:
            folder.chmod(0o555)
        yield published
        for folder in folders:
            folder.chmod(0o755)
        return
    subprocess.run(["mount", "--bind", cache, cache], check=True)
    try:
        subprocess.run(["mount", "-o", "remount,bind,ro", cache], check=True)
        yield published
    finally:
        subprocess.run(["umount", "--lazy", cache], check=True)


def test_a_read_only_cache_is_told_once_and_diagrams_are_drawn_all_the_same(
    read_only_cache: MiniProject,
) -> None:
    before = digests(read_only_cache.path(".cache"))
    read_only_cache.replace("docs/http/methods.md", "A[Client] -->", "A[Reader] -->")

    done = run_guide(read_only_cache.root, "build")

    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stderr.count("nothing is kept for the next run; make it writable") == 1
    assert "Reader" in read_only_cache.read("site/http/methods/index.html")
    assert digests(read_only_cache.path(".cache")) == before


def test_damaged_caches_are_made_again_and_the_site_is_the_same(published: MiniProject) -> None:
    before = digests(published.path("site"))
    memo = published.path(".cache/memo")
    content = memo.read_bytes()
    memo.write_bytes(content[:100] + b"\xff" * (len(content) - 100))
    for drawing in published.path(".cache/diagrams").iterdir():
        drawing.unlink()
        (drawing / "inside").mkdir(parents=True)
    published.write(".cache/examples", "a file where a folder should be")

    done = run_guide(published.root, "build")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "guide: .cache/memo is damaged: all is computed again" in done.stderr.replace(
        f"{published.root}/", ""
    )
    assert ".cache/examples was a file: removed, it has to be a folder" in done.stderr
    assert digests(published.path("site")) == before
    assert any(drawing.is_file() for drawing in published.path(".cache/diagrams").iterdir())


def test_a_file_in_the_place_of_the_cache_is_told(project: MiniProject) -> None:
    project.write(".cache", "not a folder")

    done = run_guide(project.root, "check", "docs/index.md")

    assert done.returncode == 0, done.stdout + done.stderr
    assert "cannot be used (it is a file): nothing is kept for the next run" in done.stderr
    assert project.read(".cache") == "not a folder"
