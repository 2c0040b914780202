// What every page needs beyond the theme. Each function repairs or adds one thing and can run
// again on the same page: with instant navigation the theme swaps pages without a reload.

import { enhanceDiagrams } from "./diagrams.js"
import { initLanguages } from "./languages.js"
import { canKeep, start as prepareOffline } from "./learning/registration.js"
import { enableMenu } from "./menu.js"
import { initScheme, paintBrowser } from "./scheme.js"
import { watchScrollables } from "./scrollables.js"

/** The theme makes each code block's buttons a nameless navigation landmark: take the role away. */
function quietCodeButtons(root) {
  for (const nav of root.querySelectorAll(".md-code__nav")) nav.role = "none"
}

/** The same for the tags of search results, which the theme draws anew for each query. */
function quietResultTags() {
  const results = document.querySelector(".md-search-result__list")
  if (!results) return
  new MutationObserver(() => {
    for (const nav of results.querySelectorAll(".md-tags")) nav.role = "none"
  }).observe(results, { childList: true })
}

/** Tabs are radio buttons, and the theme makes a link of each label: a listener needs one of them. */
function nameTabs(root) {
  for (const set of root.querySelectorAll(".tabbed-set")) {
    const labels = set.querySelector(":scope > .tabbed-labels")
    for (const [place, label] of [...labels.children].entries()) {
      set.children[place].ariaLabel = label.textContent.trim() // the inputs come first, in this order
    }
    labels.ariaHidden = "true"
    set.role = "group"
    set.ariaLabel = "Versions"
  }
}

/** The theme's search closes without giving the focus back, and searches when a key is let go. */
function mendSearch() {
  const toggle = document.getElementById("__search")
  const box = document.querySelector(".md-search__input")
  if (!toggle || !box) return
  let before = null
  box.addEventListener("focus", ({ relatedTarget }) => {
    if (relatedTarget && !relatedTarget.closest(".md-search")) before = relatedTarget
  })
  toggle.addEventListener("change", () => {
    // The theme takes the focus from the box only after it has closed.
    if (!toggle.checked) setTimeout(() => document.activeElement === document.body && before?.focus())
  })
  // What is pasted or spoken comes without a key.
  box.addEventListener("input", () => box.dispatchEvent(new Event("keyup")))
}

/** An id that moved stands at the end of its old page as a link: follow it. */
function followMoved() {
  const id = location.hash.slice(1) // ids need no encoding
  const link = id && document.getElementById(id)?.closest(".moved > li")?.querySelector("a")
  if (link) location.replace(link.href)
}

/** On the "not found" page, offer a search for the words of the missing address. */
function suggestSearch(root) {
  const offer = root.querySelector(".not-found__search")
  if (!offer || location.pathname.endsWith("/404.html")) return
  const words = decodeWords(location.pathname)
  if (!words) return
  const link = offer.querySelector("a")
  link.querySelector("q").textContent = words
  link.href = `${offer.parentElement.dataset.home}?q=${encodeURIComponent(words)}`
  offer.hidden = false
}

/** "/apis/idempotency-keys/" -> "idempotency keys"; "" where the address has no words. */
function decodeWords(path) {
  const last = path.split("/").filter(Boolean).pop() ?? ""
  try {
    return decodeURIComponent(last).replace(/\.html?$/, "").replace(/[^\p{L}\p{N}]+/gu, " ").trim()
  } catch {
    return ""
  }
}

/** Start the learning tool of a page. */
async function startTool(root) {
  const place = root.querySelector("[data-tool]")
  if (place) (await import("./learning/tools.js")).tools[place.dataset.tool](place)
}

/** True if the reader has done something here before that was stored. */
function hasState() {
  try {
    return localStorage.getItem("guide.study") !== null
  } catch {
    return false
  }
}

let waiting

/** Start what a topic page has for learners: with the first sign of a reader, or a stored one. */
function startTopic(root) {
  waiting?.abort() // on a page that was left before its reader gave a sign
  const end = root.querySelector("[data-topic]")
  if (!end) return
  const here = new AbortController()
  waiting = here
  const known = hasState()
  const start = async () => {
    here.abort()
    if (end.isConnected) (await import("./learning/topic.js")).start(end, known)
  }
  if (known || location.hash) return start()
  for (const sign of ["scroll", "pointerdown", "pointermove", "keydown", "focusin"]) {
    addEventListener(sign, start, { passive: true, signal: here.signal })
  }
}

/** Say on pages that list topics how far the reader is with each. */
async function startBars(root) {
  if (hasState() && root.querySelector(".topic-link")) {
    (await import("./learning/stored.js")).showBars(root)
  }
}

function enhanceContent(root) {
  quietCodeButtons(root)
  nameTabs(root)
  watchScrollables(root)
  enhanceDiagrams(root)
}

function initPage() {
  const root = document.querySelector("[data-md-component=container]") ?? document.body
  paintBrowser()
  enhanceContent(root)
  suggestSearch(root)
  initLanguages(root)
  startTool(root)
  startTopic(root)
  startBars(root)
}

/** Offline use waits until everything else is there and the browser has nothing to do. */
function prepareOfflineLater() {
  const whenIdle = window.requestIdleCallback ?? (run => setTimeout(run, 1000))
  whenIdle(() => prepareOffline())
}

// Learning tools bring parts of other pages, and ask that this page be kept on the device; they are
// loaded later and import nothing of what is here, so that every page loads one script.
document.addEventListener("guide:content", ({ detail }) => enhanceContent(detail))
document.addEventListener("guide:keep", event => {
  if (!canKeep()) return
  event.preventDefault()
  prepareOffline(true)
})

initScheme()
followMoved()
addEventListener("hashchange", followMoved)
enableMenu()
mendSearch()
quietResultTags()
if (window.document$) window.document$.subscribe(initPage)
else initPage()
if (document.readyState === "complete") prepareOfflineLater()
else addEventListener("load", prepareOfflineLater)
