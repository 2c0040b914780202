// Short codes: leased counter blocks, a keyed permutation, base 62.
import { createHmac } from "node:crypto";

const ALPHABET =
  "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const KEY = "sample key, never rotated";
const FIRST = 5_000_000_000; // where the counter stands today
const ROUNDS = [0, 1, 2, 3, 4, 5, 6, 7];

function base62(number, length) {
  let code = "";
  for (let i = 0; i < length; i += 1) {
    code = ALPHABET[number % 62] + code;
    number = Math.floor(number / 62);
  }
  return code;
}

function numberOf(code) {
  let number = 0;
  for (const character of code) {
    number = number * 62 + ALPHABET.indexOf(character);
  }
  return number;
}

const digest = (key, text) => createHmac("sha256", key).update(text).digest();

// --8<-- [start:show]
// The counter: one row in a database. It moves on before a block is used.
class Allocator {
  calls = 0;

  constructor(block) {
    this.next = FIRST;
    this.block = block;
  }

  lease() {
    this.calls += 1;
    this.next += this.block;
    return { next: this.next - this.block, end: this.next };
  }
}

// A Feistel network: 0 to 62 ** length - 1, each once, in the key's order.
// Numbers have up to 42 bits, so halves are split and joined by arithmetic.
class Codes {
  constructor(key, length) {
    this.key = key;
    this.length = length;
    this.size = 62 ** length;
    this.half = 2 ** Math.ceil(Math.ceil(Math.log2(this.size)) / 2);
  }

  code(number) {
    return base62(this.#walk(number, ROUNDS), this.length);
  }

  number(code) {
    return this.#walk(numberOf(code), ROUNDS.toReversed());
  }

  #walk(value, rounds) {
    do {
      value = this.#mix(value, rounds);
    } while (value >= this.size); // in the bits, but not a code: walk on
    return value;
  }

  #mix(value, rounds) {
    let left = Math.floor(value / this.half);
    let right = value % this.half;
    for (const number of rounds) {
      const sum = digest(this.key, `${number}:${right}`);
      const pad = sum.readUInt32BE(0) % this.half; // half is a power of two
      [left, right] = [right, left ^ pad];
    }
    return right * this.half + left; // swapped: reversed rounds undo it
  }
}
// --8<-- [end:show]

class Server {
  #block = { next: 0, end: 0 };
  #allocator;

  constructor(allocator) {
    this.#allocator = allocator;
  }

  get left() {
    return this.#block.end - this.#block.next;
  }

  take() {
    if (this.left === 0) this.#block = this.#allocator.lease();
    this.#block.next += 1;
    return this.#block.next - 1;
  }

  // Forget the block; return how many numbers nobody will ever use.
  crash() {
    const gap = this.left;
    this.#block = { next: 0, end: 0 };
    return gap;
  }
}

function issue(codes) {
  const allocator = new Allocator(1_000);
  const servers = Array.from({ length: 3 }, () => new Server(allocator));
  const issued = new Map();
  let repeats = 0;
  let gap = 0;
  let seed = 7;
  for (let turn = 0; turn < 20_000; turn += 1) {
    if (turn === 10_000) gap = servers[1].crash();
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    const number = servers[(seed >> 16) % 3].take();
    const code = codes.code(number);
    if (issued.has(code)) repeats += 1;
    issued.set(code, number);
  }
  const kept = servers.reduce((sum, server) => sum + server.left, 0);
  console.log(
    `issued ${issued.size}, duplicates ${repeats}, allocator calls ${allocator.calls}`,
  );
  console.log(
    `lost in the crash ${gap}, still held ${kept}, sum ${issued.size + gap + kept}`,
  );
  const back = issued
    .entries()
    .every(([code, number]) => codes.number(code) === number);
  console.log(`every code back to its number: ${back ? "yes" : "no"}`);
  return allocator.next;
}

function neighbors(codes) {
  console.log("number      plain    permuted");
  for (let number = FIRST; number < FIRST + 3; number += 1) {
    console.log(`${number}  ${base62(number, 7)}  ${codes.code(number)}`);
  }
}

function wholeSpace() {
  const small = new Codes(KEY, 2);
  const seen = new Set();
  for (let number = 0; number < small.size; number += 1) {
    seen.add(small.code(number));
  }
  console.log(`2 characters: ${small.size} numbers, ${seen.size} codes`);
}

const draw = (number, size) =>
  digest(KEY, `draw ${number}`).readUIntBE(0, 6) % size;

function guesses(codes, issuedUpTo) {
  const tried = 10_000;
  let inside = 0;
  for (let number = 0; number < tried; number += 1) {
    const guess = base62(draw(number, codes.size), codes.length);
    if (codes.number(guess) < issuedUpTo) inside += 1;
  }
  const expected = Math.floor((tried * issuedUpTo) / codes.size);
  console.log(
    `random guesses ${tried}: ${inside} below the counter, expected ${expected}`,
  );
}

function randomCodes() {
  const size = 62 ** 4;
  const wanted = 50_000;
  const taken = new Set();
  let draws = 0;
  while (taken.size < wanted) {
    taken.add(draw(draws, size)); // the unique index: once or not at all
    draws += 1;
  }
  const expected = Math.floor((wanted * wanted) / (2 * size));
  console.log(
    `random, 4 characters: ${wanted} codes took ${draws - wanted} retries, ` +
      `expected ${expected}`,
  );
}

const codes = new Codes(KEY, 7);
const issuedUpTo = issue(codes);
neighbors(codes);
wholeSpace();
guesses(codes, issuedUpTo);
randomCodes();
