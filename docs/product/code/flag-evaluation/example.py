"""Feature flags: evaluation order, buckets, and a report of stale ones."""

from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256

TODAY = date(2026, 11, 21)


# --8<-- [start:show]
@dataclass(frozen=True)
class Rule:
    attribute: str
    values: frozenset[str]
    variant: str


@dataclass(frozen=True)
class Flag:
    key: str
    salt: str
    rollout: int  # in hundredths of a percent, 0 to 10,000
    enabled: bool = True  # False is the kill switch
    rules: tuple[Rule, ...] = ()


def bucket(salt: str, user_id: str) -> int:
    """0 to 9,999; the same on every machine, in every language, forever."""
    digest = sha256(f"{salt}:{user_id}".encode()).digest()
    return int.from_bytes(digest[:4], "big") % 10_000


def evaluate(flag: Flag, user: dict[str, str]) -> tuple[str, str]:
    if not flag.enabled:
        return "off", "DISABLED"
    for rule in flag.rules:  # the first that matches decides
        if user.get(rule.attribute) in rule.values:
            return rule.variant, "TARGETING_MATCH"
    if "id" not in user:
        return "off", "DEFAULT"
    inside = bucket(flag.salt, user["id"]) < flag.rollout
    return ("on" if inside else "off"), "SPLIT"


# --8<-- [end:show]


@dataclass(frozen=True)
class Record:
    """What the flag service knows about a flag besides its rules."""

    key: str
    kind: str
    owner: str
    expires: date | None
    rollout: int
    changed: date
    evaluated: date


def stale(record: Record) -> str | None:
    unread = (TODAY - record.evaluated).days
    settled = (TODAY - record.changed).days
    if unread > 30:
        return f"not evaluated for {unread} days: delete it from the service"
    if record.kind in ("ops", "permission"):
        return None  # meant to stay
    if record.rollout in (0, 10_000) and settled > 30:
        state = "on" if record.rollout else "off"
        return f"{state} for all for {settled} days: remove the branch"
    if record.expires and record.expires < TODAY:
        return f"expired {(TODAY - record.expires).days} days ago: decide"
    return None


RECORDS = [
    Record(
        "new-checkout",
        "release",
        "checkout",
        date(2026, 12, 31),
        500,
        date(2026, 11, 18),
        TODAY,
    ),
    Record(
        "search-v2",
        "release",
        "search",
        date(2026, 7, 1),
        10_000,
        date(2026, 6, 20),
        TODAY,
    ),
    Record(
        "button-text",
        "experiment",
        "growth",
        date(2026, 11, 1),
        5000,
        date(2026, 10, 11),
        TODAY,
    ),
    Record(
        "legacy-export",
        "release",
        "data",
        date(2026, 3, 1),
        0,
        date(2026, 2, 2),
        date(2026, 8, 30),
    ),
    Record("stop-payouts", "ops", "payments", None, 0, date(2025, 4, 9), TODAY),
]


def main() -> None:
    staff = Rule("group", frozenset({"staff", "beta"}), "on")
    blocked = Rule("country", frozenset({"NO"}), "off")
    flag = Flag("new-checkout", "a1f3", 500, rules=(staff, blocked))
    killed = replace(flag, enabled=False)
    for name, state, user in (
        ("staff member", flag, {"id": "ada", "group": "staff", "country": "NO"}),
        ("customer in NO", flag, {"id": "user-7", "country": "NO"}),
        ("user-7", flag, {"id": "user-7"}),
        ("user-4", flag, {"id": "user-4"}),
        ("visitor without id", flag, {}),
        ("staff, flag killed", killed, {"id": "ada", "group": "staff"}),
    ):
        variant, reason = evaluate(state, user)
        place = f" bucket {bucket(flag.salt, user['id'])}" if reason == "SPLIT" else ""
        print(f"{name:<20}{variant:<5}{reason}{place}")

    users = [{"id": f"user-{n}"} for n in range(10_000)]

    def on(flag: Flag) -> set[str]:
        return {user["id"] for user in users if evaluate(flag, user)[0] == "on"}

    print("the percentage grows, 10,000 users")
    before: set[str] = set()
    for rollout in (5, 100, 500, 2500):
        now = on(replace(flag, rollout=rollout))
        lost = len(before - now)
        print(f"{rollout / 100:>7.2f}% {len(now):>6} on, {lost} lost it")
        before = now

    half = replace(flag, rollout=5000)
    same = len(on(half) & on(replace(half, key="other")))
    own = len(on(half) & on(replace(half, key="other", salt="9c07")))
    print(f"two flags at 50%: on in both {same} with one salt, {own} with two")

    print(f"stale flags on {TODAY}")
    for record in RECORDS:
        if why := stale(record):
            print(f"  {record.key:<14}{record.owner:<8}{why}")


if __name__ == "__main__":
    main()
