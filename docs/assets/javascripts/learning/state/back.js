// What an import brings back: entries that were reset here after it was exported.

import { stampOf } from "./log.js"

/**
 * What `other` has that was reset in `state` since: { answers, topics, more, state }, the numbers
 * of answers, topics read and other entries, and `other` written anew `at` a time, so that merging
 * it brings them back.
 */
export function broughtBack(state, other, at) {
  const counts = { answers: 0, topics: 0, more: 0 }
  const revived = (part, revive) =>
    Object.fromEntries(
      Object.entries(other[part]).map(([key, entry]) => {
        const mine = Object.hasOwn(state[part], key) ? state[part][key] : null
        return [key, mine ? revive(mine, entry, part) : entry]
      }),
    )
  const item = (mine, entry) => {
    const dropped = entry.log.filter(each => stampOf(each) < mine.since && !has(mine, each))
    counts.answers += dropped.filter(([, , grade]) => grade > 0).length
    const back = Math.max(at, mine.since) // a clock may have been set back since
    const log = entry.log.map(each => (dropped.includes(each) ? [...each.slice(0, 4), back] : each))
    const isCardBack = mine.since > entry.at && isUntouched(mine) && !isUntouched(entry)
    counts.more += isCardBack && !dropped.length
    return { ...entry, log, at: isCardBack ? Math.max(at, mine.at + 1) : entry.at }
  }
  const value = (mine, entry, part) => {
    if (!isCleared(mine) || isCleared(entry) || mine.at <= entry.at) return entry
    counts[part === "topics" ? "topics" : "more"] += 1
    return { ...entry, at: Math.max(at, mine.at + 1) }
  }
  const items = revived("items", item)
  const [topics, settings, sessions] = ["topics", "settings", "sessions"].map(part =>
    revived(part, value),
  )
  return { ...counts, state: { ...other, items, topics, settings, sessions } }
}

const has = ({ log }, [time, source]) => log.some(each => each[0] === time && each[1] === source)
const isUntouched = ({ card, queued }) => !card && !queued
const isCleared = ({ read, value }) => !(read || (value ?? null) !== null)
