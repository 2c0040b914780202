// Two servers hold the connections of one room; Redis carries messages between them.
import { EventEmitter, once } from "node:events";
import { createServer, request } from "node:http";
import { createInterface } from "node:readline";
import * as redis from "./redis.mjs";

const ROOM = "room:7";
const WAITING = 100_000; // bytes for one slow client; then it loses its connection
const PATIENCE = 5000; // milliseconds
// In one step: nobody sees message 5 before message 4.
const POST = `
local id = redis.call('INCR', KEYS[2]) .. '-0'
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, id, 'text', ARGV[1])
redis.call('PUBLISH', KEYS[1], id .. ' ' .. ARGV[1])
return id
`;

// --8<-- [start:show]
// Ids are numbers: as text, 10-0 would be older than 9-0.
function newer(one, other) {
  return Number.parseInt(one, 10) > Number.parseInt(other, 10);
}

// The stream remembers what Pub/Sub forgets.
async function history(db, after) {
  const entries = await db.command("XRANGE", ROOM, `(${after}`, "+");
  return entries.map(([id, fields]) => ({ id, text: fields[1] }));
}

// The clients of one server, and what its one subscription brings them.
class Hub extends EventEmitter {
  last = "0-0";
  beforeHistory = async () => {};

  deliver(message) {
    if (!newer(message.id, this.last)) return; // read from the stream already
    this.last = message.id;
    this.emit("message", message);
  }

  // Everything after `last`: first what was missed, then what happens.
  async serve(last, answer) {
    const send = ({ id, text }) => {
      if (!newer(id, last)) return; // 3. both saw it: once is enough
      last = id;
      answer.write(`id: ${id}\ndata: ${text}\n\n`);
      if (answer.writableLength > WAITING) answer.destroy(); // back with its last id
    };
    const held = [];
    const hold = (message) => held.push(message);
    this.on("message", hold); // 1. from now on nothing passes by
    try {
      await this.beforeHistory();
      for (const message of await history(this.db, last)) send(message); // 2. before
      held.forEach(send);
    } finally {
      this.off("message", hold);
    }
    if (answer.destroyed) return;
    this.on("message", send);
    answer.on("close", () => this.off("message", send));
  }
}
// --8<-- [end:show]

// One server.
class Node extends Hub {
  // If Redis fails, the connection ends: the client returns with its last id.
  #server = createServer((asked, answer) =>
    this.#route(asked, answer).catch(() => answer.destroy()),
  );

  static async start(name) {
    const node = new Node();
    node.name = name;
    node.db = await redis.connect();
    node.#server.listen(0, "127.0.0.1");
    await once(node.#server, "listening");
    node.port = node.#server.address().port;
    await node.subscribe();
    return node;
  }

  // Like a client: subscribe, read what was missed, then listen.
  async subscribe() {
    this.subscription = await redis.connect();
    await this.subscription.command("SUBSCRIBE", ROOM);
    const missed = await history(this.db, this.last);
    for (const message of missed) this.deliver(message);
    // Messages come unasked: keep readers waiting for several that come at once.
    for (let n = 0; n < 16; n += 1) this.#listen(this.subscription);
  }

  async #listen(subscription) {
    try {
      for (;;) {
        const [[, , said]] = await subscription.raw("", 1);
        const space = said.indexOf(" ");
        this.deliver({ id: said.slice(0, space), text: said.slice(space + 1) });
      }
    } catch (error) {
      if (!subscription.closed) throw error; // a real one would subscribe again
    }
  }

  async loseRedis() {
    await this.subscription.close();
  }

  async #route(asked, answer) {
    if (asked.method === "POST") {
      let text = "";
      for await (const chunk of asked) text += chunk;
      await this.db.command("EVAL", POST, 2, ROOM, `${ROOM}:id`, text);
      answer.writeHead(204).end();
      return;
    }
    answer.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
    });
    answer.flushHeaders();
    const last = asked.headers["last-event-id"];
    const valid = /^[0-9]{1,15}-0$/.test(last); // anybody can send anything
    await this.serve(valid ? last : "0-0", answer);
  }

  async until(holds) {
    const signal = AbortSignal.timeout(PATIENCE);
    while (!holds()) await once(this, "message", { signal });
  }

  async close() {
    await this.loseRedis();
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
    await this.db.close();
  }
}

function exchange(node, method, headers, body) {
  const { promise, resolve, reject } = Promise.withResolvers();
  const { port } = node;
  request({
    host: "127.0.0.1",
    port,
    path: "/room",
    method,
    headers,
    agent: false,
  })
    .on("error", reject)
    .on("response", resolve)
    .setTimeout(PATIENCE, () => reject(new Error("no answer in time")))
    .end(body);
  return promise;
}

// A browser's EventSource.
class Reader {
  static async open(node, last = "0-0") {
    return new Reader(
      await exchange(node, "GET", { "Last-Event-ID": last }),
      last,
    );
  }

  #answer;
  #lines;

  constructor(answer, last) {
    this.last = last;
    this.#answer = answer;
    this.#lines = createInterface({ input: answer })[Symbol.asyncIterator]();
    answer.on("error", () => {}); // we hang up in the middle
  }

  async read(count) {
    const found = [];
    while (found.length < count) {
      const { value: line } = await this.#lines.next();
      if (line.startsWith("id: ")) this.last = line.slice(4);
      if (line.startsWith("data: "))
        found.push(`${this.last} ${line.slice(6)}`);
    }
    return found.join(", ");
  }

  close() {
    this.#answer.destroy();
  }
}

async function post(node, text) {
  const answer = await exchange(node, "POST", {}, text);
  answer.resume();
  if (answer.statusCode !== 204) throw new Error("not posted");
}

async function twoNodes(a, b) {
  const [ada, bob] = [await Reader.open(a), await Reader.open(b)];
  for (const [node, text] of [
    [a, "hello"],
    [b, "hi"],
  ]) {
    await post(node, text);
    const [adas, bobs] = [await ada.read(1), await bob.read(1)];
    console.log(
      `posted at ${node.name}: Ada on A reads ${adas}; Bob on B reads ${bobs}`,
    );
  }
  bob.close();
  await post(a, "lunch?");
  await post(b, "yes");
  const again = await Reader.open(a, bob.last);
  const missed = await again.read(2);
  console.log(`Bob was away, returns to A with ${bob.last}: ${missed}`);
  await post(b, "now");
  const live = await again.read(1);
  console.log(`and is live again: ${live}; Ada: ${await ada.read(3)}`);
  ada.close();
  return again;
}

// Post at the worst moment, and wait until the node has dealt with it.
async function between(node, text) {
  node.beforeHistory = async () => {};
  const next = `${Number.parseInt(node.last, 10) + 1}-0`;
  await post(node, text);
  await node.until(() => node.last === next);
}

async function order(a, bob) {
  a.beforeHistory = () => between(a, "first");
  const carol = await Reader.open(a, "5-0");
  const said = await carol.read(1);
  await post(a, "second");
  console.log(`subscribe, then read: ${said}, ${await carol.read(1)}`);
  carol.close();
  const old = await history(a.db, "7-0"); // the wrong order: read ...
  await between(a, "third");
  const next = once(a, "message"); // ... then subscribe
  await post(a, "fourth");
  old.push(...(await next));
  const texts = old.map(({ id, text }) => `${id} ${text}`).join(", ");
  console.log(`read, then subscribe: ${texts}; third is lost`);
  await bob.read(4);
}

async function outage(a, b) {
  const dave = await Reader.open(b, "9-0");
  await b.loseRedis();
  await post(a, "ten");
  await a.until(() => a.last === "10-0");
  console.log(`B lost its subscription: A is at ${a.last}, B at ${b.last}`);
  await b.subscribe();
  await post(a, "eleven");
  console.log(
    `B subscribes again and catches up: Dave on B reads ${await dave.read(2)}`,
  );
  dave.close();
}

const nodes = [await Node.start("A"), await Node.start("B")];
try {
  const bob = await twoNodes(...nodes);
  await order(nodes[0], bob);
  await outage(...nodes);
  bob.close();
} finally {
  for (const node of nodes) await node.close();
}
