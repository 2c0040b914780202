// Check one sign-up payload layer by layer, and try to become admin with it.
import { Readable } from "node:stream";

const MAX_BYTES = 16 * 1024;
const MAX_DEPTH = 8;
const RESERVED = new Set(["admin", "root", "support"]);

// Stops before the schema: the bytes are not a usable document.
class RefusedError extends Error {
  constructor(status, reason) {
    super(reason);
    this.name = "RefusedError";
    this.status = status;
  }
}

// One script keeps look-alikes out; which one is a product decision.
function handleRule(name) {
  if (!/^[\p{Script=Latin}0-9_]*$/u.test(name)) {
    return "only Latin letters, digits and _";
  }
  return RESERVED.has(name) ? "is reserved" : "";
}

// Shape only: whether it exists is found out by writing to it.
function emailRule(address) {
  const at = address.lastIndexOf("@");
  const labels = address.slice(at + 1).split(".");
  const bad = /\p{Cc}/u.test(address) || labels.some((l) => /^$|\s/.test(l));
  return bad || at < 1 ? "must look like name@domain" : "";
}

const fold = (name) => name.normalize("NFKC").toLowerCase().normalize("NFKC");

const KINDS = {
  string: ["a string", (value) => typeof value === "string"],
  integer: ["an integer", Number.isSafeInteger],
  boolean: ["true or false", (value) => typeof value === "boolean"],
};

// --8<-- [start:show]
// low and high: characters of a string, value of an integer.
const SCHEMA = Object.entries({
  user_name: {
    kind: "string",
    low: 3,
    high: 20,
    clean: fold,
    rule: handleRule,
  },
  email: { kind: "string", low: 3, high: 254, rule: emailRule },
  age: { kind: "integer", low: 16, high: 130 },
  newsletter: { kind: "boolean" },
  invites: { kind: "integer", low: 0, high: 5, fallback: 0 },
  bio: { kind: "string", low: 0, high: 160, fallback: "" },
});

function validate(payload) {
  const values = {};
  const errors = [];
  for (const [name, field] of SCHEMA) {
    if (!Object.hasOwn(payload, name)) {
      // Absent, which is not the same as falsy.
      if (!("fallback" in field)) errors.push(`${name}: is required`);
      values[name] = field.fallback;
      continue;
    }
    let value = payload[name];
    const [noun, fits] = KINDS[field.kind];
    if (!fits(value)) {
      errors.push(`${name}: must be ${noun}`);
      continue;
    }
    let message = "";
    if (field.kind === "string") {
      value = field.clean?.(value) ?? value; // normalize first, then check
      message = field.rule?.(value) ?? "";
      const { length } = [...value]; // code points, not UTF-16 units
      if (length < field.low || length > field.high) {
        message = `must have ${field.low} to ${field.high} characters`;
      }
    } else if (value < field.low || value > field.high) {
      message = `must be ${field.low} to ${field.high}`;
    }
    if (message) errors.push(`${name}: ${message}`);
    values[name] = value;
  }
  const known = new Set(SCHEMA.map(([name]) => name));
  const unknown = Object.keys(payload).filter((name) => !known.has(name));
  errors.push(...unknown.map((name) => `${name}: unknown field`));
  return { values, errors };
}

// --8<-- [end:show]

// Count brackets outside strings, before a parser recurses into them.
function tooDeep(text) {
  let depth = 0;
  let quoted = false;
  let escaped = false;
  for (const letter of text) {
    if (escaped) escaped = false;
    else if (quoted && letter === "\\") escaped = true;
    else if (letter === '"') quoted = !quoted;
    else if (!quoted && (letter === "[" || letter === "{")) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (!quoted && (letter === "]" || letter === "}")) depth -= 1;
  }
  return false;
}

async function parse(stream) {
  const chunks = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > MAX_BYTES) {
      throw new RefusedError(413, `more than ${MAX_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  let document;
  try {
    const decoder = new TextDecoder("utf-8", { fatal: true });
    const text = decoder.decode(Buffer.concat(chunks));
    if (tooDeep(text)) {
      throw new RefusedError(400, `nested deeper than ${MAX_DEPTH}`);
    }
    document = JSON.parse(text);
  } catch (error) {
    if (error instanceof RefusedError) throw error;
    throw new RefusedError(400, "not JSON");
  }
  if (typeof document !== "object" || !document || Array.isArray(document)) {
    throw new RefusedError(400, "not an object");
  }
  return document;
}

// The row in the database: more than a visitor may set.
class User {
  user_name = "";
  email = "";
  age = 0;
  newsletter = false;
  invites = 0;
  bio = "";
  role = "member";
}

class Shop {
  users = new Map();

  async signUp(body) {
    let payload;
    try {
      payload = await parse(Readable.from([body]));
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      return { status: error.status, message: error.message };
    }
    const { values, errors } = validate(payload);
    if (errors.length > 0) return { status: 422, message: errors.join("; ") };
    // In production the unique index decides.
    if (this.users.has(values.user_name)) {
      return { status: 409, message: "user_name: is taken" };
    }
    const user = new User(); // only the fields of the schema
    for (const [name] of SCHEMA) user[name] = values[name];
    this.users.set(user.user_name, user);
    return { status: 201, message: "" };
  }
}

const bindEverything = (body) => Object.assign(new User(), JSON.parse(body));

function bindKnown(body) {
  const payload = JSON.parse(body);
  const user = new User();
  for (const [name] of SCHEMA) user[name] = payload[name] ?? user[name];
  return user;
}

const GOOD = {
  user_name: "ada",
  email: "ada@example.com",
  age: 36,
  newsletter: true,
};
const changed = (changes = {}) =>
  Buffer.from(JSON.stringify({ ...GOOD, ...changes }));

function escaped(text) {
  return text.replace(
    /[^\x00-\x7e]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function print(label, status, message) {
  const line = `  ${label.padEnd(22)}${String(status).padEnd(7)}${message}`;
  console.log(line.trimEnd());
}

console.log("payload                 status errors");
for (const [label, body] of [
  ["good", changed()],
  ["false, 0 and empty", changed({ newsletter: false, invites: 0, bio: "" })],
  ["odd but valid e-mail", changed({ email: '"ada l"+tag@localhost' })],
  ["17 KB", changed({ bio: "x".repeat(17_000) })],
  ["100 brackets deep", Buffer.from("[".repeat(100) + "]".repeat(100))],
  ["cut off", changed().subarray(0, -1)],
  ["NaN", Buffer.from('{"age": NaN}')],
  ["e-mail missing", changed({ email: undefined })],
  ["null", changed({ newsletter: null })],
  ["age as a string", changed({ age: "36" })],
  ["age as true", changed({ age: true })],
  ["two out of range", changed({ age: 7, invites: 6 })],
  ["e-mail ..@x..y", changed({ email: "..@x..y" })],
  ["misspelled field", changed({ newsleter: true })],
]) {
  const { status, message } = await new Shop().signUp(body);
  print(label, status, message);
}

console.log("\nrole=admin in the body  status role stored");
const attack = changed({ role: "admin" });
print("binds everything", 201, bindEverything(attack).role);
print("binds known fields", 201, bindKnown(attack).role);
const refused = await new Shop().signUp(attack);
print("strict schema", refused.status, `none, ${refused.message}`);

console.log("\nuser name, one shop     status outcome");
const shop = new Shop();
for (const name of [
  "Zoe\u0308",
  "ZO\u00cb",
  "\uff41dmin",
  "\u0430dmin",
  "ad\u200dmin",
]) {
  const { status, message } = await shop.signUp(changed({ user_name: name }));
  const last = [...shop.users.keys()].at(-1);
  print(escaped(name), status, message || `stored as ${escaped(last)}`);
}
