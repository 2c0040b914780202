// A session: one item after the other, each answer stored at once, every one of them undone by u.

import { fetchCard } from "../card.js"
import { MAIN, announce, button, buttonRow, count, focusOn, h } from "../dom.js"
import { preview, rate, untilOf } from "../schedule.js"
import { itemLink } from "../site.js"
import { answered, itemOf, takenBack } from "../state/changes.js"
import { showQuestion } from "./question.js"
import { inTurn, putBack } from "./session.js"
import { GRADES, inWords } from "./words.js"

const KNOWN = 2 // the phase of cards that are past their steps of minutes

/** Ask `items` in `place`; `onEnd` is called to leave. Returns { key(text) }. */
export function runSession({ place, study, store, items, onEnd }) {
  let rest = inTurn(items) // the first is on show
  let shown = null
  let upcoming = null
  let turn = 0
  const answers = [] // { item, grade, time, before, rest }
  next()
  return { key: text => (text === "u" ? undo() : (shown?.key(text) ?? false)) }

  async function next() {
    shown = null
    const mine = ++turn
    const [item] = rest
    if (!item) return summarize()
    const [after] = inTurn(rest.slice(1), item.topic)
    const waiting = upcoming?.item === item ? upcoming.card : fetchCard(study, item)
    const card = await waiting.catch(() => null)
    if (mine !== turn || !place.isConnected) return
    upcoming = after && { item: after, card: fetchCard(study, after) }
    upcoming?.card.catch(() => {}) // its own turn will tell
    if (!card) return showFailure(item)
    const times = () => {
      const now = store.clock()
      const { card } = itemOf(store.state, item.id)
      return preview(card, now, optionsFor(item, store.state, now)).map(due => due - now)
    }
    // A second click comes before the next item does: it is no second answer.
    const onGrade = grade => mine === turn && answer(item, grade)
    shown = showQuestion({ item, card, times, onGrade })
    show(shown.element, shown.heading)
  }

  function show(element, focused) {
    const [all, done] = [answers.length + rest.length, answers.length]
    const bar = h("progress", { max: all, value: done, "aria-label": "Answered" })
    const title = h("h2", { class: "review-progress" }, `${done + 1} of ${all}`)
    place.replaceChildren(h("div", { class: "review-head" }, title, bar), element, buttons())
    place.scrollIntoView()
    focusOn(focused)
  }

  function buttons() {
    const offered = [answers.length > 0 && button("Undo", undo), button("End session", summarize)]
    return h("div", { class: "tool-buttons review-session" }, offered)
  }

  function showFailure(item) {
    const text = h("p", {}, "This item's page could not be loaded. Are you offline?")
    const skip = () => {
      rest = rest.slice(1)
      next()
    }
    const row = buttonRow(button("Try again", next), button("Skip", skip))
    show(h("div", { class: "tool-panel" }, text, h("p", {}, itemLink(study, item)), row), text)
  }

  function answer(item, grade) {
    const made = { item, grade, rest }
    store.update((state, now) => {
      made.time = now
      made.before = itemOf(state, item.id)
      made.card = rate(made.before.card, grade, now, optionsFor(item, state, now))
      return answered(state, item.id, {
        at: now, source: "review", grade, card: made.card, queued: false,
      })
    })
    answers.push(made)
    rest = rest.slice(1)
    if (made.card.phase !== KNOWN) rest = putBack(rest, item)
    rest = inTurn(rest, item.topic)
    announce(`${GRADES[grade - 1]}: back in ${inWords(made.card.due - made.time)}`)
    next()
  }

  function undo() {
    const last = answers.pop()
    if (!last) return false
    const { card, queued } = last.before
    const back = at => ({ at, time: last.time, card, queued })
    store.update((state, now) => takenBack(state, last.item.id, back(now)))
    rest = last.rest
    announce("Taken back")
    next()
    return true
  }

  function summarize() {
    turn += 1
    shown = null
    upcoming = null
    if (!answers.length) return onEnd()
    const grades = GRADES.map((word, index) => {
      const number = answers.filter(({ grade }) => grade === index + 1).length
      return number && `${number} ${word.toLowerCase()}`
    })
    const misses = new Set(answers.filter(({ grade }) => grade === 1).map(({ item }) => item))
    const title = h("h2", {}, "Session done")
    const line = item => h("li", {}, itemLink(study, item))
    place.replaceChildren(
      title,
      h("p", {}, `${count(answers.length, "answer")}: ${grades.filter(Boolean).join(", ")}.`),
      misses.size ? h("h3", {}, "Missed: read these again") : "",
      misses.size ? h("ul", {}, [...misses].map(line)) : "",
      buttonRow(
        button("Done", onEnd, { class: MAIN }),
        rest.length > 0 && button(`Go on: ${rest.length} left`, next),
        button("Undo the last answer", undo),
      ),
    )
    focusOn(title)
  }
}

const optionsFor = ({ id }, state, now) => ({ id, until: untilOf(state, now) })
