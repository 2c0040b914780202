// The page that finds out where to start: fifteen items, one after the other, then the result.

import { fetchCard } from "./card.js"
import { MAIN, button, buttonRow, count, focusOn, h } from "./dom.js"
import { LENGTH, nextItem, resultOf } from "./placement/model.js"
import { enhanceQuiz } from "./quiz.js"
import { itemLink, link, studyIn } from "./site.js"
import { answered, itemOf, readAt, withSession, withSetting } from "./state/changes.js"
import { theStore } from "./state/store.js"
import { table } from "./widgets.js"

const PREFIX = "placement-"
const SHOWN = 6

/** Offer to begin, to go on with what was left, or to see the last result. */
export async function start(element) {
  const study = await studyIn(element, () => start(element))
  if (!study) return
  const placement = { element, study, store: theStore(), skipped: [] }
  const { open, done } = sessionsOf(study, placement.store.state)
  element.replaceChildren(
    buttonRow(
      open && main(`Continue with item ${open.answers.length + 1}`, () => ask(placement, open)),
      (open ? button : main)(open ? "Start anew" : "Start", () => ask(placement, begin(placement))),
      done && button("Show the last result", () => showResult(placement, done)),
    ),
  )
}

const main = (text, onclick) => button(text, onclick, { class: MAIN })
const begin = ({ store }) => ({ id: `${PREFIX}${store.clock()}`, answers: [] })

/** The latest placement that was left and the latest that was finished: { open, done }. */
function sessionsOf(study, state) {
  const found = Object.entries(state.sessions)
    .filter(([id, { value }]) => id.startsWith(PREFIX) && Array.isArray(value?.answers))
    .sort(([, a], [, b]) => a.at - b.at)
    .map(([id, { value }]) => ({
      id,
      done: value.done === true,
      answers: value.answers
        .filter(each => Array.isArray(each) && study.itemById.get(each[0])?.kind === "quiz")
        .map(([item, right]) => [item, right === true]),
    }))
  const last = found.at(-1)
  const isOpen = last && !last.done && last.answers.length && last.answers.length < LENGTH
  return { open: isOpen ? last : null, done: found.findLast(({ done }) => done) }
}

/** Show the next item of a session, or its result. */
async function ask(placement, session) {
  const { element, study, store, skipped } = placement
  const isFresh = id => !itemOf(store.state, id).log.length
  // Those that could not be shown are passed over as if they had been asked.
  const left = { ...study, items: study.items.filter(({ id }) => !skipped.includes(id)) }
  const item = nextItem(left, session.answers, session.id, isFresh)
  if (!item) return finish(placement, session)
  const title = h("h2", {}, `Item ${session.answers.length + 1} of ${LENGTH}`)
  const place = h("div", { class: "placement-item" }, h("p", {}, "Loading the item…"))
  const hint = "Right and wrong come at the end. You can leave and go on later, in this browser."
  element.replaceChildren(title, place, h("p", { class: "tool-hint" }, hint))
  focusOn(title)
  const onResult = right => {
    session.answers.push([item.id, right])
    save(placement, session)
    ask(placement, session)
  }
  try {
    const card = await fetchCard(study, item)
    enhanceQuiz(card, { id: item.id, reveal: false, onResult })
    // Nobody shall find the verdicts under the form.
    for (const source of card.querySelectorAll(".quiz-source")) source.remove()
    place.replaceChildren(card)
  } catch {
    const another = button("Take another item", () => {
      skipped.push(item.id)
      ask(placement, session)
    })
    place.replaceChildren(h("p", { role: "alert" }, "This item cannot be loaded."), another)
  }
}

const save = ({ store }, { id, answers }) =>
  store.update((state, now) => withSession(state, id, { answers, done: false }, now))

/** Keep the result: what was missed waits for review. */
function finish(placement, session) {
  const { study, store } = placement
  const { answers } = session
  const { level, known } = resultOf(study, answers)
  store.update((state, now) => {
    let next = withSession(state, session.id, { answers, done: true, level, known }, now)
    next = withSetting(next, "level", level, now)
    for (const [id, right] of answers) {
      const grade = right ? 3 : 1
      const queued = right ? undefined : true
      next = answered(next, id, { at: now, source: "placement", grade, queued })
    }
    return next
  })
  showResult(placement, session)
}

function showResult(placement, { answers }) {
  const { element, study, store } = placement
  const isRead = slug => readAt(store.state, slug) > 0
  const { level, range, areas, start } = resultOf(study, answers, isRead)
  const missed = answers.filter(([, right]) => !right)
  const doubt = range[0] === range[1] ? "" : `, somewhere between ${range[0]} and ${range[1]}`
  const title = h("h2", {}, `Your answers fit the level ${level}`)
  element.replaceChildren(
    title,
    h("p", {}, `You knew ${answers.length - missed.length} of ${count(answers.length, "item")}`
      + `${doubt}. This is a direction, not a grade: one item says little about an area.`),
    h("h3", {}, "Start here"),
    start.length
      ? h("ol", {}, start.slice(0, SHOWN).map(each => startLine(study, store, each)))
      : h("p", {}, "No topic stands out: go through the plan, or through what is due for review."),
    buttonRow(
      link("plans/dated/", "Make a plan", { class: MAIN }),
      missed.length > 0
        && link("practice/review/", "Review what you missed", { class: "tool-button" }),
      button("Take it again", () => ask(placement, begin(placement))),
    ),
    h("h3", {}, "By area"),
    areaTable(study, areas),
    ...(missed.length ? [h("h3", {}, "What you missed"), missedList(study, missed)] : []),
  )
  focusOn(title)
}

function startLine(study, store, { slug, missed, needs }) {
  const { title, url, area } = study.topicBySlug.get(slug)
  const names = needs.map(need => study.topicBySlug.get(need).title.split(":")[0])
  const before = names.length
    ? `it builds on ${names.join(" and ")}, which you ${
        needs.every(need => readAt(store.state, need)) ? "have read" : "seem to know"}`
    : "it builds on nothing else"
  const why = `${missed ? "you missed an item of it, and " : ""}${before}`
  const place = study.areaById.get(area).title
  return h("li", {}, link(url, title), ` (${place}): ${why}.`)
}

function areaTable(study, areas) {
  const row = ({ id, asked, right, level }) => [
    study.areaById.get(id).title,
    asked ? `${right} of ${asked}` : "not asked",
    asked ? level : `${level}, from the others`,
  ]
  return table(["Area", "Items", "Estimate"], areas.map(row))
}

function missedList(study, missed) {
  return h("ul", {}, missed.map(([id]) => h("li", {}, itemLink(study, study.itemById.get(id)))))
}
