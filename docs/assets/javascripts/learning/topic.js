// What a topic page adds for a learner: quizzes, the self-test, and noting that it was read.
// Loaded when the reader first does something; what stores comes when there is something to store.

import { button, h } from "./dom.js"
import { enhanceQuiz } from "./quiz.js"

const READING = 20_000 // a page that was left sooner was not read, wherever it was scrolled to
const NOT_STORED = "Not stored: this browser keeps nothing for this site."
const NOT_LOADED = "Not stored: a part of this page did not load."

/** The store and what can happen to its state. */
async function learner() {
  const [{ theStore }, changes] = await Promise.all([
    import("./state/store.js"),
    import("./state/changes.js"),
  ])
  return { store: theStore(), ...changes }
}

/** Start on a topic page; `end` stands after its text, `known` says that there is a state. */
export async function start(end, known) {
  if (end.dataset.started) return
  end.dataset.started = "yes"
  const page = end.parentElement
  enhanceQuiz(page, { onResult: noteQuiz })
  const test = offerSelfTest(page)
  const reading = followReading(end)
  if (!known) return
  const { store, settingOf, readAt } = await learner()
  reading.show(readAt(store.state, end.dataset.topic))
  if (settingOf(store.state, "selfTest", false)) await test.turn(true, true)
}

/** A miss waits for review; a right answer leaves what waits as it is. */
async function noteQuiz(correct, chosen, id) {
  const answer = correct ? { grade: 3 } : { grade: 1, queued: true }
  return (await note(id, { source: "quiz", ...answer })).note
}

/** Store an answer: { note, undo }. */
async function note(id, answer) {
  const loaded = await learner().catch(() => null)
  if (!loaded) return { note: NOT_LOADED }
  const { store, answered, itemOf, takenBack } = loaded
  const { card, queued } = itemOf(store.state, id)
  let time
  const saved = store.update((state, at) => answered(state, id, { at: (time = at), ...answer }))
  return {
    note: saved ? (answer.queued ? "Queued for review." : "") : NOT_STORED,
    undo: () => store.update((state, at) => takenBack(state, id, { at, time, card, queued })),
  }
}

/** The switch above the questions. `turn(on, arriving)` sets it. */
function offerSelfTest(page) {
  const first = page.querySelector("h3:is(.foundation, .core, .advanced)")
  const input = h("input", { type: "checkbox", role: "switch", onchange: choose })
  const label = h("label", {}, input, "Hide answers")
  const hint = "Answer aloud first, then open each answer step by step."
  const line = h("p", { class: "self-test" }, label, h("span", {}, hint))
  first?.before(line)
  return { turn }

  async function choose() {
    const on = input.checked
    try {
      await turn(on)
      const { store, withSetting } = await learner()
      store.update((state, at) => withSetting(state, "selfTest", on, at))
    } catch {
      line.append(" ", NOT_LOADED)
    }
  }

  async function turn(on, arriving) {
    input.checked = on
    const { hideAnswers, showAnswers } = await import("./hiding.js")
    if (input.checked) hideAnswers(page, note, arriving)
    else showAnswers()
  }
}

/** A line at the end: when the page was read, or a button to say so. `show(time)` sets it. */
function followReading(end) {
  const line = h("p", { class: "topic-read" })
  end.prepend(line)
  const since = Date.now()
  let timer
  const observer = new IntersectionObserver(([{ isIntersecting, boundingClientRect }]) => {
    clearTimeout(timer)
    const rest = Math.max(0, since + READING - Date.now())
    if (isIntersecting || boundingClientRect.top < 0) timer = setTimeout(mark, rest, true)
  })
  observer.observe(line)
  show(0)
  return { show }

  function show(time) {
    if (time) {
      observer.disconnect()
      const read = `Read on ${dateOf(time)}`
      line.replaceChildren(h("span", {}, read), button("Not read yet", () => mark(false)))
    } else {
      line.replaceChildren(button("Mark as read", () => mark(true)))
    }
  }

  async function mark(read) {
    const had = line.contains(document.activeElement)
    const loaded = await learner().catch(() => null)
    if (!loaded) return line.append(h("span", {}, NOT_LOADED))
    const { store, withTopic } = loaded
    observer.disconnect()
    let time
    const saved = store.update((state, at) => {
      time = read ? at : 0
      return withTopic(state, end.dataset.topic, at, time)
    })
    show(time)
    if (!saved) line.append(h("span", {}, NOT_STORED))
    if (had) line.querySelector("button").focus()
  }
}

/** "22 November", with the year if that is another. */
function dateOf(time) {
  const date = new Date(time)
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric"
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year })
}
