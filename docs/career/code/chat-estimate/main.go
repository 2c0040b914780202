// Estimate a chat system: integers only, every figure with its unit.
package main

import (
	"fmt"
	"strconv"
	"strings"
)

func ceil(amount, unit int64) int64 {
	return (amount + unit - 1) / unit
}

func comma(value int64) string {
	digits := strconv.FormatInt(value, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

func row(label string, value int64, unit, decision string) {
	line := fmt.Sprintf("%-27s%12s %-8s%s", label, comma(value), unit, decision)
	fmt.Println(strings.TrimRight(line, " "))
}

// --8<-- [start:show]
const (
	day, peak         int64 = 86_400, 4       // seconds, peak over average
	users             int64 = 10_000_000      // on one day
	online            int64 = 20              // percent of them, at peak
	written, opened   int64 = 40, 30          // messages and opened chats a user
	readers, copies   int64 = 5, 4            // recipients, devices of theirs online
	message           int64 = 300             // bytes with key and index
	gateway, socket   int64 = 100_000, 40_000 // sockets a gateway, bytes a socket
	beat              int64 = 30              // seconds between heartbeats
	changes, contacts int64 = 20, 100         // presence changes a day, contacts
	watching          int64 = 3               // percent of contacts have the chat open
	shard, commits    int64 = 1e12, 2_000     // bytes, commits a second
	kept              int64 = 90              // days on the shards, then archived
	services          int64 = 20              // each batches positions for a second
	machines          int64 = 16
	group, talk       int64 = 100_000, 5 // members, messages a second
	mb, gb, tb        int64 = 1e6, 1e9, 1e12
)

func main() {
	sent := users * written
	busy := sent * peak / day
	sockets := users * online / 100 * 3 / 2 // three devices for two users
	presence := users * changes * contacts * peak / day
	hot := sent * message * kept
	positions := users * opened * peak / day
	batched := services * machines
	huge := group * online / 100 * 3 / 2 * talk
	row("messages", sent/day, "/s", "")
	row("messages at peak", busy, "/s", "")
	row("connections at peak", sockets, "", "")
	row("gateways, a third spare", ceil(sockets*4, gateway*3), "", "")
	row("memory of a gateway", gateway*socket/mb, "MB", "")
	row("pushes at peak", busy*copies, "/s", "")
	row("bandwidth of pushes", busy*copies*message*8/mb, "Mbit/s", "")
	row("heartbeats", sockets/beat, "/s", "stay in the gateway")
	row("reconnects within 60 s", sockets/60, "/s", "")
	row("reconnects within 600 s", sockets/600, "/s", "spread them")
	row("presence to all contacts", presence, "/s", "")
	row("presence to watchers", presence*watching/100, "/s", "subscribe")
	row("receipts for each message", busy*readers*2, "/s", "")
	row("read positions", positions, "/s", "positions")
	row("index updates at peak", busy*readers, "/s", "in memory")
	row("stored a day", sent*message/gb, "GB", "")
	row("five years, 3 copies", sent*message*5475/tb, "TB", "archive")
	row("kept on shards", hot/gb, "GB", "")
	row("shards by bytes", ceil(hot, shard), "", "")
	row("shards, a commit each", ceil(busy+positions, commits), "", "batch positions")
	row("shards, positions batched", ceil(busy+batched, commits), "", "16 machines")
	row("pushes for one huge group", huge, "/s", "pull instead")
}

// --8<-- [end:show]
