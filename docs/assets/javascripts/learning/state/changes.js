// What can happen to a state, as pure functions: each returns a new state.

import { pickCard } from "./format.js"
import { stampOf, tidyLog } from "./log.js"

const NOTHING = { at: 0, since: 0, card: null, queued: false, log: [] }

/** The entry of an item; one that was never answered has an empty log. */
export const itemOf = (state, id) => (Object.hasOwn(state.items, id) ? state.items[id] : NOTHING)

/** The answers of an item that were not taken back. */
export const answersOf = (state, id) => itemOf(state, id).log.filter(([, , grade]) => grade > 0)

/** The value of a setting, or `otherwise`. */
export function settingOf(state, name, otherwise = null) {
  return (Object.hasOwn(state.settings, name) ? state.settings[name].value : null) ?? otherwise
}

/** When a topic was read, or 0. */
export const readAt = (state, slug) =>
  Object.hasOwn(state.topics, slug) ? state.topics[slug].read : 0

/**
 * Note an answer to an item. `source` is one of SOURCES, `grade` 1 to 4, `confidence` 1 to 3 or 0;
 * `card` and `queued` stay as they are unless given.
 */
export function answered(state, id, { at, source, grade, confidence = 0, card, queued }) {
  const before = itemOf(state, id)
  // A clock that was set back must not put the answer before a reset or upon another one.
  let time = Math.max(at, before.since)
  while (before.log.some(each => each[0] === time && each[1] === source)) time++
  return withItem(state, id, {
    ...before,
    at,
    card: card === undefined ? before.card : pickCard(card),
    queued: queued ?? before.queued,
    log: tidyLog([...before.log, [time, source, grade, confidence]], before.since),
  })
}

/** Take the answer back that was given at `time`; the card is `card` again. */
export function takenBack(state, id, { at, time, card, queued }) {
  const before = itemOf(state, id)
  const given = before.log.find(each => each[0] >= time && each[2] > 0)
  const undone = ([when, source, , ...rest]) => [when, source, 0, ...rest]
  const log = before.log.map(each => (each === given ? undone(each) : each))
  return withItem(state, id, { ...before, at, card: pickCard(card), queued, log })
}

/** Put an item into the queue for review, or take it out. */
export const queued = (state, id, at, waits = true) =>
  withItem(state, id, { ...itemOf(state, id), at, queued: waits })

/** Note that a topic was read (`read` is when), or with 0 that it was not. */
export const withTopic = (state, slug, at, read = at) =>
  withEntries(state, "topics", [[slug, { at, read }]])

export const withSetting = (state, name, value, at) =>
  withEntries(state, "settings", [[name, { at, value }]])

/** Keep what a session (a mock interview, a placement) came to. */
export const withSession = (state, id, value, at) =>
  withEntries(state, "sessions", [[id, { at, value }]])

/** Forget items and topics. Entries stay, empty: else a merge would bring the old ones back. */
export function reset(state, { ids, slugs, at }) {
  const items = ids.map(id => {
    const before = itemOf(state, id)
    const since = Math.max(at, before.since, ...before.log.map(each => stampOf(each) + 1))
    return [id, { ...NOTHING, at, since }]
  })
  const topics = slugs.map(slug => [slug, { at, read: 0 }])
  return withEntries(withEntries(state, "items", items), "topics", topics)
}

/** Forget everything. */
export function resetAll(state, at) {
  let after = reset(state, { ids: Object.keys(state.items), slugs: Object.keys(state.topics), at })
  for (const part of ["settings", "sessions"]) {
    const cleared = Object.keys(state[part]).map(key => [key, { at, value: null }])
    after = withEntries(after, part, cleared)
  }
  return after
}

const withItem = (state, id, entry) => withEntries(state, "items", [[id, entry]])

/** A change wins over what it changed, also where the clock of an earlier one was ahead. */
function withEntries(state, part, entries) {
  const changed = entries.map(([key, entry]) => {
    const before = Object.hasOwn(state[part], key) ? state[part][key].at : 0
    return [key, { ...entry, at: entry.at < before ? before + 1 : entry.at }]
  })
  return { ...state, [part]: { ...state[part], ...Object.fromEntries(changed) } }
}
