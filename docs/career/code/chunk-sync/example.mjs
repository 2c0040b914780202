// Cut files by content, send what is missing, commit against an expected version.
import { createHash } from "node:crypto";

const SIZE = 65_536;

function generator(seed) {
  let x = seed;
  return () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff;
    return x >>> 15;
  };
}

const words = generator(1);
const GEAR = Uint32Array.from({ length: 256 }, () => (words() << 16) | words());

function randomBytes(seed, size) {
  const next = generator(seed);
  return Buffer.from(Array.from({ length: size }, () => next() & 0xff));
}

// --8<-- [start:show]
const [SHORTEST, LONGEST] = [256, 4096];
const CUT = 0xffc00000; // ten bits must be zero: about 1,024 bytes after the shortest

function byContent(data) {
  const chunks = [];
  let [start, rolling] = [0, 0];
  for (const [i, byte] of data.entries()) {
    rolling = ((rolling << 1) + GEAR[byte]) | 0; // the last 32 bytes
    const length = i + 1 - start;
    if ((length >= SHORTEST && !(rolling & CUT)) || length === LONGEST) {
      chunks.push(data.subarray(start, i + 1));
      [start, rolling] = [i + 1, 0];
    }
  }
  if (start < data.length) chunks.push(data.subarray(start));
  return chunks;
}

/** All that one namespace has; a chunk of another does not count. */
class Namespace {
  chunks = new Map();
  heads = new Map();
  done = new Map();
  journal = [];

  missing(names) {
    return [...new Set(names)].filter((name) => !this.chunks.has(name));
  }

  put(name, chunk) {
    if (digest(chunk) !== name) return 422;
    this.chunks.set(name, chunk);
    return 201;
  }

  commit(key, path, replaces, names) {
    // A retry is not a conflict with itself.
    if (this.done.has(key)) return [200, this.done.get(key)];
    const version = this.heads.get(path)?.version ?? 0;
    if (version !== replaces) return [412, version];
    if (this.missing(names).length > 0) return [409, version];
    const next = version + 1;
    this.heads.set(path, { version: next, names }); // from here in one transaction
    this.journal.push(`${path} v${next}`);
    this.done.set(key, next);
    return [200, next];
  }
}
// --8<-- [end:show]

function digest(chunk) {
  return createHash("sha256").update(chunk).digest("hex");
}

function fixed(data) {
  const chunks = [];
  for (let i = 0; i < data.length; i += 1024) {
    chunks.push(data.subarray(i, i + 1024));
  }
  return chunks;
}

function sent(cut, before, after) {
  const have = new Set(cut(before).map(digest));
  const chunks = cut(after);
  const missing = chunks.filter((chunk) => !have.has(digest(chunk))).length;
  return `${String(missing).padStart(2)} of ${chunks.length}`;
}

function save(namespace, who, key, path, replaces, data) {
  const cut = byContent(data);
  const names = cut.map(digest);
  const chunks = new Map(names.map((name, i) => [name, cut[i]]));
  const wanted = namespace.missing(names);
  for (const name of wanted) namespace.put(name, chunks.get(name));
  const [status, version] = namespace.commit(key, path, replaces, names);
  const size = wanted.reduce((sum, name) => sum + chunks.get(name).length, 0);
  console.log(
    `${who.padEnd(6)} ${path.padEnd(16)} replaces ${replaces}: ${status}, ` +
      `version ${version}, sent ${String(wanted.length).padStart(2)} (${size} bytes)`,
  );
  return status;
}

const old = randomBytes(7, SIZE);
const note = Buffer.from("ten bytes!");
const front = Buffer.concat([note, old]);
const end = Buffer.concat([old, note]);
const middle = Buffer.concat([
  old.subarray(0, 30_000),
  note,
  old.subarray(30_010),
]);

console.log("to send            fixed     by content");
for (const [label, data] of [
  ["10 at the front", front],
  ["10 at the end", end],
  ["10 overwritten", middle],
]) {
  const columns = [sent(fixed, old, data), sent(byContent, old, data)];
  console.log(`${label.padEnd(17)}  ${columns.join("  ")}`);
}

console.log();
const namespace = new Namespace();
save(namespace, "laptop", "k1", "plan.doc", 0, old);
save(namespace, "laptop", "k2", "plan.doc", 1, front);
save(namespace, "laptop", "k2", "plan.doc", 1, front);
if (save(namespace, "phone", "k3", "plan.doc", 1, end) === 412) {
  save(namespace, "phone", "k4", "plan (phone).doc", 0, end);
}

console.log();
console.log(
  `tablet, changes after 1: ${namespace.journal.slice(1).join(", ")}`,
);
const { names } = namespace.heads.get("plan.doc");
const copy = Buffer.concat(names.map((name) => namespace.chunks.get(name)));
console.log(
  `tablet, plan.doc is the laptop's: ${copy.equals(front) ? "yes" : "no"}`,
);
console.log(
  `damaged chunk: ${namespace.put(names[0], Buffer.from("damaged"))}`,
);
const stranger = new Namespace();
const [status] = stranger.commit("k5", "theirs.doc", 0, names);
const lacking = stranger.missing(names).length;
console.log(
  `stranger who knows the hashes: ${status}, ${lacking} chunks missing`,
);
