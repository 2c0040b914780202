// What several views of a mock interview show, and their clock.

import { count, h } from "../dom.js"
import { fetchCard } from "../card.js"
import { layersOf } from "../selftest.js"
import { itemUrl } from "../site.js"
import { takes } from "./draw.js"
import { roleOf } from "./roles.js"

export const MAIN = "tool-button tool-button--main"

const LEVEL_NAMES = { foundation: "Foundation", core: "Core", advanced: "Advanced" }

/** "Senior backend, 45 minutes, 9 questions" */
export const described = ({ role, level, areas, minutes }, number) =>
  [
    roleOf(role).title,
    level && `mostly ${level}`,
    areas && count(areas.length, "area"),
    `${minutes} minutes`,
    count(number, "question"),
  ]
    .filter(Boolean)
    .join(", ")

/** Area, level and minutes of an item. */
export function facts(study, item) {
  const level = h("span", { class: `level level--${item.level}` }, LEVEL_NAMES[item.level])
  return [areaTitle(study, item), " · ", level, ` · ${takes(item)} minutes`]
}

export const areaTitle = (study, item) =>
  study.areaById.get(study.topicBySlug.get(item.topic).area).title

export const link = (study, item, text = item.title) => h("a", { href: itemUrl(study, item) }, text)

/** The layers of an item's answer by their names: brief, depth, followups, criteria. */
export async function answerOf(study, item) {
  const card = await fetchCard(study, item)
  card.firstElementChild.remove()
  return Object.fromEntries(layersOf(card).map(layer => [layer.name, layer.element]))
}

/** What an address had that made no sense. */
export const problemList = problems =>
  problems.length > 0 &&
  h("ul", { class: "tool-panel interview-problems" }, problems.map(each => h("li", {}, each)))

/** Counts seconds while it runs. `now` tells milliseconds. */
export class Stopwatch {
  constructor(seconds = 0, now = () => performance.now()) {
    this._before = seconds
    this._now = now
    this._since = null
  }

  get runs() {
    return this._since !== null
  }

  get seconds() {
    return this._before + (this.runs ? (this._now() - this._since) / 1000 : 0)
  }

  start() {
    this._since ??= this._now()
  }

  stop() {
    this._before = this.seconds
    this._since = null
  }
}

/** "4:05" */
export const clock = seconds => {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`
}

/** What to say when time goes on from `before` to `after` seconds of `planned`; mostly nothing. */
export function due(before, after, planned, what) {
  const marks = [
    [planned, `The time for ${what} is up.`],
    [planned - 60, `One minute left for ${what}.`],
    [planned / 2, `Half of the time for ${what} is over.`],
  ]
  return marks.find(([mark]) => before < mark && mark <= after)?.[1] ?? ""
}
