// The bar that says that there is a newer version of what the reader sees, and loads it on request.

import { MAIN, announce, button, h } from "./dom.js"

const KEY = "guide.update"
const PAUSE = 3_600_000
// On the root: a selector with :has() there makes every change of a page dearer.
const SHOWN = "has-update-bar"

let bar

/** Show the bar, once a page; `reload` is called when the reader asks for the new version. */
export function showUpdateBar(reload) {
  if (bar || isPutOff()) return
  bar = h(
    "section",
    { class: "update-bar", "aria-label": "Update" },
    h("p", {}, "A new version of the guide is ready."),
    button("Reload", reload, { class: MAIN }),
    button("Not now", putOff),
  )
  document.body.append(bar)
  document.documentElement.classList.add(SHOWN)
  announce("A new version of the guide is ready. The button to load it is at the end of the page.")
}

/** The next pages of this tab stay quiet for an hour. */
function putOff() {
  bar.remove()
  document.documentElement.classList.remove(SHOWN)
  const main = document.querySelector("main")
  main.tabIndex = -1
  main.focus({ preventScroll: true })
  try {
    sessionStorage.setItem(KEY, Date.now())
  } catch {
    // Storage is forbidden: the next page asks again.
  }
}

function isPutOff() {
  try {
    return Date.now() - sessionStorage.getItem(KEY) < PAUSE
  } catch {
    return false
  }
}
