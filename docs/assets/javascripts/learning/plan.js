// The page of the dated plan: the form, the plan week by week, and how it stands today.

import { MAIN, button, buttonRow, count, focusOn, h } from "./dom.js"
import { LEVELS } from "./levels.js"
import { localDay, makePlan } from "./plan/make.js"
import { calendar } from "./plan/calendar.js"
import { link, studyIn } from "./site.js"
import { readAt, settingOf, withSetting, withTopic } from "./state/changes.js"
import { theStore } from "./state/store.js"
import { download, field, table } from "./widgets.js"

const WHO = { foundation: "junior", core: "mid-level", advanced: "senior and above" }

/** Show the form, and the plan if there is one. */
export async function start(element) {
  const study = await studyIn(element, () => start(element))
  if (!study) return
  const store = theStore()
  const shown = h("div")
  const show = () => {
    const plan = savedPlan(store.state)
    shown.replaceChildren(...(plan ? planView({ study, store, plan, replan }) : []))
    refresh(shown, store)
  }
  /** Plan from today and keep it; gives what is wrong with the settings, if anything. */
  function replan(settings) {
    const today = localDay(store.clock())
    const read = study.topics.map(({ slug }) => slug).filter(slug => readAt(store.state, slug))
    const plan = { ...settings, start: today, known: [...new Set([...read, ...settings.known])] }
    const made = makePlan({ ...plan, study, today })
    if (made.problem) return made.problem
    const values = { plan, interviewDate: plan.date, hours: plan.hours, level: plan.level }
    store.update((state, now) => {
      const set = (next, [name, value]) => withSetting(next, name, value, now)
      return Object.entries(values).reduce(set, state)
    })
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
  const plan = settingOf(state, "plan")
  return Array.isArray(plan?.off) && Array.isArray(plan.known) ? plan : null
}

/** Topics that the latest placement takes for known. */
function placedSlugs(state) {
  const done = Object.entries(state.sessions)
    .filter(([id, { value }]) => id.startsWith("placement-") && Array.isArray(value?.known))
    .sort(([, a], [, b]) => a.at - b.at)
  return done.at(-1)?.[1].value.known ?? []
}

const box = attributes => h("input", { type: "checkbox", ...attributes })
const checkField = (input, text) => h("label", { class: "plan-check" }, input, text)

function form({ state, clock }, replan) {
  const date = h("input", { type: "date", min: localDay(clock() + 864e5) })
  date.value = settingOf(state, "interviewDate", "")
  const hours = h("input", { type: "number", min: 0.5, max: 12, step: 0.5 })
  hours.value = settingOf(state, "hours", 1.5)
  const aim = settingOf(state, "level", "core")
  const options = LEVELS.map(value =>
    h("option", { value, selected: value === aim }, `${value}: ${WHO[value]}`),
  )
  const level = h("select", {}, options)
  const off = savedPlan(state)?.off ?? []
  // Here weeks begin on Monday, whatever the days' numbers are.
  const boxes = [1, 2, 3, 4, 5, 6, 0].map(value => box({ value, checked: off.includes(value) }))
  const placed = placedSlugs(state)
  const skip = box({ checked: true })
  const known = `Leave out ${count(placed.length, "topic")} that the placement takes for known`
  const problem = h("p", { class: "plan-problem", role: "alert" })
  const onsubmit = event => {
    event.preventDefault()
    problem.textContent = replan({
      date: date.value,
      hours: hours.valueAsNumber,
      level: level.value,
      off: boxes.filter(({ checked }) => checked).map(({ value }) => Number(value)),
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
    h(
      "fieldset",
      { class: "plan-off" },
      h("legend", {}, "Days without study"),
      boxes.map(each => checkField(each, weekday(each.value))),
    ),
    placed.length > 0 && checkField(skip, known),
    problem,
    button("Make the plan", null, { type: "submit", class: MAIN }),
  )
}

function planView(view) {
  const { study, store, plan, replan } = view
  const today = localDay(store.clock())
  const title = h("h2", {}, `Until ${written(plan.date, { month: "long", year: "numeric" })}`)
  const say = text => [title, h("p", {}, text)]
  if (!(plan.date > today)) return say("This day has come. Nothing is left to plan.")
  const made = makePlan({ ...plan, study, today: plan.start })
  if (made.problem) return say(made.problem)
  const { days, left, total } = made
  const topics = days.flatMap(({ work }) => work).filter(isWhole).length
  const facts = [
    count(days.length, "study day"),
    count(topics, "topic"),
    `${Math.round(total / 60)} h in all`,
  ]
  const areas = new Set(plan.known.map(slug => study.topicBySlug.get(slug)?.area))
  return [
    title,
    h("p", {}, `${facts.join(", ")}. The last day brings nothing new.`),
    h("p", { class: "plan-behind", role: "status" }),
    buttonRow(
      button("Plan again from today", () => replan(plan)),
      button("Print", () => print()),
      button("Save as calendar file", () => saveCalendar(study, days)),
    ),
    ...(left.length ? [leftOut(study, left)] : []),
    ...weeks(days).map((week, index) => weekView({ ...view, today, areas }, week, index + 1)),
  ]
}

/** "Sunday" for 0. */
const weekday = day =>
  new Date(Date.UTC(2023, 0, 1 + Number(day))).toLocaleDateString("en", {
    timeZone: "UTC",
    weekday: "long",
  })
const isWhole = ({ part }) => part === "" || part === "finish"
const written = (date, options) =>
  new Date(date).toLocaleDateString("en", { timeZone: "UTC", day: "numeric", ...options })
const topicLink = (study, slug) => {
  const { title, url } = study.topicBySlug.get(slug)
  return link(url, title)
}

function leftOut(study, slugs) {
  const item = slug =>
    h("li", {}, topicLink(study, slug), ` · ${study.topicBySlug.get(slug).level}`)
  return h(
    "details",
    {},
    h("summary", {}, `Left out for lack of time: ${count(slugs.length, "topic")}`),
    h("p", {}, "What matters more for your level is in the plan; these come next, in this order."),
    h("ul", {}, slugs.map(item)),
  )
}

/** Days on which there is something to do, by calendar week, which begins on Monday. */
function weeks(days) {
  const found = new Map()
  for (const day of days.filter(({ minutes }) => minutes)) {
    const week = Math.floor((Date.parse(day.date) / 864e5 + 3) / 7)
    found.set(week, [...(found.get(week) ?? []), day])
  }
  return [...found.values()]
}

function weekView(view, days, number) {
  const rows = days.map(day => {
    const date = written(day.date, { weekday: "short", month: "short" })
    const minutes = h("span", { class: "tool-hint" }, `${day.minutes} min`)
    return [[date, minutes], h("ul", {}, lines(view, day))]
  })
  const week = table(["Day", "Work"], rows)
  week.classList.add("plan-week")
  week.prepend(h("caption", {}, `Week ${number}, from ${written(days[0].date, { month: "long" })}`))
  const today = days.findIndex(({ date }) => date === view.today)
  week.tBodies[0].rows[today]?.setAttribute("aria-current", "date")
  return week
}

/** What a day holds; `view.areas` collects what has been read up to it, to be rehearsed. */
function lines({ study, store, plan, areas, today }, { date, work, review, rehearsal, light }) {
  const topics = work.map(each => {
    areas.add(study.topicBySlug.get(each.slug).area)
    return topicLine(study, store, each, date < today)
  })
  const mock = new URLSearchParams({ level: plan.level, minutes: rehearsal, seed: date })
  mock.set("areas", [...areas].filter(Boolean).join("."))
  const line = (path, text, minutes) => h("li", {}, link(path, text), ` · ${minutes}\u00a0min`)
  return [
    ...topics,
    review > 0 && line("practice/review/", "Review", review),
    rehearsal > 0 && line(`practice/interview/?${mock}`, "Mock interview", rehearsal),
    light && h("li", {}, link("practice/interview-day/", "How the day of the interview goes")),
  ]
}

function topicLine(study, store, { slug, minutes, part }, isPast) {
  const text = [topicLink(study, slug), ` · ${part && `${part}, `}${minutes}\u00a0min`]
  if (!isWhole({ part })) return h("li", {}, text)
  const tick = box({
    "aria-label": `Read: ${study.topicBySlug.get(slug).title}`,
    "data-read": slug,
    "data-past": isPast,
    onchange: () =>
      store.update((state, now) => withTopic(state, slug, now, tick.checked ? now : 0)),
  })
  return h("li", { class: "plan-topic" }, tick, h("span", {}, text))
}

/** Bring the ticks and the word on being behind up to date. */
function refresh(shown, { state }) {
  for (const tick of shown.querySelectorAll("[data-read]")) {
    tick.checked = readAt(state, tick.dataset.read) > 0
  }
  const late = shown.querySelectorAll("[data-past]:not(:checked)").length
  const text = late ? `You are behind by ${count(late, "topic")}: plan again from today.` : ""
  const said = shown.querySelector(".plan-behind")
  if (said && said.textContent !== text) said.textContent = text
}

function saveCalendar(study, days) {
  const text = calendar(days, slug => study.topicBySlug.get(slug).title)
  download("study-plan.ics", "text/calendar", text)
}
