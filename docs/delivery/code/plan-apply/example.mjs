// Plan and apply over a directory that plays the cloud.
import fs from "node:fs";
import os from "node:os";
import path from "node:path";

const FORCES_NEW = ["engine", "zone"];
const UNKNOWN = "(known after apply)";
const SIGN = { create: "+", update: "~", replace: "-/+", delete: "-" };

// The engine will not go on; nothing was changed.
class RefusedError extends Error {}

// The process dies here, in the middle of an apply.
class CrashError extends Error {}

// One resource of the configuration. "@app.web" refers to its id.
class Wanted {
  constructor(attributes, { protect = false } = {}) {
    this.attributes = attributes;
    this.protect = protect;
  }

  needs() {
    return Object.values(this.attributes)
      .filter((value) => typeof value === "string" && value.startsWith("@"))
      .map((value) => value.slice(1));
  }
}

// The provider's API: one JSON file for each resource.
class Cloud {
  #made = 0;

  constructor(folder) {
    this.folder = folder;
  }

  create(kind, attributes) {
    this.#made += 1;
    this.write(`${kind}-${this.#made}`, attributes);
    return `${kind}-${this.#made}`;
  }

  write(name, attributes) {
    fs.writeFileSync(path.join(this.folder, name), JSON.stringify(attributes));
  }

  read(name) {
    const file = path.join(this.folder, name);
    return fs.existsSync(file)
      ? JSON.parse(fs.readFileSync(file, "utf8"))
      : undefined;
  }

  delete(name) {
    fs.unlinkSync(path.join(this.folder, name));
  }

  names() {
    return fs.readdirSync(this.folder).sort();
  }
}

// Keeps the state file, and a lock beside it.
class Backend {
  constructor(folder) {
    this.file = path.join(folder, "state.json");
    this.lockFile = path.join(folder, "state.lock");
  }

  load() {
    if (!fs.existsSync(this.file)) {
      return { lineage: "sample-lineage-1", serial: 0, resources: {} };
    }
    return JSON.parse(fs.readFileSync(this.file, "utf8"));
  }

  // Only the successor of what is stored, and only of the same lineage.
  save(state) {
    const stored = this.load();
    if (stored.lineage !== state.lineage) {
      throw new RefusedError(`state belongs to ${stored.lineage}`);
    }
    if (stored.serial !== state.serial) {
      throw new RefusedError(`serial ${stored.serial}, not ${state.serial}`);
    }
    state.serial += 1;
    fs.writeFileSync(`${this.file}.tmp`, JSON.stringify(state));
    fs.renameSync(`${this.file}.tmp`, this.file);
  }

  lock(who) {
    try {
      // Atomic: of two processes, one creates the file.
      fs.writeFileSync(this.lockFile, who, { flag: "wx" });
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const owner = fs.readFileSync(this.lockFile, "utf8");
      throw new RefusedError(`locked by ${owner}`);
    }
  }

  unlock() {
    fs.unlinkSync(this.lockFile);
  }
}

// Dependencies before the resources that need them.
function ordered(needs) {
  const done = new Set();
  const visit = (address) => {
    if (!needs.has(address) || done.has(address)) return;
    needs.get(address).forEach(visit);
    done.add(address);
  };
  [...needs.keys()].sort().forEach(visit);
  return [...done];
}

// Replace references by ids, as far as they are known before the apply.
function resolve(attributes, known, fresh) {
  const value = (raw) => {
    if (typeof raw !== "string" || !raw.startsWith("@")) return raw;
    return fresh.has(raw.slice(1)) ? UNKNOWN : known[raw.slice(1)].id;
  };
  return Object.fromEntries(
    Object.entries(attributes).map(([key, raw]) => [key, value(raw)]),
  );
}

// --8<-- [start:show]
// Ask the cloud about everything the state knows; report the difference.
function refresh(state, cloud) {
  const seen = {};
  const drift = [];
  for (const [address, old] of Object.entries(state.resources)) {
    const real = cloud.read(old.id);
    if (real === undefined) {
      drift.push(`${address} is gone`);
      continue;
    }
    for (const key of Object.keys(real).sort()) {
      const was = old.attributes[key];
      if (real[key] !== was) {
        drift.push(`${address} ${key}: ${was} -> ${real[key]}`);
      }
    }
    seen[address] = { ...old, attributes: real };
  }
  return { known: seen, drift };
}

function plan(wanted, state, cloud) {
  const { known, drift } = refresh(state, cloud);
  const steps = [];
  const fresh = new Set(); // will get an id nobody knows yet
  const entries = [...wanted].map(([a, w]) => [a, w.needs()]);
  for (const address of ordered(new Map(entries))) {
    const { attributes, protect } = wanted.get(address);
    const want = resolve(attributes, known, fresh);
    const have = known[address]?.attributes;
    const keys = have === undefined ? [] : Object.keys(want);
    const changed = keys.filter((key) => want[key] !== have[key]);
    if (have !== undefined && changed.length === 0) continue;
    let action = have === undefined ? "create" : "update";
    if (changed.some((key) => FORCES_NEW.includes(key))) action = "replace";
    if (action === "replace" && protect) {
      throw new RefusedError(
        `${address} is protected, ${changed[0]} forces a new one`,
      );
    }
    if (action !== "update") fresh.add(address);
    const why = changed.map((key) => `${key}: ${have[key]} -> ${want[key]}`);
    steps.push({ action, address, why: why.join(", ") });
  }
  const gone = Object.entries(known)
    .filter(([address]) => !wanted.has(address))
    .map(([address, { needs }]) => [address, needs]);
  for (const address of ordered(new Map(gone)).reverse()) {
    steps.push({ action: "delete", address, why: "" }); // what needs others first
  }
  return { steps, serial: state.serial, drift };
}

// --8<-- [end:show]

function apply(plan, wanted, backend, cloud, who, beforeSaving = () => {}) {
  backend.lock(who);
  const state = backend.load();
  if (state.serial !== plan.serial) {
    backend.unlock();
    throw new RefusedError(
      `plan is for serial ${plan.serial}, now ${state.serial}`,
    );
  }
  const { resources } = state;
  for (const { action, address } of plan.steps) {
    const old = resources[address];
    if (action === "replace" || action === "delete") {
      cloud.delete(old.id);
      delete resources[address];
    }
    if (action !== "delete") {
      const resource = wanted.get(address);
      const attributes = resolve(resource.attributes, resources, new Set());
      let id = old?.id;
      if (action === "update") cloud.write(id, attributes);
      else id = cloud.create(address.split(".")[0], attributes);
      resources[address] = { id, attributes, needs: resource.needs() };
    }
    beforeSaving(address); // the gap that no lock closes
    backend.save(state);
  }
  backend.unlock();
  return state;
}

function show({ drift, steps }) {
  for (const line of drift) console.log(`   drift: ${line}`);
  for (const { action, address, why } of steps) {
    const sign = SIGN[action].padStart(3);
    console.log(`   ${sign} ${address.padEnd(16)} ${why}`.trimEnd());
  }
}

function refused(action) {
  try {
    action();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    return `refused: ${error.message}`;
  }
  throw new Error("expected a refusal");
}

function main(root) {
  fs.mkdirSync(path.join(root, "cloud"));
  const cloud = new Cloud(path.join(root, "cloud"));
  const backend = new Backend(root);
  const database = new Wanted({ engine: "17", size: 20 }, { protect: true });
  const wanted = new Map([
    ["app.web", new Wanted({ zone: "a", database: "@db.orders" })],
    ["alias.shop", new Wanted({ target: "@app.web" })],
    ["db.orders", database],
  ]);

  console.log("1  the first run creates, the second has nothing to do");
  const first = plan(wanted, backend.load(), cloud);
  show(first);
  let state = apply(first, wanted, backend, cloud, "ci-1");
  const again = plan(wanted, state, cloud).steps;
  const names = cloud.names().join(" ");
  console.log(
    `   serial ${state.serial}, cloud: ${names}, second plan: ${again.length} steps`,
  );

  console.log("2  somebody resizes the database by hand");
  cloud.write("db-1", { engine: "17", size: 80 });
  const repair = plan(wanted, state, cloud);
  show(repair);

  console.log("3  two runs at once, and a plan that grew old");
  backend.lock("ci-2");
  const second = refused(() => apply(repair, wanted, backend, cloud, "ci-3"));
  console.log(`   ci-3 ${second}`);
  backend.unlock();
  apply(repair, wanted, backend, cloud, "ci-2");
  const late = refused(() => apply(repair, wanted, backend, cloud, "ci-3"));
  console.log(`   ci-3 ${late}`);
  const other = { ...backend.load(), lineage: "sample-lineage-2" };
  console.log(`   a copied folder: ${refused(() => backend.save(other))}`);

  console.log("4  replace, and what depends on it");
  wanted.set("app.web", new Wanted({ zone: "b", database: "@db.orders" }));
  const move = plan(wanted, backend.load(), cloud);
  show(move);
  apply(move, wanted, backend, cloud, "ci-4");
  console.log(`   alias now points to ${cloud.read("alias-3").target}`);
  const newer = { engine: "18", size: 20 };
  wanted.set("db.orders", new Wanted(newer, { protect: true }));
  console.log(`   ${refused(() => plan(wanted, backend.load(), cloud))}`);
  wanted.set("db.orders", database);

  console.log("5  ci-5 dies between the create and the saved state");
  wanted.set("cache.carts", new Wanted({ size: 2 }));
  const die = (address) => {
    throw new CrashError(address);
  };
  const grow = plan(wanted, backend.load(), cloud);
  try {
    apply(grow, wanted, backend, cloud, "ci-5", die);
  } catch (error) {
    if (!(error instanceof CrashError)) throw error;
    console.log(`   crash at ${error.message}`);
  }
  const next = refused(() => apply(grow, wanted, backend, cloud, "ci-6"));
  console.log(`   ci-6 ${next}`);
  backend.unlock(); // by a person who made sure that ci-5 is dead
  state = backend.load();
  const managed = Object.values(state.resources).map(({ id }) => id);
  const [orphan] = cloud.names().filter((name) => !managed.includes(name));
  console.log(`   orphan: ${orphan}, and the next plan makes a second one`);
  show(plan(wanted, state, cloud));
  const attributes = cloud.read(orphan);
  state.resources["cache.carts"] = { id: orphan, attributes, needs: [] };
  backend.save(state);
  const rest = plan(wanted, state, cloud).steps;
  console.log(`   imported: the plan has ${rest.length} steps`);

  console.log("6  two resources leave the configuration");
  wanted.delete("app.web");
  wanted.delete("alias.shop");
  show(plan(wanted, state, cloud));
}

const root = fs.mkdtempSync(path.join(os.tmpdir(), "plan-"));
try {
  main(root);
} finally {
  fs.rmSync(root, { recursive: true });
}
