// One function chooses the status code; a client prints what completes it.
import { createServer, request as send } from "node:http";
import { once } from "node:events";

const JSON_TYPE = "application/json";
const MERGE = "application/merge-patch+json";
const KEYS = new Map([
  ["Bearer ada", "ada"],
  ["Bearer busy", "busy"],
]);
const OWNERS = { "/orders/42": "ada", "/orders/77": "ben" };
const METHODS = {
  "/orders": "GET, POST",
  "/orders/42": "GET, PATCH",
  "/orders/77": "GET, PATCH",
  "/carts/5": "DELETE",
  "/reports": "POST",
  "/prices": "GET",
  "/v1/orders/42": "GET",
};
const SHOWN = [
  "WWW-Authenticate",
  "Location",
  "ETag",
  "Allow",
  "Accept",
  "Accept-Patch",
  "Retry-After",
];

function valid(body) {
  const { qty } = JSON.parse(body);
  return Number.isInteger(qty) && qty > 0;
}

function readable(body) {
  try {
    const value = JSON.parse(body);
    return value !== null && typeof value === "object" && !Array.isArray(value);
  } catch {
    return false;
  }
}

const answer = (status, headers = {}) => ({ status, headers });

// --8<-- [start:show]
function decide({ method, path, headers, body }) {
  // Is the caller known, and within limits?
  const caller = KEYS.get(headers.authorization);
  if (!caller) {
    return answer(401, { "WWW-Authenticate": 'Bearer realm="orders"' });
  }
  if (caller === "busy") return answer(429, { "Retry-After": "30" });
  // Does the target exist for this caller, and take this method?
  const allowed = METHODS[path];
  if (!allowed || (OWNERS[path] ?? caller) !== caller) return answer(404);
  if (!allowed.split(", ").includes(method)) {
    return answer(405, { Allow: allowed });
  }
  // Can the body be read?
  if (body) {
    const patching = method === "PATCH";
    const wanted = patching ? MERGE : JSON_TYPE;
    if (headers["content-type"] !== wanted) {
      return answer(415, { [patching ? "Accept-Patch" : "Accept"]: wanted });
    }
    if (!readable(body)) return answer(400);
  }
  // Do state and rules agree?
  if (method === "PATCH" && !headers["if-match"]) return answer(428);
  if (method === "PATCH" && headers["if-match"] !== '"v7"') return answer(412);
  if (body && !valid(body)) return answer(422);
  return act(method, path, headers);
}

function act(method, path, headers) {
  switch (`${method} ${path}`) {
    case "GET /prices":
      return answer(503, { "Retry-After": "120" });
    case "GET /v1/orders/42":
      return answer(308, { Location: "/orders/42" });
    case "POST /orders":
      return answer(201, { Location: "/orders/43", ETag: '"v1"' });
    case "POST /reports":
      return answer(202, { Location: "/reports/1" });
    case "PATCH /orders/42":
      return answer(200, { ETag: '"v8"' });
    case "DELETE /carts/5":
      return answer(204);
  }
  const status = headers["if-none-match"] === '"v7"' ? 304 : 200;
  return answer(status, { ETag: '"v7"' });
}
// --8<-- [end:show]

async function text(stream) {
  let all = "";
  for await (const chunk of stream.setEncoding("utf8")) all += chunk;
  return all;
}

const server = createServer(async (req, res) => {
  const body = await text(req);
  const { method, url: path, headers } = req;
  const { status, headers: extra } = decide({ method, path, headers, body });
  if (status === 204 || status === 304) {
    res.writeHead(status, extra).end();
    return;
  }
  const content = JSON.stringify({ status });
  const length = Buffer.byteLength(content);
  res.writeHead(status, {
    ...extra,
    "Content-Type": JSON_TYPE,
    "Content-Length": length,
  });
  res.end(content);
});
server.requestTimeout = 5000;

const ADA = { Authorization: "Bearer ada" };
const AS_JSON = { ...ADA, "Content-Type": JSON_TYPE };
const AS_MERGE = { ...ADA, "Content-Type": MERGE };
const ROWS = [
  ["no token", "GET", "/orders/42", {}],
  ["no token, no such order", "GET", "/orders/999", {}],
  ["too many requests", "GET", "/orders", { Authorization: "Bearer busy" }],
  ["another customer's order", "GET", "/orders/77", ADA],
  ["wrong method", "DELETE", "/orders/42", ADA],
  ["read", "GET", "/orders/42", ADA],
  ["unchanged", "GET", "/orders/42", { ...ADA, "If-None-Match": '"v7"' }],
  [
    "create as text",
    "POST",
    "/orders",
    { ...ADA, "Content-Type": "text/plain" },
    "2",
  ],
  ["create, broken JSON", "POST", "/orders", AS_JSON, '{"qty":'],
  ["create, quantity 0", "POST", "/orders", AS_JSON, '{"qty":0}'],
  ["create", "POST", "/orders", AS_JSON, '{"qty":2}'],
  ["change as plain JSON", "PATCH", "/orders/42", AS_JSON, '{"qty":3}'],
  ["change, no version", "PATCH", "/orders/42", AS_MERGE, '{"qty":3}'],
  [
    "change, stale and invalid",
    "PATCH",
    "/orders/42",
    { ...AS_MERGE, "If-Match": '"v6"' },
    '{"qty":0}',
  ],
  [
    "change, invalid",
    "PATCH",
    "/orders/42",
    { ...AS_MERGE, "If-Match": '"v7"' },
    '{"qty":0}',
  ],
  [
    "change",
    "PATCH",
    "/orders/42",
    { ...AS_MERGE, "If-Match": '"v7"' },
    '{"qty":3}',
  ],
  ["delete", "DELETE", "/carts/5", ADA],
  ["start a report", "POST", "/reports", ADA],
  ["moved for good", "GET", "/v1/orders/42", ADA],
  ["maintenance", "GET", "/prices", ADA],
];

async function call(port, [, method, path, headers, body = ""]) {
  const length = body ? { "Content-Length": Buffer.byteLength(body) } : {};
  const options = {
    port,
    host: "127.0.0.1",
    method,
    path,
    timeout: 5000,
    agent: false,
  };
  const req = send({ ...options, headers: { ...headers, ...length } });
  req.on("timeout", () => req.destroy(new Error("timed out")));
  req.end(body);
  const [res] = await once(req, "response");
  return {
    status: res.statusCode,
    headers: res.headers,
    body: await text(res),
  };
}

server.listen(0, "127.0.0.1");
await once(server, "listening");
const answers = [];
for (const row of ROWS) {
  const got = await call(server.address().port, row);
  answers.push(got);
  const said = SHOWN.filter((name) => name.toLowerCase() in got.headers);
  const list = said
    .map((name) => `${name}: ${got.headers[name.toLowerCase()]}`)
    .join(", ");
  console.log(
    `${row[0].padEnd(26)}${row[1].padEnd(7)}${got.status}  ${list}`.trimEnd(),
  );
}
server.close();

const yesNo = (ok) => (ok ? "yes" : "no");
const every = (status, name) => {
  const found = answers.filter((got) => got.status === status);
  return yesNo(found.length > 0 && found.every((got) => name in got.headers));
};
const empty = answers
  .filter(({ status }) => status === 204 || status === 304)
  .every(({ headers, body }) => body === "" && !("content-length" in headers));
console.log();
console.log(
  `every 401 has WWW-Authenticate: ${every(401, "www-authenticate")}`,
);
console.log(`every 405 has Allow: ${every(405, "allow")}`);
console.log(`every 304 has the ETag of its 200: ${every(304, "etag")}`);
console.log(`204 and 304 have no body and no length: ${yesNo(empty)}`);
