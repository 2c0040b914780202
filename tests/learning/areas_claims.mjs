// What holds of areas on the device. Each claim throws if it is wrong; see test_offline.py.

import assert from "node:assert/strict"
import { claim, report } from "./claims.mjs"

const ROOT = new URL("https://guide.example/")
globalThis.__md_scope = ROOT
const { dropFiles, keepFiles, keptFiles, refreshAreas } = await import(
  "../../docs/assets/javascripts/learning/areas.js"
)

const address = path => new URL(path, ROOT).href
const AREAS = {
  caching: [["caching/", "of another build", 9], ["caching/patterns/", "of another build", 9]],
  http: [["http/", "of another build", 9]],
}

/** The browser's caches, as far as areas need them. */
class FakeCaches {
  #caches = new Map()

  async has(name) {
    return this.#caches.has(name)
  }

  async open(name) {
    if (!this.#caches.has(name)) this.#caches.set(name, new FakeCache())
    return this.#caches.get(name)
  }

  async delete(name) {
    return this.#caches.delete(name)
  }
}

class FakeCache {
  #responses = new Map()

  async keys() {
    return [...this.#responses.keys()].map(url => ({ url }))
  }

  async match({ url }) {
    return this.#responses.get(url)?.clone()
  }

  async put(url, response) {
    this.#responses.set(url, response)
  }

  async delete(url) {
    return this.#responses.delete(url)
  }

  async addAll(urls) {
    for (const url of urls) await this.put(url, await fetch(url))
  }
}

/** A device and a network; what is fetched from `slow` addresses comes when `go` is called. */
function device(slow = []) {
  globalThis.caches = new FakeCaches()
  const asked = []
  const waiting = []
  globalThis.fetch = async (url, { signal } = {}) => {
    asked.push(url)
    if (slow.includes(url)) {
      await new Promise((resolve, reject) => {
        waiting.push(resolve)
        signal?.addEventListener("abort", () => reject(signal.reason))
      })
    }
    return url.endsWith(".json") ? Response.json(AREAS) : new Response("text")
  }
  const go = () => {
    slow.length = 0
    for (const resolve of waiting) resolve()
  }
  return { asked, slow, go }
}

const pages = async () =>
  [...(await keptFiles()).keys()].filter(url => url.endsWith("/")).sort()

const until = async holds => {
  while (!holds()) await new Promise(resolve => setTimeout(resolve))
}

claim("what is removed while it is brought up to date stays away", async () => {
  const { asked, slow, go } = device()
  await keepFiles(AREAS.caching)
  await keepFiles(AREAS.http)
  slow.push(address("caching/patterns/"))
  asked.length = 0
  const refreshed = refreshAreas().then(() => "whole", () => "ended")
  await until(() => asked.includes(address("caching/patterns/")))

  await dropFiles(AREAS.caching, [AREAS.http])
  go()

  assert.equal(await refreshed, "ended")
  assert.deepEqual(await pages(), [address("http/")])
})

claim("what is removed before anything is brought up to date stays away", async () => {
  const { slow, go } = device()
  await keepFiles(AREAS.caching)
  await keepFiles(AREAS.http)
  slow.push(address("practice/offline.json"))
  const refreshed = refreshAreas().catch(() => {})

  await dropFiles(AREAS.caching, [AREAS.http])
  go()
  await refreshed

  assert.deepEqual(await pages(), [address("http/")])
})

claim("asked for twice, areas are brought up to date once, and again later", async () => {
  const { asked } = device()
  await keepFiles(AREAS.http)
  asked.length = 0

  await Promise.all([refreshAreas(), refreshAreas()])
  assert.equal(asked.filter(url => url === address("http/")).length, 1)

  await refreshAreas()
  assert.equal(asked.filter(url => url === address("http/")).length, 2)
})

claim("of two areas with a page in common it stays until both are removed", async () => {
  device()
  const both = [...AREAS.http, AREAS.caching[0]]
  await keepFiles(AREAS.caching)
  await keepFiles(both)

  await dropFiles(AREAS.caching, [both])
  assert.deepEqual(await pages(), [address("caching/"), address("http/")])

  await dropFiles(both, [])
  assert.deepEqual(await pages(), [])
})

await report()
