// Call every HTTP method twice and compare what the server stores.
import { createServer } from "node:http";
import { once } from "node:events";

const MAX_BODY = 64 * 1024;
const MERGE = "application/merge-patch+json";
const JSON_PATCH = "application/json-patch+json";

/** A request the server refuses, with the status that says why. */
class ClientError extends Error {
  constructor(status) {
    super(`refused with ${status}`);
    this.status = status;
  }
}

/** The notes by id, and a log of every request. */
const store = {
  notes: new Map(),
  log: [],
  reset() {
    this.notes = new Map([[1, { tags: ["hot"], title: "Tea" }]]);
  },
  find(key) {
    if (!this.notes.has(key)) throw new ClientError(404);
    return this.notes.get(key);
  },
  snapshot() {
    return [...this.notes]
      .sort(([a], [b]) => a - b)
      .map(([key, { tags, title }]) => `${key}=${title}[${tags.join(",")}]`)
      .join(" ");
  },
};

const isObject = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function checkNote(value) {
  const valid =
    isObject(value) &&
    Object.keys(value).sort().join() === "tags,title" &&
    typeof value.title === "string" &&
    Array.isArray(value.tags) &&
    value.tags.every((tag) => typeof tag === "string");
  if (!valid) throw new ClientError(422);
  return value;
}

// --8<-- [start:merge]
// The whole of RFC 7396.
function mergePatch(target, patch) {
  if (!isObject(patch)) return patch;
  const result = new Map(isObject(target) ? Object.entries(target) : []);
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) result.delete(name);
    else result.set(name, mergePatch(result.get(name), value));
  }
  return Object.fromEntries(result);
}

// --8<-- [end:merge]
// --8<-- [start:show]
const item = {
  // Also answers HEAD: node:http leaves the body out.
  async GET({ key }) {
    return { status: 200, note: store.find(key) };
  },

  // The client chose the URI: create or replace.
  async PUT({ key, content }) {
    const replacement = checkNote(await content("application/json"));
    const status = store.notes.has(key) ? 204 : 201;
    store.notes.set(key, replacement);
    return { status };
  },

  // The media type says what the content means.
  async PATCH({ key, mediaType, content }) {
    const document = await content(mediaType === MERGE ? MERGE : JSON_PATCH);
    const note = store.find(key);
    const changed =
      mediaType === MERGE
        ? mergePatch(note, document)
        : { ...note, tags: [...note.tags, appendValue(document)] };
    store.notes.set(key, checkNote(changed));
    return { status: 200, note: changed };
  },

  // 404 when it is already gone: same state, other answer.
  async DELETE({ key }) {
    store.find(key);
    store.notes.delete(key);
    return { status: 204 };
  },
};

const collection = {
  // The collection chooses the new URI.
  async POST({ content }) {
    const note = checkNote(await content("application/json"));
    const key = Math.max(0, ...store.notes.keys()) + 1;
    store.notes.set(key, note);
    return { status: 201, note, headers: { Location: `/notes/${key}` } };
  },
};
// --8<-- [end:show]

item.HEAD = item.GET;

/** The one JSON Patch this server knows: append a tag (RFC 6902, 4.1). */
function appendValue(operations) {
  const [operation, ...rest] = Array.isArray(operations) ? operations : [];
  const { op, path, value } = operation ?? {};
  const known = op === "add" && path === "/tags/-" && typeof value === "string";
  if (!known || rest.length > 0) throw new ClientError(422);
  return value;
}

async function readJson(request, mediaType) {
  if (request.headers["content-type"] !== mediaType) throw new ClientError(415);
  const chunks = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > MAX_BODY) throw new ClientError(413);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new ClientError(400);
  }
}

async function answer(request) {
  const match = /^\/notes(?:\/(\d{1,9}))?$/.exec(request.url);
  if (!match) throw new ClientError(404);
  const handlers = match[1] === undefined ? collection : item;
  if (!Object.hasOwn(handlers, request.method)) {
    const Allow = Object.keys(handlers).join(", ");
    return { status: 405, headers: { Allow } };
  }
  return handlers[request.method]({
    key: Number(match[1]),
    mediaType: request.headers["content-type"],
    content: (mediaType) => readJson(request, mediaType),
  });
}

async function serve(request, response) {
  store.log.push(request.method);
  let result;
  try {
    result = await answer(request);
  } catch (error) {
    result = { status: error instanceof ClientError ? error.status : 500 };
  }
  const { status, note, headers = {} } = result;
  const body = note ? JSON.stringify(note) : "";
  if (note) headers["Content-Type"] = "application/json";
  if (status !== 204) headers["Content-Length"] = Buffer.byteLength(body);
  response.writeHead(status, headers).end(body);
}

/** Send one request; return status, Content-Length and bytes received. */
async function call(base, { method, path, mediaType, content }) {
  const response = await fetch(base + path, {
    method,
    headers: content ? { "Content-Type": mediaType } : {},
    body: content ? JSON.stringify(content) : undefined,
    signal: AbortSignal.timeout(5000),
  });
  const received = (await response.arrayBuffer()).byteLength;
  const announced = Number(response.headers.get("content-length") ?? 0);
  return { status: response.status, announced, received };
}

const soup = { tags: [], title: "Soup" };
const append = [{ op: "add", path: "/tags/-", value: "new" }];
const row = (label, mediaType, content) => {
  const [method, path] = label.split(" ");
  return { label, method, path, mediaType, content };
};
const ROWS = [
  row("GET /notes/1"),
  row("HEAD /notes/1"),
  row("POST /notes", "application/json", soup),
  row("PUT /notes/1 (replace)", "application/json", soup),
  row("PUT /notes/2 (create)", "application/json", soup),
  row("PATCH /notes/1 (merge)", MERGE, { title: "Mint" }),
  row("PATCH /notes/1 (append)", JSON_PATCH, append),
  row("DELETE /notes/1"),
];

async function experiment(base) {
  const yesNo = (condition) => (condition ? "yes" : "no");
  const verdicts = [];
  const sizes = {};
  console.log(`${"request".padEnd(25)}call  status  state afterwards`);
  for (const { label, ...request } of ROWS) {
    store.reset();
    const before = store.snapshot();
    const first = await call(base, request);
    const afterOne = store.snapshot();
    const second = await call(base, request);
    const afterTwo = store.snapshot();

    sizes[request.method] = `${first.announced} bytes, sent ${first.received}`;
    const name = label.padEnd(25);
    console.log(`${name}1st   ${first.status}     ${afterOne || "(empty)"}`);
    console.log(
      `${"".padEnd(25)}2nd   ${second.status}     ${afterTwo || "(empty)"}`,
    );
    const safe = yesNo(afterOne === before).padEnd(6);
    const idempotent = yesNo(afterTwo === afterOne).padEnd(12);
    const differs = first.status !== second.status;
    const remark = differs ? "  same state, other answer" : "";
    verdicts.push(
      `${name}${safe}${idempotent}${first.status} ${second.status}${remark}`,
    );
  }
  console.log(`\n${"request".padEnd(25)}safe  idempotent  answers`);
  console.log(verdicts.join("\n"));
  console.log(`\nGET announced ${sizes.GET}; HEAD announced ${sizes.HEAD}.`);
  const count = store.log.length;
  console.log(
    `Requests logged: ${count}. A log line does not make GET unsafe.`,
  );
}

const server = createServer({ requestTimeout: 5000 }, serve);
server.listen(0, "127.0.0.1");
await once(server, "listening");
try {
  await experiment(`http://127.0.0.1:${server.address().port}`);
} finally {
  server.close();
  server.closeAllConnections();
}
