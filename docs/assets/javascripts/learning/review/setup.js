// Before a session: what is due, in which area, and what the session is to hold.

import { MAIN, button, buttonRow, count, h } from "../dom.js"
import { LEVELS, titleOf } from "../levels.js"
import { rescheduled, untilOf } from "../schedule.js"
import { settingOf, withSetting } from "../state/changes.js"
import { makeSession, matching, tally } from "./session.js"
import { dayAndTime } from "./words.js"
import { field, table } from "../widgets.js"

const NEW_ITEMS = 10

/**
 * Show what is due and let the reader choose. `onStart(items)` gets the items of the session.
 * Returns { element, draw() }; `draw` brings the numbers up to date, as each change of the state
 * requires.
 */
export function showSetup({ study, store, onStart }) {
  const address = new URL(location.href)
  const filters = {
    area: choice("area", "All areas", study.areas.map(({ id, title }) => [id, title])),
    level: choice("level", "All levels", LEVELS.map(level => [level, titleOf(level)])),
    tag: choice("tag", "All tags", tagsOf(study).map(tag => [tag, tag])),
  }
  const fresh = h("input", {
    type: "number", min: 0, max: 100, value: settingOf(store.state, "newItems", NEW_ITEMS),
    onchange: () => set("newItems", Math.min(100, Math.max(0, Math.round(fresh.value) || 0))),
  })
  const date = h("input", {
    type: "date", value: settingOf(store.state, "interviewDate", ""),
    onchange: () => set("interviewDate", date.value || null),
  })
  const keys = h("input", {
    type: "checkbox", checked: settingOf(store.state, "reviewKeys", true),
    onchange: () => set("reviewKeys", keys.checked),
  })
  const said = h("p", { role: "status" })
  const begin = button("", start, { class: MAIN })
  const rows = study.areas.map(areaRow)
  const top = [h("h2", {}, "Due now"), said, buttonRow(begin)]
  const choices = h("div", { class: "tool-fields" }, field("Area", filters.area))
  const element = h("div", {}, top, choices)
  const switchOff = h("label", { class: "review-keys" }, keys, " Keys: space, 1 to 4 and u")
  addInTurn([
    [choices, field("Level", filters.level)],
    [choices, field("Tag", filters.tag)],
    [choices, field("New items in a session", fresh)],
    [choices, field("Day of your interview", date, "Optional: everything comes back before it.")],
    [element, switchOff],
    [element, table(["Area", "Due", "New"], rows.map(row => row.cells))],
  ])
  draw()
  return { element, draw }

  function choice(name, all, options) {
    const select = h(
      "select",
      { onchange: () => filtered(name, select.value) },
      [["", all], ...options].map(([value, text]) => h("option", { value }, text)),
    )
    const asked = address.searchParams.get(name)
    if (options.some(([value]) => value === asked)) select.value = asked
    return select
  }

  /** The address keeps the filters: it can be linked to, and a reload changes nothing. */
  function filtered(name, value) {
    if (value) address.searchParams.set(name, value)
    else address.searchParams.delete(name)
    history.replaceState(history.state, "", address)
    draw()
  }

  function set(name, value) {
    store.update((state, now) => {
      const changed = withSetting(state, name, value, now)
      return name === "interviewDate" ? rescheduled(changed, untilOf(changed, now)) : changed
    })
  }

  function chosen() {
    const [area, level, tag] = ["area", "level", "tag"].map(name => filters[name].value)
    return matching(study, { area, level, tag })
  }

  function start() {
    onStart(makeSession(chosen(), store.state, store.clock(), Number(fresh.value) || 0))
  }

  function draw() {
    const now = store.clock()
    const sums = tally(chosen(), store.state, now)
    const planned = sums.due + Math.min(sums.new, Number(fresh.value) || 0)
    const parts = [`${sums.due.toLocaleString("en")} due, ${sums.new.toLocaleString("en")} new.`]
    if (!sums.due && sums.next) parts.push(`The next one comes back on ${dayAndTime(sums.next)}.`)
    if (store.status !== "saved") {
      parts.push("This browser stores nothing now: answers last until you close this tab.")
    }
    said.textContent = parts.join(" ")
    begin.textContent = planned ? `Start: ${count(planned, "item")}` : "Nothing to review"
    begin.disabled = !planned
    const fitting = matching(study, { level: filters.level.value, tag: filters.tag.value })
    for (const { id, cells } of rows) {
      const sums = tally(fitting.filter(item => areaOf(item) === id), store.state, now)
      cells[1].textContent = sums.due
      cells[2].textContent = sums.new
    }
  }

  function areaRow({ id, title }) {
    const choose = event => {
      event.preventDefault()
      filters.area.value = id
      filtered("area", id)
      begin.focus()
    }
    const link = h("a", { href: `?area=${id}`, onclick: choose }, title)
    return { id, cells: [link, h("span"), h("span")] }
  }

  function areaOf({ topic }) {
    return study.topicBySlug.get(topic).area
  }
}

/** Each part in a frame of its own: all at once would block a slow device for too long. */
function addInTurn([[place, part] = [], ...others]) {
  if (!part) return
  const add = () => {
    place.append(part)
    addInTurn(others)
  }
  requestAnimationFrame(() => setTimeout(add))
}

const tagsOf = study => [...new Set(study.topics.flatMap(({ tags }) => tags))].sort()
