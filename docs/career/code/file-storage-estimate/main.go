// Estimates for a file storage and sync service, in integers.
package main

import (
	"fmt"
	"strconv"
)

const (
	seconds = 86_400
	kb      = 1_000
	mb      = 1_000 * kb
	gb      = 1_000 * mb
	tb      = 1_000 * gb
	pb      = 1_000 * tb
	billion = 1_000_000_000
)

func show(label string, number int64, unit string) {
	digits := strconv.FormatInt(number, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	fmt.Printf("%-20s %9s %s\n", label, digits, unit)
}

// --8<-- [start:show]

const (
	active            int64 = 10_000_000 // people a day
	savesEach         int64 = 8          // per person and day; half of them create a file
	newBytes          int64 = 500 * kb   // sent per save: one chunk, compressed
	fetches           int64 = 3          // of each saved byte: other devices, other people
	devices           int64 = 20_000_000 // connected at the peak
	shared            int64 = 20         // percent of the bytes that another account has too: a guess
	peak, years       int64 = 4, 5
	fileRow, chunkRow int64 = 400, 100 // bytes
	indexes           int64 = 2        // factor
)

func main() {
	saves := active * savesEach
	rate := saves / seconds
	show("saves, average", rate, "a second")
	show("saves, peak", rate*peak, "a second: one database could commit that")
	show("polls every 30 s", devices/30, "a second: hold connections instead")
	show("notification servers", devices/200_000*3/2, "two zones carry all")

	day := saves * newBytes
	show("new bytes", day/tb, "TB a day")
	upload := day * 8 / seconds * peak
	show("upload, peak", upload/gb, "Gbit/s: past the API, straight to the store")
	download := day * fetches * 8 / seconds * peak
	show("download, peak", download/gb, "Gbit/s: likewise, by signed URLs")

	days := years * 365
	stored := day * days
	show("stored in 5 years", stored/pb, "PB")
	coded := stored * 3 / 2
	elsewhere := stored * shared / 100
	show("as three copies", stored*3/pb, "PB on disks")
	show("erasure coded, 1.5", coded/pb, "PB on disks")
	show("that in two regions", coded*2/pb, "PB on disks, as much as three copies")
	show("found elsewhere", elsewhere/pb, "PB: gain of sharing across users")

	files := saves / 2 * days
	chunks := saves * days
	rows := (files*fileRow + chunks*chunkRow) * indexes
	show("files", files/billion, "billion")
	show("chunks of 500 KB", chunks/billion, "billion")
	small := chunks * newBytes / (8 * kb)
	show("chunks of 8 KB", small/billion, "billion: too many rows")
	show("metadata", rows/tb, "TB")
	show("shards of 1 TB", (rows+tb-1)/tb, "so 128: for size, not for rate")
	show("saves on a shard", rate*peak/128, "a second at the peak")
	show("cursors, 100 B each", devices*100/mb, "MB: in memory")
	show("4 MB at 10 Mbit/s", 4*mb*8/10_000, "ms: what a lost line repeats")
}

// --8<-- [end:show]
