// A study plan up to a day: what to read when. Pure: the same input gives the same plan.
// Days are texts such as "2026-12-01" for the outside and numbers since 1970 in here, so that no
// time zone and no change of clocks can move them.

import { LEVELS } from "../levels.js"

/** What a topic of each level is worth to somebody who prepares for one of them. */
const FIT = { foundation: [1, 0.5, 0.1], core: [1, 1, 0.4], advanced: [0.6, 1, 1] }
/** After how many study days questions come back. */
const AGAIN = [1, 6, 24, 72, 180]
const REHEARSE_EVERY = 6
const LONGEST = 366
/** A topic longer than half a day may be cut where the day ends, unless less than this is left. */
const SMALLEST_PART = 15

const DAY = 864e5
const numberOf = text => Date.parse(`${text}T00:00Z`) / DAY
export const dayText = number => new Date(number * DAY).toISOString().slice(0, 10)

/** The day on which a time is where the reader is. */
export function localDay(time) {
  const date = new Date(time)
  return dayText(Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) / DAY)
}

/**
 * Plan the days from `today` to the one before `date`.
 *
 * hours: a day; level: aimed at; off: days of the week without study, 0 is Sunday; known: slugs of
 * topics to leave out. Gives { problem } with a sentence if that cannot be, else
 * { days, left, total }: days are { date, work, review, rehearsal, minutes, light }, their work
 * lists { slug, minutes, part } (part: "", "begin", "go on" or "finish"); left are slugs that find
 * no time; total are minutes.
 */
export function makePlan({ study, date, today, hours, level, off = [], known = [] }) {
  const problem = problemOf(date, today, hours, level)
  if (problem) return { problem }
  const frame = frameOf(numberOf(today), numberOf(date), hours * 60, off)
  if (!frame.length) return { problem: "None of the days until then is a day for study." }
  const topics = costs(study, level, new Set(known))
  const { chosen, days } = choose(topics, frame, study.minutes.again)
  const left = [...topics.values()].filter(topic => !chosen.has(topic)).sort(byScore)
  const total = days.reduce((sum, day) => sum + day.minutes, 0)
  return { days, left: left.map(({ slug }) => slug), total }
}

function problemOf(date, today, hours, level) {
  const end = numberOf(date)
  if (!(Number.isInteger(end) && dayText(end) === date)) return "Enter the day of your interview."
  const ahead = end - numberOf(today)
  if (!(ahead >= 0)) return "That day is over. Enter one that is still to come."
  if (ahead === 0) return "That is today: no time left for a plan. Review what is due, then stop."
  if (ahead > LONGEST) return "That is more than a year ahead. Enter a day within a year."
  if (!(hours >= 0.5 && hours <= 12)) return "Enter between half an hour and 12 hours a day."
  return LEVELS.includes(level) ? "" : "Choose a level."
}

/** The study days, with the minutes of each and of its rehearsal; the last one is light. */
function frameOf(first, end, minutes, off) {
  const days = []
  for (let day = first; day < end; day++) {
    if (!off.includes((day + 4) % 7)) days.push(dayText(day))
  }
  const mock = 15 * Math.floor(Math.min(45, minutes / 2) / 15)
  return days.map((date, index) => {
    const light = index > 0 && index === days.length - 1
    const rehearsal = light || index % REHEARSE_EVERY === REHEARSE_EVERY - 1 ? mock : 0
    return { date, minutes, light, rehearsal }
  })
}

/** Each topic that is not known, with what it costs and what it is worth, by slug. */
function costs(study, level, known) {
  const { answer, design } = study.minutes
  const topics = new Map()
  for (const { slug, minutes, needs, weight, level: own } of study.topics) {
    if (known.has(slug)) continue
    const score = weight * FIT[level][LEVELS.indexOf(own)]
    const cost = minutes + (slug.startsWith("case-") ? design : 0)
    topics.set(slug, { slug, needs, score, cost, order: topics.size, questions: 0 })
  }
  for (const { kind, topic } of study.items) {
    const found = kind === "question" && topics.get(topic)
    if (found) found.questions += 1
  }
  for (const topic of topics.values()) {
    topic.cost += answer * topic.questions
    topic.needs = topic.needs.map(slug => topics.get(slug)).filter(Boolean)
  }
  return topics
}

const byScore = (a, b) => b.score - a.score || a.order - b.order

/** All topics if there is time; else by score, each with what it needs, while they fit. */
function choose(topics, frame, again) {
  const all = [...topics.values()]
  const everything = fill(new Set(all), frame, again)
  if (everything) return { chosen: new Set(all), days: everything }
  let chosen = new Set()
  let days = fill(chosen, frame, again)
  for (const topic of [...all].sort(byScore)) {
    const more = withNeeds(topic, new Set(chosen))
    const filled = more.size > chosen.size && fill(more, frame, again)
    if (filled) [chosen, days] = [more, filled]
  }
  return { chosen, days }
}

function withNeeds(topic, found) {
  for (const needed of topic.needs) if (!found.has(needed)) withNeeds(needed, found)
  return found.add(topic)
}

/**
 * Three rounds of equal size, what matters most first and within a round area by area: a reader who
 * falls behind loses the end of the plan. What a topic needs counts as much as it does itself.
 */
function inRounds(chosen) {
  const worth = new Map()
  const raise = (topic, score) => {
    if (worth.get(topic) >= score) return
    worth.set(topic, score)
    for (const needed of topic.needs) raise(needed, score)
  }
  for (const topic of chosen) raise(topic, topic.score)
  const ranked = [...chosen].sort((a, b) => worth.get(b) - worth.get(a) || a.order - b.order)
  return [0, 1, 2].map(round =>
    ranked
      .filter((_, rank) => Math.floor((3 * rank) / ranked.length) === round)
      .sort((a, b) => a.order - b.order),
  )
}

/** Spread topics over the days, none before what it needs; null if they do not fit. */
function fill(chosen, frame, again) {
  const left = new Map([...chosen].map(topic => [topic, topic.cost]))
  const rounds = inRounds(chosen)
  let rest = []
  const asked = []
  const days = []
  let waiting = 0
  const isReady = topic => topic.needs.every(needed => !left.has(needed))
  for (const [index, { date, minutes, light, rehearsal }] of frame.entries()) {
    for (const after of AGAIN) waiting += again * (asked[index - after] ?? 0)
    const review = Math.min(waiting, Math.floor((minutes - rehearsal) / 2))
    waiting -= review
    asked[index] = 0
    let free = light ? 0 : minutes - rehearsal - review
    const work = []
    while (free > 0) {
      while (!rest.length && rounds.length) rest = rounds.shift()
      const fits = rest.find(topic => left.get(topic) <= free && isReady(topic))
      const long = topic => topic.cost > minutes / 2 && free >= SMALLEST_PART && isReady(topic)
      const topic = fits ?? rest.find(long)
      if (!topic) break
      const spent = Math.min(left.get(topic), free)
      const begun = left.get(topic) < topic.cost
      const part = fits ? (begun ? "finish" : "") : begun ? "go on" : "begin"
      work.push({ slug: topic.slug, minutes: spent, part })
      free -= spent
      rest.splice(rest.indexOf(topic), 1)
      if (fits) {
        left.delete(topic)
        asked[index] += topic.questions
      } else {
        left.set(topic, left.get(topic) - spent)
        rest.unshift(topic)
      }
    }
    const used = work.reduce((sum, each) => sum + each.minutes, review + rehearsal)
    days.push({ date, work, review, rehearsal, minutes: used, light })
  }
  return left.size ? null : days
}
