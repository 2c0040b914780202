// The switch that hides the answers of a page.

import { enhanceQuestion } from "./selftest.js"

let hidden = [] // the questions whose answers are hidden now

/**
 * Hide the answers of `page`; `note(id, answer)` stores how one went. `arriving`: the page was just
 * opened, so that the question in its address opens, too.
 */
export function hideAnswers(page, note, arriving) {
  showAnswers()
  for (const heading of page.querySelectorAll("h3:is(.foundation, .core, .advanced)")) {
    const title = heading.firstChild.textContent
    const onResult = ({ grade, confidence }) =>
      note(heading.id, { source: "page", grade, confidence, ...(grade < 3 && { queued: true }) })
    hidden.push(enhanceQuestion(answerOf(heading), { heading, title, onResult }))
  }
  if (arriving) follow()
}

/** Show all answers as they were. */
export function showAnswers() {
  for (const question of hidden) question.end()
  hidden = []
}

/** A link to a question, or into an answer, opens it. */
function follow() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
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
