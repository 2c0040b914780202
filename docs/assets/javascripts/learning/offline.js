// Offline use: areas to keep on this device, and what there is when a page is not.

import { announce, button, buttonRow, count, focusOn, h } from "./dom.js"
import { dropFiles, keepFiles, keptFiles, loadAreas, refreshAreas, share } from "./areas.js"
import { ROOT, link, loadStudy } from "./site.js"
import { settingOf, withSetting } from "./state/changes.js"
import { theStore } from "./state/store.js"
import { field } from "./widgets.js"

const SETTING = "offlineAreas"

/** The page of this tool; the page for addresses that are not on the device lists what is. */
export async function start(element) {
  element.replaceChildren(element.dataset.missing ? await listKept() : offlinePanel())
}

/** Areas to choose, with their sizes and what is there of them. */
function offlinePanel() {
  const panel = h("div", { class: "offline" })
  // Whoever keeps pages, if this browser and this site can, takes the event.
  const kept = !document.dispatchEvent(new Event("guide:keep", { cancelable: true }))
  if (!kept) {
    const why = "This browser, or this preview of the guide, cannot keep pages on the device."
    panel.append(h("p", { class: "tool-hint" }, why))
    return panel
  }
  const room = h("p", { class: "tool-hint" })
  const list = h("fieldset", { class: "offline-areas" }, h("legend", {}, "Keep on this device"))
  panel.append(list, room)
  fill(list, room).catch(() => {
    const again = button("Try again", () => {
      const next = offlinePanel()
      panel.replaceWith(next)
      focusOn(next)
    })
    panel.replaceChildren(
      h("p", {}, "The list of areas cannot be loaded now. What is on this device stays there."),
      again,
    )
  })
  return panel
}

async function fill(list, room) {
  const [study, areas] = await Promise.all([loadStudy(), loadAreas()])
  const kept = await keptFiles()
  const rows = study.areas
    .filter(({ id }) => areas[id]?.length)
    .map(area => new Row(area, areas, kept, () => tellRoom(room)))
  const setAll = async wanted => {
    for (const row of rows) row.set(wanted)
    for (const row of rows) if (row.box.checked === wanted) await row.apply()
  }
  list.append(
    ...rows.map(row => row.element),
    buttonRow(
      button("Keep everything", () => setAll(true)),
      button("Remove everything", () => setAll(false)),
    ),
  )
  tellRoom(room)
  if (!kept.size) return
  await refreshAreas().catch(() => {}) // without a network what is there stays as it is
  const now = await keptFiles()
  for (const row of rows) if (row.bar.hidden) row.show(now)
}

/** One area: a checkbox, its size, what is there of it, and how far fetching is. */
class Row {
  constructor({ id, title }, areas, kept, changed) {
    this.id = id
    this.title = title
    this.areas = areas
    this.changed = changed
    this.files = areas[id]
    this.box = h("input", { type: "checkbox", onchange: () => this.choose() })
    this.box.checked = chosen().includes(id) || share(this.files, kept).files > 0
    this.bar = h("progress", { max: this.files.length, "aria-label": title, hidden: true })
    this.again = button("Fetch the rest", () => this.apply(), { hidden: true })
    const row = field(title, this.box, " ")
    this.hint = row.querySelector(".tool-hint")
    this.element = h("div", { class: "offline-area" }, row, this.bar, this.again)
    this.show(kept)
  }

  show(kept, problem = "") {
    const { files, allFiles, allBytes } = share(this.files, kept)
    const isPart = this.box.checked && files < allFiles
    const state = isPart ? `; ${files} of them on this device` : "; on this device"
    const size = `${count(allFiles, "page")}, ${megabytes(allBytes)}`
    this.hint.textContent = size + (this.box.checked ? state : "") + problem
    this.again.hidden = !isPart
  }

  choose() {
    this.set(this.box.checked)
    return this.apply()
  }

  set(wanted) {
    this.box.checked = wanted
    const others = chosen().filter(id => id !== this.id)
    setChosen(wanted ? [...others, this.id] : others)
  }

  /** Make the device follow the checkbox. */
  async apply() {
    this.stop?.abort()
    const { signal } = (this.stop = new AbortController())
    if (this.again === document.activeElement) this.box.focus()
    this.again.hidden = true
    const problem = this.box.checked ? await this.fetch(signal) : await this.drop()
    if (signal.aborted) return
    this.bar.hidden = true
    this.show(await keptFiles(), problem && `; ${problem}`)
    this.changed()
  }

  /** Fetch the area's files; what went wrong, or "". */
  async fetch(signal) {
    this.bar.hidden = false
    navigator.storage?.persist?.()
    announce(`Fetching ${this.title}.`)
    try {
      await keepFiles(this.files, { tell: done => (this.bar.value = done), signal })
      announce(`${this.title} is on this device.`)
      return ""
    } catch (error) {
      if (signal.aborted) return ""
      const isFull = error.name === "QuotaExceededError"
      const problem = isFull ? "no room is left" : "the rest could not be fetched"
      announce(`${this.title}: ${problem}.`)
      return problem
    }
  }

  async drop() {
    await dropFiles(this.files, chosen().map(id => this.areas[id] ?? []))
    announce(`${this.title} was removed from this device.`)
  }
}

const chosen = () => settingOf(theStore().state, SETTING, [])
const setChosen = ids => theStore().update((state, now) => withSetting(state, SETTING, ids, now))

const megabytes = bytes => `${(bytes / 1e6).toFixed(1)} MB`

async function tellRoom(room) {
  const { usage, quota } = (await navigator.storage?.estimate?.()) ?? {}
  if (!quota) return
  const text = `This site takes ${megabytes(usage)} on this device; the browser lets it take`
  room.textContent = `${text} ${Math.floor(quota / 1e6).toLocaleString("en")} MB.`
}

/** Links to the topics on this device. */
async function listKept() {
  const { topics } = await loadStudy()
  const found = await Promise.all(topics.map(({ url }) => caches.match(new URL(url, ROOT))))
  const there = topics.filter((_, index) => found[index])
  if (!there.length) return h("p", {}, "No topics are on this device yet.")
  return h("ul", {}, there.map(({ url, title }) => h("li", {}, link(url, title))))
}
