// Check-yourself items as forms. A page holds an item as a list of options and, folded away, a
// list of verdicts in the same order; the form shows each verdict at its option instead.

import { MAIN, button, buttonRow, focusOn, h, uniqueId } from "./dom.js"
import { randomOf, shuffled } from "./random.js"

/**
 * Put a form in the place of each check-yourself item in `root`: a page, or a part cut from one.
 * The results tell what the reader knows; nothing is stored here.
 *
 * onResult(correct, chosen, id): after each answer; `chosen` are the numbers of the options in the
 *   order of the page, none for "I don't know". A text it returns or promises joins the result.
 * reveal: false keeps right and wrong to itself, for a caller that goes on to something else.
 * id: of the item, where its heading no longer has it. day: what the order of options hangs on.
 */
export function enhanceQuiz(root, { id, day = new Date().toDateString(), ...options } = {}) {
  for (const list of root.querySelectorAll("ol.quiz-options:not(.quiz-source)")) {
    const item = readItem(list, id)
    item.options = shuffled(item.options, randomOf(`${item.id} ${day}`))
    list.before(makeForm(item, { reveal: true, ...options }))
    // Both stay for paper.
    list.classList.add("quiz-source")
    list.nextElementSibling.classList.add("quiz-source")
  }
}

function readItem(list, id) {
  const answer = list.nextElementSibling
  const verdicts = answer.querySelectorAll(":scope > ul > li")
  let heading = list
  while (heading && !heading.matches("h2, h3")) heading = heading.previousElementSibling
  const known = id ?? heading?.id ?? ""
  if (heading) heading.id ||= uniqueId("quiz-question")
  return {
    id: known,
    heading: heading?.id,
    see: answer.querySelector(".quiz-see"),
    options: [...list.children].map((option, number) => ({
      number,
      text: option,
      right: verdicts[number].matches(".quiz-right"),
      reason: verdicts[number],
    })),
  }
}

function makeForm(item, { reveal, onResult }) {
  const rights = item.options.filter(option => option.right)
  const type = rights.length > 1 ? "checkbox" : "radio"
  const hint = rights.length > 1 ? "Choose all that are right" : "Choose one"
  const name = uniqueId("quiz")
  for (const option of item.options) {
    option.input = h("input", { type, name, value: option.number })
    option.row = h("li", {}, h("label", {}, option.input, h("span", {}, copyOf(option.text))))
  }
  const result = h("p", { class: "quiz-result", role: "status" })
  const buttons = buttonRow()
  const choices = h("ol", { class: "quiz-choices" }, item.options.map(option => option.row))
  // By the Tab key choices are met without the question above them.
  const about = { "aria-describedby": item.heading }
  const fieldset = h("fieldset", about, h("legend", {}, hint), choices)
  const form = h("form", { class: "quiz", novalidate: true, onsubmit }, fieldset, result, buttons)
  buttons.append(
    button("Check", null, { type: "submit", class: MAIN }),
    button("I don't know", () => finish([])),
  )
  return form

  function onsubmit(event) {
    event.preventDefault()
    const chosen = item.options.filter(option => option.input.checked)
    if (chosen.length) finish(chosen)
    else result.textContent = "Choose an answer first."
  }

  async function finish(chosen) {
    const correct = chosen.length === rights.length && chosen.every(option => option.right)
    fieldset.disabled = true
    buttons.replaceChildren()
    const numbers = chosen.map(option => option.number).sort()
    if (reveal) tell(correct, chosen)
    const note = await onResult?.(correct, numbers, item.id)
    if (reveal && note) result.append(` ${note}`)
  }

  function tell(correct, chosen) {
    const answers = []
    item.options.forEach((option, place) => {
      if (option.right) answers.push(`${"ABCDEFGH"[place]}. ${option.text.textContent.trim()}`)
      const verdict = `${option.right ? "Right" : "Wrong"}${chosen.includes(option) ? ", your choice" : ""}.`
      option.row.className = option.right ? "quiz-right" : "quiz-wrong"
      // Its first element names the option by its letter on the page.
      const reason = copyOf(option.reason).slice(1)
      option.row.append(h("p", { class: "quiz-reason" }, h("strong", {}, verdict), " ", reason))
    })
    // With their words: who cannot see the letters has heard the options without them.
    const answer = `The answer: ${answers.join("; ")}.`
    result.textContent = correct ? "Right." : `${chosen.length ? "Not right. " : ""}${answer}`
    result.classList.add(correct ? "quiz-right" : "quiz-wrong")
    if (!correct && item.see) buttons.before(item.see.cloneNode(true))
    buttons.append(button("Try again", retry))
    focusOn(result)
  }

  function retry() {
    const again = makeForm(item, { reveal, onResult })
    form.replaceWith(again)
    again.querySelector("input").focus()
  }
}

const copyOf = element => [...element.childNodes].map(node => node.cloneNode(true))
