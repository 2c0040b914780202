// Interview questions whose answers open in layers: recall first, then look.

import { button, buttonRow, focusOn, h } from "./dom.js"

const TITLES = {
  brief: "30 seconds",
  depth: "In depth",
  followups: "Follow-ups",
  criteria: "What the interviewer listens for",
}
const CONFIDENCE = ["Guess", "Unsure", "Sure"]
const RESULTS = ["Missed", "Partly", "Most of it", "All of it"]

/**
 * Cut an answer into layers: [{ name, title, element }], each element in the place of its parts.
 * `root` holds one question, or is a list of the elements of one. What stands before the first
 * label stays where it is; each follow-up's answer opens by itself.
 */
export function layersOf(root) {
  const layers = []
  for (const part of [...(root.children ?? root)]) {
    const name = Object.keys(TITLES).find(each => part.matches(`.answer--${each}`))
    if (name) {
      const element = h("div", { class: `layer layer--${name}` })
      part.before(element)
      layers.push({ name, title: TITLES[name], element })
    }
    layers.at(-1)?.element.append(part)
  }
  for (const { name, element } of layers) {
    if (name === "followups") element.querySelectorAll(":scope > ol > li").forEach(fold)
  }
  return layers
}

/** Put the parts of an answer back to where they were. */
function unlayer(layers) {
  for (const { element } of layers) {
    for (const details of element.querySelectorAll(".follow-up")) {
      const [summary, next] = details.children
      const holder = next?.matches("p") ? next : details
      holder.prepend(...summary.childNodes)
      summary.remove()
      details.replaceWith(...details.childNodes)
    }
    element.replaceWith(...element.childNodes)
  }
}

/** A follow-up starts with its question, in bold; with blank lines around it, in a paragraph. */
function fold(item) {
  const first = item.firstElementChild
  const question = first?.matches("p") ? first.firstElementChild : first
  if (!question?.matches("strong")) return
  const summary = h("summary", {}, question)
  item.append(h("details", { class: "follow-up" }, summary, [...item.childNodes]))
}

/**
 * Hide the answer of a question and open it layer by layer, between a rating of confidence and
 * one of the result. `parts` are the elements of the answer on a page, `heading` and `title` its question.
 *
 * onResult({ grade, confidence }): returns or promises { note, undo }; undo is a function or null.
 * Returns { holds(element), showAll(move focus), end() }.
 */
export function enhanceQuestion(parts, { heading, title, onResult }) {
  const layers = layersOf(parts)
  const panel = h("div", { class: "recall", role: "group", "aria-label": `Self-test: ${title}` })
  let confidence = 0
  for (const { element } of layers) {
    // The browser's own search opens it: then the rest comes along.
    element.addEventListener("beforematch", () => setTimeout(showAll))
  }
  close()
  const holds = node => node === heading || layers.some(({ element }) => element.contains(node))
  return { holds, showAll, end }

  function show(text, ...buttons) {
    const row = buttonRow(buttons.flat())
    panel.replaceChildren(...(text ? [h("p", {}, text)] : []), row)
  }

  function close() {
    confidence = 0
    for (const { element } of layers) element.hidden = "until-found"
    layers[0].element.before(panel)
    const choices = CONFIDENCE.map((word, index) =>
      button(word, () => {
        confidence = index + 1
        open(0)
      }),
    )
    show("Answer aloud, then say how sure you are.", choices, button("Show all", () => showAll(true)))
  }

  function open(number) {
    const { element } = layers[number]
    element.hidden = false
    element.after(panel)
    const next = layers[number + 1]
    if (next) show("", button(`Next: ${next.title}`, () => open(number + 1)))
    else askResult()
    focusOn(element)
  }

  function askResult() {
    const choices = RESULTS.map((word, index) => button(word, () => rate(index + 1)))
    show("How much of it did you have?", choices)
  }

  async function rate(grade) {
    const { note, undo } = await onResult({ grade, confidence })
    const taken = () => {
      undo()
      askResult()
      panel.querySelector("button").focus()
    }
    show(`${RESULTS[grade - 1]}. ${note}`, undo && button("Undo", taken), hide())
    focusOn(panel.firstChild)
  }

  function showAll(move = false) {
    for (const { element } of layers) element.hidden = false
    layers.at(-1).element.after(panel)
    show("", hide())
    if (move) focusOn(layers[0].element)
  }

  function hide() {
    return button("Hide the answer", () => {
      close()
      panel.querySelector("button").focus()
    })
  }

  function end() {
    panel.remove()
    unlayer(layers)
  }
}
