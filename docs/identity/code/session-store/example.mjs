// Attack a naive session store and a rotating one with the same planted ids.
import { createHash, randomBytes } from "node:crypto";

const ID_BYTES = 16; // 128 bits, from a cryptographic generator
const IDLE = 30 * 60; // seconds without a request
const ABSOLUTE = 12 * 60 * 60; // seconds since login, whatever happens
const LIMIT = 3; // sessions of one user
const ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Lax";

// An id is random, so nobody can search for it: no salt, no slow hash.
const digest = (sid) => createHash("sha256").update(sid).digest("hex");

const isOver = (session, now) =>
  now - session.seen >= IDLE || now - session.created >= ABSOLUTE;

// Hashes of live sessions, least recently used first: safe to show.
const handlesOf = (rows, user, now) =>
  [...rows]
    .filter(([, session]) => session.user === user && !isOver(session, now))
    .sort(([, a], [, b]) => a.seen - b.seen)
    .map(([handle]) => handle);

// --8<-- [start:show]
class RotatingStore {
  rows = new Map(); // by the hash of the id

  constructor(clock, random = randomBytes) {
    this.clock = clock;
    this.random = random;
  }

  start(user = "", device = "") {
    const sid = this.random(ID_BYTES).toString("base64url");
    const now = this.clock();
    this.rows.set(digest(sid), { user, device, created: now, seen: now });
    return sid; // for Set-Cookie; the store keeps only its hash
  }

  find(sid) {
    const session = this.rows.get(digest(sid));
    const now = this.clock();
    if (!session || isOver(session, now)) {
      this.rows.delete(digest(sid));
      return undefined; // never adopt an id that somebody else made
    }
    session.seen = now;
    return session;
  }

  /** After the password: the old id ends here, and a new one starts. */
  logIn(sid, user, device) {
    this.rows.delete(digest(sid));
    const mine = handlesOf(this.rows, user, this.clock());
    for (const handle of mine.slice(0, Math.max(0, mine.length - LIMIT + 1))) {
      this.rows.delete(handle);
    }
    return this.start(user, device);
  }

  revoke(user, handle) {
    const mine = handlesOf(this.rows, user, this.clock());
    if (!mine.includes(handle)) return false; // only your own
    return this.rows.delete(handle);
  }

  revokeAll(user) {
    for (const handle of handlesOf(this.rows, user, this.clock())) {
      this.rows.delete(handle);
    }
  }
}

// --8<-- [end:show]

// Adopts any id it is shown, keeps it across login, stores it in clear.
class NaiveStore {
  rows = new Map();

  find(sid) {
    if (!this.rows.has(sid)) this.rows.set(sid, "");
    return this.rows.get(sid);
  }

  logIn(sid, user) {
    this.rows.set(sid, user);
  }
}

function steppedClock() {
  let now = 0;
  const clock = () => now;
  clock.wait = (minutes) => {
    now += minutes * 60;
  };
  return clock;
}

// Repeatable bytes for a test. In service: randomBytes of node:crypto.
function counted() {
  let calls = 0;
  return (size) => {
    calls += 1;
    return createHash("sha256")
      .update(`sample ${calls}`)
      .digest()
      .subarray(0, size);
  };
}

const who = (session) => (session ? session.user || "anonymous" : "nobody");

function fixation() {
  console.log(
    "the attacker plants an id, ada logs in with it, the attacker returns",
  );
  const naive = new NaiveStore();
  for (const planted of ["invented-by-mallory", "issued-to-mallory"]) {
    naive.find(planted);
    naive.logIn(planted, "ada");
    const label = planted.split("-")[0].padEnd(9);
    console.log(
      `  naive     ${label} id opens the account of ${naive.find(planted)}`,
    );
  }
  const store = new RotatingStore(steppedClock(), counted());
  for (const [label, planted] of [
    ["invented", "x".repeat(22)],
    ["issued", store.start()],
  ]) {
    store.logIn(planted, "ada", "laptop");
    const opened = who(store.find(planted));
    console.log(
      `  rotating  ${label.padEnd(9)} id opens the account of ${opened}`,
    );
  }
}

function leak() {
  const store = new RotatingStore(steppedClock(), counted());
  const sid = store.logIn("", "ada", "laptop");
  const [row] = store.rows.keys();
  console.log(
    `\na copy of the table: ${row.slice(0, 16)}... instead of ${sid}`,
  );
  console.log(`  cookie with the row: ${who(store.find(row))}`);
  console.log(`  cookie with the id:  ${who(store.find(sid))}`);
}

function timeouts() {
  console.log("\nidle 30 min, absolute 12 h");
  const clock = steppedClock();
  const store = new RotatingStore(clock, counted());
  let sid = store.logIn("", "ada", "laptop");
  clock.wait(29);
  console.log(`  after 29 min:               ${who(store.find(sid))}`);
  clock.wait(30);
  console.log(`  30 min later:               ${who(store.find(sid))}`);
  sid = store.logIn(sid, "ada", "laptop");
  let visits = 0;
  while (store.find(sid)) {
    visits += 1;
    clock.wait(20);
  }
  const last = visits * 20 - 20;
  const span = `${Math.floor(last / 60)} h ${last % 60} min`;
  console.log(`  a request every 20 min:     ada for ${span}, then nobody`);
}

function devices() {
  console.log("\nat most 3 sessions");
  const clock = steppedClock();
  const store = new RotatingStore(clock, counted());
  const cookies = {};
  for (const device of ["laptop", "phone", "tablet"]) {
    clock.wait(1);
    cookies[device] = store.logIn("", "ada", device);
  }
  clock.wait(1);
  store.find(cookies.laptop); // the phone is now the one not used longest

  const line = (label, value) =>
    console.log(`  ${label.padEnd(27)} ${value || "none"}`);
  const show = (label) => {
    const names = handlesOf(store.rows, "ada", clock()).map(
      (h) => store.rows.get(h).device,
    );
    line(label, names.join(" "));
  };
  show("ada, by last use:");
  clock.wait(1);
  cookies.tv = store.logIn("", "ada", "tv");
  show("a fourth login:");
  const handle = digest(cookies.tablet);
  const done = store.revoke("mallory", handle);
  line("mallory revokes the tablet:", done ? "done" : "refused");
  store.revoke("ada", handle);
  show("ada revokes the tablet:");
  store.revokeAll("ada");
  show("log out everywhere:");
  line("the cookie of the tv:", who(store.find(cookies.tv)));
}

function cookie() {
  const store = new RotatingStore(steppedClock(), counted());
  console.log("\nSet-Cookie at login and at logout");
  const sid = store.logIn("", "ada", "laptop");
  console.log(`  __Host-id=${sid}; ${ATTRIBUTES}`);
  console.log(`  __Host-id=; Max-Age=0; ${ATTRIBUTES}`);
}

fixation();
leak();
timeouts();
devices();
cookie();
