"""Registry with heartbeats, client-side round robin, in virtual seconds."""

from collections.abc import Callable
from dataclasses import dataclass, field
from math import comb

HEARTBEAT, TTL, REFRESH, ASIDE = 3, 10, 5, 30


# --8<-- [start:show]
@dataclass
class Registry:
    """Who announced itself during the last TTL seconds."""

    up: bool = True
    expires: dict[str, int] = field(default_factory=dict)

    def heartbeat(self, name: str, now: int) -> None:  # the first one registers
        if self.up:
            self.expires[name] = now + TTL

    def deregister(self, name: str) -> None:
        self.expires.pop(name, None)

    def alive(self, now: int) -> list[str] | None:
        if not self.up:
            return None
        return sorted(name for name, end in self.expires.items() if now < end)


@dataclass
class Client:
    """Round robin over a list that is refreshed now and then."""

    registry: Registry
    send: Callable[[str], bool]
    watches: bool  # notice failures, try another instance
    keeps: bool  # without an answer from the registry, keep the old list
    known: list[str] = field(default_factory=list)
    aside: dict[str, int] = field(default_factory=dict)
    turn: int = 0

    def refresh(self, now: int) -> None:
        answer = self.registry.alive(now)
        if answer is not None or not self.keeps:
            self.known = answer or []

    def call(self, now: int) -> bool:
        for _ in range(2 if self.watches else 1):  # at most one retry, elsewhere
            # If everybody is set aside, the list is wrong rather than the fleet.
            usable = [n for n in self.known if self.aside.get(n, 0) <= now]
            usable = usable or self.known
            if not usable:
                return False
            name = usable[self.turn % len(usable)]
            self.turn += 1
            if self.send(name):
                return True
            if self.watches:
                self.aside[name] = now + ASIDE
        return False


# --8<-- [end:show]


@dataclass
class Plan:
    title: str
    watches: bool = False
    keeps: bool = True
    deregisters: bool = False
    serves_on: int = 0
    registry_down: int = 10**6
    trace: bool = False


def run(plan: Plan) -> None:
    """Instance b leaves at second 12; six requests a second for 40 seconds."""
    registry = Registry()
    served = {"a": 0, "b": 0, "c": 0}
    now, stop = 0, 12

    def send(name: str) -> bool:
        if name == "b" and now >= stop + plan.serves_on:
            return False
        served[name] += 1
        return True

    client = Client(registry, send, plan.watches, plan.keeps)
    failures: list[int] = []
    shown = None
    for now in range(40):
        if now == plan.registry_down:
            registry.up = False
        for name in served:
            if now % HEARTBEAT == 0 and (name != "b" or now < stop):
                registry.heartbeat(name, now)
        if now == stop and plan.deregisters:
            registry.deregister("b")
        if now % REFRESH == 0:
            client.refresh(now)
        before = dict(served)
        lost = sum(not client.call(now) for _ in range(6))
        failures += [now] * lost
        if plan.trace:
            row = [registry.alive(now) or [], client.known]
            row = [" ".join(names) for names in row]
            row += [str(served[name] - before[name]) for name in served]
            row.append(str(lost))
            if row != shown:
                print(
                    f"{now:>6}  {row[0]:<9} {row[1]:<9} "
                    f"{row[2]:>3} {row[3]:>3} {row[4]:>3} {row[5]:>7}"
                )
            shown = row
    if plan.trace:
        print()
        print(f"{'of 240 requests':<45} failed  for")
    seconds = failures[-1] + 1 - failures[0] if failures else 0
    print(f"{plan.title:<45} {len(failures):>6} {seconds:>3} s")


def availability() -> None:
    def line(title: str, part: float) -> None:
        down = (1 - part) * 720
        print(f"{title:<36} {part * 100:>8.4f} % {down:>6.2f} h a month")

    one = 0.999
    print()
    line("one service", one)
    line("chain of five", one**5)
    line("chain of five, each call tried twice", (1 - 0.001**2) ** 5)
    line("chain of five, two have a fallback", one**3)
    line("fan-out to 20, all needed", one**20)
    at_least_18 = sum(comb(20, k) * one ** (20 - k) * 0.001**k for k in range(3))
    line("fan-out to 20, 18 suffice", at_least_18)


def main() -> None:
    print("second  registry  client      a   b   c  failed")
    run(Plan("b crashes, list only", trace=True))
    run(Plan("b crashes, failures noticed, one retry", watches=True))
    run(Plan("b deregisters and exits", deregisters=True))
    run(Plan("b deregisters, serves 5 s more", deregisters=True, serves_on=5))
    run(Plan("registry down, client keeps its list", registry_down=20, serves_on=99))
    run(
        Plan(
            "registry down, client trusts the empty answer",
            registry_down=20,
            keeps=False,
            serves_on=99,
        )
    )
    availability()


if __name__ == "__main__":
    main()
