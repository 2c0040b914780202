"""Back-of-the-envelope figures of a notification system, in integers only."""

# --8<-- [start:show]
USERS = 50_000_000
EVENTS_A_DAY = 60_000_000  # orders, messages, reminders
MESSAGES_PER_TEN = 15  # ten events make so many, over all channels
PUSH = 80  # percent of the messages, one device each
PEAK = 6  # times the average
CODES_A_DAY = 720_000  # of the messages: one-time codes by text
CODE_PEAK = 10
CODE_VALID = 300  # seconds
CENTS_PER_TEXT = 4
CAMPAIGN = 20_000_000  # one promotion, push only
CAMPAIGNS_A_DAY = 1
QUOTA = 600_000 // 60  # a second: the push provider's default for one project
CALL_MS = 200  # a provider call takes
CALL_BYTES = 2_000
STREAMS = 100  # calls at once on one HTTP/2 connection
RECORD_BYTES = 600  # message, state, times, with its indexes
DAYS = 90
USER_BYTES = 400  # preferences, device tokens, zone, language
WRITES = 3  # per message: accepted, sending, sent
ROWS_A_SHARD = 10_000  # a second, written in batches: measure!
TIMEOUTS = 5_000  # one provider call in so many ends without an answer


def up(a: int, b: int) -> int:
    return -(-a // b)


messages = EVENTS_A_DAY * MESSAGES_PER_TEN // 10
peak = messages * PEAK // 86_400
push = peak * PUSH // 100
room = QUOTA - push
codes = CODES_A_DAY * CODE_PEAK // 86_400
calls = (peak + room) * CALL_MS // 1_000
writes = (peak + room) * WRITES
stored = messages + CAMPAIGNS_A_DAY * CAMPAIGN  # a day
day = stored * RECORD_BYTES
# --8<-- [end:show]

ROWS = [
    ("Messages of a day", messages // 10**6, "M", ""),
    ("Messages, average", messages // 86_400, "/s", ""),
    ("Messages, peak", peak, "/s", "without campaigns"),
    ("Push, peak", push, "/s", f"quota {QUOTA:,}"),
    ("Room for a campaign", room, "/s", "at the peak"),
    ("Campaign takes", up(CAMPAIGN, room * 60), "min", "in its own lane, paced"),
    ("In one queue, a code waits", CAMPAIGN // QUOTA // 60, "min", "so: lanes"),
    ("A code is valid", CODE_VALID // 60, "min", ""),
    ("Codes, peak", codes, "/s", "a lane with own workers"),
    (
        "Text messages of a day",
        CODES_A_DAY * CENTS_PER_TEXT // 100,
        "USD",
        "app first",
    ),
    ("Calls in flight", calls, "", "Little's law"),
    ("Connections to providers", up(calls, STREAMS), "", "no matter"),
    ("Bandwidth", (peak + room) * CALL_BYTES // 10**6, "MB/s", "no matter"),
    ("State writes", writes, "/s", "in batches"),
    ("Shards", up(writes * 2, ROWS_A_SHARD), "", "by user, at half load"),
    ("Records of a day", day // 10**9, "GB", "partition by day"),
    ("Records of 90 days", day * DAYS // 10**9, "GB", "then dropped: no growth"),
    (
        "Users and devices",
        USERS * USER_BYTES // 10**9,
        "GB",
        "small: read fresh at sending",
    ),
    ("Unknown outcomes a day", stored // TIMEOUTS, "", "a rule for each kind"),
    ("At 10x: push, peak", push * 10, "/s", "five times the quota"),
]


def main() -> None:
    for name, value, unit, why in ROWS:
        print(f"{name:<28}{value:>8,} {unit:<6}{why}".rstrip())


if __name__ == "__main__":
    main()
