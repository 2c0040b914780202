// The reader's progress: bars, settings, and the state as a file.

import { announce, button, buttonRow, focusOn, h } from "./dom.js"
import { areaList, bars } from "./progress/areas.js"
import { confirm } from "./progress/confirm.js"
import { asideList, exportState, importField } from "./progress/data.js"
import { settingFields } from "./progress/settings.js"
import { resetWords, STATUS } from "./progress/words.js"
import { link, studyIn } from "./site.js"
import { reset, resetAll } from "./state/changes.js"
import { differences } from "./state/differences.js"
import { theStore } from "./state/store.js"
import { summarize } from "./state/summary.js"

/** Show the reader's progress in `place`. */
export async function start(place) {
  const study = await studyIn(place, () => start(place))
  if (!study || !place.isConnected) return
  const store = theStore()
  const status = h("p", { class: "tool-panel" })
  const all = bars()
  const list = areaList(study, (topic, row) => {
    const ids = study.items.filter(item => item.topic === topic.slug).map(({ id }) => id)
    askReset(store, topic.title, row, (state, at) => reset(state, { ids, slugs: [topic.slug], at }))
  })
  const settings = settingFields(store)
  const aside = asideList(store)
  const title = h("h2", {}, "Export, import, reset")
  const data = buttonRow(
    button("Export", () => exportState(store)),
    button("Reset everything", () => askReset(store, "everything", title, resetAll)),
  )
  place.replaceChildren(
    status,
    all.element,
    h("p", {}, link("practice/review/", "Review what is due")),
    h("h2", {}, "By area"),
    list.element,
    h("h2", {}, "Settings"),
    settings.element,
    title,
    data,
    importField(store),
    aside.element,
  )
  const draw = () => {
    const summary = summarize(study, store.state, store.clock())
    status.hidden = !STATUS[store.status]
    status.textContent = STATUS[store.status] ?? ""
    all.draw(summary.all)
    list.draw(summary)
    settings.draw()
    aside.draw()
  }
  draw()
  const stop = store.subscribe(() => (place.isConnected ? draw() : stop()))
}

/** Ask before `change` forgets what there is of `name`; then the focus goes to `place`. */
function askReset(store, name, place, change) {
  const gone = resetWords(differences(store.state, change(store.state, store.clock())))
  if (!gone) return confirm(`Reset ${name}?`, ["There is nothing to reset."], [])
  const act = () => {
    store.update(change)
    focusOn(place)
    announce(`Reset ${name}`)
  }
  confirm(
    `Reset ${name}?`,
    [`This forgets ${gone}.`, "Only an export made before brings it back."],
    [
      ["Export first", () => exportState(store), true],
      ["Reset", act],
    ],
  )
}
