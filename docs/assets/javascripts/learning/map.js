// The map of topics: marks at its nodes what is read, what is due and what can come next.

import { count, h } from "./dom.js"
import { ROOT, link, studyIn } from "./site.js"
import { readAt } from "./state/changes.js"
import { summarize } from "./state/summary.js"
import { theStore } from "./state/store.js"

const SVG = "http://www.w3.org/2000/svg"
const SHOWN = 5
const SIGNS = { read: "✓", next: "→", due: "!" }
const MEANING = {
  read: "read",
  next: "next: you have read all that it builds on",
  due: "items due",
}

/** Mark the map, and list the topics that can come next. */
export async function start(element) {
  const study = await studyIn(element, () => start(element))
  if (!study) return
  const store = theStore()
  const content = element.parentElement
  const nodes = [...content.querySelectorAll(".diagram svg a")].map(link => ({
    link,
    name: link.getAttribute("aria-label"),
    url: new URL(link.getAttribute("href"), location).href,
  }))
  const show = () => {
    const marks = marksOf(study, store)
    for (const node of nodes) markNode(node, marks.get(node.url))
    element.replaceChildren(...overview(study, store.state, marks))
  }
  show()
  const stop = store.subscribe(() => (element.isConnected ? show() : stop()))
}

const urlOf = topic => new URL(topic.url, ROOT).href

/** By address of the topic: { topic, read, next, due }. */
function marksOf(study, { state, clock }) {
  const { topics } = summarize(study, state, clock())
  const isRead = slug => readAt(state, slug) > 0
  return new Map(
    study.topics.map(topic => {
      const read = isRead(topic.slug)
      const next = !read && topic.needs.every(isRead)
      return [urlOf(topic), { topic, read, next, due: topics.get(topic.slug).due }]
    }),
  )
}

/** Say the marks of a node in its name, and show each as a sign at its upper edge. */
function markNode({ link, name }, mark) {
  if (!mark) return
  for (const old of link.querySelectorAll(".map-sign")) old.remove()
  const shown = Object.keys(SIGNS).filter(sign => mark[sign])
  const said = { read: "read", next: "next", due: `${count(mark.due, "item")} due` }
  link.setAttribute("aria-label", [name, ...shown.map(sign => said[sign])].join(", "))
  link.setAttribute("class", shown.map(sign => `map-${sign}`).join(" "))
  const { x, y, width } = link.querySelector("rect, path, polygon").getBBox()
  shown.forEach((sign, index) => {
    const at = { x: x + width - 10 - 22 * index, y }
    const group = svg("g", { class: "map-sign", "aria-hidden": "true" })
    const text = svg("text", { class: "on-accent", x: at.x, y: at.y + 4 })
    text.textContent = SIGNS[sign]
    group.append(svg("circle", { class: "accent", cx: at.x, cy: at.y, r: 9 }), text)
    link.append(group)
  })
}

function svg(tag, attributes) {
  const element = document.createElementNS(SVG, tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  return element
}

function overview(study, state, marks) {
  const all = [...marks.values()]
  const read = all.filter(mark => mark.read).length
  const due = all.filter(mark => mark.due).length
  const next = all.filter(mark => mark.next).sort((a, b) => b.topic.weight - a.topic.weight)
  const line = ({ topic: { title, url, level, needs, minutes } }) => {
    const before = needs.map(slug => study.topicBySlug.get(slug).title.split(":")[0])
    const why = before.length ? `builds on ${before.join(" and ")}` : "builds on nothing else"
    return h("li", {}, link(url, title), ` · ${level} · ${minutes} min · ${why}`)
  }
  return [
    h(
      "p",
      {},
      `You have read ${read} of ${count(all.length, "topic")}; `,
      `${count(due, "topic has", "topics have")} items due. `,
      next.length > 0 && "Next topics, what matters most first:",
    ),
    next.length > 0 && h("ul", { class: "map-next-topics" }, next.slice(0, SHOWN).map(line)),
    h("p", {}, "Signs:"),
    h(
      "ul",
      { class: "map-legend" },
      Object.entries(SIGNS).map(([sign, text]) =>
        h("li", {}, h("span", { class: "map-key", "aria-hidden": "true" }, text), MEANING[sign]),
      ),
    ),
  ].filter(Boolean)
}
