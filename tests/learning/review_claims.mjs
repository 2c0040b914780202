// What holds of the schedule and of sessions. Each claim throws if it is wrong; see test_review.py.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { claim, report } from "./claims.mjs"
import { generator } from "../../scripts/bench/state_documents.mjs"

process.env.TZ = "America/New_York" // days of 23 and 25 hours: 8 March and 1 November 2026

const SCRIPTS = "../../docs/assets/javascripts/learning/"
const { dayOf, preview, rate, rescheduled, untilOf } = await import(`${SCRIPTS}schedule.js`)
const { inTurn, makeSession, matching, putBack, tally } = await import(
  `${SCRIPTS}review/session.js`
)
const { inWords } = await import(`${SCRIPTS}review/words.js`)
const { emptyState } = await import(`${SCRIPTS}state/format.js`)
const { answered, queued, withSetting, withTopic } = await import(`${SCRIPTS}state/changes.js`)
const { readState, writeState } = await import(`${SCRIPTS}state/format.js`)

const VECTORS = new URL("fsrs-vectors.json", import.meta.url)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const at = text => new Date(text).getTime()
const NOW = at("2026-10-01T20:30:00")
const UNTIL = dayOf("2026-11-04")
const upTo = number => [...Array(number).keys()]
const midnight = (time, days) => {
  const date = new Date(time)
  return new Date(date.getFullYear(), date.getMonth(), date.getDate() + days).getTime()
}
const after = (grades, start = NOW) =>
  grades.reduce((card, grade) => rate(card, grade, card ? card.due : start), null)

// FSRS ----------------------------------------------------------------------------------------

claim("cards agree with py-fsrs after every answer of many histories", () => {
  const { histories } = JSON.parse(readFileSync(VECTORS, "utf8"))
  let answers = 0
  for (const history of histories) {
    let card = null
    for (const [time, grade, due, stability, difficulty, phase] of history) {
      card = rate(card, grade, time)
      const said = JSON.stringify({ history: history.slice(0, card.reps), card })
      assert.equal(card.due, due, said)
      assert.equal(card.phase, phase, said)
      assert(Math.abs(card.stability - stability) < 1e-7 * Math.max(1, stability), said)
      assert(Math.abs(card.difficulty - difficulty) < 1e-7, said)
      answers += 1
    }
    assert.equal(card.reps, history.length)
  }
  assert(answers > 1500)
})

claim("the histories have lapses, answers on the same day, and gaps of years", () => {
  const { histories } = JSON.parse(readFileSync(VECTORS, "utf8"))
  const pairs = histories.flatMap(history =>
    history.slice(1).map((answer, index) => [history[index], answer]),
  )
  const found = test => pairs.filter(([one, next]) => test(next[0] - one[0], one, next)).length
  const some = test => assert(found(test) > 50)
  some(gap => gap < 20 * MINUTE)
  some(gap => gap >= 20 * MINUTE && gap < DAY)
  some(gap => gap > 365 * DAY)
  some((_, [, , , , , phase], [, grade]) => grade === 1 && phase === 2)
})

claim("again and hard bring a new item back in minutes, good and easy in days", () => {
  const [again, hard, good, easy] = preview(null, NOW).map(due => due - NOW)
  assert.equal(again, 10 * MINUTE)
  assert.equal(hard, 15 * MINUTE)
  assert.equal(good, 2 * DAY)
  assert.equal(easy, 8 * DAY)
})

claim("a preview is what a rating then does", () => {
  const card = after([3, 3, 1])
  const later = card.due + HOUR
  const options = { until: UNTIL, id: "some-item" }
  for (const grade of [1, 2, 3, 4]) {
    assert.equal(preview(card, later, options)[grade - 1], rate(card, grade, later, options).due)
  }
})

claim("a lapse is counted once, and its relearning is none", () => {
  assert.equal(after([3, 3, 1]).lapses, 1)
  assert.equal(after([3, 3, 1, 1, 3]).lapses, 1)
  assert.equal(after([1, 1, 3]).lapses, 0)
})

claim("a card is stored and read again as it was", () => {
  const card = after([3, 1, 2, 3, 4])
  const answer = { at: NOW, source: "review", grade: 4, card }
  const { state, rejected } = readState(writeState(answered(emptyState(), "item", answer)))
  assert.equal(rejected, null)
  assert.deepEqual(state.items.item.card, card)
})

claim("a card that somebody bent is rated like any other", () => {
  const bent = { ...after([3]), due: 0, last: null, stability: 0, difficulty: 0, step: 9 }
  const cards = [
    bent,
    { ...bent, stability: 1e300, difficulty: 1e300 },
    { ...bent, stability: 5, difficulty: 0.5 },
    { ...bent, last: NOW + 900 * DAY, stability: 1e-9, difficulty: 5 },
    { ...bent, last: 0, phase: 0, stability: 3, difficulty: 3 },
  ]
  for (const card of cards) {
    for (const grade of [1, 2, 3, 4]) {
      const answer = { at: NOW, source: "review", grade, card: rate(card, grade, NOW) }
      const { state, rejected } = readState(writeState(answered(emptyState(), "a", answer)))
      assert.equal(rejected, null)
      assert(state.items.a.card.due > NOW)
    }
  }
})

// Up to an interview --------------------------------------------------------------------------

/** All answers to an item of a reader who reviews whatever is due, soon after it is. */
function studied(id, start, random, until = UNTIL) {
  const cards = []
  let time = start
  while (time < until && cards.length < 200) {
    const grade = random() < 0.2 ? 1 + Math.floor(random() * 2) : 3 + Math.floor(random() * 2)
    cards.push(rate(cards.at(-1) ?? null, grade, time, { until, id }))
    time = cards.at(-1).due + Math.floor(random() * 5 * MINUTE)
  }
  return cards
}

const starts = (random, number) =>
  upTo(number).map(() => UNTIL - 2 * HOUR - Math.floor(random() ** 2 * 90 * DAY))

claim("before an interview every item comes back, for the last time in the last week", () => {
  const random = generator(5).next
  for (const [index, start] of starts(random, 600).entries()) {
    const cards = studied(`item-${index}`, start, random)
    assert(cards.length >= 2, `item ${index} never came back`)
    assert(cards.at(-1).last >= midnight(UNTIL, -7), `item ${index} was seen last too early`)
  }
})

claim("no interval reaches past the interview, but for what came back in the last week", () => {
  const random = generator(6).next
  for (const [index, start] of starts(random, 600).entries()) {
    for (const card of studied(`item-${index}`, start, random)) {
      const done = card.reps > 1 && card.phase === 2 && card.last >= midnight(UNTIL, -7)
      assert(card.due < UNTIL || done, JSON.stringify(card))
      assert(card.due > card.last)
    }
  }
})

claim("what comes back for the last time is spread over the last week", () => {
  const days = new Map()
  for (const index of upTo(420)) {
    const options = { until: UNTIL, id: `question-${index}` }
    const card = rate(after([3, 3], at("2026-09-01")), 4, NOW, options)
    const back = Math.round((UNTIL - card.due) / DAY)
    days.set(back, (days.get(back) ?? 0) + 1)
    assert.equal(card.due, midnight(UNTIL, -back), "a day begins at midnight where the reader is")
  }
  assert.deepEqual([...days.keys()].sort(), [1, 2, 3, 4, 5, 6, 7])
  for (const [back, number] of days) assert(number < 90, `${number} of 420, ${back} days before`)
})

claim("an interval that ends before the last week is left alone", () => {
  const until = midnight(NOW, 60)
  assert.deepEqual(rate(null, 4, NOW, { until, id: "a" }), rate(null, 4, NOW))
})

claim("on the day of the interview and after it the date changes nothing", () => {
  for (const time of [UNTIL, UNTIL + HOUR, UNTIL + 9 * DAY]) {
    const state = withSetting(emptyState(), "interviewDate", "2026-11-04", NOW)
    assert.equal(untilOf(state, time), null)
    assert.deepEqual(rate(null, 3, time, { until: UNTIL, id: "a" }), rate(null, 3, time))
  }
})

claim("a date moves cards when it is set, and back to where FSRS has them when dropped", () => {
  let state = emptyState()
  for (const index of upTo(50)) {
    const id = `item-${index}`
    const card = after([4, 4, 4], NOW - index * DAY)
    state = answered(state, id, { at: NOW, source: "review", grade: 4, card })
  }
  const pressed = rescheduled(state, UNTIL)
  for (const [id, { card, at }] of Object.entries(pressed.items)) {
    assert(card.due < UNTIL || card.last >= midnight(UNTIL, -7))
    assert.equal(at, state.items[id].at, "a merge must not take this for the reader's doing")
  }
  assert.notDeepEqual(pressed, state)
  assert.equal(rescheduled(pressed, UNTIL), pressed)
  assert.deepEqual(rescheduled(pressed, null), state)
})

claim("a date is a day where the reader is, or none", () => {
  assert.equal(dayOf("2026-11-01"), at("2026-11-01T00:00:00-04:00"))
  assert.equal(dayOf("2026-11-02"), at("2026-11-02T00:00:00-05:00"))
  const none = ["2026-02-30", "2026-13-01", "2026-11-1", "x2026-11-01", "tomorrow", "", null, 5]
  for (const text of none) assert.equal(dayOf(text), null)
})

// Sessions ------------------------------------------------------------------------------------

const topics = [
  { slug: "cors", area: "security", tags: ["http", "browser"] },
  { slug: "csrf", area: "security", tags: ["browser"] },
  { slug: "caching", area: "caching", tags: ["http"] },
]
const items = topics.flatMap(({ slug }) =>
  upTo(8).map(index => ({
    id: `${slug}-${index}`,
    topic: slug,
    kind: index < 5 ? "question" : "quiz",
    level: ["foundation", "core", "advanced"][index % 3],
  })),
)
const study = { items, topicBySlug: new Map(topics.map(topic => [topic.slug, topic])) }
const ids = list => list.map(({ id }) => id)
const neighbors = list => list.filter(({ topic }, index) => list[index + 1]?.topic === topic).length
/** The order in which a session asks them, if all are known. */
function asked(list) {
  const order = []
  for (let rest = list; rest.length; rest = rest.slice(1)) {
    rest = inTurn(rest, order.at(-1)?.topic)
    order.push(rest[0])
  }
  return order
}
const dueAt = (state, id, due) =>
  answered(state, id, { at: 1, source: "review", grade: 3, card: { ...after([3]), due } })

claim("area, level and tag narrow the items down, alone and together", () => {
  const number = filter => matching(study, filter).length
  assert.equal(number({}), 24)
  assert.equal(number({ area: "security" }), 16)
  assert.equal(number({ tag: "http" }), 16)
  assert.equal(number({ level: "core" }), 9)
  assert.deepEqual(ids(matching(study, { area: "security", tag: "http", level: "advanced" })), [
    "cors-2",
    "cors-5",
  ])
  assert.equal(number({ area: "nowhere" }), 0)
})

claim("what waits comes first, then what has been due longest, then a few new items", () => {
  let state = dueAt(emptyState(), "cors-0", NOW - 1)
  state = dueAt(state, "csrf-0", NOW - 3)
  state = dueAt(state, "caching-0", NOW - 2)
  state = dueAt(state, "caching-1", NOW + 1)
  state = queued(state, "caching-2", NOW)
  state = withTopic(state, "csrf", NOW)
  const session = ids(asked(makeSession(items, state, NOW, 1)))
  assert.deepEqual(session, ["caching-2", "csrf-0", "caching-0", "cors-0", "csrf-1"])
  assert.deepEqual(tally(items, state, NOW), { due: 4, new: 19, next: NOW + 1 })
})

claim("new items come from topics that were read, a few of each, of both kinds", () => {
  const state = withTopic(withTopic(emptyState(), "caching", NOW), "csrf", NOW)
  const session = asked(makeSession(items, state, NOW, 6))
  assert.deepEqual(ids(session).sort(), [
    "caching-0", "caching-1", "caching-5", "csrf-0", "csrf-1", "csrf-5",
  ])
  assert.equal(neighbors(session), 0)
  assert.equal(makeSession(items, state, NOW, 0).length, 0)
})

claim("no two items of a topic follow each other where that can be avoided", () => {
  const random = generator(7).next
  for (const round of upTo(400)) {
    const names = 1 + Math.floor(random() * 6)
    const list = upTo(Math.floor(random() * 30)).map(index => ({
      id: `${round}-${index}`,
      topic: `${Math.floor(random() ** 2 * names)}`,
    }))
    const order = asked(list)
    assert.deepEqual(ids(order).sort(), ids(list).sort())
    const number = name => list.filter(({ topic }) => topic === `${name}`).length
    const most = Math.max(...upTo(names).map(number))
    assert.equal(neighbors(order), Math.max(0, most - (list.length - most) - 1))
  }
})

claim("a missed item comes back after four others, or after all that are left", () => {
  const [first, ...rest] = asked(items)
  assert.equal(putBack(rest, first).indexOf(first), 4)
  assert.deepEqual(putBack(rest.slice(0, 2), first), [...rest.slice(0, 2), first])
  assert.deepEqual(putBack([], first), [first])
})

claim("a thousand cards make a session of all that are due", () => {
  const topic = index => `${index % 90}`
  const many = upTo(1000).map(index => ({ ...items[0], id: `many-${index}`, topic: topic(index) }))
  let state = emptyState()
  for (const { id } of many) state.items[id] = dueAt(emptyState(), id, NOW - id.length).items[id]
  const session = asked(makeSession(many, state, NOW, 10))
  assert.equal(session.length, 1000)
  assert.equal(neighbors(session), 0)
})

claim("intervals are told in the unit that fits", () => {
  const told = [1, 10 * MINUTE, 3 * HOUR, DAY, 40 * DAY, 122 * DAY, 800 * DAY].map(inWords)
  assert.deepEqual(told, ["1 min", "10 min", "3 h", "1 day", "40 days", "4 months", "2 years"])
})

await report()
