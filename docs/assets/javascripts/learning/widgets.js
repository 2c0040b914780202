// Larger parts that the tools of practice pages are made of.

import { h, uniqueId } from "./dom.js"

/** A labelled control: the label's text, then the control itself. */
export function field(label, control, hint = "") {
  control.id ||= uniqueId("field")
  const text = h("label", { for: control.id }, label)
  if (!hint) return h("div", { class: "tool-field" }, text, control)
  const said = h("span", { class: "tool-hint", id: uniqueId("hint") }, hint)
  control.setAttribute("aria-describedby", said.id)
  return h("div", { class: "tool-field" }, text, control, said)
}

/** A table with `heads` above `rows`, lists of cells of which the first names its row. */
export const table = (heads, rows) =>
  h("table", { class: "table" },
    h("thead", {}, h("tr", {}, heads.map(text => h("th", { scope: "col" }, text)))),
    h("tbody", {}, rows.map(([first, ...cells]) =>
      h("tr", {}, h("th", { scope: "row" }, first), cells.map(cell => h("td", {}, cell))),
    )),
  )

/** Let the reader save a text as a file. */
export function download(name, type, text) {
  const href = URL.createObjectURL(new Blob([text], { type }))
  h("a", { href, download: name }).click()
  setTimeout(() => URL.revokeObjectURL(href), 10_000)
}
