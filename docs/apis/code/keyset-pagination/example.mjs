// Page through orders by OFFSET and by signed cursor while the table changes.
import { createHmac, timingSafeEqual } from "node:crypto";
import { connect } from "./postgres.mjs";

const SCHEMA = `
  SET TIME ZONE 'UTC';
  CREATE TABLE orders (
      id         bigint PRIMARY KEY,
      created_at timestamptz NOT NULL,
      status     text NOT NULL
  );
  CREATE INDEX orders_by_time ON orders (created_at, id);
  CREATE INDEX orders_by_status ON orders (status, created_at, id)`;
// Orders 7, 8 and 9 share a microsecond.
const ORDERS = `
  TRUNCATE orders;
  INSERT INTO orders
  SELECT n, timestamptz '2026-11-20 10:00:00.000123Z'
            + CASE WHEN n IN (7, 8, 9) THEN 8 ELSE n END * interval '1 second',
         CASE WHEN n % 2 = 0 THEN 'paid' ELSE 'open' END
  FROM generate_series(1, 12) AS n`;
const CHANGES = new Map([
  [
    1, // after this page
    {
      event: "order 13 comes in",
      sql: "INSERT INTO orders VALUES (13, '2026-11-20 10:01:00Z', 'open')",
    },
  ],
  [
    2,
    {
      event: "orders 12 and 13 are deleted",
      sql: "DELETE FROM orders WHERE id IN (12, 13)",
    },
  ],
]);

const SIGNING_KEY = "sample key, in service 32 random bytes";
const VERSION = "v1";
const MAX_LIMIT = 100;
const SORTS = new Map([
  ["-created_at", { comparison: "<", direction: "DESC" }],
  ["created_at", { comparison: ">", direction: "ASC" }],
]);
const STATUSES = ["any", "open", "paid"];

/** What the caller reads in a 400. */
class BadRequestError extends Error {
  name = "BadRequestError";
}

/** What a request asks for; checked, as its words reach the SQL. */
function parse({
  sort = "-created_at",
  status = "any",
  limit = "20",
  cursor = "",
}) {
  if (!SORTS.has(sort)) {
    throw new BadRequestError("sort is -created_at or created_at");
  }
  if (!STATUSES.includes(status)) {
    throw new BadRequestError("status is any, open or paid");
  }
  const rows = /^[0-9]{1,4}$/.test(limit) ? Number(limit) : 0;
  if (rows < 1 || rows > MAX_LIMIT) {
    throw new BadRequestError(`limit is 1 to ${MAX_LIMIT}`);
  }
  return { sort, status, limit: rows, cursor }; // cursor of the page before
}

// --8<-- [start:show]
function signed(head) {
  const mac = createHmac("sha256", SIGNING_KEY).update(head);
  return `${head}.${mac.digest("base64url")}`;
}

/** Says where `last` is, and in which list; signed, but readable to all. */
function encode({ sort, status }, last) {
  const content = [sort, status, last.created_at, last.id].join("|");
  return signed(`${VERSION}.${Buffer.from(content).toString("base64url")}`);
}

function decode({ cursor, sort, status }) {
  const head = cursor.slice(0, Math.max(cursor.lastIndexOf("."), 0));
  const given = Buffer.from(cursor);
  const expected = Buffer.from(signed(head));
  // In constant time: how long it takes tells nothing about the right signature.
  if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
    throw new BadRequestError("cursor is not ours, or was changed");
  }
  const [version, content] = head.split(".");
  if (version !== VERSION) {
    throw new BadRequestError("cursor is of an old version, begin anew");
  }
  const parts = Buffer.from(content, "base64url").toString().split("|");
  if (parts[0] !== sort || parts[1] !== status) {
    throw new BadRequestError("cursor is for another sort order or filter");
  }
  return { created_at: parts[2], id: parts[3] };
}

async function findPage(db, listing) {
  const { comparison, direction } = SORTS.get(listing.sort);
  // One row more than asked for tells whether there is a next page.
  const values = [listing.limit + 1];
  let where = "true";
  if (listing.status !== "any") {
    values.push(listing.status);
    where += ` AND status = $${values.length}`;
  }
  if (listing.cursor) {
    const last = decode(listing);
    values.push(last.created_at, last.id);
    const n = values.length;
    where += ` AND (created_at, id) ${comparison} ($${n - 1}, $${n})`;
  }
  const order = `created_at ${direction}, id ${direction}`;
  const sql = `SELECT id, created_at FROM orders
    WHERE ${where} ORDER BY ${order} LIMIT $1`;
  const found = await db.query(sql, values);
  const orders = found.slice(0, listing.limit);
  const more = found.length > listing.limit;
  return { orders, next: more ? encode(listing, orders.at(-1)) : "" };
}
// --8<-- [end:show]

const SIZE = 4;
const NEWEST = "ORDER BY created_at DESC, id DESC LIMIT";

/** What many write: count the rows that were seen. */
class ByOffset {
  done = false;
  #seen = 0;

  async turn(db) {
    const sql = `SELECT id FROM orders ${NEWEST} ${SIZE} OFFSET $1`;
    const rows = await db.query(sql, [this.#seen]);
    this.#seen += SIZE;
    this.done = rows.length < SIZE;
    return rows.map(({ id }) => id);
  }
}

/** A keyset without its tie-breaker. */
class ByTimeAlone {
  done = false;
  #last = "infinity";

  async turn(db) {
    const sql = `SELECT id, created_at FROM orders
      WHERE created_at < $1 ${NEWEST} ${SIZE}`;
    const rows = await db.query(sql, [this.#last]);
    this.#last = rows.at(-1).created_at;
    this.done = rows.length < SIZE;
    return rows.map(({ id }) => id);
  }
}

class ByCursor {
  done = false;
  #listing = parse({ limit: String(SIZE) });

  async turn(db) {
    const { orders, next } = await findPage(db, this.#listing);
    this.#listing.cursor = next;
    this.done = !next;
    return orders.map(({ id }) => id);
  }
}

function line(label, cells) {
  const texts = cells.map((ids) => ids.join(" ") || "-");
  const [offset, time, cursor] = texts;
  console.log(label.padEnd(24) + offset.padEnd(14) + time.padEnd(14) + cursor);
}

/** Reads all pages in three ways while the table changes between them. */
async function walk(db) {
  const readers = [new ByOffset(), new ByTimeAlone(), new ByCursor()];
  const seen = [[], [], []];
  for (let page = 1; readers.some(({ done }) => !done); page += 1) {
    const cells = [];
    for (const [at, reader] of readers.entries()) {
      const ids = reader.done ? [] : await reader.turn(db);
      seen[at].push(...ids);
      cells.push(ids);
    }
    line(`page ${page}`, cells);
    const change = CHANGES.get(page);
    if (change) {
      console.log(`  ${change.event}`);
      await db.execute(change.sql);
    }
  }
  const all = Array.from({ length: 12 }, (_, before) => 12 - before);
  const twice = (ids) => ids.filter((id, at) => ids.indexOf(id) < at);
  const missed = (ids) => all.filter((id) => !ids.includes(id));
  line("seen twice", seen.map(twice));
  line("missed", seen.map(missed));
}

const contentOf = (cursor) =>
  Buffer.from(cursor.split(".")[1], "base64url").toString();

async function filtered(db) {
  const listing = parse({ sort: "created_at", status: "paid", limit: "4" });
  const first = await findPage(db, listing);
  const second = await findPage(db, { ...listing, cursor: first.next });
  const ids = ({ orders }) => orders.map(({ id }) => id).join(" ");
  console.log(`oldest paid orders      ${ids(first)}`);
  console.log(`  their cursor holds    ${contentOf(first.next)}`);
  console.log(`  next page             ${ids(second)}`);
  console.log(`  its cursor            ${second.next || "-"}`);
}

async function outcome(db, query) {
  try {
    await findPage(db, parse(query));
    return "accepted";
  } catch (error) {
    if (!(error instanceof BadRequestError)) throw error;
    return error.message;
  }
}

async function refusals(db) {
  const { next: cursor } = await findPage(db, parse({ limit: "4" }));
  const outcomes = new Set();
  for (const [at, character] of [...cursor].entries()) {
    const other = character === "A" ? "B" : "A";
    const changed = cursor.slice(0, at) + other + cursor.slice(at + 1);
    outcomes.add(await outcome(db, { cursor: changed }));
  }
  const show = (label, text) => console.log(label.padEnd(33) + text);
  show("any one character changed", [...outcomes].sort().join(", "));
  const old = `v0.${cursor.split(".")[1]}`;
  const attempts = [
    ["cursor of version 0", { cursor: signed(old) }],
    ["the cursor with status=paid", { cursor, status: "paid" }],
    ["the cursor with sort=created_at", { cursor, sort: "created_at" }],
    ["the cursor with limit=100", { cursor, limit: "100" }],
    ["limit=101", { limit: "101" }],
    ["limit=ten", { limit: "ten" }],
    ["sort=password", { sort: "password" }],
  ];
  for (const [label, query] of attempts) {
    show(label, await outcome(db, query));
  }
}

const db = await connect();
try {
  await db.execute(SCHEMA);
  await db.execute(ORDERS);
  const heading = "OFFSET        created_at <  (created_at, id) <";
  console.log("newest first, 4 a page".padEnd(24) + heading);
  await walk(db);
  console.log();
  await db.execute(ORDERS);
  await filtered(db);
  console.log();
  await refusals(db);
} finally {
  await db.close();
}
