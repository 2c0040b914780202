// Sign webhooks, and receive them: on the raw bytes, in time, and once.
import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, request as httpRequest } from "node:http";

const WINDOW_SECONDS = 300; // to both sides
// For so long, a message from the future stays in the window. A sender that
// retries for days, or a restart, needs a table with the id as its key.
const RETENTION_SECONDS = 2 * WINDOW_SECONDS;
const MAX_IDS = 5; // so few only to show what happens then
const MAX_BODY_BYTES = 64 * 1024;
// No full stop, or id and timestamp could be cut in another place.
const ID = /^[A-Za-z0-9_-]{1,64}$/;
const TIMESTAMP = /^[1-9][0-9]{0,11}$/;

// A status for the sender and a reason for its log.
const answer = (status, reason) => ({ status, reason });

const same = (one, other) =>
  one.length === other.length && timingSafeEqual(one, other);

// --8<-- [start:show]
// Covers the id, the time and every byte of the body.
function sign(key, id, timestamp, body) {
  const mac = createHmac("sha256", key).update(`${id}.${timestamp}.`);
  return `v1,${mac.update(body).digest("base64")}`;
}

// Each secret is a key and the second until which it is valid.
function createReceiver({ secrets, inbox, clock }) {
  // Takes the body as it arrived, a Buffer: nothing may parse it before.
  return function receive(headers, body) {
    const id = headers["webhook-id"] ?? "";
    const timestamp = headers["webhook-timestamp"] ?? "";
    const given = (headers["webhook-signature"] ?? "").match(/\S+/g) ?? [];
    if (!ID.test(id) || !TIMESTAMP.test(timestamp) || given.length === 0) {
      return answer(400, "header missing or malformed");
    }
    const now = clock(); // seconds since 1970
    if (Math.abs(now - Number(timestamp)) > WINDOW_SECONDS) {
      return answer(401, "outside the window");
    }
    let genuine = false;
    for (const { key, until } of secrets) {
      if (now >= until) continue; // two are valid while one replaces the other
      const expected = Buffer.from(sign(key, id, timestamp, body));
      for (const signature of given) {
        if (same(Buffer.from(signature), expected)) genuine = true;
      }
    }
    if (!genuine) return answer(401, "no signature fits");
    return inbox.accept(id, body, now);
  };
}

class Inbox {
  #expires = new Map(); // id to seconds, in the order of their time
  #store;

  constructor(store) {
    this.#store = store;
  }

  // Stores a message unless its id is known: what fails may come again.
  accept(id, body, now) {
    for (const [known, expires] of this.#expires) {
      if (now <= expires) break;
      this.#expires.delete(known);
    }
    if (this.#expires.has(id)) return answer(202, "known already");
    // To forget one early would let it in again.
    if (this.#expires.size === MAX_IDS) return answer(503, "inbox is full");
    this.#store(body); // nothing awaits here, so no other delivery comes between
    this.#expires.set(id, now + RETENTION_SECONDS);
    return answer(202, "stored");
  }
}
// --8<-- [end:show]

// Reads to the end but keeps no more than may be: an answer can follow.
async function rawBody(req) {
  const chunks = [];
  let bytes = 0;
  for await (const chunk of req) {
    bytes += chunk.length;
    if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
  }
  return bytes <= MAX_BODY_BYTES ? Buffer.concat(chunks) : null;
}

// The mistake: a layer in front has parsed the body and writes it again.
function rewritten(body) {
  try {
    return Buffer.from(JSON.stringify(JSON.parse(body)));
  } catch {
    return null;
  }
}

async function route(receive, req) {
  if (req.method !== "POST") return answer(405, "POST only");
  const body = await rawBody(req);
  if (!body) return answer(413, "body too long");
  if (req.url === "/raw") return receive(req.headers, body);
  if (req.url !== "/parsed") return answer(404, "no such hook");
  const again = rewritten(body);
  return again ? receive(req.headers, again) : answer(400, "not JSON");
}

async function handle(receive, req, res) {
  let result;
  try {
    result = await route(receive, req);
  } catch (error) {
    console.error(error);
    result = answer(500, "not stored");
  }
  res.writeHead(result.status, { "content-type": "text/plain" });
  res.end(result.reason);
}

// Samples: a real one is 24 to 64 random bytes, handed over as whsec_ and base64.
const OLD_KEY = Buffer.from("sample-old-secret-of-32-bytes-01");
const NEW_KEY = Buffer.from("sample-new-secret-of-32-bytes-02");
const OTHER_KEY = Buffer.from("sample-wrong-secret-of-32-byte-3");
const START = 1_767_225_600; // seconds since 1970
const DAY = 86_400; // seconds
const MESSAGE = Buffer.from(
  '{"type":"invoice.paid","timestamp":"2026-01-01T00:00:00Z",' +
    '"data":{"invoice":"2026\\/7","amount_cents":1050,"currency":"EUR"}}',
);

class ManualClock {
  now = START;
  read = () => this.now;
}

// Calls the endpoint and prints what it learns.
class Sender {
  #port;
  #clock;
  #stored;

  constructor({ port, clock, stored }) {
    this.#port = port;
    this.#clock = clock;
    this.#stored = stored;
  }

  #signed(id, keys, { ago = 0, body = MESSAGE } = {}) {
    const timestamp = String(this.#clock.now - ago);
    const signatures = keys.map((key) => sign(key, id, timestamp, body));
    return { id, timestamp, signatures: signatures.join(" "), body };
  }

  // An empty value leaves its header out.
  async #send(label, { id, timestamp, signatures, body }, path = "/raw") {
    const headers = {
      "content-type": "application/json",
      "webhook-id": id,
      "webhook-timestamp": timestamp,
      ...(signatures && { "webhook-signature": signatures }),
    };
    const req = httpRequest({
      host: "127.0.0.1",
      port: this.#port,
      method: "POST",
      path,
      headers,
      agent: false,
      signal: AbortSignal.timeout(5000),
    });
    req.end(body);
    const [res] = await once(req, "response");
    const reason = Buffer.concat(await res.toArray()).toString();
    const columns = [label.padEnd(35), String(res.statusCode).padEnd(8)];
    columns.push(String(this.#stored.length).padEnd(9), reason);
    console.log(columns.join(""));
  }

  async deliverAll() {
    const send = (...delivery) => this.#send(...delivery);
    const signed = (...parts) => this.#signed(...parts);
    console.log(
      "delivery".padEnd(35) +
        "status".padEnd(8) +
        "effects".padEnd(9) +
        "reason",
    );
    const good = signed("msg_1", [NEW_KEY]);
    await send("good", good);
    await send("the same bytes again", good);
    this.#clock.now += 5;
    await send("tried again 5 s later", signed("msg_1", [NEW_KEY]));
    const changed = Buffer.from(MESSAGE.toString().replace("1050", "1051"));
    await send("one byte changed", { ...good, body: changed });
    await send("another id", { ...good, id: "msg_2" });
    await send(
      "body parsed and written again",
      signed("msg_2", [NEW_KEY]),
      "/parsed",
    );
    await send("wrong secret", signed("msg_2", [OTHER_KEY]));
    await send("old secret, both valid", signed("msg_2", [OLD_KEY]));
    await send("signed with old and new", signed("msg_3", [OLD_KEY, NEW_KEY]));
    await send("300 s old", signed("msg_4", [NEW_KEY], { ago: 300 }));
    await send("301 s old", signed("msg_5", [NEW_KEY], { ago: 301 }));
    const ahead = signed("msg_5", [NEW_KEY], { ago: -300 });
    await send("300 s ahead", ahead);
    await send("301 s ahead", signed("msg_6", [NEW_KEY], { ago: -301 }));
    await send("no webhook-signature", { ...good, signatures: "" });
    await send("webhook-timestamp: soon", { ...good, timestamp: "soon" });
    const long = Buffer.alloc(MAX_BODY_BYTES + 1, " ");
    await send("65,537 bytes", signed("msg_6", [NEW_KEY], { body: long }));
    await send("a sixth id, with room for five", signed("msg_6", [NEW_KEY]));
    this.#clock.now += 600;
    await send("300 s ahead, again 10 min later", ahead);
    await send("good, again 10 min later", good);
    this.#clock.now += DAY;
    await send("old secret, a day later", signed("msg_6", [OLD_KEY]));
    await send("the sixth id, a day later", signed("msg_6", [NEW_KEY]));
  }
}

const clock = new ManualClock();
const stored = [];
const receive = createReceiver({
  secrets: [
    { key: NEW_KEY, until: START + 365 * DAY },
    { key: OLD_KEY, until: START + 3600 }, // by then, every sender has the new one
  ],
  inbox: new Inbox((body) => stored.push(body)),
  clock: clock.read,
});
const server = createServer((req, res) => handle(receive, req, res));
server.requestTimeout = 5000; // milliseconds
server.listen(0, "127.0.0.1");
await once(server, "listening");
try {
  await new Sender({ port: server.address().port, clock, stored }).deliverAll();
} finally {
  server.close();
}
