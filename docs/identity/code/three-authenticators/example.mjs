// Guard one route with three interchangeable authenticators, and attack it.

import { createHash, pbkdf2, timingSafeEqual } from "node:crypto";
import { createServer } from "node:http";
import { promisify } from "node:util";

const NOW = new Date("2026-11-21T12:00:00Z");
const NEXT_YEAR = new Date("2027-11-21T00:00:00Z");
const YESTERDAY = new Date("2026-11-20T00:00:00Z");
const ITERATIONS = 600_000; // OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA256
const READ = "reports:read";
const BASE64 =
  /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

const sha256 = (text) => createHash("sha256").update(text).digest();
const derive = promisify(pbkdf2);
const slowHash = (password, salt) =>
  derive(password, salt, ITERATIONS, 32, "sha256");

/** Why a credential was refused: for the log, never for the caller. */
class RejectedError extends Error {}

/** A name and a password for a machine; the table holds slow hashes. */
class Basic {
  scheme = "Basic";
  #accounts;
  #nobody;

  constructor(accounts, nobody) {
    this.#accounts = accounts;
    this.#nobody = nobody;
  }

  async authenticate(credentials) {
    if (!BASE64.test(credentials)) throw new RejectedError("not base64");
    const raw = Buffer.from(credentials, "base64").toString();
    const colon = raw.indexOf(":");
    if (colon < 0) throw new RejectedError("no colon");
    const known = this.#accounts.get(raw.slice(0, colon));
    const account = known ?? this.#nobody; // the same work for all
    const hash = await slowHash(raw.slice(colon + 1), account.salt);
    const right = timingSafeEqual(hash, account.hash);
    if (!known) throw new RejectedError("unknown user");
    if (!right) throw new RejectedError("wrong password");
    return account.principal;
  }
}

/** Opaque tokens, found by their hash. */
class Bearer {
  scheme = "Bearer";
  #tokens;

  constructor(tokens) {
    this.#tokens = tokens;
  }

  authenticate(credentials) {
    const token = this.#tokens.get(sha256(credentials).toString("hex"));
    if (!token) throw new RejectedError("unknown token");
    if (token.expires <= NOW) throw new RejectedError("token expired");
    return token.principal;
  }
}

// --8<-- [start:show]
/** shop_k1_secret: looked up by k1, compared by hash. */
class ApiKeys {
  scheme = "ApiKey";
  #keys; // of a random secret, so a fast hash is enough
  #nobody;

  constructor(keys, nobody) {
    this.#keys = keys;
    this.#nobody = nobody;
  }

  authenticate(credentials) {
    const [brand, id = "", ...rest] = credentials.split("_");
    const secret = rest.join("_");
    const key = this.#keys.get(id) ?? this.#nobody;
    const right = timingSafeEqual(sha256(secret), key.hash);
    if (brand !== "shop" || key === this.#nobody) {
      throw new RejectedError("unknown key");
    }
    if (!right) throw new RejectedError(`wrong secret for ${id}`);
    if (key.revoked) throw new RejectedError(`${id} is revoked`);
    if (key.expires <= NOW) throw new RejectedError(`${id} expired`);
    return key.principal;
  }
}

function guard(authenticators, scope, handler, log) {
  const byScheme = new Map(
    authenticators.map((each) => [each.scheme.toLowerCase(), each]),
  );
  return async (authorization) => {
    const [scheme, ...rest] = authorization.split(" ");
    const chosen = byScheme.get(scheme.toLowerCase()); // names ignore case
    if (!chosen) {
      log("no usable credentials");
      return unauthorized(authenticators.map((each) => challenge(each)));
    }
    let principal;
    try {
      principal = await chosen.authenticate(rest.join(" ").trim());
    } catch (error) {
      if (!(error instanceof RejectedError)) throw error;
      log(error.message); // the caller is not told which
      return unauthorized([challenge(chosen, "invalid_token")]);
    }
    if (!principal.scopes.includes(scope)) {
      log(`${principal.name} lacks the scope`);
      return forbidden(chosen);
    }
    log(`${principal.name} by ${chosen.scheme}`);
    return handler(principal);
  };
}
// --8<-- [end:show]

/** Only Bearer defines errors (RFC 6750); Basic names its charset (RFC 7617). */
function challenge({ scheme }, error) {
  const base = `${scheme} realm="reports"`;
  if (scheme === "Basic") return `${base}, charset="UTF-8"`;
  if (scheme !== "Bearer" || !error) return base;
  const wanted = error === "insufficient_scope" ? `, scope="${READ}"` : "";
  return `${base}, error="${error}"${wanted}`;
}

const unauthorized = (challenges) => ({
  status: 401,
  challenges,
  body: { title: "Unauthorized" },
});

const forbidden = (chosen) => ({
  status: 403,
  challenges:
    chosen.scheme === "Bearer" ? [challenge(chosen, "insufficient_scope")] : [],
  body: { title: "Forbidden" },
});

const report = (principal) => ({
  status: 200,
  challenges: [],
  body: { report: "2026-11", for: principal.name },
});

// Sample credentials; a real secret is 32 random bytes and is shown once.
const PASSWORD = "sample password of the batch job";
const SECRET = "sample-secret-of-the-batch-job";
const TOKEN = "sample-token-of-ada";
const OLD_TOKEN = "sample-token-of-yesterday";
const POOR_TOKEN = "sample-token-without-scopes";
const BATCH = { name: "batch", scopes: [READ] };
const ADA = { name: "ada", scopes: [READ] };
const GUEST = { name: "guest", scopes: [] };

const stored = { hash: sha256(SECRET), principal: BATCH, expires: NEXT_YEAR };
const keys = new Map([
  ["k1", stored],
  ["k2", { ...stored, revoked: true }],
  ["k3", { ...stored, expires: YESTERDAY }],
  ["k4", { ...stored, principal: GUEST }],
]);
const tokens = new Map();
for (const [text, principal, expires] of [
  [TOKEN, ADA, NEXT_YEAR],
  [OLD_TOKEN, ADA, YESTERDAY],
  [POOR_TOKEN, GUEST, NEXT_YEAR],
]) {
  tokens.set(sha256(text).toString("hex"), { principal, expires });
}

async function authenticators() {
  const salt = Buffer.from("sample-salt-0001");
  const hash = await slowHash(PASSWORD, salt);
  const nobody = {
    salt: Buffer.from("sample-salt-0002"),
    hash: Buffer.alloc(32),
  };
  return [
    new Basic(new Map([["batch", { principal: BATCH, salt, hash }]]), nobody),
    new ApiKeys(keys, { hash: Buffer.alloc(32) }),
    new Bearer(tokens),
  ];
}

const encoded = (text) => Buffer.from(text).toString("base64");

/** What often ships: the row exists and its hash matches, so come in. */
function naive(authenticators) {
  return async (authorization) => {
    const parts = authorization.split(" ");
    for (const each of authenticators) {
      if (parts.length === 2 && parts[0] === each.scheme) {
        const principal = await rowOf(each, parts[1]);
        if (principal) return report(principal);
      }
    }
    return { status: 401, challenges: [], body: { error: "Invalid token" } };
  };
}

/** Hashed storage and a safe comparison; the rest of the row is not read. */
async function rowOf(authenticator, credentials) {
  if (authenticator.scheme === "ApiKey") {
    const [, id, ...rest] = credentials.split("_");
    const key = keys.get(id);
    const right = key && timingSafeEqual(sha256(rest.join("_")), key.hash);
    return right ? key.principal : undefined;
  }
  if (authenticator.scheme === "Bearer") {
    return tokens.get(sha256(credentials).toString("hex"))?.principal;
  }
  try {
    return await authenticator.authenticate(credentials);
  } catch (error) {
    if (!(error instanceof RejectedError)) throw error;
    return undefined;
  }
}

const missing = () => ({
  status: 404,
  challenges: [],
  body: { title: "Not Found" },
});

const REQUESTS = [
  ["no credentials", ""],
  ["Basic, right password", `Basic ${encoded(`batch:${PASSWORD}`)}`],
  ["basic, in lower case", `basic ${encoded(`batch:${PASSWORD}`)}`],
  ["Basic, wrong password", `Basic ${encoded("batch:guess")}`],
  ["Basic, unknown user", `Basic ${encoded("eve:guess")}`],
  ["Basic, no colon", `Basic ${encoded("batch")}`],
  ["Basic, not base64", "Basic batch:guess"],
  ["ApiKey, right secret", `ApiKey shop_k1_${SECRET}`],
  ["ApiKey, wrong secret", "ApiKey shop_k1_guess"],
  ["ApiKey, unknown prefix", `ApiKey shop_k9_${SECRET}`],
  ["ApiKey, no prefix", `ApiKey ${SECRET}`],
  ["ApiKey, revoked", `ApiKey shop_k2_${SECRET}`],
  ["ApiKey, expired", `ApiKey shop_k3_${SECRET}`],
  ["ApiKey, without scope", `ApiKey shop_k4_${SECRET}`],
  ["Bearer, good token", `Bearer ${TOKEN}`],
  ["Bearer, two spaces", `Bearer  ${TOKEN}`],
  ["Bearer, made-up token", "Bearer guess"],
  ["Bearer, expired", `Bearer ${OLD_TOKEN}`],
  ["Bearer, without scope", `Bearer ${POOR_TOKEN}`],
  ["Digest, not offered", "Digest guess"],
];

async function get(url, authorization) {
  const response = await fetch(url, {
    headers: authorization ? { Authorization: authorization } : {},
    signal: AbortSignal.timeout(5000),
  });
  await response.arrayBuffer();
  return [response.status, response.headers.get("WWW-Authenticate") ?? ""];
}

/** The error, or else the schemes. */
function short(challenges) {
  const error = /error="(\w+)"/.exec(challenges);
  if (error) return error[1];
  return challenges.match(/\w+(?= realm)/g)?.join(" ") ?? "-";
}

const row = (label, naiveStatus, status, challenges, line) =>
  label.padEnd(23) +
  String(naiveStatus).padEnd(7) +
  String(status).padEnd(7) +
  challenges.padEnd(20) +
  line;

const log = [];
const offered = await authenticators();
const routes = new Map([
  ["/reports", guard(offered, READ, report, (line) => log.push(line))],
  ["/naive", naive(offered)],
]);
const server = createServer({ requestTimeout: 5000 }, async (req, res) => {
  const route = routes.get(req.url) ?? missing;
  const answer = await route(req.headers.authorization ?? "");
  const kind = answer.status === 200 ? "json" : "problem+json";
  if (answer.challenges.length > 0) {
    res.setHeader("WWW-Authenticate", answer.challenges);
  }
  res.writeHead(answer.status, { "Content-Type": `application/${kind}` });
  res.end(JSON.stringify(answer.body));
});
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
try {
  const base = `http://127.0.0.1:${server.address().port}`;
  console.log(
    row("credentials", "naive", "guard", "challenge", "log of the guard"),
  );
  for (const [label, authorization] of REQUESTS) {
    const [naiveStatus] = await get(`${base}/naive`, authorization);
    const [status, challenges] = await get(`${base}/reports`, authorization);
    console.log(row(label, naiveStatus, status, short(challenges), log.at(-1)));
  }
} finally {
  server.closeAllConnections();
  server.close();
}
