// Where the site is, and what there is to study: the one file that every learning tool reads.

/** URL of the site's root, with a trailing slash; the site may live under a sub-path. */
export const ROOT = new URL("../../../", import.meta.url)

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
export function itemUrl(study, item) {
  return new URL(`${study.topicBySlug.get(item.topic).url}#${item.id}`, ROOT)
}
