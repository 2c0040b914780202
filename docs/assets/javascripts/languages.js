// The reader's programming language. The theme keeps equal tabs in step on a page and remembers
// the labels chosen, latest first, under `__tabs`. This adds two things: a link may carry the
// choice (?lang=go), and a tab set that lacks the chosen language says so.

const LANGUAGES = ["Python", "Go", "JavaScript", "Java"]
const ALIASES = new Map(
  Object.entries({ py: "Python", golang: "Go", js: "JavaScript", node: "JavaScript" }),
)

/** The language that a word in a link stands for, or undefined. */
function languageNamed(word) {
  const name = word?.trim().toLowerCase() ?? ""
  return ALIASES.get(name) ?? LANGUAGES.find(language => language.toLowerCase() === name)
}

/** The labels the reader has chosen, latest first. The theme's helpers survive missing storage. */
function chosenLabels() {
  const labels = window.__md_get?.("__tabs")
  return Array.isArray(labels) ? labels : []
}

function remember(label) {
  window.__md_set?.("__tabs", [...new Set([label, ...chosenLabels()])])
}

/** The tabs of one set: [{ input, text }]. */
function tabsOf(set) {
  return [...set.querySelectorAll(":scope > .tabbed-labels > label")].flatMap(label => {
    const input = document.getElementById(label.htmlFor)
    return input ? [{ input, text: label.textContent.trim() }] : []
  })
}

/** Say in each set of programming languages that lacks the chosen one that it does. */
function noteMissing(sets, language) {
  for (const set of sets) {
    set.querySelector(":scope > .tabbed-note")?.remove()
    const texts = tabsOf(set).map(tab => tab.text)
    const offersCode = texts.some(text => LANGUAGES.includes(text))
    if (!language || !offersCode || texts.includes(language)) continue
    const note = document.createElement("p")
    note.className = "tabbed-note"
    note.textContent = `No ${language} version here`
    set.querySelector(":scope > .tabbed-labels").after(note)
  }
}

/** Follow ?lang= and keep the notes true. `root` is the part of the page that was just loaded. */
export function initLanguages(root) {
  const sets = [...root.querySelectorAll(".tabbed-set")]
  const url = new URL(location.href)
  const linked = languageNamed(url.searchParams.get("lang"))
  let language = linked ?? chosenLabels().find(label => LANGUAGES.includes(label))
  if (linked) {
    remember(linked)
    for (const set of sets) {
      const tab = tabsOf(set).find(({ text }) => text === linked)
      if (tab) tab.input.checked = true
    }
  }
  noteMissing(sets, language)

  for (const set of sets) {
    // Choosing the tab that is shown already is a choice, too, and changes no input: so not `change`.
    set.addEventListener("click", ({ target }) => {
      const text = tabsOf(set).find(({ input }) => input === target)?.text
      if (!LANGUAGES.includes(text) || text === language) return
      language = text
      remember(text)
      noteMissing(sets, language)
      // A linked language that the reader has left must not come back with a reload.
      const here = new URL(location.href)
      if (!here.searchParams.has("lang")) return
      here.searchParams.set("lang", text.toLowerCase())
      history.replaceState(history.state, "", here)
    })
  }
}
