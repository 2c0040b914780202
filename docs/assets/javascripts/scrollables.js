// Boxes that scroll sideways when they are narrow: code and tables. A table's is named, because it
// gets the focus; one that does not scroll is nothing to a screen reader but the table in it.

const TABLE = ".table-box"
const BOXES = `${TABLE}, pre > code`
const STOP = { tabindex: "0" }
const NAMED = { ...STOP, role: "group", "aria-label": "Table" }

/** Give scrollable boxes a place in the tab order for as long as they scroll (WCAG 2.1.1). */
export function watchScrollables(root) {
  const observer = new ResizeObserver(entries => {
    for (const { target } of entries) {
      const scrolls = target.scrollWidth > target.clientWidth
      const given = target.matches(TABLE) ? NAMED : STOP
      for (const [name, value] of Object.entries(given)) {
        if (scrolls) target.setAttribute(name, value)
        else target.removeAttribute(name)
      }
    }
  })
  for (const box of root.querySelectorAll(BOXES)) observer.observe(box)
}
