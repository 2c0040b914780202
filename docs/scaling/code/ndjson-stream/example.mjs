// Serve an export as one JSON array and as NDJSON, and count the rows in memory.
import { once } from "node:events";
import http from "node:http";
import { pipeline } from "node:stream/promises";

const BATCH = 100;
const NOTE = "n".repeat(1000); // a row is about a kilobyte

// One request: what to produce, and what was counted.
function createExport(rows, { pauseAt = 0, failsAt = 0 } = {}) {
  const { promise: go, resolve: sayGo } = Promise.withResolvers();
  const { promise: done, resolve: sayDone } = Promise.withResolvers();
  return {
    rows,
    pauseAt, // wait before this row until the client says go
    failsAt,
    go,
    sayGo,
    done,
    sayDone,
    produced: 0,
    sent: 0,
    mostHeld: 0,
    cursorOpen: true,
  };
}

// Rows as a database cursor hands them over; closed however the loop ends.
async function* cursor(job) {
  try {
    for (let number = 1; number <= job.rows; number += 1) {
      if (number === job.pauseAt) await job.go;
      if (number === job.failsAt) throw new Error("the cursor broke");
      job.produced = number;
      job.mostHeld = Math.max(job.mostHeld, number - job.sent);
      yield { id: number, note: NOTE };
    }
  } finally {
    job.cursorOpen = false;
  }
}

async function sendArray(job, res) {
  const rows = [];
  for await (const row of cursor(job)) rows.push(row);
  res.end(JSON.stringify({ rows })); // all rows, then their text, then a byte
}

// --8<-- [start:show]
async function* ndjson(job) {
  let lines = [];
  for await (const row of cursor(job)) {
    lines.push(`${JSON.stringify(row)}\n`);
    if (lines.length < BATCH) continue;
    yield lines.join(""); // resumes when the socket has room again
    job.sent += lines.length;
    lines = [];
  }
  lines.push(`${JSON.stringify({ end: true, rows: job.produced })}\n`);
  yield lines.join("");
}

// pipeline() waits for "drain" and closes the generator if the client leaves.
const sendNdjson = (job, res) => pipeline(ndjson(job), res);

// Whether the end line came: a status of 200 does not tell.
async function readNdjson(response, seen) {
  let rows = 0;
  let rest = "";
  for await (const chunk of response.setEncoding("utf8")) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop(); // a chunk may end inside a row
    for (const line of lines) {
      const record = JSON.parse(line);
      if (record.end) return { rows, complete: record.rows === rows };
      seen((rows += 1));
    }
  }
  return { rows, complete: false };
}

// --8<-- [end:show]

const jobs = {
  "/array": createExport(5000),
  "/stream": createExport(5000, { pauseAt: BATCH + 1 }),
  "/long": createExport(200_000),
  "/breaks": createExport(5000, { pauseAt: 1001, failsAt: 1001 }),
};

async function handle(req, res) {
  const job = jobs[req.url];
  res.setHeader("Content-Type", "application/x-ndjson");
  const send = req.url === "/array" ? sendArray : sendNdjson;
  try {
    await send(job, res);
  } catch {
    res.destroy(); // no last chunk: the client can tell
  }
  job.sayDone();
}

async function get(port, path) {
  const request = http.get({
    host: "127.0.0.1",
    port,
    path,
    signal: AbortSignal.timeout(30_000),
  });
  const [response] = await once(request, "response");
  return response;
}

async function wholeArray(port, job) {
  const response = await get(port, "/array");
  await once(response, "readable");
  console.log("one array of 5000 rows");
  console.log(`  produced when the first byte arrives  ${job.produced}`);
  response.resume();
  await once(response, "end");
  console.log(`  most rows held by the server          ${job.mostHeld}`);
}

async function wholeStream(port, job) {
  const response = await get(port, "/stream");
  let atFirst = 0;
  const { rows, complete } = await readNdjson(response, (row) => {
    if (row !== 1) return;
    atFirst = job.produced;
    job.sayGo();
  });
  console.log("NDJSON, 5000 rows in batches of 100");
  console.log(`  produced when the first row is read   ${atFirst}`);
  console.log(`  most rows held by the server          ${job.mostHeld}`);
  console.log(
    `  rows read, end line                   ${rows}, ${answer(complete)}`,
  );
}

async function earlyClose(port, job) {
  const response = await get(port, "/long");
  let lines = 0;
  for await (const chunk of response.setEncoding("utf8")) {
    lines += chunk.split("\n").length - 1;
    if (lines >= 250) break; // leaving the loop destroys the response
  }
  await job.done;
  const stopped = job.produced < job.rows;
  console.log("client closes after 250 of 200000 rows");
  console.log(`  producer stopped before the end       ${answer(stopped)}`);
  console.log(
    `  cursor closed                         ${answer(!job.cursorOpen)}`,
  );
}

async function brokenCursor(port, job) {
  const response = await get(port, "/breaks");
  let read = 0;
  let complete = false;
  try {
    ({ complete } = await readNdjson(response, (row) => {
      read = row;
      if (row === 1000) job.sayGo();
    }));
  } catch (error) {
    if (error.code !== "ECONNRESET") throw error; // "aborted"
  }
  console.log("the database fails at row 1001");
  console.log(
    `  status, rows read                     ${response.statusCode}, ${read}`,
  );
  console.log(`  end line                              ${answer(complete)}`);
}

function answer(holds) {
  return holds ? "yes" : "no";
}

const server = http.createServer(handle);
server.listen(0, "127.0.0.1");
await once(server, "listening");
try {
  const { port } = server.address();
  await wholeArray(port, jobs["/array"]);
  await wholeStream(port, jobs["/stream"]);
  await earlyClose(port, jobs["/long"]);
  await brokenCursor(port, jobs["/breaks"]);
} finally {
  server.closeAllConnections();
  server.close();
}
