// Two workers, a poison message and two crashes, in front of an in-memory broker.

// --8<-- [start:show]
class Queue {
  dead = [];
  #messages = [];
  #receipts = 0;

  // visibility: seconds a delivery stays hidden.
  constructor({ visibility, maxDeliveries }) {
    this.visibility = visibility;
    this.maxDeliveries = maxDeliveries;
  }

  send(name) {
    this.#messages.push({ name, visibleAt: 0, deliveries: 0, receipt: 0 });
  }

  // Hide the oldest visible message and hand it out; bury the hopeless.
  receive(now) {
    for (const message of [...this.#messages]) {
      if (message.visibleAt > now) continue;
      if (message.deliveries === this.maxDeliveries) {
        this.#remove(message);
        this.dead.push(message);
        continue;
      }
      this.#receipts += 1;
      message.receipt = this.#receipts; // of the newest delivery
      message.deliveries += 1;
      message.visibleAt = now + this.visibility;
      const { name, receipt, deliveries } = message;
      return { name, receipt, number: deliveries };
    }
    return undefined;
  }

  // Forget the message, unless somebody else holds it by now.
  ack(receipt) {
    const held = this.#held(receipt);
    if (held) this.#remove(held);
    return held !== undefined;
  }

  // A heartbeat in a long job, or the wait after a failure.
  hide(receipt, until) {
    const held = this.#held(receipt);
    if (held) held.visibleAt = until;
    return held !== undefined;
  }

  #held(receipt) {
    return this.#messages.find((message) => message.receipt === receipt);
  }

  #remove(message) {
    this.#messages.splice(this.#messages.indexOf(message), 1);
  }
}
// --8<-- [end:show]

const ORDERS = ["order-1", "order-2", "order-3", "order-4"];
const SECONDS = 150;

// The virtual clock, the workers, and the effects they have in the world.
class Run {
  queue = new Queue({ visibility: 30, maxDeliveries: 3 });
  effects = new Map(ORDERS.map((name) => [name, 0]));
  lines = [];

  constructor(options) {
    this.options = options;
    for (const name of ORDERS) this.queue.send(name);
    const workers = ["A", "B"].map((name) => ({ name, freeAt: 0 }));
    for (let now = 0; now < SECONDS; now += 1) {
      for (const worker of workers) this.#tick(worker, now);
    }
  }

  #tick(worker, now) {
    const { line } = worker;
    if (line) {
      if (this.options.heartbeat && (now - line.start) % 10 === 0) {
        this.queue.hide(line.delivery.receipt, now + this.queue.visibility);
      }
      if (now === worker.freeAt) {
        worker.line = undefined;
        line.end = now;
        line.what = this.#finish(worker, line.delivery, now);
      }
      return;
    }
    if (now < worker.freeAt) return;
    const delivery = this.queue.receive(now);
    if (!delivery) return;
    if (this.options.ackFirst) this.queue.ack(delivery.receipt);
    const slow = delivery.name === "order-3" && delivery.number === 1;
    worker.freeAt = now + (slow ? 40 : 2);
    worker.line = { start: now, worker: worker.name, delivery };
    this.lines.push(worker.line);
  }

  #finish(worker, { name, number, receipt }, now) {
    if (name === "order-1" && number === 1) {
      worker.freeAt = now + 5; // until the process is back
      return "worker dies before the effect";
    }
    if (name === "order-2") {
      const wait = 10 * number;
      this.queue.hide(receipt, now + wait);
      return `fails, next try in ${wait} s`;
    }
    const count = this.effects.get(name);
    const seen = this.options.idempotent && count > 0;
    if (!seen) this.effects.set(name, count + 1);
    if (name === "order-4" && number === 1) {
      worker.freeAt = now + 5;
      return "worker dies after the effect, before the ack";
    }
    const acked = this.queue.ack(receipt);
    return `${seen ? "seen before" : "effect"}, ${acked ? "ack" : "ack refused: no longer the holder"}`;
  }
}

function summary(label, { queue, effects }) {
  const groups = { once: [], twice: [], lost: [], dead: [] };
  for (const [name, count] of effects) {
    const buried = queue.dead.some((message) => message.name === name);
    const group = buried ? "dead" : ["lost", "once", "twice"][count];
    groups[group].push(name.replace("order-", ""));
  }
  const columns = Object.values(groups).map((group) =>
    (group.join(" ") || "-").padEnd(8),
  );
  console.log((label.padEnd(31) + columns.join("")).trimEnd());
}

console.log("visibility timeout 30 s, dead letter after 3 deliveries");
console.log("   s  to  worker  message  delivery  outcome");
for (const { start, end, worker, delivery, what } of new Run({}).lines) {
  const times = `${start}`.padStart(4) + `${end}`.padStart(4);
  const { name, number } = delivery;
  const columns = worker.padEnd(8) + name.padEnd(9) + `${number}`.padEnd(10);
  console.log(`${times}  ${columns}${what}`);
}
console.log("\norders that had their effect   once    twice   lost    dead");
for (const [label, options] of [
  ["ack before the work", { ackFirst: true }],
  ["ack after the work", {}],
  ["  and a heartbeat every 10 s", { heartbeat: true }],
  ["  and an idempotent handler", { heartbeat: true, idempotent: true }],
]) {
  summary(`  ${label}`, new Run(options));
}
