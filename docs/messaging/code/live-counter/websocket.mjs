// The part of RFC 6455 that an example needs: handshake, text and control frames.
//
// A real service uses a library (ws). This one knows no fragments, no binary frames,
// no extensions and no TLS.
import { isUtf8 } from "node:buffer";
import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
export const [TEXT, CLOSE, PING, PONG] = [0x1, 0x8, 0x9, 0xa];
const [PROTOCOL_ERROR, NOT_UTF8, TOO_BIG] = [1002, 1007, 1009];
export const GOING_AWAY = 1001;
const PATIENCE = 5000; // milliseconds

export class FrameError extends Error {
  // The peer broke the protocol; the close code says how.
  constructor(code) {
    super(`close ${code}`);
    this.code = code;
  }
}

// --8<-- [start:show]
// Proves that the server understood a WebSocket handshake, and no cache answered.
export function acceptKey(nonce) {
  return createHash("sha1")
    .update(nonce + GUID)
    .digest("base64");
}

// One whole message in one frame; only clients pass a mask.
export function encode(opcode, payload, mask = Buffer.alloc(0)) {
  const bit = mask.length > 0 ? 0x80 : 0;
  const head = [0x80 | opcode, bit | Math.min(payload.length, 126)];
  if (payload.length >= 126)
    head.push(payload.length >> 8, payload.length & 0xff);
  return Buffer.concat([Buffer.from(head), mask, masked(payload, mask)]);
}

function masked(payload, mask) {
  if (mask.length === 0) return payload;
  return Buffer.from(payload.map((byte, at) => byte ^ mask[at % 4]));
}

// The frame at the start of `data` and its size, or undefined if more must come.
export function parseFrame(data, fromClient) {
  if (data.length < 2) return undefined;
  const opcode = data[0] & 0x0f;
  let size = data[1] & 0x7f;
  if (
    (data[0] & 0xf0) !== 0x80 ||
    ![TEXT, CLOSE, PING, PONG].includes(opcode)
  ) {
    throw new FrameError(PROTOCOL_ERROR); // a library would join fragments here
  }
  if (data[1] >= 0x80 !== fromClient || (opcode >= CLOSE && size > 125)) {
    throw new FrameError(PROTOCOL_ERROR); // clients mask, servers must not
  }
  if (size === 127) throw new FrameError(TOO_BIG); // before a byte of it is kept
  let at = 2;
  if (size === 126) {
    if (data.length < 4) return undefined;
    size = data.readUInt16BE(2);
    at = 4;
  }
  const start = at + (fromClient ? 4 : 0);
  if (data.length < start + size) return undefined;
  const payload = masked(
    data.subarray(start, start + size),
    data.subarray(at, start),
  );
  if (opcode === TEXT && !isUtf8(payload)) throw new FrameError(NOT_UTF8);
  return { opcode, payload, size: start + size };
}
// --8<-- [end:show]

// Frames of a socket, as they arrive. `head` is what came with the handshake.
export async function* frames(socket, head, fromClient) {
  let data = head;
  try {
    for (;;) {
      const frame = parseFrame(data, fromClient);
      if (frame !== undefined) {
        data = data.subarray(frame.size);
        yield frame;
        continue;
      }
      const chunk = socket.read() ?? (await arrival(socket));
      if (chunk === undefined) return;
      data = Buffer.concat([data, chunk]);
    }
  } catch (error) {
    if (error.code !== "ECONNRESET" && error.code !== "EPIPE") throw error;
  }
}

// The next chunk, or undefined when there will be none.
function arrival(socket) {
  if (socket.destroyed || socket.readableEnded) return undefined;
  const { promise, resolve } = Promise.withResolvers();
  const look = () => {
    const chunk = socket.read();
    if (chunk === null && !socket.readableEnded && !socket.destroyed) return;
    socket.off("readable", look).off("end", look).off("close", look);
    resolve(chunk ?? undefined);
  };
  socket.on("readable", look).on("end", look).on("close", look);
  return promise;
}

// The browser's half.
export class Client {
  static async connect(port, path, origin) {
    const nonce = randomBytes(16).toString("base64");
    const asked = request({
      host: "127.0.0.1",
      port,
      path,
      agent: false,
      timeout: PATIENCE,
      headers: {
        Origin: origin,
        Connection: "Upgrade",
        Upgrade: "websocket",
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": nonce,
      },
    });
    const { promise, resolve, reject } = Promise.withResolvers();
    asked.on("error", reject);
    asked.on("timeout", () => asked.destroy(new Error("no answer in time")));
    asked.on("response", (response) => {
      response.resume();
      resolve(
        new Client(response.statusCode, response.socket, Buffer.alloc(0)),
      );
    });
    asked.on("upgrade", (response, socket, head) => {
      if (response.headers["sec-websocket-accept"] !== acceptKey(nonce)) {
        reject(new Error("not a WebSocket server"));
      }
      resolve(new Client(response.statusCode, socket, head));
    });
    asked.end();
    return promise;
  }

  #socket;
  #frames;

  constructor(status, socket, head) {
    this.status = status;
    this.#socket = socket;
    socket.on("error", () => {}); // a reset by the server ends the frames
    this.#frames = frames(socket, head, false);
  }

  send(opcode, payload) {
    this.#socket.write(encode(opcode, Buffer.from(payload), randomBytes(4)));
  }

  sendUnmasked(text) {
    this.#socket.write(encode(TEXT, Buffer.from(text)));
  }

  // The next frame as it came: pings are the caller's to answer.
  async receive() {
    const { value, done } = await this.#frames.next();
    if (done) return undefined;
    const closing = value.opcode === CLOSE;
    return closing
      ? String(value.payload.readUInt16BE())
      : String(value.payload);
  }

  // Read what is left: did the server hang up without a close frame?
  async isCut() {
    for await (const { opcode } of this.#frames) {
      if (opcode === CLOSE) return false;
    }
    return true;
  }

  hangUp() {
    this.#socket.destroy();
  }
}
