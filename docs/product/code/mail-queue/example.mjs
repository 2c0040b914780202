// Transactional mail and offers: built, sent once, suppressed, authenticated.
import { createHmac, timingSafeEqual } from "node:crypto";

const UNSUBSCRIBE_KEY = "sample-unsubscribe-key"; // a sample: real ones come from a vault
const SOFT_BOUNCES = 3; // so many in a row count as a hard one
const [ADA, BOB, CY] = ["ada@example.com", "bob@example.com", "cy@example.com"];
const RECIPIENTS = new Map([
  [ADA, "r1"], // no address in a link
  [BOB, "r2"],
  [CY, "r3"],
]);

const TEMPLATES = {
  receipts: {
    subject: () => "Your receipt",
    text: (name) => `Thank you, ${name}. Your tea is on its way.`,
  },
  offers: {
    subject: (name) => `New tea, ${name}`,
    text: (name) => `Hello ${name}, the first harvest is here.`,
  },
};

// --8<-- [start:show]
function build(job) {
  // A line break would start a header.
  if (/(?! )[\p{C}\p{Z}]/u.test(job.name + job.to))
    throw new Error("name or address is not printable");
  const { subject, text } = TEMPLATES[job.stream];
  const headers = [
    `From: Tea Shop <${job.stream}@shop.test>`,
    `To: ${job.to}`,
    `Subject: ${encodeWord(subject(job.name))}`,
    `Message-ID: <${job.key}.${RECIPIENTS.get(job.to)}@shop.test>`,
  ];
  if (job.stream === "offers") {
    // DKIM must sign both.
    const link = `https://shop.test/u/${token(RECIPIENTS.get(job.to), job.stream)}`;
    headers.push(`List-Unsubscribe: <${link}>`);
    headers.push("List-Unsubscribe-Post: List-Unsubscribe=One-Click");
  }
  const html = `<p>${text(escape(job.name))}</p>`;
  return alternative(headers, `part-of-${job.key}`, text(job.name), html);
}

class Mailer {
  sent = new Map(); // message id to job
  suppressed = new Map(); // stream and address to reason
  soft = new Map(); // bounces in a row
  events = new Set();

  constructor(provider) {
    this.provider = provider;
  }

  /** Runs a leased job; the queue gives it out again if this one dies. */
  work(job, { dies = false } = {}) {
    for (const stream of ["all", job.stream]) {
      const reason = this.suppressed.get(`${stream} ${job.to}`);
      if (reason) return `not sent: ${reason}`; // now: a job can wait for hours
    }
    const message = this.provider.send(
      `${job.key}/${job.to}`,
      job.to,
      build(job),
    );
    if (dies) return `accepted as ${message}, worker dies`;
    this.sent.set(message, job);
    return `accepted as ${message}, done`;
  }

  /** A webhook whose signature was checked before. */
  onEvent(event, kind, message) {
    if (this.events.has(event)) return "known already";
    const job = this.sent.get(message);
    if (!job) return "404, come again"; // perhaps it overtook our commit
    this.events.add(event);
    if (kind === "complaint")
      return this.suppress(job.to, job.stream, "complaint");
    const count = kind === "soft bounce" ? (this.soft.get(job.to) ?? 0) + 1 : 0;
    this.soft.set(job.to, count);
    if (kind === "hard bounce" || count === SOFT_BOUNCES) {
      return this.suppress(job.to, "all", "bounced");
    }
    return `noted, ${count} soft of ${SOFT_BOUNCES}`;
  }

  suppress(address, stream, reason) {
    const key = `${stream} ${address}`;
    if (!this.suppressed.has(key)) this.suppressed.set(key, reason);
    return `${nameOf(address)}: no more ${stream}`;
  }
}

// --8<-- [end:show]

/**
 * The https address of List-Unsubscribe: no cookie, no login, no page.
 * Programs send the form as multipart/form-data or urlencoded: parse both.
 */
function unsubscribe(mailer, method, given, form) {
  if (method !== "POST" || form.get("List-Unsubscribe") !== "One-Click") {
    return "200, a page with a button"; // scanners follow links
  }
  const [recipient = "", stream = ""] = given.split(".");
  const expected = Buffer.from(token(recipient, stream));
  const bytes = Buffer.from(given);
  if (bytes.length !== expected.length || !timingSafeEqual(bytes, expected)) {
    return "404";
  }
  const [address] = [...RECIPIENTS].find((each) => each[1] === recipient);
  return "200, " + mailer.suppress(address, stream, "unsubscribed");
}

/** Nobody can make one for somebody else. Cut to 8 digits: take 32 or more. */
function token(recipient, stream) {
  const signed = `${recipient}.${stream}`;
  const mac = createHmac("sha256", UNSUBSCRIBE_KEY)
    .update(signed)
    .digest("hex");
  return `${signed}.${mac.slice(0, 8)}`;
}

/** RFC 2047: headers are ASCII. */
function encodeWord(text) {
  if (/^[ -~]*$/.test(text)) return text;
  return `=?utf-8?b?${Buffer.from(text).toString("base64")}?=`;
}

function escape(text) {
  const names = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
  return text
    .replace(/[&<>"]/g, (sign) => names[sign])
    .replaceAll("'", "&#x27;");
}

/** The plain text first, then the form that is preferred. */
function alternative(headers, boundary, text, html) {
  const lines = [
    ...headers,
    "MIME-Version: 1.0",
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    "",
  ];
  for (const [type, content] of [
    ["plain", text],
    ["html", html],
  ]) {
    const encoding = /^[ -~]*$/.test(content) ? "7bit" : "base64";
    const encoded =
      encoding === "7bit" ? content : Buffer.from(content).toString("base64");
    lines.push(`--${boundary}`, `Content-Type: text/${type}; charset="utf-8"`);
    lines.push(`Content-Transfer-Encoding: ${encoding}`, "", encoded);
  }
  return [...lines, `--${boundary}--`, ""].join("\r\n");
}

function nameOf(address) {
  return address.split("@")[0];
}

/** Accepts mails; some providers remember the keys for a day, SMTP none. */
class Provider {
  keys = new Map();
  requests = 0;
  mails = 0;

  constructor({ remembers }) {
    this.remembers = remembers;
  }

  send(key) {
    this.requests += 1;
    if (this.remembers && this.keys.has(key)) return this.keys.get(key);
    this.mails += 1;
    this.keys.set(key, `m${this.mails}`);
    return this.keys.get(key);
  }
}

const RECORDS = new Set(["shop.test", "sender.test", "list.test"]); // with a _dmarc

/** The tree walk: of all parents with a record, the one with fewest labels. */
function organization(domain) {
  const labels = domain.split(".");
  const parents = labels.map((_, start) => labels.slice(start).join("."));
  return parents.findLast((parent) => RECORDS.has(parent)) ?? domain;
}

/** Passes if SPF or DKIM passes for the domain that the reader sees. */
function dmarc(author, result) {
  const verdict = (passed, domain) => {
    if (passed !== "pass") return "fail";
    const same = organization(domain) === organization(author); // relaxed, the default
    return same ? "aligned" : "pass, foreign";
  };
  const spf = verdict(result.spf, result.mailFrom);
  const dkim = verdict(result.dkim, result.signer);
  return [spf, dkim, [spf, dkim].includes("aligned") ? "pass" : "FAIL"];
}

function showMessage() {
  const job = { key: "offer-7", stream: "offers", to: ADA };
  const content = build({ ...job, name: "Ada & Co" });
  console.log("one mail, without its MIME headers");
  for (const line of content.split("\r\n")) {
    if (line && !/^(--|Content-T|MIME)/.test(line)) console.log(`  ${line}`);
  }
  try {
    build({ ...job, name: "Ada\r\nBcc: everybody@example.com" });
  } catch (error) {
    console.log(`name with a line break: ${error.message}`);
  }
}

function showQueue() {
  const mailer = new Mailer(new Provider({ remembers: true }));
  const row = (what, outcome) => console.log(`  ${what.padEnd(34)}${outcome}`);
  function work(key, stream, to, options) {
    const outcome = mailer.work({ key, stream, to, name: nameOf(to) }, options);
    row(`${key} to ${nameOf(to)}`, outcome);
  }

  console.log("\nqueue");
  work("receipt-1", "receipts", ADA, { dies: true });
  work("receipt-1", "receipts", ADA);
  for (const to of [ADA, BOB, CY]) work("offer-7", "offers", to);
  console.log("\nwebhooks and unsubscribe");
  for (const [event, kind, message] of [
    ["e1", "delivered", "m1"],
    ["e2", "hard bounce", "m3"],
    ["e2", "hard bounce", "m3"],
    ["e3", "soft bounce", "m4"],
    ["e4", "complaint", "m2"],
    ["e5", "hard bounce", "m99"],
  ]) {
    row(`${event} ${kind} ${message}`, mailer.onEvent(event, kind, message));
  }
  const good = token(RECIPIENTS.get(CY), "offers");
  const forged = good.replace("r3", "r1");
  const button = new Map([["List-Unsubscribe", "One-Click"]]);
  row("GET, by a mail scanner", unsubscribe(mailer, "GET", good, new Map()));
  row(
    "POST, token of another address",
    unsubscribe(mailer, "POST", forged, button),
  );
  row("POST, cy's click", unsubscribe(mailer, "POST", good, button));
  console.log("\nnext day");
  for (const to of [ADA, BOB, CY]) work("offer-8", "offers", to);
  work("receipt-2", "receipts", ADA);
  work("receipt-3", "receipts", BOB);
  const { requests, mails } = mailer.provider;
  console.log(`${requests} requests, ${mails} mails`);
  const forgetful = new Mailer(new Provider({ remembers: false }));
  for (const dies of [true, false]) {
    const job = { key: "receipt-1", stream: "receipts", to: ADA };
    forgetful.work({ ...job, name: nameOf(ADA) }, { dies });
  }
  const twice = forgetful.provider.mails;
  console.log(`the same crash, provider without keys: ${twice} mails`);
}

function showDmarc() {
  console.log(
    "\n" + "From: shop.test".padEnd(36) + "SPF            DKIM           DMARC",
  );
  for (const [label, spf, mailFrom, dkim, signer] of [
    ["our domains", "pass", "bounce.shop.test", "pass", "shop.test"],
    ["provider's defaults", "pass", "sender.test", "pass", "sender.test"],
    ["forwarded by a reader", "fail", "shop.test", "pass", "shop.test"],
    ["list that edits the text", "pass", "list.test", "fail", "shop.test"],
  ]) {
    const found = dmarc("shop.test", { spf, mailFrom, dkim, signer });
    const columns = found.map((each) => each.padEnd(15)).join("");
    console.log(`  ${label.padEnd(34)}${columns}`.trimEnd());
  }
}

showMessage();
showQueue();
showDmarc();
