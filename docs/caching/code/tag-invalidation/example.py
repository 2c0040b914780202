"""Remove one tenth of 10,000 keys, in steps between which others get their turn."""

import redis

PATTERN = "user:*:cart"


# --8<-- [start:show]
def unlink_matching(
    connection: redis.Connection, pattern: str, batch: int = 200
) -> tuple[int, int]:
    """Return how many keys went, in how many steps."""
    cursor, removed, steps = "0", 0, 0
    while True:
        # COUNT is how much work a step does, not how many keys it returns.
        cursor, keys = connection.command(
            "SCAN", cursor, "MATCH", pattern, "COUNT", batch
        )
        steps += 1
        if keys:  # one round trip for all; SCAN may repeat a key, UNLINK does not mind
            removed += connection.command("UNLINK", *keys)
        if cursor == "0":  # an empty page is not the end, only this is
            return removed, steps


# --8<-- [end:show]


def count(connection: redis.Connection, pattern: str) -> int:
    return len(connection.command("KEYS", pattern))  # a test database, nobody waits


def main() -> None:
    with redis.connect() as connection:
        connection.pipeline([["SET", f"user:{n}:cart", n] for n in range(1000)])
        connection.pipeline([["SET", f"user:{n}:name", n] for n in range(9000)])
        print(f"before: {connection.command('DBSIZE')} keys")
        print(f"        {count(connection, PATTERN)} match {PATTERN}")
        removed, steps = unlink_matching(connection, PATTERN)
        print(f"removed: {removed} keys, in more than 20 steps: {steps > 20}")
        print(f"after:  {connection.command('DBSIZE')} keys")
        print(f"        {count(connection, PATTERN)} match {PATTERN}")


if __name__ == "__main__":
    main()
