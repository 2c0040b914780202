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
  const headings = [...page.querySelectorAll("h3:is(.foundation, .core, .advanced)")]
  if (!headings.length) return { turn() {} }
  const input = h("input", { type: "checkbox", role: "switch", onchange: choose })
  const hint = "Answer aloud first, then open each answer step by step."
  const label = h("label", {}, input, "Hide answers")
  const line = h("p", { class: "self-test" }, label, h("span", {}, hint))
  headings[0].before(line)
  let questions = []

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
    questions.forEach(question => question.end())
    questions = []
    if (!on) return
    const { enhanceQuestion } = await import("./selftest.js")
    if (questions.length || !input.checked) return
    questions = headings.map(heading => {
      const title = heading.firstChild.textContent
      const onResult = ({ grade, confidence }) =>
        note(heading.id, { source: "page", grade, confidence, ...(grade < 3 && { queued: true }) })
      return enhanceQuestion(answerOf(heading), { heading, title, onResult })
    })
    if (arriving) follow()
  }

  /** A link to a question, or into an answer, opens it. */
  function follow() {
    if (!page.isConnected) return removeEventListener("hashchange", follow)
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)))
    const question = target && questions.find(each => each.holds(target))
    question?.showAll()
    if (question) target.scrollIntoView()
  }
  addEventListener("hashchange", follow)
  return { turn }
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
