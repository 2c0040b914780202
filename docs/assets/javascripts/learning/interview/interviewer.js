// The interviewer's view: everything to ask and to listen for, on screen and on paper.

import { MAIN, announce, button, buttonRow, h, uniqueId } from "../dom.js"
import { itemLink } from "../site.js"
import { writeAddress } from "./address.js"
import { deeper } from "./draw.js"
import { answerOf, described, facts, problemList } from "./parts.js"
import { field } from "../widgets.js"

/** Those of the table that the page has under "Scoring"; it is printed with the sheet. */
const CRITERIA = ["Knowledge", "Depth", "Trade-offs", "Communication", "Honesty"]
const NUMBERS = ["1", "2", "3", "4"]
const SCORES = ["1 No", "2 Partly", "3 Well", "4 Very well"]
const HOW =
  "Ask in this order: it gets harder. Score each question before the next. What you write here is " +
  "kept nowhere: print it before you close the page."
const VERDICTS = ["Strong no", "No", "Yes", "Strong yes"]

/** The sheet: how to run it, a part for each question, an overall score. */
export function interviewerView(app, { settings, items, problems }) {
  const sheet = { study: app.study, loads: [] }
  const candidate = writeAddress(settings, items)
  const parts = items.map((item, at) => part(sheet, item, `${at + 1}. `))
  return [
    h("h2", { class: "interview-title" }, "Interviewer's sheet"),
    problemList(problems),
    h("p", {}, described(settings, items.length)),
    h("div", { class: "tool-fields" }, field("Candidate", line()), field("Date", line())),
    h("p", {}, HOW),
    buttonRow(
      button("Print", () => printWhole(sheet), { class: MAIN }),
      h("a", { class: "tool-button", href: candidate }, "Candidate's view"),
    ),
    ...parts,
    h(
      "section",
      { class: "interview-part" },
      h("h3", {}, "Overall"),
      h("p", {}, "The table below says what each score means."),
      CRITERIA.map(criterion => scores(criterion, NUMBERS)),
      scores("Recommendation", VERDICTS),
      field("Reasons", box()),
    ),
  ].filter(Boolean)
}

/** Print once all answers are there. */
async function printWhole({ loads }) {
  const late = setTimeout(() => announce("The sheet is printed once its answers have loaded."), 300)
  await Promise.all(loads)
  clearTimeout(late)
  print()
}

function part(sheet, item, number = "", isDeeper = false) {
  const { study, loads } = sheet
  const answer = h("div", { "aria-busy": "true" }, h("p", {}, "The answer is loading."))
  const loaded = answerOf(study, item).then(
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
  loads.push(loaded)
  const others = deeper(study, item)
  const goesOn = !isDeeper && others.length > 0
  return h(
    "section",
    { class: "interview-part" },
    h(isDeeper ? "h4" : "h3", {}, number, itemLink(study, item)),
    !isDeeper && h("p", { class: "interview-facts" }, facts(study, item)),
    answer,
    goesOn && others.map(each => part(sheet, each, "Deeper: ", true)),
    !isDeeper && scores(`Score of question ${number}`, SCORES),
    !isDeeper && field("Notes", box()),
  )
}

const line = () => h("input", { autocomplete: "off" })
const box = () => h("textarea", { rows: 3 })

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
