// How far a reader is: per topic, per area and in all, from what there is to study and the state.

import { answersOf, itemOf, readAt } from "./changes.js"

/** Whether an item waits for review now: put into the queue, or its card says so. */
export function isDue(state, id, now) {
  const { card, queued } = itemOf(state, id)
  return queued || (card !== null && card.due <= now)
}

/** Whether an item was never learned: neither a card nor in the queue. */
export function isNew(state, id) {
  const { card, queued } = itemOf(state, id)
  return !queued && card === null
}

/**
 * { topics, areas, all }: maps by slug and by area, and one sum. Each counts
 * { topics, read, items, tested, due, new }: topics and those read, items and those with at least
 * one answer, due for review, never learned.
 */
export function summarize(study, state, now) {
  const topics = new Map()
  for (const { slug } of study.topics) {
    topics.set(slug, { ...NONE, topics: 1, read: Number(readAt(state, slug) > 0) })
  }
  for (const { id, topic } of study.items) {
    const sums = topics.get(topic)
    sums.items += 1
    sums.tested += answersOf(state, id).length > 0
    sums.due += isDue(state, id, now)
    sums.new += isNew(state, id)
  }
  const all = { ...NONE }
  const areas = new Map(study.areas.map(({ id }) => [id, { ...NONE }]))
  for (const { slug, area } of study.topics) {
    for (const [key, number] of Object.entries(topics.get(slug))) {
      all[key] += number
      areas.get(area)[key] += number
    }
  }
  return { topics, areas, all }
}

const NONE = { topics: 0, read: 0, items: 0, tested: 0, due: 0, new: 0 }
