// The state in the browser's storage: read once, written with every change, shared by all tabs,
// and never lost: what cannot be read is set aside, what cannot be written stays in memory.

import { emptyState, readState, writeState } from "./format.js"
import { mergeStates } from "./merge.js"

export const KEY = "guide.study"
export const ASIDE = "guide.study.aside."

/**
 * How storing goes, as `store.status`:
 * "saved", "memory" (the browser lets nothing be stored), "full" (no room left), "newer" (the
 * stored state is of a later version of the guide), "stuck" (the stored state is damaged and there
 * is no room to set it aside). Only "saved" survives closing the tab.
 */
export class Store {
  constructor(storage, clock = Date.now) {
    this.status = storage ? "saved" : "memory"
    this.clock = clock
    this._storage = storage
    this._listeners = new Set()
    this._text = null
    this.state = emptyState()
    this._load()
  }

  /** Change the state: `change` gets the latest and the time, and returns a new one. */
  update(change) {
    this._load()
    this.state = change(this.state, this.clock())
    this._save()
    this._tell()
    return this.status === "saved"
  }

  /** Take over another state, such as an imported one; nothing of this one is lost. */
  merge(other) {
    return this.update(state => mergeStates(state, other))
  }

  /** Call `listener` after each change, also of another tab; returns how to stop. */
  subscribe(listener) {
    this._listeners.add(listener)
    return () => this._listeners.delete(listener)
  }

  /** What was set aside: [{ key, text }], oldest first. */
  aside() {
    return this._try(() =>
      Object.keys(this._storage)
        .filter(key => key.startsWith(ASIDE))
        .sort()
        .map(key => ({ key, text: this._storage.getItem(key) })),
      [],
    )
  }

  /** Forget what was set aside under `key`. */
  discard(key) {
    if (key.startsWith(ASIDE)) this._try(() => this._storage.removeItem(key))
  }

  /** For the listener of the browser: another tab has written, or cleared everything. */
  onStorage(event) {
    if (event.storageArea !== this._storage || (event.key !== null && event.key !== KEY)) return
    const before = this._text
    this._load()
    if (this._text !== before) this._tell()
  }

  _load() {
    if (!this._storage) return
    const text = this._try(() => this._storage.getItem(KEY), undefined)
    if (text === undefined || text === this._text) return
    if (text === null) {
      // Cleared by the reader, in the browser's settings: only what was never stored stays.
      if (this.status === "saved") this.state = emptyState()
      this._text = null
      return
    }
    try {
      const { state, rejected } = readState(text)
      if (rejected && !this._setAside(JSON.stringify(rejected))) return
      this.state = mergeStates(state, this.state)
      if (this.status !== "full") this.status = "saved"
    } catch (error) {
      if (error.kind === "newer") {
        this.status = "newer"
      } else if (this._setAside(text)) {
        this._try(() => this._storage.removeItem(KEY))
        this._text = null
        return
      }
    }
    this._text = text
  }

  _setAside(text) {
    const key = `${ASIDE}${String(this.clock()).padStart(14, "0")}`
    const done = this._try(() => (this._storage.setItem(key, text), true), false)
    if (!done) this.status = "stuck"
    return done
  }

  _save() {
    if (!this._storage || this.status === "newer" || this.status === "stuck") return
    const text = writeState(this.state)
    try {
      this._storage.setItem(KEY, text)
      this._text = text
      this.status = "saved"
    } catch {
      this.status = "full"
    }
  }

  _tell() {
    for (const listener of this._listeners) listener(this.state, this.status)
  }

  /** Storage may be forbidden at any moment: then `otherwise`. */
  _try(action, otherwise) {
    if (!this._storage) return otherwise
    try {
      return action()
    } catch {
      return otherwise
    }
  }
}

let store

/** The store of this page. */
export function theStore() {
  if (!store) {
    store = new Store(usableStorage())
    addEventListener("storage", event => store.onStorage(event))
  }
  return store
}

/** Local storage, or null where reading it is forbidden, as in some private modes. */
function usableStorage() {
  try {
    const storage = window.localStorage
    storage.getItem(KEY)
    return storage
  } catch {
    return null
  }
}
