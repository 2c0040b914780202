// Token leases: ten servers, one token bucket in Redis, and what leases cost.
import { connect } from "./redis.mjs";

const SERVERS = 10;
const RATE = 200; // tokens a second
const BURST = 20; // tokens at once
const LEASE_MS = 500;
const PAUSE_MS = 50;
const SCRIPT = `
local now, rate, full = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] * 1000
local saved = redis.call('HMGET', KEYS[1], 'drops', 'at')
local last = tonumber(saved[2]) or now
local at = math.max(last, now)
local drops = math.min((tonumber(saved[1]) or full) + (at - last) * rate, full)
local granted = math.min(tonumber(ARGV[4]), math.floor(drops / 1000))
drops = drops - granted * 1000
redis.call('HSET', KEYS[1], 'drops', drops, 'at', at)
redis.call('PEXPIRE', KEYS[1], math.ceil((full - drops) / rate) + 60000)
if granted > 0 then return {granted, 0} end
return {0, math.ceil((1000 - drops) / rate)}
`;
const range = (from, to) =>
  Array.from({ length: to - from }, (_, at) => from + at);
const HONEST = range(0, 600).map((n) => Math.floor(n / 10) * 100); // half the limit
const SURGE = range(6_000, 10_000); // five times the limit

class LimiterDownError extends Error {}

// --8<-- [start:show]
// The budget of one key. Times are passed in; in service the script asks TIME.
class Central {
  calls = 0;
  down = false;
  #db;
  #key;
  #burst;

  constructor(db, key, burst = BURST) {
    this.#db = db;
    this.#key = key;
    this.#burst = burst;
  }

  // How many tokens were granted and, if none, the ms to wait.
  async take(now, want) {
    this.calls += 1;
    if (this.down) throw new LimiterDownError(); // in service: no answer in 5 ms
    const args = [1, this.#key, now, RATE, this.#burst, want];
    return this.#db.command("EVAL", SCRIPT, ...args);
  }
}

class Server {
  #tokens = 0;
  #expires = 0;
  #refusedUntil = 0;
  #aloneUntil = 0;
  #missing = 0; // of the local bucket, in 1/1000 tokens
  #seen = 0;

  constructor(central, lease, fallback) {
    Object.assign(this, { central, lease, fallback });
  }

  async allow(now) {
    if (this.#tokens > 0 && now < this.#expires) {
      this.#tokens -= 1; // no call
      return true;
    }
    if (now < this.#refusedUntil) return false; // remembered: no call either
    if (now < this.#aloneUntil) return this.#withoutLimiter(now);
    try {
      const [granted, wait] = await this.central.take(now, this.lease);
      this.#tokens = Math.max(granted - 1, 0);
      this.#expires = now + LEASE_MS;
      if (granted === 0) {
        // Remember the refusal.
        this.#refusedUntil = now + Math.max(wait, PAUSE_MS);
      }
      return granted > 0;
    } catch (error) {
      if (!(error instanceof LimiterDownError)) throw error;
      this.#aloneUntil = now + PAUSE_MS; // do not pay the timeout each time
      return this.#withoutLimiter(now);
    }
  }

  #withoutLimiter(now) {
    if (this.fallback !== "local") return this.fallback === "open";
    const share = (2 * RATE) / SERVERS; // twice this server's part of the limit
    this.#missing = Math.max(this.#missing - (now - this.#seen) * share, 0);
    this.#seen = now;
    if (this.#missing >= 100 * share) return false; // a tenth of a second at once
    this.#missing += 1000;
    return true;
  }
}
// --8<-- [end:show]

// Spreads requests over the servers: one of them gets 7 of 16.
class Traffic {
  #servers;
  #seed = 1;

  constructor(central, lease, fallback) {
    this.#servers = range(0, SERVERS).map(
      () => new Server(central, lease, fallback),
    );
  }

  // When requests were admitted.
  async send(times) {
    const admitted = [];
    for (const now of times) {
      this.#seed = (Math.imul(this.#seed, 1103515245) + 12345) & 0x7fffffff;
      const pick = Math.min((this.#seed >> 16) % 16, SERVERS - 1);
      if (await this.#servers[pick].allow(now)) admitted.push(now);
    }
    return admitted;
  }
}

function mostInASecond(times) {
  let first = 0;
  let most = 0;
  for (const [last, time] of times.entries()) {
    while (times[first] <= time - 1000) first += 1;
    most = Math.max(most, last - first + 1);
  }
  return most;
}

const right = (value, width) => String(value).padStart(width);

async function leases(db) {
  console.log(`limit ${RATE} a second, ${SERVERS} servers`);
  console.log("              honest: 10 each 100 ms    surge: 1000 a second");
  console.log(
    "lease  burst  refused of 600   calls    most in 1 s  bound  calls of 4000",
  );
  const shapes = [1, 2, 5, 10, 20].map((lease) => [lease, BURST]);
  for (const [lease, burst] of [...shapes, [20, 220]]) {
    const central = new Central(db, `lease:${lease}:${burst}`, burst);
    const traffic = new Traffic(central, lease, "closed");
    const honest = await traffic.send(HONEST);
    const calls = central.calls;
    const most = mostInASecond([...honest, ...(await traffic.send(SURGE))]);
    const bound = burst + RATE + (lease > 1 ? SERVERS * lease : 0);
    const refused = HONEST.length - honest.length;
    console.log(
      right(lease, 5) +
        right(burst, 7) +
        right(refused, 16) +
        right(calls, 8) +
        right(most, 15) +
        right(bound, 7) +
        right(central.calls - calls, 15),
    );
  }
}

async function outage(db) {
  console.log("limiter down for 3 s, 1000 requests a second, lease 5");
  console.log("fallback  admitted  a second  calls that time out");
  for (const fallback of ["open", "closed", "local"]) {
    const central = new Central(db, `outage:${fallback}`);
    const traffic = new Traffic(central, 5, fallback);
    await traffic.send(range(0, 4_000));
    central.calls = 0;
    central.down = true;
    const { length } = await traffic.send(range(4_000, 7_000));
    console.log(
      fallback.padEnd(8) +
        right(length, 10) +
        right(Math.floor(length / 3), 10) +
        right(central.calls, 21),
    );
  }
}

const db = await connect();
try {
  await leases(db);
  await outage(db);
} finally {
  await db.close();
}
