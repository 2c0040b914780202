// The part of Redis' protocol (RESP2) that an example needs.
//
// A real service uses a client library (node-redis). This one exists so that examples
// run with nothing installed: no TLS, no password, no cluster, no reconnecting.
// Commands may overlap: the server answers in order, so replies find their callers.
import { createConnection } from "node:net";

export class RedisError extends Error {
  // The server refused; code is the first word, such as WRONGTYPE.
  constructor(message) {
    super(message);
    this.name = "RedisError";
    this.code = message.split(" ")[0];
  }
}

// --8<-- [start:show]
// An array of strings, each behind its length: no value can end the command.
export function encode(command) {
  const parts = [`*${command.length}\r\n`];
  for (const argument of command) {
    const text = String(argument);
    parts.push(`$${Buffer.byteLength(text)}\r\n${text}\r\n`);
  }
  return parts.join("");
}

// The reply at `at` and where the next one begins, or undefined if more must come.
// The first byte says what follows; arrays hold further replies.
function parseReply(data, at) {
  const end = data.indexOf("\r\n", at);
  if (end < 0) return undefined;
  const rest = data.toString("utf8", at + 1, end);
  const next = end + 2;
  switch (String.fromCharCode(data[at])) {
    case "+":
      return { reply: rest, next };
    case "-": // an answer like any other: no reason to hang up
      return { reply: new RedisError(rest), next };
    case ":":
      return { reply: Number(rest), next };
    case "$": {
      const size = Number(rest);
      if (size < 0) return { reply: null, next };
      if (data.length < next + size + 2) return undefined;
      const reply = data.toString("utf8", next, next + size);
      return { reply, next: next + size + 2 };
    }
    case "*":
      return parseArray(data, next, Number(rest));
  }
  throw new Error(`no reply begins with ${JSON.stringify(rest)}`);
}
// --8<-- [end:show]

function parseArray(data, at, size) {
  if (size < 0) return { reply: null, next: at };
  const reply = [];
  let next = at;
  for (let i = 0; i < size; i += 1) {
    const parsed = parseReply(data, next);
    if (parsed === undefined) return undefined;
    reply.push(parsed.reply);
    next = parsed.next;
  }
  return { reply, next };
}

export class Connection {
  closed = false;
  #socket;
  #received = Buffer.alloc(0);
  #waiting = []; // callers, in the order of their commands
  #gone;

  constructor(socket, timeoutMs) {
    this.#socket = socket;
    this.#gone = new Promise((resolve) => socket.once("close", resolve));
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", (error) => this.#fail(error));
    socket.on("close", () => this.#fail(new Error("the connection is closed")));
    socket.on("timeout", () => {
      if (this.#waiting.length > 0) {
        socket.destroy(new Error(`no answer within ${timeoutMs} ms`));
      }
    });
    socket.setTimeout(timeoutMs);
  }

  // Send one command; return its reply or throw RedisError.
  async command(...command) {
    const [reply] = await this.pipeline([command]);
    if (reply instanceof RedisError) throw reply;
    return reply;
  }

  // Send all, then read all: one round trip. Errors are among the replies.
  async pipeline(commands) {
    return this.raw(commands.map(encode).join(""), commands.length);
  }

  async raw(request, count) {
    if (this.closed) throw new Error("the connection is closed");
    const replies = Array.from({ length: count }, () => {
      const { promise, resolve, reject } = Promise.withResolvers();
      this.#waiting.push({ resolve, reject });
      return promise;
    });
    this.#socket.write(request);
    return Promise.all(replies);
  }

  #receive(chunk) {
    this.#received = Buffer.concat([this.#received, chunk]);
    try {
      let parsed = parseReply(this.#received, 0);
      while (parsed !== undefined && this.#received.length > 0) {
        this.#received = this.#received.subarray(parsed.next);
        this.#waiting.shift().resolve(parsed.reply);
        parsed = parseReply(this.#received, 0);
      }
    } catch (error) {
      this.#socket.destroy(error);
    }
  }

  #fail(error) {
    this.closed = true;
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  async close() {
    this.closed = true;
    this.#socket.destroySoon();
    await this.#gone;
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

// Connect to the socket that REDIS_SOCKET names.
export async function connect({ timeoutMs = 5000 } = {}) {
  const connection = new Connection(
    createConnection(process.env.REDIS_SOCKET),
    timeoutMs,
  );
  await connection.command("PING");
  return connection;
}
