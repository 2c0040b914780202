// The same six inputs, concatenated into SQL and bound to it.
import { createHash } from "node:crypto";
import { connect, PostgresError } from "./postgres.mjs";

const SCHEMA = `
  CREATE TABLE members (
      name     text PRIMARY KEY,
      email    text NOT NULL,
      key_hash text NOT NULL,
      role     text NOT NULL DEFAULT 'member',
      nickname text NOT NULL DEFAULT '',
      greeting text NOT NULL DEFAULT ''
  );
  CREATE TABLE products (name text PRIMARY KEY, price integer NOT NULL);
  INSERT INTO members (name, email, key_hash, role) VALUES
      ('ada', 'ada@example.com', 'sample-hash-1', 'admin'),
      ('bob', 'bob@example.com', 'sample-hash-2', 'member'),
      ('mallory', 'mallory@example.com', 'sample-hash-3', 'member');
  INSERT INTO products VALUES
      ('lamp', 45), ('rug 50% wool', 80), ('rug 500 knots', 300), ('vase', 20);
`;
const RESET =
  "UPDATE members SET role = 'member', greeting = '' WHERE name = 'mallory'";

class SortError extends Error {}

// --8<-- [start:show]
// What not to write: the database gets one text and cannot tell who wrote what.
class Vulnerable {
  constructor(db) {
    this.db = db;
  }

  signIn(name, keyHash) {
    const sql = `SELECT name FROM members WHERE name = '${name}'`;
    return this.db.query(`${sql} AND key_hash = '${keyHash}'`);
  }

  search(term, sort = "name") {
    const sql = `SELECT name, price FROM products WHERE name LIKE '%${term}%'`;
    return this.db.query(`${sql} ORDER BY ${sort}`);
  }

  async greet(name) {
    const [{ nickname }] = await this.db.query(
      "SELECT nickname FROM members WHERE name = $1",
      [name],
    ); // bound, and yet: what comes back is still data
    const sql = `UPDATE members SET greeting = 'Hi ${nickname}'`;
    await this.db.execute(`${sql} WHERE name = '${name}'`);
  }
}

// The only SQL there is to choose from; a Map, for objects have inherited keys.
const SORTS = new Map([
  ["name", "name"],
  ["price", "price, name"],
]);

class Bound {
  constructor(db) {
    this.db = db;
  }

  signIn(name, keyHash) {
    const sql = "SELECT name FROM members WHERE name = $1 AND key_hash = $2";
    return this.db.query(sql, [name, keyHash]);
  }

  async search(term, sort = "name") {
    const order = SORTS.get(sort);
    if (order === undefined) throw new SortError("unknown sort key");
    const escaped = term.replaceAll(/[\\%_]/g, "\\$&");
    const sql = "SELECT name FROM products WHERE name LIKE '%' || $1 || '%'";
    return this.db.query(`${sql} ORDER BY ${order}`, [escaped]);
  }

  async greet(name) {
    const sql =
      "UPDATE members SET greeting = 'Hi ' || nickname WHERE name = $1";
    await this.db.execute(sql, [name]);
  }
}
// --8<-- [end:show]

const BYPASS = "ada' --";
const UNION = "zzz%' UNION SELECT email, 0 FROM members --";
const NICKNAME = "M', role = 'admin' WHERE name = 'mallory' --";
const BLIND =
  "(CASE WHEN (SELECT role FROM members WHERE name = 'ada') = 'admin'" +
  " THEN price ELSE -price END)";

// Enough for a random key; a password needs a slow hash.
const digest = (key) => createHash("sha256").update(key).digest("hex");

const told = (rows) => rows.map(({ name }) => name).join(", ") || "nobody";

const login = async (shop) =>
  told(await shop.signIn(BYPASS, digest("a wrong key")));

async function union(shop) {
  const found = await shop.search(UNION);
  const addresses = found.filter(({ name }) => name.includes("@"));
  return `${addresses.length} e-mail addresses`;
}

async function secondOrder(shop) {
  const set = "UPDATE members SET nickname = $1 WHERE name = 'mallory'";
  await shop.db.execute(set, [NICKNAME]);
  await shop.greet("mallory");
  return mallory(shop.db);
}

// Her role; then she is a member again.
async function mallory(db) {
  const sql = "SELECT role FROM members WHERE name = 'mallory'";
  const [{ role }] = await db.query(sql);
  await db.execute(RESET);
  return `mallory is ${role}`;
}

async function blind(shop) {
  const [{ name }] = await shop.search("", BLIND);
  return name === "vase" ? "yes, ada is admin" : "no";
}

async function byPrice(shop) {
  const [{ name }] = await shop.search("", "price");
  return `first ${name}`;
}

const percent = async (shop) => `${(await shop.search("50%")).length} found`;

async function outcome(work) {
  try {
    return await work();
  } catch (error) {
    if (error instanceof SortError) return error.message;
    if (error instanceof PostgresError) return error.code;
    throw error;
  }
}

// A script may hold several statements; a statement with values may not.
async function stacked(db) {
  const name =
    "x'; UPDATE members SET role = 'admin' WHERE name = 'mallory'; --";
  const sql = `SELECT name FROM members WHERE name = '${name}'`;
  await db.execute(sql);
  console.log(`  ${"as a script".padEnd(18)}${await mallory(db)}`);
  const code = await outcome(() => db.query(sql));
  const role = await mallory(db);
  console.log(`  ${"as one statement".padEnd(18)}${role}, ${code}`);
}

// A value is no column: every row has the same one, so nothing is sorted.
async function boundOrder(db) {
  const sql = "EXPLAIN (COSTS OFF) SELECT name FROM products ORDER BY $1::text";
  const plan = await db.query(sql, ["price"]);
  const lines = plan.flatMap((row) => Object.values(row));
  const sorted = lines.some((line) => line.includes("Sort Key: price"));
  return sorted ? "?" : "not sorted";
}

// SET ROLE stands for a login of its own: injected SQL could RESET a role.
async function fewPrivileges(db) {
  const [{ role }] = await db.query(
    "SELECT quote_ident('reader_' || current_database()) AS role",
  ); // names cannot be bound
  await db.execute(`CREATE ROLE ${role}; GRANT SELECT ON products TO ${role}`);
  try {
    await db.execute(`SET ROLE ${role}`);
    const shop = new Vulnerable(db);
    const line = (label, text) => console.log(`  ${label.padEnd(32)}${text}`);
    line("search for lamp", told(await shop.search("lamp")));
    const addresses = await outcome(() => union(shop));
    line("search with UNION SELECT email", addresses);
    line("change mallory", await outcome(() => secondOrder(shop)));
  } finally {
    await db.execute("RESET ROLE");
    await db.execute(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
  }
}

async function main() {
  await using db = await connect();
  await db.execute(SCHEMA);
  const [one, other] = [new Vulnerable(db), new Bound(db)];
  const row = (label, a, b) =>
    console.log(`${label.padEnd(32)}${a.padEnd(22)}${b}`);
  row("input", "concatenated", "bound or listed");
  for (const [label, attack] of [
    ["sign in as ada' --", login],
    ["search with UNION SELECT email", union],
    ["nickname stored, used later", secondOrder],
    ["sort by (CASE WHEN secret ...", blind],
    ["sort by price", byPrice],
    ["search for 50%", percent],
  ]) {
    const concatenated = await outcome(() => attack(one));
    row(label, concatenated, await outcome(() => attack(other)));
  }
  console.log(`ORDER BY $1 with 'price' bound: ${await boundOrder(db)}`);
  console.log("\ntwo statements in one name, concatenated");
  await stacked(db);
  console.log("\nthe vulnerable code, as a role that may only read products");
  await fewPrivileges(db);
}

await main();
