// The estimates of a shared rate limiter: inputs, figures, what each decides.

// --8<-- [start:show]
const REQUESTS = 1_000_000; // a second at peak, all of them checked
const SERVERS = 1_000;
const CELL = 20; // a caller's requests stay in one cell of 20
const KEYS = 2_000_000;
const HOT_KEYS = 1_000;
const HOT_SHARE = 80; // percent of the traffic
const BIGGEST = 50_000; // requests a second of one caller
const BIG = 100; // servers of that caller, five cells
const SHARD_RATE = 60_000; // script calls: 60% of 100,000 a second on one node
const ROUND_TRIP = 500; // microseconds within a zone
const LEASE = 10; // tokens
const BATCHES = 10; // messages a second to each shard
const LIMIT = 1_000; // a second
const SLACK = 20; // percent that may be off

const div = (a, b) => Math.floor(a / b);
const divUp = (a, b) => Math.ceil(a / b);

const shards = divUp(REQUESTS, SHARD_RATE);
const inFlight = div(REQUESTS * ROUND_TRIP, 1e6);
const hot = div(REQUESTS * HOT_SHARE, 100);
const pair = div(div(hot, HOT_KEYS), CELL); // of one hot key on one server
const lasts = div(1_000 * LEASE, pair);
const spread = div(1_000 * LEASE * SERVERS * HOT_KEYS, hot); // without cells
const updates = div(hot, LEASE) + (REQUESTS - hot); // cold: one to a lease
const leasedShards = divUp(updates, SHARD_RATE);
const messages = SERVERS * BATCHES * leasedShards;
const largest = div(div(LIMIT * SLACK, 100), CELL);
const stranded = CELL * LEASE;
const bigLease = div(div(BIGGEST * SLACK, 100), BIG); // 20% of its own limit
const fallback = div(2 * LIMIT, CELL); // of each server when the limiter is down
// --8<-- [end:show]

function line(label, value, unit, decides = "") {
  const shown = value.toLocaleString("en-US").padStart(10);
  const text = `${label.padEnd(30)}${shown} ${unit.padEnd(11)}${decides}`;
  console.log(text.trimEnd());
}

const fill = div(100 * BIGGEST, SHARD_RATE);

line("one call a request", REQUESTS, "a second");
line("shards for that", shards, "");
line("calls in flight", inFlight, "", "no matter");
line("added to each request", ROUND_TRIP, "us", "too much for all");
line("biggest key", fill, "% of shard", "cannot be split");
line("hot key on one server", pair, "a second", "20 servers a key");
line("a lease of 10 lasts", lasts, "ms", "worth it");
line("  on all 1,000 servers", spread, "ms", "useless: cells");
line("updates from hot keys", div(hot, LEASE), "a second");
line(
  "updates from cold keys",
  REQUESTS - hot,
  "a second",
  "now the larger part",
);
line("shards with leases", leasedShards, "");
line("messages, in batches", messages, "a second", "instead of 1,000,000");
line("lease of the biggest key", bigLease, "tokens", "100 servers");
line(
  "updates of the biggest key",
  div(BIGGEST, bigLease),
  "a second",
  "solved",
);
line("state of 2,000,000 keys", div(KEYS * 120, 1e6), "MB", "no matter");
line("bandwidth", div(updates * 100 * 8, 1e6), "Mbit/s", "no matter");
line("connections to a shard", SERVERS, "", "no matter");
line("lease for 1,000/s, 20% off", largest, "tokens", "sets the lease");
line(
  "lease for 100/s",
  div(largest * 100, LIMIT),
  "token",
  "exact, or by cell",
);
line("out on lease, per key", stranded, "tokens", "the error bound");
line("fallback on one server", fallback, "a second", "2 x limit in all");
