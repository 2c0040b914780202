// Encrypt fields under a key per person; rotate, look up, erase, forget.
import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createHmac,
} from "node:crypto";

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const DAY = 86_400; // seconds
const NOW = 1_767_225_600; // seconds since 1970
const KEEP_DAYS = 90;
const BATCH = 2;
const GCM = "aes-256-gcm";

// No key, or a ciphertext that was not made for this place.
class UnreadableError extends Error {}

// --8<-- [start:show]
// The place is authenticated, not stored: nobody can move the ciphertext.
function seal(key, plain, place, random) {
  const nonce = random(NONCE_BYTES); // once per key, ever: a second time breaks GCM
  const cipher = createCipheriv(GCM, key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(place));
  const parts = [nonce, cipher.update(plain), cipher.final()];
  return Buffer.concat([...parts, cipher.getAuthTag()]);
}

function unseal(key, sealed, place) {
  const nonce = sealed.subarray(0, NONCE_BYTES);
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv(GCM, key, nonce, options);
  decipher.setAAD(Buffer.from(place));
  decipher.setAuthTag(sealed.subarray(-TAG_BYTES));
  const plain = decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES));
  try {
    return Buffer.concat([plain, decipher.final()]); // never use plain before final
  } catch {
    throw new UnreadableError("refused");
  }
}

class People {
  // The KMS wraps and unwraps; its keys never leave it.
  constructor(kms, indexKey, random) {
    Object.assign(this, { kms, indexKey, random });
    this.keys = new Map(); // backed up apart
    this.fields = new Map();
    this.index = new Map();
  }

  read(person, column) {
    if (!this.keys.has(person)) throw new UnreadableError("no key");
    const key = this.kms.unwrap(this.keys.get(person), `key|${person}`);
    const place = `people|${person}|${column}`;
    return unseal(key, this.fields.get(place), place).toString();
  }

  // From now on every copy of the fields is noise.
  erase(person) {
    this.keys.delete(person);
    for (const place of this.fields.keys()) {
      if (place.startsWith(`people|${person}|`)) this.fields.delete(place);
    }
    for (const [hash, who] of this.index) {
      if (who === person) this.index.delete(hash);
    }
  }
}
// --8<-- [end:show]

// Equal for equal e-mails, and no guessing without the key.
function blind(people, email) {
  const text = email.trim().toLowerCase();
  return createHmac("sha256", people.indexKey).update(text).digest("hex");
}

// Wraps all data keys under the current version; no field changes.
function rotate({ kms, keys }) {
  for (const [person, wrapped] of keys) {
    const key = kms.unwrap(wrapped, `key|${person}`);
    keys.set(person, kms.wrap(key, `key|${person}`));
  }
  return keys.size;
}

function add(people, person, email, phone) {
  const key = people.random(32);
  people.keys.set(person, people.kms.wrap(key, `key|${person}`));
  for (const [column, text] of Object.entries({ email, phone })) {
    const place = `people|${person}|${column}`;
    people.fields.set(place, seal(key, text, place, people.random));
  }
  people.index.set(blind(people, email), person);
}

// Stands for a key management service. Versions of one key-encryption key.
class Kms {
  #random;
  #versions = new Map();
  #current = 0;

  constructor(random) {
    this.#random = random;
    this.newVersion();
  }

  newVersion() {
    this.#current += 1;
    const key = sample(`key-encryption key ${this.#current}`);
    this.#versions.set(this.#current, key);
  }

  destroy(version) {
    this.#versions.delete(version);
  }

  wrap(key, context) {
    const version = this.#current;
    const kek = this.#versions.get(version);
    const sealed = seal(kek, key, `${context}|${version}`, this.#random);
    return { version, sealed };
  }

  unwrap({ version, sealed }, context) {
    const kek = this.#versions.get(version);
    if (!kek) throw new UnreadableError("key-encryption key destroyed");
    return unseal(kek, sealed, `${context}|${version}`);
  }
}

// In production: 32 bytes from the system's generator, or a KMS.
const sample = (label) =>
  createHash("sha256").update(`sample ${label}`).digest();

// Sample randomness, so that all languages agree. Production: randomBytes.
function counting() {
  let number = 0;
  return (size) => {
    number += 1;
    return sample(`random ${number}`).subarray(0, size);
  };
}

const row = (label, value) => console.log(`  ${label.padEnd(42)}${value}`);

function attempt(people, person, column) {
  try {
    return people.read(person, column);
  } catch (error) {
    if (error instanceof UnreadableError) return error.message;
    throw error;
  }
}

// A copy of the table with other fields or keys, as after a restore.
function copy(people, changes) {
  const other = new People(people.kms, people.indexKey, people.random);
  const { keys, fields, index } = people;
  return Object.assign(other, { keys, fields, index, ...changes });
}

// What somebody who may write to the table could do.
function withField(people, place, sealed) {
  const fields = new Map(people.fields).set(place, sealed);
  return attempt(copy(people, { fields }), 1, "email");
}

// The retention job: small batches, so that no lock is held for long.
function forget(created, now) {
  const batches = [];
  let left = created.toSorted((a, b) => a - b);
  for (;;) {
    const old = left.filter((at) => at < now - KEEP_DAYS * DAY).slice(0, BATCH);
    if (old.length === 0) return { left, batches };
    left = left.slice(old.length);
    batches.push(old.length);
  }
}

function main() {
  const random = counting();
  const kms = new Kms(random);
  const people = new People(kms, sample("index key"), random);
  add(people, 1, "ada@example.com", "+44 20 7946 0001");
  add(people, 2, "bob@example.com", "+44 20 7946 0002");
  const target = "people|1|email";
  console.log("stored");
  const stored = people.fields.get(target);
  row("ada's e-mail, first bytes", stored.toString("hex").slice(0, 32));
  row("read", attempt(people, 1, "email"));
  const found = people.index.get(blind(people, "  ADA@Example.com "));
  row("found as '  ADA@Example.com '", found);

  console.log("tampered");
  const bent = Buffer.from(stored);
  bent[bent.length - 1] ^= 1;
  const [bobs, phone] = ["people|2|email", "people|1|phone"].map((place) =>
    people.fields.get(place),
  );
  row("bob's e-mail put into ada's row", withField(people, target, bobs));
  row("ada's phone put into her e-mail", withField(people, target, phone));
  row("one bit changed", withField(people, target, bent));

  console.log("key-encryption key rotated");
  const fields = new Map(people.fields);
  kms.newVersion();
  row("data keys rewrapped", rotate(people));
  const changed = [...fields].filter(
    ([place, sealed]) => !sealed.equals(people.fields.get(place)),
  );
  row("fields changed", changed.length);
  kms.destroy(1);
  row("read, version 1 destroyed", attempt(people, 1, "email"));

  console.log("ada erased, a backup restored");
  const keys = new Map(people.keys);
  people.erase(1);
  row("live table", attempt(people, 1, "email"));
  const fieldsOnly = copy(people, { fields });
  row("backup of the fields", attempt(fieldsOnly, 1, "email"));
  const both = copy(people, { fields, keys });
  row("backup that holds the keys too", attempt(both, 1, "email"));
  kms.newVersion();
  rotate(people);
  kms.destroy(2);
  row("the same, its key version destroyed", attempt(both, 1, "email"));
  row("bob, live", attempt(people, 2, "email"));

  const created = [10, 89, 90, 91, 200, 400].map((days) => NOW - days * DAY);
  const { left, batches } = forget(created, NOW);
  console.log("retention, 90 days");
  row("deleted in batches", batches.join(" + "));
  row("left", left.length);
}

main();
