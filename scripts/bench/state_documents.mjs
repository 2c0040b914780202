// Random states of a reader, texts that pretend to be one, and a storage to keep them in.

const SCRIPTS = "../../docs/assets/javascripts/learning/state/"
const changes = await import(`${SCRIPTS}changes.js`)
const { emptyState, writeState } = await import(`${SCRIPTS}format.js`)
const { SOURCES } = await import(`${SCRIPTS}log.js`)

export const NOW = 1_800_000_000_000
const IDS = ["post-safe-to-retry", "isolation", "cap", "__proto__", "constructor", "toString", "7"]
const NAMES = ["level", "hours", "interviewDate", "__proto__"]

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function generator(seed) {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  const below = limit => Math.floor(next() * limit)
  return { next, below, of: list => list[below(list.length)] }
}

export const card = (random, now) => ({
  lapses: random.below(4),
  due: now + random.below(1e10),
  last: random.below(5) ? now : null,
  stability: random.next() * 100,
  difficulty: 1 + random.next() * 9,
  phase: random.below(4),
  step: random.below(3),
  reps: random.below(50),
})

/** What a reader did in `steps` steps, some at the same time and some with a clock set back. */
export function randomState(random, steps = random.below(25), state = emptyState()) {
  let at = NOW - random.below(1000)
  for (let step = 0; step < steps; step++) {
    at += random.of([0, 1, 5, 50, -20])
    state = random.of(STEPS)(state, at, random)
  }
  return state
}

const STEPS = [
  (state, at, random) =>
    changes.answered(state, random.of(IDS), {
      at,
      source: random.of(SOURCES),
      grade: 1 + random.below(4),
      confidence: random.below(4),
      card: random.of([undefined, null, card(random, at)]),
      queued: random.of([undefined, true, false]),
    }),
  (state, at, random) => {
    const id = random.of(IDS)
    const answer = random.of([[at], ...changes.answersOf(state, id)])
    return changes.takenBack(state, id, { at, time: answer[0], card: null, queued: false })
  },
  (state, at, random) => changes.queued(state, random.of(IDS), at, random.below(2) > 0),
  (state, at, random) => changes.withTopic(state, random.of(IDS), at, random.of([at, 0])),
  (state, at, random) => changes.withSetting(state, random.of(NAMES), random.below(3), at),
  (state, at, random) => changes.withSession(state, `session-${random.below(3)}`, { at }, at),
  (state, at, random) =>
    changes.reset(state, { ids: [random.of(IDS)], slugs: [random.of(IDS)], at }),
  (state, at, random) => (random.below(6) ? state : changes.resetAll(state, at)),
]

/** A text that somebody might offer as a state: good, old, newer, damaged, hostile or nonsense. */
export function hostileText(random) {
  const kind = random.below(10)
  if (kind === 0) return random.of(NONSENSE)
  const text = writeState(randomState(random, 3 + random.below(25)))
  if (kind === 1) return text
  if (kind === 2) return text.slice(0, random.below(text.length))
  if (kind === 3) return scrambled(text, random)
  // Numbers that JSON can write and JavaScript cannot hold are put in as text.
  const tree = JSON.parse(text)
  for (let times = 1 + random.below(4); times > 0; times--) infect(tree, random)
  return JSON.stringify(tree).replaceAll('"<1e999>"', "1e999").replaceAll('"<-0>"', "-0")
}

function scrambled(text, random) {
  const letters = [...text]
  for (let times = 1 + random.below(5); times > 0; times--) {
    letters[random.below(letters.length)] = random.of([...'{}[]",:0-e.\\n\u0000\ud800<'])
  }
  return letters.join("")
}

/** Put something hostile at a random place of a document, seldom outside its parts. */
function infect(tree, random) {
  const part = random.of(["items", "items", "items", "topics", "settings", "sessions"])
  let place = random.below(12) && Object(tree[part]) === tree[part] ? tree[part] : tree
  for (;;) {
    const keys = Object.keys(place)
    const key = random.below(8) && keys.length ? random.of(keys) : random.of(KEYS)
    const below = Object.hasOwn(place, key) ? place[key] : null
    if (typeof below === "object" && below !== null && random.below(4)) {
      place = below
      continue
    }
    const value = random.of(VALUES)(random)
    Object.defineProperty(place, key, {
      value,
      enumerable: true,
      configurable: true,
      writable: true,
    })
    return
  }
}

const nested = depth => JSON.parse("[".repeat(depth) + "]".repeat(depth))
const KEYS = ["__proto__", "constructor", "items", "log", "", "at", "<img src=x onerror=alert(1)>"]
const VALUES = [
  () => null,
  () => true,
  () => [],
  () => ({}),
  () => "<script>alert(1)</script>",
  () => "javascript:alert(1)",
  () => "<1e999>",
  () => "<-0>",
  () => -1,
  () => 0.5,
  () => 2 ** 53,
  () => 8.64e15,
  () => Number.MAX_VALUE,
  () => NOW + 5,
  () => "1".repeat(300),
  () => "x".repeat(25_000),
  random => nested(1 + random.below(60)),
  () => nested(2000),
  () => JSON.parse('{"__proto__": {"polluted": true}}'),
  () => ({ constructor: { prototype: { polluted: true } } }),
  () => ({ at: 1, read: 1, value: {}, since: 8.64e15, log: [[1, "page", 3, 0]] }),
  () => [[1, "page", 3]],
  () => [[NOW, "page", 3, 0, NOW + 1], [NOW, "page", 0, 0], [NOW, "page", 9, 9]],
  random => ({ ...card(random, NOW), due: null }),
  random => Array.from({ length: 2000 }, () => [random.below(1e12), "quiz", 1, 0]),
]

const schema = '"schema":"backend-study-guide/state"'
const NONSENSE = [
  "",
  " ",
  "null",
  "[]",
  "0",
  '"text"',
  "{",
  "NaN",
  "undefined",
  "\u0000",
  "\ufeff{}",
  "<!doctype html><title>404</title>",
  "{}",
  `{${schema}}`,
  `{${schema},"version":0}`,
  `{${schema},"version":"1"}`,
  `{${schema},"version":1e999}`,
  `{${schema},"version":2,"items":{}}`,
  `{${schema},"version":9007199254740991}`,
  `{${schema},"version":1,"items":[1,2,3]}`,
  `{${schema},"version":1,"__proto__":{"polluted":true}}`,
  `{${schema},"version":1,"__proto__":{"items":{"a":{"at":1}}}}`,
  `{${schema},"version":1,"items":{"__proto__":{"at":1,"log":[[1,"page",3,0]]}}}`,
  `{${schema},"version":1,"version":7}`,
  "[".repeat(100_000),
  "[".repeat(50_000) + "]".repeat(50_000),
  `{"a":`.repeat(20_000),
  `{${schema},"version":1,"items":${'{"a":'.repeat(9000)}1${"}".repeat(9000)}}`,
]

/** What local storage does, in memory; `quota` is how many characters it takes. */
export class FakeStorage {
  constructor(quota = Infinity) {
    this.quota = quota
    this.map = new Map()
  }
  get length() {
    return this.map.size
  }
  key(at) {
    return [...this.map.keys()][at] ?? null
  }
  getItem(key) {
    return this.map.get(key) ?? null
  }
  removeItem(key) {
    this.map.delete(key)
  }
  setItem(key, text) {
    const others = [...this.map].filter(([name]) => name !== key)
    const size = others.reduce((sum, [name, value]) => sum + name.length + value.length, 0)
    if (size + key.length + text.length > this.quota) {
      throw new DOMException("The quota has been exceeded.", "QuotaExceededError")
    }
    this.map.set(key, String(text))
  }
}
