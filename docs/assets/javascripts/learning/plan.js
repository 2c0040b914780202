// The page of the dated plan: the form, the plan week by week, and how it stands today.

import { readAt, settingOf, withSetting, withTopic } from "./state/changes.js"
import { announce, button, count, field, focusOn, h } from "./dom.js"
import { ROOT, loadStudy } from "./site.js"
import { LEVELS, localDay, makePlan } from "./plan/make.js"
import { theStore } from "./state/store.js"

const SETTING = "plan"
const WEEKDAYS = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"]
const WHO = { foundation: "junior", core: "mid-level", advanced: "senior and above" }

/** Show the form, and the plan if there is one. */
export async function start(element) {
  const study = await loadStudy().catch(() => null)
  if (!study) {
    element.textContent = "The list of topics cannot be loaded. Reload the page to try again."
    return
  }
  const store = theStore()
  const shown = h("div", { class: "plan" })
  const show = () => {
    const plan = savedPlan(store.state)
    shown.replaceChildren(...(plan ? planView(study, store, plan, replan) : []))
    refresh(shown, store)
  }
  const replan = changed => {
    const today = localDay(store.clock())
    const known = study.topics.map(({ slug }) => slug).filter(slug => readAt(store.state, slug))
    const plan = { ...changed, start: today, known: [...new Set([...known, ...changed.known])] }
    const made = makePlan({ ...plan, study, today })
    if (made.problem) return made.problem
    const values = { plan, interviewDate: plan.date, hours: plan.hours, level: plan.level }
    store.update((state, now) =>
      Object.entries(values).reduce((next, [name, value]) => withSetting(next, name, value, now), state),
    )
    show()
    focusOn(shown.querySelector("h2"))
    return ""
  }
  element.replaceChildren(form(store, replan), shown)
  show()
  // Ticks may change elsewhere; the plan itself only here.
  const stop = store.subscribe(() => (element.isConnected ? refresh(shown, store) : stop()))
}

/** The plan that was made last: { start, date, hours, level, off, known }, or null. */
function savedPlan(state) {
  const plan = settingOf(state, SETTING)
  return plan && Array.isArray(plan.off) && Array.isArray(plan.known) ? plan : null
}

/** Topics that the latest placement takes for known. */
function placedSlugs(state) {
  const done = Object.entries(state.sessions)
    .filter(([id, { value }]) => id.startsWith("placement-") && Array.isArray(value?.known))
    .sort(([, a], [, b]) => a.at - b.at)
  return done.at(-1)?.[1].value.known ?? []
}

function form(store, replan) {
  const { state } = store
  const tomorrow = localDay(store.clock() + 864e5)
  const date = h("input", { type: "date", min: tomorrow, required: true })
  date.value = settingOf(state, "interviewDate", "")
  const hours = h("input", { type: "number", min: 0.5, max: 12, step: 0.5 })
  hours.value = settingOf(state, "hours", 1.5)
  const options = LEVELS.map(level => h("option", { value: level }, `${level}: ${WHO[level]}`))
  const level = h("select", {}, options)
  level.value = settingOf(state, "level", "core")
  if (level.selectedIndex < 0) level.value = "core"
  const off = savedPlan(state)?.off ?? []
  // Weeks begin on Monday here, whatever their numbers.
  const days = [1, 2, 3, 4, 5, 6, 0].map(day => {
    const box = h("input", { type: "checkbox", value: day, checked: off.includes(day) })
    return h("label", { class: "plan-check" }, box, WEEKDAYS[day])
  })
  const free = h("fieldset", { class: "plan-off" }, h("legend", {}, "Days without study"), days)
  const placed = placedSlugs(state)
  const skip = h("input", { type: "checkbox", checked: true })
  const said = `Leave out ${count(placed.length, "topic")} that you seem to know from the placement`
  const problem = h("p", { class: "plan-problem", role: "alert" })
  const onsubmit = event => {
    event.preventDefault()
    const checked = [...free.querySelectorAll(":checked")].map(box => Number(box.value))
    problem.textContent = replan({
      date: date.value,
      hours: hours.valueAsNumber,
      level: level.value,
      off: checked,
      known: skip.checked ? placed : [],
    })
    if (problem.textContent) date.focus()
  }
  return h(
    "form",
    { class: "tool-panel plan-form", novalidate: true, onsubmit },
    h(
      "div",
      { class: "tool-fields" },
      field("Day of the interview", date),
      field("Level", level),
      field("Hours a day", hours),
    ),
    free,
    placed.length > 0 && h("label", { class: "plan-check" }, skip, said),
    problem,
    h("div", { class: "tool-buttons" },
      button("Make the plan", null, { type: "submit", class: "tool-button tool-button--main" })),
  )
}

function planView(study, store, plan, replan) {
  const today = localDay(store.clock())
  const title = h("h2", {}, `Until ${written(plan.date, { month: "long", year: "numeric" })}`)
  if (!(plan.date > today)) {
    return [title, h("p", {}, "This day has come: there is nothing left to plan.")]
  }
  const made = makePlan({ ...plan, study, today: plan.start })
  if (made.problem) return [title, h("p", {}, made.problem)]
  const { days, left, total } = made
  const topics = days.flatMap(({ work }) => work).filter(each => isWhole(each))
  const facts = [
    count(days.length, "study day"),
    count(topics.length, "topic"),
    `${Math.round(total / 60)} h in all`,
    left.length ? `${count(left.length, "topic")} left out` : "nothing left out",
  ]
  const again = button("Plan again from today", () => {
    if (!replan(plan)) announce("Planned again from today.")
  })
  const behind = h("p", { class: "plan-behind", role: "status" })
  return [
    title,
    h("p", {}, `${facts.join(", ")}. The last day brings nothing new.`),
    behind,
    h(
      "div",
      { class: "tool-buttons" },
      again,
      button("Print", () => print()),
      button("Save as calendar file", () => saveCalendar(study, days)),
    ),
    left.length > 0 && leftOut(study, left),
    ...weeks(days.filter(({ minutes }) => minutes)).map((week, index) => weekView(study, store, plan, week, index, today)),
  ].filter(Boolean)
}

const isWhole = ({ part }) => part === "" || part === "finish"
const written = (date, options) =>
  new Date(date).toLocaleDateString("en", { timeZone: "UTC", day: "numeric", ...options })
const topicLink = (study, slug) => {
  const { title, url } = study.topicBySlug.get(slug)
  return h("a", { href: new URL(url, ROOT) }, title)
}

function leftOut(study, slugs) {
  const item = slug =>
    h("li", {}, topicLink(study, slug), ` · ${study.topicBySlug.get(slug).level}`)
  return h(
    "details",
    {},
    h("summary", {}, `Left out for lack of time: ${count(slugs.length, "topic")}`),
    h("p", {}, "What matters most for your level comes first; these are next, in this order."),
    h("ul", {}, slugs.map(item)),
  )
}

/** Days by calendar week, which begins on Monday. */
function weeks(days) {
  const found = new Map()
  for (const day of days) {
    const week = Math.floor((Date.parse(day.date) / 864e5 + 3) / 7)
    found.set(week, [...(found.get(week) ?? []), day])
  }
  return [...found.values()]
}

function weekView(study, store, plan, days, index, today) {
  const from = written(days[0].date, { month: "long" })
  const rows = days.map(day => {
    const date = written(day.date, { weekday: "short", month: "short" })
    return h(
      "tr",
      { "aria-current": day.date === today && "date" },
      h("th", { scope: "row" }, date, h("span", { class: "tool-hint" }, `${day.minutes} min`)),
      h("td", {}, h("ul", {}, lines(study, store, plan, day, today))),
    )
  })
  return h(
    "table",
    { class: "plan-week" },
    h("caption", {}, `Week ${index + 1}, from ${from}`),
    h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Day"), h("th", { scope: "col" }, "Work"))),
    h("tbody", {}, rows),
  )
}

function lines(study, store, plan, day, today) {
  const line = (path, text, minutes) =>
    h("li", {}, h("a", { href: new URL(path, ROOT) }, text), ` · ${minutes} min`)
  const mock = `practice/interview/?level=${plan.level}&minutes=${day.rehearsal}&seed=${day.date}`
  return [
    ...day.work.map(each => workLine(study, store, each, day.date < today)),
    day.review > 0 && line("practice/review/", "Review", day.review),
    day.rehearsal > 0 && line(mock, "Mock interview", day.rehearsal),
    day.light && h("li", {}, "Nothing new. Read how ",
      h("a", { href: new URL("practice/interview-day/", ROOT) }, "the day of the interview"), " goes."),
  ]
}

function workLine(study, store, { slug, minutes, part }, isPast) {
  const rest = ` · ${part ? `${part}, ` : ""}${minutes} min`
  if (!isWhole({ part })) return h("li", {}, topicLink(study, slug), rest)
  const box = h("input", {
    type: "checkbox",
    "aria-label": `Read: ${study.topicBySlug.get(slug).title}`,
    "data-read": slug,
    "data-past": isPast,
    checked: readAt(store.state, slug) > 0,
    onchange: () =>
      store.update((state, now) => withTopic(state, slug, now, box.checked ? now : 0)),
  })
  return h("li", { class: "plan-topic" }, box, h("span", {}, topicLink(study, slug), rest))
}

/** Bring ticks and the word on being behind up to date. */
function refresh(shown, { state }) {
  for (const box of shown.querySelectorAll("[data-read]")) {
    box.checked = readAt(state, box.dataset.read) > 0
  }
  const late = shown.querySelectorAll("[data-past]:not(:checked)").length
  const said = shown.querySelector(".plan-behind")
  const text = late ? `You are behind by ${count(late, "topic")}: plan again from today.` : ""
  if (said && said.textContent !== text) said.textContent = text
}

async function saveCalendar(study, days) {
  const { calendar } = await import("./plan/calendar.js")
  const text = calendar(days, slug => study.topicBySlug.get(slug).title)
  const href = URL.createObjectURL(new Blob([text], { type: "text/calendar" }))
  h("a", { href, download: "study-plan.ics" }).click()
  setTimeout(() => URL.revokeObjectURL(href), 1000)
}
