/** An order saga: its state is a fold over a log, so any crash can be resumed. */

const MAX_ATTEMPTS = 4;
const PAYMENT = "capture payment";
const UNDOES = new Map([
  ["cancel order", "create order"],
  ["release stock", "reserve stock"],
]);

/** The orchestrator's process is gone, with everything in its memory. */
class Crash extends Error {}

/** Order, stock, payment and parcel service: what they stored, and their moods. */
class Services {
  state = { order: "-", stock: 5, paid: 0, parcels: 0 };
  answers = new Map();
  effects = new Map();

  constructor({ refuse = "", down = "", times = 0, lose = "", lost = 0 }) {
    this.refuse = refuse;
    this.down = new Map([[down, times]]); // calls that do nothing
    this.lose = new Map([[lose, lost]]); // replies lost, effect there
  }

  /** Answer a command; the command's name serves as its idempotency key. */
  call(command) {
    const left = this.down.get(command) ?? 0;
    if (left > 0) {
      this.down.set(command, left - 1);
      return "failed";
    }
    if (!this.answers.has(command)) {
      this.answers.set(command, this.apply(command)); // one commit with the effect
    }
    const lost = this.lose.get(command) ?? 0;
    if (lost > 0) {
      this.lose.set(command, lost - 1);
      return "failed";
    }
    return this.answers.get(command);
  }

  apply(command) {
    if (command === this.refuse) return "refused";
    this.effects.set(command, (this.effects.get(command) ?? 0) + 1);
    const undone = UNDOES.get(command);
    const wasDone = this.answers.get(undone) === "done";
    if (undone) this.answers.set(undone, "refused"); // should it come late
    if (command === "create order") this.state.order = "pending";
    else if (command === "cancel order") this.state.order = "cancelled";
    else if (command === "reserve stock") this.state.stock -= 1;
    else if (command === "release stock") this.state.stock += wasDone ? 1 : 0;
    else if (command === PAYMENT) this.state.paid += 40;
    else if (command === "book parcel") this.state.parcels += 1;
    else if (command === "confirm order") this.state.order = "confirmed";
    return "done";
  }
}

// --8<-- [start:show]
// A step and what undoes it, up to the pivot; from there on only forward.
const STEPS = [
  { do: "create order", undo: "cancel order" },
  { do: "reserve stock", undo: "release stock" },
  { do: "capture payment" },
  { do: "book parcel" },
  { do: "confirm order" },
];
const PIVOT = 2;

/** Derive from the log alone where the saga stands and what comes next. */
function fold(log) {
  let [at, back, attempts] = [0, false, 0];
  for (const result of log) {
    if (result === "done") {
      [at, attempts] = [at + (back ? -1 : 1), 0];
    } else if (result === "refused" && at <= PIVOT && !back) {
      [at, back, attempts] = [at - 1, true, 0]; // undo from the step before
    } else if (result === "refused") {
      attempts = MAX_ATTEMPTS; // it was not allowed to refuse
    } else if (result === "failed") {
      attempts += 1; // unknown: the same command again
      if (attempts === MAX_ATTEMPTS && at < PIVOT && !back) {
        [back, attempts] = [true, 0]; // may have happened: undo it too
      }
    } else if (result === "resumed") {
      attempts = 0;
    }
  }
  if (at === STEPS.length) return { status: "completed" };
  if (at < 0) return { status: "cancelled" };
  if (attempts >= MAX_ATTEMPTS) return { status: "parked" };
  return { status: "running", command: back ? STEPS[at].undo : STEPS[at].do };
}

function run(log, call, before) {
  for (;;) {
    const { status, command } = fold(log);
    if (!command) return status;
    before();
    const result = call(command);
    before(); // a crash here: done, but nobody wrote it down
    log.push(result);
  }
}
// --8<-- [end:show]

/** Run a saga to its end, restarting the orchestrator whenever it crashes. */
function drive(services, crashAt, repair, trace = () => {}) {
  const log = [];
  let writes = 0;
  const before = () => {
    writes += 1;
    if (crashAt.includes(writes)) throw new Crash();
  };
  const call = (command) => {
    const result = services.call(command);
    trace(command, result);
    return result;
  };
  for (;;) {
    let status;
    try {
      status = run(log, call, before);
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      trace("crash", `${log.length} records in the log`);
      continue;
    }
    if (status !== "parked" || !repair) return { status, writes };
    repair = false;
    services.down.clear(); // a person has repaired the cause
    log.push("resumed");
  }
}

const SCENARIOS = [
  { label: "all well" },
  { label: "create refused", refuse: "create order" },
  { label: "stock refused", refuse: "reserve stock" },
  { label: "stock's replies lost", lose: "reserve stock", lost: 99 },
  { label: "payment refused", refuse: PAYMENT },
  { label: "payment's reply lost", lose: PAYMENT, lost: 1 },
  { label: "payment never answers", down: PAYMENT, times: 99 },
  { label: "  but took the money", lose: PAYMENT, lost: 99 },
  { label: "parcel refused", refuse: "book parcel" },
  { label: "confirm fails 3 times", down: "confirm order", times: 3 },
  {
    label: "release fails twice",
    refuse: PAYMENT,
    down: "release stock",
    times: 2,
  },
  {
    label: "release never works",
    refuse: PAYMENT,
    down: "release stock",
    times: 99,
  },
  {
    label: "  after the repair",
    refuse: PAYMENT,
    down: "release stock",
    times: 99,
    repair: true,
  },
];

/** Crash at every point and every two points; count the schedules. */
function withCrashes(scenario, end, writes) {
  let count = 0;
  for (let i = 1; i <= writes; i++) {
    for (let j = i; j <= writes; j++) {
      const services = new Services(scenario);
      const { status } = drive(services, [i, j], scenario.repair);
      if (JSON.stringify([status, services.state]) !== end) {
        throw new Error(
          `${scenario.label}, crash at ${i} and ${j}: another end`,
        );
      }
      if (Math.max(0, ...services.effects.values()) > 1) {
        throw new Error(`${scenario.label}, crash at ${i} and ${j}: twice`);
      }
      count += 1;
    }
  }
  return count;
}

console.log("Payment refused, and the orchestrator dies after the release:");
drive(new Services({ refuse: PAYMENT }), [8], false, (what, result) => {
  console.log(`  ${what.padEnd(17)}${result}`);
});
console.log(
  `\n${"".padEnd(23)}order      stock  paid  parcels  saga       same end`,
);
for (const scenario of SCENARIOS) {
  const services = new Services(scenario);
  const { status, writes } = drive(services, [], scenario.repair);
  const { order, stock, paid, parcels } = services.state;
  const same = withCrashes(
    scenario,
    JSON.stringify([status, services.state]),
    writes,
  );
  console.log(
    scenario.label.padEnd(23) +
      order.padEnd(11) +
      String(stock).padEnd(7) +
      String(paid).padEnd(6) +
      String(parcels).padEnd(9) +
      status.padEnd(11) +
      `${same} of ${same}`,
  );
}
const late = new Services({ down: "reserve stock", times: 4 });
drive(late, [], false);
const answer = late.call("reserve stock");
console.log(
  `\nA reserve that arrives after its release: ${answer}, stock ${late.state.stock}`,
);
