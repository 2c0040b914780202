// Deliver webhooks on a virtual clock: retries, order, dead letters, safe targets.
import { createHmac, timingSafeEqual } from "node:crypto";
import { BlockList, isIP, isIPv6 } from "node:net";

// Seconds to wait before each try, as in the Standard Webhooks specification. Add
// jitter in production; here it would only blur the trace.
const SCHEDULE = [
  0, 5, 300, 1800, 7200, 18_000, 36_000, 50_400, 72_000, 86_400,
];
const GIVE_UP_SECONDS = 3 * 86_400;
const WINDOW_SECONDS = 300;

// IPv4 that is not global (IANA registry; at the end a host of Azure). Of IPv6 only
// 2000::/3 is let through, not ::1, fc00::/7, fe80::/10, ::ffff:0:0/96 or NAT64.
const RESERVED = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16
172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16
198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
2001::/23 2001:db8::/32 2002::/16 3fff::/20 168.63.129.16/32`;
const [blocks, globalUnicast] = [new BlockList(), new BlockList()];
globalUnicast.addSubnet("2000::", 3, "ipv6");
for (const block of RESERVED.split(/\s+/)) {
  const [network, prefix] = block.split("/");
  const family = isIPv6(network) ? "ipv6" : "ipv4";
  blocks.addSubnet(network, Number(prefix), family);
}

function isPublic(address) {
  if (!isIP(address)) return false; // of what is no address, check says false
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  if (family === "ipv6" && !globalUnicast.check(address, family)) return false;
  return !blocks.check(address, family);
}

class RefusedError extends Error {} // the target may not be called
class NoAnswerError extends Error {} // nobody knows whether it was handled

// A status, 0 for none, and a reason for the log.
const answer = (status, reason) => ({ status, reason });

function sign(key, id, timestamp, body) {
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`);
  return `v1,${mac.update(body).digest("base64")}`;
}

// --8<-- [start:show]
class Sender {
  constructor(network, clock, log) {
    Object.assign(this, { network, clock, log });
  }

  // Resolves once, at every attempt; the caller dials what is returned.
  async vet(text) {
    const { protocol, username, password, host, hostname } = new URL(text);
    const more = username || password || host !== hostname;
    if (protocol !== "https:" || more) {
      throw new RefusedError("more than https and a host");
    }
    const addresses = await this.network.resolve(hostname);
    for (const address of addresses) {
      // All of them: a client may fall back to any.
      if (!isPublic(address))
        throw new RefusedError(`${address} is not public`);
    }
    if (addresses.length === 0) throw new NoAnswerError("no address");
    return addresses[0];
  }

  async attempt(endpoint, message) {
    const timestamp = String(this.clock.now); // of this attempt, or retries are too old
    const headers = {
      "webhook-id": message.id, // the same at every attempt
      "webhook-timestamp": timestamp,
      "webhook-signature": sign(
        endpoint.key,
        message.id,
        timestamp,
        message.body,
      ),
    };
    try {
      const address = await this.vet(endpoint.url);
      return await this.network.post(address, headers, message.body);
    } catch (error) {
      const expected =
        error instanceof RefusedError || error instanceof NoAnswerError;
      if (!expected) throw error;
      return answer(0, error.message);
    }
  }

  async deliver(endpoint, message) {
    message.tries += 1;
    const { status, reason } = await this.attempt(endpoint, message);
    this.log.row(endpoint, message, status, reason);
    const rest = endpoint.queue.filter((other) => other !== message);
    if (status >= 200 && status <= 299) {
      endpoint.queue = rest;
      endpoint.failingSince = 0;
      return;
    }
    endpoint.failingSince ||= this.clock.now;
    const failing = this.clock.now - endpoint.failingSince;
    if (status === 410 || failing >= GIVE_UP_SECONDS) {
      endpoint.disabled = true; // and tell the owner by another way
      endpoint.dead.push(...endpoint.queue.splice(0));
    } else if (message.tries === SCHEDULE.length) {
      endpoint.queue = rest;
      endpoint.dead.push(message);
    } else {
      message.due = this.clock.now + SCHEDULE[message.tries];
    }
  }
}
// --8<-- [end:show]

// Delivers what is due, in order of time, until the queue or the time ends.
async function run(sender, endpoint, until) {
  while (endpoint.queue.length > 0) {
    // An ordered endpoint has one message in flight: the oldest.
    const candidates = endpoint.ordered
      ? endpoint.queue.slice(0, 1)
      : endpoint.queue.toSorted((a, b) => a.due - b.due);
    const [message] = candidates;
    if (message.due > until) return;
    sender.clock.now = Math.max(sender.clock.now, message.due);
    await sender.deliver(endpoint, message);
  }
}

// The owner has repaired the endpoint: old ids and bodies, a new schedule.
function replay(endpoint, now) {
  Object.assign(endpoint, { disabled: false, failingSince: 0 });
  for (const message of endpoint.dead) {
    Object.assign(message, { due: now, tries: 0 });
  }
  endpoint.queue = endpoint.dead.splice(0);
}

// Verify, store, acknowledge; process later.
class Receiver {
  inbox = new Map(); // a table, id is its key
  todo = [];

  // The orders are the provider's API: the current state of each.
  constructor(key, clock, orders) {
    Object.assign(this, { key, clock, orders });
  }

  receive(headers, body) {
    const id = headers["webhook-id"];
    const timestamp = headers["webhook-timestamp"];
    if (Math.abs(this.clock.now - Number(timestamp)) > WINDOW_SECONDS) {
      return answer(401, "outside the window");
    }
    const given = Buffer.from(headers["webhook-signature"]);
    const expected = Buffer.from(sign(this.key, id, timestamp, body));
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      return answer(401, "no signature fits");
    }
    if (this.inbox.has(id)) return answer(202, "known already");
    this.inbox.set(id, body); // in a database one insert, then commit
    this.todo.push(id);
    return answer(202, "stored");
  }

  // Counts what it processed; then what the bodies say, what the API says.
  work() {
    let [processed, told, current] = [0, "", ""];
    for (const id of this.todo.splice(0)) {
      const event = JSON.parse(this.inbox.get(id).toString());
      told = event.status; // wrong as soon as two events changed places
      current = this.orders.get(event.order);
      processed += 1;
    }
    return { processed, told, current };
  }
}

// Names, addresses and the faults of the day.
class Network {
  names = new Map();
  hosts = new Map();
  faults = new Map(); // for one request after the other
  dialed = [];
  recorded = [];

  async resolve(host) {
    return this.names.get(host) ?? [];
  }

  async post(address, headers, body) {
    this.dialed.push(address);
    this.recorded.push({ headers, body });
    const fault = this.faults.get(address)?.shift() ?? "";
    if (fault === "503") return answer(503, "unavailable");
    if (fault === "410") return answer(410, "gone");
    if (fault === "down") throw new NoAnswerError("connection refused");
    const got = this.hosts.get(address).receive(headers, body);
    if (fault === "answer lost") {
      throw new NoAnswerError(`timeout, but ${got.reason}`);
    }
    return got;
  }
}

// One line for each run of equal outcomes.
class Log {
  rows = [];

  constructor(clock, start) {
    Object.assign(this, { clock, start });
  }

  time() {
    const seconds = this.clock.now - this.start;
    const two = (value) => String(value % 60).padStart(2, "0");
    const hours = Math.floor(seconds / 3600);
    return `${hours}:${two(Math.floor(seconds / 60))}:${two(seconds)}`;
  }

  row({ name }, { id, tries }, status, reason) {
    const outcome = `${status || "-"} ${reason}`;
    const last = this.rows.at(-1);
    if (last?.name === name && last.id === id && last.outcome === outcome) {
      Object.assign(last, { more: `-${tries}`, at: this.time() });
      return;
    }
    const first = String(tries);
    this.rows.push({ name, id, first, more: "", at: this.time(), outcome });
  }

  flush() {
    for (const { name, id, first, more, at, outcome } of this.rows.splice(0)) {
      const left = name.padEnd(10) + id.padEnd(9) + (first + more).padEnd(8);
      console.log(left + at.padEnd(12) + outcome);
    }
  }
}

const KEY = "sample-secret-of-32-bytes-for-it";
const START = 1_767_225_600; // seconds since 1970
const DAY = 86_400; // seconds

function event(number, status, due) {
  const body = Buffer.from(JSON.stringify({ order: "7", status }));
  return { id: `evt_${number}`, body, due, tries: 0 };
}

const titled = (value) => (value ? "True" : "False");

const clock = { now: START };
const network = new Network();
const log = new Log(clock, START);
const sender = new Sender(network, clock, log);
const orders = new Map([["7", "shipped"]]); // at the provider: paid, then shipped
const endpoints = ["fast", "ordered", "down", "rebind", "closed"].map(
  (name, index) => {
    const address = `192.31.196.${index + 1}`;
    network.names.set(`${name}.test`, [address]);
    network.hosts.set(address, new Receiver(KEY, clock, orders));
    const ordered = name === "ordered" || name === "down";
    const state = { queue: [], dead: [], failingSince: 0, disabled: false };
    const url = `https://${name}.test/hook`;
    return { name, url, key: KEY, ordered, ...state };
  },
);
const [, , down, rebind, closed] = endpoints;
network.faults.set("192.31.196.1", ["503", "", "answer lost"]);
network.faults.set("192.31.196.2", ["503"]);
network.faults.set("192.31.196.3", Array(10).fill("down"));
network.faults.set("192.31.196.5", ["410"]);
const inboxes = [...network.hosts.values()];

const head = ["endpoint".padEnd(10), "event".padEnd(9), "try".padEnd(8)];
console.log(`${head.join("")}${"at (last)".padEnd(12)}outcome`);
for (const endpoint of endpoints.slice(0, 3)) {
  endpoint.queue = [event(1, "paid", START), event(2, "shipped", START)];
  clock.now = START;
  await run(sender, endpoint, START + 4 * DAY);
  log.flush();
}
let [off, letters] = [titled(down.disabled), down.dead.length];
console.log(`down is disabled: ${off}, dead letters: ${letters}`);
clock.now = START + 80 * 3600;
replay(down, clock.now);
await run(sender, down, START + 4 * DAY);
log.flush();
const { headers, body } = network.recorded.at(-1);
clock.now += WINDOW_SECONDS + 1;
const again = inboxes[2].receive(headers, body);
const label = "its recording, sent again 301 s later".padEnd(39);
console.log(`${label}${again.status} ${again.reason}`);

clock.now = START;
rebind.queue = [event(3, "paid", START)];
await run(sender, rebind, START + DAY);
network.hosts.set("10.0.0.5", new Receiver(KEY, clock, orders)); // inner, would answer
network.names.set("rebind.test", ["10.0.0.5", "192.31.196.4"]);
rebind.queue = [event(4, "shipped", START + 60)];
await run(sender, rebind, START + 5 * DAY);
clock.now = START;
closed.queue = [event(5, "paid", START), event(6, "paid", START + 1)];
await run(sender, closed, START + DAY);
log.flush();
const inner = network.dialed.filter((address) => !isPublic(address)).length;
console.log(`connections to inner addresses: ${inner}`);
[off, letters] = [titled(closed.disabled), closed.dead.length];
console.log(`closed is disabled: ${off}, dead letters: ${letters}`);

for (const [index, { name }] of endpoints.slice(0, 3).entries()) {
  const { processed, told, current } = inboxes[index].work();
  const counts = `processed ${processed}; told last: ${told}`;
  console.log(`${name.padEnd(10)}${counts}; fetched: ${current}`);
}
