// How long a question has been open, and what is worth saying about it.

/** Counts seconds while it runs. `now` tells milliseconds. */
export class Stopwatch {
  constructor(seconds = 0, now = () => performance.now()) {
    this._before = seconds
    this._now = now
    this._since = null
  }

  get runs() {
    return this._since !== null
  }

  get seconds() {
    return this._before + (this.runs ? (this._now() - this._since) / 1000 : 0)
  }

  start() {
    this._since ??= this._now()
  }

  stop() {
    this._before = this.seconds
    this._since = null
  }
}

/** "4:05" */
export const clock = seconds => {
  const whole = Math.floor(seconds)
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`
}

/** What to say when time goes on from `before` to `after` seconds of `planned`; mostly nothing. */
export function due(before, after, planned, what) {
  const marks = [
    [planned, `The time for ${what} is up.`],
    [planned - 60, `One minute left for ${what}.`],
    [planned / 2, `Half of the time for ${what} is over.`],
  ]
  return marks.find(([mark]) => before < mark && mark <= after)?.[1] ?? ""
}
