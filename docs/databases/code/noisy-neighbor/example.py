"""Four shared workers, one tenant with a big import, and three ways to pick a job."""

from collections.abc import Callable
from itertools import count
from typing import NamedTuple

WORKERS, CAP = 4, 3


class Job(NamedTuple):
    arrives: int
    tenant: str
    seconds: int


class Running(NamedTuple):
    tenant: str
    until: int


JOBS = [Job(0, "import", 10) for _ in range(120)]
JOBS += [Job(at, f"shop {n}", 1) for n in (1, 2) for at in range(3 * n, 300, 20)]


# --8<-- [start:show]
def first_come(waiting: list[Job], running: list[Running]) -> Job | None:
    """One queue for all: whoever sends the most gets the most."""
    return min(waiting, key=lambda job: job.arrives, default=None)


def fewest_running(waiting: list[Job], running: list[Running]) -> Job | None:
    """The next worker goes to the tenant that holds the fewest."""

    def rank(job: Job) -> tuple[int, int]:
        return (held_by(job.tenant, running), job.arrives)

    return min(waiting, key=rank, default=None)


def fewest_and_capped(waiting: list[Job], running: list[Running]) -> Job | None:
    """The same, but no tenant holds more than CAP workers, even if one is idle."""
    allowed = [job for job in waiting if held_by(job.tenant, running) < CAP]
    return fewest_running(allowed, running)


def held_by(tenant: str, running: list[Running]) -> int:
    return sum(each.tenant == tenant for each in running)


# --8<-- [end:show]

Pick = Callable[[list[Job], list[Running]], Job | None]


class Outcome(NamedTuple):
    import_done: int
    shop_waits: list[int]
    idle: int  # seconds of workers that stood still while jobs waited


def simulate(pick: Pick) -> Outcome:
    waiting: list[Job] = []
    running: list[Running] = []
    waits: list[int] = []
    import_done = idle = 0
    for second in count():  # a virtual clock
        running = [each for each in running if each.until > second]
        waiting += [job for job in JOBS if job.arrives == second]
        while len(running) < WORKERS and (job := pick(waiting, running)):
            waiting.remove(job)
            running.append(Running(job.tenant, second + job.seconds))
            if job.tenant == "import":
                import_done = second + job.seconds
            else:
                waits.append(second - job.arrives)
        if waiting:
            idle += WORKERS - len(running)
        elif second > max(job.arrives for job in JOBS):
            return Outcome(import_done, sorted(waits), idle)
    raise AssertionError("count() does not end")


def main() -> None:
    print("Four workers. An import of 120 jobs of 10 s arrives at once;")
    print("two shops send a job of 1 s every 20 s.\n")
    print("                        shops wait, s      import    idle")
    print("policy                  median   worst     done, s   worker s")
    policies: list[tuple[str, Pick]] = [
        ("first come", first_come),
        ("fewest running", fewest_running),
        ("fewest, cap 3 of 4", fewest_and_capped),
    ]
    for name, pick in policies:
        done, waits, idle = simulate(pick)
        median = waits[len(waits) // 2]
        print(f"{name:<24}{median:>6}  {waits[-1]:>6}  {done:>10}  {idle:>9}")


if __name__ == "__main__":
    main()
