// Three middlewares in five orders: what the logs know after each.
import { AsyncLocalStorage } from "node:async_hooks";
import { createHash, timingSafeEqual } from "node:crypto";

const TOKEN = "sample-token";
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const TRACEPARENT =
  /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

// Accept exactly what W3C Trace Context allows; null starts a new trace.
function parse(traceparent) {
  const match = TRACEPARENT.exec(traceparent);
  if (!match) return null;
  const [, version, id, parent, flags, rest] = match;
  if (version === "ff" || (version === "00" && rest !== undefined)) return null;
  if (/^0+$/.test(id) || /^0+$/.test(parent)) return null;
  const sampled = parseInt(flags, 16) & 1;
  return Object.freeze({ id, flags: sampled ? "01" : "00" });
}

// Milliseconds that pass only when somebody works.
const clock = {
  now: 0,
  work(milliseconds) {
    this.now += milliseconds;
  },
};
const lines = []; // what a log collector would see
let number = 0;

// Stands in for randomBytes(...).toString("hex").
function newId(digits) {
  number += 1;
  return number.toString(16).padStart(digits, "0");
}

// --8<-- [start:show]
const current = new AsyncLocalStorage();

function log(message) {
  const trace = current.getStore();
  lines.push({ trace: trace ? trace.id.slice(0, 8) : "no id", message });
}

function requestId(inner) {
  return (request) => {
    const received = parse(request.headers.get("traceparent") ?? "");
    const trace = received ?? { id: newId(32), flags: "01" };
    return current.run(trace, inner, request); // also after every await in it
  };
}

function timing(inner) {
  return async (request) => {
    const started = clock.now;
    const response = await inner(request);
    log(`${response.status} in ${clock.now - started} ms`);
    return response;
  };
}

function recovery(inner) {
  return async (request) => {
    try {
      return await inner(request); // without await, rejections pass by
    } catch (error) {
      log(`crash: ${error.message}`);
      return new Response(null, { status: 500 });
    }
  };
}

function chain(handler, ...middlewares) {
  // The first becomes the outermost.
  return middlewares.reduceRight(
    (inner, middleware) => middleware(inner),
    handler,
  );
}

// --8<-- [end:show]

function guard(inner) {
  const digest = (text) => createHash("sha256").update(text).digest();
  const expected = digest(`Bearer ${TOKEN}`);
  return async (request) => {
    const sent = digest(request.headers.get("authorization") ?? "");
    if (!timingSafeEqual(sent, expected)) {
      return new Response(null, { status: 401 });
    }
    return inner(request);
  };
}

// The header of an outgoing call: same trace, new parent id.
function childTraceparent() {
  const trace = current.getStore();
  if (!trace) throw new Error("outgoing call outside a request");
  return `00-${trace.id}-${newId(16)}-${trace.flags}`;
}

function send(app, path, traceparent) {
  const headers = traceparent ? { traceparent } : {};
  return app(new Request(`https://shop.test${path}`, { headers }));
}

function found(kind) {
  for (const { trace, message } of lines) {
    if (message.startsWith("crash") === (kind === "crash")) {
      return kind === "crash" ? trace : `${trace} ${message}`;
    }
  }
  return "none";
}

async function orders() {
  const crashing = async () => {
    clock.work(7);
    throw new RangeError("divide by zero");
  };
  console.log(
    "order, from the outside in        answer  crash log  access log",
  );
  for (const [label, middlewares] of [
    ["id > timing > recovery", [requestId, timing, recovery]],
    ["id > recovery > timing", [requestId, recovery, timing]],
    ["recovery > id > timing", [recovery, requestId, timing]],
    ["id > timing > guard", [requestId, timing, guard]],
    ["guard > id > timing", [guard, requestId, timing]],
  ]) {
    lines.length = 0;
    const app = chain(crashing, ...middlewares);
    const answer = await send(app, "/crash", `00-${TRACE}-${CALLER}-01`);
    const cells = [
      label.padEnd(32),
      String(answer.status).padEnd(8),
      found("crash").padEnd(11),
      found("access"),
    ];
    console.log(`  ${cells.join("")}`);
  }
}

async function interleaved() {
  console.log("\ntwo requests, interleaved         global   request scope");
  let shared = "no id"; // the tempting module variable
  const aWaits = Promise.withResolvers();
  const bDone = Promise.withResolvers();
  const note = (message) => {
    log(message);
    const { trace } = lines.at(-1);
    console.log(`  ${message.padEnd(32)}${shared.padEnd(9)}${trace}`);
  };
  const cart = async (request) => {
    const name = new URL(request.url).pathname.slice(1);
    shared = current.getStore().id.slice(0, 8);
    note(`${name} loads the cart`);
    if (name === "A") {
      aWaits.resolve();
      await bDone.promise;
    }
    note(`${name} charges the card`);
    return new Response();
  };
  const app = chain(cart, requestId);
  const first = send(app, "/A", `00-${"a".repeat(32)}-${CALLER}-01`);
  await aWaits.promise;
  await send(app, "/B", `00-${"b".repeat(32)}-${CALLER}-01`);
  bDone.resolve();
  await first;
  note("after both");
}

async function traceparents() {
  console.log("\ntraceparent     trace sent on");
  let sent = "";
  const price = async () => {
    sent = childTraceparent();
    return new Response();
  };
  const app = chain(price, requestId);
  for (const [label, header] of [
    ["valid", `00-${TRACE}-${CALLER}-01`],
    ["later version", `cc-${TRACE}-${CALLER}-01-more`],
    ["none", ""],
    ["zero trace", `00-${"0".repeat(32)}-${CALLER}-01`],
    ["upper case", `00-${TRACE.toUpperCase()}-${CALLER}-01`],
    ["version ff", `ff-${TRACE}-${CALLER}-01`],
  ]) {
    await send(app, "/price", header);
    const kept = sent.includes(TRACE) ? "kept" : "new";
    console.log(`  ${label.padEnd(14)}${kept.padEnd(6)}${sent}`);
  }
}

await orders();
await interleaved();
await traceparents();
