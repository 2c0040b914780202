// One question or check-yourself item, cut from the page of its topic.

import { itemUrl } from "./site.js"

// Published pages have quotes only where HTML needs them.
const HEADING = /<(h[1-3]|div class="?topic-end|\/article)\b/
const REFERENCES = ["for", "headers", "aria-labelledby", "aria-describedby", "aria-controls"]

const pages = new Map()
let cards = 0

/**
 * The section of an item as its topic's page shows it: a fragment of the heading (whose `data-item`
 * is the item's id) and what follows it up to the next heading. Links and images are absolute, and
 * no id in it occurs elsewhere in the document; guide.js gives it what content has on any page. Each
 * page is fetched once; each call makes a new fragment. Rejects if the page cannot be had or no longer has the item.
 */
export async function fetchCard(study, item) {
  const url = itemUrl(study, item)
  const section = cut(await loadPage(url), item.id)
  if (!section) throw new Error(`${url} is not there`)
  const card = document.createDocumentFragment()
  card.append(...new DOMParser().parseFromString(section, "text/html").body.childNodes)
  card.querySelector(".headerlink")?.remove()
  card.firstElementChild.dataset.item = item.id
  resolveLinks(card, url)
  renameIds(card, `card-${++cards}-`)
  document.dispatchEvent(new CustomEvent("guide:content", { detail: card }))
  return card
}

/** The text of the page at `url`, the same for all its items. */
function loadPage({ href }) {
  const address = href.split("#")[0]
  if (!pages.has(address)) {
    const page = fetchPage(address)
    pages.set(address, page)
    page.catch(() => pages.delete(address)) // the next call tries again
  }
  return pages.get(address)
}

async function fetchPage(address) {
  const response = await fetch(address)
  if (!response.ok) throw new Error(`${address}: ${response.status}`)
  return response.text()
}

/** The section of a heading, as text: a slow device needs long to parse a whole page. */
function cut(page, id) {
  const start = page.search(new RegExp(`<h3[^>]* id="?${id}[" >]`))
  if (start < 0) return null
  const after = page.indexOf(">", start)
  const length = page.slice(after).search(HEADING)
  return page.slice(start, length < 0 ? undefined : after + length)
}

/** What is relative to the topic's page leads there from any other. */
function resolveLinks(card, base) {
  for (const name of ["href", "src"]) {
    for (const element of card.querySelectorAll(`a[${name}], img[${name}], source[${name}]`)) {
      element.setAttribute(name, new URL(element.getAttribute(name), base).href)
    }
  }
}

/** Put `prefix` before each id and whatever refers to it; groups of radios stay apart, too. */
function renameIds(card, prefix) {
  const ids = new Set([...card.querySelectorAll("[id]")].map(({ id }) => id))
  const renamed = id => (ids.has(id) ? prefix + id : id)
  for (const element of card.querySelectorAll("*")) {
    for (const { name, value } of [...element.attributes]) {
      const text = newValue(element, name, value, renamed, prefix)
      if (text !== value) element.setAttribute(name, text)
    }
  }
}

function newValue(element, name, value, renamed, prefix) {
  if (name === "id") return renamed(value)
  if (name === "name" && element.type === "radio") return prefix + value
  if (REFERENCES.includes(name)) return value.split(/\s+/).map(renamed).join(" ")
  if (name.endsWith("href") && value.startsWith("#")) return `#${renamed(value.slice(1))}`
  return value.replace(/url\(#([^)]+)\)/g, (_, id) => `url(#${renamed(id)})`)
}
