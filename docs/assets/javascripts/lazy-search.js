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
  // A class, and no function: the minifier makes arrows of functions, and none can be called by `new`.
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      window.Worker = NativeWorker
      this.url = new URL("../search/worker.js", new URL(url, location))
    }

    postMessage(message) {
      if (!this.worker) {
        this.worker = new NativeWorker(this.url, { type: "module" })
        this.worker.onmessage = ({ data }) => {
          this.dispatchEvent(new MessageEvent("message", { data }))
        }
      }
      this.worker.postMessage(message)
    }
  }
}
