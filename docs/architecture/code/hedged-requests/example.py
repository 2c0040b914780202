"""Hedged requests and deadline propagation, in virtual milliseconds."""

from collections import deque
from dataclasses import dataclass

FAN_OUT, ROUNDS = 100, 1000
HEDGE_AFTER = 15  # about the 95th percentile of one call


class Dice:
    def __init__(self) -> None:
        self._state = 42

    def below(self, limit: int) -> int:
        self._state = (self._state * 1103515245 + 12345) % 2**31
        return (self._state >> 8) % limit

    def latency(self) -> int:
        """95 % of calls take 5 to 14 ms, 4 % up to 34, 1 % 200 to 999."""
        place = self.below(100)
        if place == 99:
            return 200 + self.below(800)
        if place >= 95:
            return 15 + self.below(20)
        return 5 + self.below(10)


# --8<-- [start:show]
@dataclass
class Budget:
    """Every call earns a part of a hedge; a hedge costs a whole one."""

    percent: int
    saved: int = 1000  # in hundredths: ten hedges in hand, and never more

    def earn(self) -> None:
        self.saved = min(1000, self.saved + self.percent)

    def spend(self) -> bool:
        if self.saved < 100:
            return False
        self.saved -= 100
        return True


def hedged_call(dice: Dice, budget: Budget) -> tuple[int, int]:
    """Return the time taken and the requests sent. Only for idempotent calls."""
    first = dice.latency()
    budget.earn()
    if first <= HEDGE_AFTER or not budget.spend():
        return first, 1
    second = HEDGE_AFTER + dice.latency()  # to another replica
    return min(first, second), 2  # and the loser is canceled


@dataclass
class Service:
    name: str
    usual: int  # with everything below it
    today: int  # its own work, before it calls the next


def chain(services: list[Service], now: int, deadline: int) -> int:
    """Walk down; return when the last work ended. Each hop sees what is left."""
    for service in services:
        left = deadline - now
        if left < service.usual:
            print(
                f"  {now:>3}  {service.name:<8} {left:>3} ms left, "
                f"needs {service.usual}, refuses"
            )
            return now
        print(f"  {now:>3}  {service.name:<8} {left:>3} ms left, works")
        now += service.today
    return now


# --8<-- [end:show]


def percentile(values: list[int], p: int) -> int:
    return sorted(values)[len(values) * p // 100 - 1]


def show(title: str, times: list[int], sent: int, calls: int) -> None:
    extra = (sent - calls) * 1000 // calls
    shown = "".join(f"{percentile(times, p):>7}" for p in (50, 95, 99))
    print(f"{title:<38}{shown}   +{extra // 10}.{extra % 10} %")


def measure(title: str, fan_out: int, percent: int) -> list[int]:
    """Replicas that are slow independently of each other."""
    dice, budget = Dice(), Budget(percent, saved=1000 if percent else 0)
    rounds = ROUNDS * FAN_OUT // fan_out
    times, requests = [], 0
    for _ in range(rounds):
        calls = [hedged_call(dice, budget) for _ in range(fan_out)]
        times.append(max(took for took, _ in calls))
        requests += sum(sent for _, sent in calls)
    show(title, times, requests, rounds * fan_out)
    return times


def shared_store(title: str, percent: int) -> None:
    """All replicas ask one store: a queue. It is 80 % busy and stalls once."""
    dice, budget = Dice(), Budget(percent, saved=1000 if percent else 0)
    calls, free, queries = 2000, 0, 0
    hedges: deque[int] = deque()
    times = []

    def query(now: int) -> int:
        nonlocal free, queries
        queries += 1
        free = max(free, now) + 5 + dice.below(7)  # 8 ms on average
        return free

    for now in range(0, calls * 10, 10):  # a call every 10 ms, for 20 s
        if now == 1000:
            free = now + 200  # the stall
        while hedges and hedges[0] <= now:
            query(hedges.popleft())  # behind its twin; a cancel does not reach it
        took = query(now) - now
        times.append(took)
        budget.earn()
        if took > HEDGE_AFTER and budget.spend():
            hedges.append(now + HEDGE_AFTER)
    show(title, times, queries + len(hedges), calls)


def main() -> None:
    print(f"{'milliseconds':<38}    p50    p95    p99   load")
    single = measure("one call", 1, 0)
    fan = measure("fan-out to 100, wait for all", FAN_OUT, 0)
    p99 = percentile(single, 99)
    slower = sum(time > p99 for time in fan) * 100 // len(fan)
    measure("fan-out, hedged, budget 10 %", FAN_OUT, 10)
    measure("fan-out, hedged, budget 2 %", FAN_OUT, 2)
    shared_store("one store stalls 200 ms, no hedging", 0)
    shared_store("the same, hedged, budget 10 %", 10)
    shared_store("the same, hedged without a limit", 100)
    print(f"fan-outs slower than the p99 of one call ({p99} ms): {slower} %")

    services = [
        Service("gateway", 100, 20),
        Service("orders", 90, 130),
        Service("stock", 70, 90),
        Service("prices", 40, 150),
    ]
    print("\nthe user waits 250 ms; every service has a timeout of 1000 ms")
    now = 0
    for service in services:
        print(f"  {now:>3}  {service.name:<8} works")
        now += service.today
    print(f"  {now:>3}  done, {now - 250} ms after the user has gone")
    print("the same, the deadline travels along")
    ended = chain(services, 0, 250)
    print(f"  {ended:>3}  the user is told, {250 - ended} ms early")


if __name__ == "__main__":
    main()
