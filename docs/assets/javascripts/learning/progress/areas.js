// Bars per area and topic: read, tested, due.

import { button, count, h } from "../dom.js"
import { link } from "../site.js"

/** The areas, each with its topics; `onReset(topic, place)` asks. Returns { element, draw }. */
export function areaList(study, onReset) {
  const draws = []
  const withBars = key => {
    const { element, draw } = bars()
    draws.push(summary => draw(key(summary)))
    return element
  }
  const topicRow = topic => {
    const name = link(topic.url, topic.title)
    const label = { "aria-label": `Reset ${topic.title}` }
    const reset = button("Reset", () => onReset(topic, name), label)
    draws.push(({ topics }) => {
      const { read, tested, items, new: untouched } = topics.get(topic.slug)
      reset.hidden = !read && !tested && untouched === items
    })
    const row = withBars(({ topics }) => topics.get(topic.slug))
    return h("li", {}, h("div", { class: "progress-topic" }, name, reset), row)
  }
  const areas = study.areas.map(area => {
    const topics = study.topics.filter(topic => topic.area === area.id)
    const review = link(`practice/review/?area=${area.id}`, "")
    draws.push(({ areas }) => {
      const { due } = areas.get(area.id)
      review.textContent = due ? `Review ${count(due, "item")} due` : "Review this area"
    })
    return h(
      "details",
      { class: "progress-area" },
      h(
        "summary",
        {},
        h("span", { class: "progress-title" }, area.title),
        withBars(summary => summary.areas.get(area.id)),
      ),
      h("p", {}, link(area.url, "Go to this area"), " · ", review),
      h("ul", {}, topics.map(topicRow)),
    )
  })
  return {
    element: h("div", { class: "progress-areas" }, areas),
    draw: summary => draws.forEach(draw => draw(summary)),
  }
}

/** Three bars with their numbers as text. */
export function bars() {
  const parts = ["read", "tested", "due"].map(name => {
    const text = h("span")
    const bar = h("progress", { class: `progress-${name}`, "aria-hidden": "true" })
    return { name, text, bar, element: h("span", { class: "progress-bar" }, text, bar) }
  })
  const draw = sums => {
    for (const { name, text, bar } of parts) {
      const whole = name === "read" ? sums.topics : sums.items
      bar.max = whole || 1
      bar.value = sums[name]
      text.textContent = wordsOf(name, sums, whole)
    }
  }
  const elements = parts.map(({ element }) => element)
  return { element: h("span", { class: "progress-bars" }, elements), draw }
}

function wordsOf(name, sums, whole) {
  if (name === "due") return sums.due ? `${sums.due} due` : "None due"
  if (name === "read" && whole === 1) return sums.read ? "Read" : "Not read"
  return `${sums[name]} of ${whole} ${name}`
}
