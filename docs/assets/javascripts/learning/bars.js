// On pages that list topics: what the reader has read, tested and has due of each.

import { h } from "./dom.js"
import { loadStudy, ROOT } from "./site.js"
import { summarize } from "./state/summary.js"
import { theStore } from "./state/store.js"

/** Say behind every link of class topic-link in `root` how far the reader is, if at all. */
export async function start(root) {
  const study = await loadStudy().catch(() => null)
  if (!study || !root.isConnected) return
  const slugs = new Map(study.topics.map(({ slug, url }) => [new URL(url, ROOT).pathname, slug]))
  const places = [...root.querySelectorAll(".topic-link")].map(link => {
    const said = h("span", { class: "topic-progress" })
    const place = link.closest("li") ?? link.closest("h3")?.nextElementSibling
    place?.querySelector(".topic-progress")?.remove()
    place?.append(said)
    return { said, slug: slugs.get(link.pathname) }
  })
  const store = theStore()
  const draw = () => {
    const { topics } = summarize(study, store.state, store.clock())
    for (const { said, slug } of places) {
      const words = slug ? wordsOf(topics.get(slug)) : ""
      said.textContent = words
      said.hidden = !words
    }
  }
  draw()
  const stop = store.subscribe(() => (root.isConnected ? draw() : stop()))
}

/** "read · 3 of 6 tested · 2 due", or "" for a topic that was never touched. */
function wordsOf({ read, tested, items, due }) {
  const words = [read && "read", tested && `${tested} of ${items} tested`, due && `${due} due`]
  return words.filter(Boolean).join(" · ")
}
