// Retry payments under one idempotency key, in every way that goes wrong.
import { createHash, randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";

// Longer than the timeout of the work. Against a process that freezes just
// before its effect only a transaction of effect and answer helps: example.sql.
const LEASE = 30_000; // milliseconds
const KEEP = 86_400_000; // milliseconds that an answer is kept: one day
const MAX_KEY = 255; // characters

function problem(status, title, headers = {}) {
  const kind = { "Content-Type": "application/problem+json" };
  const body = Buffer.from(JSON.stringify({ status, title }));
  return { status, headers: { ...kind, ...headers }, body };
}

const fingerprint = ({ method, path, body }) =>
  createHash("sha256").update(`${method} ${path}\n`).update(body).digest("hex");

class ClaimLostError extends Error {
  name = "ClaimLostError"; // the lease ran out, and another attempt took over
}

// --8<-- [start:show]
const newEntry = (key, fingerprint, expires) => ({
  key, // the caller's, so that nobody meets the key of another
  fingerprint,
  expires, // milliseconds: end of the lease, or of the answer
  response: undefined, // none while the work runs
  owner: randomUUID(), // this one attempt
});

class MemoryStore {
  entries = new Map();

  /** Puts the entry unless another owner's is alive; returns the one there now. */
  async claim(entry, now) {
    // Without an await in between, compare and set are one step.
    const held = this.entries.get(entry.key);
    if (held && held.owner !== entry.owner && held.expires > now) return held;
    this.entries.set(entry.key, entry);
    return entry;
  }
}

class Idempotency {
  constructor(store, clock) {
    this.store = store;
    this.clock = clock;
  }

  async handle(request, work) {
    if (!request.key || request.key.length > MAX_KEY) {
      return problem(400, "Idempotency-Key is missing or too long");
    }
    const key = JSON.stringify([request.caller, request.key]);
    const now = this.clock();
    const mine = newEntry(key, fingerprint(request), now + LEASE);
    let held = await this.store.claim(mine, now); // before the work, not after
    if (held.fingerprint !== mine.fingerprint) {
      return problem(422, "key used for another request");
    }
    if (held.response) return held.response;
    if (held.owner !== mine.owner) {
      return problem(409, "the first is still running", { "Retry-After": "1" });
    }
    // After a 5xx or exception the work is rolled back: free the key for a retry.
    let final = { ...mine, expires: now };
    let response;
    try {
      response = await work(request);
      if (response.status < 500) {
        final = { ...mine, expires: this.clock() + KEEP, response };
      }
    } finally {
      held = await this.store.claim(final, this.clock());
    }
    if (held.owner !== mine.owner) throw new ClaimLostError(key);
    return response;
  }
}
// --8<-- [end:show]

/** Forgets what has expired, on a timer: claim replaces only its own key. */
function purge({ entries }, now) {
  for (const [key, { expires }] of entries) {
    if (expires <= now) entries.delete(key);
  }
}

/** Counts the charges, the effect that must happen once. */
class Ledger {
  count = 0;

  charge = async ({ body }) => {
    const { cents } = JSON.parse(body);
    const id = (this.count += 1);
    const headers = {
      "Content-Type": "application/json",
      Location: `/charges/${id}`,
    };
    const content = Buffer.from(JSON.stringify({ id, cents }));
    return { status: 201, headers, body: content };
  };
}

class CardNetworkError extends Error {
  name = "CardNetworkError"; // in place of an effect
}

const unavailable = async () => problem(503, "the card network is down");

const failing = async () => {
  throw new CardNetworkError("connection reset");
};

function payment(key, { cents = 1999, caller = "ada" } = {}) {
  const body = Buffer.from(JSON.stringify({ cents }));
  return { caller, key, method: "POST", path: "/charges", body };
}

/** Says whether status, headers and body are the same, byte for byte. */
function compare(response, other) {
  const same = isDeepStrictEqual(response, other);
  return `${response.status}, ${same ? "identical" : "different"}`;
}

function count(responses) {
  const numbers = {}; // a status is an integer: these come out in order
  for (const { status } of responses) {
    numbers[status] = (numbers[status] ?? 0) + 1;
  }
  return Object.entries(numbers)
    .map(([status, number]) => `${number} x ${status}`)
    .join(", ");
}

let time = 0; // a clock that moves only when it is told to
const clock = () => time;
const store = new MemoryStore();
const ledger = new Ledger();
const payments = new Idempotency(store, clock);

function row(label, answer) {
  const charges = String(ledger.count).padStart(7);
  console.log(label.padEnd(46) + answer.padEnd(20) + charges);
}

async function send(label, request, work = ledger.charge) {
  const response = await payments.handle(request, work);
  row(label, String(response.status));
  return response;
}

console.log("".padEnd(46) + "answer".padEnd(20) + "charges");
const first = await send("first request", payment("k-1"));
const again = await payments.handle(payment("k-1"), ledger.charge);
row("retry", compare(again, first));
await send("same key, other amount", payment("k-1", { cents: 9999 }));
await send("same key, other caller", payment("k-1", { caller: "ben" }));
await send("no key", payment(""));

await send("  the answer of that first", payment("k-2"), async (request) => {
  const other = payment("k-2", { cents: 9999 });
  await send("during the first, an identical request", payment("k-2"));
  await send("during the first, another amount", other);
  return ledger.charge(request);
});

await send("card network is down, claim released", payment("k-3"), unavailable);
await send("  retry", payment("k-3"));
try {
  await send("", payment("k-4"), failing);
} catch (error) {
  if (!(error instanceof CardNetworkError)) throw error;
  row("handler fails, claim released", "exception");
}
await send("  retry", payment("k-4"));

const digest = fingerprint(payment("k-5"));
const scoped = JSON.stringify(["ada", "k-5"]);
const frozen = newEntry(scoped, digest, time + LEASE);
await store.claim(frozen, time);
row("process freezes after its claim", "");
time += LEASE - 1;
await send("  retry 29999 ms later, lease runs", payment("k-5"));
time += 1;
const taken = await send(
  "  retry 30000 ms later, lease is over",
  payment("k-5"),
);
const late = { ...frozen, expires: time + KEEP, response: first };
const stored = (await store.claim(late, time)) === late;
row("  process goes on, answer stored", stored ? "yes" : "refused");
const replayed = await payments.handle(payment("k-5"), ledger.charge);
row("  retry", compare(replayed, taken));

// The charge of 50 identical requests waits until 49 have their answer.
const { promise: refused, resolve: release } = Promise.withResolvers();
const deadline = setTimeout(() => {
  throw new Error("the others got no answer");
}, 10_000);
let answered = 0;
const together = (work) =>
  Promise.all(
    Array.from({ length: 50 }, async () => {
      const response = await payments.handle(payment("k-6"), work);
      if ((answered += 1) === 49) release();
      return response;
    }),
  );
const answers = await together(async (request) => {
  await refused;
  return ledger.charge(request);
});
clearTimeout(deadline);
row("50 identical requests at once", count(answers));
const retried = await together(ledger.charge);
const distinct = new Set(retried.map((each) => JSON.stringify(each))).size;
row("all 50 retry", `${count(retried)}, ${distinct} distinct`);

time += KEEP - 1;
await send("retry when the answer is nearly a day old", payment("k-6"));
time += 1;
await send("retry a day after the answer: a new request", payment("k-6"));
const before = store.entries.size;
purge(store, time);
row("purge, entries before and after", `${before}, ${store.entries.size}`);
