// Back-of-the-envelope figures of a notification system, in integers only.

// --8<-- [start:show]
const USERS = 50_000_000;
const EVENTS_A_DAY = 60_000_000; // orders, messages, reminders
const MESSAGES_PER_TEN = 15; // ten events make so many, over all channels
const PUSH = 80; // percent of the messages, one device each
const PEAK = 6; // times the average
const CODES_A_DAY = 720_000; // of the messages: one-time codes by text
const CODE_PEAK = 10;
const CODE_VALID = 300; // seconds
const CENTS_PER_TEXT = 4;
const CAMPAIGN = 20_000_000; // one promotion, push only
const CAMPAIGNS_A_DAY = 1;
const QUOTA = 600_000 / 60; // a second: the push provider's default for one project
const CALL_MS = 200; // a provider call takes
const CALL_BYTES = 2_000;
const STREAMS = 100; // calls at once on one HTTP/2 connection
const RECORD_BYTES = 600; // message, state, times, with its indexes
const DAYS = 90;
const USER_BYTES = 400; // preferences, device tokens, zone, language
const WRITES = 3; // per message: accepted, sending, sent
const ROWS_A_SHARD = 10_000; // a second, written in batches: measure!
const TIMEOUTS = 5_000; // one provider call in so many ends without an answer

// Every product stays far below 2 ** 53, so the integers are exact.
const down = (a, b) => Math.floor(a / b);
const up = (a, b) => Math.ceil(a / b);

const messages = down(EVENTS_A_DAY * MESSAGES_PER_TEN, 10);
const peak = down(messages * PEAK, 86_400);
const push = down(peak * PUSH, 100);
const room = QUOTA - push;
const codes = down(CODES_A_DAY * CODE_PEAK, 86_400);
const calls = down((peak + room) * CALL_MS, 1_000);
const writes = (peak + room) * WRITES;
const stored = messages + CAMPAIGNS_A_DAY * CAMPAIGN; // a day
const day = stored * RECORD_BYTES;
// --8<-- [end:show]

const MEGA = 10 ** 6;
const GIGA = 10 ** 9;
const grouped = new Intl.NumberFormat("en-US");

const ROWS = [
  ["Messages of a day", down(messages, MEGA), "M", ""],
  ["Messages, average", down(messages, 86_400), "/s", ""],
  ["Messages, peak", peak, "/s", "without campaigns"],
  ["Push, peak", push, "/s", `quota ${grouped.format(QUOTA)}`],
  ["Room for a campaign", room, "/s", "at the peak"],
  ["Campaign takes", up(CAMPAIGN, room * 60), "min", "in its own lane, paced"],
  [
    "In one queue, a code waits",
    down(down(CAMPAIGN, QUOTA), 60),
    "min",
    "so: lanes",
  ],
  ["A code is valid", down(CODE_VALID, 60), "min", ""],
  ["Codes, peak", codes, "/s", "a lane with own workers"],
  [
    "Text messages of a day",
    down(CODES_A_DAY * CENTS_PER_TEXT, 100),
    "USD",
    "app first",
  ],
  ["Calls in flight", calls, "", "Little's law"],
  ["Connections to providers", up(calls, STREAMS), "", "no matter"],
  ["Bandwidth", down((peak + room) * CALL_BYTES, MEGA), "MB/s", "no matter"],
  ["State writes", writes, "/s", "in batches"],
  ["Shards", up(writes * 2, ROWS_A_SHARD), "", "by user, at half load"],
  ["Records of a day", down(day, GIGA), "GB", "partition by day"],
  [
    "Records of 90 days",
    down(day * DAYS, GIGA),
    "GB",
    "then dropped: no growth",
  ],
  [
    "Users and devices",
    down(USERS * USER_BYTES, GIGA),
    "GB",
    "small: read fresh at sending",
  ],
  [
    "Unknown outcomes a day",
    down(stored, TIMEOUTS),
    "",
    "a rule for each kind",
  ],
  ["At 10x: push, peak", push * 10, "/s", "five times the quota"],
];

for (const [name, value, unit, why] of ROWS) {
  const figure = grouped.format(value).padStart(8);
  console.log(`${name.padEnd(28)}${figure} ${unit.padEnd(6)}${why}`.trimEnd());
}
