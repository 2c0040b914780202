// The estimates of a shared rate limiter: inputs, figures, what each decides.
package main

import (
	"fmt"
	"strconv"
	"strings"
)

// --8<-- [start:show]
const (
	requests  = 1_000_000 // a second at peak, all of them checked
	servers   = 1_000
	cell      = 20 // a caller's requests stay in one cell of 20
	keys      = 2_000_000
	hotKeys   = 1_000
	hotShare  = 80     // percent of the traffic
	biggest   = 50_000 // requests a second of one caller
	big       = 100    // servers of that caller, five cells
	shardRate = 60_000 // script calls: 60% of 100,000 a second on one node
	roundTrip = 500    // microseconds within a zone
	lease     = 10     // tokens
	batches   = 10     // messages a second to each shard
	limit     = 1_000  // a second
	slack     = 20     // percent that may be off

	shards       = (requests + shardRate - 1) / shardRate
	inFlight     = requests * roundTrip / 1_000_000
	hot          = requests * hotShare / 100
	pair         = hot / hotKeys / cell // of one hot key on one server
	lasts        = 1_000 * lease / pair
	spread       = 1_000 * lease * servers * hotKeys / hot // without cells
	updates      = hot/lease + (requests - hot)            // cold: one to a lease
	leasedShards = (updates + shardRate - 1) / shardRate
	messages     = servers * batches * leasedShards
	largest      = limit * slack / 100 / cell
	stranded     = cell * lease
	bigLease     = biggest * slack / 100 / big // the same 20% of its own limit
	fallback     = 2 * limit / cell            // of each server when the limiter is down
)

// --8<-- [end:show]

func grouped(value int) string {
	digits := strconv.Itoa(value)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func line(label string, value int, unit, decides string) {
	text := fmt.Sprintf("%-30s%10s %-11s%s", label, grouped(value), unit, decides)
	fmt.Println(strings.TrimRight(text, " "))
}

func main() {
	line("one call a request", requests, "a second", "")
	line("shards for that", shards, "", "")
	line("calls in flight", inFlight, "", "no matter")
	line("added to each request", roundTrip, "us", "too much for all")
	line("biggest key", 100*biggest/shardRate, "% of shard", "cannot be split")
	line("hot key on one server", pair, "a second", "20 servers a key")
	line("a lease of 10 lasts", lasts, "ms", "worth it")
	line("  on all 1,000 servers", spread, "ms", "useless: cells")
	line("updates from hot keys", hot/lease, "a second", "")
	line("updates from cold keys", requests-hot, "a second", "now the larger part")
	line("shards with leases", leasedShards, "", "")
	line("messages, in batches", messages, "a second", "instead of 1,000,000")
	line("lease of the biggest key", bigLease, "tokens", "100 servers")
	line("updates of the biggest key", biggest/bigLease, "a second", "solved")
	line("state of 2,000,000 keys", keys*120/1_000_000, "MB", "no matter")
	line("bandwidth", updates*100*8/1_000_000, "Mbit/s", "no matter")
	line("connections to a shard", servers, "", "no matter")
	line("lease for 1,000/s, 20% off", largest, "tokens", "sets the lease")
	line("lease for 100/s", largest*100/limit, "token", "exact, or by cell")
	line("out on lease, per key", stranded, "tokens", "the error bound")
	line("fallback on one server", fallback, "a second", "2 x limit in all")
}
