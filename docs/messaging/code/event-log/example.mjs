// Services read one partitioned log, each at its own offsets; one joins late.
import { crc32 } from "node:zlib";

// The process dies after the effect, before the offset is committed.
class CrashError extends Error {}

// Append only. Reading removes nothing: a group is just a row of offsets.
class Log {
  constructor(partitions) {
    this.partitions = Array.from({ length: partitions }, () => []);
    this.committed = new Map();
  }

  append(key, event) {
    this.partitions[crc32(key) % this.partitions.length].push(event);
  }

  // Ordered within a partition; between partitions there is no order.
  *read(group) {
    const zeros = this.partitions.map(() => 0);
    const start = this.committed.get(group) ?? zeros;
    this.committed.set(group, start);
    for (const [partition, events] of this.partitions.entries()) {
      for (let at = start[partition]; at < events.length; at++) {
        yield [partition, at, events[at]];
      }
    }
  }

  commit(group, partition, offset) {
    this.committed.get(group)[partition] = offset;
  }
}

// --8<-- [start:show]
// Version 1 had euros as text, always two decimals: {"total": "42.00"}.
function placedV2(event) {
  const amount = Number(JSON.parse(event.data).total.replace(".", ""));
  const data = JSON.stringify({ amount, currency: "EUR" });
  return { ...event, version: 2, data };
}

const UPCASTERS = { "placed 1": placedV2 }; // one step each: 1 to 2, 2 to 3

function upcast(event) {
  let step;
  while ((step = UPCASTERS[`${event.type} ${event.version}`])) {
    event = step(event);
  }
  return event;
}

class Service {
  inbox = new Set(); // in the service's own database; null: none
  upcast = upcast;
  deliveries = 0;
  effects = 0;

  constructor(group, apply) {
    this.group = group;
    this.apply = apply;
  }

  // Commit after the effect: at least once, never lost.
  run(log, crashAt = 0) {
    for (const [partition, offset, event] of log.read(this.group)) {
      this.deliveries++;
      if (!this.inbox?.has(event.id)) {
        this.apply(this.upcast(event)); // one transaction with the inbox
        this.effects++;
      }
      this.inbox?.add(event.id);
      if (this.deliveries === crashAt) throw new CrashError();
      log.commit(this.group, partition, offset + 1);
    }
  }
}
// --8<-- [end:show]

// data is JSON, as it was written: nobody edits the past.
const HISTORY = [
  ["e1", "o-1", "placed", 1, '{"total": "42.00"}'],
  ["e2", "o-4", "placed", 1, '{"total": "28.50"}'],
  ["e3", "o-1", "shipped", 1, "{}"],
  ["e4", "o-2", "placed", 2, '{"amount": 500, "currency": "EUR"}'],
  ["e5", "o-4", "cancelled", 1, "{}"],
  ["e6", "o-5", "placed", 2, '{"amount": 1999, "currency": "EUR"}'],
].map(([id, order, type, version, data]) => ({
  id,
  order,
  type,
  version,
  data,
}));

// What billing and analytics keep; cents.
class Revenue {
  total = 0;
  amounts = new Map();

  apply = (event) => {
    if (event.type === "placed") {
      // A lenient default, as many decoders have it: a missing field is 0.
      const { amount = 0 } = JSON.parse(event.data);
      this.amounts.set(event.order, amount);
      this.total += amount;
    } else if (event.type === "cancelled") {
      this.total -= this.amounts.get(event.order);
    }
  };
}

class Stock {
  reserved = new Set();
  seen = [];

  apply = (event) => {
    if (event.order === "o-4") this.seen.push(event.type);
    if (event.type === "placed") this.reserved.add(event.order);
    if (event.type === "cancelled") this.reserved.delete(event.order);
  };
}

function history(key) {
  const log = new Log(2);
  for (const event of HISTORY) log.append(key(event), event);
  return log;
}

function offsets(log, group) {
  return log.committed.get(group)?.join(" ") ?? "none";
}

function withCrash(log, group, remember) {
  const books = new Revenue();
  const billing = new Service(group, books.apply);
  if (!remember) billing.inbox = null;
  try {
    billing.run(log, 3);
  } catch (error) {
    if (!(error instanceof CrashError)) throw error;
  }
  const columns = [
    (remember ? "inbox" : "no inbox").padEnd(10),
    offsets(log, group).padEnd(20),
  ];
  billing.run(log);
  columns.push(String(billing.deliveries).padEnd(12));
  columns.push(String(billing.effects).padEnd(9));
  console.log(`  ${columns.join("")}${books.total} cents`);
}

function late(log, label, { atEnd = false, translate = upcast } = {}) {
  const group = `analytics, ${label}`;
  const books = new Revenue();
  const analytics = new Service(group, books.apply);
  analytics.upcast = translate;
  if (atEnd) {
    log.committed.set(
      group,
      log.partitions.map((events) => events.length),
    );
  }
  analytics.run(log);
  const cents = String(books.total).padStart(4);
  console.log(
    `  ${label.padEnd(24)}${analytics.effects} events  ${cents} cents`,
  );
}

function rewind(log, label, forget) {
  let sent = 0;
  const mail = new Service(`mail, ${label}`, (event) => {
    if (event.type === "shipped") sent++;
  });
  mail.run(log);
  const before = sent;
  log.committed.set(mail.group, [0, 0]);
  if (forget) mail.inbox.clear();
  mail.run(log);
  console.log(`  ${label.padEnd(24)}${sent - before} sent again`);
}

function keyed(label, key) {
  const shelf = new Stock();
  new Service("stock", shelf.apply).run(history(key));
  const seen = shelf.seen.join(", ").padEnd(21);
  const reserved = [...shelf.reserved].sort().join(" ");
  console.log(`  ${label.padEnd(8)}${seen}${reserved}`);
}

const log = history((event) => event.order);
console.log("partition = crc32(order) mod 2");
for (const [number, events] of log.partitions.entries()) {
  const told = events.map((e) => `${e.type} ${e.order} v${e.version}`);
  console.log(`  ${number}  ${told.join(", ")}`);
}
console.log("billing   committed at crash  deliveries  effects  revenue");
withCrash(log, "billing", false);
withCrash(log, "billing with inbox", true);
const before = offsets(log, "analytics");
console.log(`analytics joins later, committed: ${before}`);
late(log, "from the end", { atEnd: true });
late(log, "from 0, no upcaster", { translate: (event) => event });
late(log, "from 0");
console.log("mail, offsets set back to 0");
rewind(log, "inbox deleted", true);
rewind(log, "inbox kept", false);
console.log("key     stock reads of o-4   reserved at the end");
keyed("order", (event) => event.order);
keyed("event", (event) => event.id);
