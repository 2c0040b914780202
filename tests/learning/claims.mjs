// Claims about a module: each is tried, and what went wrong is told on standard output as JSON.

const claims = new Map()

/** State something that `prove` shows, or throws. */
export const claim = (name, prove) => claims.set(name, prove)

/** Try all claims: { name: what is wrong, or null }. */
export async function report() {
  const found = {}
  for (const [name, prove] of claims) {
    try {
      await prove()
      found[name] = null
    } catch (error) {
      found[name] = error.stack
    }
  }
  console.log(JSON.stringify(found))
}
