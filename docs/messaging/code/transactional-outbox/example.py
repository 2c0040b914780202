"""Two writes lose messages; an outbox, a relay and an inbox lose and repeat none."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field

import postgres
from postgres import Connection, PostgresError

SCHEMA = """
    CREATE TABLE orders (
        id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        customer text NOT NULL,
        cents    integer NOT NULL CHECK (cents > 0)
    );
    CREATE TABLE outbox (
        id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        topic        text NOT NULL,
        payload      jsonb NOT NULL CHECK (octet_length(payload::text) <= 1000),
        published_at timestamptz
    );
    CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL;

    -- These two stand in the consumer's own database, in a real system.
    CREATE TABLE inbox (
        consumer   text,
        message_id bigint,
        PRIMARY KEY (consumer, message_id)
    );
    CREATE TABLE points (
        consumer text,
        customer text,
        points   integer NOT NULL,
        PRIMARY KEY (consumer, customer)
    );
"""
INSERT_ORDER = "INSERT INTO orders (customer, cents) VALUES ($1, $2) RETURNING id"
INSERT_MESSAGE = """
    INSERT INTO outbox (topic, payload) VALUES ('order-placed', json_build_object(
        'order', $1::bigint, 'customer', $2::text, 'cents', $3::integer))
"""
ADD_POINTS = """
    INSERT INTO points (consumer, customer, points)
    SELECT $1, body->>'customer', (body->>'cents')::integer / 100
    FROM CAST($2 AS jsonb) AS body
    ON CONFLICT (consumer, customer) DO UPDATE
    SET points = points.points + excluded.points
"""
REPORT = """
    SELECT customer, sum(cents / 100) AS earned,
           max(plain.points) AS no_inbox, max(careful.points) AS inbox
    FROM orders
    JOIN points AS plain USING (customer)
    JOIN points AS careful USING (customer)
    WHERE plain.consumer = 'no inbox' AND careful.consumer = 'inbox'
    GROUP BY customer ORDER BY customer
"""
COUNTS = """
    SELECT (SELECT count(*) FROM orders),
           (SELECT count(*) FROM outbox WHERE published_at IS NULL)
"""
ORDERS = [("ada", 1200), ("ben", 800), ("ada", 3000), ("cem", 500), ("ben", 2000)]


@dataclass(frozen=True)
class Message:
    id: int
    topic: str
    payload: str


class BrokerDownError(Exception):
    """The broker took nothing."""


class HandlerCrashError(Exception):
    """The consumer died while it handled a message."""


@dataclass
class Broker:
    down: bool = False
    messages: list[Message] = field(default_factory=list)

    def publish(self, message: Message) -> None:
        if self.down:
            raise BrokerDownError
        self.messages.append(message)


# --8<-- [start:show]
CLAIM = """
    SELECT id, topic, payload FROM outbox WHERE published_at IS NULL
    ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED
"""
MARK = "UPDATE outbox SET published_at = now() WHERE id = $1"
FIRST_TIME = """
    INSERT INTO inbox (consumer, message_id) VALUES ($1, $2)
    ON CONFLICT DO NOTHING
"""


def place_order(db: Connection, customer: str, cents: int) -> None:
    """Order and message commit together; the broker has no part in it."""
    with db.transaction():
        ((order,),) = db.query(INSERT_ORDER, customer, cents)
        db.execute(INSERT_MESSAGE, order, customer, cents)


def relay(db: Connection, broker: Broker, halfway: Callable[[], None]) -> list[Message]:
    """Publish, then mark: a crash in between repeats messages, but loses none."""
    with db.transaction():
        batch = [Message(*row) for row in db.query(CLAIM)]
        for message in batch:
            broker.publish(message)  # the rows stay locked: keep its timeout short
        halfway()
        for message in batch:
            db.execute(MARK, message.id)
    return batch


def consume(
    db: Connection, message: Message, handle: Callable[[Message], None]
) -> bool:
    """The entry and the effect commit together; False says: had it before."""
    with db.transaction():
        if db.execute(FIRST_TIME, "inbox", message.id) == 0:
            return False
        handle(message)
    return True


# --8<-- [end:show]


def points_handler(db: Connection, consumer: str) -> Callable[[Message], None]:
    """Add points; after those for message 3 the process dies, once."""
    crashes = {3}

    def handle(message: Message) -> None:
        db.execute(ADD_POINTS, consumer, message.payload)
        if message.id in crashes:
            crashes.remove(message.id)
            raise HandlerCrashError

    return handle


def deliver(
    messages: list[Message], handle: Callable[[Message], str]
) -> list[tuple[int, str]]:
    """Deliver as brokers do: again, until the consumer's acknowledgement arrives."""
    log = []
    lost_acks = {5}
    for message in messages:
        acknowledged = False
        while not acknowledged:
            try:
                outcome = handle(message)
                acknowledged = message.id not in lost_acks
                lost_acks.discard(message.id)
            except HandlerCrashError:
                outcome = "crash"
            log.append((message.id, outcome))
    return log


def end_session(admin: Connection, db: Connection) -> Callable[[], None]:
    """Make a call that ends the session of db, as a crash of its process would."""
    ((pid,),) = db.query("SELECT pg_backend_pid()")

    def end() -> None:
        admin.query("SELECT pg_terminate_backend($1, 5000)", pid)  # ms to wait for it

    return end


def counts(db: Connection) -> tuple[int, int]:
    """Count the orders and the messages that wait in the outbox."""
    (row,) = db.query(COUNTS)
    return row


def attempt(db: Connection, label: str, work: Callable[[Broker], None]) -> None:
    broker = Broker()
    try:
        work(broker)
        failure = "none"
    except PostgresError as error:
        failure = error.code
    except BrokerDownError:
        failure = "broker down"
    except OSError:
        failure = "session lost"
    orders, waiting = counts(db)
    messages = waiting + len(broker.messages)
    print(f"  {label:<36}{failure:<14}{orders:<8}{messages}")
    db.execute("TRUNCATE orders, outbox RESTART IDENTITY")


def failures(db: Connection) -> None:
    event = Message(1, "order-placed", "{}")

    def save_then_publish(broker: Broker) -> None:
        broker.down = True
        db.query(INSERT_ORDER, "ada", 1200)
        broker.publish(event)

    def publish_then_save(broker: Broker) -> None:
        broker.publish(event)
        db.query(INSERT_ORDER, "ada", 0)

    def publish_inside(broker: Broker) -> None:
        with postgres.connect() as lost, lost.transaction():
            crash = end_session(db, lost)
            lost.query(INSERT_ORDER, "ada", 1200)
            broker.publish(event)
            crash()

    def outbox_broker_down(broker: Broker) -> None:
        broker.down = True
        place_order(db, "ada", 1200)

    def outbox_refused(_: Broker) -> None:
        place_order(db, "ada" * 1000, 1200)

    print(f"{'an order and its message':<38}failure       orders  messages")
    attempt(db, "save, then publish", save_then_publish)
    attempt(db, "publish, then save", publish_then_save)
    attempt(db, "publish before the commit", publish_inside)
    attempt(db, "outbox, broker down", outbox_broker_down)
    attempt(db, "outbox, message too large", outbox_refused)


def ids(messages: list[Message]) -> str:
    return " ".join(str(message.id) for message in messages)


def nothing() -> None:
    """Take the place of a crash."""


def relays(db: Connection) -> list[Message]:
    for customer, cents in ORDERS:
        place_order(db, customer, cents)
    broker = Broker()

    def show(label: str, took: str) -> None:
        waiting = counts(db)[1]
        print(f"  {label:<25}{took:<11}{waiting:<9}{ids(broker.messages)}")

    print(f"\n{'relay':<27}took       waiting  at the broker")
    with postgres.connect() as a, suppress(OSError):  # its session will be gone
        relay(a, broker, end_session(db, a))
    show("A dies before it marks", ids(broker.messages))
    with postgres.connect() as b, postgres.connect() as c:
        meanwhile: list[Message] = []
        batch = relay(b, broker, lambda: meanwhile.extend(relay(c, broker, nothing)))
        show("B, during its round C", f"{ids(batch)}, {ids(meanwhile)}")
        show("B again", ids(relay(b, broker, nothing)))
    return broker.messages


def consumers(db: Connection, messages: list[Message]) -> None:
    naive = points_handler(db, "no inbox")
    careful = points_handler(db, "inbox")

    def without_inbox(message: Message) -> str:
        naive(message)
        return "done"

    def with_inbox(message: Message) -> str:
        return "done" if consume(db, message, careful) else "seen"

    without = deliver(messages, without_inbox)
    having = deliver(messages, with_inbox)
    print()
    for label, cells in (
        ("message", [message for message, _ in without]),
        ("  no inbox", [outcome for _, outcome in without]),
        ("  inbox", [outcome for _, outcome in having]),
    ):
        print(f"{label:<11}{''.join(f'{cell:<7}' for cell in cells)}".rstrip())
    print("\npoints     earned  no inbox  inbox")
    for customer, earned, no_inbox, inbox in db.query(REPORT):
        print(f"  {customer:<9}{earned:<8}{no_inbox:<10}{inbox}")


def main() -> None:
    with postgres.connect() as db:
        db.execute(SCHEMA)
        failures(db)
        consumers(db, relays(db))


if __name__ == "__main__":
    main()
