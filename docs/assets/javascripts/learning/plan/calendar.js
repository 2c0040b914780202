// The days of a plan as a calendar file (iCalendar, RFC 5545).

/** One event of the whole day for each study day; `titleOf` names a topic. */
export function calendar(days, titleOf) {
  const events = days.flatMap(({ date, minutes, work, review, rehearsal }) => {
    const day = date.replaceAll("-", "")
    const todo = work.map(({ slug }) => titleOf(slug).replace(/[;,]/g, "\\$&"))
    if (review) todo.push("Review")
    if (rehearsal) todo.push("Mock interview")
    return [
      "BEGIN:VEVENT",
      `UID:${date}@backend-study-guide`,
      `DTSTAMP:${day}T000000Z`,
      `DTSTART;VALUE=DATE:${day}`,
      `SUMMARY:Study: ${minutes} min`,
      `DESCRIPTION:${todo.join("\\n")}`,
      "END:VEVENT",
    ]
  })
  const head = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Backend Study Guide//EN"]
  // A longer line goes on in the next one, after a space.
  const folded = line => line.replace(/.{60}(?=.)/gu, "$&\r\n ")
  return [...head, ...events, "END:VCALENDAR", ""].map(folded).join("\r\n")
}
