// Counter, gauge and histogram by hand; p99 of two instances, right and wrong.

const BOUNDS = [50, 100, 200, 300, 500, 1000]; // ms; the last bucket has no upper bound
const LE = ["0.05", "0.1", "0.2", "0.3", "0.5", "1.0", "+Inf"];
const METHODS = new Set([
  "GET",
  "HEAD",
  "POST",
  "PUT",
  "PATCH",
  "DELETE",
  "OPTIONS",
]);

const template = (path) =>
  /^\/orders\/[0-9]+$/.test(path) ? "/orders/{id}" : "unmatched";
const asPath = (path) => path;

// --8<-- [start:show]
class Histogram {
  counts = new Array(BOUNDS.length + 1).fill(0);
  sum = 0;

  observe(ms) {
    const bucket = BOUNDS.findIndex((bound) => ms <= bound); // le
    this.counts[bucket < 0 ? BOUNDS.length : bucket] += 1;
    this.sum += ms;
  }

  cumulative() {
    let total = 0;
    return this.counts.map((n) => (total += n));
  }
}

class Service {
  requests = new Map();
  inFlight = 0;
  durations = new Map();

  constructor(clock, label) {
    Object.assign(this, { clock, label });
  }

  async handle(method, path, work) {
    const name = METHODS.has(method) ? method : "_OTHER";
    const route = this.label(path);
    const start = this.clock();
    let code = 500;
    this.inFlight += 1;
    try {
      code = await work();
      return code;
    } finally {
      // also when the handler threw: that is the 500 to count
      this.inFlight -= 1;
      const key = `method="${name}",route="${route}",code="${code}"`;
      this.requests.set(key, (this.requests.get(key) ?? 0) + 1);
      if (!this.durations.has(route))
        this.durations.set(route, new Histogram());
      this.durations.get(route).observe(this.clock() - start);
    }
  }
}

function quantile(q, cumulative) {
  const rank = q * cumulative.at(-1);
  const bucket = cumulative.findIndex((count) => count >= rank);
  if (bucket === BOUNDS.length) return BOUNDS.at(-1); // beyond: nothing is known
  const low = bucket ? BOUNDS[bucket - 1] : 0;
  const below = bucket ? cumulative[bucket - 1] : 0;
  const inside = cumulative[bucket] - below;
  return low + ((BOUNDS[bucket] - low) * (rank - below)) / inside;
}
// --8<-- [end:show]

function expose(service) {
  const lines = ["# TYPE http_requests_total counter"];
  for (const [labels, n] of [...service.requests].sort()) {
    lines.push(`http_requests_total{${labels}} ${n}`);
  }
  lines.push("# TYPE http_requests_in_flight gauge");
  lines.push(`http_requests_in_flight ${service.inFlight}`);
  const name = "http_request_duration_seconds";
  lines.push(`# TYPE ${name} histogram`);
  for (const [route, h] of [...service.durations].sort()) {
    const sums = h.cumulative();
    for (const [i, n] of sums.entries()) {
      lines.push(`${name}_bucket{route="${route}",le="${LE[i]}"} ${n}`);
    }
    const rest = String(h.sum % 1000).padStart(3, "0");
    const seconds = `${Math.floor(h.sum / 1000)}.${rest}`;
    lines.push(`${name}_sum{route="${route}"} ${seconds}`);
    lines.push(`${name}_count{route="${route}"} ${sums.at(-1)}`);
  }
  return lines;
}

/** A virtual clock, and latencies from a small generator. */
class World {
  now = 0;
  x = 7;
  seen = [];

  draw(low, high) {
    this.x = (Math.imul(this.x, 1103515245) + 12345) & 0x7fffffff;
    return low + ((this.x >> 16) % (high - low));
  }

  async request(service, number, cold) {
    const ms = cold ? this.draw(200, 1000) : this.draw(20, 100);
    this.seen.push(ms);
    const work = async () => {
      this.now += ms;
      if (number % 100 === 99) throw new Error("database gone");
      return 200;
    };
    const answer = service.handle("GET", `/orders/${number}`, work);
    await answer.catch(() => 500); // what the framework would answer
  }
}

async function run(label, warm, cold) {
  const world = new World();
  const service = new Service(() => world.now, label);
  for (let n = 0; n < warm + cold; n += 1) {
    await world.request(service, n, n >= warm);
  }
  return { service, seen: world.seen };
}

function p99(values) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.ceil((sorted.length * 99) / 100) - 1];
}

const { service } = await run(template, 900, 100);
await service.handle("BREW", "/.env", async () => 404);
const shown = expose(service).filter((line) => !line.includes("unmatched"));
console.log(shown.join("\n"));
const samples = (s) => expose(s).filter((line) => !line.startsWith("#")).length;
const byPath = await run(asPath, 900, 100);
console.log(
  `\nseries by route: ${samples(service)}, by path: ${samples(byPath.service)}\n`,
);
console.log(
  "p99 in ms            A     B   mean of both   from summed buckets   exact",
);
for (const [warm, cold] of [
  [5000, 5000],
  [9950, 50],
]) {
  const both = [await run(template, warm, 0), await run(template, 0, cold)];
  const [a, b] = both.map((one) =>
    one.service.durations.get("/orders/{id}").cumulative(),
  );
  const [pa, pb] = [quantile(0.99, a), quantile(0.99, b)];
  const summed = quantile(
    0.99,
    a.map((n, i) => n + b[i]),
  );
  const exact = p99(both.flatMap((one) => one.seen));
  const pad = (value, width) => value.toFixed(0).padStart(width);
  console.log(
    `A ${warm}, B ${String(cold).padEnd(5)} ${pad(pa, 9)} ${pad(pb, 5)} ` +
      `${pad((pa + pb) / 2, 14)} ${pad(summed, 21)} ${pad(exact, 7)}`,
  );
}
const same = new Histogram();
for (let n = 0; n < 1000; n += 1) same.observe(310);
const guess = quantile(0.99, same.cumulative());
console.log(
  `1000 requests of 310 ms: p99 from buckets ${guess.toFixed(0)}, exact 310`,
);
