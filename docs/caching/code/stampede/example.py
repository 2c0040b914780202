"""One hot key, 30,000 requests in 300 s of virtual time: what does expiry cost?"""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

TTL, GRACE, LOAD = 60_000, 30_000, 2_000  # milliseconds
EVERY, UNTIL = 10, 300_000  # 100 requests a second


@dataclass
class Cache:
    """A value loaded at 0, and the loads that are under way (when they end)."""

    random: Callable[[], float]
    loaded: int = 0
    loading: list[int] = field(default_factory=list)
    loads: int = 0

    @property
    def expiry(self) -> int:
        return self.loaded + TTL

    def load(self, now: int) -> int:
        self.loads += 1
        self.loading.append(now + LOAD)
        return LOAD  # that long the caller waits, if it waits

    def land(self, now: int) -> None:
        for end in self.loading:
            if end <= now:
                self.loaded = max(self.loaded, end)
        self.loading = [end for end in self.loading if end > now]


# --8<-- [start:show]
# Each answers: how long does the request at `now` wait for its value?
def unprotected(cache: Cache, now: int) -> int:
    if now < cache.expiry:
        return 0
    return cache.load(now)


def lock(cache: Cache, now: int) -> int:
    """SET lock:key <token> NX PX 5000; who does not get it waits for the value."""
    if now < cache.expiry:
        return 0
    if cache.loading:
        return cache.loading[0] - now
    return cache.load(now)


def early(cache: Cache, now: int) -> int:
    """Roll dice at each read; the closer the expiry, the likelier a reload."""
    ahead = -LOAD * math.log(1 - cache.random())  # exponential, mean: one load
    if now + ahead < cache.expiry:
        return 0
    return cache.load(now)


def early_leased(cache: Cache, now: int) -> int:
    """The same, but one at a time, and in the background while a value is there."""
    ahead = -LOAD * math.log(1 - cache.random())
    if now + ahead >= cache.expiry and not cache.loading:
        cache.load(now)
    return 0 if now < cache.expiry else cache.loading[0] - now


def stale_while_revalidate(cache: Cache, now: int) -> int:
    """Keep the value past its expiry; the first to find it old refreshes it."""
    if now >= cache.expiry and not cache.loading:
        cache.load(now)
    return 0 if now < cache.expiry + GRACE else cache.loading[0] - now


# --8<-- [end:show]


def run(label: str, policy: Callable[[Cache, int], int]) -> None:
    cache = Cache(mulberry32(3))
    most = waited = longest = oldest = 0
    for now in range(0, UNTIL, EVERY):
        cache.land(now)
        wait = policy(cache, now)
        most = max(most, len(cache.loading))
        waited += wait > 0
        longest = max(longest, wait)
        if wait == 0:
            oldest = max(oldest, now - cache.loaded)
    print(
        f"{label:<26}{cache.loads:>6}{most:>9}{waited:>9}"
        f"{longest / 1000:>9.1f} s{oldest / 1000:>8.1f} s"
    )


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
    print("30,000 requests in 300 s; lifetime 60 s; a load takes 2 s")
    print(f"{'':<26} loads  at once  waited  longest wait  oldest")
    run("unprotected", unprotected)
    run("lock, the others wait", lock)
    run("early, by chance", early)
    run("early, with a lease", early_leased)
    run("stale while revalidate", stale_while_revalidate)


if __name__ == "__main__":
    main()
