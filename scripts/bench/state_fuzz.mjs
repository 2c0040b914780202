// Offer random texts as a reader's state, to import and as what is stored, and say what went wrong.
// node state_fuzz.mjs START COUNT prints JSON: { taken, partly, refused, failures }.

import { FakeStorage, generator, hostileText, NOW, randomState } from "./state_documents.mjs"

const SCRIPTS = "../../docs/assets/javascripts/learning/state/"
const { answered } = await import(`${SCRIPTS}changes.js`)
const { emptyState, readState, StateError, writeState } = await import(`${SCRIPTS}format.js`)
const { stampOf } = await import(`${SCRIPTS}log.js`)
const { broughtBack } = await import(`${SCRIPTS}back.js`)
const { mergeStates } = await import(`${SCRIPTS}merge.js`)
const { Store } = await import(`${SCRIPTS}store.js`)

const KEY = "guide.study"
const PARTS = ["items", "topics", "settings", "sessions"]

/** Equal states are equal texts: keys in one order. */
const canonical = state => {
  const sorted = {}
  for (const part of PARTS) sorted[part] = Object.entries(state[part]).sort()
  return JSON.stringify(sorted)
}

function must(is, claim) {
  if (!is) throw new Error(`not so: ${claim}`)
}

/** Try one text; returns "taken", "partly" or "refused", and throws what is wrong. */
export function tryText(text, random) {
  const mine = randomState(random)
  const outcome = tryImport(text, mine)
  tryStored(text, mine)
  must(({}).polluted === undefined, "no prototype is changed")
  must(Object.keys(Object.prototype).length === 0, "no prototype has grown")
  return outcome
}

function tryImport(text, mine) {
  let found
  try {
    found = readState(text, { latest: NOW + 1e9 })
  } catch (error) {
    must(error instanceof StateError, `only StateErrors are thrown, not ${error}`)
    must(error.message.endsWith("."), "the message is a sentence")
    return "refused"
  }
  const { state, rejected } = found
  const parsed = JSON.parse(text)
  for (const part of Object.keys(parsed)) {
    if (part === "schema" || part === "version") continue
    const isPart = PARTS.includes(part)
    for (const key of isPart ? Object.keys(Object(parsed[part])) : []) {
      const isThere = Object.hasOwn(state[part], key) || Object.hasOwn(rejected, part)
      must(isThere, `${part} ${key} is taken or rejected`)
    }
    must(isPart || Object.hasOwn(rejected, part), `${part} is rejected`)
  }
  const again = readState(writeState(state))
  must(again.rejected === null, "what was taken is valid")
  must(writeState(again.state) === writeState(state), "writing and reading changes nothing")
  tryMerge(mine, state)
  return rejected ? "partly" : "taken"
}

function tryMerge(mine, state) {
  const merged = mergeStates(mine, state)
  must(canonical(merged) === canonical(mergeStates(state, mine)), "the order does not matter")
  must(canonical(mergeStates(merged, state)) === canonical(merged), "again changes nothing")
  for (const [id, { log }] of Object.entries(mine.items)) {
    const after = merged.items[id]
    const kept = log.filter(each => stampOf(each) >= after.since)
    const times = new Set(after.log.map(([time, source]) => `${time} ${source}`))
    must(kept.every(([time, source]) => times.has(`${time} ${source}`)), "no answer is lost")
  }
  const back = mergeStates(mine, broughtBack(mine, state, NOW + 1e9).state)
  for (const [id, { log }] of Object.entries(state.items)) {
    const times = new Set(back.items[id].log.map(([time, source]) => `${time} ${source}`))
    must(log.every(([time, source]) => times.has(`${time} ${source}`)), "all comes back")
  }
  must(readState(writeState(back)).rejected === null, "what came back is valid")
}

/** The same text is what the browser has stored: it is used, set aside, or left alone. */
function tryStored(text, mine) {
  const storage = new FakeStorage()
  storage.setItem(KEY, text)
  const store = new Store(storage, () => NOW)
  const answer = { source: "quiz", grade: 3 }
  const kept = store.update((state, at) => answered(state, "mine", { at, ...answer }))
  store.merge(mine)
  must(kept || store.status === "newer", `the store goes on (${store.status})`)
  const texts = [...storage.map.values()]
  let found = null
  try {
    found = readState(text)
  } catch {
    must(texts.includes(text), "what cannot be read is kept as it was")
  }
  if (found?.rejected) must(store.aside().length === 1, "what makes no sense is set aside")
  const later = new Store(storage, () => NOW)
  must(later.state.items.mine.log.length >= 1, "the answer is there on the next page")
  must(later.status === store.status, "the status is the same on the next page")
  must(canonical(later.state) === canonical(store.state), "so is the state")
  must([...storage.map.values()].length <= texts.length, "nothing is set aside twice")
  must(canonical(mergeStates(emptyState(), later.state)) === canonical(later.state), "it is whole")
}

if (process.argv[1] === import.meta.filename) {
  const [start, count] = process.argv.slice(2).map(Number)
  const found = { refused: 0, partly: 0, taken: 0, failures: [] }
  for (let seed = start; seed < start + count; seed++) {
    const random = generator(seed)
    const text = hostileText(random)
    try {
      found[tryText(text, random)] += 1
    } catch (error) {
      found.failures.push({ seed, error: String(error), text: text.slice(0, 300) })
    }
  }
  console.log(JSON.stringify(found))
}
