// A function handler tested locally: batches, warm starts, connections.

const INIT_MS = 400;

// The database has no connection left.
class TooManyClientsError extends Error {}

// The database did not answer; a later attempt may succeed.
class UnavailableError extends Error {}

// Counts its clients. The event's id and its effect are one transaction.
class Database {
  limit = 60;
  opened = 0;
  open = 0;
  hiccups = 0;
  seen = new Set();
  balance = new Map();

  connect() {
    if (this.open >= this.limit) throw new TooManyClientsError();
    this.opened += 1;
    this.open += 1;
    return this;
  }

  apply(event, account, cents) {
    if (this.hiccups > 0) {
      this.hiccups -= 1;
      throw new UnavailableError();
    }
    if (this.seen.has(event)) return false; // INSERT ... ON CONFLICT DO NOTHING
    this.seen.add(event);
    this.balance.set(account, (this.balance.get(account) ?? 0) + cents);
    return true;
  }
}

const PER_RECORD = [SyntaxError, RangeError, TypeError, UnavailableError];

// --8<-- [start:show]
// One instance. What the constructor makes survives from call to call.
class FunctionInstance {
  constructor(database) {
    this.db = database.connect(); // cold start: once
  }

  handle(event) {
    const failures = []; // every call
    for (const { messageId, body } of event.Records) {
      try {
        this.credit(body);
      } catch (error) {
        if (!PER_RECORD.some((type) => error instanceof type)) throw error;
        failures.push({ itemIdentifier: messageId });
      }
    }
    return { batchItemFailures: failures };
  }

  credit(text) {
    const { id, account, cents } = JSON.parse(text);
    if (typeof id !== "string" || typeof account !== "string") {
      throw new TypeError("id and account must be text");
    }
    if (!Number.isSafeInteger(cents) || cents <= 0) {
      throw new RangeError("cents must be a positive integer");
    }
    // The sender's id: a queue gives each copy of a message its own.
    this.db.apply(id, account, cents);
  }
}

// Starts an instance when none is idle, up to a cap. Time is virtual.
class Platform {
  freeAt = []; // one entry an instance
  cold = 0;
  refused = 0;
  longestWait = 0;

  constructor(database, { cap = 1000, warm = 0 } = {}) {
    this.database = database;
    this.cap = cap;
    for (let i = 0; i < warm; i += 1) {
      new FunctionInstance(database);
      this.freeAt.push(0);
    }
  }

  call(arrival, workMs) {
    let idle = this.freeAt.findIndex((free) => free <= arrival);
    if (idle < 0 && this.freeAt.length >= this.cap) {
      idle = this.freeAt.indexOf(Math.min(...this.freeAt)); // wait for the first
    }
    if (idle >= 0) {
      const start = Math.max(arrival, this.freeAt[idle]);
      this.longestWait = Math.max(this.longestWait, start - arrival);
      this.freeAt[idle] = start + workMs;
      return;
    }
    this.cold += 1;
    try {
      new FunctionInstance(this.database);
    } catch (error) {
      if (!(error instanceof TooManyClientsError)) throw error;
      this.refused += 1; // the call fails, the instance is thrown away
      return;
    }
    this.freeAt.push(arrival + INIT_MS + workMs);
  }
}

// --8<-- [end:show]

function record(messageId, id, cents) {
  return { messageId, body: JSON.stringify({ id, account: "ada", cents }) };
}

const ids = (records) => records.map(({ messageId }) => messageId).join(" ");

function batches() {
  console.log("1  one batch of four, delivered until done or three times");
  const database = new Database();
  const fn = new FunctionInstance(database);
  let queue = [
    record("m1", "evt-1", 500),
    record("m2", "evt-2", -7),
    record("m3", "evt-1", 500),
    record("m4", "evt-3", 250),
  ];
  for (const attempt of [1, 2, 3]) {
    database.hiccups = attempt === 1 ? 1 : 0; // meets the first record
    const sent = ids(queue).padEnd(12);
    const answer = fn.handle({ Records: queue });
    const failed = answer.batchItemFailures.map((item) => item.itemIdentifier);
    queue = queue.filter(({ messageId }) => failed.includes(messageId));
    const back = ids(queue).padEnd(6);
    const total = database.balance.get("ada") ?? 0;
    console.log(
      `   attempt ${attempt}: ${sent} failed: ${back} balance ${total}`,
    );
  }
  console.log(`   to the dead-letter queue: ${queue[0].messageId}`);
  fn.handle({
    Records: [record("m5", "evt-1", 500), record("m6", "evt-3", 250)],
  });
  const total = database.balance.get("ada");
  console.log(`   the sender repeats two events: balance ${total}`);
}

function connections() {
  console.log("2  six calls, one after the other");
  const outside = new Database();
  const inside = new Database();
  const platform = new Platform(outside);
  for (let n = 0; n < 6; n += 1) {
    platform.call(n * 1000, 80);
    inside.connect().open -= 1; // connects in the handler, and closes
  }
  console.log(`   cold starts: ${platform.cold}`);
  const both = `${outside.opened} (in the handler: ${inside.opened})`;
  console.log(`   connections opened: ${both}`);
}

const columns = (values) => values.map((v) => String(v).padStart(9)).join("");

function burst(label, workMs, options) {
  const platform = new Platform(new Database(), options);
  for (let arrival = 0; arrival < 2000; arrival += 5) {
    platform.call(arrival, workMs);
  }
  const { database, refused, longestWait } = platform;
  const need = String(Math.trunc((200 * workMs) / 1000)).padStart(5);
  const rest = columns([database.open, refused, longestWait]);
  console.log(`   ${label.padEnd(30)}${need}${rest}`);
}

batches();
connections();
console.log("3  200 calls/s for 2 s, cold start 400 ms, database takes 60");
const heading = columns(["open", "refused", "wait ms"]);
console.log(`   ${"".padEnd(30)}${"need".padStart(5)}${heading}`);
burst("80 ms, from cold", 80);
burst("80 ms, 16 kept warm", 80, { warm: 16 });
burst("400 ms, 16 kept warm", 400, { warm: 16 });
burst("400 ms, 16 warm, cap 50", 400, { warm: 16, cap: 50 });
