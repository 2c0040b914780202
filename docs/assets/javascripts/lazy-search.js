// The seam between the theme's search dialog and our search. The theme fetches the whole index, and
// a worker to search it, on every page. This waits until the reader reaches for search, and then
// starts our worker. It has to run before the theme's bundle, which asks for both exactly once (so
// it is published at its start): the request for the index is held back in `send`, and the worker
// is a stand-in that starts ours with its first message, which carries the index. A page opened
// with ?q= (shared search) or ?h= (highlighted terms) needs the index at once.
{
  const wanted = new Promise(resolve => {
    const query = new URLSearchParams(location.search)
    const search = document.querySelector("[data-md-component=search]")
    if (query.has("q") || query.has("h") || !search) return resolve()
    search.addEventListener("focusin", resolve, { once: true })
    search.addEventListener("pointerover", resolve, { once: true })
    document.getElementById("__search").addEventListener("change", resolve, { once: true })
  })

  const open = XMLHttpRequest.prototype.open
  XMLHttpRequest.prototype.open = function (...request) {
    open.apply(this, request)
    if (!/\/search\/search_index\.json$/.test(request[1])) return
    XMLHttpRequest.prototype.open = open
    this.send = () => wanted.then(() => XMLHttpRequest.prototype.send.call(this))
  }

  const NativeWorker = window.Worker
  window.Worker = function (url) {
    window.Worker = NativeWorker
    const standIn = new EventTarget()
    let worker
    standIn.postMessage = message => {
      if (!worker) {
        const theirs = new URL(url, location)
        worker = new NativeWorker(new URL("../search/worker.js", theirs), { type: "module" })
        worker.onmessage = ({ data }) => {
          standIn.dispatchEvent(new MessageEvent("message", { data }))
        }
      }
      worker.postMessage(message)
    }
    return standIn
  }
}
