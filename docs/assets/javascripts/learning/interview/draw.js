// Which questions a session asks: from its settings and seed alone.

import { LEVELS } from "../levels.js"
import { chosenBy } from "../random.js"
import { CASE_TAKES, MIXES, TAKES, roleOf } from "./roles.js"

/** A list of the designs, each of which is a case of its own: nothing to ask in six minutes. */
const NEVER = "seven-designs"

const isCase = item => item.topic.startsWith("case-")

/** Minutes that an item takes with its follow-ups. */
export const takes = item => (isCase(item) ? CASE_TAKES : TAKES[item.level])

/** The other questions of a case, which go deeper into it. */
export const deeper = (study, item) =>
  isCase(item) ? questions(study).filter(each => each.topic === item.topic && each !== item) : []

const questions = study => study.items.filter(({ kind }) => kind === "question")

/**
 * The items of a session, in order: { role, level, areas, minutes, seed } -> items. `level` is ""
 * for what the role asks, `areas` null for all. Never longer than `minutes`; it is shorter if areas
 * and level hold too little.
 */
export function draw(study, { role, level, areas, minutes, seed }) {
  const { levels, cases, weightOf } = roleOf(role)
  const shares = MIXES[level] ?? levels
  const areaOf = item => study.topicBySlug.get(item.topic).area
  const isWanted = item => (!areas || areas.includes(areaOf(item))) && item.id !== NEVER
  const pool = questions(study).filter(isWanted)
  const plain = pool.filter(item => !isCase(item))
  const picks = []
  let left = minutes

  let worked
  if (cases && shares[2] && left > CASE_TAKES) {
    const first = item => deeper(study, item).every(other => !isBefore(study, other, item))
    worked = chosenBy(seed, pool.filter(isCase).filter(first), nameOf, () => 1)
    if (worked) left -= CASE_TAKES
  }

  /** The rarer its area is here and its topic so far, the likelier an item. */
  const weigh = candidates => {
    const inArea = counts(candidates.map(areaOf))
    const areasSoFar = counts(picks.map(areaOf))
    const topicsSoFar = counts(picks.map(topicOf))
    return item => {
      const area = areaOf(item)
      const again = (1 + (areasSoFar[area] ?? 0)) ** 2 * 1000 ** (topicsSoFar[item.topic] ?? 0)
      return weightOf(area) / inArea[area] / again
    }
  }

  for (;;) {
    const open = plain.filter(item => !picks.includes(item) && takes(item) <= left)
    const level = scarcest(shares, picks, open)
    if (!level) break
    const candidates = open.filter(item => item.level === level)
    const pick = chosenBy(seed, candidates, nameOf, weigh(candidates))
    picks.push(pick)
    left -= takes(pick)
  }
  return [...ordered(picks), ...(worked ? [worked] : [])]
}

const nameOf = item => item.id
const topicOf = item => item.topic
const rank = item => LEVELS.indexOf(item.level)
const isBefore = (study, one, other) => study.items.indexOf(one) < study.items.indexOf(other)

function counts(names) {
  const result = {}
  for (const name of names) result[name] = (result[name] ?? 0) + 1
  return result
}

/** The level that is furthest behind its share and has anything left. */
function scarcest(shares, picks, open) {
  const total = shares[0] + shares[1] + shares[2]
  let best
  let most = -Infinity
  LEVELS.forEach((level, at) => {
    if (!shares[at] || !open.some(item => item.level === level)) return
    const taken = picks.filter(item => item.level === level).length
    const behind = (shares[at] / total) * (picks.length + 1) - taken
    if (behind > most) [best, most] = [level, behind]
  })
  return best
}

/** Easier ones first; no two neighbors of one topic wherever that can be had. */
export function ordered(picks) {
  const waiting = [...picks].sort((one, other) => rank(one) - rank(other))
  const result = []
  while (waiting.length) {
    const last = result.at(-1)?.topic
    const fits = item => item.topic !== last && canEnd(waiting, item)
    const next = waiting.find(fits) ?? waiting.find(item => item.topic !== last) ?? waiting[0]
    waiting.splice(waiting.indexOf(next), 1)
    result.push(next)
  }
  return result
}

/** Whether those that wait after `next` can follow it without neighbors of one topic. */
function canEnd(waiting, next) {
  const rest = waiting.filter(item => item !== next)
  return Object.entries(counts(rest.map(topicOf))).every(
    ([topic, number]) => number <= (rest.length + (topic === next.topic ? 0 : 1)) / 2,
  )
}
