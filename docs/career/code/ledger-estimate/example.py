"""Back-of-the-envelope figures of a payment ledger, in integers only."""

# --8<-- [start:show]
ACCOUNTS = 20_000_000
PAYMENTS_A_DAY = 8_000_000  # hold (2 entries), then capture (4 entries)
TOP_UPS_A_DAY = 2_000_000  # by card: one transfer, when the outcome is known
PAYOUTS_A_DAY = 500_000  # to a bank: one transfer to transit, one at the end
PEAK = 8  # times the average, sale evenings
READS = 10  # balances and statements per payment
ENTRY_BYTES = 150  # row with its share of two indexes
TRANSFER_BYTES = 400  # row, key, request, indexes
BALANCE_BYTES = 200  # per account: wallet and held money, with index
MESSAGE_BYTES = 1_000
COMMITS = 5_000  # a second, one primary with a synchronous standby: measure!
LOCK_MS = 5  # a balance row stays locked until its commit is safe
BUSY_MS = 8  # a connection is busy with one transfer
TIMEOUTS = 1_000  # one provider call in so many ends without an answer
MINUTES = 5  # a person needs for one unknown outcome


def up(a: int, b: int) -> int:
    return -(-a // b)


def at_peak(a_day: int) -> int:
    return a_day * PEAK // 86_400


transfers = PAYMENTS_A_DAY * 2 + TOP_UPS_A_DAY + PAYOUTS_A_DAY * 2
entries = PAYMENTS_A_DAY * 6 + TOP_UPS_A_DAY * 2 + PAYOUTS_A_DAY * 4
peak = at_peak(PAYMENTS_A_DAY)
commits = at_peak(transfers)
requests = commits + peak * READS
day = entries * ENTRY_BYTES + transfers * TRANSFER_BYTES
one_row = 1_000 // LOCK_MS
card_row = at_peak(TOP_UPS_A_DAY)  # what the card provider owes us
unknown = (TOP_UPS_A_DAY + PAYOUTS_A_DAY) // TIMEOUTS
# At 10x there are shards, and a capture from one to another is two transfers.
sharded = at_peak(10 * (transfers + PAYMENTS_A_DAY))
# --8<-- [end:show]

ROWS = [
    ("Payments, average", PAYMENTS_A_DAY // 86_400, "/s", ""),
    ("Payments, peak", peak, "/s", ""),
    ("Transfers, peak", commits, "/s", f"{commits * 100 // COMMITS} % of one primary"),
    ("Entries, peak", at_peak(entries), "/s", "small rows, append only"),
    ("Requests, peak", requests, "/s", "most of them reads"),
    ("Bandwidth, peak", requests * MESSAGE_BYTES // 10**6, "MB/s", "no matter"),
    ("Connections posting", up(commits * BUSY_MS, 1_000), "", "a pool of 40"),
    ("Rows of a day", (entries + transfers) // 10**6, "M", ""),
    ("Storage of a day", day // 10**9, "GB", "partition by month"),
    ("Storage of 90 days", day * 90 // 10**9, "GB", "stays on the primary"),
    ("Storage of five years", day * 365 * 5 // 10**12, "TB", "archive, by month"),
    ("Balances", ACCOUNTS * BALANCE_BYTES // 10**9, "GB", "in memory, no cache"),
    ("Postings on one row", one_row, "/s", f"the fee row needs {peak}"),
    ("Card account, peak", card_row, "/s", f"{card_row * 100 // one_row} % of one row"),
    ("Slots for the fee row", up(peak * 2, one_row), "", "twice the peak"),
    ("Unknown outcomes a day", unknown, "", ""),
    ("Resolved by hand", unknown * MINUTES // 60, "h/day", "so a program does it"),
    ("At 10x: transfers, peak", sharded, "/s", "a capture counts twice"),
    ("At 10x: shards", up(sharded * 2, COMMITS), "", "at half their capacity"),
]


def main() -> None:
    for name, value, unit, why in ROWS:
        print(f"{name:<26}{value:>8,} {unit:<6}{why}".rstrip())


if __name__ == "__main__":
    main()
