"""A URL shortener: PostgreSQL keeps the links, Redis caches them and carries clicks."""

import json
import queue
import random
import string
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple
from urllib.parse import urlsplit

import postgres
import redis

SCHEMA = """
    CREATE TABLE links (
        code   text PRIMARY KEY,
        target text NOT NULL CHECK (octet_length(target) <= 2000)
    );
    CREATE TABLE clicks (
        counter text,
        code    text,
        clicks  bigint NOT NULL,
        PRIMARY KEY (counter, code)
    );
    CREATE TABLE positions (stream text PRIMARY KEY, position text NOT NULL);
    INSERT INTO positions VALUES ('clicks', '0-0');
"""
INSERT = "INSERT INTO links (code, target) VALUES ($1, $2) ON CONFLICT DO NOTHING"
SELECT = "SELECT target FROM links WHERE code = $1"
POSITION = "SELECT position FROM positions WHERE stream = 'clicks'"
MOVE = """
    UPDATE positions SET position = $1 WHERE stream = 'clicks' AND position = $2
"""
ADD = """
    INSERT INTO clicks (counter, code, clicks) VALUES ($1, $2, $3)
    ON CONFLICT (counter, code) DO UPDATE
    SET clicks = clicks.clicks + excluded.clicks
"""
ALPHABET = string.digits + string.ascii_letters
HIT_SECONDS, MISS_SECONDS = 60, 10
BODY_LIMIT, ATTEMPTS = 4_000, 5


class Pool:
    """A few sessions for many threads; who finds none waits, but not for long."""

    def __init__(self, size: int) -> None:
        self._free: queue.Queue[postgres.Connection] = queue.Queue()
        for _ in range(size):
            self._free.put(postgres.connect())

    @contextmanager
    def session(self) -> Iterator[postgres.Connection]:
        db = self._free.get(timeout=1)
        try:
            yield db
        finally:
            self._free.put(db if not db.closed else postgres.connect())

    def close(self) -> None:
        while not self._free.empty():
            self._free.get().close()


Draw = Callable[[], str]


class Batch(NamedTuple):
    after: str  # the position it was read from
    last: str
    counts: Counter[str]


# --8<-- [start:show]
class Shortener:
    def __init__(self, pool: Pool, cache: redis.Connection, draw: Draw) -> None:
        self.pool, self.cache, self.draw = pool, cache, draw
        self.clicks: queue.Queue[str] = queue.Queue(maxsize=1_000)
        self.store_reads = self.collisions = self.dropped = 0

    def create(self, target: str, alias: str | None = None) -> str | None:
        """Let the primary key decide who has a code; then tell the cache."""
        for _ in range(1 if alias else ATTEMPTS):
            code = alias or self.draw()
            with self.pool.session() as db:
                won = db.execute(INSERT, code, target) == 1
            if won:
                self.cached("SET", f"link:{code}", target, "EX", HIT_SECONDS)
                return code
            self.collisions += 1
        return None

    def resolve(self, code: str) -> str | None:
        """Cache aside; an empty entry means: known not to exist."""
        entry = self.cached("GET", f"link:{code}")
        if entry is not None:
            return entry or None
        with self.pool.session() as db:
            rows = db.query(SELECT, code)
        self.store_reads += 1
        if rows:
            self.cached("SET", f"link:{code}", rows[0][0], "EX", HIT_SECONDS)
            return rows[0][0]
        # NX: must not hide a link that was created since the SELECT.
        self.cached("SET", f"link:{code}", "", "NX", "EX", MISS_SECONDS)
        return None

    def cached(self, *command: str | int) -> redis.Reply:
        """A cache that fails is a cache that misses."""
        try:
            return self.cache.command(*command)
        except (OSError, redis.RedisError):
            return None


def count(db: postgres.Connection, batch: Batch) -> bool:
    """Counts and position commit together, and only from where it was read."""
    with db.transaction():
        if db.execute(MOVE, batch.last, batch.after) == 0:
            return False  # a twin was faster
        for code, clicks in sorted(batch.counts.items()):
            db.execute(ADD, "with the counts", code, clicks)
    return True


# --8<-- [end:show]


def clicked(shortener: Shortener, code: str) -> None:
    """Note a click; the redirect never waits, and a full buffer drops and counts."""
    try:
        shortener.clicks.put_nowait(code)
    except queue.Full:
        shortener.dropped += 1


def send(shortener: Shortener, stream: redis.Connection) -> int:
    """Move the buffer into the stream, in one round trip."""
    events = []
    while not shortener.clicks.empty():
        events.append(["XADD", "clicks", "*", "code", shortener.clicks.get()])
    for reply in stream.pipeline(events) if events else []:
        if isinstance(reply, redis.RedisError):
            shortener.dropped += 1
    return len(events)


def read_batch(db: postgres.Connection, stream: redis.Connection, size: int) -> Batch:
    ((after,),) = db.query(POSITION)
    entries = stream.command("XRANGE", "clicks", f"({after}", "+", "COUNT", size)
    last = entries[-1][0] if entries else after
    return Batch(after, last, Counter(fields[1] for _, fields in entries))


def count_apart(db: postgres.Connection, batch: Batch) -> None:
    """The mistake: the counts commit, the position is saved by somebody else."""
    with db.transaction():
        for code, clicks in sorted(batch.counts.items()):
            db.execute(ADD, "apart", code, clicks)


def named(code: object) -> bool:
    """Codes and aliases share this form; nothing else reaches cache or store."""
    if not isinstance(code, str):
        return False
    return code.isascii() and code.isalnum() and len(code) <= 30


def acceptable(target: object) -> bool:
    """A web address, without the line break that would add a header to a redirect."""
    if not isinstance(target, str) or not (target.isascii() and target.isprintable()):
        return False
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def handler(shortener: Shortener) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 5

        def do_GET(self) -> None:
            code = self.path[1:]
            target = shortener.resolve(code) if named(code) else None
            if target:
                clicked(shortener, code)
            self.answer(302 if target else 404, target)

        def do_POST(self) -> None:
            size = int(self.headers.get("Content-Length", "0"))
            if self.path != "/links" or not 0 < size <= BODY_LIMIT:
                self.close_connection = True  # its body stays unread
                return self.answer(413 if size > BODY_LIMIT else 404)
            try:
                body = json.loads(self.rfile.read(size))
                target, alias = body["target"], body.get("alias")
            except (ValueError, LookupError, TypeError):
                return self.answer(400)
            if not acceptable(target) or not (alias is None or named(alias)):
                return self.answer(422)
            code = shortener.create(target, alias)
            self.answer(201 if code else 409, code and f"/{code}")

        def answer(self, status: int, location: str | None = None) -> None:
            self.send_response(status)
            if location:
                self.send_header("Location", location)
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet: the program prints what matters."""

    return Handler


class Client:
    def __init__(self, port: int) -> None:
        self.http = HTTPConnection("127.0.0.1", port, timeout=5)
        self.served: Counter[str] = Counter()

    def post(self, **body: str) -> tuple[int, str]:
        self.http.request("POST", "/links", json.dumps(body))
        return self.read()

    def get(self, code: str) -> int:
        self.http.request("GET", f"/{code}")
        status, _ = self.read()
        self.served[code] += status == 302
        return status

    def read(self) -> tuple[int, str]:
        response = self.http.getresponse()
        response.read()
        return response.status, response.getheader("Location", "")


def codes() -> Draw:
    """Seeded, and the second draw repeats the first. Real ones come from secrets."""
    generator = random.Random(7)
    drawn = ["".join(generator.choices(ALPHABET, k=7)) for _ in range(20)]
    waiting = iter([drawn[0], *drawn])
    return lambda: next(waiting)


def links(client: Client, shortener: Shortener) -> list[str]:
    print("create")
    made = []
    for name in ("spring", "summer"):
        status, location = client.post(target=f"https://example.com/{name}")
        print(f"  {status} {location}  collisions so far: {shortener.collisions}")
        made.append(location[1:])
    status, _ = client.post(target="javascript:alert(1)")
    print(f"  {status} for a script instead of a web address")
    status, _ = client.post(target="https://example.com/\r\nSet-Cookie: a=b")
    print(f"  {status} for a line break that would become a header")
    return made


def clicks(client: Client, shortener: Shortener, made: list[str]) -> None:
    def run(label: str, code: str, times: int) -> None:
        before = shortener.store_reads
        statuses = Counter(client.get(code) for _ in range(times))
        reads = shortener.store_reads - before
        print(f"  {label:<36}{statuses[302]:>5}{statuses[404]:>5}{reads:>7}")

    spring, summer = made
    print("\nredirects                               302  404  reads")
    shortener.cached("DEL", f"link:{spring}")  # as if its minute were over
    run("one link", spring, 100)
    run("a guess", "nothing", 50)
    run("an alias, too early", "sale", 1)
    client.post(target="https://example.com/sale", alias="sale")
    run("  after it was created", "sale", 30)
    create_during_lookup(shortener, "tour")
    run("an alias, created during the lookup", "tour", 1)
    run('  after the late "not found"', "tour", 1)
    shortener.cache.close()
    run("another link, cache gone", summer, 40)


def create_during_lookup(shortener: Shortener, alias: str) -> None:
    """Let the link be created between the lookup's SELECT and its "not found"."""
    cached = shortener.cached

    def overtaken(*command: str | int) -> redis.Reply:
        if command[:3] == ("SET", f"link:{alias}", ""):
            shortener.cached = cached
            shortener.create(f"https://example.com/{alias}", alias)
        return cached(*command)

    shortener.cached = overtaken


def counting(shortener: Shortener, client: Client) -> None:
    with redis.connect() as stream, postgres.connect() as db:
        print(
            f"\nto the stream: {send(shortener, stream)}, dropped:", shortener.dropped
        )
        # The first batch is delivered three times: crash, again, twin.
        first = read_batch(db, stream, 60)
        count_apart(db, first)
        crashed(first)
        again, twin = (read_batch(db, stream, 60) for _ in range(2))
        for name, batch in (("again", again), ("twin", twin)):
            count_apart(db, batch)
            print(f"  batch 1, {name:<6}{batch.counts.total():>4}", count(db, batch))
        number = 2
        while (batch := read_batch(db, stream, 60)).counts:
            count_apart(db, batch)
            print(f"  batch {number}{batch.counts.total():>12}", count(db, batch))
            number += 1
        stream.command("XTRIM", "clicks", "MINID", batch.after)
        report(db, client.served)


def crashed(batch: Batch) -> None:
    """Count as usual, but die before the commit: nothing of it may remain."""
    db = postgres.connect()

    @contextmanager
    def never_committed() -> Iterator[None]:
        db.execute("BEGIN")
        yield
        db.close()
        raise ConnectionError("died before COMMIT")

    db.transaction = never_committed
    try:
        count(db, batch)
    except ConnectionError as error:
        print(f"  batch 1, crash {batch.counts.total():>3} {error}")


def report(db: postgres.Connection, served: Counter[str]) -> None:
    print("\nposition saved     total  as served")
    for name in ("apart", "with the counts"):
        rows = db.query("SELECT code, clicks FROM clicks WHERE counter = $1", name)
        counted = Counter({code: int(clicks) for code, clicks in rows})
        print(f"  {name:<17}{counted.total():>5}  {counted == +served}")


def main() -> None:
    with redis.connect(timeout_seconds=1) as cache, postgres.connect() as admin:
        admin.execute(SCHEMA)
        pool = Pool(2)
        shortener = Shortener(pool, cache, codes())
        server = ThreadingHTTPServer(("127.0.0.1", 0), handler(shortener))
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        client = Client(server.server_port)
        try:
            clicks(client, shortener, links(client, shortener))
            counting(shortener, client)
        finally:
            client.http.close()
            server.shutdown()
            thread.join()
            server.server_close()
            pool.close()


if __name__ == "__main__":
    main()
