// The candidate's view: one question at a time, against the clock.

import { MAIN, announce, button, buttonRow, focusOn, h } from "../dom.js"
import { itemLink } from "../site.js"
import { deeper, takes } from "./draw.js"
import { answerOf, facts } from "./parts.js"
import { keep } from "./record.js"
import { summaryView } from "./summary.js"
import { Stopwatch, clock, due } from "./time.js"
import { field } from "../widgets.js"

export const GRADES = ["Missed", "Partly", "Most of it", "All of it"]
const ASKED = "How much of it did you have?"
const KEYS = "Keys: space shows more, 1 to 4 rate, P pauses, N goes on."

/** Ask the questions of a session that are not rated yet, then show its summary. */
export function runSession(app, session) {
  const { study, store, show } = app
  const { entries } = session
  const items = entries.map(({ id }) => study.itemById.get(id))
  const shown = entries.map(({ grade }) => (grade ? 2 : 0))
  open(Math.max(0, entries.findIndex(({ grade }) => !grade)))

  /** One question: its text, then its follow-ups, then its answer and a rating. */
  function open(at) {
    const item = items[at]
    const entry = entries[at]
    const watch = new Stopwatch(entry.seconds)
    const answer = answerOf(study, item) // loads while the reader thinks
    answer.catch(() => {})

    const times = h("p", { class: "interview-times", role: "timer" })
    const pause = button("Pause", togglePause, { hidden: entry.grade > 0 })
    const layers = h("div")
    const more = button("", () => reveal(), { class: MAIN })
    const buttons = GRADES.map((text, at) => button(`${at + 1} ${text}`, () => grade(at + 1)))
    const rating = h("div", { role: "group", "aria-label": ASKED, hidden: true },
      h("p", {}, ASKED), buttonRow(buttons))
    const oninput = () => (entry.note = note.value)
    const note = h("textarea", { rows: 3, maxlength: 1000, oninput })
    note.value = entry.note
    const isLast = at === items.length - 1
    const goOn = () => (isLast ? finish() : open(at + 1))
    const next = button(isLast ? "Finish" : "Next question", goOn)
    const back = at > 0 && button("Previous question", () => open(at - 1))
    const view = h(
      "div",
      { class: "interview", onkeydown },
      h("div", { class: "interview-clock" }, times, pause),
      h("h2", { class: "interview-title" },
        h("small", {}, `Question ${at + 1} of ${items.length} `), item.title),
      h("p", { class: "interview-facts" }, facts(study, item)),
      layers,
      more,
      rating,
      field("Your notes", note, KEYS),
      buttonRow(back, next),
    )
    if (!entry.grade) watch.start()
    const others = entries.reduce((sum, each) => sum + (each === entry ? 0 : each.seconds), 0)
    let before = watch.seconds
    showGrade()
    show([view], true, stop)
    const leaving = new AbortController()
    addEventListener("pagehide", save, { signal: leaving.signal })
    const timer = setInterval(tick, 500)
    tick()
    showSteps(shown[at])

    function tick() {
      if (!view.isConnected) return stop()
      const now = watch.seconds
      entry.seconds = Math.round(now)
      const planned = takes(item) * 60
      const whole = session.minutes * 60
      const state = watch.runs || entry.grade ? (now > planned ? ", over time" : "") : ", paused"
      times.textContent = `Question ${clock(now)} of ${clock(planned)}${state}. `
      times.append(h("span", {}, `Session ${clock(others + now)} of ${clock(whole)}.`))
      const said = [
        due(before, now, planned, "this question"),
        due(others + before, others + now, whole, "the session"),
      ]
      before = now
      if (said.some(Boolean)) announce(said.filter(Boolean).join(" "))
    }

    function stop() {
      clearInterval(timer)
      leaving.abort()
      watch.stop()
      save()
    }

    function togglePause() {
      if (watch.runs) watch.stop()
      else watch.start()
      pause.textContent = watch.runs ? "Pause" : "Go on"
      announce(watch.runs ? "The clock runs." : "Paused.")
      tick()
    }

    /** Show what comes next, and lead there. */
    async function reveal() {
      if (shown[at] < 2) focusOn(await showSteps(shown[at] + 1, shown[at]))
    }

    async function showSteps(to, from = 0) {
      shown[at] = to
      more.textContent = ["Show follow-ups", "Show the answer"][to]
      more.hidden = to === 2
      rating.hidden = to < 2
      const parts = await answer.catch(() => null)
      const added = [1, 2].slice(from, to).flatMap(step => stepOf(step, item, parts))
      layers.append(...added)
      return added[0] ?? rating
    }

    function stepOf(step, item, parts) {
      if (!parts) return step === 1 ? [] : [notLoaded(item)]
      const { brief, depth, followups, criteria } = parts
      if (step === 1) return [followups, deeperList(item)].filter(Boolean)
      const details = depth && h("details", {}, h("summary", {}, "More of the answer"), depth)
      return [brief, criteria, details].filter(Boolean)
    }

    function deeperList(item) {
      const list = deeper(study, item).map(each => h("li", {}, each.title))
      return list.length > 0 && h("div", {}, h("p", {}, "Deeper into the case:"), h("ul", {}, list))
    }

    function notLoaded(item) {
      return h("p", {}, "The answer did not load. It is on its page: ", itemLink(study, item))
    }

    function grade(value) {
      entry.grade = value
      showGrade()
      watch.stop()
      pause.hidden = true
      tick()
      save()
      next.focus()
    }

    function showGrade() {
      buttons.forEach((each, at) => each.setAttribute("aria-pressed", at + 1 === entry.grade))
    }

    function onkeydown(event) {
      const { key, target } = event
      if (event.ctrlKey || event.metaKey || event.altKey || target.matches("textarea")) return
      if (key === " " && !target.closest("button, a, summary")) reveal()
      else if (/^[1-4]$/.test(key)) rating.hidden || buttons[key - 1].click()
      else if (key === "p") pause.hidden || togglePause()
      else if (key === "n") next.click()
      else return
      event.preventDefault()
      event.stopPropagation() // for the theme, P and N are the pages before and after
    }

    function finish() {
      session.finished = store.clock()
      stop()
      show(summaryView(app, session))
    }
  }

  /** A session in which nothing was rated or noted is none. */
  function save() {
    if (entries.some(({ grade, note }) => grade || note)) keep(store, session)
  }
}
