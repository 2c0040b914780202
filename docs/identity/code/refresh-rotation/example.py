"""Rotating refresh tokens in families: the second use gives the theft away."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from threading import Lock

GRACE_SECONDS = 10
IDLE_SECONDS = 14 * 86_400
FAMILY_SECONDS = 60 * 86_400

Source = Callable[[], str]  # in production: secrets.token_urlsafe(32)


class RefusedError(Exception):
    """For the log: the caller learns no more than 400 and invalid_grant."""


@dataclass(slots=True)
class Family:
    """One login of one client; all tokens that descend from it."""

    user: str
    client: str
    ends: int
    revoked: bool = False


@dataclass(slots=True)
class Token:
    """A row without the token itself: the key of the table is its hash."""

    family: Family
    expires: int
    state: str = "live"  # then "used", or "replaced" before it was used
    used_at: int = 0
    successor: "Token | None" = None


@dataclass(frozen=True, slots=True)
class Issued:
    value: str
    again: bool = False


def digest(value: str) -> str:
    """Random tokens of 256 bits need neither a salt nor a slow hash."""
    return hashlib.sha256(value.encode()).hexdigest()


class Families:
    def __init__(self, clock: Callable[[], int], source: Source) -> None:
        self._clock, self._source = clock, source
        self._tokens: dict[str, Token] = {}
        self._lock = Lock()

    def login(self, user: str, client: str) -> Issued:
        with self._lock:
            ends = self._clock() + FAMILY_SECONDS
            return Issued(self._issue(Family(user, client, ends))[0])

    # --8<-- [start:show]
    def refresh(self, value: str, client: str) -> Issued:
        with self._lock:  # in SQL: lock the family's row, commit before answering
            token = self._tokens.get(digest(value))
            if token is None:
                raise RefusedError("unknown token")
            family, now = token.family, self._clock()
            if family.client != client:
                raise RefusedError("not this client's")
            if family.revoked:
                raise RefusedError("family revoked")
            if now >= token.expires:
                raise RefusedError("expired")
            again = self._undelivered(token, now)
            if again:
                token.successor.state = "replaced"  # never two live ones
            elif token.state == "live":
                token.state, token.used_at = "used", now
            else:
                family.revoked = True  # commit it, although the caller gets an error
                raise RefusedError("reuse, family revoked")
            new, token.successor = self._issue(family)
            return Issued(new, again)

    def _undelivered(self, token: Token, now: int) -> bool:
        """Perhaps the answer was lost: a recent use, its successor never seen."""
        recent = token.state == "used" and now < token.used_at + GRACE_SECONDS
        return recent and token.successor.state == "live"

    def _issue(self, family: Family) -> tuple[str, Token]:
        value = self._source()
        expires = min(self._clock() + IDLE_SECONDS, family.ends)
        token = self._tokens[digest(value)] = Token(family, expires)
        return value, token

    # --8<-- [end:show]


class RotationOnly:
    """What not to write: a used token is forgotten, and so is its owner."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._users: dict[str, str] = {}

    def login(self, user: str, client: str) -> Issued:
        value = self._source()
        self._users[digest(value)] = user
        return Issued(value)

    def refresh(self, value: str, client: str) -> Issued:
        user = self._users.pop(digest(value), None)
        if user is None:
            raise RefusedError("unknown token")
        return self.login(user, client)


SCENES = [
    (
        "a thief copied R1 and is first",
        [
            (300, "thief", "app", "R1"),
            (600, "victim", "app", "R1"),
            (900, "thief", "app", "R3"),
            (901, "laptop", "app", "R2"),
        ],
    ),
    (
        "a thief copied R1 and is second",
        [
            (300, "victim", "app", "R1"),
            (600, "thief", "app", "R1"),
            (900, "victim", "app", "R3"),
        ],
    ),
    (
        "the first answer is lost, and later the retry comes too late",
        [
            (300, "victim", "app", "R1"),
            (302, "victim", "app", "R1"),
            (600, "victim", "app", "R4"),
            (660, "victim", "app", "R4"),
        ],
    ),
    (
        "a thief hides within the grace",
        [
            (300, "victim", "app", "R1"),
            (305, "thief", "app", "R1"),
            (600, "victim", "app", "R3"),
        ],
    ),
    (
        "the token of another client, and one left idle for 14 days",
        [
            (300, "thief", "other", "R1"),
            (IDLE_SECONDS, "laptop", "app", "R2"),
        ],
    ),
]


class ManualClock:
    now = 0

    def __call__(self) -> int:
        return self.now


def main() -> None:
    print(f"{'second':>7}  {'who':<8}{'sends':<7}{'rotation only':<25}families")
    for title, steps in SCENES:
        print(f"{title}:")
        clock = ManualClock()
        servers = [
            RotationOnly(map("R{}".format, count(1)).__next__),
            Families(clock, map("R{}".format, count(1)).__next__),
        ]
        for server in servers:
            server.login("ada", "app")  # the victim's phone: R1
            server.login("ada", "app")  # the victim's laptop: R2
        for second, who, client, value in steps:
            clock.now = second
            answers = []
            for server in servers:
                try:
                    issued = server.refresh(value, client)
                    answers.append(issued.value + " (a retry)" * issued.again)
                except RefusedError as reason:
                    answers.append(f"refused: {reason}")
            print(f"{second:>7}  {who:<8}{value:<7}{answers[0]:<25}{answers[1]}")


if __name__ == "__main__":
    main()
