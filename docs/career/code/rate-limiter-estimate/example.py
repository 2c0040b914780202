"""The estimates of a shared rate limiter: inputs, figures, what each decides."""

# --8<-- [start:show]
REQUESTS = 1_000_000  # a second at peak, all of them checked
SERVERS, CELL = 1_000, 20  # a caller's requests stay in one cell of 20
KEYS, HOT_KEYS, HOT_SHARE = 2_000_000, 1_000, 80  # percent of the traffic
BIGGEST, BIG = 50_000, 100  # requests a second of one caller; on five cells
SHARD_RATE = 60_000  # script calls: 60% of 100,000 a second on one node
ROUND_TRIP = 500  # microseconds within a zone
LEASE, BATCHES = 10, 10  # tokens; messages a second to each shard
LIMIT, SLACK = 1_000, 20  # a second; percent that may be off

shards = -(-REQUESTS // SHARD_RATE)
in_flight = REQUESTS * ROUND_TRIP // 10**6
hot = REQUESTS * HOT_SHARE // 100
pair = hot // HOT_KEYS // CELL  # of one hot key on one server
lasts = 1_000 * LEASE // pair
spread = 1_000 * LEASE * SERVERS * HOT_KEYS // hot  # without cells
updates = hot // LEASE + (REQUESTS - hot)  # a cold key is alone in its lease
leased_shards = -(-updates // SHARD_RATE)
messages = SERVERS * BATCHES * leased_shards
largest = LIMIT * SLACK // 100 // CELL
stranded = CELL * LEASE
big_lease = BIGGEST * SLACK // 100 // BIG  # the same 20% of its own limit
fallback = 2 * LIMIT // CELL  # of each server when the limiter is down
# --8<-- [end:show]


def line(label: str, value: int, unit: str, decides: str = "") -> None:
    print(f"{label:<30}{value:>10,} {unit:<11}{decides}".rstrip())


def main() -> None:
    line("one call a request", REQUESTS, "a second")
    line("shards for that", shards, "")
    line("calls in flight", in_flight, "", "no matter")
    line("added to each request", ROUND_TRIP, "us", "too much for all")
    line("biggest key", 100 * BIGGEST // SHARD_RATE, "% of shard", "cannot be split")
    line("hot key on one server", pair, "a second", "20 servers a key")
    line("a lease of 10 lasts", lasts, "ms", "worth it")
    line("  on all 1,000 servers", spread, "ms", "useless: cells")
    line("updates from hot keys", hot // LEASE, "a second")
    line("updates from cold keys", REQUESTS - hot, "a second", "now the larger part")
    line("shards with leases", leased_shards, "")
    line("messages, in batches", messages, "a second", "instead of 1,000,000")
    line("lease of the biggest key", big_lease, "tokens", "100 servers")
    line("updates of the biggest key", BIGGEST // big_lease, "a second", "solved")
    line("state of 2,000,000 keys", KEYS * 120 // 10**6, "MB", "no matter")
    line("bandwidth", updates * 100 * 8 // 10**6, "Mbit/s", "no matter")
    line("connections to a shard", SERVERS, "", "no matter")
    line("lease for 1,000/s, 20% off", largest, "tokens", "sets the lease")
    line("lease for 100/s", largest * 100 // LIMIT, "token", "exact, or by cell")
    line("out on lease, per key", stranded, "tokens", "the error bound")
    line("fallback on one server", fallback, "a second", "2 x limit in all")


if __name__ == "__main__":
    main()
