// The reader's state as one document: what it looks like, and reading it from text that may be
// old, newer than this code, damaged or hostile.
//
// { schema, version,
//   items:    { id:   { at, since, card, queued, log } },
//   topics:   { slug: { at, read } },
//   settings: { name: { at, value } },
//   sessions: { id:   { at, value } } }
//
// `at` is when an entry was last written (milliseconds since 1970, as all times here). Ids and
// slugs are the guide's permanent ones. Of an item: `card` is its FSRS card or null, `queued` says
// that it waits for review, `log` lists its answers as [time, source, grade, confidence], `since`
// is when it was last reset: nothing in its log is older. Grades are those of FSRS, 1 (again) to 4
// (easy), and 0 for an answer taken back; confidence is 1 to 3, or 0 if nobody asked.

export const SCHEMA = "backend-study-guide/state"
export const VERSION = 1

export const SOURCES = ["interview", "page", "placement", "quiz", "review"]

const MAX_KEY = 200
const MAX_TIME = 8.64e15
const MAX_VALUE = 20_000

/** Why a text is no state: `kind` is "damaged", or "newer" for one of a later version. */
export class StateError extends Error {
  constructor(kind, message) {
    super(message)
    this.name = "StateError"
    this.kind = kind
  }
}

/** A state in which nothing has happened yet. */
export const emptyState = () => ({
  schema: SCHEMA,
  version: VERSION,
  items: {},
  topics: {},
  settings: {},
  sessions: {},
})

/**
 * Read a state from its JSON text: { state, rejected }. `rejected` holds what makes no sense in it,
 * by the same keys, or is null. Throws a StateError if none of it does.
 */
export function readState(text) {
  const found = upgrade(parse(text))
  const rejected = {}
  const state = emptyState()
  for (const [part, check] of Object.entries(CHECKS)) {
    const entries = isObject(found[part]) ? Object.entries(found[part]) : []
    const good = []
    const bad = []
    for (const [key, entry] of entries) {
      const checked = key.length <= MAX_KEY && isObject(entry) ? check(entry) : null
      if (checked) good.push([key, checked])
      else bad.push([key, entry])
    }
    if (found[part] !== undefined && !isObject(found[part])) bad.push(["", found[part]])
    // fromEntries defines properties, so that a key named __proto__ is a key like any other.
    state[part] = Object.fromEntries(good)
    if (bad.length) rejected[part] = Object.fromEntries(bad)
  }
  return { state, rejected: Object.keys(rejected).length ? rejected : null }
}

/** The text in which a state is stored and exported. */
export const writeState = state => JSON.stringify(state)

function parse(text) {
  let found
  try {
    found = JSON.parse(text)
  } catch {
    throw new StateError("damaged", "This is no JSON.")
  }
  if (!isObject(found) || found.schema !== SCHEMA) {
    throw new StateError("damaged", "This is not a state of the Backend Study Guide.")
  }
  if (!Number.isInteger(found.version) || found.version < 1) {
    throw new StateError("damaged", "The state does not say its version.")
  }
  if (found.version > VERSION) {
    const versions = `version ${found.version}; this page knows version ${VERSION}`
    throw new StateError("newer", `The state has ${versions}. Reload the page and try again.`)
  }
  return found
}

/** What turns a state of each earlier version into one of the next: version -> function. */
const UPGRADES = {}

function upgrade(found) {
  for (let version = found.version; version < VERSION; version++) found = UPGRADES[version](found)
  return found
}

const CHECKS = {
  items(entry) {
    const { at, since = 0, card = null, queued = false, log = [] } = entry
    const answers = Array.isArray(log) && log.every(isAnswer)
    if (!isTime(at) || !isTime(since) || !answers || typeof queued !== "boolean") return null
    if (card !== null && !isCard(card)) return null
    return { at, since, card: card && pickCard(card), queued, log: log.map(each => [...each]) }
  },
  topics: ({ at, read }) => (isTime(at) && isTime(read) ? { at, read } : null),
  settings: ({ at, value }) => (isTime(at) && isValue(value) ? { at, value } : null),
  sessions: ({ at, value }) => (isTime(at) && isValue(value) ? { at, value } : null),
}

const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value)
const isTime = value => Number.isInteger(value) && value >= 0 && value <= MAX_TIME
const isIn = (value, low, high) => Number.isInteger(value) && value >= low && value <= high
const isPositive = value => Number.isFinite(value) && value >= 0

/** null, or anything of JSON that is not too long. */
function isValue(value) {
  return value !== undefined && JSON.stringify(value).length <= MAX_VALUE
}

function isAnswer(answer) {
  if (!Array.isArray(answer) || answer.length !== 4) return false
  const [time, source, grade, confidence] = answer
  return isTime(time) && SOURCES.includes(source) && isIn(grade, 0, 4) && isIn(confidence, 0, 3)
}

// A card of FSRS: phase 0 new, 1 learning, 2 review, 3 relearning; `last` is its last review.
const CARD = {
  due: isTime,
  last: value => value === null || isTime(value),
  stability: isPositive,
  difficulty: isPositive,
  phase: value => isIn(value, 0, 3),
  step: value => isIn(value, 0, 100),
  reps: value => isIn(value, 0, 1e6),
  lapses: value => isIn(value, 0, 1e6),
}

const isCard = card => isObject(card) && Object.entries(CARD).every(([key, is]) => is(card[key]))
const pickCard = card => Object.fromEntries(Object.keys(CARD).map(key => [key, card[key]]))
