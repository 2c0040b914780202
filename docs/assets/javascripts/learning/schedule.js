// When an item comes back: the memory model of FSRS, as ts-fsrs computes it, and steps of minutes
// before it; both behind the cards of state/format.js. Nothing is random: the same answers at the
// same times give the same card. An interview date brings items back sooner (see `scheduled`).

import { FSRSAlgorithm } from "../vendor/ts-fsrs/ts-fsrs.js"
import { hash } from "./random.js"
import { settingOf } from "./state/changes.js"

const MINUTE = 60_000
const DAY = 24 * 60 * MINUTE
const [LEARNING, REVIEW, RELEARNING] = [1, 2, 3]

/** Minutes until an item comes back that is not settled, by grade: 1 again, 2 hard. */
const STEP = { 1: 10, 2: 15 }

/** So many days before the interview, what is known comes back for a last time. */
const LAST_DAYS = 7

/** FSRS-6 with its default parameters. */
const model = new FSRSAlgorithm({ request_retention: 0.9, enable_fuzz: false })

/**
 * The card after an answer; `card` is null if it is the first. `until` is the day of the interview
 * as `dayOf` gives it, or null; `id`, the item's, spreads items over the days before.
 */
export function rate(card, grade, now, { until = null, id = "" } = {}) {
  const days = card ? Math.max(0, Math.floor((now - (card.last ?? now)) / DAY)) : 0
  const memory = memoryOf(card)
  const { stability, difficulty } = model.next_state(memory, days, grade, recall(memory, days))
  const before = card?.phase ?? LEARNING
  const wasKnown = before === REVIEW
  const settled = grade > (wasKnown ? 1 : 2)
  const rated = {
    due: now + (STEP[grade] ?? 0) * MINUTE,
    last: now,
    stability,
    difficulty,
    phase: settled ? REVIEW : before >= REVIEW ? RELEARNING : LEARNING,
    step: 0,
    reps: (card?.reps ?? 0) + 1,
    lapses: (card?.lapses ?? 0) + (wasKnown && grade === 1 ? 1 : 0),
  }
  return scheduled(rated, id, until)
}

/** When the item would be due after each of the grades 1 to 4. */
export const preview = (card, now, options) =>
  [1, 2, 3, 4].map(grade => rate(card, grade, now, options).due)

/**
 * How likely it is that the item is still known. The library would round this to 8 digits, an error
 * that grows over a long history.
 */
function recall(memory, days) {
  const decay = -model.parameters.w[20]
  return memory ? (1 + ((0.9 ** (1 / decay) - 1) * days) / memory.stability) ** decay : undefined
}

/** Of a card that an import may have bent; null as for one never rated. */
function memoryOf(card) {
  if (!card || card.stability < 0.001 || card.difficulty < 1) return null
  return { stability: Math.min(card.stability, 36_500), difficulty: Math.min(card.difficulty, 10) }
}

/**
 * The card, due when FSRS says; but what would then stay away until the day of the interview comes
 * back once more, on one of the last days before it. Which one depends on the id. What has come
 * back and was known in these days has done so.
 */
function scheduled(card, id, until) {
  const known = card.phase === REVIEW
  const due = known ? card.last + model.next_interval(card.stability, 0) * DAY : card.due
  if (until === null || due < until || card.last >= until) return { ...card, due }
  const lastDays = dayBefore(until, LAST_DAYS)
  if (known && card.reps > 1 && card.last >= lastDays) return { ...card, due }
  const days = []
  for (let back = 1; back <= LAST_DAYS && dayBefore(until, back) > card.last; back++) {
    days.push(dayBefore(until, back))
  }
  // On the day before the interview: half of the time that is left.
  const soon = Math.floor((card.last + until) / 2)
  return { ...card, due: known && days.length ? days[hash(id) % days.length] : soon }
}

/** All cards as an interview on `until` (null: none) has them; `state` itself if none changes. */
export function rescheduled(state, until) {
  const changed = Object.entries(state.items).flatMap(([id, item]) => {
    if (item.card?.phase !== REVIEW || item.card.last === null) return []
    const card = scheduled(item.card, id, until)
    // Not a change of the reader's: `at` stays, so that it wins over none when states are merged.
    return card.due === item.card.due ? [] : [[id, { ...item, card }]]
  })
  if (!changed.length) return state
  return { ...state, items: { ...state.items, ...Object.fromEntries(changed) } }
}

/** The day of the reader's interview as `dayOf` gives it, or null once it has come. */
export function untilOf(state, now) {
  const day = dayOf(settingOf(state, "interviewDate"))
  return day > now ? day : null
}

/** "2026-12-01" -> when that day begins where the reader is; null if it is no date. */
export function dayOf(text) {
  const [, year, month, day] = /^(\d{4})-(\d\d)-(\d\d)$/.exec(text ?? "") ?? []
  if (!year) return null
  const date = new Date(year, month - 1, day)
  return date.getMonth() === month - 1 && date.getDate() === Number(day) ? date.getTime() : null
}

/** When the day begins that is so many days before the one at `time`; some days have 23 hours. */
function dayBefore(time, days) {
  const date = new Date(time)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() - days).getTime()
}
