// What a review session asks, and in which order. Pure: everything comes in, nothing is kept.

import { itemOf, readAt } from "../state/changes.js"
import { isDue, isNew } from "../state/summary.js"

/** So many new items of one topic, then others get their turn. */
const NEW_AT_ONCE = { question: 2, quiz: 1 }

/** An item that was not known comes back after so many others. */
const PAUSE = 4

/** The items that fit: area, level and tag, each of which may be empty. */
export function matching(study, { area, level, tag }) {
  return study.items.filter(item => {
    const topic = study.topicBySlug.get(item.topic)
    if ((area && topic.area !== area) || (level && item.level !== level)) return false
    return !tag || topic.tags.includes(tag)
  })
}

/** { due, new, next }: how many are due and new, and when the next of the others is (or null). */
export function tally(items, state, now) {
  const sums = { due: 0, new: 0, next: null }
  for (const { id } of items) {
    if (isDue(state, id, now)) sums.due += 1
    else if (isNew(state, id)) sums.new += 1
    else sums.next = Math.min(sums.next ?? Infinity, itemOf(state, id).card.due)
  }
  return sums
}

/** Items for a session: those that wait, then those longest due, then up to `limit` new ones. */
export function makeSession(items, state, now, limit) {
  const since = ({ id }) => (itemOf(state, id).queued ? 0 : itemOf(state, id).card.due)
  const due = sortedBy(items.filter(({ id }) => isDue(state, id, now)), since)
  const fresh = items.filter(({ id }) => isNew(state, id))
  return interleaved([...due, ...inTurns(fresh, state).slice(0, limit)])
}

/** New items: first those of topics that were read, a few of each topic at a time. */
function inTurns(items, state) {
  const seen = new Map()
  const turns = new Map()
  for (const { id, topic, kind } of items) {
    const before = seen.get(topic + kind) ?? 0
    seen.set(topic + kind, before + 1)
    const turn = Math.floor(before / NEW_AT_ONCE[kind])
    turns.set(id, turn + (readAt(state, topic) ? 0 : items.length))
  }
  return sortedBy(items, ({ id }) => turns.get(id))
}

const sortedBy = (items, key) => [...items].sort((one, other) => key(one) - key(other))

/** The same items in nearly the same order, no two of a topic in a row if that can be. */
export function interleaved(items) {
  const rest = [...items]
  const left = new Map()
  for (const { topic } of rest) left.set(topic, (left.get(topic) ?? 0) + 1)
  const order = []
  while (rest.length) {
    const last = order.at(-1)?.topic
    // A topic with more than half of what is left has to take every other place from now on.
    const [crowd] = [...left].find(([, number]) => number * 2 > rest.length) ?? []
    const next = crowd && crowd !== last ? topic => topic === crowd : topic => topic !== last
    const place = Math.max(0, rest.findIndex(({ topic }) => next(topic)))
    const [item] = rest.splice(place, 1)
    left.set(item.topic, left.get(item.topic) - 1)
    order.push(item)
  }
  return order
}

/** Have an item come back among the rest: not too soon, and not beside its own topic. */
export function putBack(rest, item) {
  const places = [...Array(rest.length + 1).keys()]
  const late = [...places.slice(PAUSE), ...places.slice(1, PAUSE).reverse()]
  const apart = place => [rest[place - 1], rest[place]].every(each => each?.topic !== item.topic)
  const place = late.find(apart) ?? rest.length
  return [...rest.slice(0, place), item, ...rest.slice(place)]
}
