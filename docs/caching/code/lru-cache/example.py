"""A bounded cache: least recently used out first, expiry, one load per key."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

V = TypeVar("V")


@dataclass(frozen=True)
class Policy:
    """Times in seconds."""

    capacity: int
    ttl: float
    missing_ttl: float
    load_timeout: float


@dataclass(frozen=True)
class Entry(Generic[V]):
    value: V | None  # None: the source has no such key
    expires: float


# --8<-- [start:show]
class Cache(Generic[V]):
    """Asks `load` for what it does not hold; belongs to one event loop."""

    def __init__(
        self,
        load: Callable[[str], Awaitable[V | None]],
        policy: Policy,
        clock: Callable[[], float],  # time.monotonic
        random: Callable[[], float],  # from 0 to below 1: random.random
    ) -> None:
        self._load = load
        self._policy = policy
        self._clock = clock
        self._random = random
        self._entries: OrderedDict[str, Entry[V]] = OrderedDict()
        self._loads: dict[str, asyncio.Task[V | None]] = {}

    async def get(self, key: str) -> V | None:
        entry = self._entries.get(key)
        # Ask whether there is an entry, never whether its value is truthy.
        if entry is not None and self._clock() < entry.expires:
            self._entries.move_to_end(key)
            return entry.value
        load = self._loads.get(key)
        if load is None:
            load = self._loads[key] = asyncio.create_task(self._fill(key))
        # A caller that gives up does not cancel the load of the others.
        return await asyncio.shield(load)

    async def _fill(self, key: str) -> V | None:
        try:
            async with asyncio.timeout(self._policy.load_timeout):
                value = await self._load(key)
        finally:  # a failure is not kept: the next caller tries again
            del self._loads[key]
        ttl = self._policy.ttl if value is not None else self._policy.missing_ttl
        ttl -= self._random() * ttl / 10  # not all expire together
        self._entries[key] = Entry(value, self._clock() + ttl)
        self._entries.move_to_end(key)
        if len(self._entries) > self._policy.capacity:
            self._entries.popitem(last=False)
        return value

    def keys(self) -> list[str]:
        """The least recently used first."""
        return list(self._entries)


# --8<-- [end:show]


class ManualClock:
    """Seconds that pass only when told."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Mulberry32:
    """A small generator, the same in every language."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def __call__(self) -> float:
        self._state = (self._state + 0x6D2B79F5) & 0xFFFFFFFF
        t = self._state
        t = ((t ^ t >> 15) * (t | 1)) & 0xFFFFFFFF
        t ^= (t + ((t ^ t >> 7) * (t | 61) & 0xFFFFFFFF)) & 0xFFFFFFFF
        return (t ^ t >> 14) / 2**32


class Source(Generic[V]):
    """Where values come from; counts its loads and can hold or fail them."""

    def __init__(self, rows: dict[str, V]) -> None:
        self._rows = rows
        self.loads = 0
        self.failing = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def load(self, key: str) -> V | None:
        self.loads += 1
        await self.gate.wait()
        if self.failing:
            raise ConnectionError("source unavailable")
        return self._rows.get(key)


UNREAD = {"ada": 7, "ben": 0, "cleo": 4}
NICKNAMES = {"ada": ""}


POLICY = Policy(capacity=2, ttl=60, missing_ttl=5, load_timeout=5)


def no_jitter() -> float:
    return 0.0


def shown(value: int | str | None) -> str:
    if value is None:
        return "not found"
    return f'"{value}"' if isinstance(value, str) else str(value)


async def sequence() -> None:
    print('at most 2 entries; a value lives 60 s, "not found" 5 s')
    print("time  get   answer     from  kept, least recently used first")
    clock, source = ManualClock(), Source(UNREAD)
    cache = Cache(source.load, POLICY, clock, no_jitter)
    steps = "0 ada,0 ben,0 ada,0 cleo,0 ada,0 dan,4 dan,5 dan,59 ada,60 ada"
    for second, key in (step.split() for step in steps.split(",")):
        clock.now = float(second)
        before = source.loads
        value = await cache.get(key)
        origin = "hit" if source.loads == before else "load"
        kept = " ".join(cache.keys())
        print(f"{second:>2} s  {key:<6}{shown(value):<11}{origin:<6}{kept}")


async def at_once() -> None:
    print("\nat once                        loads  outcome")
    source = Source(UNREAD)
    cache = Cache(source.load, POLICY, ManualClock(), no_jitter)

    async def ask(callers: int) -> list[asyncio.Task[int | None]]:
        """Start callers; all wait for the held load when this returns."""
        source.loads = 0
        source.gate.clear()
        tasks = [asyncio.create_task(cache.get("ada")) for _ in range(callers)]
        await asyncio.sleep(0)
        return tasks

    source.failing = True
    callers = await ask(100)
    source.gate.set()
    results = await asyncio.gather(*callers, return_exceptions=True)
    errors = sum(isinstance(result, ConnectionError) for result in results)
    print(f"100 callers, the load fails    {source.loads:>5}  {errors} errors")

    source.failing = False
    callers = await ask(100)
    source.gate.set()
    results = await asyncio.gather(*callers)
    print(f"100 callers after the failure  {source.loads:>5}  {results.count(7)} got 7")

    cache = Cache(source.load, POLICY, ManualClock(), no_jitter)
    callers = await ask(3)
    callers[0].cancel()
    results = await asyncio.gather(callers[0], return_exceptions=True)
    source.gate.set()
    results += await asyncio.gather(*callers[1:])
    canceled = sum(isinstance(result, asyncio.CancelledError) for result in results)
    outcome = f"{canceled} canceled, {results.count(7)} got 7"
    print(f"3 callers, the first gives up  {source.loads:>5}  {outcome}")


async def three_reads(label: str, source: Source[V], key: str) -> None:
    kept: dict[str, V | None] = {}
    for _ in range(3):
        value = kept.get(key)
        if not value:  # the bug: empty is taken for absent
            kept[key] = await source.load(key)
    mistaken, source.loads = source.loads, 0
    cache = Cache(source.load, POLICY, ManualClock(), no_jitter)
    for _ in range(3):
        value = await cache.get(key)
    print(f"{label:<19}{shown(value):<18}{mistaken:<17}{source.loads}")


async def expiry() -> None:
    print("\n1,000 values stored at 0 s, all read every second: loads in each second")
    for label, random in (("no jitter", no_jitter), ("jitter", Mulberry32(42))):
        clock, source = ManualClock(), Source({f"key {n}": n for n in range(1000)})
        cache = Cache(source.load, replace(POLICY, capacity=1000), clock, random)
        counts = []
        for second in (0, 55, 56, 57, 58, 59, 60):
            clock.now = float(second)
            source.loads = 0
            for n in range(1000):
                await cache.get(f"key {n}")
            counts.append(f"{second} s: {source.loads}")
        print(f"{label:<9}  {'  '.join(counts[1:])}")


async def main() -> None:
    await sequence()
    await at_once()
    print("\nthree reads of     value      loads: empty is absent  this cache")
    await three_reads("unread of ben", Source(UNREAD), "ben")
    await three_reads("nickname of ada", Source(NICKNAMES), "ada")
    await three_reads("unread of dan", Source(UNREAD), "dan")
    await expiry()


if __name__ == "__main__":
    asyncio.run(main())
