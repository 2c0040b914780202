// Workers on a job queue in PostgreSQL: leases, backoff, dead jobs, one tick.
import { connect } from "./postgres.mjs";

// Seconds of the injected clock; a real table has timestamptz and now().
const SCHEMA = `
  CREATE TABLE jobs (
    id           integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind         text NOT NULL,
    payload      jsonb NOT NULL,
    unique_key   text UNIQUE,
    priority     integer NOT NULL DEFAULT 0,
    state        text NOT NULL DEFAULT 'queued',
    run_at       integer NOT NULL DEFAULT 0,
    attempts     integer NOT NULL DEFAULT 0,
    max_attempts integer NOT NULL DEFAULT 3,
    leased_until integer,
    last_error   text
  );
  INSERT INTO jobs (kind, payload, priority) VALUES
    ('receipt', '{"v": 1}', 0), ('sync', '{"v": 1}', 0),
    ('thumbnail', '{"v": 1}', 0), ('export', '{"v": 1}', 0),
    ('receipt', '{"v": 9}', 0), ('resize', '{"v": 1}', 0),
    ('password', '{"v": 1}', 10)`;
const LEASE = 30; // seconds
const HEARTBEAT_EVERY = 10;

// The job failed and may do better later, unless the failure is permanent.
class JobError extends Error {
  constructor(reason, { permanent = false } = {}) {
    super(reason);
    this.permanent = permanent;
  }
}

// The end of a process: nobody settles its job.
class WorkerDied extends Error {}

// --8<-- [start:show]
const REAP = `
  UPDATE jobs SET run_at = $1, last_error = 'lease expired', state =
    CASE WHEN attempts < max_attempts THEN 'retrying' ELSE 'dead' END
  WHERE state = 'active' AND leased_until <= $1`;
const CLAIM = `
  UPDATE jobs SET state = 'active', attempts = attempts + 1, leased_until = $2
  WHERE id = (
    SELECT id FROM jobs WHERE state IN ('queued', 'retrying') AND run_at <= $1
    ORDER BY priority DESC, run_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
  RETURNING id, kind, payload, attempts AS attempt, max_attempts`;
// The attempt proves the lease: after another claim it has another number.
const HELD = "WHERE id = $1 AND attempts = $2 AND state = 'active'";
const EXTEND = `UPDATE jobs SET leased_until = $3 ${HELD}`;
const COMPLETE = `UPDATE jobs SET state = 'completed' ${HELD}`;
const FAIL = `UPDATE jobs SET state = $3, run_at = $4, last_error = $5 ${HELD}`;
const TICK = `
  INSERT INTO jobs (kind, payload, unique_key) VALUES ('report', '{"v": 1}', $1)
  ON CONFLICT (unique_key) DO NOTHING`;

// Full jitter: from 1 second to a ceiling that doubles, at most 60.
function backoff(attempt, random) {
  return 1 + random(Math.min(60, 5 * 2 ** (attempt - 1)));
}

// Do the work; write down the outcome only if the job is still ours.
async function settle(db, job, now, random, work) {
  const held = [job.id, job.attempt];
  let outcome;
  let kept;
  try {
    outcome = await work(job);
    kept = await db.execute(COMPLETE, held);
  } catch (error) {
    if (!(error instanceof JobError)) throw error;
    const last = error.permanent || job.attempt === job.max_attempts;
    const wait = last ? 0 : backoff(job.attempt, random);
    const state = last ? "dead" : "retrying";
    outcome = `${error.message}, ${last ? "dead" : `again in ${wait} s`}`;
    kept = await db.execute(FAIL, [...held, state, now + wait, error.message]);
  }
  return kept ? outcome : `${outcome}, but the lease was lost`;
}
// --8<-- [end:show]

// The same small generator in every language.
function generator(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return (state >> 16) % below;
  };
}

// Sends one mail a key, as providers with idempotency keys do.
class MailProvider {
  requests = 0;
  sent = new Set();

  send(key) {
    this.requests += 1;
    const seen = this.sent.has(key);
    this.sent.add(key);
    return seen ? "key seen, no second mail" : "mail sent";
  }
}

class Simulation {
  #db;
  #random = generator(7);
  mail = new MailProvider();

  constructor(db) {
    this.#db = db;
  }

  #handle = async ({ id, kind, payload, attempt }) => {
    const version = JSON.parse(payload).v;
    if (version !== 1) {
      throw new JobError(`payload version ${version}`, { permanent: true });
    }
    if (kind === "sync" && attempt < 3) throw new JobError("503");
    if (kind === "thumbnail") throw new JobError("500");
    if (kind === "receipt" || kind === "password") {
      const outcome = this.mail.send(`job-${id}`);
      if (kind === "receipt" && attempt === 1) throw new WorkerDied();
      return `done, ${outcome}`;
    }
    return "done";
  };

  async #tick(worker, now) {
    const { job, start } = worker;
    if (!job) {
      if (now >= worker.freeAt) await this.#claim(worker, now);
      return;
    }
    const paused = job.kind === "resize"; // the whole process, heartbeat included
    const due = now > start && (now - start) % HEARTBEAT_EVERY === 0;
    if (due && !paused) {
      const held = [job.id, job.attempt];
      worker.heartbeats += await this.#db.execute(EXTEND, [
        ...held,
        now + LEASE,
      ]);
    }
    if (now !== worker.freeAt) return;
    let outcome;
    try {
      outcome = await settle(this.#db, job, now, this.#random, this.#handle);
    } catch (error) {
      if (!(error instanceof WorkerDied)) throw error;
      outcome = "mail sent, worker dies";
      worker.freeAt = now + 5; // until the process is back
    }
    if (worker.heartbeats > 0) {
      outcome += ` after ${worker.heartbeats} heartbeats`;
    }
    const times = `${start}`.padStart(4) + `${now}`.padStart(4);
    const columns = job.kind.padEnd(11) + `${job.attempt}`.padEnd(9);
    console.log(
      `${times}  ${worker.name.padEnd(8)}${job.id}  ${columns}${outcome}`,
    );
    worker.job = undefined;
  }

  async #claim(worker, now) {
    const [job] = await this.#db.query(CLAIM, [now, now + LEASE]);
    if (!job) return;
    const slow = { export: 45, resize: 40 }[job.kind] ?? 1;
    const freeAt = now + (job.attempt === 1 ? slow : 1);
    Object.assign(worker, { job, start: now, freeAt, heartbeats: 0 });
  }

  async run() {
    console.log("   s  to  worker  job          attempt  outcome");
    const workers = [
      { name: "A", freeAt: 0 },
      { name: "B", freeAt: 0 },
    ];
    const openJobs =
      "SELECT count(*) FROM jobs WHERE state NOT IN ('completed', 'dead')";
    for (let now = 0; ; now += 1) {
      const [{ count }] = await this.#db.query(openJobs);
      if (count === 0) return;
      await this.#db.execute(REAP, [now]);
      for (const worker of workers) await this.#tick(worker, now);
    }
  }
}

async function report(db, mail) {
  console.log();
  const states = await db.query(
    "SELECT state, count(*), sum(attempts) FROM jobs GROUP BY state ORDER BY state",
  );
  for (const { state, count, sum } of states) {
    console.log(`${state.padEnd(11)}${count} jobs, ${sum} attempts`);
  }
  const dead = await db.query(
    "SELECT id, last_error FROM jobs WHERE state = 'dead' ORDER BY id",
  );
  const reasons = dead.map((job) => `job ${job.id}: ${job.last_error}`);
  console.log(`dead       ${reasons.join(", ")}`);
  console.log(`mail       ${mail.requests} requests, ${mail.sent.size} mails`);
}

await using db = await connect();
await using other = await connect();
await db.execute(SCHEMA);
const first = await db.execute(TICK, ["report 2026-11-21"]);
const second = await other.execute(TICK, ["report 2026-11-21"]);
console.log(`two schedulers, one tick: rows inserted ${first} and ${second}\n`);
const simulation = new Simulation(db);
await simulation.run();
await report(db, simulation.mail);
