// Probes that never touch a dependency, and a shutdown that loses no request.
import { spawn } from "node:child_process";
import { once } from "node:events";
import http from "node:http";
import net from "node:net";
import readline from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";

// --8<-- [start:show]
/** What the probes say. A probe reads it and asks nobody. */
class Health {
  started = false;
  draining = false;
  database = "unknown";

  /** Runs in the background; check has a timeout of its own. */
  async refresh(check, every) {
    for (;;) {
      this.database = (await check()) ? "ok" : "failing";
      this.started ||= this.database === "ok";
      await sleep(every);
    }
  }

  live() {
    return [200, "alive"]; // no dependency: a restart would mend none
  }

  ready() {
    if (this.draining) return [503, "draining"];
    if (!this.started) return [503, "starting"];
    // Shared by all instances: another one would do no better, so stay in.
    return [200, this.database === "ok" ? "ready" : "degraded"];
  }
}

/** After SIGTERM. The result is the exit code. */
async function drain(server, health, running, delay, deadline) {
  health.draining = true; // 1. fail readiness, go on serving
  await sleep(delay); // 2. balancers notice
  const finished = once(server, "close").then(() => true);
  server.close(); // 3. accept no more
  console.log("stopped accepting");
  if (await Promise.race([finished, sleep(deadline, false)])) return 0; // 4. finish
  for (const path of running) console.log(`cut ${path}`);
  server.closeAllConnections();
  return 1; // 5. say how it went
}

// --8<-- [end:show]

/** One question to the database; one line is its answer. */
async function ask(port, line, timeout) {
  const socket = net.connect({ port, host: "127.0.0.1", timeout });
  socket.on("timeout", () => socket.destroy(new Error("timeout")));
  socket.setEncoding("utf8").write(`${line}\n`);
  let text = "";
  for await (const piece of socket) text += piece;
  return text.trim();
}

async function serve(database, mode, delay, deadline) {
  const health = new Health();
  const running = new Set();
  const answer = (response, status, text) => {
    if (health.draining) response.setHeader("Connection", "close");
    response
      .writeHead(status, {
        "Content-Type": "text/plain",
        "Content-Length": text.length,
        "Cache-Control": "no-store",
      })
      .end(text);
  };
  const server = http.createServer(
    { headersTimeout: 5000 },
    async (request, response) => {
      const path = request.url;
      if (path === "/livez") return answer(response, ...health.live());
      if (path === "/readyz") return answer(response, ...health.ready());
      running.add(path);
      try {
        answer(response, 201, await ask(database, path, 10_000));
      } catch {
        answer(response, 503, "database failed");
      } finally {
        running.delete(path);
      }
    },
  );
  const stop =
    mode === "drain"
      ? once(process, "SIGTERM")
      : new Promise(() => {}); /* the default: the signal kills */
  const check = () =>
    ask(database, "ping", 1000).then(
      (text) => text === "pong",
      () => false,
    );
  health.refresh(check, 100);
  await once(server.listen(0, "127.0.0.1"), "listening");
  console.log(`port ${server.address().port}`);
  await stop;
  process.exit(await drain(server, health, running, delay, deadline));
}

/** Answers pings; keeps an order waiting until it is released. */
class Database {
  up = true;
  pings = 0;
  slowCame = Promise.withResolvers();
  endlessCame = Promise.withResolvers();
  released = Promise.withResolvers();

  async start() {
    this.server = net.createServer((socket) => {
      socket.on("error", () => socket.destroy());
      socket
        .setEncoding("utf8")
        .once("data", (line) => this.#handle(socket, line.trim()));
    });
    await once(this.server.listen(0, "127.0.0.1"), "listening");
    return this;
  }

  async #handle(socket, line) {
    if (line === "ping") {
      this.pings++;
      socket.end(this.up ? "pong\n" : "");
      return;
    }
    if (line === "/orders/slow") {
      this.slowCame.resolve();
      await this.released.promise;
    } else if (line === "/orders/endless") {
      this.endlessCame.resolve();
      socket.resume(); // until the server is gone
      return;
    }
    socket.end("stored\n");
  }
}

/** The server, in a process of its own. */
class Child {
  async start(database, mode, delay, deadline) {
    const own = [import.meta.filename, database.server.address().port, mode];
    const stdio = ["ignore", "pipe", "inherit"];
    this.process = spawn(process.execPath, [...own, delay, deadline], {
      stdio,
    });
    this.exited = once(this.process, "exit");
    this.lines = readline.createInterface({ input: this.process.stdout });
    this.iterator = this.lines[Symbol.asyncIterator]();
    this.port = Number((await this.line()).replace("port ", ""));
    return this;
  }

  async line() {
    return (await this.iterator.next()).value;
  }

  /** Status and body, or what went wrong; and whether it closes the connection. */
  async send(method, path) {
    const agent = new http.Agent({ keepAlive: true });
    const { port } = this;
    const options = {
      host: "127.0.0.1",
      port,
      method,
      path,
      agent,
      timeout: 20_000,
    };
    try {
      const request = http.request(options).end();
      request.on("timeout", () => request.destroy(new Error("timeout")));
      const [response] = await once(request, "response");
      let body = "";
      for await (const piece of response.setEncoding("utf8")) body += piece;
      const closes = response.headers.connection === "close";
      return [`${response.statusCode} ${body}`, closes];
    } catch (error) {
      return [error.code === "ECONNREFUSED" ? "refused" : "cut", false];
    } finally {
      agent.destroy();
    }
  }

  async until(wanted) {
    for (let n = 0; n < 1000; n++) {
      if ((await this.send("GET", "/readyz"))[0] === wanted) return;
      await sleep(10);
    }
    throw new Error(`never ${wanted}`);
  }

  async inBackground(path) {
    return (await this.send("POST", path))[0];
  }

  async orders(count) {
    const answers = [];
    for (let n = 0; n < count; n++)
      answers.push(await this.send("POST", `/orders/${n}`));
    return answers;
  }

  async exit() {
    const [code, signal] = await this.exited;
    return signal ? `killed by ${signal}` : `code ${code}`;
  }
}

const show = (label, text) => console.log(`  ${label.padEnd(27)}${text}`);

async function probes(database, child) {
  console.log("the probes");
  for (const [label, up, wanted] of [
    ["database down at start", false, "503 starting"],
    ["database answers", true, "200 ready"],
    ["database down later", false, "200 degraded"],
  ]) {
    database.up = up;
    await child.until(wanted);
    const [live] = await child.send("GET", "/livez");
    show(label, `livez ${live}, readyz ${wanted}`);
  }
  const before = database.pings;
  for (let n = 0; n < 100; n++) await child.send("GET", "/readyz");
  const few = database.pings - before < 50 ? "yes" : "no";
  show("100 readiness probes", `pings under 50: ${few}`);
}

async function naive() {
  console.log("\nno handler for SIGTERM");
  const database = await new Database().start();
  const child = await new Child().start(database, "naive", 0, 0);
  const slow = child.inBackground("/orders/slow");
  await database.slowCame.promise;
  child.process.kill("SIGTERM");
  const ended = await child.exit();
  const late = await child.orders(10);
  const refused = late.filter(([answer]) => answer === "refused").length;
  show("order in flight", await slow);
  show("10 orders just after", `${refused} refused`);
  show("exit", ended);
  database.server.close();
}

async function drained(database, child) {
  console.log("\nSIGTERM starts a drain");
  const slow = child.inBackground("/orders/slow");
  await database.slowCame.promise;
  child.process.kill("SIGTERM");
  await child.until("503 draining");
  const [live] = await child.send("GET", "/livez");
  show("probes", `livez ${live}, readyz 503 draining`);
  const late = await child.orders(10);
  const stored = late.filter(([answer]) => answer === "201 stored").length;
  const closing = late.filter(([, closes]) => closes).length;
  show("10 orders while draining", `${stored} stored, ${closing} with close`);
  show("the server", await child.line());
  show("an order after that", (await child.send("POST", "/orders/late"))[0]);
  database.released.resolve();
  show("order in flight", await slow);
  show("exit", await child.exit());
}

async function straggler() {
  console.log("\ndrain with an order that never ends");
  const database = await new Database().start();
  const child = await new Child().start(database, "drain", 0, 300);
  const slow = child.inBackground("/orders/slow");
  const endless = child.inBackground("/orders/endless");
  await database.slowCame.promise;
  await database.endlessCame.promise;
  child.process.kill("SIGTERM");
  await child.line();
  database.released.resolve();
  show("order in flight", await slow);
  show("the endless one", await endless);
  show("the server", await child.line());
  show("exit", await child.exit());
  database.server.close();
}

if (process.argv.length > 2) {
  const [port, mode, delay, deadline] = process.argv.slice(2);
  await serve(Number(port), mode, Number(delay), Number(deadline));
} else {
  const database = await new Database().start();
  database.up = false;
  const child = await new Child().start(database, "drain", 500, 10_000);
  await probes(database, child);
  await naive();
  await drained(database, child);
  database.server.close();
  await straggler();
}
