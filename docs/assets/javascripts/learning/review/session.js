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

/** Items for a session: those that wait, those longest due, then up to `limit` new ones. */
export function makeSession(items, state, now, limit) {
  const since = ({ id }) => (itemOf(state, id).queued ? 0 : itemOf(state, id).card.due)
  const due = sortedBy(items.filter(({ id }) => isDue(state, id, now)), since)
  const fresh = items.filter(({ id }) => isNew(state, id))
  return [...due, ...inTurns(fresh, state).slice(0, limit)]
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

function sortedBy(items, key) {
  const keyed = items.map(item => [key(item), item])
  return keyed.sort(([one], [other]) => one - other).map(([, item]) => item)
}

/**
 * The same items with the one in front to ask next: the first of another topic than `last`. So no
 * two of a topic follow each other if that can be.
 */
export function inTurn(items, last) {
  const left = new Map()
  for (const { topic } of items) left.set(topic, (left.get(topic) ?? 0) + 1)
  // A topic with more than half of what is left has to take every other place from now on.
  let crowd
  for (const [topic, number] of left) if (number * 2 > items.length) crowd = topic
  const fits = ({ topic }) => (crowd && crowd !== last ? topic === crowd : topic !== last)
  const place = items.findIndex(fits)
  if (place < 1) return items
  return [items[place], ...items.slice(0, place), ...items.slice(place + 1)]
}

/** Have an item come back among those that are left, not too soon. */
export const putBack = (rest, item) => [...rest.slice(0, PAUSE), item, ...rest.slice(PAUSE)]
