"""Attack a naive session store and a rotating one with the same planted ids."""

import base64
import hashlib
import secrets
from collections.abc import Callable
from dataclasses import dataclass

ID_BYTES = 16  # 128 bits, from a cryptographic generator
IDLE = 30 * 60  # seconds without a request
ABSOLUTE = 12 * 60 * 60  # seconds since login, whatever happens
LIMIT = 3  # sessions of one user
ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax"

Clock = Callable[[], int]
Random = Callable[[int], bytes]


@dataclass(slots=True)
class Session:
    user: str  # "" before login
    device: str
    created: int
    seen: int

    def over(self, now: int) -> bool:
        return now - self.seen >= IDLE or now - self.created >= ABSOLUTE


def digest(sid: str) -> str:
    """An id is random, so nobody can search for it: no salt, no slow hash."""
    return hashlib.sha256(sid.encode()).hexdigest()


def handles_of(rows: dict[str, Session], user: str, now: int) -> list[str]:
    """Hashes of live sessions, least recently used first: safe to show."""
    mine = [k for k, s in rows.items() if s.user == user and not s.over(now)]
    return sorted(mine, key=lambda k: rows[k].seen)


# --8<-- [start:show]
class RotatingStore:
    def __init__(self, clock: Clock, random: Random = secrets.token_bytes) -> None:
        self.clock = clock
        self.random = random
        self.rows: dict[str, Session] = {}  # by the hash of the id

    def start(self, user: str = "", device: str = "") -> str:
        sid = base64.urlsafe_b64encode(self.random(ID_BYTES)).rstrip(b"=").decode()
        now = self.clock()
        self.rows[digest(sid)] = Session(user, device, created=now, seen=now)
        return sid  # for Set-Cookie; the store keeps only its hash

    def find(self, sid: str) -> Session | None:
        session = self.rows.get(digest(sid))
        now = self.clock()
        if session is None or session.over(now):
            self.rows.pop(digest(sid), None)
            return None  # never adopt an id that somebody else made
        session.seen = now
        return session

    def log_in(self, sid: str, user: str, device: str) -> str:
        """After the password: the old id ends here, and a new one starts."""
        self.rows.pop(digest(sid), None)
        mine = handles_of(self.rows, user, self.clock())
        for handle in mine[: max(0, len(mine) - LIMIT + 1)]:
            del self.rows[handle]
        return self.start(user, device)

    def revoke(self, user: str, handle: str) -> bool:
        if handle not in handles_of(self.rows, user, self.clock()):  # only your own
            return False
        del self.rows[handle]
        return True

    def revoke_all(self, user: str) -> None:
        for handle in handles_of(self.rows, user, self.clock()):
            del self.rows[handle]


# --8<-- [end:show]
class NaiveStore:
    """Adopts any id it is shown, keeps it across login, stores it in clear."""

    def __init__(self) -> None:
        self.rows: dict[str, str] = {}

    def find(self, sid: str) -> str:
        return self.rows.setdefault(sid, "")

    def log_in(self, sid: str, user: str) -> None:
        self.rows[sid] = user


class SteppedClock:
    def __init__(self) -> None:
        self.now = 0

    def __call__(self) -> int:
        return self.now

    def wait(self, minutes: int) -> None:
        self.now += minutes * 60


class Counted:
    """Repeatable bytes for a test. In service: secrets.token_bytes."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, size: int) -> bytes:
        self.calls += 1
        return hashlib.sha256(f"sample {self.calls}".encode()).digest()[:size]


def who(session: Session | None) -> str:
    return session.user or "anonymous" if session else "nobody"


def fixation() -> None:
    print("the attacker plants an id, ada logs in with it, the attacker returns")
    naive = NaiveStore()
    for planted in ("invented-by-mallory", "issued-to-mallory"):
        naive.find(planted)
        naive.log_in(planted, "ada")
        label = planted.partition("-")[0]
        print(f"  naive     {label:9} id opens the account of {naive.find(planted)}")
    store = RotatingStore(SteppedClock(), Counted())
    for label, planted in (("invented", "x" * 22), ("issued", store.start())):
        store.log_in(planted, "ada", "laptop")
        opened = who(store.find(planted))
        print(f"  rotating  {label:9} id opens the account of {opened}")


def leak() -> None:
    store = RotatingStore(SteppedClock(), Counted())
    sid = store.log_in("", "ada", "laptop")
    row = next(iter(store.rows))
    print(f"\na copy of the table: {row[:16]}... instead of {sid}")
    print(f"  cookie with the row: {who(store.find(row))}")
    print(f"  cookie with the id:  {who(store.find(sid))}")


def timeouts() -> None:
    print("\nidle 30 min, absolute 12 h")
    clock = SteppedClock()
    store = RotatingStore(clock, Counted())
    sid = store.log_in("", "ada", "laptop")
    clock.wait(29)
    print(f"  after 29 min:               {who(store.find(sid))}")
    clock.wait(30)
    print(f"  30 min later:               {who(store.find(sid))}")
    sid = store.log_in(sid, "ada", "laptop")
    visits = 0
    while store.find(sid):
        visits += 1
        clock.wait(20)
    hours = (visits * 20 - 20) // 60
    minutes = (visits * 20 - 20) % 60
    print(f"  a request every 20 min:     ada for {hours} h {minutes} min, then nobody")


def devices() -> None:
    clock = SteppedClock()
    store = RotatingStore(clock, Counted())
    cookies = {}
    print("\nat most 3 sessions")
    for device in ("laptop", "phone", "tablet"):
        clock.wait(1)
        cookies[device] = store.log_in("", "ada", device)
    clock.wait(1)
    store.find(cookies["laptop"])  # the phone is now the one not used longest

    def show(label: str) -> None:
        names = (
            " ".join(
                store.rows[h].device for h in handles_of(store.rows, "ada", clock())
            )
            or "none"
        )
        print(f"  {label:27} {names}")

    show("ada, by last use:")
    clock.wait(1)
    cookies["tv"] = store.log_in("", "ada", "tv")
    show("a fourth login:")
    handle = digest(cookies["tablet"])
    refused = "refused" if not store.revoke("mallory", handle) else "done"
    print(f"  {'mallory revokes the tablet:':27} {refused}")
    store.revoke("ada", handle)
    show("ada revokes the tablet:")
    store.revoke_all("ada")
    show("log out everywhere:")
    print(f"  {'the cookie of the tv:':27} {who(store.find(cookies['tv']))}")


def cookie() -> None:
    store = RotatingStore(SteppedClock(), Counted())
    print("\nSet-Cookie at login and at logout")
    print(f"  __Host-id={store.log_in('', 'ada', 'laptop')}; {ATTRIBUTES}")
    print(f"  __Host-id=; Max-Age=0; {ATTRIBUTES}")


if __name__ == "__main__":
    fixation()
    leak()
    timeouts()
    devices()
    cookie()
