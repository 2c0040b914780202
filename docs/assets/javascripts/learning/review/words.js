// What the review says about times and grades.

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

export const GRADES = ["Again", "Hard", "Good", "Easy"]

/** Length of time, roughly: "10 min", "3 h", "12 days", "4 months", "2 years". */
export function inWords(time) {
  if (time < HOUR) return `${Math.max(1, Math.round(time / MINUTE))} min`
  if (time < DAY) return `${Math.round(time / HOUR)} h`
  const days = Math.round(time / DAY)
  if (days < 60) return days === 1 ? "1 day" : `${days} days`
  if (days < 700) return `${Math.round(days / 30.4)} months`
  return `${Math.round(days / 365.25)} years`
}

/** "Tuesday, November 24, 9:05 AM", where and when the reader is. */
export const dayAndTime = time =>
  new Date(time).toLocaleString("en", {
    weekday: "long", month: "long", day: "numeric", hour: "numeric", minute: "2-digit",
  })
