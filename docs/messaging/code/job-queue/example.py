"""Workers on a job queue in PostgreSQL: leases, backoff, dead jobs, one tick."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import postgres
from postgres import Connection

# Seconds of the injected clock; a real table has timestamptz and now().
SCHEMA = """
    CREATE TABLE jobs (
        id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind         text NOT NULL,
        payload      jsonb NOT NULL,
        unique_key   text UNIQUE,
        priority     integer NOT NULL DEFAULT 0,
        state        text NOT NULL DEFAULT 'queued',
        run_at       integer NOT NULL DEFAULT 0,
        attempts     integer NOT NULL DEFAULT 0,
        max_attempts integer NOT NULL DEFAULT 3,
        leased_until integer,
        last_error   text
    );
    INSERT INTO jobs (kind, payload, priority) VALUES
        ('receipt', '{"v": 1}', 0), ('sync', '{"v": 1}', 0),
        ('thumbnail', '{"v": 1}', 0), ('export', '{"v": 1}', 0),
        ('receipt', '{"v": 9}', 0), ('resize', '{"v": 1}', 0),
        ('password', '{"v": 1}', 10);
"""
LEASE, HEARTBEAT_EVERY = 30, 10  # seconds


class JobError(Exception):
    """The job failed and may do better later."""


class PermanentError(JobError):
    """The job would fail again, however often it is tried."""


class Job(NamedTuple):
    id: int
    kind: str
    payload: str
    attempt: int
    max_attempts: int

    @property
    def held(self) -> tuple[int, int]:
        """What identifies this claim of the job."""
        return self.id, self.attempt


Random = Callable[[int], int]
Work = Callable[[Job], str]


# --8<-- [start:show]
REAP = """
    UPDATE jobs SET run_at = $1, last_error = 'lease expired', state =
        CASE WHEN attempts < max_attempts THEN 'retrying' ELSE 'dead' END
    WHERE state = 'active' AND leased_until <= $1"""
CLAIM = """
    UPDATE jobs SET state = 'active', attempts = attempts + 1, leased_until = $2
    WHERE id = (
        SELECT id FROM jobs WHERE state IN ('queued', 'retrying') AND run_at <= $1
        ORDER BY priority DESC, run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, kind, payload, attempts, max_attempts"""
# The attempt proves the lease: after another claim it has another number.
HELD = "WHERE id = $1 AND attempts = $2 AND state = 'active'"
EXTEND = f"UPDATE jobs SET leased_until = $3 {HELD}"
COMPLETE = f"UPDATE jobs SET state = 'completed' {HELD}"
FAIL = f"UPDATE jobs SET state = $3, run_at = $4, last_error = $5 {HELD}"
TICK = """
    INSERT INTO jobs (kind, payload, unique_key) VALUES ('report', '{"v": 1}', $1)
    ON CONFLICT (unique_key) DO NOTHING"""


def backoff(attempt: int, random: Random) -> int:
    """Full jitter: from 1 second to a ceiling that doubles, at most 60."""
    return 1 + random(min(60, 5 * 2 ** (attempt - 1)))


def settle(db: Connection, job: Job, now: int, random: Random, work: Work) -> str:
    """Do the work; write down the outcome only if the job is still ours."""
    try:
        outcome = work(job)
        kept = db.execute(COMPLETE, *job.held)
    except JobError as error:
        last = job.attempt == job.max_attempts or isinstance(error, PermanentError)
        wait = 0 if last else backoff(job.attempt, random)
        state = "dead" if last else "retrying"
        outcome = f"{error}, " + ("dead" if last else f"again in {wait} s")
        kept = db.execute(FAIL, *job.held, state, now + wait, str(error))
    return outcome if kept else f"{outcome}, but the lease was lost"


# --8<-- [end:show]


class Generator:
    """The same small generator in every language."""

    def __init__(self, seed: int) -> None:
        self._state = seed

    def __call__(self, below: int) -> int:
        self._state = (self._state * 1103515245 + 12345) % 2**31
        return (self._state >> 16) % below


class WorkerDied(BaseException):
    """No handler may catch the end of its process."""


class MailProvider:
    """Sends one mail a key, as providers with idempotency keys do."""

    def __init__(self) -> None:
        self.requests = 0
        self.sent: set[str] = set()

    def send(self, key: str) -> str:
        self.requests += 1
        seen = key in self.sent
        self.sent.add(key)
        return "key seen, no second mail" if seen else "mail sent"


@dataclass
class Worker:
    name: str
    job: Job | None = None
    start: int = 0
    free_at: int = 0
    heartbeats: int = 0


class Simulation:
    def __init__(self, db: Connection) -> None:
        self.db = db
        self.random = Generator(7)
        self.mail = MailProvider()

    def handle(self, job: Job) -> str:
        version = json.loads(job.payload)["v"]
        if version != 1:
            raise PermanentError(f"payload version {version}")
        if job.kind == "sync" and job.attempt < 3:
            raise JobError("503")
        if job.kind == "thumbnail":
            raise JobError("500")
        if job.kind in ("receipt", "password"):
            outcome = self.mail.send(f"job-{job.id}")
            if job.kind == "receipt" and job.attempt == 1:
                raise WorkerDied
            return f"done, {outcome}"
        return "done"

    def tick(self, worker: Worker, now: int) -> None:
        if worker.job is None:
            if now >= worker.free_at:
                self.claim(worker, now)
            return
        job = worker.job
        paused = job.kind == "resize"  # the whole process, heartbeat included
        due = now > worker.start and (now - worker.start) % HEARTBEAT_EVERY == 0
        if due and not paused:
            worker.heartbeats += self.db.execute(EXTEND, *job.held, now + LEASE)
        if now == worker.free_at:
            try:
                outcome = settle(self.db, job, now, self.random, self.handle)
            except WorkerDied:
                outcome = "mail sent, worker dies"
                worker.free_at = now + 5  # until the process is back
            if worker.heartbeats:
                outcome += f" after {worker.heartbeats} heartbeats"
            times = f"{worker.start:>4}{now:>4}  {worker.name:<8}"
            print(f"{times}{job.id}  {job.kind:<11}{job.attempt:<9}{outcome}")
            worker.job = None

    def claim(self, worker: Worker, now: int) -> None:
        for row in self.db.query(CLAIM, now, now + LEASE):
            job = Job(*row)
            slow = {"export": 45, "resize": 40}.get(job.kind, 1)
            worker.job, worker.start, worker.heartbeats = job, now, 0
            worker.free_at = now + (slow if job.attempt == 1 else 1)

    def run(self) -> None:
        print("   s  to  worker  job          attempt  outcome")
        workers = [Worker("A"), Worker("B")]
        open_jobs = "SELECT count(*) FROM jobs WHERE state NOT IN ('completed', 'dead')"
        now = 0
        while self.db.query(open_jobs)[0][0] > 0:
            self.db.execute(REAP, now)
            for worker in workers:
                self.tick(worker, now)
            now += 1


def report(db: Connection, mail: MailProvider) -> None:
    print()
    for state, count, attempts in db.query(
        "SELECT state, count(*), sum(attempts) FROM jobs GROUP BY state ORDER BY state"
    ):
        print(f"{state:<11}{count} jobs, {attempts} attempts")
    dead = "SELECT id, last_error FROM jobs WHERE state = 'dead' ORDER BY id"
    print("dead       " + ", ".join(f"job {id}: {why}" for id, why in db.query(dead)))
    print(f"mail       {mail.requests} requests, {len(mail.sent)} mails")


def main() -> None:
    with postgres.connect() as db, postgres.connect() as other:
        db.execute(SCHEMA)
        first, second = (
            each.execute(TICK, "report 2026-11-21") for each in (db, other)
        )
        print(f"two schedulers, one tick: rows inserted {first} and {second}\n")
        simulation = Simulation(db)
        simulation.run()
        report(db, simulation.mail)


if __name__ == "__main__":
    main()
