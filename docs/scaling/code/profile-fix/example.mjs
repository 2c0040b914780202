// A sampling profiler on a virtual clock, pointed at a slow endpoint.

import { isDeepStrictEqual } from "node:util";

const PERIOD_US = 997; // prime, so that sampling does not march in step with the work
const ORDERS = Array.from({ length: 200 }, (_, i) => i); // of customer i % 50
const REFUNDS = Array.from({ length: 400 }, (_, n) => ({
  of: (n * 7) % 200,
  cents: n,
}));

// --8<-- [start:show]
/** Notes the current stack each time a period of its clock has passed. */
class Profiler {
  stack = [];
  now = 0;
  cpuTime = 0;
  queries = 0;
  wall = new Map();
  onCpu = new Map();

  frame(name, body) {
    this.stack.push(name);
    try {
      return body();
    } finally {
      this.stack.pop();
    }
  }

  /** The thread runs: both clocks advance. */
  work(us) {
    this.#sample(this.onCpu, this.cpuTime, us);
    this.cpuTime += us;
    this.wait(us);
  }

  /** The call waits for an answer: only the wall clock advances. */
  wait(us) {
    this.#sample(this.wall, this.now, us);
    this.now += us;
  }

  #sample(into, clock, us) {
    const ticks =
      Math.floor((clock + us) / PERIOD_US) - Math.floor(clock / PERIOD_US);
    const key = this.stack.join(";");
    if (ticks > 0) into.set(key, (into.get(key) ?? 0) + ticks);
  }
}

/** The folded stack with most samples, and its share. */
function hottest(samples) {
  const total = [...samples.values()].reduce((a, b) => a + b);
  const [stack, count] = [...samples].reduce((a, b) => (b[1] > a[1] ? b : a));
  return `${Math.floor((count * 100) / total)}% ${stack.slice(stack.indexOf(";") + 1)}`;
}
// --8<-- [end:show]

/** A round trip of 1 ms and 5 us for each row to decode. */
function query(p, rows) {
  p.queries++;
  p.frame("db_wait", () => p.wait(1000));
  p.frame("decode", () => p.work(5 * rows));
}

const customer = (order) => `customer ${order % 50}`;

function namesOneByOne(p) {
  return ORDERS.map((order) => {
    query(p, 1);
    return customer(order);
  });
}

function namesInOneQuery(p) {
  query(p, 50);
  return ORDERS.map(customer);
}

/** For every order through all refunds: 200 times 400 comparisons. */
function refundsBySearch(p) {
  return ORDERS.map((order) => {
    p.work(REFUNDS.length);
    return REFUNDS.filter(({ of }) => of === order).reduce(
      (a, r) => a + r.cents,
      0,
    );
  });
}

/** Through the refunds once. */
function refundsByIndex(p) {
  const sums = ORDERS.map(() => 0);
  for (const { of, cents } of REFUNDS) {
    p.work(2);
    sums[of] += cents;
  }
  return sums;
}

function endpoint(p, loadNames, matchRefunds) {
  return p.frame("GET_orders", () => {
    p.frame("load_orders", () => query(p, ORDERS.length));
    const names = p.frame("load_names", () => loadNames(p));
    const refunds = p.frame("match_refunds", () => matchRefunds(p));
    return p.frame("render", () =>
      ORDERS.map((order) => {
        p.work(45);
        return `${order} ${names[order]} ${refunds[order]}`;
      }),
    );
  });
}

function list(samples) {
  for (const [stack, count] of [...samples].toSorted(([a], [b]) =>
    a < b ? -1 : 1,
  )) {
    console.log(`${stack} ${count}`);
  }
}

const versions = [
  ["before", namesOneByOne, refundsBySearch],
  ["CPU's hottest fixed", namesOneByOne, refundsByIndex],
  ["wall's hottest fixed", namesInOneQuery, refundsBySearch],
  ["both fixed", namesInOneQuery, refundsByIndex],
];
const runs = versions.map(([name, loadNames, matchRefunds]) => {
  const profile = new Profiler();
  return { name, profile, answer: endpoint(profile, loadNames, matchRefunds) };
});

console.log("folded stacks of the first version, wall clock:");
list(runs[0].profile.wall);
console.log("the same run, on CPU only:");
list(runs[0].profile.onCpu);

console.log();
console.log(
  "version                queries  wall ms  cpu ms  hottest by wall clock",
);
for (const { name, profile } of runs) {
  const wall = Math.floor(profile.now / 1000);
  const cpu = Math.floor(profile.cpuTime / 1000);
  console.log(
    name.padEnd(22) +
      String(profile.queries).padStart(8) +
      String(wall).padStart(9) +
      String(cpu).padStart(8) +
      `  ${hottest(profile.wall)}`,
  );
}
const same = runs.every(({ answer }) =>
  isDeepStrictEqual(answer, runs[0].answer),
);
console.log(`same answer: ${same ? "yes" : "no"}`);
