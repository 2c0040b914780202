// What can happen to a state, as pure functions: each returns a new state.

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
export const readAt = (state, slug) => (Object.hasOwn(state.topics, slug) ? state.topics[slug].read : 0)

/**
 * Note an answer to an item. `source` is one of SOURCES, `grade` 1 to 4, `confidence` 1 to 3 or 0;
 * `card` and `queued` stay as they are unless given.
 */
export function answered(state, id, { at, source, grade, confidence = 0, card, queued }) {
  const before = itemOf(state, id)
  return withItem(state, id, {
    ...before,
    at,
    card: card === undefined ? before.card : card,
    queued: queued ?? before.queued,
    log: [...before.log, [at, source, grade, confidence]],
  })
}

/** Take the answer back that was given at `time`; the card is `card` again. */
export function takenBack(state, id, { at, time, card, queued }) {
  const before = itemOf(state, id)
  const log = before.log.map(each => (each[0] === time ? [time, each[1], 0, each[3]] : each))
  return withItem(state, id, { ...before, at, card, queued, log })
}

/** Put an item into the queue for review, or take it out. */
export const queued = (state, id, at, waits = true) =>
  withItem(state, id, { ...itemOf(state, id), at, queued: waits })

/** Note that a topic was read (`read` is when), or with 0 that it was not. */
export const withTopic = (state, slug, at, read = at) =>
  with_(state, "topics", slug, { at, read })

export const withSetting = (state, name, value, at) =>
  with_(state, "settings", name, { at, value })

/** Keep what a session (a mock interview, a placement) came to. */
export const withSession = (state, id, value, at) =>
  with_(state, "sessions", id, { at, value })

/** Forget items and topics. Entries stay, empty: else a merge would bring the old ones back. */
export function reset(state, { ids, slugs, at }) {
  const items = ids.map(id => [id, { ...NOTHING, at, since: at }])
  const topics = slugs.map(slug => [slug, { at, read: 0 }])
  return {
    ...state,
    items: { ...state.items, ...Object.fromEntries(items) },
    topics: { ...state.topics, ...Object.fromEntries(topics) },
  }
}

/** Forget everything. */
export function resetAll(state, at) {
  const cleared = reset(state, { ids: Object.keys(state.items), slugs: Object.keys(state.topics), at })
  const empty = entries =>
    Object.fromEntries(Object.keys(entries).map(key => [key, { at, value: null }]))
  return { ...cleared, settings: empty(state.settings), sessions: empty(state.sessions) }
}

const withItem = (state, id, entry) => with_(state, "items", id, entry)

const with_ = (state, part, key, entry) => ({
  ...state,
  [part]: { ...state[part], ...Object.fromEntries([[key, entry]]) },
})
