// Probe a CORS middleware the way browsers and attackers would.
import { once } from "node:events";
import http from "node:http";

const APP = "https://app.shop.test";
const ADMIN = "https://admin.shop.test";
const EVIL = "https://evil.test";
const SAFELISTED = ["GET", "HEAD", "POST"];

// Who may read, and what a preflight may promise them.
function createPolicy(...origins) {
  for (const origin of origins) {
    if (!/^https?:\/\/[a-z0-9.-]+(:\d+)?$/.test(origin)) {
      throw new TypeError(`not an origin: ${origin}`);
    }
  }
  return Object.freeze({
    origins,
    methods: "GET, POST, PATCH",
    headers: "Authorization, Content-Type",
    exposed: "X-Total-Count",
    maxAge: "600",
  });
}

// --8<-- [start:show]
function cors(policy, next) {
  return (req, res) => {
    const origin = req.headers.origin ?? "";
    // The whole string, never a pattern.
    const allowed = policy.origins.includes(origin);
    // Also when refused, also without Origin.
    res.appendHeader("Vary", "Origin");
    if (allowed) {
      res.setHeader("Access-Control-Allow-Origin", origin);
      res.setHeader("Access-Control-Allow-Credentials", "true");
    }

    const asked = req.headers["access-control-request-method"];
    if (req.method === "OPTIONS" && origin && asked) {
      if (!allowed) {
        res.statusCode = 403;
        res.end();
        return;
      }
      res.setHeader("Access-Control-Allow-Methods", policy.methods);
      res.setHeader("Access-Control-Allow-Headers", policy.headers);
      res.setHeader("Access-Control-Max-Age", policy.maxAge);
      res.statusCode = 204;
      res.end();
      return;
    }

    if (allowed) res.setHeader("Access-Control-Expose-Headers", policy.exposed);
    next(req, res);
  };
}

// The browser's half: the CORS check of the Fetch Standard.
function mayRead(headers, origin, credentials) {
  const allow = headers["access-control-allow-origin"];
  if (allow === "*" && !credentials) return true;
  if (allow !== origin) return false;
  return !credentials || headers["access-control-allow-credentials"] === "true";
}

// --8<-- [end:show]

// An API that knows nothing of CORS; its OPTIONS answers with Allow.
function ordersApp() {
  let orders = 0;
  return (req, res) => {
    res.setHeader("X-App", "orders");
    res.setHeader("Cache-Control", "max-age=60");
    switch (req.method) {
      case "GET":
        res.setHeader("X-Total-Count", String(orders));
        res.end("{}");
        break;
      case "POST":
        req.resume();
        req.on("end", () => {
          orders += 1;
          res.statusCode = 201;
          res.end();
        });
        break;
      case "PATCH":
        res.statusCode = 204;
        res.end();
        break;
      case "OPTIONS":
        res.setHeader("Allow", "GET, POST, PATCH, OPTIONS");
        res.statusCode = 204;
        res.end();
        break;
      default:
        res.statusCode = 405;
        res.end();
    }
  };
}

async function send(port, method, origin, headers = {}) {
  const request = http.request({
    host: "127.0.0.1",
    port,
    path: "/orders",
    method,
    headers: origin ? { ...headers, Origin: origin } : headers,
    signal: AbortSignal.timeout(5000),
  });
  request.end(method === "POST" ? "{}" : undefined);
  const [response] = await once(request, "response");
  response.resume();
  await once(response, "end");
  return { status: response.statusCode, headers: response.headers };
}

async function row(port, label, method, origin, headers = {}) {
  const answer = await send(port, method, origin, headers);
  const allow = answer.headers["access-control-allow-origin"];
  const echo =
    allow === undefined ? "absent" : allow === origin ? "echoed" : allow;
  const ran = "x-app" in answer.headers ? "ran" : "skipped";
  const verdict =
    "Access-Control-Request-Method" in headers
      ? preflightVerdict(answer, origin, headers)
      : readVerdict(answer, origin);
  const cells = [echo.padEnd(8), ran.padEnd(9), verdict];
  console.log(`  ${label.padEnd(33)}${answer.status}     ${cells.join("")}`);
}

function readVerdict(answer, origin) {
  if (!origin) return "no browser";
  return mayRead(answer.headers, origin, true) ? "reads" : "blocked";
}

function preflightVerdict(answer, origin, headers) {
  const ok = Math.trunc(answer.status / 100) === 2;
  if (!ok || !mayRead(answer.headers, origin, true)) return "origin refused";
  const method = headers["Access-Control-Request-Method"];
  const names = (headers["Access-Control-Request-Headers"] ?? "").split(",");
  const methods = listed(answer, "access-control-allow-methods");
  const granted = listed(answer, "access-control-allow-headers");
  const known = new Set(granted.map((name) => name.toLowerCase()));
  if (![...SAFELISTED, ...methods].includes(method)) return "method refused";
  if (names.some((name) => name && !known.has(name))) return "header refused";
  return "sends";
}

function listed(answer, name) {
  return (answer.headers[name] ?? "").split(",").map((item) => item.trim());
}

// One stored answer per URL, as a CDN would keep it.
class SharedCache {
  #stored = [];

  constructor(port, { stripVary }) {
    this.port = port;
    this.stripVary = stripVary;
  }

  async get(origin) {
    for (const { storedFor, answer } of this.#stored) {
      const vary = this.stripVary ? "" : (answer.headers.vary ?? "");
      if (!vary.includes("Origin") || storedFor === origin) {
        return `hit, ${readVerdict(answer, origin)}`;
      }
    }
    const answer = await send(this.port, "GET", origin);
    this.#stored.push({ storedFor: origin, answer });
    return `miss, ${readVerdict(answer, origin)}`;
  }
}

function checkPolicies() {
  console.log("allow-list entry, checked at start-up");
  for (const origin of [APP, `${APP}/`, "*", "null"]) {
    let verdict = "accepted";
    try {
      createPolicy(origin);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      verdict = "refused";
    }
    console.log(`  ${origin.padEnd(33)}${verdict}`);
  }
}

function heading(title, last) {
  console.log(`\n${title.padEnd(35)}status  ACAO    handler  ${last}`);
}

async function experiment(port) {
  heading("GET from origin", "script");
  for (const origin of [
    APP,
    ADMIN,
    EVIL,
    "null",
    "https://app.shop.test.evil.test",
    "https://evilshop.test",
    "https://appxshop.test",
    "http://app.shop.test",
    "https://app.shop.test:8443",
    "",
  ]) {
    await row(port, origin || "(no Origin: curl)", "GET", origin);
  }

  heading("other methods", "script");
  await row(port, `POST ${EVIL}`, "POST", EVIL, {
    "Content-Type": "text/plain",
  });
  await row(port, `OPTIONS ${APP}`, "OPTIONS", APP);
  await row(port, "OPTIONS without Origin", "OPTIONS", "");

  heading("preflight", "browser");
  for (const [label, origin, method, names] of [
    ["PATCH content-type", APP, "PATCH", "content-type"],
    ["DELETE", APP, "DELETE", ""],
    ["PATCH x-debug", APP, "PATCH", "x-debug"],
    [`PATCH ${EVIL}`, EVIL, "PATCH", ""],
  ]) {
    const headers = { "Access-Control-Request-Method": method };
    if (names) headers["Access-Control-Request-Headers"] = names;
    await row(port, label, "OPTIONS", origin, headers);
  }

  const answer = await send(port, "GET", APP);
  const exposed = listed(answer, "access-control-expose-headers");
  const stored = answer.headers["x-total-count"];
  console.log(`\norders stored by the blocked POST: ${stored}`);
  for (const name of ["X-Total-Count", "X-App"]) {
    console.log(
      `script sees ${name}: ${exposed.includes(name) ? "yes" : "no"}`,
    );
  }
  const star = {
    "access-control-allow-origin": "*",
    "access-control-allow-credentials": "true",
  };
  for (const mode of ["omit", "include"]) {
    const verdict = mayRead(star, APP, mode === "include")
      ? "reads"
      : "blocked";
    console.log(`ACAO: * with credentials ${mode}: ${verdict}`);
  }

  const title = "GET through a shared cache".padEnd(35);
  console.log(`\n${title}with Vary         without Vary`);
  const good = new SharedCache(port, { stripVary: false });
  const bad = new SharedCache(port, { stripVary: true });
  for (const origin of ["", APP, ADMIN, APP]) {
    const label = (origin || "(no Origin: curl)").padEnd(33);
    const first = (await good.get(origin)).padEnd(18);
    console.log(`  ${label}${first}${await bad.get(origin)}`);
  }
}

checkPolicies();
const server = http.createServer(cors(createPolicy(APP, ADMIN), ordersApp()));
server.requestTimeout = 5000;
server.listen(0, "127.0.0.1");
await once(server, "listening");
try {
  await experiment(server.address().port);
} finally {
  server.closeAllConnections();
  server.close();
}
