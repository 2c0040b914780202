// Sign in with OpenID Connect: discovery, keys, ID tokens, accounts.
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto";

const ISSUER = "https://id.example.com";
const CLIENT_ID = "shop";
const SKEW_SECONDS = 30;
const CACHE_SECONDS = 600;
const REFETCH_SECONDS = 60;

/** For the log; the browser learns that signing in failed. */
class RefusedError extends Error {}

const encode = (raw) => Buffer.from(raw).toString("base64url");

function decode(part) {
  const raw = Buffer.from(part, "base64url");
  if (encode(raw) !== part) throw new RefusedError("not base64url");
  return raw;
}

function readObject(part) {
  let value;
  try {
    value = JSON.parse(decode(part));
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new RefusedError("not JSON");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new RefusedError("not an object");
  }
  return value;
}

function same(left, right) {
  const [a, b] = [Buffer.from(left), Buffer.from(right)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** The issuer is configuration; the document must agree with it, exactly. */
function discover(fetch, issuer) {
  const document = fetch(`${issuer}/.well-known/openid-configuration`);
  if (document.issuer !== issuer) throw new RefusedError("issuer differs");
  return document;
}

class KeyCache {
  #fetch;
  #url;
  #clock; // seconds
  #keys = new Map();
  #fetched;

  constructor(fetch, url, clock) {
    this.#fetch = fetch;
    this.#url = url;
    this.#clock = clock;
  }

  get(kid) {
    const now = this.#clock();
    const age =
      this.#fetched === undefined ? CACHE_SECONDS : now - this.#fetched;
    const unknown = !this.#keys.has(kid) && age >= REFETCH_SECONDS;
    if (unknown || age >= CACHE_SECONDS) {
      this.#fetched = now; // a failing fetch is not repeated at once either
      try {
        this.#load();
      } catch (error) {
        // Otherwise for the log: known keys stay in use.
        if (!this.#keys.has(kid)) throw error;
      }
    }
    if (!this.#keys.has(kid)) throw new RefusedError("unknown kid");
    return this.#keys.get(kid);
  }

  #load() {
    const rsa = this.#fetch(this.#url).keys.filter((k) => k.kty === "RSA");
    this.#keys = new Map(
      rsa.map((key) => [key.kid, createPublicKey({ key, format: "jwk" })]),
    );
  }
}

// --8<-- [start:show]
/** The claims of an ID token that answers this browser's request. */
function check({ issuer, clientId, keys, clock }, idToken, nonce) {
  const parts = idToken.split(".");
  if (parts.length !== 3) throw new RefusedError("not three parts");
  const header = readObject(parts[0]);
  // Agreed at registration, not in the token.
  if (header.alg !== "RS256") throw new RefusedError("alg is not RS256");
  const key = keys.get(header.kid);
  const signed = Buffer.from(`${parts[0]}.${parts[1]}`);
  if (!verify("RSA-SHA256", signed, key, decode(parts[2]))) {
    throw new RefusedError("bad signature");
  }
  const claims = readObject(parts[1]);
  if (claims.iss !== issuer) throw new RefusedError("another issuer");
  const [audience, ...others] = [claims.aud].flat();
  if (audience !== clientId || others.length > 0) {
    throw new RefusedError("not for me alone");
  }
  if (!Number.isInteger(claims.exp) || clock() >= claims.exp + SKEW_SECONDS) {
    throw new RefusedError("expired");
  }
  if (typeof claims.nonce !== "string" || !same(claims.nonce, nonce)) {
    throw new RefusedError("nonce of another sign-in");
  }
  if (typeof claims.sub !== "string" || !claims.sub) {
    throw new RefusedError("no sub");
  }
  return claims;
}
// --8<-- [end:show]

/** An identity says who signed in, whatever the protocol was. */
function fromClaims({ iss: issuer, sub: subject, email = "", ...rest }) {
  return { issuer, subject, email, verified: rest.email_verified === true };
}

/**
 * OAuth only: no ID token, so GET /user with a token fetched by ourselves.
 * The number stays; the login can be renamed and then taken by somebody else.
 */
function fromGithub(user, emails) {
  const { email, verified } = emails.find((each) => each.primary);
  const subject = String(Number(user.id));
  return { issuer: "https://github.com", subject, email, verified };
}

/** One table of accounts, one of identities with issuer and subject as its key. */
class Accounts {
  emails = [];
  #byIdentity = new Map();

  create(email) {
    return this.emails.push(email);
  }

  signIn(who) {
    const account = this.#byIdentity.get(this.#key(who));
    if (account !== undefined) {
      if (who.verified && !this.emails.includes(who.email)) {
        this.emails[account - 1] = who.email; // for mail, never for log-in
      }
      return `account ${account}`;
    }
    if (who.email && this.emails.includes(who.email)) {
      return "log in first, then link";
    }
    const created = this.create(who.verified ? who.email : "");
    this.link(created, who);
    return `account ${created}, new`;
  }

  /** Only for a user who is logged in to the account, a moment ago. */
  link(account, who) {
    this.#byIdentity.set(this.#key(who), account);
  }

  #key(who) {
    return JSON.stringify([who.issuer, who.subject]);
  }
}

/** What not to write: whoever shows the address gets the account. */
class AccountsByEmail extends Accounts {
  signIn(who) {
    const index = this.emails.indexOf(who.email);
    if (index >= 0) return `account ${index + 1}`;
    return `account ${this.create(who.email)}, new`;
  }
}

function bytes(number) {
  const hex = number.toString(16);
  return Buffer.from(hex.padStart(hex.length + (hex.length % 2), "0"), "hex");
}

/** Extended Euclid: x with a * x = 1 modulo m. */
function inverse(a, m) {
  let [r, next, x, following] = [m, a % m, 0n, 1n];
  while (next !== 0n) {
    const quotient = r / next;
    [r, next] = [next, r - quotient * next];
    [x, following] = [following, x - quotient * following];
  }
  return ((x % m) + m) % m;
}

/** From primes of a plain form, which anybody can guess: a sample only. */
function sampleKey(kid, p, q) {
  const e = 65_537n;
  const d = inverse(e, (p - 1n) * (q - 1n));
  const part = (number) => encode(bytes(number));
  const key = { kty: "RSA", n: part(p * q), e: part(e) };
  const secret = {
    ...key,
    d: part(d),
    p: part(p),
    q: part(q),
    dp: part(d % (p - 1n)),
    dq: part(d % (q - 1n)),
    qi: part(inverse(q, p)),
  };
  return {
    jwk: { ...key, use: "sig", alg: "RS256", kid },
    secret: createPrivateKey({ key: secret, format: "jwk" }),
    modulus: bytes(p * q),
  };
}

const KEY_1 = sampleKey("key-1", 2n ** 1024n - 105n, 2n ** 1023n + 1155n);
const KEY_2 = sampleKey("key-2", 2n ** 1024n - 179n, 2n ** 1023n + 1493n);

class MockProvider {
  keys = [KEY_1];
  fetches = 0;
  down = false;

  fetch = (url) => {
    if (url.endsWith("/.well-known/openid-configuration")) {
      return { issuer: ISSUER, jwks_uri: `${ISSUER}/keys` };
    }
    this.fetches += 1;
    if (this.down) throw new Error("no connection");
    return { keys: this.keys.map((key) => key.jwk) };
  };
}

function issue(key, claims, header = {}) {
  const names = { alg: "RS256", kid: key.jwk.kid, ...header };
  const signed = [names, claims]
    .map((part) => encode(JSON.stringify(part)))
    .join(".");
  const signature = sign("RSA-SHA256", Buffer.from(signed), key.secret);
  return `${signed}.${encode(signature)}`;
}

const withoutSignature = (token) => token.slice(0, token.lastIndexOf("."));

function unsigned(claims) {
  return `${withoutSignature(issue(KEY_1, claims, { alg: "none" }))}.`;
}

function byPublicKey(claims) {
  const signed = withoutSignature(issue(KEY_1, claims, { alg: "HS256" }));
  const mac = createHmac("sha256", KEY_1.modulus).update(signed).digest();
  return `${signed}.${encode(mac)}`;
}

const CLAIMS = {
  iss: ISSUER,
  sub: "1001",
  aud: CLIENT_ID,
  exp: 300,
  iat: 0,
  nonce: "n-1",
  email: "ada@example.com",
  email_verified: true,
};

function tokens() {
  const changed = (claims) => issue(KEY_1, { ...CLAIMS, ...claims });
  const swapped = issue(KEY_1, CLAIMS).split(".");
  swapped[1] = encode(JSON.stringify({ ...CLAIMS, sub: "1" }));
  return [
    ["as issued", issue(KEY_1, CLAIMS)],
    ["alg none", unsigned(CLAIMS)],
    ["HS256 by the public key", byPublicKey(CLAIMS)],
    ["claims swapped", swapped.join(".")],
    ["another issuer", changed({ iss: "https://evil.test" })],
    ["another client's token", changed({ aud: "mail" })],
    ["two audiences", changed({ aud: [CLIENT_ID, "mail"] })],
    ["expired", changed({ exp: -30 })],
    ["replayed in another sign-in", changed({ nonce: "n-2" })],
  ];
}

function verdict(run) {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return error.message;
  }
}

function oidc(sub, email, iss = ISSUER) {
  const email_verified = iss === ISSUER;
  return fromClaims({ ...CLAIMS, iss, sub, email, email_verified });
}

function github(id, login, email, verified) {
  return fromGithub({ id, login }, [{ email, primary: true, verified }]);
}

function signIns() {
  const ada = "ada@example.com";
  return [
    ["Ada signs up", oidc("1001", ada)],
    ["Eve, unverified, Ada's e-mail", oidc("9", ada, "https://t2.test")],
    ["Ada, e-mail now ada@new.test", oidc("1001", "ada@new.test")],
    ["Bob gets Ada's old address", oidc("1002", ada)],
    ["GitHub 77, Ada's, unverified", github(77, "eve", "ada@new.test", false)],
    ["GitHub 88, login grace", github(88, "grace", "grace@example.com", true)],
    ["GitHub 88, all renamed", github(88, "hopper", "grace@new.test", true)],
  ];
}

function row(first, second, third) {
  console.log(`${first.padEnd(31)}${second.padEnd(25)}${third}`);
}

let now = 0;
const clock = () => now;
const provider = new MockProvider();
const found = discover(provider.fetch, ISSUER);
const keys = new KeyCache(provider.fetch, found.jwks_uri, clock);
const party = { issuer: found.issuer, clientId: CLIENT_ID, keys, clock };
const judge = (token) =>
  verdict(() => `accepted: sub ${check(party, token, "n-1").sub}`);

row("ID token", "verdict", "fetches of keys");
for (const [title, token] of tokens()) {
  row(title, judge(token), provider.fetches);
}
now = 60;
const body = issue(KEY_1, CLAIMS).split(".").slice(1).join(".");
const verdicts = new Set();
for (let n = 0; n < 100; n++) {
  const header = encode(JSON.stringify({ alg: "RS256", kid: `forged-${n}` }));
  verdicts.add(judge(`${header}.${body}`));
}
row("100 unknown kids in a second", [...verdicts].join(), provider.fetches);
provider.keys = [KEY_1, KEY_2];
now = 120;
row("new key, a minute later", judge(issue(KEY_2, CLAIMS)), provider.fetches);
now = 720;
provider.down = true;
const late = issue(KEY_2, { ...CLAIMS, exp: 900 });
row("keys due, provider down", judge(late), provider.fetches);
const other = () => discover(provider.fetch, "https://id.example.net");
row("discovery, another's document", verdict(other), provider.fetches);

console.log();
row("sign-in", "linked by e-mail", "by issuer and subject");
const [byEmail, accounts] = [new AccountsByEmail(), new Accounts()];
for (const [title, who] of signIns()) {
  row(title, byEmail.signIn(who), accounts.signIn(who));
}
const work = github(66, "ada", "ada@work.test", true);
accounts.link(1, work); // Ada, logged in by ID token, adds her GitHub
row("GitHub 66, linked by Ada", byEmail.signIn(work), accounts.signIn(work));
