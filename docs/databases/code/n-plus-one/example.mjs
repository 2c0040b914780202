// One screen, loaded in three ways: a loop, a join, batches. Who asks how often?
import { connect } from "./postgres.mjs";

const SCHEMA = `
  CREATE TABLE orders (
    id          integer PRIMARY KEY,
    customer_id integer NOT NULL
  );
  CREATE TABLE lines (
    order_id integer NOT NULL REFERENCES orders,
    position integer NOT NULL,
    product  text NOT NULL,
    PRIMARY KEY (order_id, position)
  );
  CREATE TABLE events (
    order_id integer NOT NULL REFERENCES orders,
    position integer NOT NULL,
    status   text NOT NULL,
    PRIMARY KEY (order_id, position)
  );
  INSERT INTO orders SELECT n, 42 FROM generate_series(1, 60) AS n;
  INSERT INTO lines SELECT n, p, 'product ' || n * p % 7
  FROM generate_series(1, 60) AS n, generate_series(1, n % 6) AS p;
  INSERT INTO events SELECT n, p, (ARRAY['new', 'paid', 'sent', 'back'])[p]
  FROM generate_series(1, 60) AS n, generate_series(1, 2 + n % 3) AS p;`;

// Counts calls and rows of each statement text, as pg_stat_statements does.
class CountingDatabase {
  log = new Map();
  #db;

  constructor(db) {
    this.#db = db;
  }

  async query(sql, values) {
    const rows = await this.#db.query(sql, values);
    const entry = this.log.get(sql) ?? { sql, calls: 0, rows: 0 };
    entry.calls += 1;
    entry.rows += rows.length;
    this.log.set(sql, entry);
    return rows;
  }

  total(column) {
    return [...this.log.values()].reduce(
      (sum, entry) => sum + entry[column],
      0,
    );
  }
}

class Order {
  lines = new Map(); // by position
  events = new Map();
}

const ORDERS =
  "SELECT id FROM orders WHERE customer_id = $1 ORDER BY id DESC LIMIT $2";
const LINES_OF_ONE = "SELECT position, product FROM lines WHERE order_id = $1";
const EVENTS_OF_ONE = "SELECT position, status FROM events WHERE order_id = $1";
async function loadOrders(db, customer, limit) {
  const rows = await db.query(ORDERS, [customer, limit]);
  return new Map(rows.map(({ id }) => [id, new Order()]));
}

// --8<-- [start:show]
const LINES =
  "SELECT order_id, position, product FROM lines WHERE order_id = ANY($1::int[])";
const EVENTS =
  "SELECT order_id, position, status FROM events WHERE order_id = ANY($1::int[])";
const JOINED = `
  SELECT o.id, l.position AS line, l.product, e.position AS event, e.status
  FROM (${ORDERS}) AS o -- LIMIT counts orders here, not joined rows
  LEFT JOIN lines AS l ON l.order_id = o.id
  LEFT JOIN events AS e ON e.order_id = o.id
  ORDER BY o.id DESC`;

async function byLoop(db, customer, limit) {
  const screen = await loadOrders(db, customer, limit);
  for (const [id, order] of screen) {
    for (const line of await db.query(LINES_OF_ONE, [id]))
      order.lines.set(line.position, line.product);
    for (const event of await db.query(EVENTS_OF_ONE, [id]))
      order.events.set(event.position, event.status);
  }
  return screen;
}

async function byJoin(db, customer, limit) {
  const screen = new Map();
  for (const row of await db.query(JOINED, [customer, limit])) {
    if (!screen.has(row.id)) screen.set(row.id, new Order());
    const order = screen.get(row.id);
    // An order without lines still comes, with NULLs.
    if (row.line !== null) order.lines.set(row.line, row.product);
    if (row.event !== null) order.events.set(row.event, row.status);
  }
  return screen;
}

async function byBatches(db, customer, limit) {
  const screen = await loadOrders(db, customer, limit);
  const ids = `{${[...screen.keys()]}}`; // a driver binds the list itself
  for (const line of await db.query(LINES, [ids]))
    screen.get(line.order_id).lines.set(line.position, line.product);
  for (const event of await db.query(EVENTS, [ids]))
    screen.get(event.order_id).events.set(event.position, event.status);
  return screen;
}
// --8<-- [end:show]

const LOADERS = { loop: byLoop, join: byJoin, batches: byBatches };

const sorted = (map) =>
  [...map].sort(([a], [b]) => a - b).map(([, value]) => value);

function text(screen, id) {
  const { lines, events } = screen.get(id);
  const products = sorted(lines).join(", ") || "no lines";
  return `order ${id}: ${products}; ${sorted(events).join(", ")}`;
}

const everything = (screen) =>
  [...screen.keys()].map((id) => text(screen, id)).join("\n");

async function compare(db, limit) {
  console.log(`${limit} orders    statements   rows sent   same screen`);
  const reference = everything(
    await byLoop(new CountingDatabase(db), 42, limit),
  );
  for (const [name, load] of Object.entries(LOADERS)) {
    const counted = new CountingDatabase(db);
    const screen = await load(counted, 42, limit);
    const same = everything(screen) === reference ? "yes" : "no";
    const statements = String(counted.total("calls")).padStart(10);
    const rows = String(counted.total("rows")).padStart(12);
    console.log(`  ${name.padEnd(11)}${statements}${rows}${same.padStart(14)}`);
  }
}

await using db = await connect();
await db.execute(SCHEMA);
await compare(db, 10);
await compare(db, 50);

const counted = new CountingDatabase(db);
const screen = await byLoop(counted, 42, 10);
console.log("\nThe loop, as the server's statistics see it");
console.log("calls  rows  statement");
const busiest = [...counted.log.values()].sort(
  (a, b) => b.calls - a.calls || (a.sql < b.sql ? -1 : 1),
);
for (const { sql, calls, rows } of busiest)
  console.log(
    `${String(calls).padStart(5)}${String(rows).padStart(6)}  ${sql}`,
  );
console.log(`\n${text(screen, 60)}\n${text(screen, 58)}`);
