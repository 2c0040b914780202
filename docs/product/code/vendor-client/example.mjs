// A vendor's contacts behind a port of ours, and a copy of them that stays right.
import { once } from "node:events";
import { createServer } from "node:http";

const TIMEOUT = 2000; // milliseconds, real ones
const ATTEMPTS = 3;
const LONGEST_WAIT = 60; // virtual seconds; beyond, the job goes back into its queue
const PAGE = 2;

/** The vendor will never accept this. */
class Rejected extends Error {}

/** Come back after so many seconds. */
class Unavailable extends Error {
  constructor(retryAfter) {
    super(`unavailable for ${retryAfter} s`);
    this.retryAfter = retryAfter;
  }
}

/** Virtual seconds: a sleep moves them on. */
class ManualClock {
  now = 0;

  sleep(seconds) {
    this.now += seconds;
  }
}

/** Two failed calls in a row open it for 30 s; then the next call tries. */
class Breaker {
  #clock;
  #failures = 0;
  #openUntil = 0;

  constructor(clock) {
    this.#clock = clock;
  }

  check() {
    if (this.#clock.now < this.#openUntil) {
      throw new Unavailable(this.#openUntil - this.#clock.now);
    }
  }

  record(ok) {
    this.#failures = ok ? 0 : this.#failures + 1;
    if (this.#failures >= 2) this.#openUntil = this.#clock.now + 30;
  }
}

/** Remembers what the vendor said is left: "default";r=0;t=9. One process only. */
class Limiter {
  #clock;
  #left = 1;
  #reset = 0;

  constructor(clock) {
    this.#clock = clock;
  }

  wait(longest) {
    const pause = this.#left === 0 ? this.#reset - this.#clock.now : 0;
    if (pause > longest) throw new Unavailable(pause);
    this.#clock.sleep(Math.max(pause, 0));
    this.#left = 1; // unknown until the next answer
  }

  learn(headers) {
    const field = headers.get("ratelimit") ?? "";
    const found = field.match(/^"\w+";r=(\d+);t=(\d+)$/);
    if (!found) return;
    this.#left = Number(found[1]);
    this.#reset = this.#clock.now + Number(found[2]);
  }
}

// --8<-- [start:show]
/**
 * The port: the fake and the adapter both pass one contract suite.
 * @typedef {object} Contacts
 * @property {(email: string, key: string) => Promise<Contact>} create
 * @property {(cursor: string) => Promise<Page>} changes
 * @property {() => Promise<Set<string>>} ids
 */

class VendorContacts {
  #port;
  #clock;
  #jitter;
  #breaker;
  #limiter;

  constructor(port, clock, jitter) {
    this.#port = port;
    this.#clock = clock;
    this.#jitter = jitter;
    this.#breaker = new Breaker(clock);
    this.#limiter = new Limiter(clock);
  }

  async create(email, key) {
    return contact(
      await this.#call("POST", "/v2/people", { mail: email }, key),
    );
  }

  async changes(cursor) {
    const path = "/v2/people/changes?after=" + encodeURIComponent(cursor);
    const found = await this.#call("GET", path);
    const { next, more } = found;
    return { contacts: found.people.map(contact), cursor: next, more };
  }

  async #call(method, path, body, key = "") {
    this.#breaker.check();
    let status, pause;
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      this.#limiter.wait(LONGEST_WAIT); // as the last answer's RateLimit said
      let headers = new Headers();
      let found = {};
      try {
        ({ status, headers, found } = await send(
          this.#port,
          method,
          path,
          body,
          key,
        ));
      } catch {
        status = 0; // unknown: the key makes it safe
      }
      this.#limiter.learn(headers);
      if (status >= 200 && status < 300) {
        this.#breaker.record(true);
        return found;
      }
      if (status >= 400 && status < 500 && status !== 429) {
        this.#breaker.record(true); // it works; we are wrong
        throw new Rejected(found.code ?? "unknown");
      }
      pause = retryAfter(headers, this.#jitter(2 ** attempt));
      if (pause > LONGEST_WAIT || attempt === ATTEMPTS - 1) break;
      this.#clock.sleep(pause);
    }
    if (status !== 429) this.#breaker.record(false); // throttled is no fault
    throw new Unavailable(pause);
  }

  async ids() {
    return new Set((await this.#call("GET", "/v2/people/ids")).ids);
  }
}

// --8<-- [end:show]

async function send(port, method, path, body, key) {
  const headers = { connection: "close" };
  if (body) headers["content-type"] = "application/json";
  if (key) headers["idempotency-key"] = key;
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    headers,
    body: body && JSON.stringify(body),
    signal: AbortSignal.timeout(TIMEOUT),
  });
  const found = decode(answer.status, await answer.text());
  return { status: answer.status, headers: answer.headers, found };
}

/** A proxy's error page is no JSON; its status says enough. */
function decode(status, text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (status < 400) throw error; // a broken success: the outcome is unknown
    return {};
  }
}

/** Seconds; if there is none, or a date, a pause of our own. */
function retryAfter(headers, other) {
  const given = headers.get("retry-after") ?? "";
  return /^\d+$/.test(given) ? Number(given) : other;
}

/** Translates: the vendor says person_id, mail, and A for active. */
function contact(person) {
  return {
    id: person.person_id,
    email: person.mail,
    active: person.state === "A",
  };
}

/** Works like the vendor, in memory. */
class FakeContacts {
  rows = new Map();
  keys = new Map();
  sequence = 0;

  async create(email, key) {
    if (!email.includes("@")) throw new Rejected("bad_mail");
    if (this.keys.has(key)) return this.keys.get(key);
    this.sequence += 1;
    const made = { id: `p${this.sequence}`, email, active: true };
    this.rows.set(made.id, [this.sequence, made]);
    this.keys.set(key, made);
    return made;
  }

  change(id, email) {
    this.sequence += 1;
    this.rows.set(id, [this.sequence, { id, email, active: true }]);
  }

  delete(id) {
    this.rows.delete(id);
  }

  async changes(cursor) {
    const later = [...this.rows.values()].filter(
      (row) => row[0] > Number(cursor || 0),
    );
    later.sort((a, b) => a[0] - b[0]);
    const some = later.slice(0, PAGE);
    const reached = some.length ? String(some.at(-1)[0]) : cursor;
    const more = later.length > PAGE;
    return { contacts: some.map((row) => row[1]), cursor: reached, more };
  }

  async ids() {
    return new Set(this.rows.keys());
  }
}

/** Written before the vendor had idempotency keys. */
class StaleFake extends FakeContacts {
  create(email, key) {
    this.keys.clear();
    return super.create(email, key);
  }
}

/** The vendor's side: its own words, limits, and faults on demand. */
class Sandbox {
  data = new FakeContacts();
  quota = 0; // requests in each 10 s; none if 0
  faults = [];
  requests = 0;
  #clock;
  #window = -1;
  #used = 0;

  constructor(clock) {
    this.#clock = clock;
  }

  async handle(method, target, body, key) {
    this.requests += 1;
    const fault = this.faults.shift() ?? "";
    if (fault === "503")
      return { status: 503, headers: {}, found: { code: "down" } };
    const slow = { status: 429, found: { code: "slow_down" } };
    if (fault.startsWith("429")) {
      return { ...slow, headers: { "Retry-After": fault.slice(4) } };
    }
    const headers = this.#limit();
    if (!headers) return { ...slow, headers: { "Retry-After": "10" } };
    const [status, found] = await this.#answer(method, target, body, key);
    return { status: fault === "drop" ? 0 : status, headers, found };
  }

  #limit() {
    if (!this.quota) return {};
    const window = Math.floor(this.#clock.now / 10);
    if (window !== this.#window) {
      this.#window = window;
      this.#used = 0;
    }
    if (this.#used === this.quota) return null;
    this.#used += 1;
    const rest = 10 - (this.#clock.now % 10);
    return { RateLimit: `"default";r=${this.quota - this.#used};t=${rest}` };
  }

  async #answer(method, target, body, key) {
    const url = new URL(target, "http://sandbox.test");
    if (method === "POST") {
      try {
        return [201, person(await this.data.create(body.mail, key))];
      } catch (error) {
        if (!(error instanceof Rejected)) throw error;
        return [422, { code: error.message }];
      }
    }
    if (url.pathname === "/v2/people/ids") {
      return [200, { ids: [...(await this.data.ids())].sort() }];
    }
    const page = await this.data.changes(url.searchParams.get("after") ?? "");
    const people = page.contacts.map(person);
    return [200, { people, next: page.cursor, more: page.more }];
  }
}

function person(one) {
  return { person_id: one.id, mail: one.email, state: one.active ? "A" : "S" };
}

function serve(sandbox) {
  return createServer({ requestTimeout: 5000 }, async (request, response) => {
    let text = "";
    for await (const part of request) text += part;
    const body = text ? JSON.parse(text) : {};
    const key = request.headers["idempotency-key"] ?? "";
    const answer = await sandbox.handle(request.method, request.url, body, key);
    if (answer.status === 0) {
      request.socket.destroy(); // the effect is there, the answer is not
      return;
    }
    response
      .writeHead(answer.status, answer.headers)
      .end(JSON.stringify(answer.found));
  });
}

const CONTRACT = {
  "a contact is read back in our words": async (port) => {
    const made = await port.create("ada@example.com", "k1");
    const { contacts } = await port.changes("");
    return (
      made.active && contacts.some((one) => one.id === made.id && one.active)
    );
  },
  "the same key twice makes one contact": async (port) => {
    await port.create("ada@example.com", "k1");
    await port.create("ada@example.com", "k1");
    return (await port.ids()).size === 1;
  },
  "a bad address is Rejected and not stored": async (port) => {
    try {
      await port.create("nobody", "k1");
    } catch (error) {
      return error instanceof Rejected && (await port.ids()).size === 0;
    }
    return false;
  },
  "pages end, with a cursor to go on from": async (port) => {
    for (const name of ["ada", "bob", "cy"]) {
      await port.create(`${name}@example.com`, name);
    }
    const first = await port.changes("");
    const rest = await port.changes(first.cursor);
    const end = await port.changes(rest.cursor);
    const sizes = [first, rest, end].map((page) => page.contacts.length);
    return sizes.join() === "2,1,0" && end.cursor === rest.cursor && !end.more;
  },
};

async function checkContract(sandbox, client) {
  console.log("contract".padEnd(44) + "fake   sandbox  stale fake");
  for (const [name, test] of Object.entries(CONTRACT)) {
    sandbox.data = new FakeContacts();
    const verdicts = [];
    for (const port of [new FakeContacts(), client, new StaleFake()]) {
      verdicts.push((await test(port)) ? "ok" : "FAIL");
    }
    const [fake, real, stale] = verdicts;
    console.log(
      `  ${name.padEnd(42)}${fake.padEnd(7)}${real.padEnd(9)}${stale}`,
    );
  }
}

async function checkLimits(clock, sandbox, client) {
  async function call(label, act, ...faults) {
    sandbox.faults = faults;
    const start = clock.now;
    const before = sandbox.requests;
    let outcome = "done";
    try {
      await act();
    } catch (error) {
      if (error instanceof Rejected) outcome = `Rejected: ${error.message}`;
      else if (error instanceof Unavailable) {
        outcome = `Unavailable for ${error.retryAfter} s`;
      } else throw error;
    }
    const sent = String(sandbox.requests - before).padEnd(9);
    const waited = String(clock.now - start).padStart(3);
    const at = String(start).padStart(4);
    console.log(`${at}  ${label.padEnd(33)}${sent}${waited} s   ${outcome}`);
  }

  const list = () => client.ids();
  sandbox.data = new FakeContacts();
  console.log("\n" + "   s  call".padEnd(39) + "requests waited  outcome");
  await call(
    "create, answer lost",
    () => client.create("eve@x.test", "k9"),
    "drop",
  );
  await call("create, address is bad", () => client.create("eve", "k10"));
  sandbox.quota = 3;
  for (const left of [2, 1, 0])
    await call(`list, then ${left} left of 3`, list);
  await call("list, so it waits before it asks", list);
  sandbox.quota = 0;
  clock.sleep(20);
  await call("list, 429 with Retry-After: 7", list, "429 7");
  await call("list, 429 with Retry-After: 3600", list, "429 3600");
  await call("list, vendor is down", list, "503", "503", "503");
  await call("list, still down", list, "503", "503", "503");
  await call("list, breaker is open", list);
  clock.sleep(30);
  await call("list, the vendor is back", list);
  const made = (await sandbox.data.ids()).size;
  console.log(`contacts made by the two creates: ${made}`);
}

/** The process is gone. */
class Died extends Error {}

/** Our tables. What one method changes, one transaction changes. */
class Copy {
  contacts = new Map();
  cursor = "";

  commit(page) {
    for (const one of page.contacts) this.contacts.set(one.id, one);
    this.cursor = page.cursor;
  }
}

async function sync(port, copy, { cursorFirst, diesAt = 0 }) {
  let changed = 0;
  for (let number = 1; ; number++) {
    const page = await port.changes(copy.cursor);
    if (cursorFirst) copy.cursor = page.cursor; // a transaction of its own
    if (number === diesAt) throw new Died();
    copy.commit(page);
    changed += page.contacts.length;
    if (!page.more) return changed;
  }
}

/** Compares every id: the only way to learn what changes do not say. */
async function reconcile(port, copy) {
  const there = await port.ids();
  const size = copy.contacts.size;
  const gone = [...copy.contacts.keys()].filter((id) => !there.has(id));
  if (2 * gone.length > size) {
    return `${gone.length} of ${size} missing: refused, call a human`;
  }
  for (const id of gone) copy.contacts.delete(id);
  return `${gone.length} removed, ${copy.contacts.size} left`;
}

async function checkSync(sandbox, client) {
  const vendor = (sandbox.data = new FakeContacts());
  for (const name of ["ada", "bob", "cy", "dee", "eve", "fay"]) {
    await client.create(`${name}@example.com`, name);
  }
  const row = (label, text) => console.log(`  ${label.padEnd(42)}${text}`);
  console.log("\nsync of 6 contacts, killed while it stores page 2 of 3");
  let copy;
  for (const cursorFirst of [true, false]) {
    copy = new Copy();
    await sync(client, copy, { cursorFirst, diesAt: 2 }).catch((error) => {
      if (!(error instanceof Died)) throw error;
    });
    await sync(client, copy, { cursorFirst });
    const label = cursorFirst ? "cursor saved first" : "one commit";
    row(label, `${copy.contacts.size} of 6 after the restart`);
  }
  vendor.change("p1", "ada@example.org");
  vendor.delete("p2");
  const changed = await sync(client, copy, { cursorFirst: false });
  const there = copy.contacts.has("p2") ? "still here" : "gone";
  row("Ada changes, Bob is deleted: sync", `${changed} change, Bob ${there}`);
  row("reconciliation", await reconcile(client, copy));
  vendor.rows.clear();
  row("reconciliation, listing empty", await reconcile(client, copy));
}

const clock = new ManualClock();
const sandbox = new Sandbox(clock);
const server = serve(sandbox);
server.listen(0, "127.0.0.1");
await once(server, "listening");
try {
  // In production: (most) => Math.random() * most
  const client = new VendorContacts(
    server.address().port,
    clock,
    (most) => most,
  );
  await checkContract(sandbox, client);
  await checkLimits(clock, sandbox, client);
  await checkSync(sandbox, client);
} finally {
  server.close();
  server.closeAllConnections();
}
