// What holds of study plans and placements, over all that the guide has; see test_plan.py.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { claim, report } from "./claims.mjs"

const SCRIPTS = "../../docs/assets/javascripts/learning/"
const { calendar } = await import(`${SCRIPTS}plan/calendar.js`)
const { dayText, localDay, makePlan } = await import(`${SCRIPTS}plan/make.js`)
const { estimate, LENGTH, levelAt, nextItem, resultOf } = await import(
  `${SCRIPTS}placement/model.js`
)

const data = JSON.parse(readFileSync(process.argv[2], "utf-8"))
const by = (list, key) => new Map(list.map(each => [each[key], each]))
const study = {
  ...data,
  areaById: by(data.areas, "id"),
  topicBySlug: by(data.topics, "slug"),
  itemById: by(data.items, "id"),
}
const LEVELS = ["foundation", "core", "advanced"]
const TODAY = "2026-11-22" // a Sunday
const after = days => dayText(Date.parse(TODAY) / 864e5 + days)
const plan = settings => makePlan({ study, today: TODAY, hours: 2, level: "core", ...settings })
const slugsOf = ({ days }) => [...new Set(days.flatMap(day => day.work.map(({ slug }) => slug)))]

const PLANS = [1, 2, 3, 7, 14, 31, 92, 200, 366].flatMap(ahead =>
  [0.5, 1.5, 5, 12].flatMap(hours =>
    LEVELS.map(level => {
      const off = ahead > 7 ? [0, 3] : []
      const settings = { date: after(ahead), hours, level, off }
      return { ...plan(settings), ...settings, name: `${ahead} days, ${hours} h, ${level}` }
    }),
  ),
)

// Plans ---------------------------------------------------------------------------------------

claim("no topic comes before what it needs is finished", () => {
  for (const { days, name } of PLANS) {
    const done = new Set()
    for (const { slug, part } of days.flatMap(({ work }) => work)) {
      for (const need of study.topicBySlug.get(slug).needs) {
        assert(done.has(need), `${name}: ${slug} before ${need}`)
      }
      if (part === "" || part === "finish") done.add(slug)
    }
  }
})

claim("no day takes longer than its hours, and each adds up", () => {
  for (const { days, hours, total, name } of PLANS) {
    for (const { date, work, review, rehearsal, minutes } of days) {
      const sum = work.reduce((all, each) => all + each.minutes, review + rehearsal)
      assert.equal(sum, minutes, `${name}: ${date}`)
      assert(minutes <= hours * 60, `${name}: ${date} takes ${minutes}`)
      assert(review >= 0 && work.every(each => each.minutes > 0), `${name}: ${date}`)
    }
    assert.equal(total, days.reduce((all, day) => all + day.minutes, 0))
  }
})

claim("each topic is planned once with all its minutes, or left out", () => {
  for (const { days, left, name } of PLANS) {
    const spent = new Map(left.map(slug => [slug, null]))
    for (const { slug, minutes } of days.flatMap(({ work }) => work)) {
      assert.notEqual(spent.get(slug), null, `${name}: ${slug} is left out as well`)
      spent.set(slug, (spent.get(slug) ?? 0) + minutes)
    }
    for (const { slug, minutes } of study.topics) {
      if (spent.get(slug) === null) continue
      const asked = study.items.filter(({ kind, topic }) => kind === "question" && topic === slug)
      const cost = minutes + 2 * asked.length + (slug.startsWith("case-") ? 45 : 0)
      assert.equal(spent.get(slug), cost, `${name}: ${slug}`)
    }
  }
})

claim("days run from today to the day before, without those off", () => {
  const { days } = plan({ date: after(10), off: [0, 6] })
  const dates = days.map(({ date }) => date)
  assert.deepEqual(dates, [23, 24, 25, 26, 27, 30].map(day => `2026-11-${day}`).concat("2026-12-01"))
})

claim("the last day brings nothing new, unless it is the only one", () => {
  for (const { days, name } of PLANS) {
    const last = days.at(-1)
    assert.equal(last.light, days.length > 1, name)
    assert.equal(last.work.length > 0, days.length === 1 && last.minutes > 0, name)
  }
})

claim("the same input gives the same plan, a longer time no fewer topics", () => {
  const settings = { date: after(20), off: [2] }
  assert.deepEqual(plan(settings), plan(settings))
  const counts = [1, 3, 7, 14, 31, 92].map(days => slugsOf(plan({ date: after(days) })).length)
  assert.deepEqual(counts, counts.toSorted((a, b) => a - b))
  assert.equal(counts.at(-1), study.topics.length)
})

claim("short of time, what matters most is in and advanced topics are rare for juniors", () => {
  const { left } = plan({ date: after(7) })
  const out = new Set(left)
  const ranked = study.topics.toSorted((a, b) => b.weight - a.weight)
  for (const { slug } of ranked.slice(0, 8)) assert(!out.has(slug), slug)
  for (const { slug } of ranked.slice(-8)) assert(out.has(slug), slug)
  const advanced = level =>
    slugsOf(plan({ date: after(14), level })).filter(
      slug => study.topicBySlug.get(slug).level === "advanced",
    ).length
  assert(advanced("foundation") < advanced("advanced"))
})

claim("known topics stay out, and what builds on them can begin at once", () => {
  const known = ["http-fundamentals", "http-methods"]
  const slugs = slugsOf(plan({ date: after(5), known }))
  for (const slug of known) assert(!slugs.includes(slug))
  const all = study.topics.map(({ slug }) => slug)
  const { days, left } = plan({ date: after(9), known: all })
  assert.deepEqual([slugsOf({ days }), left, days.length], [[], [], 9])
})

claim("review grows from nothing, and a rehearsal ends every sixth day", () => {
  const { days } = plan({ date: after(60) })
  assert.equal(days[0].review, 0)
  assert(days[29].review > days[1].review && days[1].review > 0)
  const rehearsals = days.flatMap(({ rehearsal }, index) => (rehearsal ? [index + 1] : []))
  assert.deepEqual(rehearsals, [6, 12, 18, 24, 30, 36, 42, 48, 54, 60])
})

claim("dates and hours that make no sense are answered by a sentence", () => {
  const wrong = [
    ...["", "soon", "2026-02-31", "2026-11-21", "2026-11-22", "2027-12-01", "9999-12-31", null, {}]
      .map(date => ({ date })),
    ...[0, -1, 0.4, 13, NaN, "much", null].map(hours => ({ date: after(9), hours })),
    { date: after(9), level: "expert" },
    { date: after(9), off: [0, 1, 2, 3, 4, 5, 6] },
    { date: after(9), today: "someday" },
  ]
  for (const settings of wrong) {
    const { problem, days } = plan(settings)
    assert.match(problem ?? "", /^[A-Z].*\.$/, JSON.stringify(settings))
    assert.equal(days, undefined)
  }
})

claim("the day is that of the reader's clock", () => {
  assert.equal(localDay(new Date(2026, 10, 22, 0, 5).getTime()), "2026-11-22")
  assert.equal(localDay(new Date(2026, 10, 22, 23, 55).getTime()), "2026-11-22")
})

claim("the calendar file has an event for each day and no line over 75 bytes", () => {
  const { days } = plan({ date: after(20) })
  const text = calendar(days, slug => study.topicBySlug.get(slug).title)
  const lines = text.split("\r\n")
  assert.equal(lines.filter(line => line === "BEGIN:VEVENT").length, 20)
  assert(lines.every(line => Buffer.byteLength(line) <= 75))
  const whole = text.replaceAll("\r\n ", "")
  assert.match(whole, /DTSTART;VALUE=DATE:20261122\r\n/)
  assert.match(whole, /\r\nDESCRIPTION:HTTP fundamentals: .*\\nHTTP methods: safe\\, idempotent/)
})

// Placement -----------------------------------------------------------------------------------

/** Answer as `knows(item, number)` says, up to the end. */
function place(knows, seed = "a") {
  const answers = []
  for (let item; (item = nextItem(study, answers, seed)); ) {
    answers.push([item.id, knows(item, answers.length)])
  }
  return answers
}
const levelOf = ([id]) => study.itemById.get(id).level
const areaOf = ([id]) => study.topicBySlug.get(study.itemById.get(id).topic).area
const upTo = highest => item => LEVELS.indexOf(item.level) <= LEVELS.indexOf(highest)

claim("fifteen different quiz items are asked, the first of level core", () => {
  const answers = place((_, number) => number % 2 > 0)
  assert.equal(answers.length, LENGTH)
  assert.equal(new Set(answers.map(([id]) => id)).size, LENGTH)
  assert(answers.every(([id]) => study.itemById.get(id).kind === "quiz"))
  assert.equal(levelOf(answers[0]), "core")
})

claim("items get harder for who knows them and easier for who does not", () => {
  const share = (answers, level) => answers.filter(each => levelOf(each) === level).length / LENGTH
  assert(share(place(() => true), "advanced") > 0.5)
  assert(share(place(() => false), "foundation") > 0.5)
})

claim("areas take turns by their size", () => {
  const asked = place(() => true).map(areaOf)
  for (const { id } of study.areas) {
    const size = study.topics.filter(({ area }) => area === id).length
    const number = asked.filter(area => area === id).length
    assert(Math.abs(number - (LENGTH * size) / study.topics.length) < 1, id)
  }
})

claim("the same answers lead to the same items, another seed and what was answered to others", () => {
  assert.deepEqual(place(() => true), place(() => true))
  assert.notDeepEqual(place(() => true, "b"), place(() => true))
  const seen = new Set(place(() => true).map(([id]) => id))
  const fresh = nextItem(study, [], "a", id => !seen.has(id))
  assert(!seen.has(fresh.id))
})

claim("readers of each level are placed at it", () => {
  assert.equal(resultOf(study, place(() => false)).level, "foundation")
  assert.equal(resultOf(study, place(() => true)).level, "advanced")
  assert.equal(resultOf(study, place(upTo("foundation"))).level, "foundation")
  assert.equal(resultOf(study, place(upTo("core"))).level, "core")
})

claim("a guess or two does not make a level, and few answers leave doubt", () => {
  assert.equal(resultOf(study, place((_, number) => number < 2)).level, "foundation")
  assert(estimate([["core", true]]).sd > estimate(Array(15).fill(["core", true])).sd)
  assert.equal(levelAt(estimate([]).mean), "core")
})

claim("to start with come topics not known, all of whose prerequisites are known or read", () => {
  for (const highest of LEVELS) {
    const answers = place(upTo(highest))
    const read = new Set(["http-fundamentals"])
    const { known, start } = resultOf(study, answers, slug => read.has(slug))
    for (const { slug, needs, missed } of start) {
      assert(!known.includes(slug), slug)
      for (const need of needs) assert(known.includes(need) || read.has(need), need)
      assert.equal(missed, answers.some(([id, right]) =>
        !right && study.itemById.get(id).topic === slug))
    }
    const last = start.findLastIndex(({ missed }) => missed)
    assert(start.slice(0, last + 1).every(({ missed }) => missed), "misses come first")
  }
})

claim("a topic with a missed item is not known, whatever the rest says", () => {
  const answers = place((_, number) => number !== 4)
  const { known } = resultOf(study, answers)
  assert(known.length > 0)
  assert(!known.includes(study.itemById.get(answers[4][0]).topic))
})

await report()
