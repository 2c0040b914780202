// Back-of-the-envelope figures of a notification system, in integers only.
package main

import (
	"fmt"
	"strconv"
	"strings"
)

// --8<-- [start:show]
const (
	users          = 50_000_000
	eventsADay     = 60_000_000 // orders, messages, reminders
	messagesPerTen = 15         // ten events make so many, over all channels
	pushPercent    = 80         // of the messages, one device each
	peakFactor     = 6          // times the average
	codesADay      = 720_000    // of the messages: one-time codes by text
	codePeak       = 10
	codeValid      = 300 // seconds
	centsPerText   = 4
	campaign       = 20_000_000 // one promotion, push only
	campaignsADay  = 1
	quota          = 600_000 / 60 // a second: the push provider's default for one project
	callMs         = 200          // a provider call takes
	callBytes      = 2_000
	streams        = 100 // calls at once on one HTTP/2 connection
	recordBytes    = 600 // message, state, times, with its indexes
	days           = 90
	userBytes      = 400    // preferences, device tokens, zone, language
	writesEach     = 3      // per message: accepted, sending, sent
	rowsAShard     = 10_000 // a second, written in batches: measure!
	timeouts       = 5_000  // one provider call in so many ends without an answer
)

func up(a, b int) int { return (a + b - 1) / b }

const (
	messages = eventsADay * messagesPerTen / 10
	peak     = messages * peakFactor / 86_400
	push     = peak * pushPercent / 100
	room     = quota - push
	codes    = codesADay * codePeak / 86_400
	calls    = (peak + room) * callMs / 1_000
	writes   = (peak + room) * writesEach
	stored   = messages + campaignsADay*campaign // a day
	day      = stored * recordBytes
)

// --8<-- [end:show]

const (
	mega = 1_000_000
	giga = 1_000 * mega
)

type row struct {
	name  string
	value int
	unit  string
	why   string
}

var rows = []row{
	{"Messages of a day", messages / mega, "M", ""},
	{"Messages, average", messages / 86_400, "/s", ""},
	{"Messages, peak", peak, "/s", "without campaigns"},
	{"Push, peak", push, "/s", "quota " + grouped(quota)},
	{"Room for a campaign", room, "/s", "at the peak"},
	{"Campaign takes", up(campaign, room*60), "min", "in its own lane, paced"},
	{"In one queue, a code waits", campaign / quota / 60, "min", "so: lanes"},
	{"A code is valid", codeValid / 60, "min", ""},
	{"Codes, peak", codes, "/s", "a lane with own workers"},
	{"Text messages of a day", codesADay * centsPerText / 100, "USD", "app first"},
	{"Calls in flight", calls, "", "Little's law"},
	{"Connections to providers", up(calls, streams), "", "no matter"},
	{"Bandwidth", (peak + room) * callBytes / mega, "MB/s", "no matter"},
	{"State writes", writes, "/s", "in batches"},
	{"Shards", up(writes*2, rowsAShard), "", "by user, at half load"},
	{"Records of a day", day / giga, "GB", "partition by day"},
	{"Records of 90 days", day * days / giga, "GB", "then dropped: no growth"},
	{"Users and devices", users * userBytes / giga, "GB", "small: read fresh at sending"},
	{"Unknown outcomes a day", stored / timeouts, "", "a rule for each kind"},
	{"At 10x: push, peak", push * 10, "/s", "five times the quota"},
}

func grouped(n int) string {
	digits := strconv.Itoa(n)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + "," + digits[at:]
	}
	return digits
}

func main() {
	for _, r := range rows {
		line := fmt.Sprintf("%-28s%8s %-6s%s", r.name, grouped(r.value), r.unit, r.why)
		fmt.Println(strings.TrimRight(line, " "))
	}
}
