// A retry storm in virtual time: who makes it, who ends it.

const CLIENTS = 1000;
const TRIES = 4;
const BASE = 500; // milliseconds
const CAP = 8000;
const SLOTS = 400; // of 100 ms
const FROM = 100; // the slots of the trouble
const UNTIL = 150;
const UNITS = 480; // a slot's work: an answer costs 4 units, a refusal 1

class Dice {
  #state = 42n;

  between(low, high) {
    this.#state = (this.#state * 1103515245n + 12345n) % 2n ** 31n;
    return low + ((Number(this.#state) >> 8) % (high - low + 1));
  }
}

// --8<-- [start:show]
/** Milliseconds before the next try. */
function wait(strategy, attempt, previous, dice) {
  const ceiling = Math.min(CAP, BASE * 2 ** (attempt - 1));
  switch (strategy) {
    case "naive":
      return 0;
    case "exponential":
      return ceiling;
    case "equal jitter":
      return dice.between(Math.floor(ceiling / 2), ceiling);
    case "decorrelated":
      return Math.min(CAP, dice.between(BASE, previous * 3));
    default:
      return dice.between(0, ceiling);
  }
}

/** How many are answered. Saying no is cheaper, and not free. */
function serve(slot, requests) {
  const units = FROM <= slot && slot < UNTIL ? UNITS / 2 : UNITS;
  const answers = Math.floor((units - requests) / 3);
  return Math.min(requests, Math.max(0, answers));
}

// --8<-- [end:show]

/** Every call brings a tenth of a retry; at most ten are saved. */
class Budget {
  #limited;
  #saved = 1000; // hundredths

  constructor(limited) {
    this.#limited = limited;
  }

  deposit() {
    this.#saved = Math.min(1000, this.#saved + 10);
  }

  withdraw() {
    if (!this.#limited) return true;
    if (this.#saved < 100) return false;
    this.#saved -= 100;
    return true;
  }
}

function herd(strategy) {
  const dice = new Dice();
  const tries = Array(16).fill(0);
  for (let client = 0; client < CLIENTS; client += 1) {
    let now = 0;
    let previous = BASE;
    for (let attempt = 1; attempt < TRIES; attempt += 1) {
      previous = wait(strategy, attempt, previous, dice);
      now += previous;
      if (now < 1600) tries[Math.floor(now / 100)] += 1;
    }
  }
  const tens = tries.map((each) => String(Math.floor(each / 10)).padStart(4));
  console.log(strategy.padEnd(12) + tens.join(""));
}

class World {
  #slots = Array.from({ length: 500 }, () => []); // the attempts that arrive
  #peak = 0;
  #served = 0; // while in trouble
  #atEnd = 0; // in the last second
  #lastRefusal = 0;

  constructor(strategy, openLoop) {
    this.strategy = strategy;
    this.openLoop = openLoop;
  }

  run() {
    const dice = new Dice();
    const budget = new Budget(this.strategy.includes("budget"));
    for (let client = 0; client < CLIENTS; client += 1) {
      this.#slots[client % 10].push(1);
    }
    for (let slot = 0; slot < SLOTS; slot += 1) {
      const requests = this.#slots[slot];
      if (this.openLoop && slot >= 10) {
        requests.push(...Array(CLIENTS / 10).fill(1));
      }
      const count = requests.length;
      const answered = serve(slot, count);
      this.#peak = Math.max(this.#peak, count);
      if (FROM <= slot && slot < UNTIL) this.#served += answered;
      if (slot >= SLOTS - 10) this.#atEnd += answered;
      if (answered < count) this.#lastRefusal = slot;
      for (const [place, attempt] of requests.entries()) {
        if (attempt === 1) budget.deposit();
        // The answers are spread evenly over the requests.
        const before = Math.floor((place * answered) / count);
        const lucky = Math.floor(((place + 1) * answered) / count) > before;
        const again = attempt < TRIES && this.strategy !== "no retries";
        if (!lucky && again && budget.withdraw()) {
          const pause = wait(this.strategy, attempt, BASE, dice);
          this.#slots[slot + 1 + Math.floor(pause / 100)].push(attempt + 1);
        } else if (!this.openLoop) {
          this.#slots[slot + 10].push(1); // the next call, 1 s later
        }
      }
    }
  }

  row() {
    const after = Math.max(0, this.#lastRefusal + 1 - UNTIL);
    let healthy = `${Math.floor(after / 10)}.${after % 10} s`;
    if (this.#lastRefusal >= SLOTS - 10) healthy = "never";
    return [
      String(this.#peak).padStart(5),
      String(Math.floor(this.#served / 5)).padStart(9),
      String(this.#atEnd).padStart(8),
      healthy.padStart(8),
    ].join("");
  }
}

function storm(strategy) {
  const rows = [true, false].map((openLoop) => {
    const world = new World(strategy, openLoop);
    world.run();
    return world.row();
  });
  console.log(`${strategy.padEnd(15)}${rows.join("  ")}`);
}

/** The last layer is down, so each caller uses all tries it may. */
function layers(label, most, limited) {
  let calls = CLIENTS;
  let row = "";
  for (const tries of most) {
    const budget = new Budget(limited);
    let sent = 0;
    for (let call = 0; call < calls; call += 1) {
      budget.deposit();
      sent += 1;
      for (let retry = 1; retry < tries; retry += 1) {
        if (budget.withdraw()) sent += 1;
      }
    }
    calls = sent;
    row += String(calls).padStart(9);
  }
  console.log(label.padEnd(35) + row);
}

console.log(
  "1,000 clients cut off at 0 s: tens of tries in each 100 ms until 1.6 s",
);
for (const strategy of [
  "exponential",
  "equal jitter",
  "full jitter",
  "decorrelated",
]) {
  herd(strategy);
}
console.log("\n1,000 calls/s; a server for 1,200/s has half from 10 to 15 s");
console.log(
  "               callers keep coming            1,000 clients, a call at a time",
);
console.log(
  "                peak  trouble  at end healthy   peak  trouble  at end healthy",
);
for (const strategy of [
  "no retries",
  "naive",
  "exponential",
  "full jitter",
  "jitter + budget",
]) {
  storm(strategy);
}
console.log("\n1,000 requests, the database is down     api   orders database");
layers("4 tries at each of three layers", [4, 4, 4], false);
layers("4 tries at the last layer only", [1, 1, 4], false);
layers("4 tries each, a budget of 10 %", [4, 4, 4], true);
