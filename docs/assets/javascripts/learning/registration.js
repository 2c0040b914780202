// The service worker of a published page: registered, watched for a next version, and asked whether
// a page that came from the device is still what the site says. A preview has none, and removes one
// that an earlier site left at its address.

const ROOT = window.__md_scope // the URL of the site's root, as the theme tells it
const container = navigator.serviceWorker
const MINUTES = 60_000
const PATIENCE = 15 * MINUTES
const SOON = 2_000
const TRIES = 3

/** Whether this page may be kept on a device: published, and the browser knows how. */
export const canKeep = () =>
  Boolean(container && window.caches && document.querySelector("meta[name=service-worker]"))

/** Begin once a page; readers who save data get the worker only if they ask for it. */
export async function start(wanted = false) {
  if (!container) return
  if (!canKeep()) return unregister()
  if (!wanted && !container.controller && navigator.connection?.saveData) return
  const registration = await container.register(new URL("sw.js", ROOT)).catch(() => null)
  if (!registration) return
  watch(registration)
  if (container.controller) checkPage()
  if (await caches.has(`guide ${ROOT} areas`)) oncePerVisit(refreshAreas)
}

async function unregister() {
  const registration = await container.getRegistration(ROOT)
  if (registration?.scope !== ROOT.href) return
  await registration.unregister()
  for (const name of await caches.keys()) {
    if (name.startsWith(`guide ${ROOT} `)) await caches.delete(name)
  }
}

function watch(registration) {
  const tell = () => {
    if (registration.waiting && container.controller) offer(registration)
  }
  tell()
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", tell)
  })
  let known = container.controller
  container.addEventListener("controllerchange", () => {
    if (known) offer(registration) // asked for, here or in another tab
    else keepThisPage()
    known = true
  })
  let checked = Date.now()
  const check = () => {
    if (document.hidden || !navigator.onLine || Date.now() - checked < PATIENCE) return
    checked = Date.now()
    registration.update().catch(() => {})
  }
  document.addEventListener("visibilitychange", check)
  setInterval(check, MINUTES)
}

/** The first page came before the worker did: keep it like those after it. */
async function keepThisPage() {
  const visited = await caches.open(`guide ${ROOT} visited`)
  await visited.add(location.origin + location.pathname).catch(() => {})
}

/** If this page came from the device: is it what the site says? Ask again when back online. */
async function checkPage(hash, tries = 0) {
  const answer = await message({ type: "compare", url: location.href, hash })
  if (answer.other) return offer(await container.getRegistration(ROOT))
  if (!answer.hash || answer.reached) return
  // The network may be there again already, or said to be there before it is.
  if (navigator.onLine && tries < TRIES) {
    setTimeout(checkPage, SOON, answer.hash, tries + 1)
  } else {
    addEventListener("online", () => checkPage(answer.hash), { once: true })
  }
}

function message(data) {
  const { port1, port2 } = new MessageChannel()
  const answer = new Promise(resolve => (port1.onmessage = event => resolve(event.data)))
  container.controller.postMessage(data, [port2])
  return answer
}

async function offer(registration) {
  const { showUpdateBar } = await import("./tools.js")
  showUpdateBar(() => {
    if (!registration?.waiting) return location.reload()
    container.addEventListener("controllerchange", () => location.reload(), { once: true })
    registration.waiting.postMessage({ type: "activate" })
  })
}

async function refreshAreas() {
  const { refreshAreas } = await import("./tools.js")
  await refreshAreas().catch(() => {})
}

function oncePerVisit(action) {
  try {
    if (sessionStorage.getItem("guide.areas")) return
    sessionStorage.setItem("guide.areas", "refreshed")
  } catch {
    return // storage is forbidden: then areas are refreshed when they are looked at
  }
  action()
}
