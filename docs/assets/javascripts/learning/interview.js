// Mock interviews: what the address asks for decides what is shown.

import { announce, focusOn } from "./dom.js"
import { readAddress, writeAddress } from "./interview/address.js"
import { interviewerView } from "./interview/interviewer.js"
import { roleOf } from "./interview/roles.js"
import { readyView, setupView } from "./interview/setup.js"
import { studyIn } from "./site.js"
import { settingOf } from "./state/changes.js"
import { theStore } from "./state/store.js"

export async function start(place) {
  const study = await studyIn(place, () => start(place))
  if (!study) return
  const store = theStore()
  const app = { study, store, show, go }
  let shown
  let leave = () => {}

  /**
   * Put a view in place of the last, which may have something to end; its heading gets the focus
   * unless the page has just loaded.
   */
  function show(view, move = true, onleave = () => {}) {
    leave()
    leave = onleave
    place.replaceChildren(...view)
    if (move) focusOn(place.querySelector("h2"))
  }

  function go(address) {
    history.pushState(null, "", address)
    route()
  }

  function route(move = true) {
    leave()
    const role = roleOf(settingOf(store.state, "role"))?.id
    const found = readAddress(study, location.search, role && { role })
    const { settings, items, view, problems } = found
    // From here on the address names the questions, whoever copies it.
    if (items) {
      const whole = writeAddress(settings, items, view === "interviewer" ? view : "")
      history.replaceState(history.state, "", whole + location.hash)
    }
    shown = location.search
    if (!items) show(setupView(app, found), move)
    else if (view === "interviewer") show(interviewerView(app, found), move)
    else show(readyView(app, found), move)
    if (problems.length) announce(problems.join(" "))
  }

  const listening = new AbortController()
  const onpopstate = () => {
    if (!place.isConnected) listening.abort()
    // A link within the page also ends up here.
    else if (location.search !== shown) route()
  }
  addEventListener("popstate", onpopstate, { signal: listening.signal })
  route(false)
}
