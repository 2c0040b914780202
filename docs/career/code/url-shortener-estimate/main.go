// The estimates of a URL shortener: inputs, figures, what each decides.
package main

import (
	"fmt"
	"strconv"
	"strings"
)

// --8<-- [start:show]
const (
	newLinks      = 3_000_000 // a day
	clicksPerLink = 100       // on average, over its life
	peakFactor    = 5         // a campaign in prime time
	days          = 5 * 365
	rowBytes      = 500        // target of 200 bytes, columns, index, free space
	restoreMB     = 200        // a second, from backup
	hotLinks      = 10_000_000 // what a cache should hold
	entryBytes    = 400
	misses        = 5      // percent
	serverRate    = 4_000  // redirects a second on one small server
	eventBytes    = 150    // a click in the stream
	block         = 10_000 // numbers in a lease
	restarts      = 10     // of a server a day
	createServers = 6      // two in each zone, apart from the redirects

	redirects = newLinks * clicksPerLink / 86_400
	peak      = newLinks * clicksPerLink * peakFactor / 86_400
	creates   = newLinks * peakFactor / 86_400
	links     = newLinks * days
	storeGB   = links * rowBytes / 1_000_000_000
	restore   = storeGB * 1000 / restoreMB / 60
	shards    = (restore + 59) / 60 // each back within an hour
	needed    = (peak + serverRate - 1) / serverRate
	servers   = 3 * ((needed + 1) / 2) // two of three zones carry the peak
	ownRate   = creates / createServers
	bridged   = block / 2 / ownRate              // the next block is fetched at half
	lost      = restarts * createServers * block // a server holds 0.5 to 1.5 blocks
)

// --8<-- [end:show]

func power(base, exponent int) int {
	result := 1
	for range exponent {
		result *= base
	}
	return result
}

func grouped(value int) string {
	digits := strconv.Itoa(value)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func line(label string, value int, unit, decides string) {
	text := fmt.Sprintf("%-27s%13s %-13s%s", label, grouped(value), unit, decides)
	fmt.Println(strings.TrimRight(text, " "))
}

func main() {
	line("redirects, average", redirects, "a second", "")
	line("redirects, peak", peak, "a second", "sizes the servers")
	line("creates, peak", creates, "a second", "one primary would do")
	line("links in five years", links, "", "")
	line("storage, one copy", storeGB, "GB", "")
	line("restore as one piece", restore, "minutes", "too long: shards")
	line("shards", shards, "", "by restore time")
	line("restore of one shard", restore/shards, "minutes", "")
	line("6 characters: 1 hit in", power(62, 6)/links, "guesses", "too dense")
	line("7 characters: 1 hit in", power(62, 7)/links, "guesses", "7 it is")
	line("cache", hotLinks*entryBytes/1_000_000_000, "GB", "fits one node")
	line("store reads, peak", peak*misses/100, "a second", "shards nearly idle")
	line("cache gone, per shard", peak/shards, "a second", "still served")
	line("responses of 600 B, peak", peak*600*8/1_000_000, "Mbit/s", "no matter")
	line("servers, one zone lost", servers, "", "three in a zone")
	line("click events", newLinks*clicksPerLink*eventBytes/1_000_000_000, "GB a day", "")
	line("one link, 20% of peak", peak/5, "a second", "no row counter")
	line("allocator calls, 1 in", block/creates, "seconds", "no bottleneck")
	line("allocator down, bridged", bridged, "seconds", "")
	line("numbers lost in restarts", 100*lost/newLinks, "% of issued", "cheap")
}
