// What a topic page adds for a learner: quizzes, the self-test, and noting that it was read.
// Loaded when the reader first does something; what stores comes when there is something to store.

import { announce, button, h, uniqueId } from "./dom.js"
import { enhanceQuiz } from "./quiz.js"

const READING = 20_000 // a page that was left sooner was not read, wherever it was scrolled to
const NOT_LOADED = "Not stored: a part of this page did not load."

const stored = () => import("./stored.js")

/** Start on a topic page; `end` stands after its text, `known` says that there is a state. */
export async function start(end, known) {
  if (end.dataset.started) return
  end.dataset.started = "yes"
  const page = end.parentElement
  enhanceQuiz(page, { onResult: noteQuiz })
  const turn = offerSelfTest(page)
  const show = followReading(end)
  if (!known) return
  const { read, selfTest } = (await stored()).known(end.dataset.topic)
  show(read)
  if (selfTest) await turn(true, true)
}

async function noteQuiz(correct, chosen, id) {
  return (await noteAnswer(id, { source: "quiz", grade: correct ? 3 : 1 })).note
}

const noteQuestion = (id, result) => noteAnswer(id, { source: "page", ...result })

async function noteAnswer(id, answer) {
  try {
    return (await stored()).noteAnswer(id, answer)
  } catch {
    return { note: NOT_LOADED, undo: null }
  }
}

/** The switch above the questions. Returns what sets it: turn(on, arriving). */
function offerSelfTest(page) {
  const id = uniqueId("self-test")
  const hint = h("span", { id }, "Answer aloud first, then open each answer step by step.")
  const what = { type: "checkbox", role: "switch", "aria-describedby": id }
  const input = h("input", { ...what, onchange: choose })
  const line = h("p", { class: "self-test" }, h("label", {}, input, "Hide answers"), hint)
  page.querySelector("h3:is(.foundation, .core, .advanced)")?.before(line)
  return turn

  async function choose() {
    const on = input.checked
    try {
      await turn(on)
      const { noteSelfTest } = await stored()
      noteSelfTest(on)
    } catch {
      line.append(" ", NOT_LOADED)
    }
  }

  async function turn(on, arriving) {
    input.checked = on
    const { hideAnswers, showAnswers } = await import("./hiding.js")
    if (input.checked) hideAnswers(page, { arriving, note: noteQuestion })
    else showAnswers()
  }
}

/** A line at the end: when the page was read, or a button to say so. Returns what sets it. */
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
  return show

  function show(time, note = "") {
    if (time) observer.disconnect()
    const [text, word] = time ? [`Read on ${dateOf(time)}`, "Mark as not read"] : ["", "Mark as read"]
    line.replaceChildren(text, button(word, () => mark(!time)), note)
  }

  async function mark(read) {
    observer.disconnect()
    clearTimeout(timer)
    const had = line.contains(document.activeElement)
    let said = NOT_LOADED
    try {
      const { time, note } = (await stored()).noteRead(end.dataset.topic, read)
      show(time, note)
      said = `${time ? "Read" : "Not read"}. ${note}`
    } catch {
      show(0, NOT_LOADED)
    }
    if (!had) return
    line.querySelector("button").focus()
    announce(said)
  }
}

/** "22 November", with the year if that is another. */
function dateOf(time) {
  const date = new Date(time)
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric"
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year })
}
