// The state in the browser's storage: read once, written with every change, shared by all tabs,
// and never lost: what cannot be read is set aside, what cannot be written stays in memory.

import { emptyState, readState, VERSION, writeState } from "./format.js"
import { mergeStates } from "./merge.js"

export const KEY = "guide.study"
export const ASIDE = "guide.study.aside."

/** Where code of each version writes while KEY holds a state of a later one. */
const BESIDE = Array.from({ length: VERSION }, (_, at) => `${KEY}.v${at + 1}`)

/**
 * How storing goes, as `store.status`: "saved"; "newer" (the stored state is of a later version of
 * the guide; what happens here is kept beside it, and taken in later); and, gone when the tab
 * closes: "memory" (the browser lets nothing be stored), "full" (no room left), "stuck" (what is
 * stored is damaged, and there is no room to set it aside).
 */
export class Store {
  constructor(storage, clock = Date.now) {
    this.status = storage ? "saved" : "memory"
    this.state = emptyState()
    this.clock = clock
    this._storage = storage
    this._time = 0
    this._listeners = new Set()
    this._seen = new Map() // key -> the text that this page wrote or read last
    this._isNewer = false
    this._stuck = null
    this._load()
  }

  /** Change the state: `change` gets the latest and the time, and returns a new one. */
  update(change) {
    this._load()
    this._time = Math.max(this.clock(), this._time + 1) // no two changes at one time
    this.state = change(this.state, this._time)
    this._save()
    this._tell()
    return this.status === "saved"
  }

  /** Take over another state, such as an import; false, and nothing done, if it is too big. */
  merge(other) {
    this._load()
    const { state, status } = this
    this.update(mine => mergeStates(mine, other))
    if (this.status !== "full" || status === "full") return true
    this.state = state
    this.status = status
    this._tell()
    return false
  }

  /** Call `listener` after each change, also of another tab; returns how to stop. */
  subscribe(listener) {
    this._listeners.add(listener)
    return () => this._listeners.delete(listener)
  }

  /** What was set aside, or should be: [{ key, text }], oldest first. */
  aside() {
    return this._try(() => {
      const keys = Array.from({ length: this._storage.length }, (_, at) => this._storage.key(at))
      return keys
        .filter(key => key.startsWith(ASIDE) || key === this._stuck)
        .sort()
        .map(key => ({ key, text: this._storage.getItem(key) }))
    }, [])
  }

  /** Forget what was set aside under `key`. */
  discard(key) {
    if (!key.startsWith(ASIDE) && key !== this._stuck) return
    this._try(() => this._storage.removeItem(key))
    this.update(state => state)
  }

  /** Take in what another tab has stored. */
  refresh() {
    const { state, status } = this
    this._load()
    if (this.state !== state || this.status !== status) this._tell()
  }

  /** Read what is stored and not seen yet, and write what it lacks. */
  _load() {
    this._stuck = null
    const lacking = [KEY, ...BESIDE].filter(key => {
      const found = this._try(() => ({ text: this._storage.getItem(key) }), null)
      return found && found.text !== (this._seen.get(key) ?? null) && this._take(key, found.text)
    })
    if (lacking.length) this._save()
  }

  /** Take in `text`, stored under `key`: whether there is something to write now. */
  _take(key, text) {
    const isKept = this.status === "saved"
    if (key === KEY) {
      this.status = "saved"
      this._isNewer = false
    }
    if (text === null) {
      this._seen.delete(key)
      if (key === KEY && isKept) this.state = emptyState() // the reader cleared the storage
      return key === KEY && !isKept
    }
    const found = this._read(key, text)
    if (!found) return this.status === "saved"
    this.state = mergeStates(found.state, this.state)
    return Boolean(found.rejected) || key !== KEY || !isSame(this.state, found.state)
  }

  /** What a stored text says, or null; what cannot be read is set aside. */
  _read(key, text) {
    let found = null
    try {
      found = readState(text)
    } catch (error) {
      if (error.kind === "newer") {
        this._isNewer = true
        this.status = "newer"
        this._seen.set(key, text)
        return null
      }
    }
    const bad = found ? found.rejected : text
    if (bad === null || this._setAside(bad, text)) {
      this._seen.set(key, text)
    } else {
      this._stuck = key
      this.status = "stuck"
    }
    return found
  }

  /** Keep `bad`, which is all or a part of `text`, once. */
  _setAside(bad, text) {
    const kept = bad === text ? text : (attempt(() => JSON.stringify(bad)) ?? text)
    const aside = this.aside()
    if (aside.some(each => each.text === kept)) return true
    let time = this.clock()
    const key = () => ASIDE + String(time).padStart(14, "0")
    while (aside.some(each => each.key === key())) time++
    return this._try(() => (this._storage.setItem(key(), kept), true), false)
  }

  _save() {
    if (!this._storage || this._stuck) return
    const key = this._isNewer ? BESIDE.at(-1) : KEY
    const text = writeState(this.state)
    try {
      this._storage.setItem(key, text)
    } catch (error) {
      this.status = /quota/i.test(error.name) ? "full" : "memory"
      return
    }
    this._seen.set(key, text)
    this.status = this._isNewer ? "newer" : "saved"
    if (this._isNewer) return
    for (const old of BESIDE.filter(each => this._seen.delete(each))) {
      this._try(() => this._storage.removeItem(old))
    }
  }

  _tell() {
    for (const listener of this._listeners) listener(this.state, this.status)
  }

  /** Storage may be forbidden at any moment: then `otherwise`. */
  _try(action, otherwise) {
    return (this._storage && attempt(action)) ?? otherwise
  }
}

const isSame = (one, other) => writeState(one) === writeState(other)

function attempt(action) {
  try {
    return action()
  } catch {
    return undefined
  }
}

let store

/** The store of this page. */
export function theStore() {
  if (!store) {
    const storage = attempt(() => (window.localStorage.getItem(KEY), window.localStorage))
    store = new Store(storage ?? null)
    addEventListener("storage", ({ key, storageArea }) => {
      if (storageArea === storage && (key ?? KEY).startsWith(KEY)) store.refresh()
    })
    // A page that the browser kept while another was shown has missed what happened.
    addEventListener("pageshow", ({ persisted }) => persisted && store.refresh())
  }
  return store
}
