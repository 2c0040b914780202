"""An order saga: its state is a fold over a log, so any crash can be resumed."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import combinations
from typing import Literal

Result = Literal["done", "refused", "failed", "resumed"]
MAX_ATTEMPTS = 4
UNDOES = {"cancel order": "create order", "release stock": "reserve stock"}


class Crash(Exception):  # noqa: N818 - it is what happens, not an error to handle
    """The orchestrator's process is gone, with everything in its memory."""


@dataclass
class Services:
    """Order, stock, payment and parcel service: what they stored, and their moods."""

    refuse: set[str] = field(default_factory=set)
    down: Counter[str] = field(default_factory=Counter)  # calls that do nothing
    lose: Counter[str] = field(default_factory=Counter)  # replies lost, effect there
    order: str = "-"
    stock: int = 5
    paid: int = 0
    parcels: int = 0
    answers: dict[str, Result] = field(default_factory=dict)
    effects: Counter[str] = field(default_factory=Counter)

    def call(self, command: str) -> Result:
        """Answer a command; the command's name serves as its idempotency key."""
        if self.down[command] > 0:
            self.down[command] -= 1
            return "failed"
        if command not in self.answers:  # answer and effect are one commit
            self.answers[command] = self.apply(command)
        if self.lose[command] > 0:
            self.lose[command] -= 1
            return "failed"
        return self.answers[command]

    def apply(self, command: str) -> Result:
        if command in self.refuse:
            return "refused"
        self.effects[command] += 1
        was_done = False
        if command in UNDOES:
            was_done = self.answers.get(UNDOES[command]) == "done"
            self.answers[UNDOES[command]] = "refused"  # should it come late
        match command:
            case "create order":
                self.order = "pending"
            case "cancel order":
                self.order = "cancelled"
            case "reserve stock":
                self.stock -= 1
            case "release stock":
                self.stock += was_done
            case "capture payment":
                self.paid += 40
            case "book parcel":
                self.parcels += 1
            case "confirm order":
                self.order = "confirmed"
        return "done"

    def state(self) -> tuple[str, int, int, int]:
        return self.order, self.stock, self.paid, self.parcels


# --8<-- [start:show]
# A step and what undoes it, up to the pivot; from there on only forward.
STEPS = [
    ("create order", "cancel order"),
    ("reserve stock", "release stock"),
    ("capture payment", ""),
    ("book parcel", ""),
    ("confirm order", ""),
]
PIVOT = 2


def fold(log: list[Result]) -> tuple[str, str]:
    """Derive from the log alone where the saga stands and what comes next."""
    at, back, attempts = 0, False, 0
    for result in log:
        match result:
            case "done":
                at, attempts = at + (-1 if back else 1), 0
            case "refused" if at <= PIVOT and not back:
                at, back, attempts = at - 1, True, 0  # undo from the step before
            case "refused":
                attempts = MAX_ATTEMPTS  # it was not allowed to refuse
            case "failed":  # unknown: the same command again
                attempts += 1
                if attempts == MAX_ATTEMPTS and at < PIVOT and not back:
                    back, attempts = True, 0  # may have happened: undo it too
            case "resumed":
                attempts = 0
    if at < 0 or at == len(STEPS):
        return ("cancelled" if back else "completed"), ""
    if attempts >= MAX_ATTEMPTS:
        return "parked", ""
    return "running", STEPS[at][1 if back else 0]


def run(log: list[Result], services: Services, before: Callable[[], None]) -> str:
    while True:
        status, command = fold(log)
        if not command:
            return status
        before()
        result = services.call(command)
        before()  # a crash here: done, but nobody wrote it down
        log.append(result)


# --8<-- [end:show]


def drive(
    services: Services, crash_at: frozenset[int], repair: bool = False
) -> tuple[str, int, list[tuple[str, str]]]:
    """Run a saga to its end, restarting the orchestrator whenever it crashes."""
    log: list[Result] = []
    writes = 0
    trace: list[tuple[str, str]] = []
    call = services.call

    def before() -> None:
        nonlocal writes
        writes += 1
        if writes in crash_at:
            raise Crash

    def traced(command: str) -> Result:
        result = call(command)
        trace.append((command, result))
        return result

    services.call = traced  # type: ignore[method-assign]
    while True:
        try:
            status = run(log, services, before)
        except Crash:
            trace.append(("crash", f"{len(log)} records in the log"))
            continue
        if status != "parked" or not repair:
            return status, writes, trace
        repair = False
        services.down.clear()  # a person has repaired the cause
        log.append("resumed")


@dataclass(frozen=True)
class Scenario:
    label: str
    refuse: str = ""
    down: str = ""
    times: int = 0
    lose: str = ""
    lost: int = 0
    repair: bool = False

    def services(self) -> Services:
        return Services(
            refuse={self.refuse},
            down=Counter({self.down: self.times}),
            lose=Counter({self.lose: self.lost}),
        )


PAYMENT = "capture payment"
SCENARIOS = [
    Scenario("all well"),
    Scenario("create refused", refuse="create order"),
    Scenario("stock refused", refuse="reserve stock"),
    Scenario("stock's replies lost", lose="reserve stock", lost=99),
    Scenario("payment refused", refuse=PAYMENT),
    Scenario("payment's reply lost", lose=PAYMENT, lost=1),
    Scenario("payment never answers", down=PAYMENT, times=99),
    Scenario("  but took the money", lose=PAYMENT, lost=99),
    Scenario("parcel refused", refuse="book parcel"),
    Scenario("confirm fails 3 times", down="confirm order", times=3),
    Scenario("release fails twice", PAYMENT, "release stock", 2),
    Scenario("release never works", PAYMENT, "release stock", 99),
    Scenario("  after the repair", PAYMENT, "release stock", 99, repair=True),
]


def with_crashes(scenario: Scenario, end: tuple[object, ...], writes: int) -> int:
    """Crash at every point and every two points; count the schedules."""
    points = range(1, writes + 1)
    schedules = [*combinations(points, 1), *combinations(points, 2)]
    for schedule in schedules:
        services = scenario.services()
        status, _, _ = drive(services, frozenset(schedule), scenario.repair)
        if (status, *services.state()) != end:
            raise SystemExit(f"{scenario.label}, crash at {schedule}: another end")
        if max(services.effects.values(), default=0) > 1:
            raise SystemExit(f"{scenario.label}, crash at {schedule}: twice")
    return len(schedules)


def main() -> None:
    print("Payment refused, and the orchestrator dies after the release:")
    _, _, trace = drive(Scenario("", refuse=PAYMENT).services(), frozenset({8}))
    for command, result in trace:
        print(f"  {command:<17}{result}")
    print(f"\n{'':<23}order      stock  paid  parcels  saga       same end")
    for scenario in SCENARIOS:
        services = scenario.services()
        status, writes, _ = drive(services, frozenset(), scenario.repair)
        order, stock, paid, parcels = services.state()
        same = with_crashes(scenario, (status, *services.state()), writes)
        print(
            f"{scenario.label:<23}{order:<11}{stock:<7}{paid:<6}{parcels:<9}"
            f"{status:<11}{same} of {same}"
        )
    late = Scenario("", down="reserve stock", times=4).services()
    drive(late, frozenset())
    answer = late.call("reserve stock")
    print(f"\nA reserve that arrives after its release: {answer}, stock {late.stock}")


if __name__ == "__main__":
    main()
