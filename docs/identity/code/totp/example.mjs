// Verify one-time codes so that none works twice and few can be guessed.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

const STEP_SECONDS = 30;
const SKEW_STEPS = 1; // a clock may be half a minute off, either way
const MAX_FAILURES = 5;
const DIGITS = 6;
const RECOVERY_BYTES = 15; // 120 random bits: a fast hash is enough for them
const NOW = 1_767_412_800; // seconds since 1970

// --8<-- [start:show]
// RFC 4226: four bytes of the MAC, at a place that its last byte names.
function code(key, step, { digits = DIGITS, name = "sha1" } = {}) {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac(name, key).update(counter).digest();
  const start = mac.at(-1) & 0x0f;
  const number = mac.readUInt32BE(start) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, "0");
}

// One user's row. Nothing below awaits; with a database the row must be locked.
class SecondFactor {
  #key; // encrypted at rest: the server needs it in the clear
  #recovery;
  #lastStep = -1;
  #failures = 0;

  constructor(key, recovery) {
    this.#key = key;
    this.#recovery = new Set(recovery.map(digest));
  }

  verify(typed, now) {
    if (this.#failures >= MAX_FAILURES) return "locked";
    this.#failures += 1; // paid in advance, given back on success
    const today = Math.floor(now / STEP_SECONDS);
    for (let step = today - SKEW_STEPS; step <= today + SKEW_STEPS; step += 1) {
      const right = same(code(this.#key, step), typed);
      if (right && step > this.#lastStep) {
        this.#lastStep = step;
        this.#failures = 0;
        return "accepted";
      }
    }
    return "refused";
  }

  // Works when locked: nobody guesses 120 bits.
  recover(typed) {
    if (!this.#recovery.delete(digest(typed))) return "refused";
    this.#failures = 0;
    return "accepted";
  }
}
// --8<-- [end:show]

function same(expected, typed) {
  const [a, b] = [Buffer.from(expected), Buffer.from(typed)];
  return a.length === b.length && timingSafeEqual(a, b);
}

// However it was typed: spaces, hyphens and case do not count.
function digest(recoveryCode) {
  const text = recoveryCode.replaceAll(/[- ]/g, "").toUpperCase();
  return createHash("sha256").update(text).digest("hex");
}

function base32(bytes) {
  const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0"));
  const groups = bits.join("").match(/.{5}/g);
  return groups.map((group) => letters[Number.parseInt(group, 2)]).join("");
}

// Samples. In production: base32 of 15 bytes from the system's generator.
function recoveryCodes(count) {
  return Array.from({ length: count }, (_, i) => {
    const sample = `sample recovery code ${i + 1}`;
    const raw = createHash("sha256").update(sample).digest();
    const text = base32(raw.subarray(0, RECOVERY_BYTES));
    return text.match(/.{6}/g).join("-");
  });
}

// What not to write: it compares, and remembers nothing.
class Forgetful {
  #key;

  constructor(key) {
    this.#key = key;
  }

  verify(typed, now) {
    const today = Math.floor(now / STEP_SECONDS);
    for (let step = today - SKEW_STEPS; step <= today + SKEW_STEPS; step += 1) {
      if (code(this.#key, step) === typed) return "accepted";
    }
    return "refused";
  }
}

// RFC 6238, appendix B: the seed repeats the ten digits to the hash's size.
function vectors() {
  console.log(
    "RFC 6238, appendix B  ".padEnd(22) +
      "SHA-1".padEnd(11) +
      "SHA-256".padEnd(11) +
      "SHA-512",
  );
  const seed = Buffer.from("1234567890".repeat(7));
  const hashes = { sha1: 20, sha256: 32, sha512: 64 };
  for (const seconds of [
    59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000,
  ]) {
    const step = Math.floor(seconds / STEP_SECONDS);
    const codes = Object.entries(hashes).map(([name, size]) =>
      code(seed.subarray(0, size), step, { digits: 8, name }),
    );
    console.log(
      `${String(seconds).padStart(11)} s         ${codes.join("   ")}`,
    );
  }
}

function guesses(factor) {
  for (let guess = 0; guess < 10 ** DIGITS; guess += 1) {
    const verdict = factor.verify(String(guess).padStart(DIGITS, "0"), NOW);
    if (verdict === "accepted") return `in at ${guess.toLocaleString("en-US")}`;
    if (verdict === "locked") return "locked";
  }
  return "kept out";
}

const row = (label, one, other) =>
  console.log(`${label.padEnd(38)}${one.padEnd(16)}${other}`);

function main() {
  vectors();
  const key = Buffer.from("sample key 20 bytes!"); // a sample: draw 20 random bytes
  const codes = recoveryCodes(10);
  const forgetful = new Forgetful(key);
  const factor = new SecondFactor(key, codes);
  const today = Math.floor(NOW / STEP_SECONDS);
  console.log();
  row("typed", "compares only", "remembers");
  const attempt = (label, step, seconds) => {
    const typed = code(key, step);
    const now = NOW + seconds;
    row(label, forgetful.verify(typed, now), factor.verify(typed, now));
  };
  attempt("code of the step before", today - 1, 0);
  attempt("the same again", today - 1, 5);
  attempt("code of this step", today, 10);
  attempt("the same again", today, 15);
  attempt("code of the next step, a fast clock", today + 1, 20);
  attempt("code of this step, now behind", today, 25);
  attempt("code two steps ahead", today + 2, 25);
  const label = "000000, 000001, 000002 and so on";
  row(label, guesses(forgetful), guesses(factor));
  attempt("the right code, a minute later", today + 2, 60);
  const spelled = codes[0].toLowerCase().replaceAll("-", " ");
  row("a recovery code", "", factor.recover(spelled));
  row("the same again", "", factor.recover(spelled));
  const verdict = factor.verify(code(key, today + 2), NOW + 60);
  row("the right code, once more", "", verdict);
}

main();
