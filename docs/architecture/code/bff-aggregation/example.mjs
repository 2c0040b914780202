// A backend for frontend: one screen from three services, some of them broken.
import { once } from "node:events";
import { createServer } from "node:http";

const SESSIONS = new Map([["sid-of-ada", "sample-token-of-ada"]]);
const LONG = 5000; // milliseconds
const SHORT = 100; // for services that never answer

// --8<-- [start:show]
class PartError extends Error {
  // The status is ours, should the part be required.
  constructor(part, status, reason) {
    super(`${part.name}: ${reason}`);
    this.status = status;
  }
}

// Ask one service; every way to fail becomes one kind of error.
async function call(part, token, canceled) {
  const late = AbortSignal.timeout(part.deadlineMs); // headers and body together
  let response;
  let text;
  try {
    response = await fetch(part.url, {
      headers: { Authorization: `Bearer ${token}` },
      signal: AbortSignal.any([late, canceled]),
    });
    text = await response.text();
  } catch {
    if (late.aborted) throw new PartError(part, 504, "timeout");
    throw new PartError(part, 502, "unreachable");
  }
  if (response.status !== 200)
    throw new PartError(part, 502, `status ${response.status}`);
  try {
    return JSON.parse(text);
  } catch {
    throw new PartError(part, 502, "no JSON");
  }
}

async function home(parts, token, log) {
  const page = {};
  const missing = [];
  const rest = new AbortController();
  const fill = async (part) => {
    page[part.name] = null;
    try {
      page[part.name] = await call(part, token, rest.signal);
    } catch (error) {
      if (rest.signal.aborted) return;
      log.push(error.message); // the reason is for us, the name for the client
      if (part.required) throw error;
      missing.push(part.name);
    }
  };
  try {
    await Promise.all(parts.map(fill)); // all at once
  } catch (error) {
    if (!(error instanceof PartError)) throw error;
    return {
      status: error.status,
      body: { title: "The page cannot be shown now" },
    };
  } finally {
    rest.abort(); // ends the calls that nobody waits for anymore
  }
  return { status: 200, body: { ...page, missing: missing.sort() } };
}
// --8<-- [end:show]

// The loop that everybody writes first.
async function oneByOne(parts, token) {
  try {
    for (const part of parts)
      await call(part, token, new AbortController().signal);
    return 200;
  } catch (error) {
    if (!(error instanceof PartError)) throw error;
    return error.status;
  }
}

// What several wait for until one of them, or the end, says go.
function gate() {
  const { promise, resolve } = Promise.withResolvers();
  return { opened: promise, open: resolve };
}

// They behave as their modes say.
class Services {
  modes = {};
  seen = [];
  end = gate();
  #meeting = 0;
  #met = gate();
  #holding = gate(); // some service holds a request

  set(modes) {
    this.modes = modes;
    this.#meeting = 0;
    this.#met = gate();
    this.#holding = gate();
  }

  async handle(name, data, asked, answer) {
    this.seen.push(asked.headers);
    const send = (status, text = "") => answer.writeHead(status).end(text);
    switch (this.modes[name]) {
      case "fail":
        return send(500);
      case "garbage":
        return send(200, "<html>");
      case "hang":
        this.#holding.open();
        await this.end.opened;
        break;
      case "fail last":
        await this.#holding.opened;
        return send(500);
      case "meet": // answer when all three have been asked
        this.#meeting += 1;
        if (this.#meeting === 3) this.#met.open();
        await Promise.race([this.#met.opened, this.end.opened]);
        break;
    }
    send(200, JSON.stringify(data));
  }
}

async function serve(handle) {
  const server = createServer(handle);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return server;
}

function address(server) {
  return `http://127.0.0.1:${server.address().port}`;
}

// Keys in order, as other languages print them.
function ordered(body) {
  return JSON.stringify(Object.fromEntries(Object.entries(body).sort()));
}

class Bff {
  parts = [];
  log = [];

  async handle(asked, answer) {
    const sid = (asked.headers.cookie ?? "").replace(/^sid=/, "");
    const token = SESSIONS.get(sid);
    if (token === undefined) return answer.writeHead(401).end();
    const { status, body } = await home(this.parts, token, this.log);
    const whole = status === 200 && body.missing.length === 0;
    answer.writeHead(status, {
      "Cache-Control": whole ? "private, max-age=30" : "no-store",
    });
    answer.end(ordered(body));
  }
}

async function scenarios(services, bff, url) {
  const get = (headers = { Cookie: "sid=sid-of-ada" }) =>
    fetch(`${url}/home`, { headers, signal: AbortSignal.timeout(3 * LONG) });

  const show = async (title, modes) => {
    services.set(modes);
    for (const part of bff.parts) {
      part.deadlineMs = modes[part.name] === "hang" ? SHORT : LONG;
    }
    bff.log = [];
    const response = await get();
    const caching = response.headers.get("cache-control").padEnd(20);
    const reasons = bff.log.join(", ") || "-";
    console.log(`${title.padEnd(20)}${response.status}  ${caching}${reasons}`);
    return response.text();
  };

  const meet = { profile: "meet", orders: "meet", offers: "meet" };
  console.log(`${"scenario".padEnd(20)}status, caching          log`);
  await show("all well", {});
  await show("all wait for all", meet);
  await show("slow offers", { offers: "hang" });
  const broken = await show("broken offers", { offers: "garbage" });
  await show("both", { orders: "fail", offers: "hang" });
  await show("profile fails", { profile: "fail" });
  await show("profile is slow", { profile: "hang" });
  console.log(`the page without offers:\n${broken}`);

  services.set({ offers: "hang", profile: "fail last" });
  for (const part of bff.parts) part.deadlineMs = 4 * LONG;
  const { status } = await get();
  console.log(`profile fails while offers hangs for 20 s: ${status}, at once`);

  services.set(meet);
  for (const part of bff.parts) part.deadlineMs = SHORT;
  const alone = await oneByOne(bff.parts, "sample-token-of-ada");
  console.log(`one by one, where all wait for all: ${alone}`);

  const before = services.seen.length;
  const refused = await get({});
  const asked = services.seen.length - before;
  console.log(`without a session: ${refused.status}, services asked: ${asked}`);
  const tokens = new Set(services.seen.map((headers) => headers.authorization));
  const cookies = services.seen.filter((headers) => "cookie" in headers).length;
  console.log(`services saw: ${[...tokens].join(", ")}; cookies: ${cookies}`);
}

const services = new Services();
const bff = new Bff();
const servers = [];
for (const [name, data] of [
  ["profile", { name: "Ada" }],
  ["orders", [42]],
  ["offers", ["tea"]],
]) {
  const server = await serve((...args) => services.handle(name, data, ...args));
  servers.push(server);
  bff.parts.push({ name, url: address(server), required: name === "profile" });
}
const front = await serve((asked, answer) => bff.handle(asked, answer));
servers.push(front);
try {
  await scenarios(services, bff, address(front));
} finally {
  services.end.open();
  for (const server of servers) {
    server.close();
    server.closeAllConnections();
  }
}
