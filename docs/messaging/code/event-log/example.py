"""Services read one partitioned log, each at its own offsets; one joins late."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple
from zlib import crc32


class Event(NamedTuple):
    id: str
    order: str
    type: str
    version: int  # of the shape of data
    data: str  # JSON, as it was written: nobody edits the past


class CrashError(Exception):
    """The process dies after the effect, before the offset is committed."""


class Log:
    """Append only. Reading removes nothing: a group is just a row of offsets."""

    def __init__(self, partitions: int) -> None:
        self.partitions: list[list[Event]] = [[] for _ in range(partitions)]
        self.committed: dict[str, list[int]] = {}

    def append(self, key: str, event: Event) -> None:
        self.partitions[crc32(key.encode()) % len(self.partitions)].append(event)

    def read(self, group: str) -> Iterator[tuple[int, int, Event]]:
        """Ordered within a partition; between partitions there is no order."""
        start = self.committed.setdefault(group, [0] * len(self.partitions))
        for partition, events in enumerate(self.partitions):
            for offset in range(start[partition], len(events)):
                yield partition, offset, events[offset]

    def commit(self, group: str, partition: int, offset: int) -> None:
        self.committed[group][partition] = offset


# --8<-- [start:show]
def placed_v2(event: Event) -> Event:
    """Version 1 had euros as text, always two decimals: {"total": "42.00"}."""
    cents = int(json.loads(event.data)["total"].replace(".", ""))
    data = json.dumps({"amount": cents, "currency": "EUR"})
    return event._replace(version=2, data=data)


UPCASTERS = {("placed", 1): placed_v2}  # one step each: 1 to 2, 2 to 3


def upcast(event: Event) -> Event:
    while step := UPCASTERS.get((event.type, event.version)):
        event = step(event)
    return event


class Service:
    def __init__(self, group: str, apply: Callable[[Event], None]) -> None:
        self.group, self.apply = group, apply
        self.inbox: set[str] | None = set()  # in the service's own database
        self.upcast = upcast
        self.deliveries = self.effects = 0

    def run(self, log: Log, crash_at: int = 0) -> None:
        """Commit after the effect: at least once, never lost."""
        for partition, offset, event in log.read(self.group):
            self.deliveries += 1
            if self.inbox is None or event.id not in self.inbox:
                self.apply(self.upcast(event))  # one transaction with the inbox
                self.effects += 1
            if self.inbox is not None:
                self.inbox.add(event.id)
            if self.deliveries == crash_at:
                raise CrashError
            log.commit(self.group, partition, offset + 1)


# --8<-- [end:show]
HISTORY = [
    Event("e1", "o-1", "placed", 1, '{"total": "42.00"}'),
    Event("e2", "o-4", "placed", 1, '{"total": "28.50"}'),
    Event("e3", "o-1", "shipped", 1, "{}"),
    Event("e4", "o-2", "placed", 2, '{"amount": 500, "currency": "EUR"}'),
    Event("e5", "o-4", "cancelled", 1, "{}"),
    Event("e6", "o-5", "placed", 2, '{"amount": 1999, "currency": "EUR"}'),
]


class Revenue:
    """What billing and analytics keep; cents."""

    def __init__(self) -> None:
        self.total = 0
        self.amounts: dict[str, int] = {}

    def apply(self, event: Event) -> None:
        if event.type == "placed":
            # A lenient default, as many decoders have it: a missing field is 0.
            self.amounts[event.order] = json.loads(event.data).get("amount", 0)
            self.total += self.amounts[event.order]
        elif event.type == "cancelled":
            self.total -= self.amounts[event.order]


class Stock:
    def __init__(self) -> None:
        self.reserved: set[str] = set()
        self.seen: list[str] = []

    def apply(self, event: Event) -> None:
        if event.order == "o-4":
            self.seen.append(event.type)
        if event.type == "placed":
            self.reserved.add(event.order)
        elif event.type == "cancelled":
            self.reserved.discard(event.order)


class Mail:
    def __init__(self) -> None:
        self.sent: list[str] = []

    def apply(self, event: Event) -> None:
        if event.type == "shipped":
            self.sent.append(event.order)


def history(key: Callable[[Event], str]) -> Log:
    log = Log(2)
    for event in HISTORY:
        log.append(key(event), event)
    return log


def offsets(log: Log, group: str) -> str:
    committed = log.committed.get(group)
    return " ".join(map(str, committed)) if committed else "none"


def with_crash(log: Log, group: str, remember: bool) -> None:
    books = Revenue()
    billing = Service(group, books.apply)
    if not remember:
        billing.inbox = None
    with suppress(CrashError):
        billing.run(log, crash_at=3)
    stopped = offsets(log, group)
    billing.run(log)
    print(
        f"  {'inbox' if remember else 'no inbox':<10}{stopped:<20}"
        f"{billing.deliveries:<12}{billing.effects:<9}{books.total} cents"
    )


def late(log: Log, label: str, at_end: bool = False, old: bool = True) -> None:
    group, books = f"analytics, {label}", Revenue()
    analytics = Service(group, books.apply)
    if at_end:
        log.committed[group] = [len(events) for events in log.partitions]
    if not old:
        analytics.upcast = lambda event: event
    analytics.run(log)
    print(f"  {label:<24}{analytics.effects} events  {books.total:>4} cents")


def rewind(log: Log, label: str, forget: bool) -> None:
    box = Mail()
    mail = Service(f"mail, {label}", box.apply)
    mail.run(log)
    before = len(box.sent)
    log.committed[mail.group] = [0, 0]
    if forget:
        mail.inbox = set()
    mail.run(log)
    print(f"  {label:<24}{len(box.sent) - before} sent again")


def keyed(label: str, key: Callable[[Event], str]) -> None:
    shelf = Stock()
    Service("stock", shelf.apply).run(history(key))
    print(f"  {label:<8}{', '.join(shelf.seen):<21}{' '.join(sorted(shelf.reserved))}")


def main() -> None:
    log = history(lambda event: event.order)
    print("partition = crc32(order) mod 2")
    for number, events in enumerate(log.partitions):
        told = ", ".join(f"{e.type} {e.order} v{e.version}" for e in events)
        print(f"  {number}  {told}")
    print("billing   committed at crash  deliveries  effects  revenue")
    with_crash(log, "billing", remember=False)
    with_crash(log, "billing with inbox", remember=True)
    print(f"analytics joins later, committed: {offsets(log, 'analytics')}")
    late(log, "from the end", at_end=True)
    late(log, "from 0, no upcaster", old=False)
    late(log, "from 0")
    print("mail, offsets set back to 0")
    rewind(log, "inbox deleted", forget=True)
    rewind(log, "inbox kept", forget=False)
    print("key     stock reads of o-4   reserved at the end")
    keyed("order", lambda event: event.order)
    keyed("event", lambda event: event.id)


if __name__ == "__main__":
    main()
