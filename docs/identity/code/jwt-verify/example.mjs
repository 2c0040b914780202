// Issue access tokens and refuse forged ones: the key says its algorithm.
import { createHmac, timingSafeEqual } from "node:crypto";

const MAX_TOKEN_CHARACTERS = 8192;
const MAX_BRACKETS = 32;
const MIN_SECRET_BYTES = 32; // RFC 7518, section 3.2
const LEEWAY_SECONDS = 30;
const LIFETIME_SECONDS = 300;
const TYPES = ["at+jwt", "application/at+jwt"]; // RFC 9068, section 4
const NOW = 1_767_225_600; // seconds since 1970
const MAX_SECONDS = 253_402_300_799; // the end of the year 9999

const ISSUER = "https://login.shop.test";
const AUDIENCE = "https://orders.shop.test";
// Samples: a real secret is 32 random bytes from a secret manager.
const SECRET = Buffer.from("sample-only-secret-of-32-bytes-1");
const PUBLIC_KEY = Buffer.from(
  "-----BEGIN PUBLIC KEY-----\nsample\n-----END PUBLIC KEY-----\n",
);
const NONES = ["none", "None", "NONE", "nOnE"];

// For the log: the caller learns no more than 401 and invalid_token.
class TokenError extends Error {}

// A key and the only algorithm that it may ever be used with.
function createKey(alg, material) {
  if (alg === "HS256" && material.length < MIN_SECRET_BYTES) {
    throw new RangeError(
      `an HS256 secret has ${MIN_SECRET_BYTES} bytes or more`,
    );
  }
  return Object.freeze({ alg, material });
}

const encode = (raw) => Buffer.from(raw).toString("base64url");

// Strict base64url: Buffer ignores what it cannot read, so encode again.
function decode(part, name) {
  const raw = Buffer.from(part, "base64url");
  if (encode(raw) !== part) throw new TokenError(`${name} is not base64url`);
  return raw;
}

// JSON.parse keeps the last of equal names; `text` has passed it already.
function hasRepeatedName(text) {
  const tokens = text.match(/"(?:[^"\\]|\\.)*"|[^\s"]/g);
  const open = [];
  for (const [i, token] of tokens.entries()) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token.startsWith('"') && tokens[i + 1] === ":") {
      const name = JSON.parse(token);
      if (open.at(-1).has(name)) return true;
      open.at(-1).add(name);
    }
  }
  return false;
}

function parseStrictly(raw) {
  const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  const text = utf8.decode(raw);
  // Those inside strings count too: cheap, and honest tokens have few.
  if (text.split(/[[{]/).length - 1 > MAX_BRACKETS) {
    throw new RangeError("too many brackets");
  }
  const value = JSON.parse(text);
  if (hasRepeatedName(text)) throw new SyntaxError("a name occurs twice");
  return value;
}

function readObject(part, name) {
  const raw = decode(part, name);
  let value;
  try {
    value = parseStrictly(raw);
  } catch (cause) {
    throw new TokenError(`${name} is not strict JSON`, { cause });
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new TokenError(`${name} is not an object`);
  }
  return value;
}

function textIn(values, name) {
  const value = values[name];
  if (typeof value !== "string" || value === "") {
    throw new TokenError(`${name} is not a text`);
  }
  return value;
}

function textsIn(values, name) {
  const texts = [values[name]].flat();
  if (!texts.every((text) => typeof text === "string")) {
    throw new TokenError(`${name} is not a text or a list of texts`);
  }
  return texts;
}

function timeIn(values, name) {
  if (!Object.hasOwn(values, name)) throw new TokenError(`${name} is missing`);
  const value = values[name];
  if (typeof value !== "number" || !(value >= 0 && value <= MAX_SECONDS)) {
    throw new TokenError(`${name} is not a time`);
  }
  return value;
}

function readHeader(part) {
  const values = readObject(part, "header");
  // RFC 7515, section 4.1.11: refuse what is not understood.
  if (Object.hasOwn(values, "crit"))
    throw new TokenError("crit is not understood");
  const [alg, kid, typ] = ["alg", "kid", "typ"].map((name) =>
    textIn(values, name),
  );
  return { alg, kid, typ };
}

// The claims of RFC 9068, each of the right type; times in seconds since 1970.
function readClaims(part) {
  const values = readObject(part, "payload");
  return {
    issuer: textIn(values, "iss"),
    audience: textsIn(values, "aud"),
    subject: textIn(values, "sub"),
    clientId: textIn(values, "client_id"),
    tokenId: textIn(values, "jti"),
    issuedAt: timeIn(values, "iat"),
    notBefore: timeIn({ nbf: 0, ...values }, "nbf"), // the optional one
    expires: timeIn(values, "exp"),
  };
}

// --8<-- [start:show]
class Verifier {
  #keys; // Map by kid: a closed set; each key names its algorithm
  #issuer;
  #audience;
  #clock; // seconds since 1970

  constructor({ keys, issuer, audience, clock }) {
    this.#keys = keys;
    this.#issuer = issuer;
    this.#audience = audience;
    this.#clock = clock;
  }

  verify(token) {
    if (token.length > MAX_TOKEN_CHARACTERS) {
      throw new TokenError("token is too long");
    }
    const parts = token.split(".");
    if (parts.length !== 3) throw new TokenError("not three parts");
    const header = readHeader(parts[0]);
    const key = this.#keys.get(header.kid);
    if (!key) throw new TokenError("unknown kid");
    // It has to agree, it never chooses.
    if (header.alg !== key.alg) throw new TokenError("alg is not the key's");
    if (!TYPES.includes(header.typ)) throw new TokenError("typ is not at+jwt");
    if (key.alg !== "HS256")
      throw new TokenError(`${key.alg} is left to a library`);
    // As text: another spelling of the same bytes is refused, too.
    const expected = Buffer.from(
      signature(key.material, `${parts[0]}.${parts[1]}`),
    );
    const given = Buffer.from(parts[2]);
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) {
      throw new TokenError("bad signature");
    }
    const claims = readClaims(parts[1]); // unread until here
    const now = this.#clock();
    if (claims.issuer !== this.#issuer) throw new TokenError("wrong issuer");
    if (!claims.audience.includes(this.#audience)) {
      throw new TokenError("wrong audience");
    }
    if (now >= claims.expires + LEEWAY_SECONDS) throw new TokenError("expired");
    if (now < claims.notBefore - LEEWAY_SECONDS) {
      throw new TokenError("not valid yet");
    }
    if (now < claims.issuedAt - LEEWAY_SECONDS) {
      throw new TokenError("issued in the future");
    }
    return claims;
  }
}
// --8<-- [end:show]

const KEYS = new Map([
  ["hs-1", createKey("HS256", SECRET)],
  ["rs-1", createKey("RS256", PUBLIC_KEY)],
]);

function signature(material, signed, hash = "sha256") {
  return createHmac(hash, material).update(signed).digest("base64url");
}

function issue(kid, key, claims) {
  if (key.alg !== "HS256") throw new TypeError(`cannot sign with ${key.alg}`);
  const { audience } = claims;
  const header = { alg: key.alg, kid, typ: "at+jwt" };
  const payload = {
    iss: claims.issuer,
    aud: audience.length === 1 ? audience[0] : audience,
    sub: claims.subject,
    client_id: claims.clientId,
    jti: claims.tokenId,
    iat: claims.issuedAt,
    nbf: claims.notBefore,
    exp: claims.expires,
  };
  return sealed(JSON.stringify(header), JSON.stringify(payload), key.material);
}

// Signs any text at all, so it is the forger's tool as well.
function sealed(header, payload, material, hash = "sha256") {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${signature(material, signed, hash)}`;
}

// What not to write: the token picks its algorithm, and claims go unread.
function believing(token) {
  const [head, payload = "", given = ""] = token.split(".");
  let alg, key;
  try {
    const values = readObject(head, "header");
    alg = textIn(values, "alg").toLowerCase();
    key = KEYS.get(textIn(values, "kid"));
  } catch (error) {
    if (error instanceof TokenError) return "refused";
    throw error;
  }
  if (alg === "none") return "accepted";
  if (!key || !["hs256", "hs512"].includes(alg)) return "refused";
  const mac = createHmac(`sha${alg.slice(2)}`, key.material);
  const expected = mac.update(`${head}.${payload}`).digest();
  const raw = Buffer.from(given, "base64url");
  const same = raw.length === expected.length && timingSafeEqual(raw, expected);
  return same ? "accepted" : "refused";
}

function swap(text, old, changed) {
  if (!text.includes(old)) throw new RangeError(`nothing to replace: ${old}`);
  return text.replaceAll(old, changed);
}

function rows() {
  const good = issue("hs-1", KEYS.get("hs-1"), {
    issuer: ISSUER,
    audience: [AUDIENCE],
    subject: "user-42",
    clientId: "web",
    tokenId: "t-1",
    issuedAt: NOW,
    notBefore: NOW,
    expires: NOW + LIFETIME_SECONDS,
  });
  const [head, body, mac] = good.split(".");
  const header = decode(head, "header").toString();
  const payload = decode(body, "payload").toString();
  const exp = `"exp":${NOW + LIFETIME_SECONDS}`;

  const withHeader = (old, changed) =>
    sealed(swap(header, old, changed), payload, SECRET);
  const withClaim = (old, changed) =>
    sealed(header, swap(payload, old, changed), SECRET);
  const unsigned = (alg) =>
    withHeader("HS256", alg).split(".").with(2, "").join(".");

  const hs512 = sealed(
    swap(header, "HS256", "HS512"),
    payload,
    SECRET,
    "sha512",
  );
  const confused = sealed(swap(header, "hs-1", "rs-1"), payload, PUBLIC_KEY);
  const changed = swap(swap(payload, exp, '"exp":1'), "user-42", "admin");
  const tampered = `${head}.${encode(changed)}.${mac}`;
  // 32 bytes leave two bits of the last character unused.
  const letters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const respelled =
    good.slice(0, -1) + letters[letters.indexOf(good.at(-1)) + 1];
  const deep = "[".repeat(2000) + "]".repeat(2000);
  return [
    ["as issued", good],
    ["aud is a list", withClaim(`"${AUDIENCE}"`, `["a","${AUDIENCE}"]`)],
    ["expired, within the leeway", withClaim(exp, `"exp":${NOW - 29}`)],
    ["alg none, None, NONE, nOnE", ...NONES.map(unsigned)],
    ["alg HS512, same secret", hs512],
    ["HS256 by the RSA public key", confused],
    ["unknown kid", withHeader("hs-1", "hs-9")],
    ["typ JWT, as in an ID token", withHeader("at+jwt", "JWT")],
    ["payload changed, and expired", tampered],
    ["signature spelled otherwise", respelled],
    ["wrong issuer", withClaim("//login", "//evil")],
    ["wrong audience", withClaim("//orders", "//mail")],
    ["expired", withClaim(exp, `"exp":${NOW - 30}`)],
    ["not valid yet", withClaim(`"nbf":${NOW}`, `"nbf":${NOW + 31}`)],
    ["issued in the future", withClaim(`"iat":${NOW}`, `"iat":${NOW + 31}`)],
    ["exp missing", withClaim(exp, '"x":0')],
    ["exp a string", withClaim(exp, `"exp":"${NOW + 60}"`)],
    ["exp 1e999", withClaim(exp, '"exp":1e999')],
    ["exp NaN", withClaim(exp, '"exp":NaN')],
    ["exp twice", withClaim(exp, `"exp":1,${exp}`)],
    ["sub a number", withClaim('"user-42"', "42")],
    ["header nested 2,000 deep", withHeader("{", `{"x":${deep},`)],
    ["two parts", good.slice(0, good.lastIndexOf("."))],
    ["16,000 characters", withClaim('"t-1"', `"${"t".repeat(12_000)}"`)],
  ];
}

const verifier = new Verifier({
  keys: KEYS,
  issuer: ISSUER,
  audience: AUDIENCE,
  clock: () => NOW,
});

function verdict(token) {
  try {
    return `accepted: ${verifier.verify(token).subject}`;
  } catch (error) {
    if (error instanceof TokenError) return error.message;
    throw error;
  }
}

const distinct = (texts) => [...new Set(texts)].sort().join(", ");

console.log(
  "token".padEnd(31) + "alg by token".padEnd(15) + "alg by key, claims checked",
);
for (const [label, ...tokens] of rows()) {
  const believed = distinct(tokens.map(believing));
  const verdicts = distinct(tokens.map(verdict));
  console.log(label.padEnd(31) + believed.padEnd(15) + verdicts);
}
