// What a few items tell about a reader, and which to ask next. Pure.
//
// A Rasch model with guessing: a reader of ability a knows an item of difficulty d with the
// probability 1 / (1 + e^(1.7 (d - a))) and guesses it otherwise once in four. Difficulty is the
// item's level. Abilities are weighed on a grid, so an estimate says how sure it is.

import { hash } from "../random.js"

export const LENGTH = 15

const HARD = { foundation: -1.2, core: 0, advanced: 1.2 }
const GUESS = 0.25
const GRID = Array.from({ length: 25 }, (_, step) => step / 4 - 3)
/** Readers differ so much from each other, and areas of one reader from the whole. */
const READERS = 1.2
const AREAS = 0.8
/** From here on a topic counts as known. */
const SURE = 0.7

const knows = (ability, level) => 1 / (1 + Math.exp(1.7 * (HARD[level] - ability)))

/** The ability behind `answers`, pairs of level and right or not: { mean, sd }. */
export function estimate(answers, centre = 0, width = READERS) {
  const chance = (ability, [level, right]) =>
    (1 - GUESS) * (right ? knows(ability, level) : 1 - knows(ability, level)) + (right ? GUESS : 0)
  const weights = GRID.map(ability =>
    answers.reduce(
      (product, answer) => product * chance(ability, answer),
      Math.exp(-(((ability - centre) / width) ** 2) / 2),
    ),
  )
  const total = weights.reduce((sum, weight) => sum + weight)
  const mean = value => GRID.reduce((sum, a, i) => sum + value(a) * weights[i], 0) / total
  const middle = mean(ability => ability)
  return { mean: middle, sd: Math.sqrt(mean(ability => (ability - middle) ** 2)) }
}

/** The level that is nearest to an ability. */
export const levelAt = ability =>
  Object.keys(HARD).sort((a, b) => Math.abs(HARD[a] - ability) - Math.abs(HARD[b] - ability))[0]

/**
 * The next item, or null after the last: from the area that is furthest behind its share of the
 * topics, of the level nearest to the estimate so far, best of a topic that was not asked yet and
 * one that is `fresh`. `answers` are pairs of item id and right or not; `seed` breaks ties.
 */
export function nextItem(study, answers, seed, fresh = () => true) {
  const asked = new Set(answers.map(([id]) => id))
  const items = study.items.filter(({ id, kind }) => kind === "quiz" && !asked.has(id))
  if (answers.length >= LENGTH || !items.length) return null
  const topicOf = id => study.topicBySlug.get(study.itemById.get(id).topic)
  const { mean } = estimate(answers.map(([id, right]) => [study.itemById.get(id).level, right]))
  const topics = new Set(answers.map(([id]) => topicOf(id).slug))
  const lack = new Map(study.areas.map(({ id }) => [id, 0]))
  const add = (area, number) => lack.set(area, lack.get(area) + number)
  for (const { area } of study.topics) add(area, (answers.length + 1) / study.topics.length)
  for (const [id] of answers) add(topicOf(id).area, -1)
  const rank = item => [
    -lack.get(topicOf(item.id).area),
    Math.abs(HARD[item.level] - mean),
    topics.has(item.topic) + !fresh(item.id),
    hash(`${seed} ${item.id}`),
  ]
  const ranked = items.map(item => [rank(item), item])
  return ranked.reduce((best, each) => (isBefore(each[0], best[0]) ? each : best))[1]
}

function isBefore(one, other) {
  const differs = one.findIndex((value, index) => value !== other[index])
  return differs >= 0 && one[differs] < other[differs]
}

/**
 * What answers come to: { level, range, areas, known, start }: the level nearest to the ability and
 * those within its doubt; areas with { id, asked, right, level }; slugs of topics that the reader
 * seems to know; topics to start with, { slug, missed, needs }. `isRead` knows what was read.
 */
export function resultOf(study, answers, isRead = () => false) {
  const found = answers.map(([id, right]) => {
    const item = study.itemById.get(id)
    return { right, level: item.level, topic: study.topicBySlug.get(item.topic) }
  })
  const pairs = list => list.map(({ level, right }) => [level, right])
  const whole = estimate(pairs(found))
  const abilities = new Map()
  const areas = study.areas.map(({ id }) => {
    const own = found.filter(({ topic }) => topic.area === id)
    const { mean } = own.length ? estimate(pairs(own), whole.mean, AREAS) : whole
    abilities.set(id, mean)
    const right = own.filter(each => each.right).length
    return { id, asked: own.length, right, level: levelAt(mean) }
  })
  const missed = new Set(found.filter(({ right }) => !right).map(({ topic }) => topic.slug))
  const seems = ({ slug, area, level }) =>
    !missed.has(slug) && knows(abilities.get(area), level) >= SURE
  const known = new Set(study.topics.filter(seems).map(({ slug }) => slug))
  const done = slug => known.has(slug) || (isRead(slug) && !missed.has(slug))
  const start = study.topics
    .filter(({ slug, needs }) => !done(slug) && needs.every(done))
    .sort((a, b) => missed.has(b.slug) - missed.has(a.slug) || b.weight - a.weight)
    .map(({ slug, needs }) => ({ slug, missed: missed.has(slug), needs }))
  const range = [levelAt(whole.mean - whole.sd), levelAt(whole.mean + whole.sd)]
  return { level: levelAt(whole.mean), range, areas, known: [...known], start }
}
