// Reserve stock, tested four ways, then break the program where one test looks.
import { once } from "node:events";
import { createServer } from "node:http";
import { connect, PostgresError } from "./postgres.mjs";

const SCHEMA = `
  CREATE TABLE stock (
    sku     text PRIMARY KEY,
    on_hand integer NOT NULL CHECK (on_hand >= 0)
  )`;
const INSERT = "INSERT INTO stock (sku, on_hand) VALUES ($1, $2)";
const TAKE = `
  UPDATE stock SET on_hand = on_hand - $2
  WHERE sku = $1 AND on_hand >= $2 RETURNING on_hand`;

class PostgresStore {
  #db;
  #takeSql;

  constructor(db, takeSql) {
    this.#db = db;
    this.#takeSql = takeSql;
  }

  // Return what is left, or null if there is too little.
  async take(sku, quantity) {
    const [row] = await this.#db.query(this.#takeSql, [sku, quantity]);
    return row?.on_hand ?? null;
  }

  async onHand(sku) {
    const [row] = await this.#db.query(
      "SELECT on_hand FROM stock WHERE sku = $1",
      [sku],
    );
    return row?.on_hand ?? 0;
  }
}

class FakeStore {
  constructor(stock) {
    this.stock = new Map(Object.entries(stock));
  }

  async take(sku, quantity) {
    const left = (await this.onHand(sku)) - quantity;
    if (left < 0) return null;
    this.stock.set(sku, left);
    return left;
  }

  async onHand(sku) {
    return this.stock.get(sku) ?? 0;
  }
}

// Short and handy in tests; it never refuses.
class LyingStore extends FakeStore {
  async take(sku, quantity) {
    this.stock.set(sku, this.stock.get(sku) - quantity);
    return this.stock.get(sku);
  }
}

// What is tested; a broken one differs in one field.
const CORRECT = {
  allowed: (quantity) => quantity >= 1 && quantity <= 10,
  takeSql: TAKE,
  leftField: "left",
  openStore: (db, takeSql) => new PostgresStore(db, takeSql),
};

function handlerOf(program, store) {
  return async (method, path, body) => {
    if (method === "GET") {
      const sku = path.slice("/stock/".length);
      return [200, { on_hand: await store.onHand(sku) }];
    }
    if (!program.allowed(body.quantity)) return [422, { error: "quantity" }];
    const left = await store.take(body.sku, body.quantity);
    if (left === null) return [409, { error: "sold_out" }];
    return [201, { [program.leftField]: left }];
  };
}

async function serving(handler, work) {
  const server = createServer(async (request, response) => {
    try {
      let text = "";
      for await (const chunk of request.setEncoding("utf8")) text += chunk;
      const body = text ? JSON.parse(text) : {};
      const [status, answer] = await handler(request.method, request.url, body);
      response.writeHead(status, { "Content-Type": "application/json" });
      response.end(JSON.stringify(answer));
    } catch (error) {
      response.destroy(error);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  try {
    await work(`http://127.0.0.1:${server.address().port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

// Start the program as its main file would: its own connection, its own store.
async function running(program, work) {
  await using db = await connect();
  const store = program.openStore(db, program.takeSql);
  await serving(handlerOf(program, store), work);
}

async function call(method, url, body) {
  const response = await fetch(url, {
    method,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(5000),
  });
  return [response.status, await response.json()];
}

async function rolledBack(db, work) {
  await db.execute("BEGIN");
  try {
    await work();
  } finally {
    await db.execute("ROLLBACK");
  }
}

class FailedTest extends Error {}

function check(what, holds) {
  if (!holds) throw new FailedTest(what);
}

// What checkout sends, and the part of the answer it reads.
const ORDER = { sku: "cup", quantity: 3 };
const CONTRACT = [
  { given: { cup: 5 }, request: ORDER, status: 201, body: { left: 2 } },
  {
    given: { cup: 2 },
    request: ORDER,
    status: 409,
    body: { error: "sold_out" },
  },
];
let skus = 0;

// --8<-- [start:show]
// The rule alone: no store, no server, every boundary.
async function unit(program) {
  const wanted = { 0: false, 1: true, 10: true, 11: false };
  for (const [quantity, verdict] of Object.entries(wanted))
    check(`${quantity} items`, program.allowed(Number(quantity)) === verdict);
}

// The real statement on the real PostgreSQL; nothing stays.
async function database(program, db) {
  await rolledBack(db, async () => {
    await db.execute(INSERT, ["cup", 5]);
    await storeRules(new PostgresStore(db, program.takeSql));
  });
}

// True for every store that may stand in for another, fakes included.
async function storeRules(store) {
  check("3 of 5 leave 2", (await store.take("cup", 3)) === 2);
  check("3 of 2 are refused", (await store.take("cup", 3)) === null);
  check("a refusal takes nothing", (await store.onHand("cup")) === 2);
}

// What the consumer relies on, asked of the running provider.
async function contract(program) {
  for (const interaction of CONTRACT) {
    const handler = handlerOf(program, new FakeStore(interaction.given));
    await serving(handler, (url) => verify(url, interaction));
  }
}

async function verify(url, { request, status, body }) {
  const [gotStatus, got] = await call("POST", `${url}/reservations`, request);
  check(`status ${status}`, gotStatus === status);
  for (const [field, sample] of Object.entries(body)) {
    // more fields than these do no harm
    const value = got[field];
    const code = typeof sample === "string"; // codes by value, figures by type
    check(field, code ? value === sample : typeof value === typeof sample);
  }
}

// The program as it is started: a reservation survives a restart.
async function endToEnd(program, db) {
  const sku = `cup-${++skus}`; // no other test and no earlier run has this row
  await db.execute(INSERT, [sku, 5]);
  try {
    await running(program, async (url) => {
      const order = { sku, quantity: 3 };
      const [status] = await call("POST", `${url}/reservations`, order);
      check("created", status === 201);
    });
    await running(program, async (url) => {
      const [, got] = await call("GET", `${url}/stock/${sku}`);
      check("still reserved after a restart", got.on_hand === 2);
    });
  } finally {
    await db.execute("DELETE FROM stock WHERE sku = $1", [sku]);
  }
}
// --8<-- [end:show]

const TESTS = { unit, database, contract, "end-to-end": endToEnd };
const HUNDRED = Object.fromEntries(
  Array.from({ length: 99 }, (_, n) => [`cup-${n}`, 5]),
);
const PROGRAMS = {
  none: CORRECT,
  "limit of 10 excluded": { ...CORRECT, allowed: (n) => n >= 1 && n < 10 },
  "UPDATE forgets on_hand >= $2": {
    ...CORRECT,
    takeSql: TAKE.replace("AND on_hand >= $2", ""),
  },
  "field renamed to remaining": { ...CORRECT, leftField: "remaining" },
  "starts with the fake store": {
    ...CORRECT,
    openStore: () => new FakeStore(HUNDRED),
  },
};

function shuffled(names, seed) {
  const order = [...names];
  let state = BigInt(seed);
  for (let last = order.length - 1; last > 0; last -= 1) {
    state = (state * 1103515245n + 12345n) % 2n ** 31n;
    const other = Number(state >> 16n) % (last + 1);
    [order[last], order[other]] = [order[other], order[last]];
  }
  return order;
}

async function verdict(test, program, db) {
  try {
    await test(program, db);
    return "pass";
  } catch (error) {
    if (error instanceof FailedTest || error instanceof PostgresError)
      return "FAIL";
    throw error;
  }
}

async function told(double, work) {
  let verdict = "honest";
  try {
    await work();
  } catch (error) {
    if (!(error instanceof FailedTest)) throw error;
    verdict = `lies, broken: ${error.message}`;
  }
  console.log(double.padEnd(30) + verdict);
}

async function against(stub) {
  for (const interaction of CONTRACT)
    await serving(
      async () => stub(interaction),
      (url) => verify(url, interaction),
    );
}

await using db = await connect();
await db.execute(SCHEMA);
for (const seed of [1, 2, 3]) {
  const order = shuffled(Object.keys(TESTS), seed);
  let passed = 0;
  for (const name of order)
    if ((await verdict(TESTS[name], CORRECT, db)) === "pass") passed += 1;
  console.log(`seed ${seed}: ${order.join(", ")}: ${passed} pass`);
}
const [{ count }] = await db.query("SELECT count(*) FROM stock");
console.log(`rows left behind: ${count}`);
try {
  await db.execute(INSERT, ["cup", 5]);
  await db.execute(INSERT, ["cup", 5]);
} catch (error) {
  if (!(error instanceof PostgresError)) throw error;
  console.log(`the same row inserted twice, no rollback: ${error.code}`);
}
await db.execute("DELETE FROM stock");

const heads = Object.keys(TESTS).map((name) => name.padEnd(11));
console.log(`\n${"what was broken".padEnd(30)}${heads.join("")}`.trimEnd());
for (const [change, program] of Object.entries(PROGRAMS)) {
  let row = change.padEnd(30);
  for (const test of Object.values(TESTS))
    row += (await verdict(test, program, db)).padEnd(11);
  console.log(row.trimEnd());
}

console.log(`\n${"double".padEnd(30)}when the shared test runs on it`);
await told("fake store", () => storeRules(new FakeStore({ cup: 5 })));
await told("fake store, simplified", () =>
  storeRules(new LyingStore({ cup: 5 })),
);
await told("stub from the contract", () =>
  against(({ status, body }) => [status, body]),
);
await told("stub written from memory", () => against(() => [201, { left: 2 }]));
