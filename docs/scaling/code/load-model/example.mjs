// A load test in virtual time: what the generator measures depends on its clock.

const RUN_MS = 60_000;
const LONG_MS = 600_000;
const STALL = { from: 30_000, to: 32_000 };
const NO_STALL = { from: 0, to: 0 };
const BOUNDS = [8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096];

/** The same small generator in every language. */
function lcg(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % n;
  };
}

// --8<-- [start:show]
/** Handles one request at a time, 5 to 15 ms each, nothing during the stall. */
class Server {
  freeAt = 0;

  constructor(stall, seed) {
    this.stall = stall;
    this.below = lcg(seed);
  }

  /** When the answer to a request sent at that time is ready. */
  handle(sent) {
    let begin = Math.max(sent, this.freeAt);
    if (this.stall.from <= begin && begin < this.stall.to)
      begin = this.stall.to;
    this.freeAt = begin + 5 + this.below(11);
    return this.freeAt;
  }
}

/** One user: the next request waits for the answer to the last one. */
function closedLoop(server, think) {
  const latencies = [];
  for (let now = 0; now < RUN_MS;) {
    const done = server.handle(now);
    latencies.push(done - now);
    now = done + think;
  }
  return latencies;
}

/** Requests come when they come; timed from the arrival and from the send. */
function openModel(server, rate, duration) {
  const below = lcg(7);
  const [due, sent] = [[], []];
  for (let now = 0, lastDone = 0; now < duration; now++) {
    if (below(1000) >= rate) continue;
    const send = Math.max(now, lastDone); // one connection: busy until the last answer
    lastDone = server.handle(now);
    due.push(lastDone - now);
    sent.push(lastDone - send);
  }
  return { due, sent };
}

/** Add the requests that the waiting generator should have sent meanwhile. */
function backFill(latencies, interval) {
  return latencies.flatMap((first) =>
    Array.from(
      { length: Math.ceil(first / interval) },
      (_, i) => first - i * interval,
    ),
  );
}
// --8<-- [end:show]

/** Nearest rank: the smallest value that p percent do not exceed. */
function percentile(values, p) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((values.length * p) / 100) - 1];
}

function buckets(values) {
  const counts = BOUNDS.map(() => 0);
  for (const v of values) counts[BOUNDS.findIndex((bound) => v <= bound)]++;
  return counts;
}

/** Histograms answer with the upper bound of a bucket. */
function fromBuckets(counts, p) {
  const rank = Math.ceil((counts.reduce((a, b) => a + b) * p) / 100);
  let seen = 0;
  return BOUNDS[counts.findIndex((count) => (seen += count) >= rank)];
}

const cells = (width, values) =>
  values.map((v) => String(v).padStart(width)).join("");

function row(name, values) {
  const points = [50, 95, 99].map((p) => percentile(values, p));
  const max = values.reduce((a, b) => Math.max(a, b));
  console.log(name.padEnd(42) + cells(6, [values.length, ...points, max]));
}

console.log(
  "60 s against a server of 10 ms a request that stalls once for 2000 ms",
);
console.log(
  "latency in ms".padEnd(42) + cells(6, ["sent", "p50", "p95", "p99", "max"]),
);
const closed = closedLoop(new Server(STALL, 1), 10);
const { due, sent } = openModel(new Server(STALL, 1), 50, RUN_MS);
const healthy = openModel(new Server(NO_STALL, 2), 50, RUN_MS).due;
row("closed loop, timed from the send", closed);
row("  the same, back-filled every 20 ms", backFill(closed, 20));
row("open arrivals on one connection, from send", sent);
row("  the same, from when each was due", due);

console.log();
console.log("up to ms".padEnd(14) + cells(6, BOUNDS));
console.log("closed loop".padEnd(14) + cells(6, buckets(closed)));
console.log("open model".padEnd(14) + cells(6, buckets(due)));
const [a, b] = [buckets(due), buckets(healthy)];
const both = a.map((count, i) => count + b[i]);
const [p95A, p95B] = [percentile(due, 95), percentile(healthy, 95)];
console.log(
  `p95 of two instances: ${p95A} and ${p95B}, mean ${Math.floor((p95A + p95B) / 2)},` +
    ` of all requests ${percentile([...due, ...healthy], 95)},` +
    ` by buckets ${fromBuckets(both, 95)}`,
);

console.log();
console.log("offered/s   done/s   p50   p99   (600 s, no stall)");
for (const rate of [20, 40, 60, 80, 90, 95, 110]) {
  const server = new Server(NO_STALL, 3);
  const values = openModel(server, rate, LONG_MS).due;
  const done = Math.min(
    values.length,
    Math.floor((values.length * LONG_MS) / server.freeAt),
  );
  console.log(
    cells(9, [rate, Math.floor((done * 1000) / LONG_MS)]) +
      cells(6, [percentile(values, 50), percentile(values, 99)]),
  );
}
