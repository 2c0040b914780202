// A session's address holds all of it: the settings, the seed, and the questions themselves, each
// as a code made from its permanent id. So an address shows the same questions however the guide
// has grown since, and gives none of them away to who reads it in the address bar.

import { hash } from "../random.js"
import { draw } from "./draw.js"
import { MINUTES, MIXES, roleOf } from "./roles.js"

const VERSION = 1
const MAX_SEED = 40
const MAX_DRAW = 20

/** The settings of somebody who has chosen nothing yet. */
export const DEFAULTS = { role: "backend", level: "", areas: null, minutes: 30, seed: "" }

const codeOf = item => hash(item.id).toString(36)

/** A short word nobody else will have drawn. */
export const newSeed = () => crypto.getRandomValues(new Uint32Array(1))[0].toString(36)

/**
 * Read the part of an address after "?": { settings, items, view, problems }. `items` is null
 * without a seed or questions: then there is no session yet. Whatever makes no sense is replaced
 * by its default, and `problems` says so in sentences.
 */
export function readAddress(study, search, known = {}) {
  const given = new URLSearchParams(search)
  const problems = []
  const settings = { ...DEFAULTS, ...known }

  /** Take over a parameter if `read` makes something of it. */
  const take = (name, read, otherwise) => {
    const text = given.get(name)
    if (text === null) return
    const value = read(text)
    if (value !== undefined) settings[name] = value
    else problems.push(`No ${name} of this guide: ${quote(text)}. ${otherwise}`)
  }

  take("role", text => roleOf(text)?.id, `The role is ${roleOf(settings.role).title}.`)
  take("level", text => (text === "" || Object.hasOwn(MIXES, text) ? text : undefined),
    "The level is what the role asks.")
  take("minutes", text => MINUTES.find(each => String(each) === text),
    `The session takes ${settings.minutes} minutes.`)
  take("areas", text => knownAreas(study, text, problems), "All areas are in.")
  take("seed", text => text.trim().slice(0, MAX_SEED))
  if (given.has("v") && given.get("v") !== String(VERSION)) {
    problems.push("Another version of this page made the address; it may mean other questions.")
  }
  const items = namedItems(study, given.get("draw") ?? "", problems)
  const drawn = items ?? (settings.seed ? draw(study, settings) : null)
  const view = given.get("view") === "interviewer" ? "interviewer" : "candidate"
  return { settings, items: drawn, view, problems }
}

function knownAreas(study, text, problems) {
  const named = [...new Set(text.split(/[., ]+/).filter(Boolean))]
  const known = named.filter(id => study.areaById.has(id))
  if (!known.length) return undefined
  const others = named.filter(id => !known.includes(id))
  if (others.length) problems.push(`Some areas are not known here: ${quote(others.join(", "))}.`)
  return known.length === study.areas.length ? null : known
}

/** The items that an address names, or null if it names none that exist. */
function namedItems(study, text, problems) {
  const codes = [...new Set(text.split(".").filter(Boolean))]
  if (!codes.length) return null
  const byCode = new Map(
    study.items.filter(({ kind }) => kind === "question").map(item => [codeOf(item), item]),
  )
  const items = codes.flatMap(code => byCode.get(code) ?? [])
  if (items.length < codes.length) {
    const gone = codes.length - items.length
    problems.push(`${gone} of its ${codes.length} questions are not in the guide.`)
  }
  if (items.length > MAX_DRAW) problems.push(`The session ends after ${MAX_DRAW} questions.`)
  return items.length ? items.slice(0, MAX_DRAW) : null
}

const quote = text => `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`

/** The part of the address after "?" for a session; without `items` for its settings. */
export function writeAddress({ role, level, areas, minutes, seed }, items = [], view = "") {
  const parts = { role, level, areas: areas?.join("."), minutes, seed }
  Object.assign(parts, { draw: items.map(codeOf).join("."), v: VERSION, view })
  return `?${new URLSearchParams(Object.entries(parts).filter(([, value]) => value))}`
}
