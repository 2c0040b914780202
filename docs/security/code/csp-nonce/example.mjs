// Inject scripts into a comment page: raw, escaped, encoded by context, with CSP.
import { createHash, randomBytes } from "node:crypto";

const TAG = /<([a-zA-Z][^\s/>]*)((?:[^>"']|"[^"]*"|'[^']*')*)>/g;
const ATTRIBUTE = /([^\s"'<>/=]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]+))/g;
const ENTITIES = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

// Each field goes into a context of its own.
const HARMLESS = {
  text: "hello", // between tags
  author: "ada", // in a quoted attribute
  home: "https://ada.test/", // in a URL
  mood: "fine", // in JSON inside a script
};

const page = ({ text, author, home, data, nonce }) => `<!doctype html>
<html lang="en"><title>Comments</title>
<p title="${author}">${text}</p>
<a href="${home}">Home</a>
<script nonce="${nonce}">const comment = ${data};</script>
</html>`;

const newNonce = (random = randomBytes) => random(16).toString("base64url");

// --8<-- [start:show]
const escapeHtml = (text) => text.replace(/[&<>"']/g, (c) => ENTITIES[c]);

/** Encoding cannot help here: javascript:alert(1) has nothing to encode. */
function safeUrl(url) {
  const ok =
    URL.canParse(url) && ["http:", "https:"].includes(new URL(url).protocol);
  return ok ? url : "#"; // relative: refused
}

/** No < at all, so neither </script> nor <!-- can end the element. */
const scriptJson = (value) => JSON.stringify(value).replace(/</g, "\\u003c");

function render(comment, nonce) {
  return page({
    text: escapeHtml(comment.text),
    author: escapeHtml(comment.author), // also quotes, and the template quotes
    home: escapeHtml(safeUrl(comment.home)),
    data: scriptJson({ mood: comment.mood }),
    nonce,
  });
}

function pageHeaders(nonce) {
  const csp = `script-src 'nonce-${nonce}'; object-src 'none'; base-uri 'none'`;
  return {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": `${csp}; form-action 'self'; frame-ancestors 'none'`,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cache-Control": "no-store", // a stored page would repeat its nonce
  };
}

// --8<-- [end:show]

function apiHeaders() {
  return {
    "Content-Type": "application/json",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
  };
}

function renderRaw({ mood, ...fields }, nonce) {
  return page({ ...fields, data: JSON.stringify({ mood }), nonce });
}

/** One function for all contexts, the usual mistake. */
function renderEscaped(comment, nonce) {
  const fields = Object.entries(comment).map(([k, v]) => [k, escapeHtml(v)]);
  return renderRaw(Object.fromEntries(fields), nonce);
}

const unescapeHtml = (text) =>
  Object.entries(ENTITIES).reduceRight((s, [c, e]) => s.replaceAll(e, c), text);

/** What a browser would run: enough of an HTML parser for this page. */
function findScripts(document) {
  const found = [];
  const tags = new RegExp(TAG);
  for (let match; (match = tags.exec(document));) {
    const attributes = new Map();
    for (const [, name, ...values] of match[2].matchAll(ATTRIBUTE)) {
      const value = unescapeHtml(values.find((v) => v !== undefined));
      attributes.set(name.toLowerCase(), value);
    }
    if (match[1].toLowerCase() === "script") {
      const start = tags.lastIndex;
      const end = document.toLowerCase().indexOf("</script", start);
      tags.lastIndex = end < 0 ? document.length : end;
      const code = document.slice(start, tags.lastIndex);
      found.push({ code, nonce: attributes.get("nonce") ?? "" });
    }
    for (const [name, value] of attributes) {
      const url = value.trim();
      if (name.startsWith("on")) found.push({ code: value });
      if (name === "href" && /^javascript:/i.test(url)) {
        found.push({ code: url.slice("javascript:".length) });
      }
    }
  }
  return found;
}

/** The browser's half: script-src for inline code, as in CSP Level 3. */
function isAllowed(script, policy) {
  const directives = new Map();
  for (const part of policy.split(";")) {
    const [name, ...sources] = part.trim().split(/\s+/);
    if (name) directives.set(name, sources);
  }
  const allowed = directives.get("script-src") ?? directives.get("default-src");
  if (!allowed) return true;
  if (allowed.some((source) => source.startsWith("'nonce-"))) {
    return allowed.includes(`'nonce-${script.nonce}'`); // not 'unsafe-inline'
  }
  return allowed.includes("'unsafe-inline'");
}

function verdict(document, policy, code = "alert(1)") {
  const found = findScripts(document).filter((s) => s.code.startsWith(code));
  if (found.length === 0) return "inert";
  return found.some((s) => isAllowed(s, policy)) ? "runs" : "blocked";
}

function isIntact(document, mood) {
  const { code } = findScripts(document).find((script) => script.nonce);
  const data = JSON.parse(code.slice("const comment = ".length, -1));
  return data.mood === mood ? "intact" : "damaged";
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

function row(label, ...cells) {
  const padded = cells.map((cell) => cell.padEnd(9));
  console.log(`  ${label.padEnd(32)}${padded.join("")}`.trimEnd());
}

const random = counted();
const policyOf = (nonce) => pageHeaders(nonce)["Content-Security-Policy"];
const renderers = [renderRaw, renderEscaped, render];

console.log(
  "payload in a comment              raw      escaped  context  raw+CSP",
);
for (const [label, field, payload] of [
  ["text: <script>", "text", "<script>alert(1)</script>"],
  [
    'attribute: " onfocus=',
    "author",
    '" tabindex=0 autofocus onfocus="alert(1)',
  ],
  ["URL: javascript:", "home", "javascript:alert(1)"],
  ["JSON: </script><script>", "mood", "</script><script>alert(1)</script>"],
]) {
  const attack = { ...HARMLESS, [field]: payload };
  const nonce = newNonce(random);
  row(
    label,
    ...renderers.map((f) => verdict(f(attack, nonce), "")),
    verdict(renderRaw(attack, nonce), policyOf(nonce)),
  );
}
const name = { ...HARMLESS, mood: "O'Brien <3" };
row(
  "O'Brien <3 in the JSON",
  ...renderers.map((f) => isIntact(f(name, "n"), name.mood)),
);

console.log("\npolicy                            attack   own script");
const nonce = newNonce(random);
const attack = { ...HARMLESS, text: "<script>alert(1)</script>" };
for (const [label, policy] of [
  ["no policy", ""],
  ["script-src 'unsafe-inline'", "script-src 'self' 'unsafe-inline'"],
  ["script-src 'self'", "script-src 'self'"],
  ["nonce", policyOf(nonce)],
  ["nonce, 'unsafe-inline'", `script-src 'nonce-${nonce}' 'unsafe-inline'`],
]) {
  const document = renderRaw(attack, nonce);
  row(label, verdict(document, policy), verdict(document, policy, "const"));
}

console.log("\ninjected script with the nonce of an earlier response");
const earlier = newNonce(random);
const text = `<script nonce="${earlier}">alert(1)</script>`;
for (const [label, current] of [
  ["the nonce never changes", earlier],
  ["a new nonce", newNonce(random)],
]) {
  const document = renderRaw({ ...HARMLESS, text }, current);
  row(label, verdict(document, policyOf(current)));
}

console.log(
  "\nheaders sent                      nosniff  X-XSS    first directive",
);
for (const [label, headers] of [
  ["page", pageHeaders("n")],
  ["API", apiHeaders()],
]) {
  const xss = headers["X-XSS-Protection"] ?? "absent";
  if (!["absent", "0"].includes(xss)) throw new Error(xss);
  const [directive] = headers["Content-Security-Policy"].split(" ");
  row(label, headers["X-Content-Type-Options"], xss, directive);
}
