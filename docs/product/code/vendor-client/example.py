"""A vendor's contacts behind a port of ours, and a copy of them that stays right."""

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Protocol
from urllib.parse import parse_qs, quote, urlsplit

TIMEOUT = 2  # real seconds; http.client counts them for each read, not in total
ATTEMPTS = 3
LONGEST_WAIT = 60  # virtual seconds; beyond, the job goes back into its queue
PAGE = 2


class ManualClock:
    """Virtual seconds: a sleep moves them on."""

    def __init__(self) -> None:
        self.now = 0

    def sleep(self, seconds: int) -> None:
        self.now += seconds


class Breaker:
    """Two failed calls in a row open it for 30 s; then the next call tries."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._failures = 0
        self._open_until = 0

    def check(self) -> None:
        if self._clock.now < self._open_until:
            raise Unavailable(self._open_until - self._clock.now)

    def record(self, *, ok: bool) -> None:
        self._failures = 0 if ok else self._failures + 1
        if self._failures >= 2:
            self._open_until = self._clock.now + 30


@dataclass(frozen=True, slots=True)
class Contact:  # our words: no field of the vendor's gets further than the adapter
    id: str
    email: str
    active: bool


@dataclass(frozen=True, slots=True)
class Page:
    contacts: list[Contact]
    cursor: str
    more: bool


# --8<-- [start:show]
class Contacts(Protocol):
    """The port: the fake and the adapter both pass one contract suite."""

    def create(self, email: str, key: str) -> Contact: ...
    def changes(self, cursor: str) -> Page: ...
    def ids(self) -> set[str]: ...


class VendorContacts:
    def create(self, email: str, key: str) -> Contact:
        return contact(self._call("POST", "/v2/people", {"mail": email}, key))

    def changes(self, cursor: str) -> Page:
        found = self._call("GET", "/v2/people/changes?after=" + quote(cursor))
        people = [contact(person) for person in found["people"]]
        return Page(people, found["next"], found["more"])

    def _call(self, method: str, path: str, body: object = None, key: str = "") -> dict:
        self._breaker.check()
        for attempt in range(ATTEMPTS):
            self._limiter.wait(LONGEST_WAIT)  # as the last answer's RateLimit said
            try:
                status, headers, found = self._send(method, path, body, key)
            except (OSError, HTTPException, ValueError):
                status, headers, found = 0, {}, {}  # unknown: the key makes it safe
            self._limiter.learn(headers)
            if 200 <= status < 300:
                self._breaker.record(ok=True)
                return found
            if 400 <= status < 500 and status != 429:
                self._breaker.record(ok=True)  # it works; we are wrong
                raise Rejected(found.get("code", "unknown"))
            pause = retry_after(headers, self._jitter(2**attempt))
            if pause > LONGEST_WAIT or attempt == ATTEMPTS - 1:
                break
            self._clock.sleep(pause)
        if status != 429:  # being throttled is no fault of the vendor
            self._breaker.record(ok=False)
        raise Unavailable(pause)

    # --8<-- [end:show]

    def __init__(
        self, port: int, clock: ManualClock, jitter: Callable[[int], int]
    ) -> None:
        self._port = port
        self._clock = clock
        self._jitter = jitter
        self._breaker = Breaker(clock)
        self._limiter = Limiter(clock)

    def ids(self) -> set[str]:
        return set(self._call("GET", "/v2/people/ids")["ids"])

    def _send(
        self, method: str, path: str, body: object, key: str
    ) -> tuple[int, dict[str, str], dict]:
        connection = HTTPConnection("127.0.0.1", self._port, timeout=TIMEOUT)
        try:
            content = None if body is None else json.dumps(body)
            headers = {"Content-Type": "application/json"} if content else {}
            if key:
                headers["Idempotency-Key"] = key
            connection.request(method, path, content, headers)
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return answer.status, named, decode(answer.status, answer.read(65_536))
        finally:
            connection.close()


def decode(status: int, content: bytes) -> dict:
    """A proxy's error page is no JSON; its status says enough."""
    try:
        return json.loads(content)
    except ValueError:
        if status < 400:
            raise  # a broken success: the outcome is unknown
        return {}


def retry_after(headers: dict[str, str], other: int) -> int:
    """Seconds; if there is none, or a date, a pause of our own."""
    given = headers.get("retry-after", "")
    return int(given) if given.isdecimal() else other


class Rejected(Exception):  # noqa: N818
    """The vendor will never accept this."""


class Unavailable(Exception):  # noqa: N818
    """Come back after so many seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after


class Limiter:
    """Remembers what the vendor said is left: 'default';r=0;t=9. One process only."""

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._left = 1
        self._reset = 0

    def wait(self, longest: int) -> None:
        pause = self._reset - self._clock.now if self._left == 0 else 0
        if pause > longest:
            raise Unavailable(pause)
        self._clock.sleep(max(pause, 0))
        self._left = 1  # unknown until the next answer

    def learn(self, headers: dict[str, str]) -> None:
        found = re.fullmatch(r'"\w+";r=(\d+);t=(\d+)', headers.get("ratelimit", ""))
        if found:
            self._left = int(found[1])
            self._reset = self._clock.now + int(found[2])


def contact(person: dict) -> Contact:
    """Translates: the vendor says person_id, mail, and A for active."""
    return Contact(person["person_id"], person["mail"], person["state"] == "A")


class FakeContacts:
    """Works like the vendor, in memory."""

    def __init__(self) -> None:
        self.rows: dict[str, tuple[int, Contact]] = {}
        self.keys: dict[str, Contact] = {}
        self.sequence = 0

    def create(self, email: str, key: str) -> Contact:
        if "@" not in email:
            raise Rejected("bad_mail")
        if key in self.keys:
            return self.keys[key]
        self.sequence += 1
        made = Contact(f"p{self.sequence}", email, True)
        self.rows[made.id] = (self.sequence, made)
        self.keys[key] = made
        return made

    def change(self, id: str, email: str) -> None:
        self.sequence += 1
        self.rows[id] = (self.sequence, Contact(id, email, True))

    def delete(self, id: str) -> None:
        del self.rows[id]

    def changes(self, cursor: str) -> Page:
        after = int(cursor or "0")
        later = [row for row in self.rows.values() if row[0] > after]
        later.sort(key=lambda row: row[0])
        some = later[:PAGE]
        reached = str(some[-1][0]) if some else cursor
        return Page([row[1] for row in some], reached, len(later) > PAGE)

    def ids(self) -> set[str]:
        return set(self.rows)


class StaleFake(FakeContacts):
    """Written before the vendor had idempotency keys."""

    def create(self, email: str, key: str) -> Contact:
        self.keys.clear()
        return super().create(email, key)


@dataclass
class Sandbox:
    """The vendor's side: its own words, limits, and faults on demand."""

    clock: ManualClock
    data: FakeContacts = field(default_factory=FakeContacts)
    quota: int = 0  # requests in each 10 s; none if 0
    window: int = -1
    used: int = 0
    faults: list[str] = field(default_factory=list)
    requests: int = 0

    def handle(
        self, method: str, target: str, body: dict, key: str
    ) -> tuple[int, dict[str, str], dict]:
        self.requests += 1
        fault = self.faults.pop(0) if self.faults else ""
        if fault == "503":
            return 503, {}, {"code": "down"}
        if fault.startswith("429"):
            return 429, {"Retry-After": fault[4:]}, {"code": "slow_down"}
        headers = self._limit()
        if headers is None:
            return 429, {"Retry-After": "10"}, {"code": "slow_down"}
        status, found = self._answer(method, target, body, key)
        return (0 if fault == "drop" else status), headers, found

    def _limit(self) -> dict[str, str] | None:
        if not self.quota:
            return {}
        if self.clock.now // 10 != self.window:
            self.window, self.used = self.clock.now // 10, 0
        if self.used == self.quota:
            return None
        self.used += 1
        rest = 10 - self.clock.now % 10
        return {"RateLimit": f'"default";r={self.quota - self.used};t={rest}'}

    def _answer(
        self, method: str, target: str, body: dict, key: str
    ) -> tuple[int, dict]:
        url = urlsplit(target)
        if method == "POST":
            try:
                return 201, person(self.data.create(body["mail"], key))
            except Rejected as refused:
                return 422, {"code": str(refused)}
        if url.path == "/v2/people/ids":
            return 200, {"ids": sorted(self.data.ids())}
        after = parse_qs(url.query).get("after", [""])[0]
        page = self.data.changes(after)
        people = [person(each) for each in page.contacts]
        return 200, {"people": people, "next": page.cursor, "more": page.more}


def person(one: Contact) -> dict:
    state = "A" if one.active else "S"
    return {"person_id": one.id, "mail": one.email, "state": state}


def handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 5  # seconds

        def do_GET(self) -> None:
            self._handle({})

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", "0"))
            self._handle(json.loads(self.rfile.read(min(length, 65_536))))

        def _handle(self, body: dict) -> None:
            key = self.headers.get("Idempotency-Key", "")
            status, headers, found = sandbox.handle(self.command, self.path, body, key)
            if status == 0:
                return  # the effect is there, the answer is not
            content = json.dumps(found).encode()
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Keep stderr quiet."""

    return Handler


def read_back(port: Contacts) -> bool:
    made = port.create("ada@example.com", "k1")
    return made.active and made in port.changes("").contacts


def same_key(port: Contacts) -> bool:
    port.create("ada@example.com", "k1")
    port.create("ada@example.com", "k1")
    return len(port.ids()) == 1


def refused(port: Contacts) -> bool:
    try:
        port.create("nobody", "k1")
    except Rejected:
        return not port.ids()
    return False


def pages(port: Contacts) -> bool:
    for name in ("ada", "bob", "cy"):
        port.create(f"{name}@example.com", name)
    first = port.changes("")
    rest = port.changes(first.cursor)
    end = port.changes(rest.cursor)
    sizes = [len(page.contacts) for page in (first, rest, end)]
    return sizes == [2, 1, 0] and end.cursor == rest.cursor and not end.more


CONTRACT: dict[str, Callable[[Contacts], bool]] = {
    "a contact is read back in our words": read_back,
    "the same key twice makes one contact": same_key,
    "a bad address is Rejected and not stored": refused,
    "pages end, with a cursor to go on from": pages,
}


def check_contract(clock: ManualClock, sandbox: Sandbox, client: Contacts) -> None:
    print(f"{'contract':<44}fake   sandbox  stale fake")
    for name, test in CONTRACT.items():
        sandbox.data = FakeContacts()
        verdicts = [
            "ok" if test(port) else "FAIL"
            for port in (FakeContacts(), client, StaleFake())
        ]
        print(f"  {name:<42}{verdicts[0]:<7}{verdicts[1]:<9}{verdicts[2]}")


def check_limits(clock: ManualClock, sandbox: Sandbox, client: Contacts) -> None:
    def call(label: str, act: Callable[[], object], *faults: str) -> None:
        sandbox.faults = list(faults)
        start, before = clock.now, sandbox.requests
        try:
            act()
            outcome = "done"
        except Rejected as reason:
            outcome = f"Rejected: {reason}"
        except Unavailable as error:
            outcome = f"Unavailable for {error.retry_after} s"
        sent, waited = sandbox.requests - before, clock.now - start
        print(f"{start:>4}  {label:<33}{sent:<9}{waited:>3} s   {outcome}")

    sandbox.data = FakeContacts()
    print(f"\n{'   s  call':<39}requests waited  outcome")
    call("create, answer lost", lambda: client.create("eve@x.test", "k9"), "drop")
    call("create, address is bad", lambda: client.create("eve", "k10"))
    sandbox.quota = 3
    for left in (2, 1, 0):
        call(f"list, then {left} left of 3", client.ids)
    call("list, so it waits before it asks", client.ids)
    sandbox.quota = 0
    clock.sleep(20)
    call("list, 429 with Retry-After: 7", client.ids, "429 7")
    call("list, 429 with Retry-After: 3600", client.ids, "429 3600")
    call("list, vendor is down", client.ids, *["503"] * 3)
    call("list, still down", client.ids, *["503"] * 3)
    call("list, breaker is open", client.ids)
    clock.sleep(30)
    call("list, the vendor is back", client.ids)
    print(f"contacts made by the two creates: {len(sandbox.data.ids())}")


class Died(Exception):  # noqa: N818
    """The process is gone."""


@dataclass
class Copy:
    """Our tables. What one method changes, one transaction changes."""

    contacts: dict[str, Contact] = field(default_factory=dict)
    cursor: str = ""

    def commit(self, page: Page) -> None:
        self.contacts |= {one.id: one for one in page.contacts}
        self.cursor = page.cursor


def sync(port: Contacts, copy: Copy, *, cursor_first: bool, dies_at: int = 0) -> int:
    changed = number = 0
    while True:
        page = port.changes(copy.cursor)
        number += 1
        if cursor_first:
            copy.cursor = page.cursor  # a transaction of its own
        if number == dies_at:
            raise Died
        copy.commit(page)
        changed += len(page.contacts)
        if not page.more:
            return changed


def reconcile(port: Contacts, copy: Copy) -> str:
    """Compares every id: the only way to learn what changes do not say."""
    gone = copy.contacts.keys() - port.ids()
    if 2 * len(gone) > len(copy.contacts):
        return f"{len(gone)} of {len(copy.contacts)} missing: refused, call a human"
    for id in gone:
        del copy.contacts[id]
    return f"{len(gone)} removed, {len(copy.contacts)} left"


def check_sync(sandbox: Sandbox, client: Contacts) -> None:
    vendor = sandbox.data = FakeContacts()
    for name in ("ada", "bob", "cy", "dee", "eve", "fay"):
        client.create(f"{name}@example.com", name)
    print("\nsync of 6 contacts, killed while it stores page 2 of 3")
    for label, cursor_first in (("cursor saved first", True), ("one commit", False)):
        copy = Copy()
        try:
            sync(client, copy, cursor_first=cursor_first, dies_at=2)
        except Died:
            sync(client, copy, cursor_first=cursor_first)
        print(f"  {label:<42}{len(copy.contacts)} of 6 after the restart")
    vendor.change("p1", "ada@example.org")
    vendor.delete("p2")
    changed = sync(client, copy, cursor_first=False)
    there = "still here" if "p2" in copy.contacts else "gone"
    print(f"  {'Ada changes, Bob is deleted: sync':<42}{changed} change, Bob {there}")
    print(f"  {'reconciliation':<42}{reconcile(client, copy)}")
    vendor.rows.clear()
    print(f"  {'reconciliation, listing empty':<42}{reconcile(client, copy)}")


def main() -> None:
    clock = ManualClock()
    sandbox = Sandbox(clock)
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(sandbox))
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    try:
        # In production: lambda most: random.randint(0, most)
        client = VendorContacts(server.server_port, clock, jitter=lambda most: most)
        check_contract(clock, sandbox, client)
        check_limits(clock, sandbox, client)
        check_sync(sandbox, client)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


if __name__ == "__main__":
    main()
