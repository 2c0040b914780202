// Store passwords so that a stolen table, an old row or a guessed name helps little.
import { pbkdf2, randomBytes, timingSafeEqual } from "node:crypto";
import { promisify } from "node:util";

const SALT_BYTES = 16;
const HASH_BYTES = 32;
const TODAY = 600_000; // iterations: OWASP Password Storage Cheat Sheet
const MAX_ITERATIONS = 2_000_000;
const MAX_PASSWORD_BYTES = 1024;
const MIN_CHARACTERS = 15; // NIST SP 800-63B-4, for a password without a second factor
const ROW =
  /^\$pbkdf2-sha256\$i=([1-9][0-9]{0,8})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/;

// A table of users: one string for each name.
class Users {
  #rows;

  constructor(rows) {
    this.#rows = new Map(Object.entries(rows));
  }

  row(name) {
    return this.#rows.get(name) ?? "";
  }

  // UPDATE ... WHERE row = old: never undo a change made in between.
  replace(name, old, changed) {
    if (this.#rows.get(name) === old) this.#rows.set(name, changed);
  }
}

// NFC, for keyboards spell one accent in two ways; refused, never cut off.
function prepare(typed) {
  if (typed.length > MAX_PASSWORD_BYTES || !typed.isWellFormed()) return null;
  const password = typed.normalize("NFC");
  return Buffer.byteLength(password) <= MAX_PASSWORD_BYTES ? password : null;
}

// For new passwords only; a list of breached ones would be asked here, too.
function flaw(typed) {
  const password = prepare(typed);
  if (password === null) return "too long";
  return [...password].length < MIN_CHARACTERS ? "too short" : "none";
}

// --8<-- [start:show]
// Kept as one string: $pbkdf2-sha256$i=600000$salt$hash.
const createStored = (iterations, salt, hash) =>
  Object.freeze({ iterations, salt, hash });

const derive = promisify(pbkdf2);

// Argon2id is the first choice where it is allowed: Node 24.7 has crypto.argon2.
const pbkdf2Sha256 = (password, salt, iterations) =>
  derive(password, salt, iterations, HASH_BYTES, "sha256");

class Passwords {
  #users;
  #kdf;
  #random;
  #nobody;

  constructor(users, { kdf = pbkdf2Sha256, random = randomBytes } = {}) {
    this.#users = users;
    this.#kdf = kdf;
    this.#random = random;
    this.#nobody = createStored(TODAY, random(SALT_BYTES), random(HASH_BYTES));
  }

  async hash(password) {
    const salt = this.#random(SALT_BYTES); // a new one for each hash
    return write(
      createStored(TODAY, salt, await this.#kdf(password, salt, TODAY)),
    );
  }

  async signIn(name, typed) {
    const password = prepare(typed);
    if (password === null) return false;
    const row = this.#users.row(name);
    let stored = read(row);
    // No such user, or a row that would ask for hours of work.
    if (!stored || stored.iterations > MAX_ITERATIONS) stored = this.#nobody;
    const { iterations, salt, hash } = stored;
    const computed = await this.#kdf(password, salt, iterations);
    const missing = TODAY - iterations;
    const same = timingSafeEqual(computed, hash);
    if (!same || stored === this.#nobody) {
      // Or an old row would answer sooner.
      if (missing > 0) await this.#kdf(password, salt, missing);
      return false;
    }
    // Now is when the password is known.
    if (missing > 0) {
      this.#users.replace(name, row, await this.hash(password));
    }
    return true;
  }
}
// --8<-- [end:show]

function read(row) {
  const found = ROW.exec(row);
  if (!found) return null;
  const [salt, hash] = found
    .slice(2)
    .map((text) => Buffer.from(text, "base64"));
  return createStored(Number(found[1]), salt, hash);
}

function write({ iterations, salt, hash }) {
  const texts = [salt, hash].map((raw) =>
    raw.toString("base64").replace(/=+$/, ""),
  );
  return ["", "pbkdf2-sha256", `i=${iterations}`, ...texts].join("$");
}

// Stands in for the system's random bytes: 1, 1, ..., then 2, 2, ...
function createSamples() {
  let calls = 0;
  return (size) => Buffer.alloc(size, ++calls);
}

// Counts the iterations that a kdf is asked for.
class Meter {
  #kdf;
  #iterations = 0;

  constructor(kdf) {
    this.#kdf = kdf;
  }

  derive = (password, salt, iterations) => {
    this.#iterations += iterations;
    return this.#kdf(password, salt, iterations);
  };

  reading() {
    const iterations = this.#iterations;
    this.#iterations = 0;
    return iterations;
  }
}

const ADA = "correct horse battery staple";
// One code point for each accented letter, then letter and accent apart.
const BOB = "Cr\u00e8me br\u00fbl\u00e9e at seven";
const BOB_APART = "Cre\u0300me bru\u0302le\u0301e at seven";
const ADA_ROW =
  "$pbkdf2-sha256$i=600000$c2FtcGxlLXNhbHQtYWRhMQ" +
  "$nhrwDiuJI/bNNhTHkszxty/g5CBBYIGBVg4WMSbv72M";
// So few iterations only keep this program quick.
const BOB_ROW =
  "$pbkdf2-sha256$i=60000$c2FtcGxlLXNhbHQtYm9iMQ" +
  "$Uyqj7wSHvg2sp5b1UETm9oya0xwiIJmDwZneuBsMnMQ";

const line = (label, outcome, iterations, fate = "") =>
  label.padEnd(32) +
  outcome.padEnd(12) +
  String(iterations).padStart(10) +
  fate;

async function attempts() {
  const users = new Users({ ada: ADA_ROW, bob: BOB_ROW });
  const meter = new Meter(pbkdf2Sha256);
  const passwords = new Passwords(users, {
    kdf: meter.derive,
    random: createSamples(),
  });
  console.log(line("attempt", "outcome", "iterations", "  row afterwards"));
  for (const [label, name, typed] of [
    ["ada, right password", "ada", ADA],
    ["ada, wrong password", "ada", ADA.toUpperCase()],
    ["bob, right password, old row", "bob", BOB],
    ["bob, accents typed otherwise", "bob", BOB_APART],
    ["ada, 1,025 bytes", "ada", "a".repeat(1025)],
  ]) {
    const before = users.row(name);
    const outcome = (await passwords.signIn(name, typed))
      ? "signed in"
      : "refused";
    const fate = users.row(name) === before ? "kept" : "replaced";
    console.log(line(label, outcome, meter.reading(), `  ${fate}`));
  }
  const row = users.row("bob");
  const cut = row.lastIndexOf("$");
  console.log("\nbob's new row, as every language writes it:");
  console.log(`  ${row.slice(0, cut)}\n  ${row.slice(cut)}`);
}

async function refusals() {
  const rows = {
    "today's": ADA_ROW,
    "an old one, i=60000": BOB_ROW,
    "damaged, i=999999999": ADA_ROW.replace("600000", "999999999"),
    "damaged, hash cut short": ADA_ROW.slice(0, -1),
    "of another scheme": `$2b$10$${"a".repeat(53)}`,
    "none, for want of a user": "",
  };
  // Nothing is computed here: this asks only how much work there would be.
  const meter = new Meter(async () => Buffer.alloc(HASH_BYTES));
  const passwords = new Passwords(new Users(rows), {
    kdf: meter.derive,
    random: createSamples(),
  });
  console.log(`\n${line("row, at a wrong password", "outcome", "iterations")}`);
  for (const label of Object.keys(rows)) {
    const outcome = (await passwords.signIn(label, "guess"))
      ? "signed in"
      : "refused";
    console.log(line(label, outcome, meter.reading()));
  }
}

await attempts();
await refusals();
console.log(`\n${"new password".padEnd(32)}flaw`);
for (const [label, typed] of [
  ["14 characters", "a".repeat(14)],
  ["15 characters", "a".repeat(15)],
  ["14 characters, accents apart", "e\u0301".repeat(14)],
]) {
  console.log(label.padEnd(32) + flaw(typed));
}
