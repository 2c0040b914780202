"""A paused lock holder writes late: what the store must check to survive it."""

import redis

LEASE_MS = 30_000
LOCK, TOKENS, ACCOUNT = "{account:7}:lock", "{account:7}:tokens", "account:7"

# --8<-- [start:show]
# Redis runs each script as one step: nothing happens between check and act.
ACQUIRE = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
    return redis.call('INCR', KEYS[2])
end
return 0"""

RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('DEL', KEYS[1])
end
return 0"""

# The store's own check; in SQL: UPDATE ... WHERE id = $1 AND token <= $2
ADMIT = """
local seen = tonumber(redis.call('HGET', KEYS[1], 'token') or '0')
if tonumber(ARGV[1]) < seen then
    return 0
end
redis.call('HSET', KEYS[1], 'token', ARGV[1])
if ARGV[2] then
    redis.call('HSET', KEYS[1], 'balance', ARGV[2])
end
return 1"""


def acquire(db: redis.Connection, owner: str) -> int:
    """Return the fencing token, or 0 if somebody else holds the lock."""
    return db.command("EVAL", ACQUIRE, 2, LOCK, TOKENS, owner, LEASE_MS)


def release(db: redis.Connection, owner: str) -> bool:
    return db.command("EVAL", RELEASE, 1, LOCK, owner) == 1


def admit(db: redis.Connection, token: int, *balance: int) -> bool:
    """Announce the token; with a balance, also write it. False: token too old."""
    return db.command("EVAL", ADMIT, 1, ACCOUNT, token, *balance) == 1


# --8<-- [end:show]


class Worker:
    def __init__(self, db: redis.Connection, name: str, plus: int) -> None:
        self.db, self.name, self.plus = db, name, plus
        self.token = self.seen = 0

    def take(self, note: str, announce: bool) -> None:
        self.token = acquire(self.db, self.name)
        if announce and not admit(self.db, self.token):
            raise RuntimeError("a new token must be admitted")
        self.seen = int(self.db.command("HGET", ACCOUNT, "balance"))
        print(f"  {self.name} token {self.token} reads {self.seen}{note}")

    def write(self, check: bool) -> bool:
        balance = self.seen + self.plus
        if check:
            stored = admit(self.db, self.token, balance)
        else:
            self.db.command("HSET", ACCOUNT, "balance", balance)
            stored = True
        result = "stored" if stored else "REFUSED, a newer token was here"
        print(f"  {self.name} token {self.token} writes {balance}: {result}")
        return stored


def lapse(db: redis.Connection) -> None:
    """Stand in for the 30 seconds that the holder sleeps."""
    db.command("PEXPIRE", LOCK, 0)


def run(db: redis.Connection, title: str, check: str, wakes_early: bool) -> None:
    db.command("DEL", LOCK, TOKENS, ACCOUNT)
    db.command("HSET", ACCOUNT, "balance", 100)
    print(title)
    a, b = Worker(db, "A", plus=10), Worker(db, "B", plus=50)
    announce = check == "reads and writes"
    a.take(", pauses past its lease", announce)
    lapse(db)
    b.take("", announce)
    first, second = (a, b) if wakes_early else (b, a)
    refused = [w for w in (first, second) if not w.write(check != "nothing")]
    if release(db, "A"):
        raise RuntimeError("A released a lock that B holds")
    release(db, "B")
    for worker in refused:
        worker.take(" again", announce)
        worker.write(check != "nothing")
    balance = int(db.command("HGET", ACCOUNT, "balance"))
    verdict = "correct" if balance == 160 else f"{160 - balance} lost"
    print(f"  balance {balance}: {verdict}")


def main() -> None:
    with redis.connect() as db:
        token = acquire(db, "A")
        print(f"A takes the lock, token {token}; B gets {acquire(db, 'B')}")
        lapse(db)
        token = acquire(db, "B")
        print(f"after the lease B takes it, token {token}")
        print(f"A can release it: {'yes' if release(db, 'A') else 'no'}")
        run(db, "1. the store checks nothing", "nothing", wakes_early=False)
        run(db, "2. writes are checked", "writes", wakes_early=False)
        run(db, "3. the same, A wakes earlier", "writes", wakes_early=True)
        run(db, "4. reads announce the token", "reads and writes", wakes_early=True)


if __name__ == "__main__":
    main()
