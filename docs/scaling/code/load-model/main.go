// A load test in virtual time: what the generator measures depends on its clock.
package main

import (
	"fmt"
	"slices"
)

const (
	runMs  = 60_000
	longMs = 600_000
)

type interval struct{ from, to int }

var (
	stall   = interval{30_000, 32_000}
	noStall = interval{}
	bounds  = []int{8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096}
)

// lcg is the same small generator in every language.
type lcg struct{ state uint64 }

func (l *lcg) below(n int) int {
	l.state = (l.state*1103515245 + 12345) % (1 << 31)
	return int(l.state>>8) % n
}

// --8<-- [start:show]

// Server handles one request at a time, 5 to 15 ms each, nothing during the stall.
type Server struct {
	stall  interval
	random lcg
	freeAt int
}

// Handle says when the answer to a request sent at that time is ready.
func (s *Server) Handle(sent int) int {
	begin := max(sent, s.freeAt)
	if s.stall.from <= begin && begin < s.stall.to {
		begin = s.stall.to
	}
	s.freeAt = begin + 5 + s.random.below(11)
	return s.freeAt
}

// closedLoop is one user: the next request waits for the answer to the last one.
func closedLoop(server *Server, think int) (latencies []int) {
	for now := 0; now < runMs; {
		done := server.Handle(now)
		latencies = append(latencies, done-now)
		now = done + think
	}
	return latencies
}

// openModel: requests come when they come; timed from the arrival and from the send.
func openModel(server *Server, rate, duration int) (due, sent []int) {
	arrivals, lastDone := lcg{state: 7}, 0
	for now := range duration {
		if arrivals.below(1000) < rate {
			send := max(now, lastDone) // one connection: busy until the last answer
			lastDone = server.Handle(now)
			due = append(due, lastDone-now)
			sent = append(sent, lastDone-send)
		}
	}
	return due, sent
}

// backFill adds the requests that the waiting generator should have sent meanwhile.
func backFill(latencies []int, every int) (filled []int) {
	for _, first := range latencies {
		filled = append(filled, first)
		for v := first - every; v > 0; v -= every {
			filled = append(filled, v)
		}
	}
	return filled
}

// --8<-- [end:show]

// percentile by nearest rank: the smallest value that p percent do not exceed.
func percentile(values []int, p int) int {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(values)*p+99)/100-1]
}

func buckets(values []int) []int {
	counts := make([]int, len(bounds))
	for _, v := range values {
		i, _ := slices.BinarySearch(bounds, v)
		counts[i]++
	}
	return counts
}

// fromBuckets: histograms answer with the upper bound of a bucket.
func fromBuckets(counts []int, p int) int {
	total, seen := 0, 0
	for _, count := range counts {
		total += count
	}
	rank := (total*p + 99) / 100
	for i, count := range counts {
		if seen += count; seen >= rank {
			return bounds[i]
		}
	}
	return bounds[len(bounds)-1]
}

func row(name string, values []int) {
	fmt.Printf("%-42s%6d%6d%6d%6d%6d\n", name, len(values), percentile(values, 50),
		percentile(values, 95), percentile(values, 99), slices.Max(values))
}

func line(name string, values []int) {
	fmt.Printf("%-14s", name)
	for _, v := range values {
		fmt.Printf("%6d", v)
	}
	fmt.Println()
}

func newServer(stall interval, seed uint64) *Server {
	return &Server{stall: stall, random: lcg{state: seed}}
}

func main() {
	fmt.Println("60 s against a server of 10 ms a request that stalls once for 2000 ms")
	fmt.Printf("%-42s%6s%6s%6s%6s%6s\n", "latency in ms", "sent", "p50", "p95", "p99", "max")
	closed := closedLoop(newServer(stall, 1), 10)
	due, sent := openModel(newServer(stall, 1), 50, runMs)
	healthy, _ := openModel(newServer(noStall, 2), 50, runMs)
	row("closed loop, timed from the send", closed)
	row("  the same, back-filled every 20 ms", backFill(closed, 20))
	row("open arrivals on one connection, from send", sent)
	row("  the same, from when each was due", due)

	fmt.Println()
	line("up to ms", bounds)
	line("closed loop", buckets(closed))
	line("open model", buckets(due))
	a, b := buckets(due), buckets(healthy)
	both := make([]int, len(a))
	for i := range a {
		both[i] = a[i] + b[i]
	}
	p95A, p95B := percentile(due, 95), percentile(healthy, 95)
	fmt.Printf("p95 of two instances: %d and %d, mean %d, of all requests %d, by buckets %d\n",
		p95A, p95B, (p95A+p95B)/2, percentile(slices.Concat(due, healthy), 95),
		fromBuckets(both, 95))

	fmt.Println()
	fmt.Println("offered/s   done/s   p50   p99   (600 s, no stall)")
	for _, rate := range []int{20, 40, 60, 80, 90, 95, 110} {
		server := newServer(noStall, 3)
		values, _ := openModel(server, rate, longMs)
		done := min(len(values), len(values)*longMs/server.freeAt)
		fmt.Printf("%9d%9d%6d%6d\n", rate, done*1000/longMs,
			percentile(values, 50), percentile(values, 99))
	}
}
