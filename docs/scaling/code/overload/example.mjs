// A server offered more than it can do, in virtual milliseconds.

const PATIENCE = 500; // ms a client waits for the answer to one attempt

/** The same small generator in every language. */
function lcg(seed) {
  let state = seed;
  return (n) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 8) % n;
  };
}

// --8<-- [start:show]
/** Decides at the door and again when a worker is free. */
class Admission {
  limit = Infinity; // requests waiting or in work
  reserved = 0; // of these, only for critical requests
  dropExpired = false;
  adaptive = false;
  target = 200; // ms, for the adaptive limit
  #slowest = 0;
  #wasFull = false;

  constructor(settings = {}) {
    Object.assign(this, settings);
  }

  admit(inside, critical) {
    const room = this.limit - (critical ? 0 : this.reserved);
    this.#wasFull ||= inside >= room;
    return inside < room;
  }

  /** Only while the client will still be there when the work is done. */
  worthStarting(age, work) {
    return !this.dropExpired || age + work <= PATIENCE;
  }

  observe(latency) {
    this.#slowest = Math.max(this.#slowest, latency);
  }

  /** Multiplicative decrease when slow; one more when full and proven fast. */
  every100ms() {
    if (this.adaptive && this.#slowest > this.target) {
      this.limit = Math.max(1, Math.floor((this.limit * 9) / 10));
    } else if (this.adaptive && this.#wasFull && this.#slowest > 0) {
      this.limit += 1;
    }
    this.#slowest = 0;
    this.#wasFull = false;
  }
}
// --8<-- [end:show]

/** One worker, `rate` requests a second; counts in windows of `every` ms. */
function run({ seconds, rate, tries, every, service, change }, admission) {
  const below = lcg(1);
  const again = new Map();
  const windows = [];
  const queue = [];
  let busy = null;
  let freeAt = 0;
  for (let now = 0; now < seconds * 1000; now++) {
    if (now % every === 0) {
      const zero = { attempts: 0, good: 0, late: 0, shed: 0, critical: 0 };
      windows.push({ ...zero, criticalGood: 0, latencies: [] });
    }
    if (now % 100 === 0) admission.every100ms();
    change?.(now, admission, queue);
    const w = windows.at(-1);
    const arriving = [];
    const arrive = (critical, number) =>
      arriving.push({ critical, number, sent: now, answered: false });
    if (below(1000) < rate) arrive(below(5) === 0, 1);
    for (const old of again.get(now) ?? []) {
      if (!old.answered && old.number < tries)
        arrive(old.critical, old.number + 1);
    }
    again.delete(now);
    if (arriving.length > 0) again.set(now + PATIENCE, arriving);
    for (const attempt of arriving) {
      w.attempts++;
      w.critical += attempt.critical ? 1 : 0;
      if (admission.admit(queue.length + (busy ? 1 : 0), attempt.critical)) {
        queue.push(attempt);
      } else {
        w.shed++;
      }
    }
    if (busy && now >= freeAt) {
      const latency = now - busy.sent;
      admission.observe(latency);
      if (latency <= PATIENCE) {
        busy.answered = true;
        w.good++;
        w.criticalGood += busy.critical ? 1 : 0;
        w.latencies.push(latency);
      } else {
        w.late++;
      }
      busy = null;
    }
    while (!busy && queue.length > 0 && service(now) > 0) {
      const head = queue.shift();
      if (admission.worthStarting(now - head.sent, service(now))) {
        busy = head;
        freeAt = now + service(now);
      } else {
        w.shed++;
      }
    }
    w.waiting = queue.length;
    w.limit = admission.limit;
  }
  return windows;
}

const per = (n, seconds) => Math.floor(n / seconds);
const cells = (...pairs) =>
  pairs.map(([v, width]) => String(v).padStart(width)).join("");

function overload() {
  console.log("100/s possible, 150/s offered for 30 s, clients wait 500 ms");
  console.log(
    "                        good/s  late/s     shed/s  p50 ms  critical served",
  );
  const steady = {
    seconds: 30,
    rate: 150,
    tries: 1,
    every: 30_000,
    service: () => 10,
  };
  for (const [name, settings] of [
    ["unbounded queue", {}],
    ["  and expired dropped", { dropExpired: true }],
    ["at most 20 inside", { limit: 20 }],
    ["  10 for critical", { limit: 20, reserved: 10 }],
  ]) {
    const [w] = run(steady, new Admission(settings));
    const p50 = w.latencies.toSorted((a, b) => a - b)[
      per(w.latencies.length, 2)
    ];
    const share = per(w.criticalGood * 100, w.critical);
    console.log(
      name.padEnd(24) +
        cells(
          [per(w.good, 30), 6],
          [per(w.late, 30), 8],
          [per(w.shed, 30), 11],
        ) +
        cells([p50, 8], [`${share}%`, 17]),
    );
  }
}

function adaptive() {
  const service = (now) => (now >= 10_000 && now < 20_000 ? 25 : 10);
  const slowing = { seconds: 30, rate: 150, tries: 1, every: 10_000, service };
  console.log("10 ms a request, 25 ms from 10 to 20 s, 150/s offered");
  for (const [name, settings] of [
    ["fixed limit 40", { limit: 40 }],
    ["AIMD, start 40", { limit: 40, adaptive: true }],
  ]) {
    const windows = run(slowing, new Admission(settings));
    const good = cells(...windows.map((w) => [per(w.good, 10), 5]));
    const limits = cells(...windows.map((w) => [w.limit, 4]));
    console.log(`${name}: good/s${good}, limit at the end of each${limits}`);
  }
}

function storm() {
  const service = (now) => (now >= 10_000 && now < 13_000 ? 0 : 10); // 0: stalled
  const at = (ms, action) => (now, admission, queue) => {
    if (now === ms) action(admission, queue);
  };
  const empty = (_, queue) => queue.splice(0); // what a restart does
  const set = (settings) => (admission) => Object.assign(admission, settings);
  const shed = set({ limit: 20, dropExpired: true });
  const retries = { seconds: 45, rate: 80, tries: 4, every: 5000, service };
  console.log(
    "80/s of 100/s, up to 4 tries; stall 10-13 s; shedding on from 30 s",
  );
  console.log("seconds  tries/s  good/s  late/s     shed/s  waiting");
  run({ ...retries, change: at(30_000, shed) }, new Admission()).forEach(
    (w, i) => {
      console.log(
        `${String(i * 5).padStart(3)}-${String(i * 5 + 5).padEnd(3)}` +
          cells(
            [per(w.attempts, 5), 9],
            [per(w.good, 5), 8],
            [per(w.late, 5), 8],
          ) +
          cells([per(w.shed, 5), 11], [w.waiting, 9]),
      );
    },
  );
  console.log("good/s of the same windows, if instead");
  for (const [name, change] of [
    ["the queue is emptied once at 30 s", at(30_000, empty)],
    ["it is only bounded, from 30 s", at(30_000, set({ limit: 20 }))],
    ["only the expired are skipped", at(30_000, set({ dropExpired: true }))],
    ["shedding is on from the start", at(0, shed)],
  ]) {
    const windows = run({ ...retries, change }, new Admission());
    const rates = windows.map((w) => [per(w.good, 5), 4]);
    console.log(name.padEnd(36) + cells(...rates));
  }
}

overload();
console.log();
adaptive();
console.log();
storm();
