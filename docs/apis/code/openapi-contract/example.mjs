// Compare a running service with its OpenAPI document, call by call.

import { readFile } from "node:fs/promises";

import { TOKEN, Service, listen, matches } from "./service.mjs";

// The form of RFC 3339, not the calendar.
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/;
const NONE = "no content";
const METHODS = ["get", "put", "post", "delete", "patch"];

class Contract {
  seen = new Set();

  constructor(document) {
    this.document = document;
  }

  operation(call) {
    const method = call.method.toLowerCase();
    for (const [path, item] of Object.entries(this.document.paths)) {
      if (matches(path, call.path) && item[method]) {
        return [`${call.method} ${path}`, item[method]];
      }
    }
    throw new Error(`${call.method} ${call.path} is not documented`);
  }

  /** Follow "$ref": "#/components/schemas/Order". */
  resolve(node) {
    while (node.$ref) {
      const names = node.$ref.slice("#/".length).split("/");
      node = names.reduce((found, name) => found[name], this.document);
    }
    return node;
  }

  /** By exact status; real documents may also say "4XX" or "default". */
  response(operation, status) {
    const found = operation.responses[status];
    return found && this.resolve(found);
  }

  schema(response, kind) {
    const content = new Map(Object.entries(response.content ?? { [NONE]: {} }));
    const media = content.get(kind);
    return media && (media.schema ?? {});
  }

  routes() {
    const found = new Map();
    for (const [path, item] of Object.entries(this.document.paths)) {
      for (const [method, operation] of Object.entries(item)) {
        if (METHODS.includes(method)) {
          found.set(`${method.toUpperCase()} ${path}`, operation);
        }
      }
    }
    return found;
  }

  answers() {
    return [...this.routes()].flatMap(([route, operation]) =>
      Object.keys(operation.responses).map((status) => `${route} ${status}`),
    );
  }

  /** Everything in the document that has both a schema and an example. */
  *media(node) {
    if (node === null || typeof node !== "object") return;
    if ("example" in node && "schema" in node) yield node;
    for (const item of Object.values(node)) yield* this.media(item);
  }
}

// --8<-- [start:show]
/** Compare one live answer with what the document promises. */
function* differences(contract, call, answer) {
  const [route, operation] = contract.operation(call);
  const response = contract.response(operation, answer.status);
  if (!response) {
    yield "status is not documented";
    return;
  }
  contract.seen.add(`${route} ${answer.status}`);
  yield* wronglyAccepted(contract, operation, call, answer);
  yield* missingHeaders(response, answer);
  const schema = contract.schema(response, answer.kind);
  if (!schema) {
    yield `${answer.kind} is not documented`;
    return;
  }
  yield* faults(contract, answer.body, schema);
}

/** Part of JSON Schema 2020-12, and stricter where a schema is silent. */
function* faults(contract, value, reference, at = "") {
  const schema = contract.resolve(reference);
  const kinds = [schema.type ?? []].flat(); // since 3.1 it may be a list
  if (kinds.length > 0 && !fits(value, kinds)) {
    yield `${at}: ${typeOf(value)}, not ${kinds.join(" or ")}`;
    return;
  }
  yield* valueFaults(schema, value, at); // enum and format
  if (Array.isArray(value) && schema.items) {
    for (const [index, item] of value.entries()) {
      yield* faults(contract, item, schema.items, `${at}/${index}`);
    }
  }
  if (typeOf(value) !== "object") return;
  for (const name of schema.required ?? []) {
    if (!Object.hasOwn(value, name)) yield `${at}/${name}: missing`;
  }
  const properties = schema.properties ?? {};
  for (const [name, item] of Object.entries(value)) {
    if (Object.hasOwn(properties, name)) {
      yield* faults(contract, item, properties[name], `${at}/${name}`);
    } else if (schema.additionalProperties !== true) {
      yield `${at}/${name}: not documented`;
    }
  }
}
// --8<-- [end:show]

/** A service may not take what its document forbids. */
function* wronglyAccepted(contract, operation, call, answer) {
  if (call.body && answer.status < 300) {
    const sent = operation.requestBody.content["application/json"];
    for (const fault of faults(contract, call.body, sent.schema)) {
      yield `accepted a body with ${fault}`;
    }
  }
}

function* missingHeaders(response, answer) {
  for (const [name, header] of Object.entries(response.headers ?? {})) {
    if (header.required && !answer.headers.has(name)) {
      yield `header ${name} is missing`;
    }
  }
}

function* valueFaults(schema, value, at) {
  if (schema.enum && !schema.enum.includes(value)) {
    yield `${at}: ${value} is not in the enum`;
  }
  if (schema.format === "date-time" && !isDateTime(value)) {
    yield `${at}: not a date-time`;
  }
}

/** A format says something about strings only. */
const isDateTime = (value) =>
  typeof value !== "string" || DATE_TIME.test(value);

/** Every integer is a number, too. */
const fits = (value, kinds) =>
  kinds.includes(typeOf(value)) ||
  (Number.isInteger(value) && kinds.includes("number"));

function typeOf(value) {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  if (Number.isInteger(value)) return "integer";
  return typeof value;
}

const CALLS = [
  { method: "GET", path: "/orders", token: "none" },
  { method: "GET", path: "/orders" },
  { method: "GET", path: "/orders/7" },
  { method: "GET", path: "/orders/8" },
  { method: "POST", path: "/orders", body: { sku: "tea", quantity: 2 } },
  { method: "POST", path: "/orders", body: { sku: "tea", quantity: "2" } },
  {
    method: "POST",
    path: "/orders",
    body: { sku: "tea", quantity: 2, totalCents: 1 },
  },
  { method: "DELETE", path: "/orders/7" },
];

/** Without parameters such as a charset. */
const mediaType = (field) => field.split(";")[0].trim().toLowerCase();

async function send(port, { method, path, body, token = TOKEN }) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    method,
    body: body && JSON.stringify(body),
    headers: { Authorization: token, "Content-Type": "application/json" },
    signal: AbortSignal.timeout(5000),
  });
  const text = await response.text();
  return {
    status: response.status,
    headers: response.headers,
    kind: mediaType(response.headers.get("content-type") ?? NONE),
    body: text ? JSON.parse(text) : null,
  };
}

async function report(contract, service, port) {
  console.log(`release ${service.release}`);
  const served = service.routes;
  const documented = [...contract.routes().keys()];
  for (const call of CALLS) {
    const answer = await send(port, call);
    const found = [...differences(contract, call, answer)];
    if (found.length === 0) found.push("as documented");
    const label = `${call.method} ${call.path}`.padEnd(18) + answer.status;
    for (const [number, line] of found.entries()) {
      console.log(`  ${(number === 0 ? label : "").padEnd(23)}${line}`);
    }
  }
  for (const route of served.filter((each) => !documented.includes(each))) {
    console.log(`  served, not documented: ${route}`);
  }
  for (const route of documented.filter((each) => !served.includes(each))) {
    console.log(`  documented, not served: ${route}`);
  }
}

const document = JSON.parse(await readFile("openapi.json", "utf8"));
const first = new Contract(document);
const media = [...first.media(document)];
const wrong = media.filter(
  ({ example, schema }) => [...faults(first, example, schema)].length > 0,
);
console.log(
  `examples in the document: ${media.length}, wrong: ${wrong.length}\n`,
);
for (const release of [1, 2]) {
  const contract = new Contract(document);
  const service = new Service(release);
  const server = await listen(service);
  try {
    await report(contract, service, server.address().port);
  } finally {
    server.closeAllConnections();
    server.close();
  }
  if (release === 1) {
    const answers = contract.answers();
    const unseen = answers.filter((answer) => !contract.seen.has(answer));
    const seen = answers.length - unseen.length;
    console.log(`  answers seen: ${seen} of ${answers.length}; never:`);
    for (const answer of unseen) console.log(`    ${answer}`);
    console.log();
  }
}
