// A connection pool: maximum, waiting line, timeout, lifetime, validation, leaks.

class PoolError extends Error {}

/** Opens connections and keeps the time. */
class Server {
  time = 0;
  opened = 0;
  closed = 0;

  async connect() {
    this.opened += 1;
    return new Connection(this, this.opened, this.time);
  }
}

class Connection {
  idleSince = 0;
  alive = true;

  constructor(server, number, openedAt) {
    Object.assign(this, { server, number, openedAt });
  }

  async ping() {
    return this.alive;
  }

  close() {
    this.server.closed += 1;
  }
}

const DEFAULTS = {
  maximum: 10,
  wait: 5, // seconds that a caller waits at most
  lifetime: 1800,
  testAfterIdle: 30,
  leakAfter: 60,
};

class Pool {
  #connect;
  #now;
  #settings;
  #idle = [];
  #lent = new Set();
  #waiters = [];
  #open = 0;
  #closed = false;

  constructor(connect, now, settings) {
    this.#connect = connect;
    this.#now = now;
    this.#settings = { ...DEFAULTS, ...settings };
  }

  // --8<-- [start:show]
  async acquire(who) {
    let connection;
    if (this.#closed) throw new PoolError("the pool is closed");
    if (this.#idle.length > 0) {
      connection = this.#idle.pop(); // the one used last
    } else if (this.#open < this.#settings.maximum) {
      this.#open += 1; // reserve the place before the first await
    } else {
      connection = await this.#wait();
    }
    try {
      connection = await this.#usable(connection);
    } catch (error) {
      this.#passOn(undefined); // a failed attempt must not cost a place
      throw error;
    }
    const lease = { connection, who, since: this.#now() }; // one borrowing
    this.#lent.add(lease);
    return lease;
  }

  release(lease) {
    if (!this.#lent.delete(lease)) throw new PoolError("this lease is over");
    const { connection } = lease;
    connection.idleSince = this.#now();
    const retire = this.#closed || this.#tooOld(connection);
    this.#passOn(retire ? undefined : connection);
    if (retire) connection.close();
  }

  /** To the first in line, so that nobody overtakes; else to the idle ones. */
  #passOn(connection) {
    const waiter = this.#waiters.shift();
    if (waiter) {
      clearTimeout(waiter.timer);
      waiter.resolve(connection); // without one: open your own
    } else if (connection) {
      this.#idle.push(connection);
    } else {
      this.#open -= 1;
    }
  }

  #wait() {
    const { promise, resolve, reject } = Promise.withResolvers();
    const waiter = { resolve, reject };
    waiter.timer = setTimeout(() => {
      this.#waiters = this.#waiters.filter((other) => other !== waiter);
      const lent = `${this.#lent.size} of ${this.#settings.maximum} lent`;
      reject(
        new PoolError(`no connection in ${this.#settings.wait} s, ${lent}`),
      );
    }, this.#settings.wait * 1000);
    this.#waiters.push(waiter);
    return promise;
  }

  // --8<-- [end:show]

  /** The given one if it is young and answers, else a new one in its place. */
  async #usable(connection) {
    if (connection) {
      const idle = this.#now() - connection.idleSince;
      const tested =
        idle <= this.#settings.testAfterIdle || (await connection.ping());
      if (tested && !this.#tooOld(connection)) return connection;
      connection.close();
    }
    return this.#connect();
  }

  #tooOld(connection) {
    return this.#now() - connection.openedAt >= this.#settings.lifetime;
  }

  leaks() {
    return [...this.#lent]
      .map((lease) => ({ lease, age: this.#now() - lease.since }))
      .filter(({ age }) => age > this.#settings.leakAfter)
      .map(
        ({ lease: { who, connection }, age }) =>
          `${who} has held #${connection.number} for ${age} s`,
      );
  }

  /** Refuse those who wait; what is lent is closed when it comes back. */
  close() {
    this.#closed = true;
    for (const { timer, reject } of this.#waiters.splice(0)) {
      clearTimeout(timer);
      reject(new PoolError("the pool is closed"));
    }
    this.#open -= this.#idle.length;
    for (const connection of this.#idle.splice(0)) connection.close();
  }

  state() {
    return `${this.#lent.size} lent, ${this.#waiters.length} waiting`;
  }
}

function newPool(settings) {
  const server = new Server();
  const pool = new Pool(
    () => server.connect(),
    () => server.time,
    settings,
  );
  return { server, pool };
}

async function messageOf(action) {
  try {
    await action();
  } catch (error) {
    if (error instanceof PoolError) return error.message;
    throw error;
  }
  throw new Error("a PoolError was expected");
}

async function fullPool() {
  const { server, pool } = newPool({ maximum: 2, wait: 0.05 });
  const ana = await pool.acquire("ana");
  const ben = await pool.acquire("ben");
  console.log(`ana #${ana.connection.number}, ben #${ben.connection.number}`);
  console.log(`cyd: ${await messageOf(() => pool.acquire("cyd"))}`);
  pool.release(ana);
  const cyd = await pool.acquire("cyd");
  console.log(
    `ana returns, cyd #${cyd.connection.number}, opened ${server.opened}`,
  );
  const refusal = await messageOf(() => pool.release(ana));
  console.log(`ana returns again: ${refusal}, cyd is safe, ${pool.state()}`);
}

async function waitingLine() {
  const { server, pool } = newPool({ maximum: 1 });
  const first = await pool.acquire("first");
  const served = [];
  const borrowers = ["dan", "eve", "fay"].map(async (who) => {
    const lease = await pool.acquire(who);
    served.push(`${who} #${lease.connection.number}`);
    pool.release(lease);
  });
  pool.release(first);
  await Promise.all(borrowers);
  console.log(`in line: ${served.join(", ")}, opened ${server.opened}`);
}

async function twoAtOnce(maximum) {
  const { pool } = newPool({ maximum, wait: maximum === 2 ? 0.05 : 5 });
  const outer = [await pool.acquire("gil"), await pool.acquire("hal")];
  const attempts = outer.map(async (lease) => {
    pool.release(await pool.acquire(lease.who));
    pool.release(lease);
  });
  const results = await Promise.allSettled(attempts);
  const finished = results.filter(({ status }) => status === "fulfilled");
  console.log(
    `two requests that need 2 each, pool of ${maximum}: ${finished.length} finish`,
  );
}

async function aging() {
  const { server, pool } = newPool({ maximum: 1 });
  let lease = await pool.acquire("ida");
  pool.release(lease);
  server.time = 31;
  lease.connection.alive = false; // the database restarted, nobody was told
  lease = await pool.acquire("ida");
  console.log(
    `#1 died while idle: ida #${lease.connection.number}, closed ${server.closed}`,
  );
  pool.release(lease);
  server.time = 2000;
  lease = await pool.acquire("joe");
  console.log(
    `#2 is too old: joe #${lease.connection.number}, closed ${server.closed}`,
  );
  server.time = 2061;
  console.log(`leak: ${pool.leaks().join("; ")}`);
  const kim = messageOf(() => pool.acquire("kim"));
  pool.close();
  pool.release(lease);
  console.log(
    `close, kim: ${await kim}, opened ${server.opened}, closed ${server.closed}`,
  );
}

await fullPool();
await waitingLine();
await twoAtOnce(2);
await twoAtOnce(3);
await aging();
