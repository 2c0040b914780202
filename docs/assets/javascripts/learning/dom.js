// Small helpers to build accessible elements without a framework and without HTML in strings.

let ids = 0

/** An id that no other element has. */
export const uniqueId = prefix => `${prefix}-${++ids}`

/**
 * Make an element. `attributes`: `class`, any attribute (true and false set and leave it), and
 * `on*` listeners; children are nodes or texts, null and false are left out.
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value)
    else if (value === true) element.setAttribute(name, "")
    else if (value !== false && value != null) element.setAttribute(name, value)
  }
  element.append(...children.flat().filter(child => child != null && child !== false))
  return element
}

/** A button that submits nothing. */
export const button = (text, onclick, attributes = {}) =>
  h("button", { type: "button", class: "tool-button", onclick, ...attributes }, text)

/** How a button or link looks that most readers want. */
export const MAIN = "tool-button tool-button--main"

/** Buttons, and links that look like them, in a row. */
export const buttonRow = (...buttons) => h("div", { class: "tool-buttons" }, ...buttons)

let live

/** Have a screen reader say `text` when it has finished what it says now. */
export function announce(text) {
  live ??= h("p", { class: "tool-live", role: "status" })
  if (!live.isConnected) document.body.append(live)
  live.textContent = ""
  setTimeout(() => (live.textContent = text), 50)
}

/** Move the focus to what has just appeared, so that the keyboard and a screen reader follow. */
export function focusOn(element) {
  if (!element.matches("a[href], button, input, select, textarea, summary")) element.tabIndex = -1
  element.focus()
}

/** "3 questions", "1 question". */
export const count = (number, one, many = `${one}s`) =>
  `${number.toLocaleString("en")} ${number === 1 ? one : many}`
