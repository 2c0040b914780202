// What a session came to.

import { MAIN, announce, button, buttonRow, count, h } from "../dom.js"
import { itemLink, link } from "../site.js"
import { newSeed, writeAddress } from "./address.js"
import { takes } from "./draw.js"
import { areaTitle, described } from "./parts.js"
import { addToReview } from "./record.js"
import { GRADES } from "./session.js"
import { clock } from "./time.js"
import { table } from "../widgets.js"

/** Each question with its time and rating, the areas, and the way into review. */
export function summaryView(app, session) {
  const { study, store, go } = app
  const { entries } = session
  const items = entries.map(({ id }) => study.itemById.get(id))
  const seconds = entries.reduce((sum, entry) => sum + entry.seconds, 0)
  const said = h("p", { class: "interview-said" })
  const add = button("Add to review", addNow, { class: MAIN })
  if (session.added || !entries.some(({ grade }) => grade)) add.hidden = true
  if (session.added) said.textContent = "The ratings of this session are in your review."

  function addNow() {
    const number = addToReview(store, session)
    const waits = `${count(number, "question")} ${number === 1 ? "waits" : "wait"} for review now.`
    said.replaceChildren(waits, " ", link("practice/review/", "Review"))
    announce(waits)
    said.querySelector("a").focus()
    add.hidden = true
  }

  return [
    h("h2", { class: "interview-title" }, "Summary"),
    h("p", {}, `${described(session, items.length)}. It took ${clock(seconds)}.`),
    table(["Question", "Time", "Rating"], items.map((item, at) => [
      [itemLink(study, item), note(entries[at])],
      `${clock(entries[at].seconds)} of ${clock(takes(item) * 60)}`,
      GRADES[entries[at].grade - 1] ?? "Not rated",
    ])),
    h("h3", {}, "By area"),
    table(["Area", "Questions", "Time", "Average rating"], byArea(study, items, entries)),
    said,
    buttonRow(
      add,
      button("Same questions", () => go(writeAddress(session, items))),
      button("New draw", () => go(writeAddress({ ...session, seed: newSeed() }))),
      button("Set up another", () => go(location.pathname)),
    ),
  ]
}

const note = ({ note }) => note && h("p", { class: "interview-note" }, note)

function byArea(study, items, entries) {
  const areas = new Map()
  items.forEach((item, at) => {
    const title = areaTitle(study, item)
    areas.set(title, [...(areas.get(title) ?? []), entries[at]])
  })
  return [...areas].map(([title, found]) => {
    const grades = found.map(({ grade }) => grade).filter(Boolean)
    const average = grades.reduce((sum, grade) => sum + grade, 0) / grades.length
    const time = found.reduce((sum, { seconds }) => sum + seconds, 0)
    const rated = grades.length ? `${average.toFixed(1)} of 4` : "Not rated"
    return [title, String(found.length), clock(time), rated]
  })
}
