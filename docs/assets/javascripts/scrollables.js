// Boxes that scroll sideways when they are narrow: code and tables.

const BOXES = ".md-typeset__scrollwrap, pre > code"

/** Give scrollable boxes a place in the tab order for as long as they scroll (WCAG 2.1.1). */
export function watchScrollables(root) {
  const observer = new ResizeObserver(entries => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0
      else target.removeAttribute("tabindex")
    }
  })
  for (const box of root.querySelectorAll(BOXES)) observer.observe(box)
  for (const box of root.querySelectorAll(".md-typeset__scrollwrap")) {
    box.setAttribute("role", "group")
    box.setAttribute("aria-label", "Table")
  }
}
