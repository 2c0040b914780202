// Send the same traffic through three rate limiters behind allow(key, now).
import { setImmediate as nextTurn } from "node:timers/promises";

/** At most `limit` requests in `window` milliseconds. */
function checked({ limit, window }) {
  const within = (value, most) =>
    Number.isSafeInteger(value) && value >= 1 && value <= most;
  if (!within(limit, 1_000_000) || !within(window, 86_400_000)) {
    throw new RangeError("limit must be 1 to 1000000, window 1 ms to 1 day");
  }
  return { limit, window };
}

/** Counts anew in each window of the clock. */
class FixedWindow {
  #start = 0;
  #used = 0;

  take({ limit, window }, now) {
    const start = now - (now % window);
    if (start !== this.#start) {
      this.#start = start;
      this.#used = 0;
    }
    if (this.#used === limit) return start + window - now;
    this.#used += 1;
    return 0;
  }
}

/** The meters of the keys that were used lately: within one to two windows. */
class Recent {
  #young = new Map();
  #old = new Map();
  #turned = 0;

  constructor(window, newMeter) {
    this.window = window;
    this.newMeter = newMeter;
  }

  get(key, now) {
    if (now - this.#turned >= this.window) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#turned = now;
    }
    const meter = this.#young.get(key) ?? this.#old.get(key) ?? this.newMeter();
    this.#old.delete(key);
    this.#young.set(key, meter);
    return meter;
  }

  get size() {
    return this.#young.size + this.#old.size;
  }
}

// --8<-- [start:show]
/** Remembers when each accepted request came, for one window. */
class SlidingLog {
  #times = []; // never more than the limit

  take({ limit, window }, now) {
    while (this.#times[0] <= now - window) this.#times.shift();
    if (this.#times.length === limit) return this.#times[0] + window - now;
    this.#times.push(now);
    return 0;
  }
}

/**
 * Holds `limit` tokens and refills over one window. A token is `window` drops
 * and each millisecond adds `limit` drops, so that whole numbers suffice.
 * Kept is how many are missing: none in a new bucket.
 */
class TokenBucket {
  #missing = 0;
  #updated = 0;

  take({ limit, window }, now) {
    const refill = (now - this.#updated) * limit;
    this.#missing = Math.max(this.#missing - refill, 0);
    this.#updated = now;
    const short = this.#missing + window - limit * window;
    if (short > 0) return Math.ceil(short / limit);
    this.#missing += window;
    return 0;
  }
}

/** Decides for each key on its own, in whole milliseconds. */
class Limiter {
  #rate;
  meters;
  #latest = 0;

  constructor(rate, newMeter) {
    this.#rate = checked(rate);
    this.meters = new Recent(rate.window, newMeter);
  }

  // Without an await inside, read, decide and write are one step.
  allow(key, now) {
    // A clock that steps back must not refill anything.
    this.#latest = Math.max(now, this.#latest);
    // A meter unused for a whole window is as good as new, and dropped.
    const meter = this.meters.get(key, this.#latest);
    const wait = meter.take(this.#rate, this.#latest);
    return { allowed: wait === 0, delay: wait };
  }
}
// --8<-- [end:show]

const RATE = { limit: 20, window: 10_000 };
const METERS = {
  "fixed window": () => new FixedWindow(),
  "sliding log": () => new SlidingLog(),
  "token bucket": () => new TokenBucket(),
};
const BURST = 24; // requests, 20 ms apart
const LAST_OF_BURST = 10_460; // milliseconds
const TRAFFIC = [
  ...[9_500, 10_000].flatMap((start) =>
    Array.from({ length: BURST }, (_, each) => start + 20 * each),
  ),
  ...Array.from({ length: 40 }, (_, each) => 11_000 + 250 * each),
];

const limiters = () =>
  Object.values(METERS).map((newMeter) => new Limiter(RATE, newMeter));

function row(label, cells) {
  const right = cells.map((cell) => String(cell).padStart(14));
  console.log(label.padEnd(36) + right.join(""));
}

/** The largest number of times within `span` milliseconds. */
function mostInAny(span, times) {
  const counts = times.map(
    (first) => times.filter((at) => at >= first && at < first + span).length,
  );
  return Math.max(...counts);
}

function replay() {
  const runs = limiters().map((limiter) => ({ limiter, accepted: [] }));
  for (const now of TRAFFIC) {
    for (const { limiter, accepted } of runs) {
      if (limiter.allow("ada", now).allowed) accepted.push(now);
    }
  }

  row("20 requests in 10 s", Object.keys(METERS));
  for (let second = 9; second <= 20; second += 1) {
    const inSecond = (times) =>
      times.filter((at) => Math.floor(at / 1000) === second).length;
    const sent = inSecond(TRAFFIC);
    const cells = runs.map(({ accepted }) => {
      const passed = inSecond(accepted);
      return `${passed}/${sent - passed}`;
    });
    const [at, of] = [second, sent].map((number) => String(number).padStart(2));
    row(`second ${at}: accepted/rejected of ${of}`, cells);
  }
  for (const seconds of [1, 10]) {
    const most = runs.map((run) => mostInAny(seconds * 1000, run.accepted));
    row(`most accepted in any ${seconds} s`, most);
  }
}

/** Lets the last request of the burst be rejected, and comes back as told. */
function retry() {
  const results = limiters().map((limiter) => {
    const burst = TRAFFIC.filter((at) => at <= LAST_OF_BURST);
    const { delay } = burst.map((now) => limiter.allow("ada", now)).at(-1);
    const onTime = LAST_OF_BURST + delay;
    return {
      delay,
      seconds: Math.ceil(delay / 1000), // rounded up, or the retry is too early
      early: limiter.allow("ada", onTime - 1).allowed ? "yes" : "no",
      again: limiter.allow("ada", onTime).allowed ? "yes" : "no",
    };
  });
  const column = (name) => results.map((result) => result[name]);
  row("rejected at 10.460 s: wait in ms", column("delay"));
  row("  Retry-After in seconds", column("seconds"));
  row("  retry 1 ms too early passes", column("early"));
  row("  retry after that wait passes", column("again"));
}

async function crowd() {
  const accepted = [];
  for (const limiter of limiters()) {
    const call = async () => {
      await nextTurn(); // all of them wait together
      return limiter.allow("ada", 0);
    };
    const decisions = await Promise.all(Array.from({ length: 800 }, call));
    accepted.push(decisions.filter(({ allowed }) => allowed).length);
  }
  row("accepted of 800 concurrent requests", accepted);
}

function idle() {
  const sizes = limiters().map((limiter) => {
    for (let number = 0; number < 10_000; number += 1) {
      limiter.allow(`caller-${number}`, 0);
    }
    const before = limiter.meters.size;
    for (const turn of [1, 2]) limiter.allow("ada", turn * RATE.window);
    return { before, after: limiter.meters.size };
  });
  row(
    "keys kept after 10000 callers",
    sizes.map(({ before }) => before),
  );
  row(
    "keys kept two windows later",
    sizes.map(({ after }) => after),
  );
}

replay();
retry();
await crowd();
idle();
