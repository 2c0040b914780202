"""A connection pool: maximum, waiting line, timeout, lifetime, validation, leaks."""

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field


class PoolError(Exception):
    """No connection: timed out, closed, or returned twice."""


class Server:
    """Opens connections and keeps the time."""

    def __init__(self) -> None:
        self.time, self.opened, self.closed = 0, 0, 0

    def connect(self) -> "Connection":
        self.opened += 1
        return Connection(self, self.opened, self.time)


@dataclass(eq=False)
class Connection:
    server: Server
    number: int
    opened_at: int
    idle_since: int = 0
    alive: bool = True

    def ping(self) -> bool:
        return self.alive

    def close(self) -> None:
        self.server.closed += 1


@dataclass(frozen=True)
class Settings:
    maximum: int
    wait: float = 5  # seconds that a caller waits at most
    lifetime: int = 1800
    test_after_idle: int = 30
    leak_after: int = 60


@dataclass(eq=False)
class Lease:
    """One borrowing; the connection may be lent again, the lease is over."""

    connection: Connection
    who: str
    since: int


@dataclass(eq=False)
class Waiter:
    ready: threading.Event = field(default_factory=threading.Event)
    connection: Connection | None = None  # ready without one: open your own
    refused: bool = False


class Pool:
    def __init__(
        self,
        connect: Callable[[], Connection],
        now: Callable[[], int],
        settings: Settings,
    ) -> None:
        self._connect, self._now, self._settings = connect, now, settings
        self._lock = threading.Lock()
        self._idle: list[Connection] = []
        self._lent: dict[Lease, None] = {}
        self._waiters: deque[Waiter] = deque()
        self._open, self._closed = 0, False

    # --8<-- [start:show]
    def acquire(self, who: str) -> Lease:
        waiter = connection = None
        with self._lock:
            if self._closed:
                raise PoolError("the pool is closed")
            if self._idle:
                connection = self._idle.pop()  # the one used last
            elif self._open < self._settings.maximum:
                self._open += 1  # reserve the place, open outside the lock
            else:
                self._waiters.append(waiter := Waiter())
        if waiter:
            connection = self._wait(waiter)
        try:
            connection = self._usable(connection)
        except BaseException:
            with self._lock:
                self._pass_on(None)  # a failed attempt must not cost a place
            raise
        lease = Lease(connection, who, self._now())
        with self._lock:
            self._lent[lease] = None
        return lease

    def release(self, lease: Lease) -> None:
        connection = lease.connection
        with self._lock:
            if lease not in self._lent:
                raise PoolError("this lease is over")
            del self._lent[lease]
            connection.idle_since = self._now()
            retire = self._closed or self._too_old(connection)
            self._pass_on(None if retire else connection)
        if retire:
            connection.close()

    def _pass_on(self, connection: Connection | None) -> None:
        """To the first in line, so that nobody overtakes; else to the idle ones."""
        if self._waiters:
            waiter = self._waiters.popleft()
            waiter.connection = connection
            waiter.ready.set()
        elif connection:
            self._idle.append(connection)
        else:
            self._open -= 1

    def _wait(self, waiter: Waiter) -> Connection | None:
        waiter.ready.wait(self._settings.wait)
        with self._lock:
            if not waiter.ready.is_set():  # no hand-over at the last moment
                self._waiters.remove(waiter)
                lent = f"{len(self._lent)} of {self._settings.maximum} lent"
                raise PoolError(f"no connection in {self._settings.wait} s, {lent}")
        if waiter.refused:
            raise PoolError("the pool is closed")
        return waiter.connection

    # --8<-- [end:show]

    def _usable(self, connection: Connection | None) -> Connection:
        """The given one if it is young and answers, else a new one in its place."""
        if connection:
            idle = self._now() - connection.idle_since
            tested = idle <= self._settings.test_after_idle or connection.ping()
            if tested and not self._too_old(connection):
                return connection
            connection.close()
        return self._connect()

    def _too_old(self, connection: Connection) -> bool:
        return self._now() - connection.opened_at >= self._settings.lifetime

    def leaks(self) -> list[str]:
        with self._lock:
            held = [(lease, self._now() - lease.since) for lease in self._lent]
            return [
                f"{lease.who} has held #{lease.connection.number} for {age} s"
                for lease, age in held
                if age > self._settings.leak_after
            ]

    def close(self) -> None:
        """Refuse those who wait; what is lent is closed when it comes back."""
        with self._lock:
            self._closed = True
            for waiter in self._waiters:
                waiter.refused = True
                waiter.ready.set()
            self._waiters.clear()
            idle, self._idle = self._idle, []
            self._open -= len(idle)
        for connection in idle:
            connection.close()

    def state(self) -> str:
        with self._lock:
            return f"{len(self._lent)} lent, {len(self._waiters)} waiting"


def new_pool(settings: Settings) -> tuple[Server, Pool]:
    server = Server()
    return server, Pool(server.connect, lambda: server.time, settings)


def until(pool: Pool, state: str) -> None:
    for _ in range(5000):
        if pool.state() == state:
            return
        time.sleep(0.001)
    raise TimeoutError(f"{pool.state()}, expected {state}")


def full_pool() -> None:
    server, pool = new_pool(Settings(maximum=2, wait=0.05))
    ana, ben = pool.acquire("ana"), pool.acquire("ben")
    print(f"ana #{ana.connection.number}, ben #{ben.connection.number}")
    try:
        pool.acquire("cyd")
    except PoolError as error:
        print(f"cyd: {error}")
    pool.release(ana)
    cyd = pool.acquire("cyd")
    print(f"ana returns, cyd #{cyd.connection.number}, opened {server.opened}")
    try:
        pool.release(ana)
    except PoolError as error:
        print(f"ana returns again: {error}, cyd is safe, {pool.state()}")


def waiting_line() -> None:
    server, pool = new_pool(Settings(maximum=1))
    first, served, threads = pool.acquire("first"), [], []

    def borrow(who: str) -> None:
        lease = pool.acquire(who)
        served.append(f"{who} #{lease.connection.number}")
        pool.release(lease)

    for place, who in enumerate(("dan", "eve", "fay"), start=1):
        threads.append(threading.Thread(target=borrow, args=(who,)))
        threads[-1].start()
        until(pool, f"1 lent, {place} waiting")
    pool.release(first)
    for thread in threads:
        thread.join()
    print(f"in line: {', '.join(served)}, opened {server.opened}")


def two_at_once(maximum: int) -> None:
    _, pool = new_pool(Settings(maximum, wait=0.05 if maximum == 2 else 5))
    both_hold_one, finished = threading.Barrier(2, timeout=5), []

    def nested(who: str) -> None:
        outer = pool.acquire(who)
        both_hold_one.wait()
        try:
            inner = pool.acquire(who)
            finished.append(who)
            pool.release(inner)
        except PoolError:
            both_hold_one.wait()  # keep the first one until both have given up
        pool.release(outer)

    threads = [threading.Thread(target=nested, args=(who,)) for who in ("gil", "hal")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"two requests that need 2 each, pool of {maximum}: {len(finished)} finish")


def aging() -> None:
    server, pool = new_pool(Settings(maximum=1))
    lease = pool.acquire("ida")
    pool.release(lease)
    server.time = 31
    lease.connection.alive = False  # the database restarted, nobody was told
    lease = pool.acquire("ida")
    print(f"#1 died while idle: ida #{lease.connection.number}, closed {server.closed}")
    pool.release(lease)
    server.time = 2000
    lease = pool.acquire("joe")
    print(f"#2 is too old: joe #{lease.connection.number}, closed {server.closed}")
    server.time = 2061
    print(f"leak: {'; '.join(pool.leaks())}")
    errors = []

    def wait() -> None:
        try:
            pool.acquire("kim")
        except PoolError as error:
            errors.append(f"kim: {error}")

    thread = threading.Thread(target=wait)
    thread.start()
    until(pool, "1 lent, 1 waiting")
    pool.close()
    thread.join()
    pool.release(lease)
    print(f"close, {errors[0]}, opened {server.opened}, closed {server.closed}")


def main() -> None:
    full_pool()
    waiting_line()
    two_at_once(2)
    two_at_once(3)
    aging()


if __name__ == "__main__":
    main()
