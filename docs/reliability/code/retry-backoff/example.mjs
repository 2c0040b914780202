// Retries that wait, stop in time and do not make an outage worse.

/** The call failed and would fail again. */
class CallError extends Error {
  name = "CallError";
}

/** The same request may do better in a moment. */
class RetryableError extends CallError {
  name = "RetryableError";

  constructor(reason, retryAfter = 0) {
    super(reason);
    this.retryAfter = retryAfter; // milliseconds
  }
}

function statusError(status, retryAfter = 0) {
  return [429, 502, 503, 504].includes(status)
    ? new RetryableError(String(status), retryAfter)
    : new CallError(String(status));
}

// --8<-- [start:show]
/** Lets retries be `percent` of all calls, and at most `reserve` in a burst. */
class Budget {
  #percent;
  #limit;
  #balance;

  constructor(percent, reserve) {
    this.#percent = percent;
    this.#limit = reserve * 100; // a retry costs 100
    this.#balance = this.#limit;
  }

  deposit() {
    this.#balance = Math.min(this.#limit, this.#balance + this.#percent);
  }

  withdraw() {
    if (this.#balance < 100) return false;
    this.#balance -= 100;
    return true;
  }
}

class Retrier {
  constructor({ policy, budget, now, sleep, random }) {
    this.policy = policy; // times in milliseconds
    this.budget = budget; // one for all calls to a service
    this.now = now; // () => performance.now()
    this.sleep = sleep; // setTimeout of node:timers/promises
    this.random = random; // from 0 to below 1: Math.random
  }

  async call(send, { deadline, idempotent }) {
    const { attempts, timeout } = this.policy;
    this.budget.deposit();
    for (let attempt = 1; ; attempt += 1) {
      const left = deadline - this.now();
      if (left <= 0) throw new CallError("deadline passed");
      let wait;
      try {
        // Whole milliseconds, as AbortSignal.timeout demands.
        return await send(Math.ceil(Math.min(timeout, left)));
      } catch (error) {
        if (!(error instanceof RetryableError) || !idempotent) throw error;
        if (attempt === attempts) throw error;
        // Never earlier than asked, and not all at the moment asked for.
        wait = error.retryAfter + this.backoff(attempt);
        const late = this.now() + wait >= deadline;
        if (late || !this.budget.withdraw()) throw error;
      }
      await this.sleep(wait);
    }
  }

  /** Full jitter: anything from nothing to the exponential ceiling. */
  backoff(attempt) {
    const { base, cap } = this.policy;
    return this.random() * Math.min(cap, base * 2 ** (attempt - 1));
  }
}

// --8<-- [end:show]

/** Milliseconds that pass only by sleeping. */
class ManualClock {
  #now = 0;
  waits = [];

  now = () => this.#now;

  sleep = async (milliseconds) => {
    this.#now += milliseconds;
    this.waits.push(Math.trunc(milliseconds));
  };
}

/** A small generator, the same in every language. */
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const alwaysCeiling = () => 1;

/** Gives its answers in order, the last one for ever. */
class Server {
  #answers;
  received = 0;

  constructor(...answers) {
    this.#answers = answers;
  }

  send = async (_timeout) => {
    const answer =
      this.#answers[Math.min(this.received, this.#answers.length - 1)];
    this.received += 1;
    if (answer !== "ok") throw answer;
    return answer;
  };
}

const POLICY = { attempts: 4, timeout: 2000, base: 500, cap: 8000 };
const DOWN = statusError(503);
const LOST = new RetryableError("connection lost");

function build(clock, policy, reserve, random = mulberry32(42)) {
  const budget = new Budget(10, reserve);
  const { now, sleep } = clock;
  return new Retrier({ policy, budget, now, sleep, random });
}

async function attemptCall(retrier, server, deadline, idempotent) {
  try {
    return await retrier.call(server.send, { deadline, idempotent });
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return error.message;
  }
}

async function waits() {
  console.log("exponential backoff with full jitter, base 500 ms, cap 8 s");
  const clock = new ManualClock();
  const retrier = build(clock, { ...POLICY, attempts: 7 }, 10);
  await attemptCall(retrier, new Server(DOWN), 60_000, true);
  const ceilings = clock.waits.map((_, retry) =>
    Math.min(8000, 500 * 2 ** retry),
  );
  for (const [label, row] of [
    ["ceiling", ceilings],
    ["wait", clock.waits],
  ]) {
    const cells = row.map((each) => String(each).padStart(7)).join("");
    console.log(`${label.padEnd(10)}${cells}  ms`);
  }
}

async function runCase(label, answers, options = {}) {
  const { deadline = 10_000, idempotent = true, reserve = 10 } = options;
  const clock = new ManualClock();
  const server = new Server(...answers);
  const retrier = build(clock, POLICY, reserve);
  const result = await attemptCall(retrier, server, deadline, idempotent);
  const sent = String(server.received).padStart(4);
  const slept = clock.waits.join(" ") || "-";
  console.log(`${label.padEnd(35)}${sent}  ${result.padEnd(17)}${slept}`);
}

async function cases() {
  console.log(
    "\none call, at most 4 requests         sent  result           waits, ms",
  );
  await runCase("works at the third", [DOWN, LOST, "ok"]);
  await runCase("always 503", [DOWN]);
  await runCase("404", [statusError(404)]);
  await runCase("connection lost, not idempotent", [LOST, "ok"], {
    idempotent: false,
  });
  await runCase("always 503, deadline at 1 s", [DOWN], { deadline: 1000 });
  await runCase("503, Retry-After: 2", [statusError(503, 2000), "ok"]);
  await runCase("503, Retry-After: 30, deadline 10 s", [
    statusError(503, 30_000),
    "ok",
  ]);
  await runCase("503, budget empty", [DOWN, "ok"], { reserve: 0 });
}

async function outage() {
  console.log("\n1,000 calls, one after the other, while the server is down");
  for (const [label, reserve] of [
    ["no budget", 1_000_000],
    ["a budget of 10 %", 10],
  ]) {
    const clock = new ManualClock();
    const server = new Server(DOWN);
    const retrier = build(clock, POLICY, reserve);
    for (let call = 1; call <= 1000; call += 1) {
      await attemptCall(retrier, server, clock.now() + 60_000, true);
    }
    const sent = String(server.received).padStart(4);
    console.log(`${label.padEnd(20)}${sent} requests`);
  }
}

// The server fails all in the first 100 ms, then serves 100 in each 100 ms.
function herd(label, random) {
  const retrier = build(new ManualClock(), POLICY, 10, random);
  const first = Array.from({ length: 1000 }, () => ({ time: 0, attempt: 1 }));
  const slots = [first]; // of 100 ms
  let lastServed = 0;
  for (const [slot, requests] of slots.entries()) {
    // Both may grow on the way.
    for (const [place, { time, attempt }] of requests.entries()) {
      if (slot > 0 && place < 100) {
        lastServed = time;
        continue;
      }
      const again = time + Math.trunc(retrier.backoff(attempt));
      const next = Math.trunc(again / 100);
      while (slots.length <= next) slots.push([]);
      slots[next].push({ time: again, attempt: attempt + 1 });
    }
  }
  const sizes = slots.map((requests) => requests.length);
  const sent = sizes.reduce((sum, size) => sum + size, 0);
  const peak = String(Math.max(...sizes.slice(1))).padStart(13);
  const tenths = Math.trunc(lastServed / 100);
  const seconds = `${Math.trunc(tenths / 10)}.${tenths % 10} s`.padStart(20);
  const total = String(sent).padStart(4);
  console.log(`${label.padEnd(20)}${total} requests${peak}${seconds}`);
}

await waits();
await cases();
await outage();
console.log(
  "\n1,000 clients fail at 0 s; then the server takes 100 in each 100 ms",
);
console.log(
  "                       in all   later peak, 100 ms   last served at",
);
herd("no jitter", alwaysCeiling);
herd("full jitter", mulberry32(42));
