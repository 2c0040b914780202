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
// that it waits for review, `log` lists its answers (see log.js), `since` is when it was last
// reset. Whatever is added to this format takes a new version and an upgrade: code that does not
// know a part of the document would drop it when it writes.

import { isAnswer, isIn, isTime, tidyLog } from "./log.js"

export const SCHEMA = "backend-study-guide/state"
export const VERSION = 1

/** What turns a document of each earlier version into one of the next: version -> function. */
export const UPGRADES = {}

const MAX_KEY = 200
const MAX_VALUE = 20_000
const MAX_DEPTH = 20

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
 * by the same keys, or is null; times after `latest` make none. Throws a StateError where nothing
 * makes sense.
 */
export function readState(text, { latest, version = VERSION, upgrades = UPGRADES } = {}) {
  const { schema, version: _, ...parts } = upgrade(parse(text, version), version, upgrades)
  const state = emptyState()
  const rejected = []
  for (const [part, entries] of Object.entries(parts)) {
    if (!Object.hasOwn(CHECKS, part) || !isObject(entries)) {
      rejected.push([part, entries])
      continue
    }
    const good = []
    const bad = []
    for (const [key, entry] of Object.entries(entries)) {
      const found = key.length <= MAX_KEY && isObject(entry) && CHECKS[part](entry, latest)
      if (found) good.push([key, found.entry])
      if (!found?.whole) bad.push([key, entry])
    }
    // fromEntries defines properties, so that a key named __proto__ is a key like any other.
    state[part] = Object.fromEntries(good)
    if (bad.length) rejected.push([part, Object.fromEntries(bad)])
  }
  return { state, rejected: rejected.length ? Object.fromEntries(rejected) : null }
}

/** The text in which a state is stored and exported. */
export const writeState = state => JSON.stringify(state)

function parse(text, version) {
  let found
  try {
    found = JSON.parse(text)
  } catch {
    throw new StateError("damaged", "This text is not JSON.")
  }
  if (!isObject(found) || found.schema !== SCHEMA) {
    throw new StateError("damaged", "This is not a state of the Backend Study Guide.")
  }
  if (!Number.isInteger(found.version) || found.version < 1) {
    throw new StateError("damaged", "The state does not say its version.")
  }
  if (found.version > version) {
    const versions = `version ${found.version}; this page knows version ${version}`
    throw new StateError("newer", `The state has ${versions}. Reload the page and try again.`)
  }
  return found
}

function upgrade(found, version, upgrades) {
  try {
    for (let from = found.version; from < version; from++) found = upgrades[from](found)
    return found
  } catch {
    throw new StateError("damaged", "The state is of an earlier version and cannot be read as one.")
  }
}

// Each gives null, or the entry with only what is known of it and whether that is the whole of it.
const CHECKS = {
  items({ at, since = 0, card = null, queued = false, log = [] }, latest) {
    if (!isTime(at, latest) || !isTime(since, latest)) return null
    const listed = Array.isArray(log) ? log : []
    const answers = listed.filter(each => isAnswer(each, latest))
    const isKnown = card === null || isCard(card)
    const whole = isKnown && typeof queued === "boolean" && listed === log
    return {
      // What lost its card comes back for review, so that it gets a new one.
      entry: {
        at,
        since,
        card: isKnown ? pickCard(card) : null,
        queued: queued === true || !isKnown,
        log: tidyLog(answers, since),
      },
      whole: whole && answers.length === log.length,
    }
  },
  topics: ({ at, read }, latest) =>
    isTime(at, latest) && isTime(read, latest) ? { entry: { at, read }, whole: true } : null,
  settings: checkValue,
  sessions: checkValue,
}

function checkValue({ at, value }, latest) {
  if (!isTime(at, latest) || value === undefined || !isPlain(value)) return null
  const text = JSON.stringify(value)
  return text.length <= MAX_VALUE ? { entry: { at, value: JSON.parse(text) }, whole: true } : null
}

const isObject = value => typeof value === "object" && value !== null && !Array.isArray(value)
const isUpTo = high => value => Number.isFinite(value) && value >= 0 && value <= high
/** No tool writes names that every object has; read, they would stand in for its own methods. */
const isPlain = (value, depth = 0) =>
  typeof value !== "object" ||
  value === null ||
  (depth < MAX_DEPTH &&
    Object.entries(value).every(([key, each]) => !(key in {}) && isPlain(each, depth + 1)))

// A card of FSRS: phase 0 new, 1 learning, 2 review, 3 relearning; `last` is its last review.
const CARD = {
  due: value => isTime(value),
  last: value => value === null || isTime(value),
  stability: isUpTo(1e6),
  difficulty: isUpTo(10),
  phase: value => isIn(value, 0, 3),
  step: value => isIn(value, 0, 100),
  reps: value => isIn(value, 0, 1e6),
  lapses: value => isIn(value, 0, 1e6),
}

const isCard = card => isObject(card) && Object.entries(CARD).every(([key, is]) => is(card[key]))

/** A card with its known properties in one order, so that equal cards are equal texts. */
export const pickCard = card =>
  card && Object.fromEntries(Object.keys(CARD).map(key => [key, card[key]]))
