// What a change of the state comes to, in numbers: to show before it is made.

import { answersOf, itemOf, readAt, settingOf } from "./changes.js"

/**
 * From `before` to `after`: answers that appear and go, items whose card or place in the queue
 * changes, topics that become read and unread, names of settings that change, sessions that do.
 */
export function differences(before, after) {
  const found = { answers: 0, lost: 0, scheduled: 0, read: 0, unread: 0, settings: [], sessions: 0 }
  for (const id of keys(before.items, after.items)) {
    const [old, now] = [before, after].map(state => new Set(answersOf(state, id).map(keyOf)))
    found.answers += [...now].filter(each => !old.has(each)).length
    found.lost += [...old].filter(each => !now.has(each)).length
    const plans = [before, after].map(state => itemOf(state, id))
    const [was, is] = plans.map(({ card, queued }) => JSON.stringify([card, queued]))
    found.scheduled += was !== is
  }
  for (const slug of keys(before.topics, after.topics)) {
    const [was, is] = [before, after].map(state => readAt(state, slug) > 0)
    found.read += is && !was
    found.unread += was && !is
  }
  for (const name of keys(before.settings, after.settings)) {
    const [was, is] = [before, after].map(state => JSON.stringify(settingOf(state, name)))
    if (was !== is) found.settings.push(name)
  }
  for (const id of keys(before.sessions, after.sessions)) {
    const [was, is] = [before, after].map(({ sessions }) => textOf(sessions, id))
    found.sessions += was !== is
  }
  return found
}

const keyOf = ([time, source]) => `${time} ${source}`
const keys = (one, other) => new Set([...Object.keys(one), ...Object.keys(other)])
const textOf = (entries, id) =>
  JSON.stringify(Object.hasOwn(entries, id) ? entries[id].value : null)
