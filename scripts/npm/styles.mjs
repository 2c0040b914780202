// One style sheet of several: `node styles.mjs SITE TO THEIRS... -- OURS...` reads sheets of the
// folder SITE and writes the sheet TO there. Of THEIRS a rule stays if every name in its selector
// stands on a page as a tag, an attribute or a word of its value, or in a script, be it by its
// beginning. OURS stay whole: PurgeCSS takes `:is(a, button):focus-visible` for a rule that nothing
// uses. So do variables, which ours may use of theirs. All other sheets are made smaller in place.

import { readdir, readFile, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { transform } from "esbuild"
import { PurgeCSS } from "purgecss"

const [site, target, ...sheets] = process.argv.slice(2)
const ours = sheets.splice(sheets.indexOf("--")).slice(1)

// What attributes say in words, not in names: prose and addresses.
const WORDLESS = new Set(["alt", "aria-label", "content", "d", "href", "src", "title"])
const TAG = /<([a-z][\w:-]*)((?:\s+[^\s=>"'/]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]*))?)*)/gi
const ATTRIBUTE = /([^\s=>"'/]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>]*)))?/g

// While the scheme changes, nothing may fade: it would have every element styled anew as pages load.
// Nor may each change of a class: tables without one are none of this site's.
const DROPPED = [/data-md-color-switching/, /table:not\(\[class\]\)/]

const names = new Set()
const beginnings = new Set() // of names that scripts put together: `tabbed-control--${side}`

function takePage(text) {
  for (const [, tag, attributes] of text.matchAll(TAG)) {
    names.add(tag.toLowerCase())
    for (const [, name, ...values] of attributes.matchAll(ATTRIBUTE)) {
      names.add(name)
      if (WORDLESS.has(name)) continue
      for (const value of values) if (value) value.split(/\s+/).forEach(word => names.add(word))
    }
  }
  for (const [, script] of text.matchAll(/<script\b[^>]*>([^]*?)<\/script>/gi)) takeScript(script)
}

function takeScript(text) {
  for (const [word] of text.matchAll(/[\w-]+/g)) {
    names.add(word)
    if (/^(?!data-).*\w{2}-+$/.test(word)) beginnings.add(word)
  }
  for (const [, name] of text.matchAll(/\bdataset\.(\w+)/g)) {
    names.add(`data-${name.replace(/[A-Z]/g, letter => `-${letter.toLowerCase()}`)}`)
  }
}

const TAKE = { html: takePage, js: takeScript }
const files = (await readdir(site, { recursive: true })).sort()
for (const file of files) {
  const take = TAKE[file.match(/\.(html|js)$/)?.[1]]
  if (take) take(await readFile(join(site, file), "utf8"))
}
const read = names => Promise.all(names.map(name => readFile(join(site, name), "utf8")))
const [purged] = await new PurgeCSS().purge({
  content: [{ raw: "names", extension: "names" }],
  extractors: [{ extensions: ["names"], extractor: () => [...names] }],
  css: [{ raw: (await read(sheets)).join("\n") }],
  blocklist: DROPPED,
  safelist: [...beginnings].map(word => new RegExp(`^${word}`)),
})
const whole = [purged.css, ...(await read(ours))].join("\n")
await writeFile(join(site, target), await smaller(whole))
for (const file of files.filter(name => name.endsWith(".css"))) {
  if (sheets.includes(file) || ours.includes(file)) continue
  await writeFile(join(site, file), await smaller(await readFile(join(site, file), "utf8")))
}

async function smaller(css) {
  return (await transform(css, { loader: "css", minify: true, target: "es2022" })).code
}
