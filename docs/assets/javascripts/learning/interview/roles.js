// What interviews for a role ask, as shares: of levels, and of areas. docs/practice/interview.md
// shows these numbers to readers and gives their reasons; a test compares the two.

export const MINUTES = [15, 30, 45, 60]

/** Of foundation, core and advanced questions: what a level chosen by hand means. */
export const MIXES = { foundation: [3, 1, 0], core: [1, 3, 1], advanced: [0, 1, 2] }

/** What a question takes with its follow-ups, and a worked case, in minutes. */
export const TAKES = { foundation: 4, core: 5, advanced: 6 }
export const CASE_TAKES = 45

const AREAS = (
  "http apis databases caching identity security messaging " +
  "architecture scaling reliability delivery data product career"
).split(" ")

const role = (id, title, levels, cases, weights) => ({
  id,
  title,
  levels,
  cases,
  weightOf: area => weights[AREAS.indexOf(area)] ?? 1,
})

/** `cases` says whether an hour for this role holds a worked case. */
export const ROLES = [
  role("junior", "Junior backend", [3, 2, 0], false, [4, 4, 5, 2, 3, 2, 1, 1, 1, 2, 3, 1, 1, 2]),
  role("backend", "Backend", [1, 3, 1], true, [3, 4, 5, 3, 3, 3, 3, 2, 2, 3, 3, 1, 2, 1]),
  role("senior", "Senior backend", [1, 5, 4], true, [2, 3, 5, 3, 2, 3, 4, 4, 4, 4, 3, 2, 2, 1]),
  role("staff", "Staff or architect", [0, 2, 3], true, [1, 2, 4, 2, 2, 2, 4, 5, 5, 4, 2, 3, 2, 1]),
  role("fullstack", "Full-stack", [2, 5, 1], false, [5, 5, 3, 3, 4, 4, 2, 1, 1, 1, 2, 2, 4, 1]),
  role("platform", "Platform or SRE", [1, 5, 3], true, [3, 1, 2, 2, 2, 3, 2, 3, 4, 5, 5, 2, 1, 1]),
]

export const roleOf = id => ROLES.find(each => each.id === id)
