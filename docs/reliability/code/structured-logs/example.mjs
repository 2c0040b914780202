// Log two checkouts at once: context, redaction, causes, one line per record.
import { AsyncLocalStorage } from "node:async_hooks";

const LEVELS = { DEBUG: 10, INFO: 20, ERROR: 40 };
const SECRET_KEYS = new Set(
  "password authorization cookie setcookie token apikey".split(" "),
);
const BEARER = /\bBearer [\w.~+/=-]+/g;
const EMAIL = /[\w.+-]+@[\w.-]+\.\w+/g;
const CARD = /\b[0-9](?:[ -]?[0-9]){12,18}\b/g;
const LONGEST = 2000; // characters of one value; patterns run on every line
const DEEPEST = 5; // nesting of causes and of values
const FIRST = {
  trace_id: "4bf92f3577b34da6a3ce929d0e0e4736",
  span_id: "b7ad6b7169203331",
};
const SECOND = {
  trace_id: "0af7651916cd43dd8448eb211c80319c",
  span_id: "53995c3f42cd8ad8",
};
const SECRETS = ["hunter2", "sample-token", "ada@example.com", "4242 4242"];
const FORGED = 'bob\n{"level":"INFO","msg":"admin login ok"}';

// Stands in for the clock.
const now = () => "2026-11-21T09:00:00Z";

// Mask what passes the Luhn check; other long numbers stay.
function card(text) {
  const digits = [...text.replace(/[^0-9]/g, "")].map(Number).reverse();
  const sum = digits.reduce((total, digit, place) => {
    const value = place % 2 ? 2 * digit : digit;
    return total + (value > 9 ? value - 9 : value);
  }, 0);
  return sum % 10 ? text : "[card]";
}

// The two innermost functions; production keeps file and line too.
function frames(error) {
  const calls = error.stack.matchAll(/^ +at (?:async )?(\w+) \(/gm);
  return [...calls].map(([, name]) => name).slice(0, 2);
}

// --8<-- [start:show]
const request = new AsyncLocalStorage();

function scrub(text) {
  return text
    .slice(0, LONGEST)
    .replace(BEARER, "Bearer [redacted]")
    .replace(EMAIL, "[email]")
    .replace(CARD, card);
}

function clean(key, value, depth = DEEPEST) {
  if (SECRET_KEYS.has(key.toLowerCase().replace(/[-_]/g, ""))) {
    return "[redacted]";
  }
  if (value instanceof Error) return describe(value, DEEPEST);
  if (typeof value === "string") return scrub(value);
  if (value === null || typeof value !== "object") return value;
  if (depth === 0) return "[too deep]";
  if (Array.isArray(value)) {
    return value.map((item) => clean(key, item, depth - 1));
  }
  const items = Object.entries(value);
  return Object.fromEntries(items.map(([k, v]) => [k, clean(k, v, depth - 1)]));
}

function describe(error, depth) {
  const known = { type: error.name, message: scrub(error.message) };
  if (error.cause instanceof Error && depth > 1) {
    return { ...known, cause: describe(error.cause, depth - 1) };
  }
  return { ...known, stack: frames(error) }; // of the root cause
}

class JsonLines {
  constructor(level, write) {
    this.level = LEVELS[level];
    this.write = write;
  }

  log(level, msg, fields = {}) {
    if (LEVELS[level] < this.level) return;
    const head = { time: now(), level, msg: scrub(msg), ...request.getStore() };
    const line = { ...head, ...clean("", fields), ...head };
    this.write(`${JSON.stringify(line)}\n`); // escapes line breaks
  }
}

// --8<-- [end:show]

// The order could not be paid.
class CheckoutError extends Error {
  get name() {
    return "CheckoutError";
  }
}

// The payment provider did not answer.
class GatewayTimeout extends Error {
  get name() {
    return "GatewayTimeout";
  }
}

let output = "";
const logger = new JsonLines("INFO", (line) => {
  output += line;
});

async function charge(order) {
  await null;
  if (order === 7) throw new GatewayTimeout("no answer to Bearer sample-token");
}

async function checkout(order) {
  try {
    await charge(order);
  } catch (error) {
    throw new CheckoutError(`order ${order} not paid`, { cause: error });
  }
}

async function handle(order, both) {
  logger.log("INFO", "checkout started", { order });
  logger.log("DEBUG", "cart loaded");
  await both();
  try {
    await checkout(order);
  } catch (error) {
    logger.log("ERROR", "checkout failed", { order, error });
    return;
  }
  logger.log("INFO", "checkout done", { order });
}

// A barrier: nobody goes on before all have come.
function barrier(parties) {
  const { promise, resolve } = Promise.withResolvers();
  return () => {
    parties -= 1;
    if (parties === 0) resolve();
    return promise;
  };
}

async function experiment() {
  const both = barrier(2);
  await Promise.all([
    request.run(FIRST, handle, 7, both),
    request.run(SECOND, handle, 8, both),
  ]);
  const note =
    "from ada@example.com, card 4242 4242 4242 4242, parcel 1234567890123456";
  const headers = { Authorization: "Bearer sample-token", Accept: "text/html" };
  const fields = { user: FORGED, password: "hunter2", headers, note };
  request.run(SECOND, () => logger.log("INFO", "login", fields));
}

const naive = { level: "error", error: new CheckoutError("order 7 not paid") };
console.log("naive: ", JSON.stringify(naive));
await experiment();
const written = output.trimEnd().split("\n");
const records = written.map((line) => JSON.parse(line));

const failed = records.find((record) => record.error);
const { error } = failed;
console.log("\nthe failed checkout");
for (const key of ["time", "level", "msg", "trace_id", "span_id", "order"]) {
  console.log(`  ${key.padEnd(9)} ${failed[key]}`);
}
console.log(`  error     ${error.type}: ${error.message}`);
console.log(`  cause     ${error.cause.type}: ${error.cause.message}`);
console.log(`  stack     ${error.cause.stack.join(" < ")}`);

const login = records.at(-1);
console.log("\nthe login");
console.log(`  password  ${login.password}`);
console.log(`  headers   ${Object.values(login.headers).join(" | ")}`);
console.log(`  note      ${login.note}`);
const text = `login user=${FORGED}`.split("\n");
console.log(`  as text   ${text.length} lines, the second: ${text[1]}`);
const same = login.user === FORGED ? "unchanged" : "changed";
console.log(`  as JSON   1 line, the name reads back ${same}`);

console.log("\nlines by request");
for (const { trace_id, span_id } of [FIRST, SECOND]) {
  const mine = records.filter((record) => record.trace_id === trace_id);
  const messages = mine.map((record) => record.msg).join(", ");
  console.log(`  ${trace_id.slice(0, 8)} ${span_id.slice(0, 8)}  ${messages}`);
}
const whole = records.filter((r) => r.trace_id && r.span_id).length;
const debug = records.filter((r) => r.level === "DEBUG").length;
const leaks = SECRETS.filter((secret) => output.includes(secret)).length;
console.log(`\nwith trace_id and span_id: ${whole} of ${records.length}`);
console.log(`debug lines at level info: ${debug}`);
console.log(`secrets in the output: ${leaks}`);
