// Prove the client: types, bound values, errors, transactions, two sessions.
import { connect, PostgresError } from "./postgres.mjs";

const SCHEMA = `
  CREATE TABLE users (
    id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    email text NOT NULL UNIQUE
  );
  INSERT INTO users (email) VALUES ('ada@shop.test'), ('ben@shop.test')`;
const INSERT = "INSERT INTO users (email) VALUES ($1)";
const HOSTILE = "x'); DROP TABLE users; --";
const PASTED = `INSERT INTO users (email) VALUES ('${HOSTILE}')`; // what nobody may write
const TYPED = `SELECT $1::int2 AS a, $2::int8 AS b, $3::bool AS c,
  $4::text AS d, $5::numeric AS e, $6::int4 AS f`;
const VALUES = [
  ["int2", "-7", -7],
  ["int8", "9007199254740991", 9007199254740991],
  ["bool", "false", false],
  ["text", "9 bytes of UTF-8", "\u017e \u20ac \u00fc"],
  ["numeric", "12.50", "12.50"],
  ["int4", "NULL", null],
];

function kind(value) {
  if (value === null) return "nothing";
  return { number: "integer", boolean: "boolean", string: "text" }[
    typeof value
  ];
}

async function users(db) {
  const [{ count }] = await db.query("SELECT count(*) FROM users");
  return count;
}

// Run work; the count that follows proves that the connection still works.
async function attempt(db, label, work) {
  let outcome = "done";
  try {
    await work();
  } catch (error) {
    if (!(error instanceof PostgresError)) throw error;
    outcome = error.code;
  }
  console.log(`  ${label.padEnd(31)}${outcome.padEnd(7)}${await users(db)}`);
}

async function types(db) {
  console.log("type     bound             comes back as");
  const sent = VALUES.map(([, , value]) => value);
  const [row] = await db.query(TYPED, sent);
  Object.values(row).forEach((got, i) => {
    const [name, label, value] = VALUES[i];
    const same = got === value ? "the same" : "another";
    console.log(`${name.padEnd(9)}${label.padEnd(18)}${kind(got)}, ${same}`);
  });
}

async function hostileValue(db) {
  console.log(`\n${`value: ${HOSTILE}`.padEnd(33)}answer users`);
  await attempt(db, "bound as $1", () => db.execute(INSERT, [HOSTILE]));
  await attempt(db, "pasted, extended query", () => db.query(PASTED));
  await db.execute("BEGIN");
  await db.execute(PASTED);
  const [{ gone }] = await db.query(
    "SELECT to_regclass('users') IS NULL AS gone",
  );
  await db.execute("ROLLBACK");
  const label = "pasted, simple query".padEnd(31);
  console.log(`  ${label}${"done".padEnd(7)}${gone ? "table gone" : "safe"}`);
}

async function errors(db) {
  console.log(`\n${"one statement".padEnd(33)}answer users`);
  await attempt(db, "a second ada@shop.test", () =>
    db.execute(INSERT, ["ada@shop.test"]),
  );
  await db.execute("SET statement_timeout = 100"); // milliseconds
  await attempt(db, "slower than the timeout", () =>
    db.query("SELECT pg_sleep(10)"),
  );
  await db.execute("SET statement_timeout = 5000");
}

async function transactions(db) {
  const secondFails = () =>
    db.transaction(async () => {
      await db.execute(INSERT, ["cem@shop.test"]);
      await db.execute(INSERT, ["ada@shop.test"]);
    });
  const failureCaught = () =>
    db.transaction(async () => {
      await db.execute(INSERT, ["cem@shop.test"]);
      try {
        await db.execute(INSERT, ["ada@shop.test"]);
      } catch (error) {
        if (!(error instanceof PostgresError)) throw error;
        console.log(`    caught inside: ${error.code}, status ${db.status}`);
      }
    });

  console.log(`\n${"transaction of two inserts".padEnd(33)}answer users`);
  await attempt(db, "the second fails", secondFails);
  await attempt(db, "it fails, the error is caught", failureCaught);
}

async function twoSessions(writer, reader) {
  const show = async (label) => {
    const itself = String(await users(writer));
    console.log(
      `  ${label.padEnd(31)}${itself.padEnd(9)}${await users(reader)}`,
    );
  };
  console.log(
    `\n${"one connection inserts".padEnd(33)}it sees, the other sees`,
  );
  await writer.transaction(async () => {
    await writer.execute(INSERT, ["eva@shop.test"]);
    await show("before the commit");
  });
  await show("after the commit");
}

await using db = await connect();
await using other = await connect();
await db.execute(SCHEMA);
await types(db);
await hostileValue(db);
await errors(db);
await transactions(db);
await twoSessions(db, other);
