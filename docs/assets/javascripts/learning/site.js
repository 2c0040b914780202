// Where the site is, and what there is to study: the one file that every learning tool reads.

import { button, focusOn, h } from "./dom.js"

/** URL of the site's root, with a trailing slash, from the theme; the site may be under a sub-path. */
export const ROOT = globalThis.__md_scope

let study

/**
 * What can be studied: { areas, topics, items, minutes }, as `guide.export.study` writes it, and
 * maps by id.
 *
 * topics: slug, title, area, level, minutes, weight (0 to 100), needs (slugs), tags, url (from the
 *   root)
 * items: id, kind ("question" or "quiz"), topic (slug), level, title
 * minutes: what a question takes (answer, again) and a worked case before it is read (design)
 */
export function loadStudy() {
  study ??= fetchStudy().catch(error => {
    study = undefined // the next call tries again
    throw error
  })
  return study
}

async function fetchStudy() {
  const response = await fetch(new URL("practice/study.json", ROOT))
  if (!response.ok) throw new Error(`practice/study.json: ${response.status}`)
  const { areas, topics, items, minutes } = await response.json()
  const by = (list, key) => new Map(list.map(each => [each[key], each]))
  return {
    areas,
    topics,
    items,
    minutes,
    areaById: by(areas, "id"),
    topicBySlug: by(topics, "slug"),
    itemById: by(items, "id"),
  }
}

/** Address of an item: its heading on its topic's page. */
export const itemUrl = (study, { topic, id }) =>
  new URL(`${study.topicBySlug.get(topic).url}#${id}`, ROOT)

/** A link to a page by its path from the root, or to any URL. */
export const link = (path, text, attributes = {}) =>
  h("a", { href: new URL(path, ROOT), ...attributes }, text)

/** A link to an item, with its title. */
export const itemLink = (study, item) => link(itemUrl(study, item), item.title)

/**
 * What there is to study; or null, and `place` says that it could not be loaded, with a button that
 * calls `again`. The reader who has just pressed it hears of it.
 */
export async function studyIn(place, again) {
  try {
    return await loadStudy()
  } catch {
    const text = h("p", {}, "The list of questions could not be loaded. Are you offline?")
    const retried = place.contains(document.activeElement)
    place.replaceChildren(text, button("Try again", again))
    if (retried) focusOn(text)
    return null
  }
}
