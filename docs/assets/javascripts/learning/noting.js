// What a topic page stores of its reader: loaded with the first thing to store, or with a state.

import {
  answered,
  itemOf,
  readAt,
  settingOf,
  takenBack,
  withSetting,
  withTopic,
} from "./state/changes.js"
import { theStore } from "./state/store.js"

const NOT_STORED = "Not stored: this browser keeps nothing for this site."

/** What is known on the page of a topic: when it was read (or 0), whether answers are hidden. */
export function known(slug) {
  const { state } = theStore()
  return { read: readAt(state, slug), selfTest: settingOf(state, "selfTest", false) }
}

/** Store an answer: { note, undo }. A grade below 3 is a miss, which waits for review. */
export function noteAnswer(id, answer) {
  const store = theStore()
  const missed = answer.grade < 3
  const { card, queued } = itemOf(store.state, id)
  let time
  const saved = store.update((state, at) => {
    time = at
    // A right answer leaves what waits as it is.
    return answered(state, id, { ...answer, at, queued: missed || undefined })
  })
  return {
    note: saved ? (missed ? "Queued for review." : "") : NOT_STORED,
    undo: () => store.update((state, at) => takenBack(state, id, { at, time, card, queued })),
  }
}

/** Store that a topic was read, or that it was not: { time, note }. */
export function noteRead(slug, read) {
  let time
  const saved = theStore().update((state, at) => {
    time = read ? at : 0
    return withTopic(state, slug, at, time)
  })
  return { time, note: saved ? "" : NOT_STORED }
}

/** Remember whether answers are hidden. */
export const noteSelfTest = on =>
  theStore().update((state, at) => withSetting(state, "selfTest", on, at))
