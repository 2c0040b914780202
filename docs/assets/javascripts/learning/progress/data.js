// Export, import and what was set aside.

import { MAIN, announce, button, buttonRow, count, focusOn, h } from "../dom.js"
import { broughtBack } from "../state/back.js"
import { differences } from "../state/differences.js"
import { readState, writeState } from "../state/format.js"
import { mergeStates } from "../state/merge.js"
import { confirm } from "./confirm.js"
import { backWords, importLines } from "./words.js"
import { download, field } from "../widgets.js"

const JSON_TYPE = "application/json"
const MAX_BYTES = 20e6
const YEAR = 366 * 864e5

/** "2026-11-22" for a time, in the reader's time zone. */
function dateOf(time) {
  const date = new Date(time)
  const two = number => String(number).padStart(2, "0")
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`
}

/** Save the whole state as a file. */
export function exportState(store) {
  download(`backend-study-guide-${dateOf(store.clock())}.json`, JSON_TYPE, writeState(store.state))
  announce("Exported")
}

/** Choose a file, see what it would change, merge it. */
export function importField(store) {
  const result = h("div", { class: "progress-import" })
  const chosen = h("input", { type: "file", accept: ".json,application/json" })
  const done = text => {
    chosen.value = ""
    const said = h("p", {}, text)
    result.replaceChildren(said)
    focusOn(said)
  }
  chosen.addEventListener("change", async () => {
    const [file] = chosen.files
    if (!file) return
    try {
      if (file.size > MAX_BYTES) throw new Error("This file is too large to be an export.")
      const found = readState(await file.text(), { latest: store.clock() + YEAR })
      result.replaceChildren(preview(store, file.name, found, done))
      focusOn(result.querySelector("h3"))
    } catch (error) {
      done(`${file.name} was not imported. ${error.message}`)
    }
  })
  const hint = "You see what it would change first. Imports are merged; they never replace."
  return h("div", {}, field("Import a file", chosen, hint), result)
}

function preview(store, name, { state, rejected }, done) {
  const list = h("ul")
  const box = h("input", { type: "checkbox", checked: true, onchange: () => draw() })
  const words = backWords(broughtBack(store.state, state, store.clock()))
  // What happens here while the preview is shown counts too.
  const wanted = () => (box.checked ? broughtBack(store.state, state, store.clock()).state : state)
  const draw = () => {
    const lines = importLines(differences(store.state, mergeStates(store.state, wanted())))
    if (!lines.length) lines.push("Nothing: all of it is here already.")
    const bad = Object.values(rejected ?? {}).reduce((sum, part) => sum + sizeOf(part), 0)
    if (bad) lines.push(`${count(bad, "entry", "entries")} of the file cannot be read in full`)
    list.replaceChildren(...lines.map(line => h("li", {}, line)))
  }
  const merge = () =>
    done(store.merge(wanted()) ? `Merged ${name}.` : "The browser's storage has no room for this.")
  draw()
  return h(
    "section",
    { class: "tool-panel" },
    h("h3", {}, `What ${name} would change`),
    list,
    words && h("label", { class: "progress-choice" }, box, `Bring back what was reset: ${words}`),
    buttonRow(
      button("Merge", merge, { class: MAIN }),
      button("Cancel", () => done("Nothing was imported.")),
    ),
  )
}

const sizeOf = part => (typeof part === "object" && part ? Object.keys(part).length : 1)

/** What was set aside, to download or discard; draws nothing where there is nothing. */
export function asideList(store) {
  const element = h("div")
  let shown = ""
  const draw = () => {
    const found = store.aside()
    const keys = found.map(({ key }) => key).join()
    if (keys === shown) return // what has the focus stays
    shown = keys
    const rows = found.map(({ key, text }, at) => {
      const number = at + 1
      const discard = () => {
        store.discard(key)
        draw()
        focusOn(element)
        announce("Discarded")
      }
      const ask = () =>
        confirm(`Discard part ${number}?`, ["There is no other copy."], [["Discard", discard]])
      return h(
        "li",
        {},
        `Part ${number}: ${count(text.length, "character")}`,
        buttonRow(
          button(`Download part ${number}`, () => download(`set-aside-${number}.txt`, "text/plain", text)),
          button(`Discard part ${number}`, ask),
        ),
      )
    })
    const intro = "What could not be read is kept here until you discard it."
    const title = h("h2", {}, "Set aside")
    element.replaceChildren(...(rows.length ? [title, h("p", {}, intro), h("ul", {}, rows)] : []))
  }
  return { element, draw }
}
