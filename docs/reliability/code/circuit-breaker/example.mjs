// A circuit breaker on a timeline: what counts, who may probe, what comes late.
import { setImmediate as nextTurn } from "node:timers/promises";

class CircuitOpenError extends Error {
  name = "CircuitOpenError";
}

/** The service answered with an error. */
class StatusError extends Error {
  name = "StatusError";

  constructor(status) {
    super(String(status));
    this.status = status;
  }
}

// Which errors count.
function judge(error) {
  // Our quota: slow down instead.
  if (error instanceof StatusError && error.status === 429) return "ignored";
  // The caller's mistake: the service works.
  if (error instanceof StatusError && error.status < 500) return "success";
  // The caller left: that proves nothing.
  if (error?.name === "AbortError") return "ignored";
  return "failure";
}

/** Counts by the second: its size does not depend on the traffic. */
class Window {
  #now;
  #seconds;
  #minimumCalls;
  #failurePercent;
  #buckets = [];

  constructor(now, { seconds, minimumCalls, failurePercent }) {
    this.#now = now;
    this.#seconds = seconds;
    this.#minimumCalls = minimumCalls;
    this.#failurePercent = failurePercent;
  }

  add(failed) {
    const second = Math.floor(this.#now() / 1000);
    if (this.#buckets.at(-1)?.second !== second) {
      this.#buckets.push({ second, calls: 0, failures: 0 });
    }
    const bucket = this.#buckets.at(-1);
    bucket.calls += 1;
    if (failed) bucket.failures += 1;
  }

  /** Calls and failures of the last seconds. */
  totals() {
    const oldest = Math.floor(this.#now() / 1000) - this.#seconds;
    this.#buckets = this.#buckets.filter(({ second }) => second > oldest);
    const total = { calls: 0, failures: 0 };
    for (const { calls, failures } of this.#buckets) {
      total.calls += calls;
      total.failures += failures;
    }
    return total;
  }

  trips() {
    const { calls, failures } = this.totals();
    if (calls < this.#minimumCalls) return false;
    return failures * 100 >= this.#failurePercent * calls;
  }

  clear() {
    this.#buckets = [];
  }
}

// --8<-- [start:show]
// Guards one service. Each call brings its own timeout: without one, a call that
// hangs is never counted, and a probe that hangs keeps everybody out.
class Breaker {
  #window;
  #openFor; // milliseconds
  #now;
  #state = "closed";
  #generation = 0;
  #probeAt = 0;

  constructor(window, openFor, now) {
    this.#window = window;
    this.#openFor = openFor;
    this.#now = now;
  }

  get state() {
    return this.#state;
  }

  async run(call) {
    if (this.#state === "open" && this.#now() >= this.#probeAt) {
      this.#enter("half-open"); // this call is the probe
    } else if (this.#state !== "closed") {
      throw new CircuitOpenError();
    }
    const generation = this.#generation;
    let outcome = "success";
    try {
      return await call();
    } catch (error) {
      outcome = judge(error);
      throw error;
    } finally {
      this.#settle(generation, outcome);
    }
  }

  #settle(generation, outcome) {
    // Late: the call began before the state last changed.
    if (generation !== this.#generation) return;
    if (this.#state === "half-open") {
      if (outcome === "success") this.#enter("closed");
      else if (outcome === "failure") this.#enter("open", this.#openFor);
      else this.#enter("open"); // canceled: the next caller probes
    } else if (outcome !== "ignored") {
      this.#window.add(outcome === "failure");
      if (this.#window.trips()) this.#enter("open", this.#openFor);
    }
  }

  #enter(state, wait = 0) {
    this.#state = state;
    this.#generation += 1;
    this.#probeAt = this.#now() + wait;
    this.#window.clear();
  }
}

// --8<-- [end:show]

function failWith(answer) {
  switch (answer) {
    case "timeout":
      throw new DOMException("no answer in time", "TimeoutError");
    case "canceled":
      throw new DOMException("the caller left", "AbortError");
    default:
      throw new StatusError(Number(answer));
  }
}

/** Calls a service that answers when and what it is told. */
class Timeline {
  #second = 0;
  #now = () => this.#second * 1000;
  #window = new Window(this.#now, {
    seconds: 10,
    minimumCalls: 4,
    failurePercent: 50,
  });
  #breaker = new Breaker(this.#window, 4000, this.#now);
  reached = 0;
  refused = 0;

  async #service(answer) {
    this.reached += 1;
    const said = await answer;
    if (said !== "ok") failWith(said);
  }

  async #guarded(answer) {
    try {
      await this.#breaker.run(() => this.#service(answer));
      return "ok";
    } catch (error) {
      switch (error.name) {
        case "CircuitOpenError":
          this.refused += 1;
          return "refused";
        case "StatusError":
          return error.message;
        case "TimeoutError":
          return "timeout";
        case "AbortError":
          return "canceled";
        default:
          throw error;
      }
    }
  }

  /** Returns when the call waits for its answer, or was refused. */
  async start() {
    const { promise: answer, resolve } = Promise.withResolvers();
    const pending = { waiting: true };
    const outcome = this.#guarded(answer).finally(
      () => (pending.waiting = false),
    );
    pending.end = (said) => {
      resolve(said);
      return outcome;
    };
    await nextTurn();
    return pending;
  }

  async call(second, label, answer) {
    this.#second = second;
    const pending = await this.start();
    this.row(label, await pending.end(answer));
  }

  async late(second, label, pending, answer) {
    this.#second = second;
    this.row(label, `${await pending.end(answer)}, late`);
  }

  moveTo(second) {
    this.#second = second;
  }

  row(label, outcome) {
    const { calls, failures } = this.#window.totals();
    const state = this.#breaker.state;
    const counted = state === "closed" ? `${failures} of ${calls}` : "-";
    const time = `${String(this.#second).padStart(2)} s  `;
    const cells = [label.padEnd(17), outcome.padEnd(13), counted.padEnd(11)];
    console.log(time + cells.join("") + state);
  }
}

console.log(
  "opens at 50 % failures of at least 4 calls in 10 s, stays open for 4 s",
);
console.log("time  call             outcome      failures   state");
const line = new Timeline();
const slow = [await line.start(), await line.start(), await line.start()];
line.row("three slow calls", "start");
await line.call(1, "call", "ok");
await line.call(2, "call", "503");
await line.call(3, "call", "404");
await line.call(4, "call", "timeout");
await line.call(5, "call", "ok");
await line.late(6, "first slow call", slow[0], "ok");

line.moveTo(8);
const callers = await Promise.all(
  Array.from({ length: 10 }, () => line.start()),
);
const probes = callers.filter(({ waiting }) => waiting);
line.row("ten callers", `${callers.length - probes.length} refused`);
await line.late(8, "second slow call", slow[1], "ok");
for (const probe of probes) line.row("the probe", await probe.end("timeout"));
await line.call(9, "call", "ok");
await line.call(12, "probe", "canceled");
await line.call(12, "next probe", "ok");
await line.late(13, "third slow call", slow[2], "503");
for (const second of [14, 15, 16, 26]) await line.call(second, "call", "503");
console.log(
  `${line.reached} calls reached the service, ${line.refused} were refused`,
);
