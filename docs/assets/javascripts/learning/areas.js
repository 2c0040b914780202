// Areas of the guide on this device: which are there, fetching one, removing one, keeping them new.
// The build lists the files of each area, with hash and size, in practice/offline.json.

import { ROOT } from "./site.js"

const NAME = `guide ${ROOT} areas`
const HASH = "X-Content-Hash"
const AT_ONCE = 4

const urlOf = ([path]) => new URL(path, ROOT).href

/** What goes with any area: this list itself, and what search needs. */
const LIST = urlOf(["practice/offline.json"])
const ALWAYS = [LIST, urlOf(["search/search_index.json"])]

/** The files of each area: { area: [[path, hash, bytes]] }. */
export async function loadAreas(signal) {
  const response = await fetch(LIST, { cache: "no-cache", signal })
  if (!response.ok) throw new Error(`practice/offline.json: ${response.status}`)
  return response.json()
}

/** The addresses of the areas' files that are on this device, each with its hash. */
export async function keptFiles() {
  if (!(await caches.has(NAME))) return new Map()
  const cache = await caches.open(NAME)
  const requests = await cache.keys()
  const hashes = await Promise.all(
    requests.map(async request => (await cache.match(request))?.headers.get(HASH)),
  )
  return new Map(requests.map(({ url }, index) => [url, hashes[index]]))
}

/** How much of an area is there, of how much: { files, allFiles, allBytes }. */
export function share(files, kept) {
  return {
    files: files.filter(file => kept.has(urlOf(file))).length,
    allFiles: files.length,
    allBytes: files.reduce((bytes, [, , size]) => bytes + size, 0),
  }
}

/**
 * Fetch the files of an area that are not there as the build made them; `tell` is called with how
 * many are. Stops when `signal` says so, and throws when one cannot be fetched or stored.
 */
export async function keepFiles(files, { tell = () => {}, signal } = {}) {
  const cache = await caches.open(NAME)
  const kept = await keptFiles()
  const waiting = files.filter(file => kept.get(urlOf(file)) !== file[1])
  let done = files.length - waiting.length
  tell(done)
  if (!waiting.length) return
  const fetchNext = async () => {
    try {
      while (waiting.length) {
        await keepFile(cache, waiting.shift(), signal)
        tell(++done)
      }
    } catch (error) {
      waiting.length = 0 // the others stop, too
      throw error
    }
  }
  const ends = await Promise.allSettled(Array.from({ length: AT_ONCE }, fetchNext))
  for (const { reason } of ends) if (reason) throw reason
  await cache.addAll(ALWAYS)
}

async function keepFile(cache, file, signal) {
  const response = await fetch(urlOf(file), { cache: "no-cache", signal })
  if (!response.ok) throw new Error(`${file[0]}: ${response.status}`)
  const body = await response.arrayBuffer()
  const type = response.headers.get("Content-Type")
  signal?.throwIfAborted()
  // The hash of what came: if it is not the build's, the next refresh fetches the file again.
  const headers = { "Content-Type": type, [HASH]: await hashOf(body) }
  await cache.put(urlOf(file), new Response(body, { headers }))
}

async function hashOf(buffer) {
  const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", buffer))
  return [...bytes.slice(0, 8)].map(byte => byte.toString(16).padStart(2, "0")).join("")
}

/** Remove the files of an area, but for those that one of `others` has, too. */
export async function dropFiles(files, others) {
  stop?.abort() // a refresh would fetch them again
  await refresh?.catch(() => {})
  const cache = await caches.open(NAME)
  const stay = new Set(others.flat().map(urlOf))
  for (const url of files.map(urlOf)) if (!stay.has(url)) await cache.delete(url)
  if ((await cache.keys()).every(({ url }) => ALWAYS.includes(url))) await caches.delete(NAME)
}

let refresh // the one that is under way, and what stops it
let stop

/**
 * Bring what is kept up to date: whatever has changed, is new in its area, or is gone. Throws if
 * something cannot be fetched, or an area is removed meanwhile: the next visit does the rest.
 */
export function refreshAreas() {
  stop ??= new AbortController()
  return (refresh ??= bringUpToDate(stop.signal).finally(() => (refresh = stop = undefined)))
}

async function bringUpToDate(signal) {
  const areas = Object.values(await loadAreas(signal))
  const kept = await keptFiles()
  const wanted = areas.filter(files => share(files, kept).files)
  const known = new Set([...ALWAYS, ...wanted.flat().map(urlOf)])
  const cache = await caches.open(NAME)
  for (const url of kept.keys()) if (!known.has(url)) await cache.delete(url)
  for (const files of wanted) await keepFiles(files, { signal })
}
