"""One of three shards is ill: what breakers and bulkheads make of it."""

from collections import deque
from dataclasses import dataclass, field

SHARDS = "abc"
ILL, FROM, UNTIL, END = 1, 10_000, 20_000, 30_000  # shard b; milliseconds
WORKERS, USUAL, TIMEOUT = 30, 50, 2000
WINDOW, MINIMUM, OPEN_FOR = 60, 20, 4000  # calls, calls, milliseconds


class Dice:
    def __init__(self) -> None:
        self._state = 42

    def below(self, limit: int) -> int:
        self._state = (self._state * 1103515245 + 12345) % 2**31
        return (self._state >> 16) % limit


@dataclass
class Breaker:
    """Opens on the share of failures in the last calls; one probe at a time."""

    name: str
    percent: int
    trace: list[str]
    state: str = "closed"
    probe_at: int = 0
    generation: int = 0
    window: deque[bool] = field(default_factory=lambda: deque(maxlen=WINDOW))

    def admits(self, now: int) -> bool:
        if self.state == "open" and now >= self.probe_at:
            self._enter("half-open", now, "")
            return True  # this call is the probe
        return self.state == "closed"

    def settle(self, now: int, call: "Call", ok: bool) -> None:
        if call.generation != self.generation:
            return  # began before the state last changed
        self.window.append(ok)
        failed = self.window.count(False)
        if self.state == "half-open":
            why = f"probe at {SHARDS[call.shard]} {'works' if ok else 'fails'}"
            self._enter("closed" if ok else "open", now, why)
        elif len(self.window) >= MINIMUM and (
            failed * 100 >= self.percent * len(self.window)
        ):
            self._enter("open", now, f"{failed} of {len(self.window)} failed")

    def _enter(self, state: str, now: int, why: str) -> None:
        self.state = state
        self.generation += 1
        self.probe_at = now + OPEN_FOR
        self.window.clear()
        if why:
            self.trace.append(
                f"{now // 1000:>5}.{now // 10 % 100:02} s  {state:<7} {why}"
            )


@dataclass
class Call:
    shard: int
    ends: int
    ok: bool
    generation: int


# --8<-- [start:show]
@dataclass
class Client:
    """Calls the shards. A breaker is for all of them or for one, or missing."""

    breakers: list[Breaker | None]  # of each shard
    places: int  # in each shard's bulkhead
    busy: list[int] = field(default_factory=lambda: [0] * len(SHARDS))
    peak: int = 0
    in_flight: list[Call] = field(default_factory=list)

    def start(self, now: int, shard: int, takes: int, ok: bool) -> bool:
        """Return whether the call was let through."""
        if sum(self.busy) == WORKERS or self.busy[shard] == self.places:
            return False  # at once: waiting would fill the place in front of it
        breaker = self.breakers[shard]
        if breaker and not breaker.admits(now):
            return False
        generation = breaker.generation if breaker else 0
        self.busy[shard] += 1
        self.peak = max(self.peak, sum(self.busy))
        self.in_flight.append(Call(shard, now + takes, ok, generation))
        return True

    def finish(self, now: int) -> None:
        done = [call for call in self.in_flight if call.ends <= now]
        self.in_flight = [call for call in self.in_flight if call.ends > now]
        for call in done:
            self.busy[call.shard] -= 1
            if breaker := self.breakers[call.shard]:
                breaker.settle(now, call, call.ok)


# --8<-- [end:show]


@dataclass
class Setup:
    label: str
    breakers: str = "none"  # or "one", or "each"
    percent: int = 25
    places: int = WORKERS

    def client(self, trace: list[str]) -> Client:
        if self.breakers == "none":
            return Client([None] * len(SHARDS), self.places)
        if self.breakers == "one":
            breaker = Breaker("all", self.percent, trace)
            return Client([breaker] * len(SHARDS), self.places)
        each = [Breaker(name, self.percent, trace) for name in SHARDS]
        return Client([*each], self.places)


def run(setup: Setup, hangs: bool) -> tuple[str, list[str]]:
    trace: list[str] = []
    client, dice = setup.client(trace), Dice()
    calls, good = [0, 0, 0], [0, 0, 0]
    tries = 0
    for now in range(0, END, 10):
        client.finish(now)
        shard = dice.below(len(SHARDS))
        trouble = FROM <= now < UNTIL
        ill = trouble and shard == ILL
        takes = TIMEOUT if ill and hangs else USUAL
        through = client.start(now, shard, takes, not ill)
        if trouble:
            calls[shard] += 1
            good[shard] += through and not ill
            tries += through and ill
    others = (good[0] + good[2]) * 100 // (calls[0] + calls[2])
    every = sum(good) * 100 // sum(calls)
    return f"{others:>6} %{every:>5} %{tries:>5}{client.peak:>6}", trace


def main() -> None:
    setups = [
        Setup("nothing"),
        Setup("one breaker, 25 %", "one"),
        Setup("one breaker, 50 %", "one", percent=50),
        Setup("a breaker for each shard", "each"),
        Setup("10 places for each shard", places=10),
        Setup("breaker and places", "each", places=10),
    ]
    print("100 calls/s to three shards, 30 workers; shard b is ill from 10 to 20 s")
    print(f"{'':<25}{'b fails at once':>26}{'b hangs for 2 s':>26}")
    half = f"{'a and c':>8}{'all':>7}{'to b':>5}{'busy':>6}"
    print(f"{'answered':<25}{half}{half}")
    traces = {}
    for setup in setups:
        (fast, trace), (slow, _) = run(setup, False), run(setup, True)
        traces[setup.label] = trace
        print(f"{setup.label:<25}{fast}{slow}")
    for label in (setups[1].label, setups[3].label):
        print(f"\n{label}, b fails at once")
        print("\n".join(traces[label]))


if __name__ == "__main__":
    main()
