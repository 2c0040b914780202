"""Cache-aside on Redis that stands crowds, absent rows and outages."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import redis

Value = int | str | None  # None: the database has no such row
TTL, MISSING_TTL = 300, 30  # seconds


def jittered(ttl: float, random: Callable[[], float]) -> int:
    """Milliseconds, up to a tenth less: what was stored together expires apart."""
    return int(ttl * 1000 * (1 - random() / 10))


class Cache:
    """Redis holds JSON: null is a known "not found", no key is "ask the database"."""

    def __init__(
        self,
        connection: redis.Connection,
        load: Callable[[str], Value],
        random: Callable[[], float],
    ) -> None:
        self._redis = connection
        self._load = load
        self._random = random
        self._flights: dict[str, Future[Value]] = {}
        self._lock = threading.Lock()
        self.outages = self.unstored = 0

    # --8<-- [start:show]
    def get(self, key: str) -> Value:
        try:
            kept = self._redis.command("GET", key)
        except OSError:  # no answer is not the answer "no such key"
            with self._lock:
                self.outages += 1
            return self._fly(key, lambda: self._load(key))
        if kept is not None:  # never ask whether the value is truthy
            return json.loads(kept)
        return self._fly(key, lambda: self._fill(key))

    def _fly(self, key: str, work: Callable[[], Value]) -> Value:
        """Work once for all who ask at the same time; they share even its failure."""
        with self._lock:
            flight = self._flights.get(key)
            if first := flight is None:
                flight = self._flights[key] = Future()
        if first:
            try:
                flight.set_result(work())
            except BaseException as error:
                flight.set_exception(error)
            finally:
                with self._lock:
                    del self._flights[key]
        return flight.result(timeout=5)

    def _fill(self, key: str) -> Value:
        # Between our miss and here an earlier flight may have landed: look again.
        kept = self._redis.command("GET", key)
        if kept is not None:
            return json.loads(kept)
        value = self._load(key)
        ttl = jittered(TTL if value is not None else MISSING_TTL, self._random)
        data = json.dumps(value)
        try:
            self._redis.command("SET", key, data, "PX", ttl)
        except (OSError, redis.RedisError):  # gone or full, but the value is here
            with self._lock:
                self.unstored += 1
        return value

    # --8<-- [end:show]


class Naive:
    """What is often copied: empty is taken for absent, each caller loads."""

    def __init__(
        self, connection: redis.Connection, load: Callable[[str], Value]
    ) -> None:
        self._redis = connection
        self._load = load

    def get(self, key: str) -> Value:
        kept = self._redis.command("GET", key)
        value = json.loads(kept) if kept is not None else None
        if not value:  # the bug
            value = self._load(key)
            self._redis.command("SET", key, json.dumps(value), "EX", TTL)
        return value


class Database:
    """Counts its calls; a crowd, if set, must be complete before any is answered."""

    def __init__(self) -> None:
        self._rows = {"unread:ada": 7, "unread:ben": 0, "nickname:ada": ""}
        self._lock = threading.Lock()
        self.crowd: threading.Barrier | None = None
        self.calls = 0

    def load(self, key: str) -> Value:
        with self._lock:
            self.calls += 1
        if self.crowd:
            self.crowd.wait(timeout=5)
        return self._rows.get(key)


class Crowded:
    """A connection whose first GETs return together, so that all of them miss."""

    def __init__(self, connection: redis.Connection, callers: int) -> None:
        self._connection = connection
        self._barrier = threading.Barrier(callers)
        self._seen = threading.local()

    def command(self, *command: redis.Argument) -> redis.Reply:
        reply = self._connection.command(*command)
        if not hasattr(self._seen, "first"):
            self._seen.first = True
            self._barrier.wait(timeout=5)
        return reply


class Crowd(NamedTuple):
    label: str
    caches: int
    protected: bool
    loads: int  # that the database must hold before it answers


def crowds(connection: redis.Connection) -> None:
    print("100 callers of one key, all past the miss  database calls  got 7")
    for crowd in [
        Crowd("each loads for itself", 1, False, 100),
        Crowd("one flight that looks again", 1, True, 1),
        Crowd("four instances, a flight each", 4, True, 4),
    ]:
        connection.command("UNLINK", "unread:ada")
        database = Database()
        database.crowd = threading.Barrier(crowd.loads)
        shared = Crowded(connection, 100)
        if crowd.protected:
            caches = [
                Cache(shared, database.load, lambda: 0) for _ in range(crowd.caches)
            ]
        else:
            caches = [Naive(shared, database.load)]
        with ThreadPoolExecutor(max_workers=100) as pool:
            asked = [
                pool.submit(caches[n % crowd.caches].get, "unread:ada")
                for n in range(100)
            ]
            right = [future.result(timeout=5) for future in asked].count(7)
        print(f"{crowd.label:<43}{database.calls:>14}{right:>7}")


def empty_values(connection: redis.Connection) -> None:
    print("\nthree reads of  Redis holds  calls: empty is absent  get or load")
    for key in ["unread:ben", "nickname:ada", "unread:dan"]:
        calls = []
        for kind in ["naive", "cache"]:
            connection.command("UNLINK", key)
            database = Database()
            naive = Naive(connection, database.load)
            cache = naive if kind == "naive" else new_cache(connection, database)
            for _ in range(3):
                cache.get(key)
            calls.append(database.calls)
        kept = connection.command("GET", key)
        print(f"{key:<16}{kept:<13}{calls[0]:<24}{calls[1]}")


def lifetimes(connection: redis.Connection) -> None:
    random = mulberry32(42)
    drawn = [jittered(TTL, random) / 1000 for _ in range(1000)]
    print(f"\n1,000 lifetimes of {TTL} s: {min(drawn):.1f} to {max(drawn):.1f} s")
    for key, ttl in [("unread:ben", TTL), ("unread:dan", MISSING_TTL)]:
        left = connection.command("PTTL", key)
        within = "yes" if 0 < left <= ttl * 1000 else "no"
        print(f"{key} goes within {ttl} s: {within}")


def full(connection: redis.Connection) -> None:
    cache = new_cache(connection, Database())
    connection.command("UNLINK", "unread:ada")
    connection.command("CONFIG", "SET", "maxmemory", 1)
    right = [cache.get("unread:ada") for _ in range(3)].count(7)
    connection.command("CONFIG", "SET", "maxmemory", 0)
    print(f"\nRedis full: {right} of 3 reads answered, {cache.unstored} stores refused")


def outage(connection: redis.Connection) -> None:
    database = Database()
    cache = new_cache(connection, database)
    connection.close()
    got = [cache.get("unread:ada") for _ in range(3)]
    right = got.count(7)
    print(f"Redis gone: {right} of 3 reads answered, {cache.outages} outages counted,")
    print(f"{database.calls} database calls: the cache was carrying them")


def new_cache(connection: redis.Connection, database: Database) -> Cache:
    return Cache(connection, database.load, lambda: 0)


def mulberry32(state: int) -> Callable[[], float]:
    """A small generator, the same in every language."""

    def random() -> float:
        nonlocal state
        state = (state + 0x6D2B79F5) & 0xFFFFFFFF
        t = state
        t = ((t ^ t >> 15) * (t | 1)) & 0xFFFFFFFF
        t ^= (t + ((t ^ t >> 7) * (t | 61) & 0xFFFFFFFF)) & 0xFFFFFFFF
        return (t ^ t >> 14) / 2**32

    return random


def main() -> None:
    with redis.connect() as connection:
        crowds(connection)
        empty_values(connection)
        lifetimes(connection)
        full(connection)
        outage(connection)


if __name__ == "__main__":
    main()
