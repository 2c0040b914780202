// What several views of a mock interview show, and their clock.

import { count, h } from "../dom.js"
import { fetchCard } from "../card.js"
import { titleOf } from "../levels.js"
import { layersOf } from "../selftest.js"
import { takes } from "./draw.js"
import { roleOf } from "./roles.js"

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
  const level = h("span", { class: `level level--${item.level}` }, titleOf(item.level))
  return [areaTitle(study, item), " · ", level, ` · ${takes(item)} minutes`]
}

export const areaTitle = (study, item) =>
  study.areaById.get(study.topicBySlug.get(item.topic).area).title

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
