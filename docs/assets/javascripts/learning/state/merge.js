// Merge two states of the same reader: of two tabs, of two devices, of a browser and an export.
// The order does not matter, and merging again changes nothing.

import { emptyState } from "./format.js"
import { stampOf, tidyLog } from "./log.js"

/** Per entry the later write wins; answers of both sides are kept, unless reset since. */
export function mergeStates(one, other) {
  const merged = emptyState()
  merged.items = mergeEntries(one.items, other.items, mergeItems)
  for (const part of PARTS) merged[part] = mergeEntries(one[part], other[part], later)
  return merged
}

/**
 * What `other` (an export) has that was reset in `state` since: { items, topics, answers, state },
 * counts and `other` written anew `at` a time, so that merging it brings those back.
 */
export function broughtBack(state, other, at) {
  const back = { items: 0, topics: 0, answers: 0, state: { ...other } }
  const items = Object.entries(other.items).map(([id, entry]) => {
    const mine = Object.hasOwn(state.items, id) ? state.items[id] : null
    const { answers, entry: again } = itemBack(mine, entry, at)
    back.answers += answers
    back.items += again !== entry
    return [id, again]
  })
  back.state.items = Object.fromEntries(items)
  for (const part of PARTS) {
    const entries = Object.entries(other[part]).map(([key, entry]) => {
      const mine = Object.hasOwn(state[part], key) ? state[part][key] : entry
      const isBack = isCleared(mine) && !isCleared(entry) && mine.at > entry.at
      back.topics += isBack && part === "topics"
      return [key, isBack ? { ...entry, at: Math.max(at, mine.at + 1) } : entry]
    })
    back.state[part] = Object.fromEntries(entries)
  }
  return back
}

function itemBack(mine, entry, at) {
  const dropped = entry.log.filter(each => mine && stampOf(each) < mine.since && !has(mine, each))
  const isCardBack = mine && mine.since > entry.at && isUntouched(mine) && !isUntouched(entry)
  if (!dropped.length && !isCardBack) return { answers: 0, entry }
  const back = Math.max(at, mine.since) // a clock may have been set back since
  const log = entry.log.map(each => (dropped.includes(each) ? [...each.slice(0, 4), back] : each))
  return {
    answers: dropped.length,
    entry: { ...entry, at: isCardBack ? Math.max(at, mine.at + 1) : entry.at, log },
  }
}

const has = ({ log }, [time, source]) => log.some(each => each[0] === time && each[1] === source)
const PARTS = ["topics", "settings", "sessions"]
const isCleared = ({ read, value }) => !(read || (value ?? null) !== null)
const isUntouched = ({ card, queued }) => !card && !queued

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
