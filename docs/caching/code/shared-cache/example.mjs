// An origin, a shared cache in front of it, and clients: real HTTP, injected clock.
import { createHash } from "node:crypto";
import { once } from "node:events";
import http from "node:http";

const TIMEOUT = 5000; // ms

function directives(value = "") {
  const parts = value.toLowerCase().split(",");
  const pairs = parts.map((part) => part.trim().split("="));
  return new Map(pairs.filter(([name]) => name !== ""));
}

function mayStore(request, response) {
  const rules = directives(response.headers["cache-control"]);
  const says = (...names) => names.some((name) => rules.has(name));
  if (response.status !== 200 || response.headers.vary === "*") return false;
  if (says("no-store", "private")) return false;
  if (request.headers.authorization !== undefined) {
    return says("public", "s-maxage", "must-revalidate"); // somebody's credentials
  }
  return says("public", "max-age", "s-maxage", "no-cache");
}

// A response, and the values of the request headers that its Vary names.
class Stored {
  constructor(request, response, at) {
    this.request = request;
    this.response = response;
    this.at = at; // received, or last validated
  }

  get rules() {
    return directives(this.response.headers["cache-control"]);
  }

  get lifetime() {
    const rules = this.rules;
    if (rules.has("no-cache")) return 0;
    return Number(rules.get("s-maxage") ?? rules.get("max-age") ?? 0);
  }

  get grace() {
    const rules = this.rules;
    // What must be validated has none; s-maxage includes proxy-revalidate.
    const strict = [
      "no-cache",
      "must-revalidate",
      "proxy-revalidate",
      "s-maxage",
    ];
    if (strict.some((name) => rules.has(name))) return 0;
    return Number(rules.get("stale-while-revalidate") ?? 0);
  }

  matches(request) {
    const names = [...directives(this.response.headers.vary).keys()];
    return names.every(
      (name) => this.request.headers[name] === request.headers[name],
    );
  }
}

class SharedCache {
  later = [];
  #fetch;
  #clock;
  #stored = new Map();

  constructor(fetch, clock) {
    this.#fetch = fetch;
    this.#clock = clock;
  }

  #serve(kept, status) {
    const age = String(this.#clock() - kept.at);
    const { headers, body } = kept.response;
    return mark({ status: 200, headers: { ...headers, age }, body }, status);
  }

  // --8<-- [start:show]
  async handle(request) {
    if (request.method !== "GET") {
      const response = await this.#fetch(request);
      // A successful write: forget the copies.
      if (response.status < 400) this.#stored.delete(request.path);
      return mark(response, "fwd=method");
    }
    const variants = this.#stored.get(request.path) ?? [];
    this.#stored.set(request.path, variants);
    const kept = variants.find((each) => each.matches(request));
    if (kept === undefined) {
      const why = variants.length > 0 ? "vary-miss" : "uri-miss";
      return this.#forward(request, why);
    }
    const left = kept.lifetime - (this.#clock() - kept.at);
    if (left > 0) return this.#serve(kept, `hit; ttl=${left}`);
    if (-left < kept.grace) {
      this.later.push(() => this.#validate(kept, request)); // answer now, ask after
      return this.#serve(kept, `hit; ttl=${left}`);
    }
    return this.#validate(kept, request);
  }

  async #forward(request, why) {
    const response = await this.#fetch(request);
    if (!mayStore(request, response)) return mark(response, `fwd=${why}`);
    const stored = new Stored(request, response, this.#clock());
    this.#stored.get(request.path).push(stored);
    return mark(response, `fwd=${why}; stored`);
  }

  // Ask "is it still this?"; a 304 costs no body and starts a new lifetime.
  async #validate(kept, request) {
    const etag = kept.response.headers.etag ?? "";
    const headers = { ...request.headers, "if-none-match": etag };
    const response = await this.#fetch({ ...request, headers });
    if (response.status === 304) {
      Object.assign(kept.response.headers, response.headers);
      kept.at = this.#clock();
      return this.#serve(kept, "fwd=stale; fwd-status=304");
    }
    const variants = this.#stored.get(request.path);
    variants.splice(variants.indexOf(kept), 1);
    if (mayStore(request, response)) {
      variants.push(new Stored(request, response, this.#clock()));
    }
    return mark(response, `fwd=stale; fwd-status=${response.status}`);
  }
  // --8<-- [end:show]
}

function mark(response, status) {
  const headers = { ...response.headers, "cache-status": `Toy; ${status}` };
  return { ...response, headers };
}

// Seven resources, each with its own policy; counts what reaches it.
class Origin {
  hits = 0;
  price = "5.00";

  handle = async ({ method, path, headers }) => {
    this.hits += 1;
    if (method === "POST") {
      this.price = "7.00";
      return { status: 204, headers: {}, body: "" };
    }
    const user = (headers.authorization ?? "Sample nobody").split(" ").at(-1);
    const language = headers["accept-language"] ?? "en";
    const [policy, body] = {
      "/price": ["max-age=60, stale-while-revalidate=30", this.price],
      "/list": ["max-age=5, s-maxage=60", { de: "Tee", en: "tea" }[language]],
      "/news": ["no-cache", "news"],
      "/me": ["private, max-age=60", user],
      "/balance": ["no-store", "90.00"],
      "/orders": ["max-age=60", `${user}'s`],
      "/public": ["public, max-age=60", `${user}'s`],
    }[path];
    const hash = createHash("sha256").update(body).digest("hex").slice(0, 8);
    const etag = `"${hash}"`;
    const answer = { "cache-control": policy, etag };
    if (path === "/list") answer.vary = "accept-language";
    if (headers["if-none-match"] === etag) {
      return { status: 304, headers: answer, body: "" };
    }
    return { status: 200, headers: answer, body };
  };
}

const PASSED = ["cache-control", "etag", "vary", "age", "cache-status"];
const ASKED = ["authorization", "accept-language", "if-none-match"];

function only(names, headers) {
  const kept = names.filter((name) => headers[name] !== undefined);
  return Object.fromEntries(kept.map((name) => [name, headers[name]]));
}

function client(port) {
  return async ({ method, path, headers }) => {
    const request = http.request({
      host: "127.0.0.1",
      port,
      method,
      path,
      headers,
      agent: false,
      signal: AbortSignal.timeout(TIMEOUT),
    });
    request.end();
    const [answer] = await once(request, "response");
    const body = (await answer.setEncoding("utf8").toArray()).join("");
    const status = answer.statusCode;
    return { status, headers: only(PASSED, answer.headers), body };
  };
}

// Serve one request a turn; what it leaves for later runs after its answer.
async function serve(handle, later = []) {
  let turn = Promise.resolve();
  const server = http.createServer((req, res) => {
    turn = turn.then(async () => {
      const { method, url: path, headers } = req;
      const request = { method, path, headers: only(ASKED, headers) };
      const response = await handle(request);
      res.writeHead(response.status, response.headers);
      res.end(response.body);
      while (later.length > 0) await later.pop()();
    });
  });
  server.requestTimeout = TIMEOUT;
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return { server, port: server.address().port, idle: () => turn };
}

const STEPS = [
  [0, "GET /price", {}],
  [59, "GET /price", {}],
  [70, "GET /price", {}],
  [71, "GET /price", {}],
  [72, "POST /price", {}],
  [73, "GET /price", {}],
  [74, "GET /list", { "accept-language": "en" }],
  [75, "GET /list", { "accept-language": "de" }],
  [76, "GET /list", { "accept-language": "en" }],
  [77, "GET /news", {}],
  [78, "GET /news", {}],
  [79, "GET /me", { authorization: "Sample ada" }],
  [80, "GET /balance", {}],
  [81, "GET /balance", {}],
  [82, "GET /orders", { authorization: "Sample ada" }],
  [83, "GET /orders", { authorization: "Sample ben" }],
  [84, "GET /public", { authorization: "Sample ada" }],
  [85, "GET /public", { authorization: "Sample ben" }],
];

let now = 0;
const origin = new Origin();
const back = await serve(origin.handle);
const cache = new SharedCache(client(back.port), () => now);
const front = await serve((request) => cache.handle(request), cache.later);
try {
  const send = client(front.port);
  console.log(
    "  s  request          body   age  Cache-Status: Toy; ...     origin",
  );
  for (const [second, line, headers] of STEPS) {
    now = second;
    if (now === 70) origin.price = "6.00";
    const [method, path] = line.split(" ");
    const answer = await send({ method, path, headers });
    await front.idle(); // what was left for later is done
    const who = (Object.values(headers)[0] ?? "").split(" ").at(-1);
    const status = answer.headers["cache-status"].replace("Toy; ", "");
    console.log(
      `${String(now).padStart(3)}  ${`${line} ${who}`.padEnd(17)}` +
        (answer.body || String(answer.status)).padEnd(7) +
        (answer.headers.age ?? "").padStart(3) +
        `  ${status.padEnd(28)}${String(origin.hits).padStart(5)}`,
    );
  }
} finally {
  for (const { server } of [front, back]) {
    server.closeAllConnections();
    server.close();
  }
}
