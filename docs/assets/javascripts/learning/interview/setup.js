// Choosing a session: the form, those of the past, and one that was drawn and has not begun.

import { MAIN, announce, button, buttonRow, count, focusOn, h } from "../dom.js"
import { LEVELS } from "../levels.js"
import { withSetting } from "../state/changes.js"
import { newSeed, writeAddress } from "./address.js"
import { takes } from "./draw.js"
import { described, problemList } from "./parts.js"
import { begun, forget, kept, startOf } from "./record.js"
import { MINUTES, ROLES, roleOf } from "./roles.js"
import { runSession } from "./session.js"
import { summaryView } from "./summary.js"
import { field } from "../widgets.js"

/** The form, and under it the past sessions. */
export function setupView(app, { settings, problems }) {
  return [
    h("h2", { class: "interview-title" }, "Set up a session"),
    problemList(problems),
    form(app, settings),
    past(app),
  ].filter(Boolean)
}

function form({ study, store, go }, settings) {
  const role = select(ROLES.map(({ id, title }) => [id, title]), settings.role)
  const levels = LEVELS.map(level => [level, `Mostly ${level}`])
  const level = select([["", "As the role asks"], ...levels], settings.level)
  const minutes = select(MINUTES.map(each => [each, `${each} minutes`]), settings.minutes)
  const seed = h("input", { maxlength: 40, autocomplete: "off", value: settings.seed })
  const boxes = study.areas.map(({ id, title }) => {
    const checked = !settings.areas || settings.areas.includes(id)
    const box = h("input", { type: "checkbox", name: "areas", value: id, checked })
    return { box, share: h("span", { class: "interview-share" }), title }
  })
  const problem = h("p", { class: "interview-problem", hidden: true }, "Choose at least one area.")
  const chosen = () => boxes.filter(({ box }) => box.checked).map(({ box }) => box.value)

  /** Of each area, how much of a session it gets on average. */
  function showShares() {
    const { weightOf } = roleOf(role.value)
    const total = chosen().reduce((sum, id) => sum + weightOf(id), 0)
    for (const { box, share } of boxes) {
      const percent = Math.round((100 * weightOf(box.value)) / total)
      share.textContent = box.checked ? `${percent} %` : ""
    }
    problem.hidden = total > 0
  }

  const setAll = checked => () => {
    for (const { box } of boxes) box.checked = checked
    showShares()
  }

  function onsubmit(event) {
    event.preventDefault()
    const ids = chosen()
    if (!ids.length) return focusOn(problem)
    store.update((state, at) => withSetting(state, "role", role.value, at))
    go(
      writeAddress({
        role: role.value,
        level: level.value,
        areas: ids.length < boxes.length ? ids : null,
        minutes: Number(minutes.value),
        seed: seed.value.trim() || newSeed(),
      }),
    )
  }

  const areas = h(
    "fieldset",
    { class: "interview-areas", onchange: showShares },
    h("legend", {}, "Areas, with their share"),
    h("div", { class: "interview-boxes" }, boxes.map(({ box, title, share }) =>
      h("label", {}, box, h("span", {}, title, " ", share)),
    )),
    problem,
    buttonRow(button("All areas", setAll(true)), button("No areas", setAll(false))),
  )
  role.addEventListener("change", showShares)
  showShares()
  return h(
    "form",
    { onsubmit },
    h(
      "div",
      { class: "tool-fields" },
      field("Role", role),
      field("Level", level),
      field("Time", minutes, "An hour may hold a design case of 45 minutes."),
      field("Seed", seed, "Optional: the same word draws the same questions."),
    ),
    areas,
    buttonRow(button("Draw questions", null, { type: "submit", class: MAIN })),
  )
}

const select = (options, value) =>
  h("select", {}, options.map(([key, text]) =>
    h("option", { value: key, selected: key === value }, text),
  ))

const DATE = { day: "numeric", month: "long", year: "numeric", hour: "2-digit", minute: "2-digit" }

function past(app) {
  const { study, store, show } = app
  const sessions = kept(study, store.state)
  if (!sessions.length) return null
  const list = h("ul", { class: "interview-past" }, sessions.map(line))
  return h("section", {}, h("h2", {}, "Past sessions"), list)

  function line(session) {
    const { entries, finished } = session
    const when = new Date(startOf(session)).toLocaleString("en", DATE)
    const rated = entries.filter(({ grade }) => grade)
    const items = entries.map(({ id }) => study.itemById.get(id))
    const named = text => ({ "aria-label": `${text}: ${when}` })
    const again = (text, settings, items) =>
      h("a", { href: writeAddress(settings, items), ...named(text) }, text)
    const remove = event => {
      forget(store, session)
      event.target.closest("li").remove()
      focusOn(document.querySelector(".interview-past li, .interview-title"))
    }
    return h(
      "li",
      {},
      h("strong", {}, when),
      h("p", {}, `${described(session, entries.length)}, ${rated.length} rated`),
      buttonRow(
        finished
          ? button("Summary", () => show(summaryView(app, session)), named("Summary"))
          : button("Continue", () => runSession(app, session), named("Continue")),
        again("Same questions", session, items),
        again("New draw", { ...session, seed: newSeed() }),
        button("Remove", remove, named("Remove")),
      ),
    )
  }
}

/** What it will be, its address, and the way into it. */
export function readyView(app, { settings, items, problems }) {
  const total = items.reduce((sum, item) => sum + takes(item), 0)
  const address = h("input", { readonly: true, value: location.href.split("#")[0] })
  address.addEventListener("focus", () => address.select())
  const start = () => runSession(app, begun(settings, items, app.store.clock()))
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(address.value)
      announce("Copied.")
    } catch {
      address.focus()
    }
  }
  const sheet = writeAddress(settings, items, "interviewer")
  const isShort = settings.minutes - total > 6
  return [
    h("h2", { class: "interview-title" }, "Your session"),
    problemList(problems),
    h("p", {}, `${described(settings, items.length)}. They take ${count(total, "minute")}.`),
    isShort && h("p", {}, "There are no more questions of this level in these areas."),
    h("p", {}, "Answer aloud, as you would in the room. The clock starts with the first question."),
    buttonRow(
      button("Start", start, { class: MAIN }),
      h("a", { class: "tool-button", href: sheet }, "Interviewer's sheet"),
      button("Change", () => app.go(writeAddress({ ...settings, seed: "" }))),
    ),
    field("Address of this session", address, "It shows the same questions to whoever opens it."),
    buttonRow(button("Copy the address", copy)),
  ].filter(Boolean)
}
