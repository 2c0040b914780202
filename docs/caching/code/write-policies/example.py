"""Ten acknowledged writes, then the cache node dies: what is left of them?"""

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass
class Database:
    stock: dict[str, int] = field(default_factory=dict)
    version: int = 0  # of the last write that was applied
    calls: int = 0

    def apply(self, batch: list[tuple[int, str, int]]) -> None:
        """One transaction for the whole batch; what was applied before is skipped."""
        self.calls += 1
        for version, key, value in batch:
            if version > self.version:
                self.stock[key], self.version = value, version


# --8<-- [start:show]
class WriteThrough:
    """Acknowledged means: in the database. The cache follows."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.memory: dict[str, int] = {}

    def write(self, version: int, key: str, value: int) -> None:
        self._database.apply([(version, key, value)])  # if it fails, so does the write
        self.memory[key] = value

    def crash(self) -> None:
        self.memory.clear()

    recover = crash  # nothing else to do: all of it was a copy


class WriteBehind:
    """Acknowledged means: in memory and queued. The database follows, in batches."""

    def __init__(self, database: Database, durable: bool) -> None:
        self._database = database
        self._durable = durable
        self.memory: dict[str, int] = {}
        self.queue: list[tuple[int, str, int]] = []

    def write(self, version: int, key: str, value: int) -> None:
        self.queue.append((version, key, value))  # first: no cached write without it
        self.memory[key] = value

    def flush(self, limit: int) -> None:
        self._database.apply(self.queue[:limit])
        del self.queue[:limit]  # after the commit: a crash in between repeats

    def crash(self) -> None:
        self.memory.clear()
        if not self._durable:
            self.queue.clear()

    def recover(self) -> None:
        if self.queue:
            self.flush(len(self.queue))


# --8<-- [end:show]


def run(label: str, new: Callable[[Database], WriteThrough | WriteBehind]) -> None:
    database = Database()
    cache = new(database)
    for version in range(1, 11):
        cache.write(version, "tea", 100 - version)
        if isinstance(cache, WriteBehind) and version in (3, 6):
            cache.flush(3)
    seen = database.stock["tea"]
    before = database.calls
    cache.crash()
    cache.recover()
    lost = 10 - database.version
    print(f"{label:<26}{before:>8}{seen:>10}{database.stock['tea']:>12}{lost:>8}")


def main() -> None:
    print("ten writes, tea goes from 100 to 90; all acknowledged; then a crash")
    print(f"{'':<26}database  others see  after the  writes")
    print(f"{'policy':<26}  writes  meanwhile    restart    lost")
    run("write-through", WriteThrough)
    run("write-behind, in memory", lambda db: WriteBehind(db, durable=False))
    run("write-behind, durable log", lambda db: WriteBehind(db, durable=True))

    database = Database()
    cache = WriteBehind(database, durable=True)
    cache.write(1, "tea", 99)
    cache.write(2, "tea", 98)
    database.apply(cache.queue[:1])  # applied, but the crash comes before the delete
    cache.crash()
    cache.recover()
    print(f"\na batch repeated after a crash: tea {database.stock['tea']}")


if __name__ == "__main__":
    main()
