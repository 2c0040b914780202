// Forge requests against a cookie session, with one defense at a time.
import {
  createHash,
  createHmac,
  randomBytes,
  timingSafeEqual,
} from "node:crypto";

const SHOP = "https://shop.test";
const BLOG = "https://blog.shop.test"; // same site, another origin
const EVIL = "https://evil.test";
const SAFE = ["GET", "HEAD", "OPTIONS"];
const KEY = "sample-only-key-of-32-bytes-here"; // a real one: a secret manager
const SESSION = "__Host-id";

// --8<-- [start:show]
/** The algorithm of Go's net/http CrossOriginProtection. */
function isCrossOrigin(request) {
  if (SAFE.includes(request.method)) return false; // so GET must change nothing
  const site = request.headers["sec-fetch-site"];
  if (site) return !["same-origin", "none"].includes(site); // not same-site
  const { origin } = request.headers;
  if (!origin) return false; // no browser, or one from before 2020
  return !URL.canParse(origin) || new URL(origin).host !== request.host;
}

const sign = (sid, nonce) =>
  createHmac("sha256", KEY).update(`${sid}!${nonce}`).digest("base64url");

/** Needs nothing stored. */
function issueToken(sid, random = randomBytes) {
  const nonce = random(16).toString("hex");
  return `${nonce}.${sign(sid, nonce)}`;
}

function isValidToken(sid, token) {
  const [nonce, mac = ""] = token.split(".", 2);
  const given = Buffer.from(mac);
  const wanted = Buffer.from(sign(sid, nonce));
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

/** The browser's half: is the cookie sent with a top-level navigation? */
function attaches(sameSite, crossSite, method) {
  if (!crossSite || sameSite === "None") return true;
  return sameSite === "Lax" && SAFE.includes(method);
}

// --8<-- [end:show]

class Shop {
  users = new Map(); // by session id
  transfers = [];

  constructor(defense) {
    this.defense = { sameSite: "None", headers: false, token: "", ...defense };
  }

  start(user) {
    const value = `session-${this.users.size + 1}`; // a real one is random
    this.users.set(value, user);
    const { sameSite } = this.defense;
    return { name: SESSION, value, domain: "shop.test", sameSite };
  }

  /** Returns a cookie to set. undefined also stands for 403. */
  handle(request) {
    const sid = request.cookies[SESSION] ?? "";
    if (this.defense.headers && isCrossOrigin(request)) return undefined;
    if (!SAFE.includes(request.method) && !this.tokenPasses(sid, request)) {
      return undefined;
    }
    if (request.path === "/login") return this.start(request.form.user);
    if (request.path === "/transfer" && this.users.get(sid)) {
      this.transfers.push(this.users.get(sid)); // the GET route is the flaw
    }
    return undefined;
  }

  tokenPasses(sid, { form, cookies }) {
    const token = form.csrf ?? "";
    switch (this.defense.token) {
      case "double":
        return token !== "" && token === cookies.csrf;
      case "signed":
        return this.users.has(sid) && isValidToken(sid, token);
      default:
        return true;
    }
  }
}

class Browser {
  jar = [];

  constructor(habits = {}) {
    const modern = { fetchMetadata: true, origin: true, sameSite: true };
    this.habits = { ...modern, ...habits };
  }

  store(cookie) {
    const same = (c) => c.name === cookie.name && c.domain === cookie.domain;
    this.jar = [...this.jar.filter((c) => !same(c)), cookie];
  }

  /** Follow a link, or send a form, from the page to the shop. */
  navigate(page, method, path, form) {
    const relation = relate(page, SHOP);
    const headers = {};
    if (this.habits.fetchMetadata) headers["sec-fetch-site"] = relation;
    if (this.habits.origin && method === "POST") headers.origin = page;
    const cross = this.habits.sameSite && relation === "cross-site";
    const sent = this.jar.filter((c) => attaches(c.sameSite, cross, method));
    const cookies = Object.fromEntries(sent.map((c) => [c.name, c.value]));
    return { method, host: "shop.test", path, headers, cookies, form };
  }
}

// Real browsers ask the Public Suffix List; two labels will do here.
function relate(page, target) {
  if (page === target) return "same-origin";
  const site = (url) => new URL(url).host.split(".").slice(-2).join(".");
  return site(page) === site(target) ? "same-site" : "cross-site";
}

// Repeatable bytes for a test.
function counted() {
  let calls = 0;
  return (size) => {
    calls += 1;
    const hash = createHash("sha256").update(`sample ${calls}`);
    return hash.digest().subarray(0, size);
  };
}

const DEFENSES = [
  { name: "none" },
  { name: "Lax", sameSite: "Lax" },
  { name: "Strict", sameSite: "Strict" },
  { name: "headers", headers: true },
  { name: "token", token: "signed" },
  { name: "all", sameSite: "Lax", headers: true, token: "signed" },
];
const ANCIENT = { fetchMetadata: false, origin: false, sameSite: false };
const ATTACKS = [
  { name: "cross-site form", page: EVIL },
  { name: "form on blog.shop.test", page: BLOG },
  { name: "no Sec-Fetch-Site", page: EVIL, habits: { fetchMetadata: false } },
  { name: "nor SameSite, Origin", page: EVIL, habits: ANCIENT },
  { name: "link to a GET that pays", page: EVIL, method: "GET" },
  { name: "login as mallory", page: EVIL, path: "/login" },
];

function exploit(attack, defense) {
  const { page, method = "POST", path = "/transfer", habits } = attack;
  const shop = new Shop(defense);
  const browser = new Browser(habits);
  browser.store(shop.start(path === "/login" ? "" : "ada"));
  const mallory = shop.start("mallory"); // she has a token of her own
  const form = { user: "mallory", csrf: issueToken(mallory.value, counted()) };
  const cookie = shop.handle(browser.navigate(page, method, path, form));
  if (cookie) browser.store(cookie);
  if (path === "/login") {
    return shop.users.get(browser.jar.at(-1).value) === "mallory";
  }
  return shop.transfers.includes("ada");
}

function ownForm(defense) {
  const shop = new Shop(defense);
  const browser = new Browser();
  browser.store(shop.start("ada"));
  const form = { csrf: issueToken(browser.jar[0].value, counted()) };
  shop.handle(browser.navigate(SHOP, "POST", "/transfer", form));
  return shop.transfers.join() === "ada";
}

function linkKeepsLogin(defense) {
  const browser = new Browser();
  browser.store(new Shop(defense).start("ada"));
  return SESSION in browser.navigate(EVIL, "GET", "/", {}).cookies;
}

/** The blog sets a csrf cookie for shop.test, and posts the same value. */
function tossed(kind) {
  const shop = new Shop({ sameSite: "Strict", token: kind });
  const browser = new Browser();
  browser.store(shop.start("ada"));
  const value = issueToken(shop.start("mallory").value, counted());
  const domain = ".shop.test";
  browser.store({ name: "csrf", value, domain, sameSite: "Lax" });
  const form = { csrf: value };
  shop.handle(browser.navigate(BLOG, "POST", "/transfer", form));
  return shop.transfers.join() === "ada";
}

function row(label, cells = []) {
  const padded = cells.map((cell) => cell.padEnd(8));
  console.log((label.padEnd(26) + padded.join("")).trimEnd());
}

const names = DEFENSES.map((defense) => defense.name);
row("attack on ada", names);
for (const attack of ATTACKS) {
  const works = DEFENSES.map((defense) => exploit(attack, defense));
  row(
    `  ${attack.name}`,
    works.map((value) => (value ? "works" : "stopped")),
  );
}
console.log();
row("ada herself");
row(
  "  form of the shop",
  DEFENSES.map((defense) => (ownForm(defense) ? "ok" : "fails")),
);
row(
  "  logged in after a link",
  DEFENSES.map((defense) => (linkKeepsLogin(defense) ? "yes" : "no")),
);
console.log(
  "\nform and tossed cookie from blog.shop.test, with SameSite=Strict",
);
for (const [label, kind] of [
  ["double submit", "double"],
  ["signed, bound", "signed"],
]) {
  row(`  ${label}`, [tossed(kind) ? "works" : "stopped"]);
}
