// The part of PostgreSQL's wire protocol (version 3.0) that an example needs.
//
// A real service uses a driver (node-postgres). This client exists so that examples
// run with nothing installed: it only talks to a server that trusts it, sends every
// value as text, and runs one query of a connection at a time.
import { createConnection } from "node:net";

export class PostgresError extends Error {
  // The server refused; code is its SQLSTATE, such as 23505.
  constructor(code, message) {
    super(`${code}: ${message}`);
    this.name = "PostgresError";
    this.code = code;
  }
}

// --8<-- [start:show]
// Five messages, one write. SQL and values travel apart: no value becomes code.
function extendedQuery(sql, values) {
  const parameters = values.flatMap(parameter);
  return Buffer.concat([
    message("P", cstring(""), cstring(sql), int16(0)), // parse; types inferred
    message(
      "B",
      int16(0),
      int16(0),
      int16(values.length),
      ...parameters,
      int16(0),
    ),
    message("D", cstring("P")), // describe the columns
    message("E", cstring(""), int32(0)), // execute, no limit of rows
    message("S"), // sync: after an error the server skips to here
  ]);
}

// Read to ReadyForQuery, past any error: only then may the next request go out.
async function readAnswer(incoming) {
  const answer = [];
  while (answer.at(-1)?.kind !== "Z") {
    const { value: next, done } = await incoming.next();
    if (done) {
      const lastWords = answer.find(({ kind }) => kind === "E");
      const cause = lastWords && serverError(lastWords.body);
      throw new Error("the server closed the connection", { cause });
    }
    if (next.kind === "R" && next.body.readInt32BE() !== 0) {
      throw new Error("the server asks for a password; there is none");
    }
    answer.push(next);
  }
  return answer;
}

function interpret(answer) {
  const rows = [];
  let columns = [];
  let tag = "";
  for (const { kind, body } of answer) {
    if (kind === "T") columns = columnTypes(body);
    else if (kind === "D") rows.push(dataRow(body, columns));
    else if (kind === "C") tag = body.toString("utf8", 0, body.length - 1);
    else if (kind === "E") throw serverError(body);
  }
  return { rows, tag };
}
// --8<-- [end:show]

function parameter(value) {
  if (value === null) return int32(-1);
  const type = typeof value;
  if (type !== "string" && type !== "boolean" && !Number.isSafeInteger(value)) {
    throw new TypeError(`cannot bind ${type} ${value}`);
  }
  const text = Buffer.from(String(value));
  return [int32(text.length), text];
}

function int16(number) {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(number);
  return bytes;
}

function int32(number) {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(number);
  return bytes;
}

function cstring(text) {
  if (text.includes("\0"))
    throw new Error("a zero byte would end the string early");
  return Buffer.from(`${text}\0`);
}

function message(kind, ...parts) {
  const body = Buffer.concat(parts);
  return Buffer.concat([Buffer.from(kind), int32(4 + body.length), body]);
}

async function* messages(socket) {
  let waiting = Buffer.alloc(0);
  for await (const chunk of socket) {
    waiting = Buffer.concat([waiting, chunk]);
    while (waiting.length >= 5 && waiting.length > waiting.readInt32BE(1)) {
      const end = 1 + waiting.readInt32BE(1);
      yield {
        kind: String.fromCharCode(waiting[0]),
        body: waiting.subarray(5, end),
      };
      waiting = waiting.subarray(end);
    }
  }
}

function columnTypes(body) {
  let at = 2;
  return Array.from({ length: body.readUInt16BE() }, () => {
    const end = body.indexOf(0, at);
    const name = body.toString("utf8", at, end);
    at = end + 19;
    return { name, oid: body.readUInt32BE(end + 7) }; // past table and column number
  });
}

function dataRow(body, columns) {
  const row = {};
  let at = 2;
  for (const { name, oid } of columns) {
    const start = at + 4;
    const size = body.readInt32BE(at);
    at = start + Math.max(size, 0);
    row[name] = size < 0 ? null : decode(oid, body.toString("utf8", start, at));
  }
  return row;
}

function decode(oid, text) {
  switch (oid) {
    case 16:
      return text === "t";
    case 20: // int8, int2, int4
    case 21:
    case 23:
      if (!Number.isSafeInteger(Number(text)))
        throw new RangeError(`${text} is too large`);
      return Number(text);
    default:
      return text;
  }
}

function serverError(body) {
  const fields = body.toString().split("\0");
  const field = (kind) => fields.find((text) => text.startsWith(kind)).slice(1);
  return new PostgresError(field("C"), field("M"));
}

export class Connection {
  closed = false;
  status = ""; // "I" idle, "T" in a transaction, "E" in a failed one
  #socket;
  #incoming;
  #timeout;
  #busy = false;

  constructor(socket, timeoutMs) {
    this.#socket = socket;
    this.#incoming = messages(socket);
    // The server gives up a slow statement first; this is for a server that is gone.
    this.#timeout = timeoutMs + 1000;
    socket.on("timeout", () => {
      socket.destroy(new Error(`no answer within ${this.#timeout} ms`));
    });
  }

  async start(settings) {
    const texts = Object.entries(settings).flat().map(cstring);
    // The first message alone has no kind; version 3.0 is 3 << 16.
    await this.#exchange(message("", int32(196608), ...texts, cstring("")));
    return this;
  }

  // Run one statement with $1, $2, ... bound; return its rows as objects.
  async query(sql, values = []) {
    return (await this.#exchange(extendedQuery(sql, values))).rows;
  }

  // Run one statement, or a script that has no values; return its row count.
  async execute(sql, values = []) {
    const script = values.length === 0;
    const request = script
      ? message("Q", cstring(sql))
      : extendedQuery(sql, values);
    const { tag } = await this.#exchange(request);
    return Number(/\d+$/.exec(tag)?.[0] ?? 0);
  }

  // Commit what work did, or roll it back if work fails.
  async transaction(work) {
    await this.execute("BEGIN");
    let result;
    try {
      result = await work();
    } catch (error) {
      if (!this.closed) await this.execute("ROLLBACK");
      throw error;
    }
    // COMMIT of a failed transaction is no error: it answers ROLLBACK.
    const { tag } = await this.#exchange(message("Q", cstring("COMMIT")));
    if (tag !== "COMMIT") {
      throw new PostgresError(
        "25P02",
        "an error was caught inside: rolled back",
      );
    }
    return result;
  }

  async #exchange(request) {
    if (this.closed) throw new Error("the connection is closed");
    if (this.#busy)
      throw new Error("one query at a time: await the one before");
    this.#busy = true;
    this.#socket.setTimeout(this.#timeout);
    let answer;
    try {
      this.#socket.write(request);
      answer = await readAnswer(this.#incoming);
    } catch (error) {
      // The rest of an answer may still come: never use the connection again.
      this.closed = true;
      this.#socket.destroy();
      throw error;
    } finally {
      this.#busy = false;
      this.#socket.setTimeout(0);
    }
    this.status = answer.at(-1).body.toString();
    return interpret(answer);
  }

  async close() {
    if (this.closed) return;
    this.closed = true;
    const gone = new Promise((resolve) => this.#socket.once("close", resolve));
    this.#socket.write(message("X"));
    this.#socket.destroySoon(); // after the goodbye is written
    if (!this.#socket.closed) await gone;
  }

  async [Symbol.asyncDispose]() {
    await this.close();
  }
}

// Connect to what PGHOST, PGPORT, PGUSER and PGDATABASE name.
export async function connect({ timeoutMs = 5000 } = {}) {
  const {
    PGHOST = "localhost",
    PGPORT = "5432",
    PGUSER = "postgres",
  } = process.env;
  const { PGDATABASE = PGUSER } = process.env;
  const socket = PGHOST.startsWith("/")
    ? createConnection(`${PGHOST}/.s.PGSQL.${PGPORT}`)
    : createConnection(Number(PGPORT), PGHOST);
  return new Connection(socket, timeoutMs).start({
    user: PGUSER,
    database: PGDATABASE,
    client_encoding: "UTF8",
    statement_timeout: String(timeoutMs),
  });
}
