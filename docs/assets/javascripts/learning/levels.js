/** The levels of questions and topics, the easiest first. */
export const LEVELS = ["foundation", "core", "advanced"]

/** "Core" */
export const titleOf = level => level[0].toUpperCase() + level.slice(1)
