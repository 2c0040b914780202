"""A function handler tested locally: batches, warm starts, connections."""

import json
from dataclasses import dataclass, field

INIT_MS = 400
Event = dict[str, list[dict[str, str]]]


class TooManyClientsError(Exception):
    """The database has no connection left."""


class UnavailableError(Exception):
    """The database did not answer; a later attempt may succeed."""


@dataclass(slots=True)
class Database:
    """Counts its clients. The event's id and its effect are one transaction."""

    limit: int = 60
    opened: int = 0
    open: int = 0
    hiccups: int = 0
    seen: set[str] = field(default_factory=set)
    balance: dict[str, int] = field(default_factory=dict)

    def connect(self) -> "Database":
        if self.open >= self.limit:
            raise TooManyClientsError
        self.opened += 1
        self.open += 1
        return self

    def apply(self, event: str, account: str, cents: int) -> bool:
        if self.hiccups > 0:
            self.hiccups -= 1
            raise UnavailableError
        if event in self.seen:  # INSERT ... ON CONFLICT DO NOTHING
            return False
        self.seen.add(event)
        self.balance[account] = self.balance.get(account, 0) + cents
        return True


# --8<-- [start:show]
class Function:
    """One instance. What __init__ makes survives from call to call."""

    def __init__(self, database: Database) -> None:  # cold start: once
        self.db = database.connect()

    def handle(self, event: Event) -> Event:  # every call
        failures = []
        for record in event["Records"]:
            try:
                self.credit(record["body"])
            except (ValueError, KeyError, TypeError, UnavailableError):
                failures.append({"itemIdentifier": record["messageId"]})
        return {"batchItemFailures": failures}

    def credit(self, text: str) -> None:
        body = json.loads(text)
        event, account, cents = body["id"], body["account"], body["cents"]
        if not isinstance(event, str) or not isinstance(account, str):
            raise TypeError("id and account must be text")
        if not isinstance(cents, int) or cents <= 0:
            raise ValueError("cents must be a positive integer")
        # The sender's id: a queue gives each copy of a message its own.
        self.db.apply(event, account, cents)


@dataclass(slots=True)
class Platform:
    """Starts an instance when none is idle, up to a cap. Time is virtual."""

    database: Database
    cap: int = 1000
    free_at: list[int] = field(default_factory=list)  # one entry an instance
    cold: int = 0
    refused: int = 0
    longest_wait: int = 0

    def warm_up(self, count: int) -> None:
        for _ in range(count):
            Function(self.database)
            self.free_at.append(0)

    def call(self, arrival: int, work_ms: int) -> None:
        idle = [i for i, free in enumerate(self.free_at) if free <= arrival]
        if not idle and len(self.free_at) >= self.cap:  # wait for the first
            idle = [self.free_at.index(min(self.free_at))]
        if idle:
            start = max(arrival, self.free_at[idle[0]])
            self.longest_wait = max(self.longest_wait, start - arrival)
            self.free_at[idle[0]] = start + work_ms
            return
        self.cold += 1
        try:
            Function(self.database)
        except TooManyClientsError:
            self.refused += 1  # the call fails, the instance is thrown away
            return
        self.free_at.append(arrival + INIT_MS + work_ms)


# --8<-- [end:show]


def record(message: str, event: str, cents: int) -> dict[str, str]:
    body = {"id": event, "account": "ada", "cents": cents}
    return {"messageId": message, "body": json.dumps(body)}


def batches() -> None:
    print("1  one batch of four, delivered until done or three times")
    database = Database()
    function = Function(database)
    queue = [
        record("m1", "evt-1", 500),
        record("m2", "evt-2", -7),
        record("m3", "evt-1", 500),
        record("m4", "evt-3", 250),
    ]
    for attempt in (1, 2, 3):
        database.hiccups = 1 if attempt == 1 else 0  # meets the first record
        sent = " ".join(r["messageId"] for r in queue)
        answer = function.handle({"Records": queue})
        failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        queue = [r for r in queue if r["messageId"] in failed]
        back = " ".join(r["messageId"] for r in queue)
        total = database.balance.get("ada", 0)
        print(f"   attempt {attempt}: {sent:<12} failed: {back:<6} balance {total}")
    print(f"   to the dead-letter queue: {queue[0]['messageId']}")
    again = [record("m5", "evt-1", 500), record("m6", "evt-3", 250)]
    function.handle({"Records": again})
    print(f"   the sender repeats two events: balance {database.balance['ada']}")


def connections() -> None:
    print("2  six calls, one after the other")
    outside, inside = Database(), Database()
    platform = Platform(outside)
    for n in range(6):
        platform.call(n * 1000, 80)
        inside.connect().open -= 1  # connects in the handler, and closes
    print(f"   cold starts: {platform.cold}")
    print(f"   connections opened: {outside.opened} (in the handler: {inside.opened})")


def burst(label: str, work_ms: int, warm: int = 0, cap: int = 1000) -> None:
    platform = Platform(Database(), cap)
    platform.warm_up(warm)
    for arrival in range(0, 2000, 5):
        platform.call(arrival, work_ms)
    columns = (platform.database.open, platform.refused, platform.longest_wait)
    text = "".join(f"{column:>9}" for column in columns)
    print(f"   {label:<30}{200 * work_ms // 1000:>5}{text}")


def main() -> None:
    batches()
    connections()
    print("3  200 calls/s for 2 s, cold start 400 ms, database takes 60")
    print(f"   {'':<30}{'need':>5}{'open':>9}{'refused':>9}{'wait ms':>9}")
    burst("80 ms, from cold", 80)
    burst("80 ms, 16 kept warm", 80, warm=16)
    burst("400 ms, 16 kept warm", 400, warm=16)
    burst("400 ms, 16 warm, cap 50", 400, warm=16, cap=50)


if __name__ == "__main__":
    main()
