// The service worker of the published site. The build writes VERSION and FILES above it: what every
// device keeps (the shell), as [address, hash], and one name for all of it. While the site can be
// reached this worker changes nothing: pages, styles and scripts come from the network, as without
// it. Only what carries a hash in its name comes from the device at once. When the network fails, or
// a page takes longer than PATIENCE, what is on the device is shown, a page with the styles and
// scripts that are there. A version is installed whole or not at all, and takes over when the reader
// asks for it (registration.js) or all tabs are closed.

/** Milliseconds that a reader waits for the network if the page is on the device. */
const PATIENCE = 3000
/** How many visited pages stay. */
const VISITS = 60
const HASH = "X-Content-Hash"
const HASHED_NAME = /\.[0-9a-f]{8}\.min\.(?:css|js)$/
const DATA = /\/(?:search_index|offline)\.json$/
const PARTS = ["font", "image", "script", "sharedworker", "style", "worker"]

// Several sites may share an origin, and so its caches: names carry the address.
const ROOT = new URL("./", location).href
const NAME = `guide ${ROOT}`
const SHELL = `${NAME} shell ${VERSION}`
const AREAS = `${NAME} areas`
const VISITED = `${NAME} visited`
const shell = new Map(FILES.map(([path, hash]) => [ROOT + path, hash]))

/** Pages that were shown from the device, by client: a promise of the hash of what was shown. */
const fromDevice = new Map()

addEventListener("install", event => event.waitUntil(install()))
addEventListener("activate", event => event.waitUntil(activate()))
addEventListener("fetch", event => {
  const key = keyOf(event.request)
  if (key) event.respondWith(answer(event, key))
})
addEventListener("message", event => {
  const { type, url, hash } = event.data
  if (type === "activate") event.waitUntil(skipWaiting())
  if (type === "compare") event.waitUntil(compare(event, url, hash))
})

async function install() {
  const shells = await shellNames()
  await Promise.all([...shell].map(([url, hash]) => installFile(url, hash, shells)))
}

/** Take a file from an earlier version if it is the same there, or else from the network. */
async function installFile(url, hash, shells) {
  for (const cacheName of shells) {
    const kept = await caches.match(url, { cacheName })
    if (kept?.headers.get(HASH) !== hash) continue
    if (cacheName !== SHELL) await (await caches.open(SHELL)).put(url, kept)
    return
  }
  const response = await fetch(url, { cache: "no-cache" })
  const body = await response.arrayBuffer()
  if (!response.ok || (await hashOf(body)) !== hash) throw new Error(`${url}: another version`)
  const headers = { "Content-Type": response.headers.get("Content-Type"), [HASH]: hash }
  await (await caches.open(SHELL)).put(url, new Response(body, { headers }))
}

/** Remove earlier versions, but for files by whose hashed names visited pages may ask. */
async function activate() {
  for (const cacheName of await shellNames()) {
    if (cacheName === SHELL) continue
    const old = await caches.open(cacheName)
    for (const { url } of await old.keys()) {
      if (!HASHED_NAME.test(url) || shell.has(url)) continue
      await keep(url, await old.match(url))
    }
    await caches.delete(cacheName)
  }
  await clients.claim()
}

const shellNames = async () =>
  (await caches.keys()).filter(name => name.startsWith(`${NAME} shell `))

/** The address under which a request is kept, or null if it is none of this worker's business. */
function keyOf({ method, url, headers }) {
  if (method !== "GET" || !url.startsWith(ROOT) || headers.has("Range")) return null
  const { origin, pathname } = new URL(url)
  return origin + pathname.replace(/\/index\.html$/, "/")
}

async function answer(event, key) {
  const isPage = event.request.mode === "navigate"
  const early = HASHED_NAME.test(key) || fromDevice.has(event.clientId)
  const known = early && (await find(key))
  if (known) return known
  const network = ask(event, key)
  event.waitUntil(network)
  const first = await Promise.race([network, pause(PATIENCE)])
  if (first && first.status < 500) return first
  const kept = await find(key)
  if (!kept) return (await network) ?? missing(isPage, key)
  if (isPage) fromDevice.set(event.resultingClientId, kept.clone().arrayBuffer().then(hashOf))
  return kept
}

/** The network's answer, which is kept if it is worth it; null if there is none. */
async function ask(event, key) {
  const { request } = event
  try {
    // The browser's own cache may hold a page for minutes after the site has another.
    const anew = { cache: "no-cache", redirect: "manual" }
    const response = await (request.mode === "navigate" ? fetch(request.url, anew) : fetch(request))
    if (isWorthKeeping(request, response, key)) {
      event.waitUntil(keep(key, response.clone()))
    }
    return response
  } catch {
    return null
  }
}

/** Pages that were opened and their parts; no errors, no redirects, and nothing of the shell. */
function isWorthKeeping({ mode, destination }, response, key) {
  if (response.status !== 200 || response.type !== "basic" || response.redirected) return false
  if (shell.has(key)) return false
  const isHtml = response.headers.get("Content-Type")?.startsWith("text/html")
  return (mode === "navigate" && isHtml) || PARTS.includes(destination) || DATA.test(key)
}

/** Keep an answer: in its area if that is kept, else among the visited pages, latest last. */
async function keep(key, response) {
  const inArea = await caches.match(key, { cacheName: AREAS })
  const cache = await caches.open(inArea ? AREAS : VISITED)
  try {
    await cache.delete(key)
    await cache.put(key, response)
    if (!inArea) await trim(cache, VISITS)
  } catch {
    // No room left: the page is shown all the same, and half of the oldest make room.
    await trim(cache, inArea ? Infinity : VISITS / 2)
  }
}

async function trim(cache, most) {
  const pages = (await cache.keys()).filter(({ url }) => url.endsWith("/"))
  for (const page of pages.slice(0, Math.max(pages.length - most, 0))) await cache.delete(page)
}

async function find(key) {
  for (const cacheName of [SHELL, AREAS, VISITED]) {
    const found = await caches.match(key, { cacheName, ignoreVary: true })
    if (found) return found
  }
}

async function missing(isPage, key) {
  if (!isPage) return Response.error()
  if (await find(`${key}/`)) return Response.redirect(`${key}/`)
  const page = await find(`${ROOT}503.html`)
  return page ? new Response(page.body, { status: 503, headers: page.headers }) : Response.error()
}

/** Tell a page that was shown from the device whether the network was reached and has another. */
async function compare({ source, ports }, url, known) {
  const hash = known ?? (await fromDevice.get(source.id)) ?? null
  const key = keyOf(new Request(url))
  const response = hash && (await fetch(key, { cache: "no-cache" }).catch(() => null))
  let other = false
  if (response?.ok) {
    fromDevice.delete(source.id)
    const copy = response.clone()
    other = (await hashOf(await response.arrayBuffer())) !== hash
    if (isWorthKeeping({ mode: "navigate" }, copy, key)) await keep(key, copy)
  }
  ports[0].postMessage({ hash, reached: Boolean(response?.ok), other })
}

async function hashOf(buffer) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer))
  return [...bytes.slice(0, 8)].map(byte => byte.toString(16).padStart(2, "0")).join("")
}

const pause = time => new Promise(resolve => setTimeout(resolve, time))
