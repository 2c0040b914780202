"""Prove the client: replies, hostile values, errors, pipelines."""

import redis
from redis import Connection, RedisError, Reply

HOSTILE = "x\r\nDEL user:1"


def shown(reply: Reply | RedisError) -> str:
    match reply:
        case None:
            return "nil"
        case RedisError():
            return f"error {reply.code}"
        case int():
            return f"integer {reply}"
        case list():
            return f"array of {len(reply)}: " + ", ".join(map(shown, reply))
    return f'"{reply}"'


def replies(db: Connection) -> None:
    for command in [
        "SET user:1 Ada",
        "GET user:1",
        "GET user:2",
        "STRLEN user:1",
        "MGET user:1 user:2",
    ]:
        print(f"{command:<20}{shown(db.command(*command.split(' ')))}")
    db.command("SET", "empty", "")
    print(f"{'GET empty':<20}{shown(db.command('GET', 'empty'))}")


def hostile_value(db: Connection) -> None:
    print(f"\n{'a value with a line break':<28}replies  read back  user:1")
    for label, request, replies in [
        ("framed by its length", redis.encode(["SET", "note", HOSTILE]), 1),
        ("pasted into an inline line", f"SET note {HOSTILE}\r\n".encode(), 2),
    ]:
        got = db.raw(request, replies)
        whole = "whole" if db.command("GET", "note") == HOSTILE else "cut"
        user = shown(db.command("GET", "user:1"))
        print(f"{label:<28}{len(got):<9}{whole:<11}{user}")


def errors(db: Connection) -> None:
    print()
    db.command("SADD", "tags", "a")
    try:
        db.command("INCR", "tags")
    except RedisError as error:
        alive = db.command("PING")
        print(f"INCR of a set: {error.code}, then PING: {alive}")
    got = db.pipeline([["INCR", "n"], ["INCR", "tags"], ["INCR", "n"]])
    print(f"pipeline of three: {', '.join(map(shown, got))}")


def main() -> None:
    with redis.connect() as db:
        replies(db)
        hostile_value(db)
        errors(db)


if __name__ == "__main__":
    main()
