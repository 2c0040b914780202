// Bundle the scripts of the site: `node bundle.mjs FROM TO ENTRY...` reads each ENTRY and what it
// imports in the folder FROM and writes few and small files into the folder TO. An entry keeps its
// name; what several entries share, and what is imported later, comes into chunks.

import { mkdir, readFile, writeFile } from "node:fs/promises"
import { dirname, resolve } from "node:path"
import { build } from "esbuild"
import { minify } from "terser"

const BROWSERS = "es2022"
const [from, to, ...entries] = process.argv.slice(2)

/** ts-fsrs gives every Date of the page four methods, which keeps code alive that nobody calls. */
const withoutDateMethods = {
  name: "without-date-methods",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]ts-fsrs\.js$/ }, async ({ path }) => {
      const text = await readFile(path, "utf8")
      const contents = text.replace(/^Date\.prototype\.\w+ = function[^]*?^};$/gm, "")
      if (/Date\.prototype/.test(contents)) throw new Error("it changes Date in a new way")
      return { contents }
    })
  },
}

const { outputFiles } = await build({
  absWorkingDir: resolve(from),
  entryPoints: entries,
  outdir: resolve(to),
  outbase: resolve(from),
  chunkNames: "chunks/[name]-[hash]",
  bundle: true,
  splitting: true,
  format: "esm",
  target: BROWSERS,
  charset: "utf8",
  minifySyntax: true,
  treeShaking: true,
  plugins: [withoutDateMethods],
  write: false,
  logLevel: "warning",
})
for (const { path, text } of outputFiles) {
  // esbuild could shorten names, too; Terser makes files that are a twentieth smaller.
  const { code } = await minify(text, {
    module: true,
    ecma: 2020,
    compress: {
      passes: 3,
      drop_console: true,
      pure_getters: true,
      reduce_funcs: false,
      unsafe_arrows: true,
    },
  })
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, code)
}
