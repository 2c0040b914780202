"""A restore drill: base backup, archived WAL, a mistake, a point in time."""

import json
import time
from hashlib import sha256
from pathlib import Path

from scratch import Server, Workshop, workshop

CONTENT = "SELECT md5(string_agg(o::text, ',' ORDER BY id)) FROM orders o"
ORDERS = "INSERT INTO orders SELECT n, n * 7 FROM generate_series({}, {}) n"
REVIEWS = "INSERT INTO reviews SELECT n FROM generate_series({}, {}) n"


# --8<-- [start:show]
def archive_to(archive: Path) -> str:
    """Each full WAL segment is copied away, and never overwritten."""
    return f"""
        wal_level = replica
        archive_mode = on
        archive_command = 'test ! -f {archive}/%f && cp %p {archive}/%f'
    """


def back_up(shop: Workshop, primary: Server) -> Path:
    base = shop.folder / "base"
    options = ["--checkpoint=fast", "--manifest-checksums=SHA256", "--no-sync"]
    source = ["-h", primary.socket, "-U", "postgres"]
    shop.run("pg_basebackup", *source, "-D", base, *options)
    return base


def verify(base: Path) -> str:
    """Every file against the manifest: a part of what pg_verifybackup does."""
    wrong = 0
    for file in json.loads((base / "backup_manifest").read_text())["Files"]:
        content = (base / file["Path"]).read_bytes()
        wrong += sha256(content).hexdigest() != file["Checksum"]
    return f"{wrong} files differ" if wrong else "all files match"


def restore(
    shop: Workshop, base: Path, archive: Path, name: str, until: str = ""
) -> Server:
    """The base backup on an empty server, then WAL up to the target."""
    server = Server(shop, name)
    shop.copy(base, server.folder)
    server.configure(f"""
        archive_mode = off
        restore_command = 'cp {archive}/%f %p 2> /dev/null && echo %f >> fetched'
        recovery_target_time = '{until}'
        recovery_target_action = 'promote'
    """)
    (server.folder / "recovery.signal").touch()
    server.start()
    wait(lambda: server.ask("SELECT NOT pg_is_in_recovery()") == "t")
    return server


def ship(primary: Server) -> None:
    """End the current segment and wait until it is in the archive."""
    segment = primary.ask("SELECT pg_walfile_name(pg_switch_wal())")
    done = f"SELECT last_archived_wal >= '{segment}' FROM pg_stat_archiver"
    wait(lambda: primary.ask(done) == "t")


# --8<-- [end:show]


def wait(condition) -> None:
    for _ in range(500):
        if condition():
            return
        time.sleep(0.02)
    raise TimeoutError


def follow(shop: Workshop, primary: Server, base: Path) -> Server:
    """A streaming standby."""
    standby = Server(shop, "standby")
    shop.copy(base, standby.folder)
    standby.configure(f"""
        archive_mode = off
        primary_conninfo = 'host={primary.socket} user=postgres'
    """)
    (standby.folder / "standby.signal").touch()
    standby.start()
    return standby


def count(server: Server, table: str) -> str:
    if server.ask(f"SELECT to_regclass('{table}') IS NULL") == "t":
        return "gone"
    return server.ask(f"SELECT count(*) FROM {table}")


def show(label: str, value: str) -> None:
    print(f"  {label:<46}{value}")


def main() -> None:
    with workshop() as shop:
        archive = shop.folder / "archive"
        archive.mkdir()
        archive.chmod(0o777)
        primary = Server(shop, "primary")
        primary.initdb()
        primary.configure(archive_to(archive))
        primary.start()
        primary.ask(
            "CREATE TABLE orders (id int PRIMARY KEY, cents int);"
            "CREATE TABLE reviews (id int PRIMARY KEY)"
        )

        print("before")
        primary.ask(ORDERS.format(1, 100))
        show("orders in the base backup", count(primary, "orders"))
        base = back_up(shop, primary)
        show("the backup against its manifest", verify(base))
        standby = follow(shop, primary, base)
        for first in range(101, 601, 100):
            primary.ask(ORDERS.format(first, first + 99))
        content = primary.ask(CONTENT)
        show("orders just before the mistake", count(primary, "orders"))
        just_before = primary.ask("SELECT clock_timestamp()")
        time.sleep(0.01)

        print("\nthe mistake: DROP TABLE orders")
        primary.ask("DROP TABLE orders")
        primary.ask(REVIEWS.format(1, 20))
        position = primary.ask("SELECT pg_current_wal_lsn()")
        wait(
            lambda: (
                standby.ask(f"SELECT pg_last_wal_replay_lsn() >= '{position}'") == "t"
            )
        )
        show("orders on the primary", count(primary, "orders"))
        show("orders on the streaming standby", count(standby, "orders"))
        standby.stop()
        ship(primary)

        print("\nrestore 1: to the moment before the mistake")
        first = restore(shop, base, archive, "first", just_before)
        same = "yes" if first.ask(CONTENT) == content else "no"
        show("orders restored", f"{count(first, 'orders')} of 600")
        show("content as before the mistake", same)
        show("reviews, written after that moment", f"{count(first, 'reviews')} of 20")
        segments = (first.folder / "fetched").read_text().split()
        show("segments fetched from the archive", f"{len(segments)}")
        line = "SELECT timeline_id FROM pg_control_checkpoint()"
        first.ask("CHECKPOINT")
        show("timeline, was 1", first.ask(line))
        first.stop()

        print("\nrestore 2: the machine is lost, only the archive is left")
        primary.ask(REVIEWS.format(21, 27))  # committed, not yet in the archive
        written = int(count(primary, "reviews"))
        primary.stop("immediate")
        second = restore(shop, base, archive, "second")
        kept = int(count(second, "reviews"))
        show("reviews restored", f"{kept} of {written}")
        show("confirmed and lost (the measured RPO)", f"{written - kept} rows")
        show("orders (the mistake is replayed, too)", count(second, "orders"))


if __name__ == "__main__":
    main()
