// Chance that repeats: the same seed gives the same choice, on every machine and in every browser.

/** A number of 32 bits for a text: FNV-1a over its UTF-16 units, its bits then mixed well. */
export function hash(text) {
  let bits = 0x811c9dc5
  for (let at = 0; at < text.length; at++) {
    bits = Math.imul(bits ^ text.charCodeAt(at), 0x01000193)
  }
  return mix(bits)
}

/** Numbers above 0 and below 1 that follow from `seed`, a text: a counter, hashed. */
export function randomOf(seed) {
  let count = hash(seed)
  return () => (mix((count = (count + 0x9e3779b9) | 0)) + 0.5) / 2 ** 32
}

/** The list in an order that follows from `random`. */
export function shuffled(list, random) {
  const result = [...list]
  for (let at = result.length - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1))
    ;[result[at], result[other]] = [result[other], result[at]]
  }
  return result
}

/**
 * One of the list, an entry of twice the weight twice as likely, or undefined if nothing has any.
 * `keyOf` names an entry: the choice depends on names and weights, not on the order of the list,
 * and an entry that is added changes it only by being chosen itself.
 */
export function chosenBy(seed, list, keyOf, weightOf) {
  let best
  let least = Infinity
  for (const each of list) {
    // The first event among independent ones whose rates are the weights.
    const wait = -Math.log(randomOf(`${seed} ${keyOf(each)}`)()) / weightOf(each)
    if (wait < least) [best, least] = [each, wait]
  }
  return best
}

/** The last step of MurmurHash3: every bit of the input moves half of those of the output. */
function mix(bits) {
  bits = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b)
  bits = Math.imul(bits ^ (bits >>> 13), 0xc2b2ae35)
  return (bits ^ (bits >>> 16)) >>> 0
}
