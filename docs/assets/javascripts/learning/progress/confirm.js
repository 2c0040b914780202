// A question that must be answered before something is lost.

import { button, buttonRow, h, uniqueId } from "../dom.js"

/**
 * Ask in a dialog. `actions` are [text, what it does, whether the dialog stays]; "Cancel" comes
 * first, with the focus, which returns to where it was unless an action moves it.
 */
export function confirm(title, texts, actions) {
  const heading = h("h2", { id: uniqueId("dialog") }, title)
  const buttons = actions.map(([text, act, stays]) =>
    button(text, () => {
      if (!stays) dialog.close()
      act()
    }),
  )
  const cancel = button(actions.length ? "Cancel" : "Close", () => dialog.close())
  const dialog = h(
    "dialog",
    { class: "tool-dialog", "aria-labelledby": heading.id, onclose: () => dialog.remove() },
    heading,
    texts.map(text => h("p", {}, text)),
    buttonRow(cancel, buttons),
  )
  document.querySelector(".tool").append(dialog)
  dialog.showModal()
}
