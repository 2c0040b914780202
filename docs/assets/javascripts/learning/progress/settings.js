// What the reader has told the tools, to see and change.

import { announce, h } from "../dom.js"
import { settingOf, withSetting } from "../state/changes.js"
import { field } from "../widgets.js"

/** Fields of settings that several tools use. Returns { element, draw }. */
export function settingFields(store) {
  const inputs = {
    interviewDate: h("input", { type: "date" }),
    hours: h("input", { type: "number", min: "0.5", max: "16", step: "0.5" }),
  }
  for (const [name, input] of Object.entries(inputs)) {
    input.addEventListener("change", () => {
      if (!input.checkValidity()) return input.reportValidity()
      const value = input.type === "number" ? input.valueAsNumber || null : input.value || null
      store.update((state, at) => withSetting(state, name, value, at))
      announce("Saved")
    })
  }
  const draw = () => {
    for (const [name, input] of Object.entries(inputs)) {
      if (input !== document.activeElement) input.value = settingOf(store.state, name, "")
    }
  }
  const element = h(
    "div",
    { class: "tool-fields" },
    field("Interview date", inputs.interviewDate, "Reviews and plans lead up to it."),
    field("Hours a day", inputs.hours, "For the plan."),
  )
  return { element, draw }
}
