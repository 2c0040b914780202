"""A worker pool with a bounded queue: reject, drop the oldest, or block."""

import contextlib
import queue
import threading
from collections.abc import Callable
from dataclasses import dataclass, field


class ManualClock:
    """Time that passes only when told to."""

    def __init__(self) -> None:
        self.now = 0


@dataclass
class Job:
    number: int
    work: Callable[[], None]
    deadline: int = 2**31


# --8<-- [start:show]
@dataclass
class Pool:
    capacity: int
    policy: str
    clock: ManualClock
    ran: list[int] = field(default_factory=list)
    refused: list[int] = field(default_factory=list)
    dropped: list[int] = field(default_factory=list)
    expired: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.queue: queue.Queue[Job | None] = queue.Queue(self.capacity)
        self.worker = threading.Thread(target=self.run)
        self.worker.start()

    def submit(self, job: Job) -> bool:
        if self.policy == "block":
            self.queue.put(job, timeout=5)  # backpressure: the caller waits its turn
            return True
        while True:
            try:
                self.queue.put_nowait(job)
                return True
            except queue.Full:
                if self.policy == "reject":
                    self.refused.append(job.number)
                    return False
                self.drop_oldest()

    def drop_oldest(self) -> None:
        with contextlib.suppress(queue.Empty):  # a worker was faster
            self.dropped.append(self.queue.get_nowait().number)

    def run(self) -> None:
        while (job := self.queue.get()) is not None:
            if self.clock.now > job.deadline:
                self.expired.append(job.number)  # nobody waits for it any more
            else:
                job.work()
                self.ran.append(job.number)

    def close(self) -> None:
        self.queue.put(None)
        self.worker.join()


# --8<-- [end:show]


def numbers(values: list[int]) -> str:
    return " ".join(map(str, values)) or "-"


def stays_empty(handed: queue.Queue[int]) -> bool:
    try:
        handed.get(timeout=0.05)
    except queue.Empty:
        return True
    return False


def six_jobs(policy: str) -> None:
    """One worker, held by job 1; two places in the queue; jobs 2 to 6 follow."""
    started, gate = threading.Event(), threading.Event()
    handed = queue.Queue[int]()
    pool = Pool(2, policy, ManualClock())

    def held() -> None:
        started.set()
        gate.wait(5)

    def submit_all() -> None:
        pool.submit(Job(1, held))
        handed.put(1)
        started.wait(5)
        for number in range(2, 7):
            pool.submit(Job(number, lambda: None))
            handed.put(number)

    submitter = threading.Thread(target=submit_all)
    submitter.start()
    # The fourth submit of "block" cannot return before the gate is open.
    certain = 3 if policy == "block" else 6
    for _ in range(certain):
        handed.get(timeout=5)
    blocked = certain < 6 and stays_empty(handed)
    gate.set()
    submitter.join()
    pool.close()
    waits = f"waits after {certain}" if blocked else "never waits"
    print(f"{policy:<12}ran {numbers(pool.ran):<12}", end="")
    print(f"refused {numbers(pool.refused):<6}", end="")
    print(f"dropped {numbers(pool.dropped):<6}caller {waits}")


def expiry() -> None:
    """Job 2 may wait 100 ms, job 3 may wait 900; the worker is held for 500."""
    clock, started, gate = ManualClock(), threading.Event(), threading.Event()
    pool = Pool(2, "reject", clock)

    def held() -> None:
        started.set()
        gate.wait(5)

    pool.submit(Job(1, held))
    started.wait(5)
    pool.submit(Job(2, lambda: None, deadline=100))
    pool.submit(Job(3, lambda: None, deadline=900))
    clock.now = 500
    gate.set()
    pool.close()
    print(f"deadlines   ran {numbers(pool.ran):<12}expired {numbers(pool.expired)}")


if __name__ == "__main__":
    print("one worker, held by job 1; queue of 2; jobs 2 to 6 arrive")
    for name in ("reject", "drop-oldest", "block"):
        six_jobs(name)
    print("the worker is held for 500 ms; job 2 is due at 100, job 3 at 900")
    expiry()
