// Back-of-the-envelope figures of a payment ledger, in integers only.
package main

import (
	"fmt"
	"strconv"
	"strings"
)

// --8<-- [start:show]
const (
	accounts      = 20_000_000
	paymentsADay  = 8_000_000 // hold (2 entries), then capture (4 entries)
	topUpsADay    = 2_000_000 // by card: one transfer, when the outcome is known
	payoutsADay   = 500_000   // to a bank: one transfer to transit, one at the end
	peakFactor    = 8         // times the average, sale evenings
	reads         = 10        // balances and statements per payment
	entryBytes    = 150       // row with its share of two indexes
	transferBytes = 400       // row, key, request, indexes
	balanceBytes  = 200       // per account: wallet and held money, with index
	messageBytes  = 1_000
	commitLimit   = 5_000 // a second, one primary with a synchronous standby: measure!
	lockMs        = 5     // a balance row stays locked until its commit is safe
	busyMs        = 8     // a connection is busy with one transfer
	timeouts      = 1_000 // one provider call in so many ends without an answer
	minutes       = 5     // a person needs for one unknown outcome
)

func up(a, b int) int { return (a + b - 1) / b }

func atPeak(aDay int) int { return aDay * peakFactor / 86_400 }

const (
	transfers = paymentsADay*2 + topUpsADay + payoutsADay*2
	entries   = paymentsADay*6 + topUpsADay*2 + payoutsADay*4
)

var (
	peak     = atPeak(paymentsADay)
	commits  = atPeak(transfers)
	requests = commits + peak*reads
	day      = entries*entryBytes + transfers*transferBytes
	oneRow   = 1_000 / lockMs
	cardRow  = atPeak(topUpsADay) // what the card provider owes us
	unknown  = (topUpsADay + payoutsADay) / timeouts
	// At 10x there are shards, and a capture from one to another is two transfers.
	sharded = atPeak(10 * (transfers + paymentsADay))
)

// --8<-- [end:show]

const (
	mega = 1_000_000
	giga = 1_000 * mega
	tera = 1_000 * giga
)

type row struct {
	name  string
	value int
	unit  string
	why   string
}

func table() []row {
	ofPrimary := fmt.Sprintf("%d %% of one primary", commits*100/commitLimit)
	ofRow := fmt.Sprintf("%d %% of one row", cardRow*100/oneRow)
	feeRow := fmt.Sprintf("the fee row needs %d", peak)
	return []row{
		{"Payments, average", paymentsADay / 86_400, "/s", ""},
		{"Payments, peak", peak, "/s", ""},
		{"Transfers, peak", commits, "/s", ofPrimary},
		{"Entries, peak", atPeak(entries), "/s", "small rows, append only"},
		{"Requests, peak", requests, "/s", "most of them reads"},
		{"Bandwidth, peak", requests * messageBytes / mega, "MB/s", "no matter"},
		{"Connections posting", up(commits*busyMs, 1_000), "", "a pool of 40"},
		{"Rows of a day", (entries + transfers) / mega, "M", ""},
		{"Storage of a day", day / giga, "GB", "partition by month"},
		{"Storage of 90 days", day * 90 / giga, "GB", "stays on the primary"},
		{"Storage of five years", day * 365 * 5 / tera, "TB", "archive, by month"},
		{"Balances", accounts * balanceBytes / giga, "GB", "in memory, no cache"},
		{"Postings on one row", oneRow, "/s", feeRow},
		{"Card account, peak", cardRow, "/s", ofRow},
		{"Slots for the fee row", up(peak*2, oneRow), "", "twice the peak"},
		{"Unknown outcomes a day", unknown, "", ""},
		{"Resolved by hand", unknown * minutes / 60, "h/day", "so a program does it"},
		{"At 10x: transfers, peak", sharded, "/s", "a capture counts twice"},
		{"At 10x: shards", up(sharded*2, commitLimit), "", "at half their capacity"},
	}
}

func grouped(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func main() {
	for _, r := range table() {
		line := fmt.Sprintf("%-26s%8s %-6s%s", r.name, grouped(r.value), r.unit, r.why)
		fmt.Println(strings.TrimRight(line, " "))
	}
}
