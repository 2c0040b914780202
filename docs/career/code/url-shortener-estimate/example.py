"""The estimates of a URL shortener: inputs, figures, what each decides."""

# --8<-- [start:show]
NEW_LINKS = 3_000_000  # a day
CLICKS_PER_LINK = 100  # on average, over its life
PEAK_FACTOR = 5  # a campaign in prime time
DAYS = 5 * 365
ROW_BYTES = 500  # target of 200 bytes, columns, index, free space
RESTORE_MB = 200  # a second, from backup
HOT_LINKS, ENTRY_BYTES = 10_000_000, 400  # what a cache should hold
MISSES = 5  # percent
SERVER_RATE = 4_000  # redirects a second on one small server
EVENT_BYTES = 150  # a click in the stream
BLOCK, RESTARTS = 10_000, 10  # numbers in a lease; restarts of a server a day
CREATE_SERVERS = 6  # two in each zone, apart from the redirects

redirects = NEW_LINKS * CLICKS_PER_LINK // 86_400
peak = NEW_LINKS * CLICKS_PER_LINK * PEAK_FACTOR // 86_400
creates = NEW_LINKS * PEAK_FACTOR // 86_400
links = NEW_LINKS * DAYS
store_gb = links * ROW_BYTES // 10**9
restore = store_gb * 1000 // RESTORE_MB // 60
shards = -(-restore // 60)  # each back within an hour
needed = -(-peak // SERVER_RATE)
servers = 3 * -(-needed // 2)  # two of three zones carry the peak
own_rate = creates // CREATE_SERVERS
bridged = BLOCK // 2 // own_rate  # the next block is fetched at half
lost = RESTARTS * CREATE_SERVERS * BLOCK  # a server holds 0.5 to 1.5 blocks
# --8<-- [end:show]


def line(label: str, value: int, unit: str, decides: str = "") -> None:
    print(f"{label:<27}{value:>13,} {unit:<13}{decides}".rstrip())


def main() -> None:
    line("redirects, average", redirects, "a second")
    line("redirects, peak", peak, "a second", "sizes the servers")
    line("creates, peak", creates, "a second", "one primary would do")
    line("links in five years", links, "")
    line("storage, one copy", store_gb, "GB")
    line("restore as one piece", restore, "minutes", "too long: shards")
    line("shards", shards, "", "by restore time")
    line("restore of one shard", restore // shards, "minutes")
    line("6 characters: 1 hit in", 62**6 // links, "guesses", "too dense")
    line("7 characters: 1 hit in", 62**7 // links, "guesses", "7 it is")
    line("cache", HOT_LINKS * ENTRY_BYTES // 10**9, "GB", "fits one node")
    line("store reads, peak", peak * MISSES // 100, "a second", "shards nearly idle")
    line("cache gone, per shard", peak // shards, "a second", "still served")
    line("responses of 600 B, peak", peak * 600 * 8 // 10**6, "Mbit/s", "no matter")
    line("servers, one zone lost", servers, "", "three in a zone")
    line("click events", NEW_LINKS * CLICKS_PER_LINK * EVENT_BYTES // 10**9, "GB a day")
    line("one link, 20% of peak", peak // 5, "a second", "no row counter")
    line("allocator calls, 1 in", BLOCK // creates, "seconds", "no bottleneck")
    line("allocator down, bridged", bridged, "seconds")
    line("numbers lost in restarts", 100 * lost // NEW_LINKS, "% of issued", "cheap")


if __name__ == "__main__":
    main()
