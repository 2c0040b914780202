// Trace a checkout through two HTTP services and a queue; then sample traces.
import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import http from "node:http";

const TRACEPARENT =
  /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER = "00f067aa0ba902b7";
const KEEP_FROM = "cccccccccccccc"; // the upper fifth of 56 random bits
const SLOW = 500;

// Milliseconds that pass only when somebody works.
const clock = {
  now: 0,
  work(milliseconds) {
    this.now += milliseconds;
  },
};

// Stands in for randomBytes(...).toString("hex").
const ids = {
  traces: 0xa0,
  spans: 0,
  trace() {
    this.traces += 1;
    return this.traces.toString(16).padStart(32, "0");
  },
  span() {
    this.spans += 1;
    return this.spans.toString(16).padStart(16, "0");
  },
};

const exported = [];
const queue = [];

// --8<-- [start:show]
const current = new AsyncLocalStorage(); // { traceId, spanId, sampled, state }

function extract(headers) {
  const match = TRACEPARENT.exec(headers.traceparent ?? "");
  if (!match) return null;
  const [, version, traceId, spanId, flags, rest] = match;
  if (version === "ff" || (version === "00" && rest !== undefined)) return null;
  if (/^0+$/.test(traceId) || /^0+$/.test(spanId)) return null;
  const sampled = (parseInt(flags, 16) & 1) === 1; // bits: 09 is sampled too
  return { traceId, spanId, sampled, state: headers.tracestate ?? "" };
}

function inject({ traceId, spanId, sampled, state }) {
  const flags = sampled ? "01" : "00";
  const headers = { traceparent: `00-${traceId}-${spanId}-${flags}` };
  return state ? { ...headers, tracestate: state } : headers;
}

async function span(name, kind, { parent = null, link = null }, body) {
  const own = parent
    ? { ...parent, spanId: ids.span() } // same trace and decision, own id
    : {
        traceId: ids.trace(), // a root decides; ours follows the producer
        spanId: ids.span(),
        sampled: link ? link.sampled : true,
        state: "",
      };
  const start = clock.now;
  try {
    return await current.run(own, body);
  } finally {
    const end = clock.now;
    if (own.sampled) {
      exported.push({ own, parent, link, name, kind, start, end });
    }
  }
}

// --8<-- [end:show]

// The span ends before the answer leaves, so that times are certain.
function service(handle) {
  const server = http.createServer(async (req, res) => {
    req.resume();
    await once(req, "end");
    const parent = extract(req.headers);
    try {
      await span(`${req.method} ${req.url}`, "server", { parent }, () =>
        handle(req),
      );
      res.statusCode = 204;
    } catch {
      res.statusCode = 500;
    }
    res.end();
  });
  server.requestTimeout = 5000;
  return server;
}

let seen; // the headers of the last call
const payments = service(async (req) => {
  seen = req.headers;
  clock.work(40);
});

const shop = service(async () => {
  clock.work(5);
  const parent = current.getStore();
  await span("POST /charge", "client", { parent }, async () => {
    clock.work(2);
    await post(payments, "/charge", inject(current.getStore()));
    clock.work(2);
  });
  await span("send mail", "producer", { parent }, () => {
    clock.work(1);
    queue.push(inject(current.getStore()));
  });
});

async function workOffQueue() {
  clock.work(100); // the message waits
  const link = extract(queue.shift());
  await span("process mail", "consumer", { link }, () => clock.work(30));
}

async function post(server, path, headers) {
  const request = http.request({
    host: "127.0.0.1",
    port: server.address().port,
    path,
    method: "POST",
    headers,
    signal: AbortSignal.timeout(5000),
  });
  request.end("{}");
  const [response] = await once(request, "response");
  response.resume();
  await once(response, "end");
  if (response.statusCode !== 204) {
    throw new Error(`${path} answered ${response.statusCode}`);
  }
}

async function checkout(headers) {
  exported.length = 0;
  clock.now = 0;
  await post(shop, "/checkout", headers);
  await workOffQueue();
  return exported.toSorted(
    (a, b) => a.start - b.start || a.own.spanId.localeCompare(b.own.spanId),
  );
}

function showHeaders() {
  console.log("traceparent received                 decision");
  const both = `${TRACE}-${CALLER}`;
  for (const [label, traceparent] of [
    ["00-trace-parent-01", `00-${both}-01`],
    ["00-trace-parent-00", `00-${both}-00`],
    ["00-trace-parent-09", `00-${both}-09`],
    ["01-trace-parent-01-more", `01-${both}-01-more`],
    ["00-trace-parent-01-more", `00-${both}-01-more`],
    ["ff-trace-parent-01", `ff-${both}-01`],
    [
      "00-TRACE-parent-01, upper case",
      `00-${TRACE.toUpperCase()}-${CALLER}-01`,
    ],
    ["00-zeros-parent-01", `00-${"0".repeat(32)}-${CALLER}-01`],
  ]) {
    const context = extract({ traceparent });
    const sampled = context?.sampled ? "sampled" : "not sampled";
    const decision = context ? `continue, ${sampled}` : "new trace";
    console.log(`  ${label.padEnd(35)}${decision}`);
  }
}

function showSpans(spans) {
  console.log(
    "\ntrace  span  parent  kind      name             ms       link",
  );
  for (const { own, parent, link, name, kind, start, end } of spans) {
    const cells = [
      own.traceId.slice(-4).padEnd(7),
      own.spanId.slice(-4).padEnd(6),
      (parent?.spanId.slice(-4) ?? "-").padEnd(8),
      kind.padEnd(10),
      name.padEnd(17),
      `${start}-${end}`.padEnd(9),
      link?.spanId.slice(-4) ?? "-",
    ];
    console.log(cells.join(""));
  }
}

function check(spans) {
  const [server, client, charge, producer, consumer] = spans;
  const held = [
    server.own.traceId === TRACE && server.parent.spanId === CALLER,
    client.parent === server.own && producer.parent === server.own,
    charge.parent.spanId === client.own.spanId,
    !consumer.parent && consumer.link.spanId === producer.own.spanId,
    consumer.own.traceId !== producer.own.traceId,
  ];
  const count = held.filter(Boolean).length;
  console.log(`parents and link as they must be: ${count} of ${held.length}`);
  console.log(`tracestate at payments: ${seen.tracestate}`);
}

function head(traceId) {
  return traceId.slice(-14) >= KEEP_FROM;
}

function durationOf(spans) {
  const ends = spans.map(({ end }) => end);
  return Math.max(...ends) - Math.min(...spans.map(({ start }) => start));
}

// Decide when all spans of a trace are there.
function tail(spans) {
  if (spans.some(({ failed }) => failed)) return "keep, error";
  return durationOf(spans) > SLOW ? "keep, slow" : "drop";
}

function showSampling() {
  const traces = new Map();
  for (const [id, start, end, failed] of [
    ["9d30b2a6c1f4e7", 0, 35, false],
    ["41a7c09be2d856", 10, 40, true],
    ["e85b1d7703c2fa", 12, 43, false],
    ["41a7c09be2d856", 2, 50, false],
    ["0b6ef2481d95a3", 5, 880, false],
    ["73c4d95a10be62", 20, 42, false],
    ["0b6ef2481d95a3", 3, 915, false],
  ]) {
    const traceId = id.padStart(32, "0");
    if (!traces.has(traceId)) traces.set(traceId, []);
    traces.get(traceId).push({ start, end, failed });
  }
  console.log("\ntrace           spans  ms   error  head 20 %  tail");
  for (const [traceId, spans] of traces) {
    const cells = [
      traceId.slice(-14).padEnd(16),
      String(spans.length).padEnd(7),
      String(durationOf(spans)).padEnd(5),
      (spans.some(({ failed }) => failed) ? "yes" : "no").padEnd(7),
      (head(traceId) ? "keep" : "drop").padEnd(11),
      tail(spans),
    ];
    console.log(cells.join(""));
  }
}

for (const server of [payments, shop]) {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
}
try {
  showHeaders();
  const traceparent = `00-${TRACE}-${CALLER}-01`;
  const tracestate = "congo=t61r";
  let spans = await checkout({ traceparent, tracestate });
  showSpans(spans);
  check(spans);
  spans = await checkout({ traceparent: `00-${TRACE}-${CALLER}-00` });
  const flag = seen.traceparent.slice(-2);
  const count = spans.length;
  console.log(
    `\ncaller not sampled: payments got ${flag}, ${count} spans exported`,
  );
  spans = await checkout({ traceparent: "not-a-trace", tracestate });
  const state = seen.tracestate ?? "dropped";
  const traceId = spans[0].own.traceId.slice(-4);
  console.log(`malformed: trace ${traceId}, tracestate ${state}`);
} finally {
  for (const server of [payments, shop]) {
    server.closeAllConnections();
    server.close();
  }
}
showSampling();
