// Two sessions withdraw at once: one update is lost, then four ways keep both.
import { setTimeout as sleep } from "node:timers/promises";
import { connect, PostgresError } from "./postgres.mjs";

const SCHEMA = `
  CREATE TABLE accounts (
    id      integer PRIMARY KEY,
    balance integer NOT NULL CHECK (balance >= 0),
    version integer NOT NULL
  );
  INSERT INTO accounts VALUES (1, 100, 1)`;
const RESET = "UPDATE accounts SET balance = 100, version = 1 WHERE id = 1";
const BLOCKED = `
  SELECT count(*) FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'`;
const PATIENCE_MS = 5000;

class StaleError extends Error {}

// A connection that notes what it sees and does in a common timeline.
class Session {
  #name;
  #timeline;

  constructor(name, db, timeline) {
    this.#name = name;
    this.db = db;
    this.#timeline = timeline;
  }

  note(what) {
    this.#timeline.push({ who: this.#name, what });
  }

  async transaction(level, work) {
    await this.db.transaction(async () => {
      await this.db.execute(level);
      await work();
    });
  }

  async read(sql) {
    const [account] = await this.db.query(sql);
    this.note(`reads ${account.balance}`);
    return account;
  }

  // Tell whether the statement met the row.
  async write(sql, values) {
    try {
      const [row] = await this.db.query(sql, values);
      this.note(row ? `writes ${row.balance}` : "meets no row");
      return row !== undefined;
    } catch (error) {
      if (error instanceof PostgresError) this.note(`gets ${error.code}`);
      throw error;
    }
  }
}

// --8<-- [start:show]
const READ_COMMITTED = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED";
const REPEATABLE_READ = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ";
const READ = "SELECT balance, version FROM accounts WHERE id = 1";
const LOCK = "SELECT balance, version FROM accounts WHERE id = 1 FOR UPDATE";
const WRITE = "UPDATE accounts SET balance = $1 WHERE id = 1 RETURNING balance";
const SUBTRACT =
  "UPDATE accounts SET balance = balance - $1 WHERE id = 1 RETURNING balance";
const WRITE_VERSION = `
  UPDATE accounts SET balance = $1, version = version + 1
  WHERE id = 1 AND version = $2 RETURNING balance`;

// At READ COMMITTED a write during the pause is lost, unless LOCK made it wait.
async function readThenWrite(session, amount, pause, level, read) {
  await session.transaction(level, async () => {
    const account = await session.read(read);
    await pause();
    await session.write(WRITE, [account.balance - amount]);
  });
}

// Let the server subtract: it locks the row and uses its newest version.
async function atomicUpdate(session, amount) {
  await session.write(SUBTRACT, [amount]);
}

// Hold no lock at all; a write during the pause leaves no row to meet.
async function versionCheck(session, amount, pause) {
  const { balance, version } = await session.read(READ);
  await pause();
  const met = await session.write(WRITE_VERSION, [balance - amount, version]);
  if (!met) throw new StaleError();
}

// After a conflict run the whole attempt again, from its first read on.
async function retry(attempt, attempts = 3) {
  for (let left = attempts - 1; ; left -= 1) {
    try {
      return await attempt();
    } catch (error) {
      const conflict = error instanceof StaleError || error.code === "40001";
      if (!conflict || left === 0) throw error;
    }
  }
}
// --8<-- [end:show]

// Work at the first call only: a retry must not bring the rival back.
function once(work) {
  let pending = work;
  return async () => {
    const now = pending;
    pending = nothing;
    await now();
  };
}

async function nothing() {}

class Experiment {
  #observer;
  #timeline = [];
  #a;
  #b;

  constructor(observer, a, b) {
    this.#observer = observer;
    this.#a = new Session("A", a, this.#timeline);
    this.#b = new Session("B", b, this.#timeline);
  }

  async run(title, work) {
    this.#timeline.length = 0;
    await this.#observer.execute(RESET);
    await work();
    let told = "";
    let turn;
    for (const { who, what } of this.#timeline) {
      if (who === turn) told += `, ${what}`;
      else told += `${turn ? "; " : ""}${who} ${what}`;
      turn = who;
    }
    const [{ balance }] = await this.#observer.query(READ);
    const lost = { 70: "nothing", 80: "the 10 of A", 90: "the 20 of B" }[
      balance
    ];
    console.log(`\n${title}\n  ${told}\n  ${balance} left, lost: ${lost}`);
  }

  // Start work of B and return when the server says that it waits for a lock.
  async #startB(work) {
    const [{ pid }] = await this.#b.db.query("SELECT pg_backend_pid() AS pid");
    const done = work();
    const limit = Date.now() + PATIENCE_MS;
    for (;;) {
      const [{ count }] = await this.#observer.query(BLOCKED, [pid]);
      if (count > 0) break;
      if (Date.now() > limit) throw new Error("B never waited for a lock");
      await sleep(5);
    }
    this.#b.note("waits");
    return { done }; // in an object: an async function would wait for it
  }

  lostUpdate = async () => {
    const rival = () =>
      readThenWrite(this.#a, 10, nothing, READ_COMMITTED, READ);
    await readThenWrite(this.#b, 20, rival, READ_COMMITTED, READ);
  };

  atomic = async () => {
    let b;
    await this.#a.transaction(READ_COMMITTED, async () => {
      await atomicUpdate(this.#a, 10);
      b = await this.#startB(() => atomicUpdate(this.#b, 20));
    });
    await b.done;
  };

  version = async () => {
    const rival = once(() => versionCheck(this.#a, 10, nothing));
    await retry(() => versionCheck(this.#b, 20, rival));
  };

  locked = async () => {
    let b;
    const rival = async () => {
      b = await this.#startB(() =>
        readThenWrite(this.#b, 20, nothing, READ_COMMITTED, LOCK),
      );
    };
    await readThenWrite(this.#a, 10, rival, READ_COMMITTED, LOCK);
    await b.done;
  };

  snapshot = async () => {
    const rival = once(() =>
      readThenWrite(this.#a, 10, nothing, REPEATABLE_READ, READ),
    );
    await retry(() => readThenWrite(this.#b, 20, rival, REPEATABLE_READ, READ));
  };
}

await using observer = await connect();
await using a = await connect();
await using b = await connect();
await observer.execute(SCHEMA);
const experiment = new Experiment(observer, a, b);
console.log(
  "From 100, A takes 10 and B takes 20 at the same time: 70 must be left.",
);
await experiment.run("read, then write, READ COMMITTED", experiment.lostUpdate);
await experiment.run("atomic UPDATE", experiment.atomic);
await experiment.run("version column, retry", experiment.version);
await experiment.run("SELECT ... FOR UPDATE", experiment.locked);
await experiment.run("REPEATABLE READ, retry", experiment.snapshot);
