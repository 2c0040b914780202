// One item of a session on the page: recall it, open the answer, rate it.

import { MAIN, button, buttonRow, focusOn, h } from "../dom.js"
import { enhanceQuiz } from "../quiz.js"
import { layersOf } from "../selftest.js"
import { GRADES, inWords } from "./words.js"

/**
 * Show `item`, whose section is `card`. `times()` are how long each grade would send it away and
 * `onGrade(grade)` hears the reader's. Returns { element, heading, key(text) }; `key` does what a
 * key stands for and tells whether it stands for anything.
 */
export function showQuestion({ item, card, times, onGrade }) {
  const heading = card.querySelector("h3")
  const actions = h("div", { class: "review-actions" })
  const layers = item.kind === "quiz" ? [] : layersOf(card)
  for (const { element } of layers) element.remove()
  const body = h("div", { class: "review-card" }, card)
  let allowed = []
  if (item.kind === "quiz") enhanceQuiz(body, { id: item.id, onResult: onAnswer })
  else offer()
  return { element: h("div", {}, body, actions), heading, key }

  /** Buttons for the next layer and, once there is something to compare with, for the grades. */
  function offer(grades = []) {
    allowed = grades
    const next = layers[0]
    const text = grades.length ? `Next: ${next?.title}` : "Show the answer"
    const main = next && button(text, open, { class: MAIN })
    const rows = [main && buttonRow(main), ratings()]
    actions.replaceChildren(...rows.filter(Boolean))
  }

  function open() {
    const { element } = layers.shift()
    body.append(element)
    offer([1, 2, 3, 4])
    focusOn(element)
  }

  function onAnswer(correct) {
    if (allowed.length) return // tried again: the first answer counts
    allowed = correct ? [3, 4] : [1]
    actions.replaceChildren(ratings())
  }

  function ratings() {
    if (!allowed.length) return null
    const away = times()
    const buttons = allowed.map(grade =>
      button(
        [h("b", {}, `${grade} ${GRADES[grade - 1]}`), h("span", {}, inWords(away[grade - 1]))],
        () => onGrade(grade),
        { class: "tool-button review-grade" },
      ),
    )
    const label = item.kind === "quiz" ? "Go on" : "How well did you know it?"
    return h("div", { class: "tool-buttons", role: "group", "aria-label": label }, buttons)
  }

  function key(text) {
    if (text === " " && layers.length) open()
    else if (text === " " && item.kind === "quiz") {
      if (allowed.length) onGrade(allowed[0])
      else body.querySelector(".quiz input:enabled")?.focus() // where the next space chooses
    }
    else if (allowed.includes(Number(text))) onGrade(Number(text))
    else return false
    return true
  }
}
