// An event loop blocked by CPU work, and two ways out. Real loop, real socket.

import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { setImmediate as nextTurn } from "node:timers/promises";
import {
  isMainThread,
  parentPort,
  Worker,
  workerData,
} from "node:worker_threads";

const SLICE = 2_000; // hashes, a few milliseconds

function oneSlice(digest) {
  for (let i = 0; i < SLICE; i++)
    digest = createHash("sha256").update(digest).digest();
  return digest;
}

/** Shared with the worker: 1 when timer and request have both happened. */
const isComplete = (flag) => Atomics.load(flag, 0) === 1;

// --8<-- [start:show]
/** async changes nothing: without an await inside, nobody else gets a turn. */
async function blocking(send) {
  send(); // a timer and a request
  const until = performance.now() + 50; // the timer is due after 1 ms
  let digest = "report";
  while (performance.now() < until) digest = oneSlice(digest);
}

/** Hand the loop back after every slice; long enough for both to happen. */
async function inSlices(send, flag) {
  send();
  let digest = "report";
  while (!isComplete(flag)) {
    digest = oneSlice(digest);
    await nextTurn();
  }
}

/** Another thread computes until it is told that both have happened. */
async function inWorker(send, flag) {
  const worker = new Worker(new URL(import.meta.url), { workerData: flag });
  await once(worker, "message");
  send(); // only now: the worker is in the middle of its work
  await once(worker, "exit");
}
// --8<-- [end:show]

/** Runs in the worker thread. */
function report(flag) {
  let digest = oneSlice("report");
  parentPort.postMessage("computing");
  while (!isComplete(flag)) digest = oneSlice(digest);
}

async function scenario(name, compute) {
  const events = [];
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const both = Promise.withResolvers();
  const note = (event) => {
    events.push(event);
    if (events.includes("timer") && events.includes("GET /health")) {
      Atomics.store(flag, 0, 1);
      both.resolve();
    }
  };
  const server = createServer((socket) => {
    socket.once("data", (line) => {
      note(line.toString().trim());
      socket.end("ok\n");
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = connect(server.address().port, "127.0.0.1");
  client.setTimeout(20_000, () => client.destroy(new Error("no answer")));
  await once(client, "connect");
  const closed = once(client, "close");
  client.resume();
  const send = () => {
    client.write("GET /health\n");
    setTimeout(note, 1, "timer");
  };
  events.push("report begins");
  await compute(send, flag);
  events.push("report ends");
  await both.promise;
  await closed;
  server.close();
  const end = events.indexOf("report ends");
  const list = (part) => part.toSorted().join(", ") || "nothing";
  console.log(
    name.padEnd(34) +
      list(events.slice(1, end)).padEnd(20) +
      list(events.slice(end + 1)),
  );
}

if (isMainThread) {
  console.log(
    `${"the report is computed".padEnd(34)}${"meanwhile".padEnd(20)}only afterwards`,
  );
  await scenario("in an async function on the loop", blocking);
  await scenario("in slices that yield to the loop", inSlices);
  await scenario("by a worker beside the loop", inWorker);
} else {
  report(workerData);
}
