/**
 * Enlarge a diagram: a native dialog shows a copy fitted to the window.
 *
 * Works by button, by click, and by Enter on the focused diagram. Everything it needs is made
 * here, so a page without scripts has no dead control.
 */

/** Pixels beside a part of a drawing that was scrolled to, for the mark of the focus. */
const ROOM = 8;

let dialog;
let opener;

/**
 * Give every diagram under `root` its controls. Safe to call again on the same content.
 * @param {ParentNode} root
 */
export function enhanceDiagrams(root = document) {
  for (const figure of root.querySelectorAll(".diagram:not(.diagram--ready)")) {
    const region = figure.querySelector(".diagram__scroll");
    const svg = region?.querySelector("svg");
    if (!svg) continue;
    figure.classList.add("diagram--ready");
    const name = svg.querySelector("title")?.textContent ?? "diagram";
    const button = control("diagram__enlarge", "Enlarge", `Enlarge: ${name}`);
    region.after(button);
    button.addEventListener("click", () => show(svg, name, button));
    svg.addEventListener("click", ({ target }) => {
      if (!target.closest("a")) show(svg, name, button);
    });
    region.addEventListener("focusin", ({ target }) => target !== region && reveal(target, region));
    region.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.target !== region) return;
      event.preventDefault();
      show(svg, name, region);
    });
  }
}

/** Browsers scroll to a part of a drawing that gets the focus, but not sideways. */
function reveal(part, region) {
  const [inner, outer] = [part.getBoundingClientRect(), region.getBoundingClientRect()];
  if (inner.left < outer.left) region.scrollLeft += inner.left - outer.left - ROOM;
  else if (inner.right > outer.right) region.scrollLeft += inner.right - outer.right + ROOM;
}

function show(svg, name, from) {
  opener = from;
  dialog ??= makeDialog();
  if (!dialog.isConnected) document.body.append(dialog);
  dialog.setAttribute("aria-label", name);
  dialog.querySelector(".diagram__view").replaceChildren(copyOf(svg));
  dialog.showModal();
}

/** A copy with ids of its own: two elements with one id would confuse assistive technology. */
function copyOf(svg) {
  const copy = svg.cloneNode(true);
  for (const element of [copy, ...copy.querySelectorAll("*")]) {
    for (const { name, value } of [...element.attributes]) {
      const refers = name === "id" || /^aria-\w+edby$/.test(name);
      if (refers) element.setAttribute(name, `${value}-large`);
      else if (value.startsWith("url(#")) element.setAttribute(name, value.replace(")", "-large)"));
    }
  }
  return copy;
}

function makeDialog() {
  const made = document.createElement("dialog");
  made.className = "diagram diagram__dialog diagram--ready";
  const close = control("diagram__close", "Close");
  const view = document.createElement("div");
  view.className = "diagram__view";
  view.tabIndex = 0;
  close.addEventListener("click", () => made.close());
  made.addEventListener("close", () => {
    view.replaceChildren();
    if (opener?.isConnected) opener.focus();
  });
  view.addEventListener("click", ({ target }) => target.closest("a") && made.close());
  made.append(close, view);
  return made;
}

function control(className, text, label) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = className;
  button.textContent = text;
  if (label) button.setAttribute("aria-label", label);
  return button;
}
