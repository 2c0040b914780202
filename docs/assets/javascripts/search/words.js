/* Text to search words, exactly as the index was made (scripts/guide/library/words.py), and how
   alike two words are. */

const STOP_WORDS = new Set(
  `
    a about again all also always am an and another any anybody anyone anything are around as at
    basically be because been being between both but by came can cannot come comes could did
    didnt do does doesnt doing done dont during each either else enough ever every everything
    exactly far few for from gets getting give gives go goes going gone good got had happen
    happened happening happens has have having he help her here him his how i if im in instead
    into is isnt it its itself just keeps know knows let lets like likes little look looks lot
    made make makes making many may maybe me mean means might more most much must my myself need
    needs no nobody not nothing now of often ok okay on or other others our out over people
    please possible probably quite rather really right said say saying says see seems seen
    several shall she should show since so some somebody someone something sometimes somewhere
    still such suddenly sure take takes talk tell than that thats the their them then there
    these they thing things think this those though through to together told too took tried try
    trying turn until up upon us use used uses using usually versus very vs want wants was way
    we well went were what whats when where whether which while who whole whom whose why will
    with wont work worked working works would yes yet you your
  `.match(/\w+/g),
);
const MAX_PARTS = 5;
const MAX_LENGTH = 40;

/** The words of a text: for each piece without spaces its parts, and all of them in one. */
export function pieces(text) {
  const folded = text
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/['’]/g, "");
  return (folded.match(/[^\s,;()[\]{}"“”<>|`]+/g) ?? [])
    .map((chunk) => chunk.match(/[a-z0-9]+/g) ?? [])
    .filter((parts) => parts.length > 0)
    .map((parts) => {
      const joined = parts.join("");
      const whole = parts.length > 1 && parts.length <= MAX_PARTS && joined.length <= MAX_LENGTH;
      return { parts, joined: whole ? joined : "" };
    });
}

/** The words of a text, in its order. */
export function words(text) {
  return pieces(text).flatMap(({ parts, joined }) => (joined ? [...parts, joined] : parts));
}

export function isStopWord(word) {
  return STOP_WORDS.has(word);
}

const ENDINGS = [
  [/(?:isation|ization)s?$/, "ize"],
  [/(?:ising|ized|ised|izing|ises|izes|ise)$/, "ize"],
  [/(?:ational|ations|ation|ating|ated|ates|ate|ators|ator)$/, "at"],
  [/(?:encies|ency|ences|ence|ents|ent|ently)$/, "ent"],
  [/(?:ances|ance|ants|ant)$/, "ant"],
  [/(?:ilities|ility|ably|able|ible|ibly)$/, "abl"],
  [/iesly$|ies$|ied$/, "y"],
  [/(?:ssions|ssion)$/, "ss"],
  [/(?:tions|tion)$/, "t"],
  [/(?:sses)$/, "ss"],
  [/(?:ches|shes|xes|zes)$/, (ending) => ending.slice(0, -2)],
  [/(?:edly|ingly|ings|ing|ed|er|ers|ors|or)$/, ""],
  [/(?:ally|ly|al|ful|ness|ment|ments)$/, ""],
  [/(?<![su])s$/, ""],
];

/** Short names, and the words that pages write. */
const FULL_NAMES = new Map([
  ["db", "database"],
  ["dbs", "database"],
  ["js", "javascript"],
  ["k8s", "kubernetes"],
  ["mongo", "mongodb"],
  ["postgres", "postgresql"],
]);

/** A common form of a word's inflections and short names; it need be no word itself. */
export function stem(given) {
  const word = FULL_NAMES.get(given) ?? given;
  if (word.length < 4 || /\d/.test(word)) return word;
  let result = word.replace(/our/, "or");
  for (const [pattern, replacement] of ENDINGS) {
    const next = result.replace(pattern, replacement);
    if (next !== result && next.length >= 3) {
      result = next;
      break;
    }
  }
  result = result.replace(/([^aeiouylsz])\1$/, "$1");
  return result.length > 3 ? result.replace(/e$/, "") : result;
}

/**
 * How many letters must be put in, taken out, replaced or swapped with their neighbor to make one
 * word of the other; more than `limit` is only said to be more. (Optimal string alignment.)
 */
export function distance(left, right, limit) {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let before = [];
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    let least = row;
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      let best = Math.min(
        above[column] + 1,
        current[column - 1] + 1,
        above[column - 1] + (same ? 0 : 1),
      );
      if (
        row > 1 &&
        column > 1 &&
        left[row - 1] === right[column - 2] &&
        left[row - 2] === right[column - 1]
      ) {
        best = Math.min(best, before[column - 2] + 1);
      }
      current.push(best);
      least = Math.min(least, best);
    }
    if (least > limit) return limit + 1;
    before = above;
    above = current;
  }
  return above[right.length];
}
