"""Retry payments under one idempotency key, in every way that goes wrong."""

import hashlib
import json
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from typing import Protocol

# Longer than the timeout of the work. Against a process that freezes just
# before its effect only a transaction of effect and answer helps: example.sql.
LEASE = 30_000  # milliseconds
KEEP = 86_400_000  # milliseconds that an answer is kept: one day
MAX_KEY = 255  # characters


@dataclass(frozen=True)
class Request:
    caller: str  # from the credentials, never from the request itself
    key: str  # of the field Idempotency-Key
    body: bytes
    method: str = "POST"
    path: str = "/charges"


@dataclass(frozen=True)
class Response:
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes


Key = tuple[str, str]  # caller and idempotency key
Work = Callable[[Request], Response]


def problem(status: int, title: str, *headers: tuple[str, str]) -> Response:
    kind = ("Content-Type", "application/problem+json")
    body = json.dumps({"status": status, "title": title}, separators=(",", ":"))
    return Response(status, (kind, *headers), body.encode())


def fingerprint(request: Request) -> str:
    head = f"{request.method} {request.path}\n".encode()
    return hashlib.sha256(head + request.body).hexdigest()


class ClaimLostError(Exception):
    """The lease ran out, and another attempt has taken over."""


class Store(Protocol):
    def claim(self, entry: "Entry", now: int) -> "Entry": ...


# --8<-- [start:show]
@dataclass(frozen=True)
class Entry:
    key: Key  # the caller's, so that nobody meets the key of another
    fingerprint: str
    expires: int  # milliseconds: end of the lease, or of the answer
    response: Response | None = None  # none while the work runs
    owner: uuid.UUID = field(default_factory=uuid.uuid4)  # this one attempt


class MemoryStore:
    def __init__(self) -> None:
        self.entries: dict[Key, Entry] = {}
        self.lock = threading.Lock()

    def claim(self, entry: Entry, now: int) -> Entry:
        """Put the entry unless another owner's is alive; return the one there now."""
        with self.lock:  # compare and set are one step
            held = self.entries.get(entry.key)
            if held is None or held.owner == entry.owner or held.expires <= now:
                held = self.entries[entry.key] = entry
            return held


class Idempotency:
    def __init__(self, store: Store, clock: Callable[[], int]) -> None:
        self.store, self.clock = store, clock

    def handle(self, request: Request, work: Work) -> Response:
        if not 0 < len(request.key) <= MAX_KEY:
            return problem(400, "Idempotency-Key is missing or too long")
        now = self.clock()
        key = (request.caller, request.key)
        mine = Entry(key, fingerprint(request), now + LEASE)
        held = self.store.claim(mine, now)  # before the work, not after
        if held.fingerprint != mine.fingerprint:
            return problem(422, "key used for another request")
        if held.response is not None:
            return held.response
        if held.owner != mine.owner:
            return problem(409, "the first is still running", ("Retry-After", "1"))
        # After a 5xx or exception the work is rolled back: free the key for a retry.
        final = replace(mine, expires=now)
        try:
            response = work(request)
            if response.status < 500:
                final = replace(mine, expires=self.clock() + KEEP, response=response)
        finally:
            held = self.store.claim(final, self.clock())
        if held.owner != mine.owner:
            raise ClaimLostError(key)
        return response


# --8<-- [end:show]


def purge(store: MemoryStore, now: int) -> None:
    """Forget what has expired, on a timer: claim replaces only its own key."""
    with store.lock:
        alive = {key: held for key, held in store.entries.items() if held.expires > now}
        store.entries = alive


class Clock:
    """A clock that moves only when it is told to."""

    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now


class Ledger:
    """Counts the charges, the effect that must happen once."""

    def __init__(self) -> None:
        self.count = 0
        self.lock = threading.Lock()

    def charge(self, request: Request) -> Response:
        with self.lock:
            self.count += 1
            number = self.count
        cents = json.loads(request.body)["cents"]
        body = json.dumps({"id": number, "cents": cents}, separators=(",", ":"))
        kind = ("Content-Type", "application/json")
        location = ("Location", f"/charges/{number}")
        return Response(201, (kind, location), body.encode())


class CardNetworkError(Exception):
    """Raised in place of an effect."""


def payment(key: str, cents: int = 1999, caller: str = "ada") -> Request:
    body = json.dumps({"cents": cents}, separators=(",", ":"))
    return Request(caller, key, body.encode())


def unavailable(_: Request) -> Response:
    return problem(503, "the card network is down")


def failing(_: Request) -> Response:
    raise CardNetworkError("connection reset")


def compare(response: Response, with_this: Response) -> str:
    """Say whether status, headers and body are the same, byte for byte."""
    return f"{response.status}, {'identical' if response == with_this else 'different'}"


def main() -> None:
    clock, store, ledger = Clock(), MemoryStore(), Ledger()
    payments = Idempotency(store, clock)

    def row(label: str, answer: str) -> None:
        print(f"{label:<46}{answer:<20}{ledger.count:>7}")

    def send(label: str, request: Request, work: Work = ledger.charge) -> Response:
        response = payments.handle(request, work)
        row(label, str(response.status))
        return response

    print(f"{'':<46}{'answer':<20}charges")
    first = send("first request", payment("k-1"))
    row("retry", compare(payments.handle(payment("k-1"), ledger.charge), first))
    send("same key, other amount", payment("k-1", cents=9999))
    send("same key, other caller", payment("k-1", caller="ben"))
    send("no key", payment(""))

    def slow(request: Request) -> Response:
        send("during the first, an identical request", payment("k-2"))
        send("during the first, another amount", payment("k-2", cents=9999))
        return ledger.charge(request)

    send("  the answer of that first", payment("k-2"), slow)

    send("card network is down, claim released", payment("k-3"), unavailable)
    send("  retry", payment("k-3"))
    try:
        send("", payment("k-4"), failing)
    except CardNetworkError:
        row("handler fails, claim released", "exception")
    send("  retry", payment("k-4"))

    digest = fingerprint(payment("k-5"))
    frozen = Entry(("ada", "k-5"), digest, clock() + LEASE)
    store.claim(frozen, clock())
    row("process freezes after its claim", "")
    clock.now += LEASE - 1
    send("  retry 29999 ms later, lease runs", payment("k-5"))
    clock.now += 1
    taken = send("  retry 30000 ms later, lease is over", payment("k-5"))
    late = replace(frozen, expires=clock() + KEEP, response=first)
    stored = store.claim(late, clock()) == late
    row("  process goes on, answer stored", "yes" if stored else "refused")
    again = payments.handle(payment("k-5"), ledger.charge)
    row("  retry", compare(again, taken))

    crowd(payments, ledger, row)

    clock.now += KEEP - 1
    send("retry when the answer is nearly a day old", payment("k-6"))
    clock.now += 1
    send("retry a day after the answer: a new request", payment("k-6"))
    before = len(store.entries)
    purge(store, clock())
    row("purge, entries before and after", f"{before}, {len(store.entries)}")


def crowd(
    payments: Idempotency, ledger: Ledger, row: Callable[[str, str], None]
) -> None:
    """Send 50 identical requests; the charge waits until 49 have their answer."""
    refused = threading.Event()

    def slow(request: Request) -> Response:
        if not refused.wait(timeout=10):
            raise TimeoutError("the others got no answer")
        return ledger.charge(request)

    def count(responses: list[Response]) -> str:
        statuses = Counter(response.status for response in responses)
        return ", ".join(f"{n} x {status}" for status, n in sorted(statuses.items()))

    with ThreadPoolExecutor(50) as pool:
        sent = [pool.submit(payments.handle, payment("k-6"), slow) for _ in range(50)]
        answers = []
        for done in as_completed(sent):
            answers.append(done.result())
            if len(answers) == 49:
                refused.set()
        row("50 identical requests at once", count(answers))
        sent = [pool.submit(payments.handle, payment("k-6"), slow) for _ in range(50)]
        retried = [done.result() for done in sent]
    distinct = len(set(retried))
    row("all 50 retry", f"{count(retried)}, {distinct} distinct")


if __name__ == "__main__":
    main()
