// The answers of an item: [time, source, grade, confidence], and a fifth if a reset had dropped the
// answer and an import brought it back: when. Grades are those of FSRS, 1 (again) to 4 (easy), and
// 0 for an answer taken back; confidence is 1 to 3, or 0 if nobody asked.

export const SOURCES = ["interview", "page", "placement", "quiz", "review"]

export const isIn = (value, low, high) => Number.isInteger(value) && value >= low && value <= high

/** Whether something is a time; without `latest`, any that a date can have. */
export const isTime = (value, latest = 8.64e15) => isIn(value, 0, latest)

/** Whether something is an answer. */
export function isAnswer(answer, latest) {
  if (!Array.isArray(answer) || answer.length < 4 || answer.length > 5) return false
  const [time, source, grade, confidence, back = time + 1] = answer
  return (
    [time, back].every(each => isTime(each, latest)) &&
    back > time &&
    SOURCES.includes(source) &&
    isIn(grade, 0, 4) &&
    isIn(confidence, 0, 3)
  )
}

/** When an answer was given or brought back: what a later reset drops. */
export const stampOf = ([time, , , , back]) => back ?? time

/** Answers by time, each once, without those that the reset at `since` dropped. */
export function tidyLog(answers, since) {
  const kept = new Map()
  for (const answer of answers) {
    if (stampOf(answer) < since) continue
    const key = `${answer[0]} ${answer[1]}`
    if (!kept.has(key) || order(answer, kept.get(key)) < 0) kept.set(key, answer)
  }
  return [...kept.values()].sort((a, b) => a[0] - b[0] || (a[1] < b[1] ? -1 : 1))
}

/** Of two copies of an answer the one brought back last goes first, then one taken back. */
const order = (a, b) => stampOf(b) - stampOf(a) || a[2] - b[2] || b[3] - a[3]
