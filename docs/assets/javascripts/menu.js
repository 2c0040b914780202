// The menu of small screens. The theme opens it from a label, which no key reaches, lays it over the
// page and leaves the page behind it in reach of the keyboard. Here it opens from a button, takes the
// focus, keeps it until it is closed (by its own button, by Escape, or by a click beside it), and
// gives it back.

const SMALL = "(max-width: 76.2344em)"

/** Make the menu work for everybody. Call it once: pages that are swapped share its button. */
export function enableMenu() {
  const label = document.querySelector(".md-header label[for=__drawer]")
  const drawer = document.getElementById("__drawer")
  if (!label || !drawer) return
  const opener = button(`${label.className} md-header__menu`, "Navigation", drawer)
  opener.append(...label.childNodes)
  label.replaceWith(opener)
  let still = [] // what the open menu keeps from the keyboard and from screen readers
  drawer.addEventListener("change", follow)
  addEventListener("keydown", ({ key }) => key === "Escape" && drawer.checked && drawer.click())
  matchMedia(SMALL).addEventListener("change", ({ matches }) => {
    if (!matches && drawer.checked) drawer.click()
  })
  follow()

  function follow() {
    const open = drawer.checked
    const menu = document.querySelector(".md-sidebar--primary")
    opener.setAttribute("aria-expanded", String(open))
    const had = menu.contains(document.activeElement)
    for (const element of still) element.inert = false
    still = open ? around(menu) : []
    for (const element of still) element.inert = true
    if (open) closerOf(menu, drawer).focus()
    else if (had) opener.focus()
  }
}

/** The button at the top of the menu, made when the menu of a page opens for the first time. */
function closerOf(menu, drawer) {
  const known = menu.querySelector(".menu-close")
  if (known) return known
  const closer = button("menu-close", "Close navigation", drawer)
  closer.textContent = "✕"
  menu.querySelector(".md-nav--primary").prepend(closer)
  return closer
}

/** All that is neither in `element` nor around it, but for what closes the menu by a click. */
function around(element) {
  const found = []
  for (let each = element; each !== document.body; each = each.parentElement) {
    for (const other of each.parentElement.children) {
      if (other !== each && !other.inert && !other.matches(".md-overlay, script")) found.push(other)
    }
  }
  return found
}

function button(className, label, drawer) {
  const made = document.createElement("button")
  made.type = "button"
  made.className = className
  made.setAttribute("aria-label", label)
  made.addEventListener("click", () => drawer.click())
  return made
}
