"""A retry storm in virtual time: who makes it, who ends it."""

from dataclasses import dataclass, field

CLIENTS, TRIES = 1000, 4
BASE, CAP = 500, 8000  # milliseconds
SLOTS, FROM, UNTIL = 400, 100, 150  # of 100 ms: all, and those of the trouble
UNITS = 480  # a slot's work: an answer costs 4 units, a refusal 1


class Dice:
    def __init__(self) -> None:
        self._state = 42

    def between(self, low: int, high: int) -> int:
        self._state = (self._state * 1103515245 + 12345) % 2**31
        return low + (self._state >> 8) % (high - low + 1)


# --8<-- [start:show]
def wait(strategy: str, attempt: int, previous: int, dice: Dice) -> int:
    """Milliseconds before the next try."""
    ceiling = min(CAP, BASE * 2 ** (attempt - 1))
    match strategy:
        case "naive":
            return 0
        case "exponential":
            return ceiling
        case "equal jitter":
            return dice.between(ceiling // 2, ceiling)
        case "decorrelated":
            return min(CAP, dice.between(BASE, previous * 3))
        case _:
            return dice.between(0, ceiling)


def serve(slot: int, requests: int) -> int:
    """Return how many are answered. Saying no is cheaper, and not free."""
    units = UNITS // 2 if FROM <= slot < UNTIL else UNITS
    return min(requests, max(0, (units - requests) // 3))


# --8<-- [end:show]


@dataclass
class Budget:
    """Every call brings a tenth of a retry; at most ten are saved."""

    limited: bool
    saved: int = 1000  # hundredths

    def deposit(self) -> None:
        self.saved = min(1000, self.saved + 10)

    def withdraw(self) -> bool:
        if not self.limited:
            return True
        if self.saved < 100:
            return False
        self.saved -= 100
        return True


def herd(strategy: str) -> None:
    dice, tries = Dice(), [0] * 16
    for _ in range(CLIENTS):
        now, previous = 0, BASE
        for attempt in range(1, TRIES):
            previous = wait(strategy, attempt, previous, dice)
            now += previous
            if now < 1600:
                tries[now // 100] += 1
    print(f"{strategy:<12}{''.join(f'{each // 10:>4}' for each in tries)}")


@dataclass
class World:
    strategy: str
    open_loop: bool
    slots: list[list[int]] = field(default_factory=lambda: [[] for _ in range(500)])
    peak: int = 0
    served: int = 0  # while in trouble
    at_end: int = 0  # in the last second
    last_refusal: int = 0

    def run(self) -> None:
        dice, budget = Dice(), Budget("budget" in self.strategy)
        for client in range(CLIENTS):
            self.slots[client % 10].append(1)
        for slot in range(SLOTS):
            requests = self.slots[slot]
            if self.open_loop and slot >= 10:
                requests.extend([1] * (CLIENTS // 10))
            count = len(requests)
            answered = serve(slot, count)
            self.peak = max(self.peak, count)
            if FROM <= slot < UNTIL:
                self.served += answered
            if slot >= SLOTS - 10:
                self.at_end += answered
            if answered < count:
                self.last_refusal = slot
            for place, attempt in enumerate(requests):
                if attempt == 1:
                    budget.deposit()
                # The answers are spread evenly over the requests.
                lucky = (place + 1) * answered // count > place * answered // count
                again = attempt < TRIES and self.strategy != "no retries"
                if not lucky and again and budget.withdraw():
                    pause = wait(self.strategy, attempt, BASE, dice)
                    self.slots[slot + 1 + pause // 100].append(attempt + 1)
                elif not self.open_loop:
                    self.slots[slot + 10].append(1)  # the next call, 1 s later

    def row(self) -> str:
        after = max(0, self.last_refusal + 1 - UNTIL)
        healthy = f"{after // 10}.{after % 10} s"
        if self.last_refusal >= SLOTS - 10:
            healthy = "never"
        return f"{self.peak:>5}{self.served // 5:>9}{self.at_end:>8}{healthy:>8}"


def storm(strategy: str) -> None:
    rows = []
    for open_loop in (True, False):
        world = World(strategy, open_loop)
        world.run()
        rows.append(world.row())
    print(f"{strategy:<15}{rows[0]}  {rows[1]}")


def layers(label: str, tries: list[int], limited: bool) -> None:
    """The last layer is down, so each caller uses all tries it may."""
    calls, row = CLIENTS, ""
    for most in tries:
        budget, sent = Budget(limited), 0
        for _ in range(calls):
            budget.deposit()
            sent += 1
            for _ in range(most - 1):
                sent += budget.withdraw()
        calls = sent
        row += f"{calls:>9}"
    print(f"{label:<35}{row}")


def main() -> None:
    print("1,000 clients cut off at 0 s: tens of tries in each 100 ms until 1.6 s")
    for strategy in ("exponential", "equal jitter", "full jitter", "decorrelated"):
        herd(strategy)
    print("\n1,000 calls/s; a server for 1,200/s has half from 10 to 15 s")
    print(
        "               callers keep coming            1,000 clients, a call at a time"
    )
    print(
        "                peak  trouble  at end healthy   peak  trouble  at end healthy"
    )
    for strategy in (
        "no retries",
        "naive",
        "exponential",
        "full jitter",
        "jitter + budget",
    ):
        storm(strategy)
    print("\n1,000 requests, the database is down     api   orders database")
    layers("4 tries at each of three layers", [4, 4, 4], False)
    layers("4 tries at the last layer only", [1, 1, 4], False)
    layers("4 tries each, a budget of 10 %", [4, 4, 4], True)


if __name__ == "__main__":
    main()
