// A session that was drawn and has not begun.

import { announce, button, count, field, h } from "../dom.js"
import { writeAddress } from "./address.js"
import { takes } from "./draw.js"
import { described, problemList } from "./parts.js"
import { begun } from "./record.js"
import { runSession } from "./session.js"

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
    h("p", {}, `${described(settings, items.length)}. They take ${count(total, "minute")} as planned.`),
    isShort && h("p", {}, "There are no more questions of this level in these areas."),
    h("p", {}, "Answer aloud, as you would in the room. The clock starts with the first question."),
    h(
      "div",
      { class: "tool-buttons" },
      button("Start", start, { class: "tool-button tool-button--main" }),
      h("a", { class: "tool-button", href: sheet }, "Interviewer's sheet"),
      button("Change", () => app.go(writeAddress({ ...settings, seed: "" }))),
    ),
    field("Address of this session", address, "It shows the same questions to whoever opens it."),
    h("div", { class: "tool-buttons" }, button("Copy the address", copy)),
  ].filter(Boolean)
}
