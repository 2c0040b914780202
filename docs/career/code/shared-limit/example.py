"""Token leases: ten servers, one token bucket in Redis, and what leases cost."""

import redis

SERVERS, RATE, BURST = 10, 200, 20  # tokens a second; tokens at once
LEASE_MS, PAUSE_MS = 500, 50
SCRIPT = """
local now, rate, full = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] * 1000
local saved = redis.call('HMGET', KEYS[1], 'drops', 'at')
local last = tonumber(saved[2]) or now
local at = math.max(last, now)
local drops = math.min((tonumber(saved[1]) or full) + (at - last) * rate, full)
local granted = math.min(tonumber(ARGV[4]), math.floor(drops / 1000))
drops = drops - granted * 1000
redis.call('HSET', KEYS[1], 'drops', drops, 'at', at)
redis.call('PEXPIRE', KEYS[1], math.ceil((full - drops) / rate) + 60000)
if granted > 0 then return {granted, 0} end
return {0, math.ceil((1000 - drops) / rate)}
"""
HONEST = [at for at in range(0, 6_000, 100) for _ in range(10)]  # half the limit
SURGE = list(range(6_000, 10_000))  # five times the limit


class LimiterDownError(Exception):
    pass


# --8<-- [start:show]
class Central:
    """One key's budget. Times are passed in; in service the script asks TIME."""

    def __init__(self, db: redis.Connection, key: str, burst: int = BURST) -> None:
        self.db, self.key, self.burst = db, key, burst
        self.calls, self.down = 0, False

    def take(self, now: int, want: int) -> list[int]:
        """Return how many tokens were granted and, if none, the ms to wait."""
        self.calls += 1
        if self.down:  # in service: no answer within 5 ms
            raise LimiterDownError
        args = [1, self.key, now, RATE, self.burst, want]
        return self.db.command("EVAL", SCRIPT, *args)


class Server:
    def __init__(self, central: Central, lease: int, fallback: str) -> None:
        self.central, self.lease, self.fallback = central, lease, fallback
        self.tokens, self.expires = 0, 0
        self.refused_until, self.alone_until = 0, 0
        self.missing, self.seen = 0, 0  # of the local bucket, in 1/1000 tokens

    def allow(self, now: int) -> bool:
        if self.tokens and now < self.expires:
            self.tokens -= 1  # no call
            return True
        if now < self.refused_until:  # remembered: no call either
            return False
        if now < self.alone_until:  # do not pay the timeout each time
            return self.without_limiter(now)
        try:
            granted, wait = self.central.take(now, self.lease)
        except LimiterDownError:
            self.alone_until = now + PAUSE_MS
            return self.without_limiter(now)
        self.tokens, self.expires = max(granted - 1, 0), now + LEASE_MS
        if granted == 0:  # remember the refusal
            self.refused_until = now + max(wait, PAUSE_MS)
        return granted > 0

    def without_limiter(self, now: int) -> bool:
        if self.fallback != "local":
            return self.fallback == "open"
        share = 2 * RATE // SERVERS  # twice this server's part of the limit
        self.missing = max(self.missing - (now - self.seen) * share, 0)
        self.seen = now
        if self.missing >= 100 * share:  # a tenth of a second at once
            return False
        self.missing += 1000
        return True


# --8<-- [end:show]


class Traffic:
    """Spreads requests over the servers: one of them gets 7 of 16."""

    def __init__(self, central: Central, lease: int, fallback: str) -> None:
        self.servers = [Server(central, lease, fallback) for _ in range(SERVERS)]
        self.seed = 1

    def send(self, times: list[int]) -> list[int]:
        """Return when requests were admitted."""
        return [now for now in times if self._pick().allow(now)]

    def _pick(self) -> Server:
        self.seed = (self.seed * 1103515245 + 12345) % 2**31
        return self.servers[min((self.seed >> 16) % 16, SERVERS - 1)]


def most_in_a_second(times: list[int]) -> int:
    first = most = 0
    for last, time in enumerate(times):
        while times[first] <= time - 1000:
            first += 1
        most = max(most, last - first + 1)
    return most


def leases(db: redis.Connection) -> None:
    print(f"limit {RATE} a second, {SERVERS} servers")
    print("              honest: 10 each 100 ms    surge: 1000 a second")
    print("lease  burst  refused of 600   calls    most in 1 s  bound  calls of 4000")
    shapes = [(1, BURST), (2, BURST), (5, BURST), (10, BURST), (20, BURST), (20, 220)]
    for lease, burst in shapes:
        central = Central(db, f"lease:{lease}:{burst}", burst)
        traffic = Traffic(central, lease, "closed")
        honest = traffic.send(HONEST)
        calls = central.calls
        most = most_in_a_second(honest + traffic.send(SURGE))
        bound = burst + RATE + (SERVERS * lease if lease > 1 else 0)
        print(f"{lease:>5}{burst:>7}{len(HONEST) - len(honest):>16}{calls:>8}", end="")
        print(f"{most:>15}{bound:>7}{central.calls - calls:>15}")


def outage(db: redis.Connection) -> None:
    print("limiter down for 3 s, 1000 requests a second, lease 5")
    print("fallback  admitted  a second  calls that time out")
    for fallback in ("open", "closed", "local"):
        central = Central(db, f"outage:{fallback}")
        traffic = Traffic(central, 5, fallback)
        traffic.send(list(range(4_000)))
        central.calls, central.down = 0, True
        admitted = len(traffic.send(list(range(4_000, 7_000))))
        print(f"{fallback:<8}{admitted:>10}{admitted // 3:>10}{central.calls:>21}")


def main() -> None:
    with redis.connect() as db:
        leases(db)
        outage(db)


if __name__ == "__main__":
    main()
