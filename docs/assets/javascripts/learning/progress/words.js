// What changes of the state come to, in words.

import { count } from "../dom.js"

const UNSAVED = "is gone when you close this tab, unless you export it"

/** What a reader has to know of each status of the store; nothing where all is well. */
export const STATUS = {
  memory:
    "This browser lets the guide store nothing, as in some private windows. " +
    `What you do ${UNSAVED}.`,
  full:
    `The storage of this browser is full. What you do now ${UNSAVED}. ` +
    "Discarding what was set aside makes room.",
  newer:
    "What is stored here is of a later version of the guide, and this page leaves it alone. " +
    "What you do now is kept beside it until the later version runs. Reload the page.",
  stuck:
    "What is stored here is damaged, and there is no room to set it aside. Download it below, " +
    `then discard it. Until then, what you do ${UNSAVED}.`,
}

/** What an import does, a line each. */
export function importLines({ answers, lost, scheduled, read, unread, settings, sessions }) {
  return lines([
    [answers, `${count(answers, "answer")} added`],
    [lost, `${count(lost, "answer")} dropped: reset or taken back in the file`],
    [scheduled, `${count(scheduled, "item")} scheduled as in the file`],
    [read, `${count(read, "topic")} marked as read`],
    [unread, `${count(unread, "topic")} no longer marked as read`],
    [settings.length, `${count(settings.length, "setting")} changed`],
    [sessions, `${count(sessions, "session")} added or changed`],
  ])
}

/** What a reset forgets, in one phrase; "" for nothing. */
export function resetWords({ lost, scheduled, unread, settings, sessions }) {
  return lines([
    [lost, count(lost, "answer")],
    [scheduled, count(scheduled, "scheduled item")],
    [unread, count(unread, "read mark")],
    [settings.length, count(settings.length, "setting")],
    [sessions, count(sessions, "session")],
  ]).join(", ")
}

/** What an import can bring back, in one phrase; "" for nothing. */
export function backWords({ answers, topics, more }) {
  return lines([
    [answers, count(answers, "answer")],
    [topics, count(topics, "read mark")],
    [more, count(more, "other entry", "other entries")],
  ]).join(", ")
}

const lines = counts => counts.filter(([number]) => number).map(([, text]) => text)
