// The switch that hides the answers of a page.

import { enhanceQuestion } from "./selftest.js"

let hidden = [] // the questions whose answers are hidden now

/**
 * Hide the answers of `page`; if it was just opened, not that of the question in its address.
 * note(id, { grade, confidence }) stores a result, as `enhanceQuestion` wants it.
 */
export function hideAnswers(page, { arriving, note }) {
  showAnswers()
  for (const heading of page.querySelectorAll("h3:is(.foundation, .core, .advanced)")) {
    const title = heading.firstChild.textContent
    const onResult = result => note(heading.id, result)
    hidden.push(enhanceQuestion(answerOf(heading), { heading, title, onResult }))
  }
  // While the reader scrolls, the theme writes into the address where that is: no link led there.
  const [{ type }] = performance.getEntriesByType("navigation")
  if (arriving && type !== "reload") follow()
}

/** Show all answers as they were. */
export function showAnswers() {
  for (const question of hidden) question.end()
  hidden = []
}

/** A link to a question, or into an answer, opens it. */
function follow() {
  const target = document.getElementById(location.hash.slice(1)) // ids need no encoding
  const question = target && hidden.find(each => each.holds(target))
  if (!question) return
  question.showAll()
  target.scrollIntoView()
}

/** The elements between a question's heading and the next. */
function answerOf(heading) {
  const parts = []
  let next = heading.nextElementSibling
  for (; next && !next.matches("h2, h3, .topic-end"); next = next.nextElementSibling) {
    parts.push(next)
  }
  return parts
}

addEventListener("hashchange", follow)
