// What holds of the reader's state. Each claim throws if it is wrong; see test_state.py.

import assert from "node:assert/strict"
import { claim, report } from "./claims.mjs"
import {
  card,
  FakeStorage,
  generator,
  NOW,
  randomState,
} from "../../scripts/bench/state_documents.mjs"

const SCRIPTS = "../../docs/assets/javascripts/learning/state/"
const { answered, answersOf, itemOf, queued, readAt, reset, resetAll, settingOf, takenBack } =
  await import(`${SCRIPTS}changes.js`)
const { withSession, withSetting, withTopic } = await import(`${SCRIPTS}changes.js`)
const { differences } = await import(`${SCRIPTS}differences.js`)
const { emptyState, readState, StateError, writeState } = await import(`${SCRIPTS}format.js`)
const { broughtBack } = await import(`${SCRIPTS}back.js`)
const { mergeStates } = await import(`${SCRIPTS}merge.js`)
const { KEY, Store } = await import(`${SCRIPTS}store.js`)
const { isDue, isNew, summarize } = await import(`${SCRIPTS}summary.js`)

const HEAD = { schema: "backend-study-guide/state", version: 1 }
const document = parts => JSON.stringify({ ...HEAD, ...parts })
const answer = (state, id, at, more = {}) =>
  answered(state, id, { at, source: "quiz", grade: 3, ...more })
const times = (state, id) => answersOf(state, id).map(([time]) => time)
const sorted = state =>
  JSON.stringify(Object.entries(state).map(([part, each]) => [part, Object.entries(each).sort()]))
const sameState = (one, other) => assert.equal(sorted(one), sorted(other))
const aCard = card(generator(1), NOW)
const open = (storage, at = NOW) => new Store(storage, () => at)

// Changes -------------------------------------------------------------------------------------

claim("an answer is noted with its card and what waits", () => {
  const state = answer(emptyState(), "a", 10, { grade: 1, confidence: 2, queued: true })
  const { card, ...entry } = itemOf(state, "a")
  assert.deepEqual(entry, { at: 10, since: 0, queued: true, log: [[10, "quiz", 1, 2]] })
  assert.equal(card, null)
})

claim("an answer leaves card and queue as they are unless it says otherwise", () => {
  const first = answer(emptyState(), "a", 10, { card: aCard, queued: true })
  const second = itemOf(answer(first, "a", 20), "a")
  assert.deepEqual(second.card, aCard)
  assert.equal(second.queued, true)
})

claim("an answer that was taken back counts no more, also after a merge with an old copy", () => {
  const before = answer(answer(emptyState(), "a", 10), "a", 20)
  const after = takenBack(before, "a", { at: 30, time: 20, card: null, queued: false })
  assert.deepEqual(times(after, "a"), [10])
  assert.deepEqual(times(mergeStates(before, after), "a"), [10])
  assert.deepEqual(times(mergeStates(after, before), "a"), [10])
})

claim("changes never touch the state that they start from", () => {
  const random = generator(3)
  const state = randomState(random, 30)
  const text = writeState(state)
  randomState(random, 200, state)
  assert.equal(writeState(state), text)
})

claim("two answers at one time by one source are two answers", () => {
  const state = answer(answer(emptyState(), "a", 10), "a", 10)
  assert.equal(answersOf(state, "a").length, 2)
})

claim("a change wins although the clock was ahead when the entry was written", () => {
  const ahead = withSetting(emptyState(), "level", "core", 1000)
  const changed = withSetting(ahead, "level", "advanced", 10)
  assert.equal(settingOf(mergeStates(ahead, changed), "level"), "advanced")
  const read = withTopic(withTopic(emptyState(), "t", 1000), "t", 10, 0)
  assert.equal(readAt(read, "t"), 0)
})

// Merge ---------------------------------------------------------------------------------------

claim("merging is commutative, associative and idempotent", () => {
  for (let seed = 0; seed < 1500; seed++) {
    const random = generator(seed)
    const common = randomState(random)
    const [a, b, c] = [1, 2, 3].map(() => randomState(random, random.below(12), common))
    sameState(mergeStates(a, b), mergeStates(b, a))
    sameState(mergeStates(mergeStates(a, b), c), mergeStates(a, mergeStates(b, c)))
    sameState(mergeStates(a, a), a)
    sameState(mergeStates(a, emptyState()), a)
    const merged = mergeStates(a, b)
    sameState(mergeStates(merged, a), merged)
    assert.equal(writeState(mergeStates(merged, a)), writeState(merged))
  }
})

claim("merging keeps its laws with answers that an import brought back", () => {
  for (let seed = 0; seed < 500; seed++) {
    const random = generator(seed)
    const old = randomState(random, 20)
    const cleared = resetAll(randomState(random, 5, old), NOW + 10)
    const a = mergeStates(cleared, broughtBack(cleared, old, NOW + 20).state)
    const [b, c] = [cleared, randomState(random, 5, old)]
    sameState(mergeStates(a, b), mergeStates(b, a))
    sameState(mergeStates(mergeStates(a, b), c), mergeStates(a, mergeStates(b, c)))
    sameState(mergeStates(mergeStates(a, c), b), mergeStates(a, mergeStates(c, b)))
    for (const id of Object.keys(old.items)) {
      for (const time of times(old, id)) assert.ok(times(a, id).includes(time))
    }
  }
})

claim("answers of both sides are kept, and the later card wins", () => {
  const phone = answer(emptyState(), "a", 10, { card: { ...aCard, reps: 1 } })
  const laptop = answer(emptyState(), "a", 20, { card: { ...aCard, reps: 2 } })
  const merged = mergeStates(laptop, phone)
  assert.deepEqual(times(merged, "a"), [10, 20])
  assert.equal(itemOf(merged, "a").card.reps, 2)
})

claim("what was reset stays so when an old copy is merged, and new answers stay too", () => {
  const old = withTopic(answer(emptyState(), "a", 10, { card: aCard }), "t", 10)
  const after = answer(reset(old, { ids: ["a"], slugs: ["t"], at: 20 }), "a", 30)
  const merged = mergeStates(after, old)
  assert.deepEqual(times(merged, "a"), [30])
  assert.equal(itemOf(merged, "a").card, null)
  assert.equal(readAt(merged, "t"), 0)
})

claim("a reset drops answers that a clock ahead had put into the future, and none after it", () => {
  const ahead = answer(emptyState(), "a", 1000)
  const after = answer(reset(ahead, { ids: ["a"], slugs: [], at: 20 }), "a", 30)
  assert.equal(answersOf(after, "a").length, 1)
  assert.equal(answersOf(mergeStates(after, ahead), "a").length, 1)
  assert.equal(answersOf(mergeStates(ahead, after), "a")[0][2], 3)
})

claim("after a reset of everything nothing is left but that it was reset", () => {
  const state = resetAll(withSession(randomState(generator(5), 60), "s", 1, NOW), NOW + 1)
  for (const id of Object.keys(state.items)) assert.deepEqual(answersOf(state, id), [])
  for (const slug of Object.keys(state.topics)) assert.equal(readAt(state, slug), 0)
  for (const name of Object.keys(state.settings)) assert.equal(settingOf(state, name), null)
  assert.equal(state.sessions.s.value, null)
})

claim("an export brings back what was reset after it, beside what happened since", () => {
  const session = withSession(emptyState(), "s", { right: 3 }, 9)
  const read = withTopic(answer(session, "a", 10, { card: aCard }), "t", 10)
  const old = withSetting(read, "hours", 2, 10)
  const cleared = answer(resetAll(answer(old, "b", 15), 20), "b", 30, { grade: 1 })
  const back = broughtBack(cleared, old, 40)
  assert.deepEqual([back.answers, back.topics, back.more], [1, 1, 2])
  const merged = mergeStates(cleared, back.state)
  assert.deepEqual(times(merged, "a"), [10])
  assert.deepEqual(times(merged, "b"), [30])
  assert.deepEqual(itemOf(merged, "a").card, aCard)
  assert.equal(readAt(merged, "t"), 10)
  assert.equal(settingOf(merged, "hours"), 2)
  assert.deepEqual(merged.sessions.s.value, { right: 3 })
  sameState(mergeStates(merged, cleared), merged)
  assert.equal(broughtBack(merged, old, 50).answers, 0)
})

// Reading -------------------------------------------------------------------------------------

claim("entries that make no sense are rejected one by one, the others are taken", () => {
  const good = { at: 5, since: 0, card: null, queued: false, log: [[5, "quiz", 3, 0]] }
  const { state, rejected } = readState(
    document({
      items: { good, bad: { at: -1 }, worse: 7, ["x".repeat(201)]: good },
      topics: { good: { at: 1, read: 1 }, bad: { at: 1, read: "yes" } },
      settings: [],
      more: { a: 1 },
    }),
  )
  assert.deepEqual(Object.keys(state.items), ["good"])
  assert.deepEqual(Object.keys(state.topics), ["good"])
  assert.deepEqual(Object.keys(rejected), ["items", "topics", "settings", "more"])
  assert.deepEqual(Object.keys(rejected.items), ["bad", "worse", "x".repeat(201)])
})

claim("an item with a card that makes no sense keeps its answers and comes back for review", () => {
  const log = [[5, "quiz", 3, 0], [6, "quiz", 9, 0]]
  const item = { at: 5, since: 0, card: { ...aCard, stability: "NaN" }, queued: false, log }
  const { state, rejected } = readState(document({ items: { a: item } }))
  assert.deepEqual(itemOf(state, "a"), { ...item, card: null, queued: true, log: log.slice(0, 1) })
  assert.deepEqual(rejected.items.a, item)
})

claim("times after the latest one make no sense", () => {
  const log = [[50, "page", 3, 0]]
  const items = { a: { at: 50, log }, b: { at: 5, since: 50 }, c: { at: 5, log } }
  const { state } = readState(document({ items }), { latest: 40 })
  assert.deepEqual(Object.keys(state.items), ["c"])
  assert.deepEqual(itemOf(state, "c").log, [])
})

claim("keys that mean something to JavaScript are keys like any other", () => {
  const keys = ["__proto__", "constructor", "toString", "hasOwnProperty"]
  let state = emptyState()
  for (const id of keys) {
    assert.deepEqual(itemOf(state, id).log, [])
    assert.equal(readAt(state, id), 0)
    assert.equal(settingOf(state, id), null)
    state = withSetting(withTopic(answer(state, id, 5), id, 5), id, "x", 5)
  }
  const { state: again, rejected } = readState(writeState(mergeStates(emptyState(), state)))
  assert.equal(rejected, null)
  assert.deepEqual(Object.keys(again.items).sort(), [...keys].sort())
  for (const id of keys) assert.equal(settingOf(again, id), "x")
  assert.equal({}.at, undefined)
})

claim("a value that is too long or too deep is rejected", () => {
  const deep = JSON.parse("[".repeat(50_000) + "]".repeat(50_000))
  const text = document({ settings: { a: { at: 1, value: "x".repeat(20_001) } } })
  assert.ok(readState(text).rejected.settings.a)
  const head = document({}).slice(0, -1)
  const nested = `${head},"settings":{"a":{"at":1,"value":${"[".repeat(5e4)}${"]".repeat(5e4)}}}}`
  assert.deepEqual(readState(nested).state.settings, {})
  assert.ok(deep)
})

claim("a text that is no state is refused with a reason", () => {
  for (const [text, kind] of [
    ["{", "damaged"],
    ['{"schema": "other"}', "damaged"],
    ['{"schema": "backend-study-guide/state"}', "damaged"],
    [document({ version: 2 }), "newer"],
  ]) {
    assert.throws(() => readState(text), error => {
      assert.ok(error instanceof StateError)
      assert.equal(error.kind, kind)
      return error.message.endsWith(".")
    })
  }
})

// An earlier format as it might have been: marks of a topic in a list, times in seconds.
const UPGRADES = {
  1: ({ items, ...rest }) => ({ ...rest, version: 2, items: items ?? {}, read: rest.topics ?? [] }),
  2({ read, items, ...rest }) {
    const inMs = ([id, entry]) => [id, { ...entry, at: entry.at * 1000 }]
    return {
      ...rest,
      version: 3,
      items: Object.fromEntries(Object.entries(items).map(inMs)),
      topics: Object.fromEntries(read.map(([slug, at]) => [slug, { at, read: at * 1000 }])),
    }
  },
}

claim("a state of an earlier version is upgraded step by step", () => {
  const text = document({ items: { a: { at: 5 } }, topics: [["cors", 7]] })
  const { state, rejected } = readState(text, { version: 3, upgrades: UPGRADES })
  assert.equal(rejected, null)
  assert.equal(itemOf(state, "a").at, 5000)
  assert.equal(readAt(state, "cors"), 7000)
})

claim("an earlier version that cannot be upgraded is damaged, not half read", () => {
  for (const text of [document({ topics: [null] }), document({ topics: 7 })]) {
    const read = () => readState(text, { version: 3, upgrades: UPGRADES })
    assert.throws(read, error => error.kind === "damaged")
  }
  assert.throws(() => readState(document({}), { version: 2 }), error => error.kind === "damaged")
})

// Store ---------------------------------------------------------------------------------------

claim("what is stored is there on the next page", () => {
  const storage = new FakeStorage()
  assert.ok(open(storage).update((state, at) => answer(state, "a", at)))
  assert.deepEqual(times(open(storage).state, "a"), [NOW])
})

claim("two tabs that do not hear of each other lose no answer", () => {
  const storage = new FakeStorage()
  const [one, two] = [open(storage), open(storage)]
  for (let round = 0; round < 20; round++) {
    one.update((state, at) => answer(state, "a", at))
    two.update((state, at) => answer(state, "b", at))
    two.update((state, at) => answer(state, "a", at, { source: "page" }))
  }
  for (const store of [open(storage), two]) {
    assert.equal(answersOf(store.state, "a").length, 40)
    assert.equal(answersOf(store.state, "b").length, 20)
  }
})

claim("a tab that wrote upon an old copy is corrected by the one whose answer it lost", () => {
  const storage = new FakeStorage()
  const [one, two] = [open(storage), open(storage)]
  const old = storage.getItem(KEY)
  one.update((state, at) => answer(state, "a", at))
  storage.map.delete(KEY) // the second tab's copy of the storage is behind
  assert.equal(old, null)
  two.update((state, at) => answer(state, "b", at))
  one.refresh()
  two.refresh()
  for (const store of [one, two, open(storage)]) {
    assert.deepEqual(Object.keys(store.state.items).sort(), ["a", "b"])
  }
  const text = storage.getItem(KEY)
  for (const store of [one, two, one]) store.refresh()
  assert.equal(storage.getItem(KEY), text)
})

claim("tabs that take in each other's writes come to rest", () => {
  const storage = new FakeStorage()
  const tabs = [1, 2, 3].map(() => open(storage))
  for (let seed = 0; seed < 50; seed++) {
    const random = generator(seed)
    for (const tab of tabs) tab.update(state => randomState(random, 6, state))
    for (const tab of tabs) tab.refresh()
    const text = storage.getItem(KEY)
    for (const tab of tabs) tab.refresh()
    assert.equal(storage.getItem(KEY), text)
    for (const tab of tabs) sameState(tab.state, readState(text).state)
  }
})

claim("no two changes of a tab happen at one time", () => {
  const store = open(new FakeStorage())
  const seen = [1, 2, 3].map(() => {
    let now
    store.update((state, at) => ((now = at), state))
    return now
  })
  assert.deepEqual(seen, [NOW, NOW + 1, NOW + 2])
})

claim("listeners hear of changes here and elsewhere until they stop", () => {
  const storage = new FakeStorage()
  const [one, two] = [open(storage), open(storage)]
  let heard = 0
  const stop = one.subscribe(() => (heard += 1))
  one.update((state, at) => answer(state, "a", at))
  two.update((state, at) => answer(state, "b", at))
  one.refresh()
  one.refresh()
  assert.equal(heard, 2)
  stop()
  one.update((state, at) => answer(state, "a", at))
  assert.equal(heard, 2)
})

claim("without a storage the state lives in memory", () => {
  const store = open(null)
  assert.equal(store.update((state, at) => answer(state, "a", at)), false)
  assert.equal(store.status, "memory")
  assert.equal(answersOf(store.state, "a").length, 1)
  assert.deepEqual(store.aside(), [])
})

claim("a storage that is forbidden at any moment throws nothing", () => {
  const storage = new FakeStorage()
  const store = open(storage)
  store.update((state, at) => answer(state, "a", at))
  for (const name of ["getItem", "setItem", "removeItem", "key"]) {
    storage[name] = () => {
      throw new DOMException("denied", "SecurityError")
    }
  }
  store.update((state, at) => answer(state, "b", at))
  store.discard("guide.study.aside.1")
  assert.equal(store.status, "memory")
  assert.deepEqual(Object.keys(store.state.items).sort(), ["a", "b"])
  assert.deepEqual(store.aside(), [])
})

claim("a full storage keeps what it has, the tab what is new, and later room is used", () => {
  const storage = new FakeStorage(400)
  const store = open(storage)
  assert.ok(store.update((state, at) => answer(state, "a", at)))
  for (let round = 0; round < 30; round++) store.update((state, at) => answer(state, "b", at))
  assert.equal(store.status, "full")
  assert.equal(answersOf(open(storage).state, "a").length, 1)
  assert.equal(answersOf(store.state, "b").length, 30)
  storage.quota = Infinity
  assert.ok(store.update((state, at) => answer(state, "c", at)))
  assert.equal(answersOf(open(storage).state, "b").length, 30)
})

claim("an import that does not fit changes nothing", () => {
  const storage = new FakeStorage(2000)
  const store = open(storage)
  store.update((state, at) => answer(state, "a", at))
  const before = store.state
  const big = withSession(emptyState(), "s", "x".repeat(3000), 5)
  assert.equal(store.merge(big), false)
  assert.equal(store.state, before)
  assert.equal(store.status, "saved")
  assert.ok(store.merge(withSession(emptyState(), "s", "x", 5)))
})

claim("a damaged text is set aside once, listed, and gone only when discarded", () => {
  const storage = new FakeStorage()
  storage.setItem(KEY, "{damaged")
  const store = open(storage)
  assert.ok(store.update((state, at) => answer(state, "a", at)))
  open(storage)
  assert.deepEqual(store.aside().map(({ text }) => text), ["{damaged"])
  storage.setItem(KEY, "{damaged")
  storage.setItem("other", "1")
  assert.equal(open(storage).aside().length, 1)
  storage.setItem(KEY, "{damaged, too")
  assert.deepEqual(open(storage).aside().map(({ text }) => text), ["{damaged", "{damaged, too"])
  store.discard("other")
  store.discard(KEY)
  assert.equal(storage.getItem("other"), "1")
  for (const { key } of store.aside()) store.discard(key)
  assert.deepEqual(store.aside(), [])
})

claim("what a tab holds in memory heals a text that was damaged meanwhile", () => {
  const storage = new FakeStorage()
  const one = open(storage)
  one.update((state, at) => answer(state, "a", at))
  storage.setItem(KEY, "\u0000")
  open(storage)
  one.refresh()
  assert.deepEqual(times(open(storage).state, "a"), [NOW])
  assert.equal(one.aside().length, 1)
})

claim("entries that make no sense are set aside and leave the stored state", () => {
  const storage = new FakeStorage()
  storage.setItem(KEY, document({ items: { a: { at: 1 }, b: 7 } }))
  const store = open(storage)
  assert.deepEqual(Object.keys(store.state.items), ["a"])
  assert.deepEqual(JSON.parse(store.aside()[0].text), { items: { b: 7 } })
  assert.equal(readState(storage.getItem(KEY)).rejected, null)
})

claim("a damaged text that cannot be set aside stays until the reader discards it", () => {
  const text = "x".repeat(300)
  const storage = new FakeStorage(400)
  storage.map.set(KEY, text)
  const store = open(storage)
  assert.equal(store.update((state, at) => answer(state, "a", at)), false)
  assert.equal(store.status, "stuck")
  assert.equal(storage.getItem(KEY), text)
  assert.deepEqual(store.aside(), [{ key: KEY, text }])
  store.discard(KEY)
  assert.equal(store.status, "saved")
  assert.equal(answersOf(open(storage).state, "a").length, 1)
})

claim("a state of a later version is never overwritten; what happens here waits beside it", () => {
  const storage = new FakeStorage(600)
  const newer = document({ version: 2, items: {} })
  storage.setItem(KEY, newer)
  for (const id of ["a", "b"]) open(storage).update((state, at) => answer(state, id, at))
  const store = open(storage)
  assert.equal(store.status, "newer")
  assert.deepEqual(Object.keys(store.state.items), ["a", "b"])
  assert.equal(storage.getItem(KEY), newer)
  storage.quota = 0
  store.update((state, at) => answer(state, "c", at))
  store.update((state, at) => answer(state, "d", at))
  assert.equal(store.status, "full")
  assert.equal(storage.getItem(KEY), newer)
  storage.quota = Infinity
  storage.setItem(KEY, document({ topics: { t: { at: 5, read: 5 } } })) // the later version is gone
  const later = open(storage)
  store.refresh()
  assert.equal(later.status, "saved")
  assert.deepEqual(Object.keys(open(storage).state.items).sort(), ["a", "b", "c", "d"])
  assert.equal(readAt(open(storage).state, "t"), 5)
  assert.equal(storage.length, 1)
})

claim("when the reader clears the storage, an open tab does not write it again", () => {
  const storage = new FakeStorage()
  const store = open(storage)
  store.update((state, at) => answer(state, "a", at))
  storage.map.clear()
  store.refresh()
  assert.deepEqual(store.state.items, {})
  assert.equal(storage.length, 0)
})

// Differences ---------------------------------------------------------------------------------

claim("what a change comes to is counted by kind", () => {
  const before = withTopic(answer(answer(emptyState(), "a", 5), "b", 5, { card: aCard }), "t", 5)
  let after = answer(answer(before, "a", 6), "new", 6, { queued: true })
  after = takenBack(after, "b", { at: 7, time: 5, card: null, queued: false })
  after = withTopic(withTopic(after, "t", 8, 0), "u", 8)
  after = withSession(withSetting(after, "hours", 2, 8), "s", 1, 8)
  assert.deepEqual(differences(before, after), {
    answers: 2,
    lost: 1,
    scheduled: 2,
    read: 1,
    unread: 1,
    settings: ["hours"],
    sessions: 1,
  })
  const none = differences(after, mergeStates(after, before))
  assert.deepEqual(none, differences(before, before))
  const { settings, ...numbers } = none
  assert.deepEqual([settings, Object.values(numbers)], [[], [0, 0, 0, 0, 0, 0]])
})

// Summary -------------------------------------------------------------------------------------

const STUDY = {
  areas: [{ id: "http" }, { id: "data" }, { id: "empty" }],
  topics: [
    { slug: "caching", area: "http" },
    { slug: "cors", area: "http" },
    { slug: "sql", area: "data" },
  ],
  items: [
    { id: "a", topic: "caching" },
    { id: "b", topic: "caching" },
    { id: "c", topic: "cors" },
    { id: "d", topic: "sql" },
  ],
}

claim("an item is due when it waits or its card says so, and new without both", () => {
  let state = queued(emptyState(), "a", 5)
  state = answer(state, "b", 5, { card: { ...aCard, due: 100 } })
  assert.deepEqual(["a", "b", "c"].map(id => isDue(state, id, 99)), [true, false, false])
  assert.deepEqual(["a", "b", "c"].map(id => isDue(state, id, 100)), [true, true, false])
  assert.deepEqual(["a", "b", "c"].map(id => isNew(state, id)), [false, false, true])
})

claim("the summary counts per topic, area and in all, without what is no longer there", () => {
  let state = withTopic(emptyState(), "caching", 5)
  state = queued(answer(withTopic(state, "gone", 5), "a", 5), "a", 6)
  state = answer(answer(state, "d", 5, { card: { ...aCard, due: 100 } }), "gone", 5)
  const { topics, areas, all } = summarize(STUDY, state, 50)
  const none = { topics: 0, read: 0, items: 0, tested: 0, due: 0, new: 0 }
  const caching = { topics: 1, read: 1, items: 2, tested: 1, due: 1, new: 1 }
  assert.deepEqual(topics.get("caching"), caching)
  assert.deepEqual(areas.get("http"), { ...caching, topics: 2, items: 3, new: 2 })
  assert.deepEqual(areas.get("data"), { ...none, topics: 1, items: 1, tested: 1 })
  assert.deepEqual(areas.get("empty"), none)
  assert.deepEqual(all, { topics: 3, read: 1, items: 4, tested: 2, due: 1, new: 2 })
})

await report()
