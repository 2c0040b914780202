// Cache-aside on Redis that stands crowds, absent rows and outages.
import { connect, RedisError } from "./redis.mjs";

const TTL = 300; // seconds
const MISSING_TTL = 30;

// Milliseconds, up to a tenth less: what was stored together expires apart.
function jittered(ttl, random) {
  return Math.trunc(ttl * 1000 * (1 - random() / 10));
}

/** Redis holds JSON: null is a known "not found", no key is "ask the database". */
class Cache {
  outages = 0;
  unstored = 0;
  #redis;
  #load;
  #random;
  #flights = new Map();

  constructor(redis, load, random) {
    this.#redis = redis;
    this.#load = load;
    this.#random = random;
  }

  // --8<-- [start:show]
  async get(key) {
    let kept;
    try {
      kept = await this.#redis.command("GET", key);
    } catch (error) {
      if (error instanceof RedisError) throw error; // WRONGTYPE: a bug of ours
      this.outages += 1; // no answer is not the answer "no such key"
      return this.#fly(key, () => this.#load(key));
    }
    if (kept !== null) return JSON.parse(kept); // never: is the value truthy?
    return this.#fly(key, () => this.#fill(key));
  }

  // Work once for all who ask at the same time; they share even its failure.
  #fly(key, work) {
    let flight = this.#flights.get(key);
    if (flight === undefined) {
      flight = work().finally(() => this.#flights.delete(key));
      this.#flights.set(key, flight);
    }
    return flight;
  }

  async #fill(key) {
    // Between our miss and here an earlier flight may have landed: look again.
    const kept = await this.#redis.command("GET", key);
    if (kept !== null) return JSON.parse(kept);
    const value = await this.#load(key);
    const ttl = jittered(value === null ? MISSING_TTL : TTL, this.#random);
    const data = JSON.stringify(value);
    try {
      await this.#redis.command("SET", key, data, "PX", ttl);
    } catch {
      this.unstored += 1; // gone or full, but the value is here
    }
    return value;
  }
  // --8<-- [end:show]
}

// What is often copied: empty is taken for absent, each caller loads.
class Naive {
  constructor(redis, load) {
    this.redis = redis;
    this.load = load;
  }

  async get(key) {
    const kept = await this.redis.command("GET", key);
    let value = kept === null ? null : JSON.parse(kept);
    if (!value) {
      // the bug
      value = await this.load(key);
      await this.redis.command("SET", key, JSON.stringify(value), "EX", TTL);
    }
    return value;
  }
}

// Waits until `size` callers have come, then lets all go.
function barrier(size) {
  const { promise, resolve } = Promise.withResolvers();
  let arrived = 0;
  return () => {
    arrived += 1;
    if (arrived >= size) resolve();
    return promise;
  };
}

// Counts its calls; the crowd must be complete before any is answered.
class Database {
  calls = 0;
  #rows = { "unread:ada": 7, "unread:ben": 0, "nickname:ada": "" };
  #wait;

  constructor(crowd = 1) {
    this.#wait = barrier(crowd);
  }

  load = async (key) => {
    this.calls += 1;
    await this.#wait();
    return this.#rows[key] ?? null;
  };
}

// A connection whose first GETs return together, so that all of them miss.
function crowded(redis, callers) {
  const wait = barrier(callers);
  return {
    async command(...command) {
      const reply = await redis.command(...command);
      await wait();
      return reply;
    },
  };
}

const newCache = (redis, database) => new Cache(redis, database.load, () => 0);

async function crowds(redis) {
  console.log(
    "100 callers of one key, all past the miss  database calls  got 7",
  );
  for (const [label, instances, isProtected, loads] of [
    ["each loads for itself", 1, false, 100],
    ["one flight that looks again", 1, true, 1],
    ["four instances, a flight each", 4, true, 4],
  ]) {
    await redis.command("UNLINK", "unread:ada");
    const database = new Database(loads);
    const shared = crowded(redis, 100);
    const caches = Array.from({ length: instances }, () =>
      isProtected
        ? newCache(shared, database)
        : new Naive(shared, database.load),
    );
    const asked = Array.from({ length: 100 }, (_, n) =>
      caches[n % instances].get("unread:ada"),
    );
    const right = (await Promise.all(asked)).filter((got) => got === 7).length;
    const calls = String(database.calls).padStart(14);
    console.log(label.padEnd(43) + calls + String(right).padStart(7));
  }
}

async function emptyValues(redis) {
  console.log(
    "\nthree reads of  Redis holds  calls: empty is absent  get or load",
  );
  for (const key of ["unread:ben", "nickname:ada", "unread:dan"]) {
    const calls = [];
    for (const kind of ["naive", "cache"]) {
      await redis.command("UNLINK", key);
      const database = new Database();
      const cache =
        kind === "naive"
          ? new Naive(redis, database.load)
          : newCache(redis, database);
      for (let read = 0; read < 3; read += 1) await cache.get(key);
      calls.push(database.calls);
    }
    const kept = await redis.command("GET", key);
    const [naive, cache] = calls;
    console.log(
      key.padEnd(16) + kept.padEnd(13) + String(naive).padEnd(24) + cache,
    );
  }
}

async function lifetimes(redis) {
  const random = mulberry32(42);
  const drawn = Array.from(
    { length: 1000 },
    () => jittered(TTL, random) / 1000,
  );
  const least = Math.min(...drawn).toFixed(1);
  const most = Math.max(...drawn).toFixed(1);
  console.log(`\n1,000 lifetimes of ${TTL} s: ${least} to ${most} s`);
  for (const [key, ttl] of [
    ["unread:ben", TTL],
    ["unread:dan", MISSING_TTL],
  ]) {
    const left = await redis.command("PTTL", key);
    const within = left > 0 && left <= ttl * 1000 ? "yes" : "no";
    console.log(`${key} goes within ${ttl} s: ${within}`);
  }
}

async function full(redis) {
  const cache = newCache(redis, new Database());
  await redis.command("UNLINK", "unread:ada");
  await redis.command("CONFIG", "SET", "maxmemory", 1);
  const right = await sevens(cache);
  await redis.command("CONFIG", "SET", "maxmemory", 0);
  const refused = `${cache.unstored} stores refused`;
  console.log(`\nRedis full: ${right} of 3 reads answered, ${refused}`);
}

// How many of three reads got 7.
async function sevens(cache) {
  let right = 0;
  for (let read = 0; read < 3; read += 1) {
    if ((await cache.get("unread:ada")) === 7) right += 1;
  }
  return right;
}

async function outage(redis) {
  const database = new Database();
  const cache = newCache(redis, database);
  await redis.close();
  const right = await sevens(cache);
  const counted = `${cache.outages} outages counted`;
  console.log(`Redis gone: ${right} of 3 reads answered, ${counted},`);
  console.log(`${database.calls} database calls: the cache was carrying them`);
}

// A small generator, the same in every language.
function mulberry32(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const redis = await connect();
try {
  await crowds(redis);
  await emptyValues(redis);
  await lifetimes(redis);
  await full(redis);
  await outage(redis);
} finally {
  if (!redis.closed) await redis.close();
}
