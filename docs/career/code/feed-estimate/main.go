// Estimate a news feed: integers only, every figure with its unit.
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
	line := fmt.Sprintf("%-27s%12s %-11s%s", label, comma(value), unit, decision)
	fmt.Println(strings.TrimRight(line, " "))
}

// --8<-- [start:show]
const (
	day, peak         int64 = 86_400, 3      // seconds, peak over average
	users             int64 = 100_000_000    // on one day
	weekly            int64 = 150_000_000    // within seven days: they get a stored feed
	perUser, size     int64 = 20, 20         // pages a user and day, posts a page
	posts             int64 = 50_000_000     // a day
	follows           int64 = 200            // accounts followed, followers reached
	kept, entry, post int64 = 500, 16, 1_000 // entries a feed, bytes, bytes
	node, rate        int64 = 64e9, 1e5      // a cache node: bytes, operations a second
	famous, recent    int64 = 20_000, 100    // accounts, posts a list
	top               int64 = 50_000_000     // followers
	fresh, share      int64 = 5, 10          // seconds, percent of workers for one post
)

func main() {
	pages := users * perUser / day
	push := posts * follows / day
	pull := pages * follows
	workers := push * peak * 2
	feeds := weekly * kept * entry * 2
	fame := famous * recent * entry / 1e6
	stored := posts * post
	edges := weekly * follows * entry * 2
	hydrate := pages * peak * size

	row("posts", posts/day, "/s", "")
	row("posts at peak", posts*peak/day, "/s", "")
	row("pages", pages, "/s", "")
	row("pages at peak", pages*peak, "/s", "")
	row("pull: lists read", pull, "/s", "")
	row("push: entries written", push, "/s", fmt.Sprint("push costs 1/", pull/push))
	row("push at peak", push*peak, "/s", "")
	row("workers, twice the peak", workers, "entries/s", "")
	row("top account, one post", ceil(top, workers), "s", "of all workers")
	row("threshold", workers*fresh*share/100, "followers", "")
	row("lists of the famous", fame, "MB", "on each server")
	row("feeds, two copies", feeds/1e9, "GB", "")
	row("feed nodes by bytes", ceil(feeds, node), "nodes", "bytes decide")
	row("feed nodes by rate", ceil((push+pages)*peak, rate), "nodes", "")
	row("posts looked up at peak", hydrate, "/s", "")
	row("post nodes by bytes", ceil(2*posts*post, node), "nodes", "")
	row("post nodes by rate", ceil(hydrate, rate), "nodes", "rate decides")
	row("stored a day", stored/1e9, "GB", "")
	row("five years, 3 copies", stored*1825*3/1e12, "TB", "shards")
	row("follow edges, both ways", edges/1e9, "GB", "")
	row("bandwidth at peak", hydrate*post*8/1e6, "Mbit/s", "")
}

// --8<-- [end:show]
