// A session as it is kept: { role, level, areas, minutes, seed, entries, finished, added } under
// "interview-<when it began>". An entry is { id, seconds, grade, note }; grade 0 is not rated.

import { answered, withSession } from "../state/changes.js"
import { MINUTES, MIXES, roleOf } from "./roles.js"

const PREFIX = "interview-"
const ROOM = 20_000

/** A session that has just begun. */
export const begun = (settings, items, at) => ({
  ...settings,
  key: PREFIX + at,
  entries: items.map(({ id }) => ({ id, seconds: 0, grade: 0, note: "" })),
  finished: 0,
  added: 0,
})

/** Keep the session; its notes only as long as there is room for them. */
export function keep(store, { key, ...session }) {
  const isShort = JSON.stringify(session).length <= ROOM
  const entries = session.entries.map(entry => ({ ...entry, note: isShort ? entry.note : "" }))
  store.update((state, at) => withSession(state, key, { ...session, entries }, at))
  return isShort
}

export const forget = (store, { key }) =>
  store.update((state, at) => withSession(state, key, null, at))

/** All sessions that were kept, the latest first. Imported ones may hold anything. */
export const kept = (study, state) =>
  Object.entries(state.sessions)
    .filter(([key]) => /^interview-\d{1,15}$/.test(key))
    .map(([key, { value }]) => checked(study, key, value))
    .filter(Boolean)
    .sort((one, other) => startOf(other) - startOf(one))

export const startOf = session => Number(session.key.slice(PREFIX.length))

function checked(study, key, value) {
  if (!value || !Array.isArray(value.entries)) return null
  const { role, level, minutes, seed } = value
  const areas = Array.isArray(value.areas) ? value.areas.filter(id => study.areaById.has(id)) : []
  const entries = value.entries
    .filter(entry => entry && study.itemById.has(entry.id))
    .map(({ id, seconds, grade, note }) => ({
      id,
      seconds: seconds > 0 && seconds < 1e6 ? Math.round(seconds) : 0,
      grade: [1, 2, 3, 4].includes(grade) ? grade : 0,
      note: String(note ?? ""),
    }))
  if (!entries.length || !roleOf(role) || !MINUTES.includes(minutes)) return null
  return {
    key,
    role,
    level: Object.hasOwn(MIXES, level) ? level : "",
    areas: areas.length ? areas : null,
    minutes,
    seed: String(seed ?? ""),
    entries,
    finished: Number(value.finished) || 0,
    added: Number(value.added) || 0,
  }
}

/** Note the rated questions as answers; grades 1 and 2 wait for review from now on. */
export function addToReview(store, session) {
  const rated = session.entries.filter(({ grade }) => grade)
  store.update((state, at) =>
    rated.reduce((soFar, { id, grade }) => {
      const queued = grade < 3 ? true : undefined
      return answered(soFar, id, { at, source: "interview", grade, queued })
    }, state),
  )
  session.added = store.clock()
  keep(store, session)
  return rated.filter(({ grade }) => grade < 3).length
}
