// Four interview exercises, their edge cases, and brute force as the judge.

// --8<-- [start:show]
// get and put: O(1). A Map keeps insertion order: the oldest key comes first.
class LRUCache {
  entries = new Map();

  constructor(capacity) {
    this.capacity = capacity;
  }

  get(key) {
    if (!this.entries.has(key)) return undefined;
    const value = this.entries.get(key);
    this.entries.delete(key); // a hit makes it the newest
    this.entries.set(key, value);
    return value;
  }

  put(key, value) {
    this.entries.delete(key); // also when the key was there
    this.entries.set(key, value);
    if (this.entries.size > this.capacity) {
      this.entries.delete(this.entries.keys().next().value);
    }
  }
}

// O(n log n) for the sort, then one pass.
function merge(intervals) {
  const merged = [];
  for (const [start, end] of intervals.toSorted(byStart)) {
    const last = merged.at(-1);
    if (last && start <= last[1]) {
      last[1] = Math.max(last[1], end); // touching counts as one
    } else {
      merged.push([start, end]);
    }
  }
  return merged;
}

// --8<-- [end:show]

// --8<-- [start:more]
// n words, d distinct: O(n + d log k). There is no heap in the library, so
// this one is an array: the children of i are 2i + 1 and 2i + 2.
function topK(words, k) {
  const counts = new Map();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  const heap = []; // the entry to give up first is heap[0]
  const weaker = (i, j) => better(heap[i], heap[j]) > 0;
  const swap = (i, j) => ([heap[i], heap[j]] = [heap[j], heap[i]]);
  for (const entry of counts) {
    heap.push(entry);
    let at = heap.length - 1;
    while (at > 0 && weaker(at, (at - 1) >> 1)) {
      swap(at, (at - 1) >> 1);
      at = (at - 1) >> 1;
    }
    if (heap.length <= k) continue;
    swap(0, heap.length - 1);
    heap.pop();
    for (let top = 0, child = 1; child < heap.length; child = 2 * top + 1) {
      if (child + 1 < heap.length && weaker(child + 1, child)) child += 1;
      if (!weaker(child, top)) break;
      swap(child, top);
      top = child;
    }
  }
  return heap.sort(better);
}

// allow: O(1), two numbers a client. Thousandths of a token: no fractions.
class TokenBucket {
  constructor(capacity, perSecond, nowMs) {
    this.capacity = capacity * 1000;
    this.perMs = perSecond; // n tokens a second = n thousandths a ms
    this.tokens = this.capacity;
    this.at = nowMs;
  }

  allow(nowMs, cost = 1) {
    if (nowMs > this.at) {
      // a clock that jumps back earns nothing
      const gained = (nowMs - this.at) * this.perMs;
      this.tokens = Math.min(this.capacity, this.tokens + gained);
      this.at = nowMs;
    }
    if (cost * 1000 > this.tokens) return false;
    this.tokens -= cost * 1000;
    return true;
  }
}

// --8<-- [end:more]

function byStart(a, b) {
  return a[0] - b[0] || a[1] - b[1];
}

// By count, highest first; ties go to the earlier word.
function better([word, count], [otherWord, otherCount]) {
  return otherCount - count || (word < otherWord ? -1 : 1);
}

// The same numbers in every language.
class Random {
  constructor(seed) {
    this.state = BigInt(seed);
  }

  below(bound) {
    this.state = (this.state * 1103515245n + 12345n) % 2n ** 31n;
    return Number(this.state >> 16n) % bound;
  }
}

const times = (count, make) => Array.from({ length: count }, make);
const showPairs = (pairs) =>
  pairs.map(([start, end]) => `${start}-${end}`).join(" ") || "none";
const showCounts = (counts) =>
  counts.map(([word, count]) => `${word}:${count}`).join(" ") || "none";

const showEntries = (entries) => [...entries].map(([k, v]) => `${k}${v}`);

// Step 3 "a" puts a = 3, "?a" gets a. Answers, then entries, oldest first.
function runCache(capacity, steps) {
  const cache = new LRUCache(capacity);
  const shown = [];
  for (const [i, step] of steps.split(" ").entries()) {
    if (step.startsWith("?")) shown.push(`?${cache.get(step.slice(1)) ?? "-"}`);
    else cache.put(step, i + 1);
  }
  return [...shown, ...showEntries(cache.entries)].join(" ");
}

function slowCache(capacity, steps) {
  let entries = [];
  const shown = [];
  for (const [i, step] of steps.split(" ").entries()) {
    const key = step.replace("?", "");
    const old = entries.find(([other]) => other === key)?.[1];
    const value = step.startsWith("?") ? old : i + 1;
    if (step.startsWith("?")) shown.push(`?${old ?? "-"}`);
    if (value === undefined) continue;
    const others = entries.filter(([other]) => other !== key);
    entries = [...others, [key, value]].slice(-capacity);
  }
  return [...shown, ...showEntries(entries)].join(" ");
}

// Paint half units on a line: 2 a .. 2 b, then read off the runs.
function slowMerge(intervals) {
  const line = times(130, () => false);
  for (const [start, end] of intervals) line.fill(true, 2 * start, 2 * end + 1);
  const merged = [];
  let start = -1;
  for (const [point, painted] of line.entries()) {
    if (painted && start < 0) {
      start = point;
    } else if (!painted && start >= 0) {
      merged.push([start >> 1, (point - 1) >> 1]);
      start = -1;
    }
  }
  return merged;
}

// The usual slip: takes the new end instead of the larger one.
function carelessMerge(intervals) {
  const merged = [];
  for (const [start, end] of intervals.toSorted(byStart)) {
    const last = merged.at(-1);
    if (last && start <= last[1]) last[1] = end;
    else merged.push([start, end]);
  }
  return merged;
}

function slowTop(words, k) {
  const count = (word) => words.filter((other) => other === word).length;
  return [...new Set(words)]
    .map((word) => [word, count(word)])
    .sort(better)
    .slice(0, k);
}

function runBucket(at, cost = 1) {
  const bucket = new TokenBucket(3, 10, 0);
  return at.map((time) => (bucket.allow(time, cost) ? "y" : "n")).join("");
}

// One millisecond at a time.
function slowBucket(at) {
  let tokens = 3000;
  let now = 0;
  let answers = "";
  for (const time of at) {
    for (; now < time; now += 1) tokens = Math.min(3000, tokens + 10);
    answers += tokens >= 1000 ? "y" : "n";
    if (tokens >= 1000) tokens -= 1000;
  }
  return answers;
}

function check(label, got, want) {
  const verdict = got === want ? "ok" : `WANT ${want}`;
  console.log(`  ${label.padEnd(42)}${got.padEnd(18)}${verdict}`);
}

function agree(label, trial) {
  const same = times(300, (_, seed) => trial(new Random(seed)));
  console.log(`  ${label.padEnd(42)}${same.filter(Boolean).length} of 300`);
}

function randomSteps(random) {
  const marks = times(30, () => (random.below(2) ? "?" : ""));
  return marks.map((mark) => mark + "abcdef"[random.below(6)]).join(" ");
}

function randomPairs(random) {
  const starts = times(random.below(8), () => random.below(40));
  return starts.map((start) => [start, start + random.below(12)]);
}

function randomWords(random) {
  return times(random.below(30), () => "abcdefgh"[random.below(8)]);
}

function randomTimes(random) {
  let now = 0;
  return times(20, () => (now += random.below(120)));
}

console.log(
  "LRU cache: ?answers, then entries, oldest first; a3 = put in step 3",
);
check("room for 2: put a b, get a, put c", runCache(2, "a b ?a c"), "?1 a1 c4");
check("an old key: new value, and the newest", runCache(2, "a b a c"), "a3 c4");
check("a miss moves nothing", runCache(2, "a b ?x c"), "?- b2 c4");
console.log("merge");
const usual = [
  [8, 10],
  [1, 3],
  [15, 18],
  [2, 6],
];
const touching = [
  [1, 4],
  [4, 7],
];
const inside = [
  [1, 9],
  [2, 3],
];
check("unsorted, overlapping", showPairs(merge(usual)), "1-6 8-10 15-18");
check("touching", showPairs(merge(touching)), "1-7");
check("one inside another", showPairs(merge(inside)), "1-9");
check("empty", showPairs(merge([])), "none");
console.log("top k");
check("b a b c a b, k = 2", showCounts(topK([..."babcab"], 2)), "b:3 a:2");
check(
  "a tie goes to the earlier word",
  showCounts(topK([..."cab"], 2)),
  "a:1 b:1",
);
check("k above the number of words", showCounts(topK([..."aa"], 5)), "a:2");
console.log("token bucket, 3 tokens, 10 a second");
const burst = [0, 0, 0, 0, 99, 100];
check("four at once, one 99 and one 100 ms later", runBucket(burst), "yyynny");
const day = 86_400_000;
check("idle for a day, then four", runBucket([day, day, day, day]), "yyyn");
const jump = [500, 500, 0, 500, 500];
check("the clock jumps back and returns", runBucket(jump), "yyynn");
check("a request that costs 4", runBucket([0, 9000], 4), "nn");
console.log("random inputs, same answer as brute force");
agree("LRU cache", (random) => {
  const steps = randomSteps(random);
  return runCache(3, steps) === slowCache(3, steps);
});
agree("merge", (random) => {
  const pairs = randomPairs(random);
  return showPairs(merge(pairs)) === showPairs(slowMerge(pairs));
});
agree("merge without max", (random) => {
  const pairs = randomPairs(random);
  return showPairs(carelessMerge(pairs)) === showPairs(slowMerge(pairs));
});
agree("top k", (random) => {
  const words = randomWords(random);
  return showCounts(topK(words, 3)) === showCounts(slowTop(words, 3));
});
agree("token bucket", (random) => {
  const at = randomTimes(random);
  return runBucket(at) === slowBucket(at);
});
