// A bounded cache: least recently used out first, expiry, one load per key.

// --8<-- [start:show]
/** Asks `load` for what it does not hold; times in milliseconds. */
class Cache {
  #load;
  #policy;
  #now; // performance.now
  #random; // from 0 to below 1: Math.random
  #entries = new Map(); // in order of insertion: the least recently used first
  #loads = new Map();

  constructor(load, policy, now, random) {
    this.#load = load;
    this.#policy = policy;
    this.#now = now;
    this.#random = random;
  }

  async get(key, { signal } = {}) {
    const entry = this.#entries.get(key);
    // Ask whether there is an entry, never whether its value is truthy.
    if (entry !== undefined && this.#now() < entry.expires) {
      this.#entries.delete(key);
      this.#entries.set(key, entry);
      return entry.value;
    }
    let load = this.#loads.get(key);
    if (load === undefined) {
      // A failure is not kept: the next caller tries again.
      load = this.#fill(key).finally(() => this.#loads.delete(key));
      this.#loads.set(key, load);
    }
    // A caller that gives up does not cancel the load of the others.
    return signal ? unlessAborted(load, signal) : load;
  }

  async #fill(key) {
    const { capacity, ttl, missingTtl, loadTimeout } = this.#policy;
    const signal = AbortSignal.timeout(loadTimeout);
    const value = await unlessAborted(this.#load(key, { signal }), signal);
    const lifetime = value === undefined ? missingTtl : ttl;
    const jitter = (this.#random() * lifetime) / 10; // not all expire together
    this.#entries.delete(key);
    this.#entries.set(key, { value, expires: this.#now() + lifetime - jitter });
    if (this.#entries.size > capacity) {
      this.#entries.delete(this.#entries.keys().next().value);
    }
    return value;
  }

  /** The least recently used first. */
  keys() {
    return [...this.#entries.keys()];
  }
}

// --8<-- [end:show]

async function unlessAborted(promise, signal) {
  const { promise: aborted, reject } = Promise.withResolvers();
  const giveUp = () => reject(signal.reason);
  signal.addEventListener("abort", giveUp, { once: true });
  try {
    if (signal.aborted) giveUp();
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener("abort", giveUp);
  }
}

/** Milliseconds that pass only when told. */
class ManualClock {
  #now = 0;
  now = () => this.#now;

  set(seconds) {
    this.#now = seconds * 1000;
  }
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

const noJitter = () => 0;

/** Where values come from; counts its loads and can hold or fail them. */
class Source {
  #rows;
  #loads = 0;
  failing = false;
  gate = Promise.resolve();

  constructor(rows) {
    this.#rows = rows;
  }

  load = async (key, { signal } = {}) => {
    this.#loads += 1;
    await this.gate;
    signal?.throwIfAborted();
    if (this.failing) throw new Error("source unavailable");
    return this.#rows.get(key);
  };

  takeLoads() {
    const loads = this.#loads;
    this.#loads = 0;
    return loads;
  }
}

const UNREAD = new Map([
  ["ada", 7],
  ["ben", 0],
  ["cleo", 4],
]);
const NICKNAMES = new Map([["ada", ""]]);
const POLICY = {
  capacity: 2,
  ttl: 60_000,
  missingTtl: 5000,
  loadTimeout: 5000,
};

function shown(value) {
  return value === undefined ? "not found" : JSON.stringify(value);
}

async function sequence() {
  console.log('at most 2 entries; a value lives 60 s, "not found" 5 s');
  console.log("time  get   answer     from  kept, least recently used first");
  const clock = new ManualClock();
  const source = new Source(UNREAD);
  const cache = new Cache(source.load, POLICY, clock.now, noJitter);
  for (const [second, key] of [
    [0, "ada"],
    [0, "ben"],
    [0, "ada"],
    [0, "cleo"],
    [0, "ada"],
    [0, "dan"],
    [4, "dan"],
    [5, "dan"],
    [59, "ada"],
    [60, "ada"],
  ]) {
    clock.set(second);
    const value = await cache.get(key);
    const from = source.takeLoads() === 0 ? "hit" : "load";
    const cells = [key.padEnd(6), shown(value).padEnd(11), from.padEnd(6)];
    const kept = cache.keys().join(" ");
    console.log(`${String(second).padStart(2)} s  ${cells.join("")}${kept}`);
  }
}

async function atOnce() {
  console.log("\nat once                        loads  outcome");
  const source = new Source(UNREAD);
  let cache = new Cache(source.load, POLICY, new ManualClock().now, noJitter);

  // Starts callers, which wait for the held load until `open` is called.
  function ask(callers, options) {
    const { promise, resolve: open } = Promise.withResolvers();
    source.gate = promise;
    const answers = Array.from({ length: callers }, (_, index) =>
      cache.get("ada", index === 0 ? options : undefined),
    );
    return { answers: Promise.allSettled(answers), first: answers[0], open };
  }
  const report = (label, outcome) => {
    const loads = String(source.takeLoads()).padStart(5);
    console.log(`${label.padEnd(31)}${loads}  ${outcome}`);
  };
  const got = (settled) => settled.filter(({ value }) => value === 7).length;

  source.failing = true;
  let asked = ask(100);
  asked.open();
  let settled = await asked.answers;
  const errors = settled.filter(
    ({ reason }) => reason?.message === "source unavailable",
  );
  report("100 callers, the load fails", `${errors.length} errors`);

  source.failing = false;
  asked = ask(100);
  asked.open();
  settled = await asked.answers;
  report("100 callers after the failure", `${got(settled)} got 7`);

  cache = new Cache(source.load, POLICY, new ManualClock().now, noJitter);
  const impatient = new AbortController();
  asked = ask(3, { signal: impatient.signal });
  impatient.abort();
  await asked.first.catch(() => asked.open()); // it left before the load ended
  settled = await asked.answers;
  const canceled = settled.filter(
    ({ reason }) => reason?.name === "AbortError",
  );
  const outcome = `${canceled.length} canceled, ${got(settled)} got 7`;
  report("3 callers, the first gives up", outcome);
}

async function threeReads(label, rows, key) {
  const source = new Source(rows);
  const kept = new Map();
  for (let read = 1; read <= 3; read += 1) {
    // The bug: empty is taken for absent.
    if (!kept.get(key)) kept.set(key, await source.load(key));
  }
  const mistaken = String(source.takeLoads());
  const clock = new ManualClock();
  const cache = new Cache(source.load, POLICY, clock.now, noJitter);
  let value;
  for (let read = 1; read <= 3; read += 1) value = await cache.get(key);
  const cells = [
    label.padEnd(19),
    shown(value).padEnd(18),
    mistaken.padEnd(17),
  ];
  console.log(cells.join("") + source.takeLoads());
}

async function expiry(label, random) {
  const keys = Array.from({ length: 1000 }, (_, n) => `key ${n}`);
  const clock = new ManualClock();
  const source = new Source(new Map(keys.map((key, n) => [key, n])));
  const policy = { ...POLICY, capacity: keys.length };
  const cache = new Cache(source.load, policy, clock.now, random);
  const counts = [];
  for (const second of [0, 55, 56, 57, 58, 59, 60]) {
    clock.set(second);
    for (const key of keys) await cache.get(key);
    counts.push(`${second} s: ${source.takeLoads()}`);
  }
  console.log(`${label.padEnd(9)}  ${counts.slice(1).join("  ")}`);
}

await sequence();
await atOnce();
console.log(
  "\nthree reads of     value      loads: empty is absent  this cache",
);
await threeReads("unread of ben", UNREAD, "ben");
await threeReads("nickname of ada", NICKNAMES, "ada");
await threeReads("unread of dan", UNREAD, "dan");
console.log(
  "\n1,000 values stored at 0 s, all read every second: loads in each second",
);
await expiry("no jitter", noJitter);
await expiry("jitter", mulberry32(42));
