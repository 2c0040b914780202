// Merge two states of the same reader: of two tabs, of two devices, of a browser and an export.
// The order does not matter, and merging again changes nothing.

import { emptyState } from "./format.js"
import { tidyLog } from "./log.js"

/** Per entry the later write wins; answers of both sides are kept, unless reset since. */
export function mergeStates(one, other) {
  const merged = emptyState()
  merged.items = mergeEntries(one.items, other.items, mergeItems)
  for (const part of ["topics", "settings", "sessions"]) {
    merged[part] = mergeEntries(one[part], other[part], later)
  }
  return merged
}

function mergeEntries(one, other, merge) {
  const theirs = new Map(Object.entries(other))
  const entries = Object.entries(one).map(([key, mine]) => {
    const entry = theirs.get(key)
    theirs.delete(key)
    return [key, entry ? merge(mine, entry) : mine]
  })
  return Object.fromEntries([...entries, ...theirs])
}

/** The entry written later; of two written at the same time one that both sides agree on. */
function later(one, other) {
  if (one.at !== other.at) return one.at > other.at ? one : other
  return JSON.stringify(one) > JSON.stringify(other) ? one : other
}

function mergeItems(one, other) {
  const since = Math.max(one.since, other.since)
  const { at, card, queued } = later(stateOf(one), stateOf(other))
  return { at, since, card, queued, log: tidyLog([...one.log, ...other.log], since) }
}

const stateOf = ({ at, card, queued }) => ({ at, card, queued })
