// Two writes lose messages; an outbox, a relay and an inbox lose and repeat none.
import { connect, PostgresError } from "./postgres.mjs";

const SCHEMA = `
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
  )`;
const INSERT_ORDER =
  "INSERT INTO orders (customer, cents) VALUES ($1, $2) RETURNING id";
const INSERT_MESSAGE = `
  INSERT INTO outbox (topic, payload) VALUES ('order-placed', json_build_object(
    'order', $1::bigint, 'customer', $2::text, 'cents', $3::integer))`;
const ADD_POINTS = `
  INSERT INTO points (consumer, customer, points)
  SELECT $1, body->>'customer', (body->>'cents')::integer / 100
  FROM CAST($2 AS jsonb) AS body
  ON CONFLICT (consumer, customer) DO UPDATE
  SET points = points.points + excluded.points`;
const REPORT = `
  SELECT customer, sum(cents / 100) AS earned,
         max(plain.points) AS no_inbox, max(careful.points) AS inbox
  FROM orders
  JOIN points AS plain USING (customer)
  JOIN points AS careful USING (customer)
  WHERE plain.consumer = 'no inbox' AND careful.consumer = 'inbox'
  GROUP BY customer ORDER BY customer`;
const COUNTS = `
  SELECT (SELECT count(*) FROM orders) AS orders,
         (SELECT count(*) FROM outbox WHERE published_at IS NULL) AS waiting`;
const ORDERS = [
  ["ada", 1200],
  ["ben", 800],
  ["ada", 3000],
  ["cem", 500],
  ["ben", 2000],
];

class BrokerDownError extends Error {}
class SessionLostError extends Error {}
class HandlerCrashError extends Error {}

class Broker {
  down = false;
  messages = [];

  async publish(message) {
    if (this.down) throw new BrokerDownError();
    this.messages.push(message);
  }
}

// --8<-- [start:show]
const CLAIM = `
  SELECT id, topic, payload FROM outbox WHERE published_at IS NULL
  ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED`;
const MARK = "UPDATE outbox SET published_at = now() WHERE id = $1";
const FIRST_TIME = `
  INSERT INTO inbox (consumer, message_id) VALUES ($1, $2)
  ON CONFLICT DO NOTHING`;

// Order and message commit together; the broker has no part in it.
async function placeOrder(db, customer, cents) {
  await db.transaction(async () => {
    const [order] = await db.query(INSERT_ORDER, [customer, cents]);
    await db.execute(INSERT_MESSAGE, [order.id, customer, cents]);
  });
}

// Publish, then mark: a crash in between repeats messages, but loses none.
async function relay(db, broker, halfway) {
  return db.transaction(async () => {
    const batch = await db.query(CLAIM);
    for (const message of batch) {
      await broker.publish(message); // the rows stay locked: keep its timeout short
    }
    await halfway();
    for (const { id } of batch) await db.execute(MARK, [id]);
    return batch;
  });
}

// The entry and the effect commit together; false says: had it before.
async function consume(db, message, handle) {
  return db.transaction(async () => {
    const first = (await db.execute(FIRST_TIME, ["inbox", message.id])) === 1;
    if (first) await handle(message);
    return first;
  });
}
// --8<-- [end:show]

// Add points; after those for message 3 the process dies, once.
function pointsHandler(db, consumer) {
  const crashes = new Set([3]);
  return async ({ id, payload }) => {
    await db.execute(ADD_POINTS, [consumer, payload]);
    if (crashes.delete(id)) throw new HandlerCrashError();
  };
}

// Deliver as brokers do: again, until the consumer's acknowledgement arrives.
async function deliver(messages, handle) {
  const log = [];
  const lostAcks = new Set([5]);
  for (const message of messages) {
    let acknowledged = false;
    while (!acknowledged) {
      let outcome = "crash";
      try {
        outcome = await handle(message);
        acknowledged = !lostAcks.delete(message.id);
      } catch (error) {
        if (!(error instanceof HandlerCrashError)) throw error;
      }
      log.push({ id: message.id, outcome });
    }
  }
  return log;
}

// Make a call that ends the session of db, as a crash of its process would.
async function endSession(admin, db) {
  const [{ pid }] = await db.query("SELECT pg_backend_pid() AS pid");
  // 5000 ms to wait until it is gone.
  return () => admin.query("SELECT pg_terminate_backend($1, 5000)", [pid]);
}

function failureOf(error) {
  if (error instanceof PostgresError) return error.code;
  if (error instanceof BrokerDownError) return "broker down";
  if (error instanceof SessionLostError) return "session lost";
  throw error;
}

async function attempt(db, label, work) {
  const broker = new Broker();
  let failure = "none";
  try {
    await work(broker);
  } catch (error) {
    failure = failureOf(error);
  }
  const [{ orders, waiting }] = await db.query(COUNTS);
  const messages = waiting + broker.messages.length;
  const cells = [
    label.padEnd(36),
    failure.padEnd(14),
    String(orders).padEnd(8),
  ];
  console.log(`  ${cells.join("")}${messages}`);
  await db.execute("TRUNCATE orders, outbox RESTART IDENTITY");
}

async function failures(db) {
  const event = { id: 1, topic: "order-placed", payload: "{}" };
  console.log(
    `${"an order and its message".padEnd(38)}failure       orders  messages`,
  );
  await attempt(db, "save, then publish", async (broker) => {
    broker.down = true;
    await db.query(INSERT_ORDER, ["ada", 1200]);
    await broker.publish(event);
  });
  await attempt(db, "publish, then save", async (broker) => {
    await broker.publish(event);
    await db.query(INSERT_ORDER, ["ada", 0]);
  });
  await attempt(db, "publish before the commit", async (broker) => {
    await using lost = await connect();
    const crash = await endSession(db, lost);
    try {
      await lost.transaction(async () => {
        await lost.query(INSERT_ORDER, ["ada", 1200]);
        await broker.publish(event);
        await crash();
      });
    } catch (error) {
      throw lost.closed
        ? new SessionLostError("lost", { cause: error })
        : error;
    }
  });
  await attempt(db, "outbox, broker down", async (broker) => {
    broker.down = true;
    await placeOrder(db, "ada", 1200);
  });
  await attempt(db, "outbox, message too large", async () => {
    await placeOrder(db, "ada".repeat(1000), 1200);
  });
}

const ids = (messages) => messages.map(({ id }) => id).join(" ");
const nothing = async () => {};

async function relays(db) {
  for (const [customer, cents] of ORDERS) await placeOrder(db, customer, cents);
  await using a = await connect();
  await using b = await connect();
  await using c = await connect();
  const broker = new Broker();
  const show = async (label, took) => {
    const [{ waiting }] = await db.query(COUNTS);
    const cells = [
      label.padEnd(25),
      took.padEnd(11),
      String(waiting).padEnd(9),
    ];
    console.log(`  ${cells.join("")}${ids(broker.messages)}`);
  };
  console.log(`\n${"relay".padEnd(27)}took       waiting  at the broker`);

  try {
    await relay(a, broker, await endSession(db, a));
  } catch (error) {
    if (!a.closed) throw error; // its session is gone, as it should be
  }
  await show("A dies before it marks", ids(broker.messages));

  let meanwhile = [];
  const batch = await relay(b, broker, async () => {
    meanwhile = await relay(c, broker, nothing);
  });
  await show("B, during its round C", `${ids(batch)}, ${ids(meanwhile)}`);
  await show("B again", ids(await relay(b, broker, nothing)));
  return broker.messages;
}

async function consumers(db, messages) {
  const naive = pointsHandler(db, "no inbox");
  const careful = pointsHandler(db, "inbox");
  const without = await deliver(messages, async (message) => {
    await naive(message);
    return "done";
  });
  const inbox = await deliver(messages, async (message) =>
    (await consume(db, message, careful)) ? "done" : "seen",
  );
  const row = (label, cells) => {
    const padded = cells.map((cell) => String(cell).padEnd(7));
    console.log(`${label.padEnd(11)}${padded.join("")}`.trimEnd());
  };
  console.log();
  const outcome = (delivery) => delivery.outcome;
  const numbers = without.map(({ id }) => id);
  row("message", numbers);
  row("  no inbox", without.map(outcome));
  row("  inbox", inbox.map(outcome));

  console.log("\npoints     earned  no inbox  inbox");
  for (const row of await db.query(REPORT)) {
    const cells = [
      String(row.earned).padEnd(8),
      String(row.no_inbox).padEnd(10),
    ];
    console.log(`  ${row.customer.padEnd(9)}${cells.join("")}${row.inbox}`);
  }
}

await using db = await connect();
await db.execute(SCHEMA);
await failures(db);
await consumers(db, await relays(db));
