// One counter over four transports, on real loopback connections.
import { EventEmitter, once } from "node:events";
import { createServer, request } from "node:http";
import { createInterface } from "node:readline";
import {
  acceptKey,
  Client,
  CLOSE,
  encode,
  FrameError,
  frames,
  GOING_AWAY,
  PING,
  PONG,
  TEXT,
} from "./websocket.mjs";

const APP = "https://app.shop.test";
const KEPT = 5; // changes that a returning client can still catch up with
const BIG = 60_000; // bytes of a message that fills kernel buffers quickly
const OUTBOX = 16 * BIG; // bytes that may wait for one slow socket
const PATIENCE = 5000; // milliseconds

// --8<-- [start:show]
// What an event stream owes a client whose Last-Event-ID is `seen`.
function eventsAfter(seen, value) {
  if (seen === value) return "";
  if (seen === undefined || seen < value - KEPT || seen > value) {
    return `event: reset\nid: ${value}\ndata: ${value}\n\n`;
  }
  let events = "";
  for (let n = seen + 1; n <= value; n += 1)
    events += `id: ${n}\ndata: ${n}\n\n`;
  return events;
}

// The server's end of one WebSocket.
class Peer {
  unanswered = 0; // pings
  closing = false;

  constructor(socket, cut) {
    this.socket = socket;
    this.cut = cut;
  }

  // Never wait: a peer that cannot keep up loses its connection, not our memory.
  send(opcode, payload) {
    if (this.closing || this.socket.destroyed) return; // nothing follows a close
    this.closing = opcode === CLOSE;
    this.socket.write(encode(opcode, Buffer.from(payload)));
    // Node buffers without limit; no close frame, it would wait behind all the rest.
    if (this.socket.writableLength > OUTBOX) this.cut(this);
  }

  // Called by a timer, more often than the shortest idle timeout on the path.
  beat() {
    if (this.unanswered > 0) return this.cut(this); // a whole interval without a pong
    this.unanswered += 1;
    this.send(PING, "beat");
  }

  // Serve frames until the peer leaves or breaks the protocol.
  async read(head, onText) {
    try {
      for await (const { opcode, payload } of frames(this.socket, head, true)) {
        if (opcode === PING) this.send(PONG, payload); // the same bytes come back
        if (opcode === PONG) this.unanswered = 0;
        if (opcode === CLOSE) return this.send(CLOSE, payload.subarray(0, 2));
        if (opcode === TEXT) onText(payload.toString());
      }
    } catch (error) {
      if (!(error instanceof FrameError)) throw error;
      this.send(CLOSE, closeCode(error.code));
    }
  }
}
// --8<-- [end:show]

function closeCode(code) {
  return Buffer.from([code >> 8, code & 0xff]);
}

// The value, and everybody who wants to know.
class Counter extends EventEmitter {
  value = 0;
  waiting = 0; // long polls
  peers = new Set();
  #server = createServer((asked, answer) => this.#route(asked, answer));

  async listen() {
    this.setMaxListeners(50);
    this.#server.on("upgrade", (...args) => this.#upgrade(...args));
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    this.port = this.#server.address().port;
  }

  async close() {
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, "close");
  }

  add(times = 1) {
    for (let n = 0; n < times; n += 1) {
      this.value += 1;
      this.emit("change");
      for (const peer of [...this.peers]) peer.send(TEXT, String(this.value));
    }
  }

  cut(peer) {
    this.peers.delete(peer);
    peer.socket.resetAndDestroy();
    this.emit("change");
  }

  async until(holds, timeoutMs = PATIENCE) {
    const signal = AbortSignal.timeout(timeoutMs);
    while (!holds()) await once(this, "change", { signal });
  }

  async #route(asked, answer) {
    const url = new URL(asked.url, "http://localhost");
    if (url.pathname === "/counter")
      return this.#poll(url.searchParams, answer);
    if (url.pathname === "/events") return this.#stream(asked, answer);
    answer.writeHead(404).end();
  }

  // Plain polling never waits; long polling waits until there is news.
  async #poll(query, answer) {
    const since = query.has("since") ? Number(query.get("since")) : -1;
    const seconds = Number(query.get("wait") ?? PATIENCE / 1000);
    if (since >= 0 && seconds > 0 && this.value <= since) {
      this.waiting += 1;
      this.emit("change");
      try {
        await this.until(() => this.value > since, seconds * 1000);
      } catch (error) {
        if (error.name !== "AbortError") throw error;
      }
      this.waiting -= 1;
    }
    if (this.value > since) answer.end(String(this.value));
    else answer.writeHead(204).end();
  }

  // Server-sent events: the response body that does not end.
  #stream(asked, answer) {
    const last = asked.headers["last-event-id"];
    let seen = /^\d+$/.test(last) ? Number(last) : undefined;
    answer.writeHead(200, {
      "Content-Type": "text/event-stream",
      "Cache-Control": "no-store",
    });
    const tell = () => {
      answer.write(eventsAfter(seen, this.value));
      seen = this.value;
    };
    const timer = setInterval(() => answer.write(": still here\n\n"), PATIENCE);
    this.on("change", tell);
    answer.on("close", () => {
      clearInterval(timer);
      this.off("change", tell);
    });
    tell();
  }

  async #upgrade(asked, socket, head) {
    const nonce = asked.headers["sec-websocket-key"];
    socket.on("error", () => {}); // a reset by the client ends the frames
    const refuse = (status) => {
      socket.end(
        `HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
      );
    };
    if (asked.headers.upgrade.toLowerCase() !== "websocket" || !nonce) {
      return refuse("426 Upgrade Required");
    }
    if (asked.headers.origin !== APP) return refuse("403 Forbidden"); // with cookies
    socket.write(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n" +
        `Connection: Upgrade\r\nSec-WebSocket-Accept: ${acceptKey(nonce)}\r\n\r\n`,
    );
    const peer = new Peer(socket, (it) => this.cut(it));
    this.peers.add(peer);
    this.emit("change");
    await peer.read(head, (text) => text === "+1" && this.add());
    socket.end(); // what waits is sent
    this.peers.delete(peer);
    this.emit("change");
  }
}

function get(counter, path, headers = {}) {
  const { promise, resolve, reject } = Promise.withResolvers();
  request({
    host: "127.0.0.1",
    port: counter.port,
    path,
    headers,
    timeout: PATIENCE,
  })
    .on("error", reject)
    .on("timeout", () => reject(new Error("no answer in time")))
    .on("response", resolve)
    .end();
  return promise;
}

async function ask(counter, path) {
  const answer = await get(counter, path);
  let text = "";
  for await (const chunk of answer) text += chunk;
  return text || String(answer.statusCode);
}

async function polling(counter) {
  const seen = [await ask(counter, "/counter"), await ask(counter, "/counter")];
  counter.add(3);
  seen.push(await ask(counter, "/counter"), await ask(counter, "/counter"));
  console.log(
    `polling       4 requests: ${seen.join(" ")}; 1 and 2 were never seen`,
  );
}

async function longPolling(counter) {
  let early = 0;
  const answer = ask(counter, "/counter?since=3").finally(() => (early += 1));
  await counter.until(() => counter.waiting === 1);
  const before = early;
  counter.add();
  console.log(
    `long polling  since=3 waits, answers before the change: ${before}, ` +
      `after: ${await answer}`,
  );
  counter.add(2);
  const late = await ask(counter, "/counter?since=4");
  const none = await ask(counter, "/counter?since=6&wait=0");
  console.log(
    `              +2 while nobody asks, since=4 at once: ${late}; no news: ${none}`,
  );
}

class EventSource {
  static async open(counter, lastId) {
    const headers = lastId === undefined ? {} : { "Last-Event-ID": lastId };
    return new EventSource(await get(counter, "/events", headers));
  }

  #answer;
  #lines;

  constructor(answer) {
    this.#answer = answer;
    this.#lines = createInterface({ input: answer })[Symbol.asyncIterator]();
    answer.on("error", () => {}); // we hang up in the middle
  }

  // That many events: the id, and the type if it has one.
  async read(count) {
    const found = [];
    let fields = {};
    while (found.length < count) {
      const { value: line } = await this.#lines.next();
      if (line) {
        const colon = line.indexOf(": ");
        fields[line.slice(0, colon)] = line.slice(colon + 2);
        continue;
      }
      if (fields.data !== undefined) {
        this.lastId = fields.id; // an empty line ends the event
        found.push(`${fields.event ?? ""} ${fields.data}`.trim());
      }
      fields = {};
    }
    return found.join(" ");
  }

  close() {
    this.#answer.destroy();
  }
}

async function serverSentEvents(counter) {
  const source = await EventSource.open(counter);
  const first = await source.read(1);
  counter.add(2);
  console.log(
    `SSE           connect: ${first}; live: ${await source.read(2)}; cut`,
  );
  source.close();
  counter.add(2);
  const again = await EventSource.open(counter, source.lastId);
  const missed = await again.read(2);
  counter.add();
  const live = await again.read(1);
  console.log(
    `              +2 meanwhile; Last-Event-ID ${source.lastId}: ${missed}; live: ${live}`,
  );
  again.close();
  const stale = await EventSource.open(counter, "1");
  console.log(
    `              Last-Event-ID 1 is no longer kept: ${await stale.read(1)}`,
  );
  stale.close();
}

async function sockets(counter) {
  const { port } = counter;
  console.log(`WebSocket     ${acceptKey("dGhlIHNhbXBsZSBub25jZQ==")}`);
  const evil = await Client.connect(port, "/socket", "https://evil.test");
  const one = await Client.connect(port, "/socket", APP);
  const two = await Client.connect(port, "/socket", APP);
  await counter.until(() => counter.peers.size === 2);
  console.log(
    `              Origin ${APP}: ${one.status}, https://evil.test: ${evil.status}`,
  );
  one.send(TEXT, "+1");
  console.log(
    `              one sends +1; one reads ${await one.receive()}, ` +
      `two reads ${await two.receive()}`,
  );
  one.send(PING, "hello");
  two.sendUnmasked("+1");
  console.log(
    `              ping hello: pong ${await one.receive()}; ` +
      `no mask: close ${await two.receive()}`,
  );
  for (const client of [evil, one, two]) client.hangUp();
  await counter.until(() => counter.peers.size === 0);
}

async function heartbeat(counter) {
  const alive = await Client.connect(counter.port, "/socket", APP);
  const silent = await Client.connect(counter.port, "/socket", APP);
  await counter.until(() => counter.peers.size === 2);
  const beat = () => [...counter.peers].forEach((peer) => peer.beat());
  beat();
  alive.send(PONG, await alive.receive());
  alive.send(PING, "");
  await alive.receive(); // its pong is behind us: the server has read ours
  const before = counter.peers.size;
  beat();
  const after = counter.peers.size;
  console.log(
    `heartbeat     first beat: ${before} open, one answers; ` +
      `second: ${after} open, silent one cut: ${yes(await silent.isCut())}`,
  );
  silent.hangUp();
  alive.hangUp();
  await counter.until(() => counter.peers.size === 0);
}

async function slowConsumer(counter) {
  const fast = await Client.connect(counter.port, "/socket", APP);
  const slow = await Client.connect(counter.port, "/socket", APP); // never reads
  await counter.until(() => counter.peers.size === 2);
  const peers = [...counter.peers];
  const payload = "x".repeat(BIG);
  let [sent, read, most] = [0, 0, 0];
  while (counter.peers.size === 2 && sent < 2000) {
    sent += 1;
    for (const peer of peers) {
      peer.send(TEXT, payload);
      if (counter.peers.has(peer))
        most = Math.max(most, peer.socket.writableLength);
    }
    if ((await fast.receive()).length === BIG) read += 1;
  }
  const cut = counter.peers.size === 1 && (await slow.isCut());
  console.log(
    `slow reader   outbox bounded: ${yes(most <= OUTBOX)}; slow one cut: ${yes(cut)}; ` +
      `fast one read all: ${yes(read === sent)}`,
  );
  slow.hangUp();
  for (const peer of counter.peers) peer.send(CLOSE, closeCode(GOING_AWAY));
  const code = await fast.receive();
  fast.send(CLOSE, closeCode(GOING_AWAY));
  await counter.until(() => counter.peers.size === 0);
  fast.hangUp();
  console.log(`drain         close ${code}; open: ${counter.peers.size}`);
}

function yes(fact) {
  return fact ? "yes" : "no";
}

const counter = new Counter();
await counter.listen();
try {
  await polling(counter);
  await longPolling(counter);
  await serverSentEvents(counter);
  await sockets(counter);
  await heartbeat(counter);
  await slowConsumer(counter);
} finally {
  await counter.close();
}
