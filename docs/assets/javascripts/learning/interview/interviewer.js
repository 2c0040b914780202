// The interviewer's view: everything to ask and to listen for, on screen and on paper.

import { announce, button, h, uniqueId } from "../dom.js"
import { writeAddress } from "./address.js"
import { deeper } from "./draw.js"
import { answerOf, described, facts, link, problemList } from "./parts.js"

const SCORES = ["1 No", "2 Partly", "3 Well", "4 Very well"]

// What a score means over the whole session, from 1 to 4.
const RUBRIC = [
  ["Knowledge", "Must criteria missed", "Some met", "Nearly all met", "All met, and bonus ones"],
  ["Depth", "Stops at the first why", "Gets there with hints", "Holds two follow-ups", "Knows where it ends"],
  ["Trade-offs", "One way only", "Names costs when asked", "Weighs costs unasked", "Says what would change the choice"],
  ["Communication", "Hard to follow", "Needs steering", "Structured and clear", "Checks, sums up, adapts"],
  ["Honesty", "Invents", "Hides gaps", "Names gaps", "Says how to close them"],
]
const VERDICTS = ["Strong no", "No", "Yes", "Strong yes"]

/** The sheet: how to run it, a part for each question, a rubric for all. */
export function interviewerView(app, { settings, items, problems }) {
  const { study } = app
  const candidate = writeAddress(settings, items)
  return [
    h("h2", { class: "interview-title" }, "Interviewer's sheet"),
    problemList(problems),
    h("p", {}, described(settings, items.length)),
    h("p", { class: "interview-line" }, "Candidate"),
    h("p", { class: "interview-line" }, "Interviewer and date"),
    h("p", {}, "Ask in this order: it gets harder. Let the answer end before a follow-up. Tick what you \
hear, not what you assume, and score each question before the next."),
    h(
      "div",
      { class: "tool-buttons" },
      button("Print", () => print(), { class: "tool-button tool-button--main" }),
      h("a", { class: "tool-button", href: candidate }, "Candidate's view"),
    ),
    ...items.map((item, at) => part(study, item, `${at + 1}. `)),
    rubric(),
  ].filter(Boolean)
}

function part(study, item, number = "", isDeeper = false) {
  const answer = h("div", { "aria-busy": "true" }, h("p", {}, "The answer is loading."))
  answerOf(study, item).then(
    ({ brief, followups, criteria }) => {
      for (const details of followups?.querySelectorAll("details") ?? []) details.open = true
      criteria?.querySelectorAll("li").forEach(tickable)
      answer.replaceChildren(...[brief, followups, criteria].filter(Boolean))
      answer.removeAttribute("aria-busy")
    },
    () => {
      answer.replaceChildren(h("p", {}, "The answer did not load; it is on its page."))
      answer.removeAttribute("aria-busy")
      announce("An answer did not load.")
    },
  )
  const others = deeper(study, item)
  const goesOn = !isDeeper && others.length > 0
  return h(
    "section",
    { class: "interview-part" },
    h(isDeeper ? "h4" : "h3", {}, number, link(study, item)),
    !isDeeper && h("p", { class: "interview-facts" }, facts(study, item)),
    answer,
    goesOn && others.map(each => part(study, each, "Deeper: ", true)),
    !isDeeper && scores(`Score of question ${number}`, SCORES),
    !isDeeper && h("p", { class: "interview-line" }, "Notes"),
  )
}

/** A criterion with a box to tick. */
function tickable(item) {
  const label = h("label", {}, h("input", { type: "checkbox" }), h("span", {}, ...item.childNodes))
  item.append(label)
}

function scores(legend, texts) {
  const name = uniqueId("score")
  const choices = texts.map(text => h("label", {}, h("input", { type: "radio", name }), text))
  return h("fieldset", { class: "interview-scores" }, h("legend", {}, legend), choices)
}

function rubric() {
  const rows = RUBRIC.map(([criterion, ...marks]) => {
    const name = uniqueId("rubric")
    const cells = marks.map((mark, at) =>
      h("label", {}, h("input", { type: "radio", name }), `${at + 1} ${mark}`),
    )
    return h("fieldset", { class: "interview-scores" }, h("legend", {}, criterion), cells)
  })
  return h("section", { class: "interview-part" }, h("h3", {}, "Overall"), rows,
    scores("Recommendation", VERDICTS), h("p", { class: "interview-line" }, "Reasons"))
}
