// One central error handler that answers problem details and leaks nothing.
import { once } from "node:events";
import http from "node:http";

const STACK = "    at ";
const TITLES = {
  "order-not-found": "No such order",
  "malformed-json": "Body is not JSON",
  "invalid-order": "Order is invalid",
  "coupon-used": "Coupon was already used",
  "try-again": "Temporarily unable, try again",
  "upstream-timeout": "The stock service did not answer in time",
  "upstream-invalid": "The stock service answered nonsense",
  "internal-error": "Something went wrong on our side",
};

// Keeps the class name in logs, and the cause if there is one.
class AppError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = new.target.name;
  }
}
// Domain: the message is written for the client.
class NotFoundError extends AppError {}
// Domain: what is wrong, field by field.
class InvalidError extends AppError {
  constructor(errors) {
    super("invalid order");
    this.errors = errors;
  }
}
// What a driver throws; the detail may hold personal data.
class DatabaseError extends AppError {
  constructor(sqlState, message, detail = "") {
    super(message);
    this.sqlState = sqlState;
    this.constraint = message.split('"')[1] ?? "";
    this.detail = detail;
  }
}
// Another service broke its contract.
class UpstreamError extends AppError {}
// Another service did not answer: a bare TimeoutError may be anybody's.
class UpstreamTimeoutError extends AppError {}

// Serialization failure and deadlock: rolled back, so safe to repeat.
const RETRYABLE = new Set(["40001", "40P01"]);
const log = [];
let number = 0;

// --8<-- [start:show]
function classify(error) {
  if (error instanceof NotFoundError) {
    return { status: 404, code: "order-not-found", detail: error.message };
  }
  if (error instanceof InvalidError) {
    return { status: 422, code: "invalid-order", errors: error.errors };
  }
  if (error instanceof MalformedError) {
    return { status: 400, code: "malformed-json" };
  }
  if (error instanceof DatabaseError) {
    const { sqlState, constraint } = error;
    if (sqlState === "23505" && constraint === "redemptions_pkey") {
      return { status: 409, code: "coupon-used" };
    }
    if (RETRYABLE.has(sqlState)) {
      return { status: 503, code: "try-again", level: "warn", retryAfter: 1 };
    }
  }
  if (error instanceof UpstreamTimeoutError) {
    return { status: 504, code: "upstream-timeout", level: "warn" };
  }
  if (error instanceof UpstreamError) {
    return { status: 502, code: "upstream-invalid", level: "error" };
  }
  // A bug, or something nobody thought of: say nothing.
  return { status: 500, code: "internal-error", level: "error" };
}

async function central(handler, exchange) {
  try {
    await handler(exchange); // a rejected promise arrives here, too
  } catch (error) {
    const problem = classify(error);
    let text = `${problem.code}: ${error?.message ?? error}`;
    if (problem.status === 500) text += `\n${error?.stack ?? ""}`;
    const { requestId } = exchange;
    log.push({ level: problem.level ?? "info", requestId, text });
    if (exchange.response.headersSent) {
      exchange.response.destroy(); // a status is out: no second one
    } else {
      sendProblem(exchange, problem);
    }
  }
}

// --8<-- [end:show]

// A SyntaxError may also be our own bug, so the parser's is renamed on the spot.
class MalformedError extends AppError {}

// What many services do: the error is the answer.
async function naive(handler, exchange) {
  try {
    await handler(exchange);
  } catch (error) {
    const text = `${error.message} ${error.detail ?? ""} ${error.stack}`;
    send(exchange, 500, "application/json", { error: text });
  }
}

function send({ response }, status, contentType, body, headers = {}) {
  const content = JSON.stringify(body);
  response.writeHead(status, {
    "Content-Type": contentType,
    "Content-Length": Buffer.byteLength(content),
    ...headers,
  });
  response.end(content);
}

function sendProblem(exchange, problem) {
  const { status, code, detail, errors, retryAfter } = problem;
  const body = {
    type: `https://shop.test/problems/${code}`,
    title: TITLES[code],
    status,
    detail,
    errors,
    request_id: exchange.requestId,
  };
  const headers = retryAfter ? { "Retry-After": String(retryAfter) } : {};
  send(exchange, status, "application/problem+json", body, headers);
}

async function readJson(request) {
  let text = "";
  for await (const part of request.setEncoding("utf8")) {
    text += part;
    if (text.length > 4096) throw new MalformedError("body too long");
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new MalformedError(cause.message, { cause });
  }
}

async function route(exchange) {
  const { request, response } = exchange;
  switch (request.url) {
    case "/orders/42":
      send(exchange, 200, "application/json", { id: 42 });
      break;
    case "/orders/999":
      throw new NotFoundError("There is no order 999.");
    case "/orders":
      create(await readJson(request));
      send(exchange, 201, "application/json", {});
      break;
    case "/coupons":
      throw new DatabaseError(
        "23505",
        'duplicate key, "redemptions_pkey": INSERT INTO redemptions',
        "Key (coupon, customer)=(HELLO, ada@example.com) already exists.",
      );
    case "/deadlock":
      throw new DatabaseError("40P01", "deadlock detected");
    case "/stock/slow":
    case "/stock/odd":
      // The failure happens in a later turn; await brings it back here.
      await stock(request.url);
      break;
    case "/bug":
      throw new RangeError("price list 10.0.3.7 not loaded");
    case "/export":
      response.writeHead(200);
      await new Promise((done) => {
        response.write("id,qty\n", done);
      });
      throw new RangeError("row 8812 has no price");
  }
}

function create(order) {
  const errors = [];
  if (!Number.isInteger(order.qty) || order.qty < 1 || order.qty > 99) {
    errors.push({ pointer: "#/qty", detail: "must be 1 to 99" });
  }
  if (!Object.hasOwn(order, "sku")) {
    errors.push({ pointer: "#/sku", detail: "is required" });
  }
  if (errors.length > 0) throw new InvalidError(errors);
}

async function stock(path) {
  await new Promise(setImmediate);
  if (path === "/stock/slow") {
    const cause = new DOMException("300 ms are over", "TimeoutError");
    throw new UpstreamTimeoutError("no answer from 10.0.3.8", { cause });
  }
  throw new UpstreamError("10.0.3.8 answered HTML");
}

async function call(base, path, body, naively = false) {
  const response = await fetch(base + path, {
    method: body ? "POST" : "GET",
    body: body || undefined,
    headers: naively ? { "X-Naive": "yes" } : {},
    signal: AbortSignal.timeout(5000),
  });
  const answer = { response, text: "", complete: true };
  try {
    answer.text = await response.text();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    answer.complete = false;
  }
  return answer;
}

const REQUESTS = [
  ["read", "/orders/42"],
  ["unknown order", "/orders/999"],
  ["broken JSON", "/orders", '{"sku":'],
  ["two bad fields", "/orders", '{"qty":0}'],
  ["coupon used twice", "/coupons"],
  ["deadlock victim", "/deadlock"],
  ["stock service slow", "/stock/slow"],
  ["stock service odd", "/stock/odd"],
  ["bug", "/bug"],
  ["bug after headers", "/export"],
];

async function table(base) {
  console.log(
    "request               status  problem           with            log",
  );
  let matching = 0;
  let problems = 0;
  for (const [label, path, body] of REQUESTS) {
    const before = log.length;
    const { response, text, complete } = await call(base, path, body);
    const last = log.length > before ? log.at(-1) : undefined;
    let code = "-";
    let extra = "-";
    if (response.headers.get("content-type") === "application/problem+json") {
      const document = JSON.parse(text);
      code = document.type.slice(document.type.lastIndexOf("/") + 1);
      problems += 1;
      const logged = last?.requestId === document.request_id;
      if (logged && document.status === response.status) matching += 1;
      if (document.errors) extra = `${document.errors.length} errors`;
      const retry = response.headers.get("retry-after");
      if (retry) extra = `Retry-After: ${retry}`;
    }
    if (!complete) extra = "body cut off";
    const cells = [
      label.padEnd(20),
      String(response.status).padEnd(8),
      code.padEnd(18),
      extra.padEnd(16),
      last?.level ?? "-",
    ];
    console.log(`  ${cells.join("")}`);
  }
  console.log(
    `status and request id agree with the log: ${matching} of ${problems}\n`,
  );
}

async function leaks(base) {
  console.log("inside information    naive answer  our answer  our log");
  for (const [word, path] of [
    ["INSERT INTO", "/coupons"],
    ["redemptions_pkey", "/coupons"],
    ["ada@example.com", "/coupons"],
    ["10.0.3.7", "/bug"],
    ["stack frame", "/bug"],
  ]) {
    const needle = word === "stack frame" ? STACK : word;
    const bad = await call(base, path, undefined, true);
    const good = await call(base, path);
    const cells = [
      word.padEnd(20),
      (bad.text.includes(needle) ? "leaked" : "absent").padEnd(14),
      (good.text.includes(needle) ? "leaked" : "absent").padEnd(12),
      log.at(-1).text.includes(needle) ? "kept" : "absent",
    ];
    console.log(`  ${cells.join("")}`);
  }
}

const server = http.createServer((request, response) => {
  number += 1;
  const requestId = `req-${String(number).padStart(4, "0")}`;
  const wrapper = request.headers["x-naive"] ? naive : central;
  wrapper(route, { request, response, requestId });
});
server.requestTimeout = 5000;
server.listen(0, "127.0.0.1");
await once(server, "listening");
try {
  const base = `http://127.0.0.1:${server.address().port}`;
  await table(base);
  await leaks(base);
} finally {
  server.closeAllConnections();
  server.close();
}
