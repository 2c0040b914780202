// Load typed configuration from five sources, fail fast, reload atomically.
import { once } from "node:events";
import { mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import net from "node:net";
import os from "node:os";
import path from "node:path";
import { inspect } from "node:util";

const FIRST = "sample-only-7f3a91";
const ROTATED = "sample-only-c02d55";
const printed = [];

function say(line) {
  printed.push(line);
  console.log(line);
}

// Its text leaves only through reveal(); every other way prints a mask.
class Secret {
  #text;

  constructor(text) {
    this.#text = text;
  }

  reveal() {
    return this.#text;
  }

  equals(other) {
    return other instanceof Secret && this.#text === other.#text;
  }

  toString() {
    return "[redacted]";
  }

  toJSON() {
    return "[redacted]";
  }

  [inspect.custom]() {
    return "[redacted]";
  }
}

class ConfigError extends Error {
  constructor(...errors) {
    super(errors.join("; "));
    this.errors = errors;
  }
}

const LABELS = {
  default: () => "default",
  file: (key) => `file ${key}`,
  env: (key) => `env APP_${key.toUpperCase()}`,
  "secret file": (key) => `secret file ${key}`,
  flag: (key) => `flag --${key.replaceAll("_", "-")}`,
};

function source(kind, values, { mayHoldSecrets = false } = {}) {
  return { label: LABELS[kind], values, mayHoldSecrets };
}

function integer(low, high) {
  return (text) => {
    if (!/^-?[0-9]{1,9}$/.test(text)) {
      throw new RangeError(`"${text}" is not an integer`);
    }
    const n = Number(text);
    if (n < low || n > high) {
      throw new RangeError(`${text} is not in ${low}..${high}`);
    }
    return n;
  };
}

function oneOf(...allowed) {
  return (text) => {
    if (!allowed.includes(text)) {
      throw new RangeError(`"${text}" is not one of ${allowed.join(", ")}`);
    }
    return text;
  };
}

function secret(shortest) {
  return (text) => {
    if (text.length < shortest) {
      // Says nothing of the text itself.
      throw new RangeError(`shorter than ${shortest} characters`);
    }
    return new Secret(text);
  };
}

const DEFAULTS = new Map([
  ["port", "8080"],
  ["timeout_ms", "2000"],
  ["pool_size", "10"],
  ["log_level", "info"],
]);

// --8<-- [start:show]
const FIELDS = new Map([
  ["port", integer(1, 65_535)],
  ["timeout_ms", integer(50, 60_000)],
  ["pool_size", integer(1, 100)],
  ["log_level", oneOf("debug", "info", "warn", "error")],
  ["db_password", secret(12)], // no default: required
]);
const SECRETS = ["db_password"];
const NEEDS_RESTART = ["port", "pool_size"];

// Weakest source first. A whole configuration, or all that is wrong.
function load(sources) {
  const errors = [];
  const found = new Map();
  for (const source of sources) {
    for (const key of [...source.values.keys()].sort()) {
      const label = source.label(key);
      if (!FIELDS.has(key)) {
        errors.push(`${label}: unknown${didYouMean(source, key)}`);
      } else if (SECRETS.includes(key) && !source.mayHoldSecrets) {
        errors.push(`${label}: a secret does not belong here`);
      } else {
        // The stronger source wins.
        found.set(key, { label, text: source.values.get(key) });
      }
    }
  }

  const config = {};
  const origin = new Map();
  for (const [key, parse] of FIELDS) {
    if (!found.has(key)) {
      errors.push(`${key}: missing`);
      continue;
    }
    const { label, text } = found.get(key);
    origin.set(key, label);
    try {
      config[key] = parse(text);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      errors.push(`${label}: ${error.message}`);
    }
  }
  if (errors.length > 0) throw new ConfigError(...errors);
  return { config: Object.freeze(config), origin, version: 1 };
}

// One reference to a frozen value: replaced as a whole or not at all.
class Live {
  static async start(read) {
    const live = new Live();
    live.read = read;
    live.current = load(await read());
    return live;
  }

  // Called by one watcher, never twice at a time.
  async reload() {
    const old = this.current;
    const next = load(await this.read()); // may throw: the old one stays
    for (const key of NEEDS_RESTART) {
      if (!same(next.config[key], old.config[key])) {
        throw new ConfigError(`${next.origin.get(key)}: needs a restart`);
      }
    }
    const keys = [...FIELDS.keys()];
    if (keys.some((key) => !same(next.config[key], old.config[key]))) {
      this.current = { ...next, version: old.version + 1 };
    }
  }
}

// --8<-- [end:show]

function same(a, b) {
  return a instanceof Secret ? a.equals(b) : a === b;
}

function didYouMean(source, key) {
  let best;
  for (const name of FIELDS.keys()) {
    if (best === undefined || distance(key, name) < distance(key, best)) {
      best = name;
    }
  }
  if (distance(key, best) > 2) return "";
  return `; did you mean ${source.label(best).split(" ").at(-1)}?`;
}

function distance(a, b) {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i += 1) {
    const last = row;
    row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      row.push(Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + cost));
    }
  }
  return row.at(-1);
}

async function readJson(file) {
  const name = path.basename(file);
  let content;
  try {
    content = JSON.parse(await readFile(file, "utf8"));
  } catch (error) {
    const why =
      error instanceof SyntaxError ? "not valid JSON" : "cannot be read";
    throw new ConfigError(`file ${name}: ${why}`);
  }
  if (
    content === null ||
    typeof content !== "object" ||
    Array.isArray(content)
  ) {
    throw new ConfigError(`file ${name}: not an object`);
  }
  const texts = Object.entries(content).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return new Map(texts);
}

async function readSources(file, environ, args) {
  const env = new Map();
  const mounted = new Map();
  const flags = new Map();
  for (const [name, value] of Object.entries(environ)) {
    if (!name.startsWith("APP_")) continue;
    const key = name.slice("APP_".length).toLowerCase();
    if (!key.endsWith("_file")) {
      env.set(key, value);
      continue;
    }
    const field = key.slice(0, -"_file".length);
    try {
      mounted.set(field, (await readFile(value, "utf8")).replace(/\n+$/, ""));
    } catch {
      throw new ConfigError(`secret file ${field}: cannot be read`);
    }
  }
  for (const arg of args) {
    const [name, ...rest] = arg.replace(/^--/, "").split("=");
    flags.set(name.replaceAll("-", "_"), rest.join("="));
  }
  return [
    source("default", DEFAULTS),
    source("file", await readJson(file)),
    source("env", env, { mayHoldSecrets: true }),
    source("secret file", mounted, { mayHoldSecrets: true }),
    source("flag", flags),
  ];
}

// A reader sees the old file or the new one, never half of it.
async function replace(file, text) {
  await writeFile(`${file}.tmp`, text);
  await rename(`${file}.tmp`, file);
}

// Configuration first: only a valid one gets a listener.
async function boot(read) {
  let live;
  try {
    live = await Live.start(read);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    for (const line of error.errors) say(`   ${line}`);
    return undefined;
  }
  const listener = net.createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  return { live, listener };
}

async function attempt(live, title) {
  let verdict = "accepted";
  try {
    await live.reload();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    verdict = `refused: ${error.message}`;
  }
  const { version, config } = live.current;
  const timeout = String(config.timeout_ms).padStart(5);
  say(`   ${title.padEnd(20)} v${version} ${timeout}  ${verdict}`);
}

const yesNo = (value) => (value ? "yes" : "no");

async function main(folder) {
  const file = path.join(folder, "app.json");
  const mounted = path.join(folder, "db_password");
  say("1  every error at once, before anything listens");
  const broken = { timout_ms: 1500, pool_size: 500, db_password: FIRST };
  await replace(file, JSON.stringify(broken));
  const refused = await boot(() =>
    readSources(
      file,
      { APP_PORT: "80 80", APP_LOG_LEVL: "info", HOME: "/root" },
      ["--log-level=verbose"],
    ),
  );
  say(`   listening: ${yesNo(refused !== undefined)}`);

  say("2  the strongest source wins, and is remembered");
  await replace(file, JSON.stringify({ timeout_ms: 1500, pool_size: 15 }));
  await replace(mounted, `${FIRST}\n`);
  const environ = {
    APP_POOL_SIZE: "20",
    APP_LOG_LEVEL: "warn",
    APP_DB_PASSWORD: "sample-only-from-env",
    APP_DB_PASSWORD_FILE: mounted,
  };
  const { live, listener } = await boot(() =>
    readSources(file, environ, ["--log-level=debug"]),
  );
  const { config, origin } = live.current;
  for (const [key, label] of origin) {
    say(`   ${key.padEnd(12)} ${String(config[key]).padEnd(11)} ${label}`);
  }
  const asJson = JSON.stringify(config.db_password);
  const dump = yesNo(inspect(live.current, { depth: null }).includes(FIRST));
  say(`   db_password as JSON: ${asJson}, in a full dump: ${dump}`);
  say(`   listening: ${yesNo(listener.listening)}`);

  say("3  reload while running");
  const request = config; // a request takes its snapshot once
  await replace(file, JSON.stringify({ timeout_ms: 900 }));
  await attempt(live, "timeout_ms 900");
  say(`   a request that began before still has ${request.timeout_ms}`);
  await writeFile(file, '{"timeout_ms": 7');
  await attempt(live, "file half written");
  await replace(file, JSON.stringify({ timeout_ms: 700, port: 9000 }));
  await attempt(live, "700 and port 9000");
  await replace(file, JSON.stringify({ timeout_ms: 900 }));
  await replace(mounted, `${ROTATED}\n`);
  await attempt(live, "secret rotated");
  const rotated = live.current.config.db_password.equals(new Secret(ROTATED));
  say(`   new password loaded: ${yesNo(rotated)}`);
  const all = printed.join("\n");
  const leaked = all.includes(FIRST) || all.includes(ROTATED);
  say(`   a secret was printed: ${yesNo(leaked)}`);
  listener.close();
}

const folder = await mkdtemp(path.join(os.tmpdir(), "config-"));
try {
  await main(folder);
} finally {
  await rm(folder, { recursive: true });
}
