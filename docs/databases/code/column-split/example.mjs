// Split products.price, such as '12.50 EUR', into cents and currency, while in use.
import { connect, PostgresError } from "./postgres.mjs";

const SCHEMA = `
  CREATE TABLE products (id integer PRIMARY KEY, price text NOT NULL);
  INSERT INTO products
  SELECT n, n || '.50 EUR' FROM generate_series(1, 9) AS n`;
// What a row must hold according to its old column. Text that does not parse must be
// found and settled before; here there is none.
const CENTS = "(split_part(price, ' ', 1)::numeric * 100)::bigint";
const CURRENCY = "split_part(price, ' ', 2)";
const DIFFERS = `(cents, currency) IS DISTINCT FROM (${CENTS}, ${CURRENCY})`;
const KNOWN = `
  ALTER TABLE products ADD CONSTRAINT split_known
  CHECK (cents IS NOT NULL AND currency IS NOT NULL) NOT VALID`;
const VERIFY = `SELECT count(*) FROM products WHERE ${DIFFERS}`;

function priceText(cents, currency) {
  const rest = String(cents % 100).padStart(2, "0");
  return `${Math.floor(cents / 100)}.${rest} ${currency}`;
}

// --8<-- [start:show]
const WRITE_OLD = `
  INSERT INTO products (id, price) VALUES ($1, $2)
  ON CONFLICT (id) DO UPDATE SET price = EXCLUDED.price`;
const WRITE_BOTH = `
  INSERT INTO products (id, price, cents, currency) VALUES ($1, $2, $3, $4)
  ON CONFLICT (id) DO UPDATE SET price = EXCLUDED.price,
    cents = EXCLUDED.cents, currency = EXCLUDED.currency`;
const WRITE_NEW = `
  INSERT INTO products (id, cents, currency) VALUES ($1, $2, $3)
  ON CONFLICT (id) DO UPDATE
  SET cents = EXCLUDED.cents, currency = EXCLUDED.currency`;
const READ_OLD = "SELECT id, price FROM products";
const READ_NEW = "SELECT id, cents, currency FROM products";

// One statement compares and writes, from the newest version of a row.
const BATCH = `
  WITH batch AS (SELECT id FROM products WHERE id > $1 ORDER BY id LIMIT $2),
  filled AS (
    UPDATE products SET cents = ${CENTS}, currency = ${CURRENCY}
    FROM batch WHERE products.id = batch.id AND ${DIFFERS} RETURNING 1
  )
  SELECT max(id) AS last, (SELECT count(*) FROM filled) AS filled FROM batch`;

// Walk the primary key; each batch is a short transaction of its own.
async function* backFill(db, size) {
  let after = 0;
  for (;;) {
    const [{ last, filled }] = await db.query(BATCH, [after, size]);
    if (last === null) return;
    yield filled;
    after = last; // store it too: a restart goes on from here
  }
}
// --8<-- [end:show]

// A release of the application, as far as it touches this table.
class Version {
  #writes;
  #reads;

  constructor(writes, reads) {
    this.#writes = writes;
    this.#reads = reads;
  }

  async write(db, product, cents, currency) {
    const values = {
      [WRITE_OLD]: [product, priceText(cents, currency)],
      [WRITE_BOTH]: [product, priceText(cents, currency), cents, currency],
      [WRITE_NEW]: [product, cents, currency],
    };
    await db.execute(this.#writes, values[this.#writes]);
  }

  async read(db) {
    const rows = await db.query(this.#reads);
    return new Map(rows.map((row) => [row.id, Version.#price(row)]));
  }

  static #price({ price, cents, currency }) {
    if (price !== undefined) return price;
    return cents === null ? null : priceText(cents, currency);
  }
}

const V1 = new Version(WRITE_OLD, READ_OLD);
const V2 = new Version(WRITE_BOTH, READ_OLD);
const V3 = new Version(WRITE_BOTH, READ_NEW);
const V4 = new Version(WRITE_NEW, READ_NEW);
const TEAMS = [
  ["v1", V1, V1],
  ["v1+v2", V1, V2],
  ["v2+v3", V2, V3],
  ["v3+v4", V3, V4],
  ["v4", V4, V4],
];

function line(label, cells) {
  const padded = cells.map((cell) => cell.padEnd(9)).join("");
  return (label.padEnd(26) + padded).trimEnd();
}

class Shop {
  #db;
  #truth = new Map();
  #expected;

  constructor(db) {
    this.#db = db;
    for (let n = 1; n < 10; n += 1) this.#truth.set(n, `${n}.50 EUR`);
  }

  async write(version, product, cents) {
    await version.write(this.#db, product, cents, "EUR");
    this.#truth.set(product, priceText(cents, "EUR"));
  }

  // Both write a new and an old row, both must read all; undone afterwards.
  async #together(one, other) {
    const kept = new Map(this.#truth);
    let read;
    await this.#db.execute("BEGIN");
    try {
      for (const [writer, otherWriter, id] of [
        [one, other, 101],
        [other, one, 102],
      ]) {
        await this.write(writer, id, id);
        await this.write(writer, 1, 7000 + id);
        await this.write(otherWriter, 1, 8000 + id);
      }
      read = [await one.read(this.#db), await other.read(this.#db)];
    } catch (error) {
      if (!(error instanceof PostgresError)) throw error;
      return error.code;
    } finally {
      await this.#db.execute("ROLLBACK");
      [this.#expected, this.#truth] = [this.#truth, kept];
    }
    if (read.every((seen) => this.#agrees(seen))) return "ok";
    return read.some((seen) => [...seen.values()].includes(null))
      ? "null"
      : "stale";
  }

  #agrees(seen) {
    return (
      seen.size === this.#expected.size &&
      [...seen].every(([id, price]) => this.#expected.get(id) === price)
    );
  }

  async report(step) {
    const results = [];
    for (const [, one, other] of TEAMS) {
      results.push(await this.#together(one, other));
    }
    console.log(line(step, results));
  }

  async #wrong() {
    const [{ count }] = await this.#db.query(VERIFY);
    return count;
  }

  async fill() {
    await this.#db.execute("BEGIN");
    await this.#db.execute(
      `UPDATE products SET cents = ${CENTS}, currency = ${CURRENCY}
       WHERE cents IS NULL`,
    );
    console.log(`  by IS NULL: ${await this.#wrong()} wrong row left`);
    await this.#db.execute("ROLLBACK");
    const filled = [];
    for await (const count of backFill(this.#db, 4)) filled.push(count);
    const left = `${await this.#wrong()} wrong rows left`;
    console.log(
      `  by comparison, batches of 4: [${filled.join(", ")}], ${left}`,
    );
  }
}

await using db = await connect();
await db.execute("SET lock_timeout = '2s'");
await db.execute(SCHEMA);
const shop = new Shop(db);
console.log(
  line(
    "after step",
    TEAMS.map(([name]) => name),
  ),
);
await shop.report("0 before");
await db.execute(
  "ALTER TABLE products ADD COLUMN cents bigint, ADD COLUMN currency text",
);
await shop.report("1 expand");
await shop.write(V2, 10, 1050); // rolling out: a new instance writes both columns,
await shop.write(V2, 2, 299);
await shop.write(V1, 10, 1099); // an old one then changes the same row
await shop.report("2 v2 writes both");
await shop.fill();
await db.execute(KNOWN); // earlier it would refuse any update of an unfilled row
await db.execute("ALTER TABLE products VALIDATE CONSTRAINT split_known");
await shop.report("3 back-filled, validated");
await shop.write(V3, 3, 399);
await shop.report("4 v3 reads new");
await db.execute("ALTER TABLE products ALTER COLUMN price DROP NOT NULL");
await shop.report("5 NOT NULL dropped");
await shop.write(V4, 11, 1111);
await shop.report("  v4 writes new only");
await db.execute("ALTER TABLE products DROP COLUMN price");
await shop.report("6 contract");
