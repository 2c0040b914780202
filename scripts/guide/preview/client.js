// In pages of `mkdocs serve` only: reload when this page changed, and say how far the site is.

const version = new URL(import.meta.url).searchParams.get("version")
const SECONDS_UP_TO_DATE = 5

/** A quiet line at the edge of the page; screen readers hear what it says. */
function makeNote() {
  const note = document.createElement("div")
  note.className = "preview-note"
  note.setAttribute("role", "status")
  document.body.append(note)
  return note
}

const note = makeNote()
let hiding

function say({ state, text }) {
  clearTimeout(hiding)
  if (state === "current" && !note.textContent) return // nothing to say, nothing was said
  note.dataset.state = state
  note.textContent = text
  if (state === "current") {
    hiding = setTimeout(() => { note.textContent = "" }, SECONDS_UP_TO_DATE * 1000)
  }
}

let events

/** Browsers allow few connections to one server: only the page in front keeps one. */
function follow() {
  events?.close()
  events = undefined
  if (document.visibilityState !== "visible") return
  const query = new URLSearchParams({ page: decodeURI(location.pathname), version })
  events = new EventSource(`/livereload/events?${query}`)
  events.addEventListener("message", event => say(JSON.parse(event.data)))
  events.addEventListener("reload", () => {
    events.close()
    location.reload()
  })
}

follow()
document.addEventListener("visibilitychange", follow)
addEventListener("pagehide", () => events?.close())
addEventListener("pageshow", event => { if (event.persisted) follow() })
