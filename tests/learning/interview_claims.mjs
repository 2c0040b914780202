// What holds of mock interviews. Each claim throws if it is wrong; see test_interview.py.

import assert from "node:assert/strict"
import { readFileSync } from "node:fs"
import { claim, report } from "./claims.mjs"

const SCRIPTS = "../../docs/assets/javascripts/learning/"
const { chosenBy, hash, randomOf, shuffled } = await import(`${SCRIPTS}random.js`)
const { deeper, draw, ordered, takes } = await import(`${SCRIPTS}interview/draw.js`)
const { DEFAULTS, readAddress, writeAddress } = await import(`${SCRIPTS}interview/address.js`)
const { CASE_TAKES, MINUTES, MIXES, ROLES, roleOf } = await import(`${SCRIPTS}interview/roles.js`)
const { LEVELS } = await import(`${SCRIPTS}levels.js`)
const { addToReview, begun, keep, kept } = await import(`${SCRIPTS}interview/record.js`)
const { Stopwatch, clock, due } = await import(`${SCRIPTS}interview/time.js`)
const { emptyState, readState, writeState } = await import(`${SCRIPTS}state/format.js`)
const { queued, withSession } = await import(`${SCRIPTS}state/changes.js`)

const study = studyOf(JSON.parse(readFileSync(process.argv[2], "utf8")))
const questions = study.items.filter(({ kind }) => kind === "question")
const areaOf = item => study.topicBySlug.get(item.topic).area
const isCase = item => item.topic.startsWith("case-")
const upTo = number => [...Array(number).keys()]
const settings = changes => ({ ...DEFAULTS, seed: "oak", ...changes })
const ids = items => items.map(({ id }) => id)
const plannedOf = items => items.reduce((sum, item) => sum + takes(item), 0)

function studyOf({ areas, topics, items }) {
  const by = (list, key) => new Map(list.map(each => [each[key], each]))
  const maps = [by(areas, "id"), by(topics, "slug"), by(items, "id")]
  return { areas, topics, items, areaById: maps[0], topicBySlug: maps[1], itemById: maps[2] }
}

/** Sessions of every role, level and length. */
function* manySessions(seeds) {
  for (const { id } of ROLES) {
    for (const level of ["", ...LEVELS]) {
      for (const minutes of MINUTES) {
        for (const seed of upTo(seeds)) {
          const given = settings({ role: id, level, minutes, seed: `seed ${seed}` })
          yield { ...given, items: draw(study, given) }
        }
      }
    }
  }
}

// Chance ---------------------------------------------------------------------------------------

claim("random numbers lie between 0 and 1 evenly, and follow from their seed", () => {
  const random = randomOf("oak")
  const tens = upTo(10).map(() => 0)
  for (const _ of upTo(20_000)) tens[Math.floor(random() * 10)]++
  assert(tens.every(number => Math.abs(number - 2000) < 200), String(tens))
  assert.equal(randomOf("oak")(), randomOf("oak")())
  assert.notEqual(randomOf("oak")(), randomOf("oaks")())
})

claim("a shuffled list has the same members, each equally often in each place", () => {
  const random = randomOf("oak")
  const first = { a: 0, b: 0, c: 0, d: 0 }
  for (const _ of upTo(4000)) {
    const list = shuffled(["a", "b", "c", "d"], random)
    assert.deepEqual([...list].sort(), ["a", "b", "c", "d"])
    first[list[0]]++
  }
  assert(Object.values(first).every(number => Math.abs(number - 1000) < 150), JSON.stringify(first))
})

claim("a choice follows weights, not order, and nothing of weight 0 is chosen", () => {
  const found = { a: 0, b: 0, c: 0 }
  const weights = { a: 1, b: 3, c: 0 }
  for (const seed of upTo(4000)) {
    const choose = list => chosenBy(seed, list, each => each, each => weights[each])
    assert.equal(choose(["a", "b", "c"]), choose(["c", "b", "a"]))
    found[choose(["a", "b", "c"])]++
  }
  assert(Math.abs(found.b / found.a - 3) < 0.4 && found.c === 0, JSON.stringify(found))
  assert.equal(chosenBy("oak", ["c"], each => each, () => 0), undefined)
})

// The draw -------------------------------------------------------------------------------------

claim("the same settings and seed draw the same questions, however the guide orders them", () => {
  const mixed = studyOf({ ...study, items: study.items.toReversed() })
  mixed.items.sort((one, other) => Number(isCase(one)) - Number(isCase(other)))
  for (const { id } of ROLES) {
    const given = settings({ role: id, minutes: 45 })
    assert.deepEqual(ids(draw(study, given)), ids(draw(study, given)))
    assert.deepEqual(ids(draw(study, given)), ids(draw(mixed, given)))
  }
})

claim("another seed draws other questions", () => {
  const drawn = upTo(50).map(seed => ids(draw(study, settings({ seed: String(seed) }))).join())
  assert.equal(new Set(drawn).size, 50)
})

claim("a session fills its time, never exceeds it, and asks nothing twice", () => {
  for (const { items, minutes, role, level, seed } of manySessions(3)) {
    const said = JSON.stringify({ role, level, minutes, seed })
    assert(plannedOf(items) <= minutes && plannedOf(items) > minutes - 6, said)
    assert.equal(new Set(ids(items)).size, items.length, said)
    assert(items.every(({ kind }) => kind === "question"), said)
  }
})

claim("only areas and levels that are wanted are asked", () => {
  for (const { id } of study.areas) {
    const items = draw(study, settings({ role: "senior", areas: [id], minutes: 45 }))
    assert(items.length && items.every(item => areaOf(item) === id), id)
  }
  for (const { role, level, items } of manySessions(2)) {
    const shares = MIXES[level] ?? roleOf(role).levels
    assert(items.every(item => shares[LEVELS.indexOf(item.level)] > 0), `${role} ${level}`)
  }
})

claim("levels come as often as the role's shares say", () => {
  for (const { id, levels } of ROLES) {
    const all = upTo(25).flatMap(seed =>
      draw(study, settings({ role: id, minutes: 45, seed: String(seed) })),
    )
    const total = levels.reduce((sum, share) => sum + share)
    LEVELS.forEach((level, at) => {
      const share = all.filter(item => item.level === level).length / all.length
      assert(Math.abs(share - levels[at] / total) < 0.08, `${id} ${level} ${share}`)
    })
  }
})

claim("areas that a role weighs more come more often", () => {
  for (const { id, weightOf } of ROLES) {
    const drawn = {}
    for (const seed of upTo(120)) {
      for (const item of draw(study, settings({ role: id, minutes: 45, seed: String(seed) }))) {
        drawn[areaOf(item)] = (drawn[areaOf(item)] ?? 0) + 1
      }
    }
    const mean = areas => areas.reduce((sum, each) => sum + (drawn[each.id] ?? 0), 0) / areas.length
    const heavy = mean(study.areas.filter(each => weightOf(each.id) >= 4))
    const light = mean(study.areas.filter(each => weightOf(each.id) === 1))
    assert(heavy > 1.5 * light, `${id}: ${heavy} and ${light}`)
    assert.equal(Object.keys(drawn).length, study.areas.length, `${id} asks of every area`)
  }
})

claim("a session begins with its easiest question and gets harder", () => {
  for (const { items } of manySessions(2)) {
    const ranks = items.map(({ level }) => LEVELS.indexOf(level))
    assert.deepEqual(ranks, ranks.toSorted())
  }
})

claim("no two neighbors come from one topic wherever that can be had", () => {
  const areas = study.areas.map(({ id }) => [id])
  for (const area of [null, ...areas]) {
    for (const seed of upTo(8)) {
      apart(draw(study, settings({ role: "senior", minutes: 60, areas: area, seed: `${seed}` })))
    }
  }
  const random = randomOf("topics")
  for (const _ of upTo(1000)) {
    const picks = upTo(1 + Math.floor(random() * 9)).map(id => ({
      id,
      topic: String(Math.floor(random() * 4)),
      level: LEVELS[Math.floor(random() * 3)],
    }))
    assert.deepEqual(new Set(ordered(picks)), new Set(picks))
    apart(ordered(picks))
  }
})

function apart(items) {
  const topics = items.map(({ topic }) => topic)
  const most = Math.max(...topics.map(topic => topics.filter(each => each === topic).length))
  const touching = topics.some((topic, at) => at > 0 && topic === topics[at - 1])
  assert(!touching || most > (items.length + 1) / 2, topics.join())
}

claim("an hour of a role that asks for a case ends with one, and no other session has any", () => {
  const found = new Set()
  for (const { items, minutes, role, level } of manySessions(2)) {
    const cases = items.filter(isCase)
    const shares = MIXES[level] ?? roleOf(role).levels
    const wanted = minutes === 60 && roleOf(role).cases && shares[2] > 0
    assert.equal(cases.length, wanted ? 1 : 0, `${role} ${level} ${minutes}`)
    if (!wanted) continue
    assert.equal(items.at(-1), cases[0])
    assert.equal(takes(cases[0]), CASE_TAKES)
    assert(items.length >= 3)
    const others = questions.filter(({ topic }) => topic === cases[0].topic)
    assert.deepEqual([cases[0], ...deeper(study, cases[0])], others)
  }
  for (const seed of upTo(60)) {
    const hour = settings({ role: "senior", minutes: 60, seed: String(seed) })
    found.add(draw(study, hour).at(-1).topic)
  }
  const all = study.topics.filter(({ slug }) => slug.startsWith("case-"))
  assert.equal(found.size, all.length)
  const areas = study.areas.map(({ id }) => id).filter(id => id !== "career")
  assert(!draw(study, settings({ role: "senior", minutes: 60, areas })).some(isCase))
})

claim("the page shows the numbers by which sessions are drawn", () => {
  const page = readFileSync(new URL("../../docs/practice/interview.md", import.meta.url), "utf8")
  const rows = page.split("\n").filter(line => line.startsWith("| "))
  const cells = rows.map(row => row.split("|").slice(1, -1).map(cell => cell.trim()))
  const row = name => cells.find(([first]) => first === name)?.slice(1)
  assert.deepEqual(row("Share"), ROLES.map(({ title }) => title))
  LEVELS.forEach((level, at) => {
    const name = `${level[0].toUpperCase()}${level.slice(1)} questions`
    assert.deepEqual(row(name), ROLES.map(({ levels }) => String(levels[at])), name)
  })
  for (const { id, title } of study.areas) {
    assert.deepEqual(row(title), ROLES.map(({ weightOf }) => String(weightOf(id))), title)
  }
  assert.deepEqual(row("Case in an hour"), ROLES.map(({ cases }) => (cases ? "yes" : "no")))
  for (const { title } of ROLES) assert(page.includes(`- **${title}:**`), title)
})

// The address ----------------------------------------------------------------------------------

claim("an address brings back all settings and the very questions", () => {
  for (const { items, ...given } of manySessions(1)) {
    const found = readAddress(study, writeAddress(given, items))
    assert.deepEqual(found, { settings: given, items, view: "candidate", problems: [] })
  }
  const areas = ["caching", "databases"]
  const given = settings({ areas, seed: "ö & é = 100 % #1" })
  const items = draw(study, given)
  const found = readAddress(study, writeAddress(given, items, "interviewer"))
  assert.deepEqual(found, { settings: given, items, view: "interviewer", problems: [] })
})

claim("the codes of all questions differ, and tell nothing of their ids", () => {
  assert.equal(new Set(ids(questions).map(hash)).size, questions.length)
  const address = writeAddress(settings(), questions.slice(0, 9))
  for (const { id } of questions) if (id.length > 7) assert(!address.includes(id), id)
})

claim("questions that the guide gains later change no address, and few draws by seed", () => {
  const fresh = upTo(20).map(at => ({ ...questions[at * 20], id: `fresh-${at}` }))
  const grown = studyOf({ ...study, items: [...study.items, ...fresh] })
  let same = 0
  let all = 0
  for (const seed of upTo(40)) {
    const given = settings({ seed: String(seed), minutes: 45 })
    const items = draw(study, given)
    assert.deepEqual(readAddress(grown, writeAddress(given, items)).items, items)
    const after = ids(draw(grown, given))
    same += ids(items).filter(id => after.includes(id)).length
    all += items.length
  }
  assert(same / all > 0.7, `${same} of ${all} stay`)
})

claim("a question that has left the guide is told, and the others are asked", () => {
  const given = settings()
  const items = draw(study, given)
  const left = studyOf({ ...study, items: study.items.filter(item => item !== items[1]) })
  const found = readAddress(left, writeAddress(given, items))
  assert.deepEqual(found.items, items.filter(item => item !== items[1]))
  assert.deepEqual(found.problems, [`1 of its ${items.length} questions are not in the guide.`])
})

claim("without seed and questions an address fills in the form", () => {
  const { items, settings: found, problems } = readAddress(study, "?role=platform&utm_source=x")
  assert.deepEqual([items, found.role, problems], [null, "platform", []])
  assert.equal(readAddress(study, "", { role: "junior" }).settings.role, "junior")
})

claim("a hostile address throws nothing and leaves only settings that exist", () => {
  const random = randomOf("hostile")
  const any = list => list[Math.floor(random() * list.length)]
  const names = ["role", "level", "areas", "minutes", "seed", "draw", "v", "view", "__proto__"]
  const good = writeAddress(settings(), questions.slice(0, 3)).slice(1)
  const values = [
    "", " ", "senior", "constructor", "__proto__", "toString", "advanced", "30", "30.0", "1e9",
    "-1", "NaN", "http.caching", "http,nope", "....", "%", "%E0%A4%A", "<script>alert(1)</script>",
    "\u0000", "\ud800", "a".repeat(100_000), "1.".repeat(5000), "interviewer", "1",
    "🦊", "'\"`", "null",
    questions.map(({ id }) => hash(id).toString(36)).join("."),
  ]
  for (const _ of upTo(500)) {
    const parts = upTo(Math.floor(random() * 6)).map(() => `${any(names)}=${any(values)}`)
    const search = `?${[any([good, ""]), ...parts].join("&")}`
    const { settings: found, items, problems } = readAddress(study, search)
    assert(roleOf(found.role), search)
    assert(found.level === "" || LEVELS.includes(found.level), search)
    assert(MINUTES.includes(found.minutes), search)
    assert(found.areas === null || found.areas.every(id => study.areaById.has(id)), search)
    assert(found.areas === null || found.areas.length, search)
    assert(found.seed.length <= 40, search)
    assert(items === null || (items.length > 0 && items.length <= 20), search)
    assert(problems.every(each => each.length < 250), search)
    readAddress(study, writeAddress(found, items ?? []))
  }
})

// Time -----------------------------------------------------------------------------------------

claim("half of the time, the last minute and the end are each told once", () => {
  for (const minutes of [4, 5, 6, 15, 45, 60]) {
    const random = randomOf(String(minutes))
    const said = []
    for (let now = 0; now < minutes * 70; ) {
      const next = now + random() * 2
      const words = due(now, next, minutes * 60, "it")
      if (words) said.push([Math.floor(next / 60 + 0.05), words])
      now = next
    }
    assert.deepEqual(said.map(([, words]) => words), [
      "Half of the time for it is over.",
      "One minute left for it.",
      "The time for it is up.",
    ])
    assert.deepEqual(said.slice(1).map(([at]) => at), [minutes - 1, minutes])
  }
})

claim("a stopwatch counts while it runs and goes on where it stood", () => {
  let now = 1000
  const watch = new Stopwatch(10, () => now)
  now += 5000
  assert.equal(watch.seconds, 10)
  watch.start()
  now += 2500
  watch.start()
  assert.equal(watch.seconds, 12.5)
  watch.stop()
  now += 9000
  watch.stop()
  assert.deepEqual([watch.seconds, watch.runs], [12.5, false])
  assert.deepEqual([0, 59.9, 60, 3725].map(clock), ["0:00", "0:59", "1:00", "62:05"])
})

// What is kept ---------------------------------------------------------------------------------

/** As much of the store as sessions need. */
class Memory {
  constructor(state = emptyState()) {
    this.state = state
    this.time = 1_800_000_000_000
    this.clock = () => this.time
  }
  update(change) {
    this.state = change(this.state, this.time)
  }
}

claim("a session that is kept comes back whole, through the text that is stored", () => {
  const store = new Memory()
  const session = begun(settings({ areas: ["caching"] }), questions.slice(0, 3), 1_700_000_000_000)
  Object.assign(session.entries[1], { seconds: 61, grade: 2, note: "said\nlittle" })
  assert(keep(store, session))
  const { state, rejected } = readState(writeState(store.state))
  assert.equal(rejected, null)
  assert.deepEqual(kept(study, state), [session])
})

claim("notes that are too long are left out, the ratings stay", () => {
  const store = new Memory()
  const session = begun(settings(), questions.slice(0, 3), 1_700_000_000_000)
  for (const entry of session.entries) Object.assign(entry, { grade: 3, note: "ä\n".repeat(9000) })
  assert(!keep(store, session))
  const [found] = kept(study, readState(writeState(store.state)).state)
  assert(found.entries.every(({ grade, note }) => grade === 3 && note === ""))
})

claim("ratings go to review once as answers; what was missed or partly had waits there", () => {
  const store = new Memory()
  const [one, two, three, four] = questions
  store.update((state, at) => queued(state, three.id, at))
  const session = begun(settings(), [one, two, three, four], 1_700_000_000_000)
  ;[1, 2, 4, 0].forEach((grade, at) => (session.entries[at].grade = grade))
  assert.equal(addToReview(store, session), 2)
  const { items } = store.state
  assert.deepEqual(items[one.id].log, [[store.time, "interview", 1, 0]])
  assert.deepEqual([one, two, three].map(({ id }) => items[id].queued), [true, true, true])
  assert.deepEqual(items[three.id].log, [[store.time, "interview", 4, 0]])
  assert.equal(items[four.id], undefined)
  assert.equal(kept(study, store.state)[0].added, store.time)
})

claim("sessions of an imported state may hold anything; only what makes sense is listed", () => {
  const good = begun(settings(), questions.slice(0, 2), 5)
  const { key, ...value } = good
  const odd = [
    null, 1, "x", [], {}, { entries: 1 }, { ...value, entries: [] },
    { ...value, entries: [null, 1] }, { ...value, seed: undefined, minutes: "30" },
    { ...value, role: "constructor" }, { ...value, role: { id: 1 } }, { ...value, minutes: 1e99 },
    { ...value, entries: [{ id: "no-such-item" }] }, { ...value, entries: [{ id: {} }] },
  ]
  const bent = {
    ...value,
    level: [], areas: ["nope", {}], seed: { a: 1 }, finished: "soon", added: -1,
    entries: [{ id: questions[0].id, seconds: "9e9", grade: 9, note: { a: 1 } }],
  }
  let state = withSession(emptyState(), key, value, 1)
  odd.forEach((each, at) => (state = withSession(state, `interview-${at + 10}`, each, 1)))
  for (const name of ["interview-", "interview-x", "interview-1e99", "placement-1"]) {
    state = withSession(state, name, value, 1)
  }
  state = withSession(state, "interview-9", bent, 1)
  const found = kept(study, state)
  assert.deepEqual(found.map(each => each.key), ["interview-9", "interview-5"])
  assert.deepEqual(found[0].entries[0].grade, 0)
  assert.equal(found[0].areas, null)
  for (const session of found) {
    writeAddress(session, session.entries.map(({ id }) => study.itemById.get(id)))
  }
})

await report()
