"""A log-structured merge store: WAL, memtable, SSTables, Bloom filter, compaction."""

import hashlib
import heapq
import os
import shutil
import struct
import tempfile
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

Record = tuple[str, str | None]  # None is a tombstone: "deleted here"
TOMBSTONE = 0xFFFFFFFF  # in place of the value's length
EVERY = 16  # records in a block: one index entry each


def encode(key: str, value: str | None) -> bytes:
    k, v = key.encode(), (value or "").encode()
    lengths = struct.pack("<II", len(k), TOMBSTONE if value is None else len(v))
    return struct.pack("<I", zlib.crc32(lengths + k + v)) + lengths + k + v


def decode(data: bytes) -> Iterator[tuple[int, str, str | None]]:
    """Where each whole record ends, key, value; stops at a torn or damaged one."""
    at = 0
    while at + 12 <= len(data):
        crc, klen, vlen = struct.unpack_from("<III", data, at)
        start, stop = at + 12, at + 12 + klen
        end = stop if vlen == TOMBSTONE else stop + vlen
        if end > len(data) or crc != zlib.crc32(data[at + 4 : end]):
            return
        value = None if vlen == TOMBSTONE else data[stop:end].decode()
        yield end, data[start:stop].decode(), value
        at = end


def sync_folder(path: Path) -> None:
    """A new name in a folder is durable only after an fsync of the folder."""
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def write_durably(path: Path, data: bytes) -> None:
    """Whole or not at all: write aside, fsync, rename, fsync the folder."""
    aside = path.with_suffix(".tmp")
    with aside.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    aside.rename(path)
    sync_folder(path.parent)


def filter_bits(key: str) -> int:
    """Four probes into a filter of 4,096 bits."""
    digest = hashlib.sha256(key.encode()).digest()
    bits = 0
    for i in range(0, 8, 2):
        bits |= 1 << int.from_bytes(digest[i : i + 2], "big") % 4096
    return bits


class Table:
    """An SSTable: sorted and never changed. Index and filter stay in memory; a real
    engine stores them in the file instead of scanning it at the start."""

    def __init__(self, path: Path) -> None:
        self.path, self.count, self.tombstones, self.filter = path, 0, 0, 0
        self.blocks: list[tuple[str, int, int]] = []  # first key, from, to
        begin = 0
        for end, key, value in decode(path.read_bytes()):
            if self.count % EVERY == 0:
                self.blocks.append((key, begin, end))
            self.blocks[-1] = (*self.blocks[-1][:2], end)
            self.count += 1
            self.tombstones += value is None
            self.filter |= filter_bits(key)
            begin = end

    def may_contain(self, key: str) -> bool:
        return self.filter & (bits := filter_bits(key)) == bits

    def read_block(self, key: str) -> dict[str, str | None]:
        """The only block that can hold the key, with one read."""
        low, high = 0, len(self.blocks)
        while low < high:  # the last block whose first key is not above the key
            middle = (low + high) // 2
            if self.blocks[middle][0] <= key:
                low = middle + 1
            else:
                high = middle
        if low == 0:
            return {}
        _, begin, end = self.blocks[low - 1]
        with self.path.open("rb") as file:
            file.seek(begin)
            return {k: v for _, k, v in decode(file.read(end - begin))}

    def scan(self, age: int) -> Iterator[tuple[str, int, str | None]]:
        for _, key, value in decode(self.path.read_bytes()):
            yield key, age, value


class Store:
    def __init__(self, folder: Path, memtable_limit: int = 250) -> None:
        self.folder, self.limit = folder, memtable_limit
        self.asked = self.skipped = self.block_reads = 0
        manifest = folder / "MANIFEST"
        names = manifest.read_text().split() if manifest.exists() else []
        self.tables = [Table(folder / name) for name in names]  # newest first
        self.number = max((int(name[:6]) for name in names), default=0)
        strays = [p for p in folder.glob("*.sst") if p.name not in names]
        for path in strays:  # a crash came before or after the manifest changed
            path.unlink()
        self.memtable: dict[str, str | None] = {}
        self.replayed, self.removed, whole = 0, len(strays), 0
        self.wal = (folder / "wal").open("a+b")
        sync_folder(folder)
        self.wal.seek(0)
        log = self.wal.read()
        for end, key, value in decode(log):
            self.memtable[key] = value
            self.replayed, whole = self.replayed + 1, end
        self.torn = len(log) - whole
        self.wal.truncate(whole)

    # --8<-- [start:show]
    def write(self, batch: Iterable[Record]) -> None:
        """Log first, one fsync for the batch, then the memtable.
        After an OSError close the store and open it again."""
        batch = list(batch)
        self.wal.write(b"".join(encode(key, value) for key, value in batch))
        self.wal.flush()
        os.fsync(self.wal.fileno())  # from here on the batch survives a crash
        self.memtable.update(batch)
        if len(self.memtable) >= self.limit:
            self.flush()

    def get(self, key: str) -> str | None:
        if key in self.memtable:
            return self.memtable[key]
        for table in self.tables:  # the newest that knows the key decides
            self.asked += 1
            if not table.may_contain(key):
                self.skipped += 1
                continue
            self.block_reads += 1
            block = table.read_block(key)
            if key in block:
                return block[key]  # perhaps a tombstone: look no further
        return None

    def flush(self) -> None:
        """Memtable to a new table; only then may the log be emptied."""
        table = self.new_table(sorted(self.memtable.items()))
        self.replace_tables([table, *self.tables])
        self.wal.truncate(0)
        self.memtable.clear()

    def compact(self, count: int, drop_tombstones: bool) -> None:
        """Merge the newest tables into one; of each key the newest record stays.
        Dropping tombstones is safe only if no older table is left beneath."""
        merged, last = [], None
        runs = (t.scan(age) for age, t in enumerate(self.tables[:count]))
        for key, _, value in heapq.merge(*runs):  # by key, then newest first
            if key != last and not (value is None and drop_tombstones):
                merged.append((key, value))
            last = key
        old = self.tables[:count]
        self.replace_tables([self.new_table(merged), *self.tables[count:]])
        for table in old:
            table.path.unlink()

    # --8<-- [end:show]

    def new_table(self, records: Iterable[Record]) -> Table:
        self.number += 1
        path = self.folder / f"{self.number:06}.sst"
        write_durably(path, b"".join(encode(key, value) for key, value in records))
        return Table(path)

    def replace_tables(self, tables: list[Table]) -> None:
        """One rename moves the store from the old list of tables to the new one."""
        names = "\n".join(table.path.name for table in tables)
        write_durably(self.folder / "MANIFEST", names.encode())
        self.tables = tables

    def close(self) -> None:
        self.wal.close()

    def describe(self) -> str:
        records = sum(table.count for table in self.tables)
        tombstones = sum(table.tombstones for table in self.tables)
        return f"tables {len(self.tables)}, records {records}, tombstones {tombstones}"


def shown(value: str | None) -> str:
    return "none" if value is None else value


def user(n: int) -> str:
    return f"user:{n:04}"


def crash_and_recover(folder: Path) -> None:
    store = Store(folder)
    store.write([("a", "1"), ("b", "2")])
    store.write([("a", "3")])
    store.write([("b", None)])
    store.close()  # nothing else is saved: the memtable is gone
    with (folder / "wal").open("ab") as log:
        log.write(encode("c", "4")[:9])  # the crash tears an unfinished write
    store = Store(folder)
    print(f"after the crash: {store.replayed} records replayed, {store.torn} bytes cut")
    print("  " + ", ".join(f"{key} {shown(store.get(key))}" for key in "abc"))
    store.close()


def read_cost(store: Store, label: str, keys: list[str]) -> None:
    store.asked = store.skipped = store.block_reads = 0
    found = sum(store.get(key) is not None for key in keys)
    print(
        f"{label:<22}{found:>6}{store.asked:>8}{store.skipped:>9}{store.block_reads:>8}"
    )


def tables_and_tombstones(folder: Path) -> None:
    store = Store(folder)
    for first in range(0, 1000, 125):
        store.write((user(n * 7 % 1000), f"v1-{n}") for n in range(first, first + 125))
    print(f"\n1,000 users written: {store.describe()}")
    print("reads                  found   asked  skipped  blocks")
    read_cost(store, "1 key, oldest table", [user(0)])
    read_cost(store, "1,000 present keys", [user(n) for n in range(1000)])
    read_cost(store, "1,000 absent keys", [f"{user(n)}x" for n in range(1000)])

    store.write((user(n), f"v2-{n}") for n in range(200))
    store.write((user(n), None) for n in range(100, 150))
    store.flush()
    print(f"\n200 updated, 50 of them deleted: {store.describe()}")
    print(f"user:0100 {shown(store.get(user(100)))}, hidden by a tombstone")
    store.close()

    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        wrong = Store(Path(copy))
        wrong.compact(2, drop_tombstones=True)
        back = sum(wrong.get(user(n)) is not None for n in range(100, 150))
        print(f"2 newest merged, tombstones dropped too early: {back} users are back")
        wrong.close()

    store = Store(folder)
    store.compact(2, drop_tombstones=False)
    print(f"2 newest merged, tombstones kept: {store.describe()}")
    store.compact(len(store.tables), drop_tombstones=True)
    print(f"all merged: {store.describe()}")
    store.close()
    write_durably(folder / "000099.sst", encode(user(100), "v1"))  # a crash left it
    store = Store(folder)
    print(f"reopened: {store.removed} stray table removed, {store.describe()}")
    print(", ".join(f"{key} {shown(store.get(key))}" for key in (user(100), user(99))))
    store.close()


def main() -> None:
    for scene in (crash_and_recover, tables_and_tombstones):
        with tempfile.TemporaryDirectory() as folder:
            scene(Path(folder))


if __name__ == "__main__":
    main()
