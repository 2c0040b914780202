// The switch between the system's scheme, light and dark. What is chosen is stored as the theme
// stores it; the first option is the system's. Before the first paint a script in the header
// (overrides/partials/javascripts/palette.html) has shown what was chosen.

const dark = matchMedia("(prefers-color-scheme: dark)")
const options = [...document.getElementsByName("__palette")]
const chosen = () => options.find(option => option.checked) ?? options[0]
const colors = {}

/** Make the switch work, for as long as this document lasts. */
export function initScheme() {
  for (const option of options) {
    option.addEventListener("change", () => choose(option))
    option.addEventListener("keydown", ({ key }) => key === "Enter" && step(option))
  }
  dark.addEventListener("change", show)
}

/** Let the browser's own surfaces have the color of the page: one meta element in place of two. */
export function paintBrowser() {
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) {
    if (meta.media) colors[meta.media.includes("dark") ? "slate" : "default"] = meta.content
    meta.remove()
  }
  const meta = document.createElement("meta")
  meta.name = "theme-color"
  meta.content = colors[document.body.dataset.mdColorScheme]
  document.head.append(meta)
}

function step(option) {
  const next = options[(options.indexOf(option) + 1) % options.length]
  next.click()
  next.focus()
}

function choose(option) {
  show()
  const { mdColorMedia: media, mdColorScheme: scheme } = option.dataset
  window.__md_set("__palette", { index: options.indexOf(option), color: { media, scheme } })
}

function show() {
  const option = chosen()
  const system = dark.matches ? "slate" : "default"
  const scheme = option === options[0] ? system : option.dataset.mdColorScheme
  document.body.dataset.mdColorScheme = document.documentElement.dataset.scheme = scheme
  for (const each of options) each.nextElementSibling.hidden = each !== option
  paintBrowser()
}
