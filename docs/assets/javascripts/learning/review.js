// The review: what is due, a session of it, and what came of it.

import { focusOn } from "./dom.js"
import { runSession } from "./review/run.js"
import { showSetup } from "./review/setup.js"
import { rescheduled, untilOf } from "./schedule.js"
import { studyIn } from "./site.js"
import { settingOf } from "./state/changes.js"
import { theStore } from "./state/store.js"

const OWN_KEYS = "input:not([type=radio], [type=checkbox]), select, textarea, [contenteditable]"
const OWN_SPACE = "input, button, summary"

let listening

/** Show the review in `place`. */
export async function start(place) {
  listening?.abort()
  listening = new AbortController()
  const { signal } = listening
  const store = theStore()
  const retried = place.contains(document.activeElement)
  const study = await studyIn(place, () => start(place))
  if (!study || signal.aborted || !place.isConnected) return
  let view
  applyDate(store)
  if (retried) onEnd()
  else showStart()
  document.addEventListener("keydown", onKey, { signal })
  const stop = store.subscribe(() => {
    if (!place.isConnected) stop()
    else view?.draw?.()
  })

  function showStart() {
    view = showSetup({ study, store, onStart })
    place.replaceChildren(view.element)
  }

  function onStart(items) {
    view = runSession({ place, study, store, items, onEnd })
  }

  function onEnd() {
    showStart()
    focusOn(place.querySelector("h2"))
  }

  function onKey(event) {
    if (!place.isConnected) return listening.abort()
    if (!view?.key || !settingOf(store.state, "reviewKeys", true)) return
    if (event.ctrlKey || event.metaKey || event.altKey || event.repeat) return
    const { target, key } = event
    if (target.closest(OWN_KEYS) || (key === " " && target.closest(OWN_SPACE))) return
    if (document.querySelector("dialog[open]")) return
    if (view.key(key)) event.preventDefault()
  }
}

/** The date may have been set elsewhere, or have passed. */
function applyDate(store) {
  const apply = (state, now) => rescheduled(state, untilOf(state, now))
  if (apply(store.state, store.clock()) !== store.state) store.update(apply)
}
