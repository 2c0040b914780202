// A worker pool with a bounded queue: reject, drop the oldest, or block.

// --8<-- [start:show]
class Pool {
  ran = [];
  refused = [];
  dropped = [];
  expired = [];
  #queue = [];
  #waiting = []; // submitters, to be woken in turn
  #closed = false;
  #wake = () => {};

  constructor(capacity, policy, clock) {
    Object.assign(this, { capacity, policy, clock });
    this.done = this.#run();
  }

  async submit(job) {
    while (this.#queue.length >= this.capacity) {
      if (this.policy === "reject") {
        this.refused.push(job.number);
        return false;
      }
      if (this.policy === "drop-oldest") {
        this.dropped.push(this.#queue.shift().number);
      } else {
        await new Promise((resolve) => this.#waiting.push(resolve)); // backpressure
      }
    }
    this.#queue.push(job);
    this.#wake();
    return true;
  }

  async #run() {
    while (!this.#closed || this.#queue.length > 0) {
      const job = this.#queue.shift();
      this.#waiting.shift()?.();
      if (!job) {
        await new Promise((resolve) => (this.#wake = resolve));
      } else if (this.clock.now > (job.deadline ?? Infinity)) {
        this.expired.push(job.number); // nobody waits for it any more
      } else {
        await job.work();
        this.ran.push(job.number);
      }
    }
  }

  close() {
    this.#closed = true;
    this.#wake();
    return this.done;
  }
}
// --8<-- [end:show]

const numbers = (values) => values.join(" ") || "-";

/** A job that says when it has begun and ends when the gate is opened. */
function heldJob() {
  const [started, gate] = [Promise.withResolvers(), Promise.withResolvers()];
  const work = () => {
    started.resolve();
    return gate.promise;
  };
  return {
    job: { number: 1, work },
    started: started.promise,
    open: gate.resolve,
  };
}

/** Lets everything run that can run without the gate. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** One worker, held by job 1; two places in the queue; jobs 2 to 6 follow. */
async function sixJobs(policy) {
  const pool = new Pool(2, policy, { now: 0 });
  const { job, started, open } = heldJob();
  let handed = 0;
  const submitter = (async () => {
    await pool.submit(job);
    handed++;
    await started;
    for (let number = 2; number <= 6; number++) {
      await pool.submit({ number, work: async () => {} });
      handed++;
    }
  })();
  await settle();
  const waits = handed < 6 ? `waits after ${handed}` : "never waits";
  open();
  await submitter;
  await pool.close();
  console.log(
    `${policy.padEnd(12)}ran ${numbers(pool.ran).padEnd(12)}` +
      `refused ${numbers(pool.refused).padEnd(6)}` +
      `dropped ${numbers(pool.dropped).padEnd(6)}caller ${waits}`,
  );
}

/** Job 2 may wait 100 ms, job 3 may wait 900; the worker is held for 500. */
async function expiry() {
  const clock = { now: 0 };
  const pool = new Pool(2, "reject", clock);
  const { job, started, open } = heldJob();
  await pool.submit(job);
  await started;
  await pool.submit({ number: 2, work: async () => {}, deadline: 100 });
  await pool.submit({ number: 3, work: async () => {}, deadline: 900 });
  clock.now = 500;
  open();
  await pool.close();
  console.log(
    `deadlines   ran ${numbers(pool.ran).padEnd(12)}expired ${numbers(pool.expired)}`,
  );
}

console.log("one worker, held by job 1; queue of 2; jobs 2 to 6 arrive");
for (const policy of ["reject", "drop-oldest", "block"]) await sixJobs(policy);
console.log("the worker is held for 500 ms; job 2 is due at 100, job 3 at 900");
await expiry();
