// Merge overlapping bookings; examples pass on bugs, a property finds and shrinks.
// A booking is [start, end] in hours; the end is not included.

const CASES = 200;
const EXAMPLES = [
  [[], []],
  [
    [
      [9, 11],
      [10, 12],
    ],
    [[9, 12]],
  ],
  [
    [
      [9, 10],
      [11, 12],
    ],
    [
      [9, 10],
      [11, 12],
    ],
  ],
];

// One small generator, so that a seed means the same in every language.
class Lcg {
  #state;

  constructor(seed) {
    this.#state = BigInt(seed);
  }

  below(limit) {
    this.#state = (this.#state * 1103515245n + 12345n) % 2n ** 31n;
    return Number(this.#state >> 16n) % limit;
  }
}

const sorted = (bookings) =>
  bookings.toSorted((a, b) => a[0] - b[0] || a[1] - b[1]);

function merge(bookings) {
  const merged = [];
  for (const [start, end] of sorted(bookings)) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

function unsorted(bookings) {
  const merged = [];
  for (const [start, end] of bookings) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

function lastEnd(bookings) {
  const merged = [];
  for (const [start, end] of sorted(bookings)) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = end;
    else merged.push([start, end]);
  }
  return merged;
}

function touching(bookings) {
  const merged = [];
  for (const [start, end] of sorted(bookings)) {
    const last = merged.at(-1);
    if (last && start < last[1]) last[1] = Math.max(last[1], end);
    else merged.push([start, end]);
  }
  return merged;
}

// --8<-- [start:show]
function generate(random) {
  const starts = Array.from({ length: random.below(8) }, () =>
    random.below(20),
  );
  return starts.map((start) => [start, start + 1 + random.below(5)]);
}

// For any input: the same hours are covered, and gaps separate the results.
function holds(merge, bookings) {
  const result = merge(bookings);
  const gaps = result.every(
    ([start], i) => i === 0 || result[i - 1][1] < start,
  );
  return gaps && hours(result).symmetricDifference(hours(bookings)).size === 0;
}

// The slow model: no cleverness that could share a bug with merge.
function hours(bookings) {
  const covered = new Set();
  for (const [start, end] of bookings)
    for (let hour = start; hour < end; hour += 1) covered.add(hour);
  return covered;
}

// Every input one step simpler: a booking less, shorter, earlier; all earlier.
function* smaller(bookings) {
  for (const [i, [start, end]] of bookings.entries()) {
    yield bookings.toSpliced(i, 1);
    if (end - start > 1) yield bookings.with(i, [start, end - 1]);
    if (start > 0) yield bookings.with(i, [start - 1, end - 1]);
  }
  if (bookings.length > 0 && bookings.every(([start]) => start > 0))
    yield bookings.map(([start, end]) => [start - 1, end - 1]);
}

// Go on with the first simpler input that still fails, until none does.
function shrink(merge, failing) {
  for (const candidate of smaller(failing))
    if (!holds(merge, candidate)) return shrink(merge, candidate);
  return failing;
}

function find(merge, seed) {
  const random = new Lcg(seed);
  for (let number = 1; number <= CASES; number += 1) {
    const bookings = generate(random);
    if (!holds(merge, bookings)) return { number, bookings };
  }
  return undefined;
}
// --8<-- [end:show]

const text = (bookings) =>
  bookings.map(([start, end]) => `${start}-${end}`).join(" ");

function report(name, merge, seed) {
  const passed = EXAMPLES.filter(
    ([given, wanted]) => text(merge(given)) === text(wanted),
  ).length;
  console.log(`${name}: ${passed} of ${EXAMPLES.length} examples pass`);
  const found = find(merge, seed);
  if (!found) {
    console.log(`  property holds on ${CASES} cases, seed ${seed}`);
    return;
  }
  const { number, bookings } = found;
  const least = shrink(merge, bookings);
  console.log(`  seed ${seed}, case ${number} breaks it: ${text(bookings)}`);
  console.log(`  shrunk to ${text(least)}: merged ${text(merge(least))}`);
  const again = find(merge, seed);
  const same =
    again.number === number && text(again.bookings) === text(bookings);
  console.log(`  same seed again: ${same ? "the same case" : "another"}`);
}

report("merge", merge, 2026);
report("mutant: input not sorted", unsorted, 2026);
report("mutant: last end instead of the latest", lastEnd, 2026);
report("mutant: < instead of <=", touching, 2026);
