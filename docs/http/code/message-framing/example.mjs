// Send four POST requests over a raw socket and print every byte.
import { on, once } from "node:events";
import { connect, createServer } from "node:net";

const TIMEOUT = 5_000; // milliseconds of silence on a socket
const MAX_LINE = 8192;
const MAX_BODY = 65_536;
const POST = "POST /orders HTTP/1.1\r\nHost: shop.test\r\n";
const CHUNKS = '4\r\n{"qt\r\n5\r\ny":2}\r\n0\r\n\r\n';
const GET_ORDERS = "GET /orders HTTP/1.1\r\nHost: shop.test\r\n\r\n";
const GET_ADMIN = "GET /admin HTTP/1.1\r\nHost: shop.test\r\n\r\n";
const CASES = {
  "Content-Length": POST + 'Content-Length: 9\r\n\r\n{"qty":2}',
  Chunked: POST + "Transfer-Encoding: chunked\r\n\r\n" + CHUNKS,
  "Neither, with a GET behind it": POST + '\r\n{"qty":2}' + GET_ORDERS,
  "Both, with a GET hidden inside":
    POST +
    "Content-Length: 45\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n" +
    GET_ADMIN,
};

/** The bytes are not a request that every parser reads in the same way. */
class BadRequestError extends Error {}

const quote = JSON.stringify;

/** Reads a socket by line or by size; the rest waits in the buffer. */
class ByteStream {
  #chunks;
  #buffer = Buffer.alloc(0);

  constructor(socket) {
    this.#chunks = on(socket, "data", { close: ["end"] });
  }

  async #fill() {
    const { done, value } = await this.#chunks.next();
    if (!done) this.#buffer = Buffer.concat([this.#buffer, ...value]);
    return !done;
  }

  #take(size) {
    const taken = this.#buffer.subarray(0, size);
    this.#buffer = this.#buffer.subarray(size);
    return taken;
  }

  async atEnd() {
    return this.#buffer.length === 0 && !(await this.#fill());
  }

  async line() {
    while (!this.#buffer.includes("\n") && this.#buffer.length < MAX_LINE) {
      if (!(await this.#fill())) break;
    }
    const end = this.#buffer.indexOf("\n") + 1 || this.#buffer.length;
    return this.#take(Math.min(end, MAX_LINE)).toString("latin1");
  }

  async upTo(size) {
    while (this.#buffer.length < size && (await this.#fill()));
    return this.#take(size);
  }
}

async function readLine(stream) {
  const line = await stream.line();
  if (!line.endsWith("\r\n")) {
    throw new BadRequestError(`bad line ${quote(line)}`);
  }
  return line.slice(0, -2);
}

function parseLength(digits, base) {
  const pattern = base === 16 ? /^[0-9a-fA-F]{1,9}$/ : /^[0-9]{1,9}$/;
  // No sign, no space, no list.
  if (!pattern.test(digits)) {
    throw new BadRequestError(`bad length ${quote(digits)}`);
  }
  return Number.parseInt(digits, base);
}

async function readExactly(stream, size) {
  if (size > MAX_BODY) throw new BadRequestError("body too large");
  const data = await stream.upTo(size);
  if (data.length < size) throw new BadRequestError("body cut short");
  return data;
}

async function readHead(stream) {
  const start = await readLine(stream);
  if (!/^[A-Z]+ \/\S* HTTP\/1\.1$/.test(start)) {
    throw new BadRequestError(`bad request line ${quote(start)}`);
  }
  const fields = new Map();
  let line; // the empty one ends the headers
  while ((line = await readLine(stream)) !== "") {
    const [, name, value] = /^([^:\s]+):[ \t]*(.*?)[ \t]*$/.exec(line) ?? [];
    if (name === undefined) {
      throw new BadRequestError(`bad header ${quote(line)}`);
    }
    const earlier = fields.get(name.toLowerCase());
    fields.set(name.toLowerCase(), earlier ? `${earlier}, ${value}` : value);
  }
  return { start, fields };
}

// --8<-- [start:show]
async function readChunks(stream) {
  const chunks = [];
  let size;
  let total = 0;
  while ((size = parseLength((await readLine(stream)).split(";")[0], 16)) > 0) {
    chunks.push(await readExactly(stream, size));
    total += size;
    if (total > MAX_BODY || (await readLine(stream)) !== "") {
      throw new BadRequestError("bad chunk");
    }
  }
  while ((await readLine(stream)) !== ""); // trailer fields
  return Buffer.concat(chunks);
}

/** Apply the rules of RFC 9112 section 6.3 for requests, in their order. */
async function readBody(stream, fields) {
  const coding = fields.get("transfer-encoding");
  const length = fields.get("content-length");
  if (coding !== undefined && length !== undefined) {
    throw new BadRequestError("both lengths");
  }
  if (coding !== undefined) {
    if (coding.toLowerCase() !== "chunked") {
      throw new BadRequestError(`bad coding ${quote(coding)}`);
    }
    return { framing: "chunked", body: await readChunks(stream) };
  }
  if (length !== undefined) {
    const body = await readExactly(stream, parseLength(length, 10));
    return { framing: "Content-Length", body };
  }
  // Whatever follows is the next message.
  return { framing: "no length", body: Buffer.alloc(0) };
}
// --8<-- [end:show]

/** Answer the messages of one connection; refuse and close at a bad one. */
async function serve(socket, log) {
  socket.setTimeout(TIMEOUT, () => socket.destroy(new Error("timeout")));
  const stream = new ByteStream(socket);
  try {
    while (!(await stream.atEnd())) {
      const { start, fields } = await readHead(stream);
      const { framing, body } = await readBody(stream, fields);
      const request = start.replace(/ HTTP\/1\.1$/, "");
      log.push(
        `${request} by ${framing}: body ${quote(body.toString("latin1"))}`,
      );
      const answer = `${body.length} bytes`;
      const head = `HTTP/1.1 200 OK\r\nContent-Length: ${answer.length}\r\n\r\n`;
      socket.write(head + answer, "latin1");
    }
  } catch (error) {
    if (!(error instanceof BadRequestError)) throw error;
    socket.write("HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n");
    // Closing with unread bytes could reset the connection and destroy the 400.
    const rest = await stream.upTo(Infinity);
    log.push(
      `400: ${error.message}`,
      `discards ${rest.length} bytes and closes`,
    );
  }
  socket.end();
}

/** Send one case on a fresh connection; return log and answers. */
async function exchange(request) {
  const log = [];
  let served;
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    served = serve(socket, log);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");

  const { port } = server.address();
  const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
  client.setTimeout(TIMEOUT, () => client.destroy(new Error("timeout")));
  client.end(request, "latin1"); // nothing more to send
  let received = "";
  for await (const chunk of client) received += chunk.toString("latin1");
  await served;
  server.close();
  return { log, received };
}

for (const [index, [title, request]] of Object.entries(CASES).entries()) {
  const { log, received } = await exchange(request);
  console.log(`${index + 1}. ${title}`);
  for (const line of request.match(/[^\n]*\n|[^\n]+$/g)) {
    console.log(`   client  ${quote(line)}`);
  }
  for (const entry of log) console.log(`   server  ${entry}`);
  for (const answer of received.split("HTTP/1.1 ").slice(1)) {
    console.log(`   answer  ${quote(`HTTP/1.1 ${answer}`)}`);
  }
}
