// Who gets the next request: balancing policies in virtual time, one slow server.
package main

import (
	"container/heap"
	"fmt"
	"hash/crc32"
	"slices"
)

const (
	servers  = 5      // a to e
	mean     = 10_000 // microseconds of work, on average
	gap      = 3_333  // microseconds between arrivals, on average: 300 a second
	requests = 12_000 // 40 seconds
)

// lcg gives the same numbers in every language.
type lcg int

func (g *lcg) next() int {
	*g = (*g*1_103_515_245 + 12_345) % (1 << 31)
	return int(*g)
}

// below uses the high bits: the low ones repeat soon.
func (g *lcg) below(n int) int { return g.next() * n >> 31 }

// exponential is von Neumann's method: comparisons only, so no rounding differs.
func (g *lcg) exponential(mean int) int {
	for whole := 0; ; whole++ {
		first := g.next()
		last, run := first, 1
		for x := g.next(); x < last; x = g.next() {
			last, run = x, run+1
		}
		if run%2 == 1 {
			return (whole<<31 + first) * mean >> 31
		}
	}
}

// Pool is what the balancer knows of its servers.
type Pool struct {
	random  lcg
	seen    [servers]int // requests in flight
	latency [servers]int
	credit  [servers]int
	turn    int
}

var weights = [servers]int{4, 4, 4, 4, 1}

type policy func(p *Pool, client string) int

func roundRobin(p *Pool, _ string) int {
	p.turn = (p.turn + 1) % servers
	return p.turn
}

func atRandom(p *Pool, _ string) int { return p.random.below(servers) }

func clientHash(_ *Pool, client string) int {
	return int(crc32.ChecksumIEEE([]byte(client)) % servers)
}

// --8<-- [start:show]

// weighted is smooth: all gain their weight, the richest is chosen and pays the sum.
func weighted(p *Pool, _ string) int {
	chosen, sum := 0, 0
	for server, weight := range weights {
		p.credit[server] += weight
		sum += weight
		if p.credit[server] > p.credit[chosen] {
			chosen = server
		}
	}
	p.credit[chosen] -= sum
	return chosen
}

// leastRequests is the fewest in flight; ties go to the next in turn, not always to a.
func leastRequests(p *Pool, _ string) int {
	best := (p.turn + 1) % servers
	for step := 2; step <= servers; step++ {
		if server := (p.turn + step) % servers; p.seen[server] < p.seen[best] {
			best = server
		}
	}
	p.turn = best
	return best
}

func twoChoices(p *Pool, _ string) int {
	first, second := p.pair()
	if p.seen[second] < p.seen[first] {
		return second
	}
	return first
}

// ewma: of two, the smaller recent latency times the requests it would have.
func ewma(p *Pool, _ string) int {
	first, second := p.pair()
	cost := func(server int) int { return p.latency[server] * (p.seen[server] + 1) }
	if cost(second) < cost(first) {
		return second
	}
	return first
}

func (p *Pool) pair() (first, second int) {
	first, second = p.random.below(servers), p.random.below(servers-1)
	if second >= first {
		second++
	}
	return first, second
}

// --8<-- [end:show]

type request struct {
	at     int
	client string
	work   int
}

// trace is the same for every policy. One client is an office.
func trace() []request {
	random, now := lcg(2026), 0
	list := make([]request, requests)
	for i := range list {
		now += random.exponential(gap)
		client := "office"
		if random.below(100) >= 15 {
			client = fmt.Sprintf("client-%d", random.below(400))
		}
		list[i] = request{now, client, random.exponential(mean)}
	}
	return list
}

type answer struct{ at, server, arrived int }

type answers []answer

func (a answers) Len() int           { return len(a) }
func (a answers) Less(i, j int) bool { return before(a[i], a[j]) }
func (a answers) Swap(i, j int)      { a[i], a[j] = a[j], a[i] }
func (a *answers) Push(x any)        { *a = append(*a, x.(answer)) }
func (a *answers) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

func before(a, b answer) bool {
	if a.at != b.at {
		return a.at < b.at
	}
	if a.server != b.server {
		return a.server < b.server
	}
	return a.arrived < b.arrived
}

type result struct {
	p50, p99      int
	sent, longest [servers]int
}

// simulate: server e needs so many percent of the usual time; 0: it fails after 1 ms.
func simulate(list []request, choose policy, percent, refresh int) result {
	const e = servers - 1
	pool := Pool{random: 7, turn: -1}
	for server := range pool.latency {
		pool.latency[server] = mean
	}
	var inFlight, freeAt [servers]int
	var r result
	var done answers
	took := make([]int, 0, len(list))
	refreshed := 0
	for _, req := range list {
		for len(done) > 0 && done[0].at <= req.at {
			a := heap.Pop(&done).(answer)
			inFlight[a.server]--
			pool.latency[a.server] = (pool.latency[a.server]*7 + a.at - a.arrived) / 8
		}
		if req.at >= refreshed {
			pool.seen = inFlight
			refreshed = req.at + refresh
		}
		chosen, work := choose(&pool, req.client), req.work
		if chosen == e && percent > 0 {
			work = work * percent / 100
		} else if chosen == e {
			work = 1_000
		}
		freeAt[chosen] = max(req.at, freeAt[chosen]) + work
		heap.Push(&done, answer{freeAt[chosen], chosen, req.at})
		inFlight[chosen]++
		r.sent[chosen]++
		r.longest[chosen] = max(r.longest[chosen], inFlight[chosen])
		took = append(took, freeAt[chosen]-req.at)
	}
	slices.Sort(took)
	r.p50, r.p99 = took[requests/2], took[requests*99/100]
	return r
}

func main() {
	list := trace()
	fmt.Println("300 requests a second for 40 s; a to d need 10 ms on average")
	fmt.Println("                   e needs 10 ms   e needs 40 ms        longest queue")
	fmt.Println("policy (ms)           p50    p99      p50    p99  to e   a to d     e")
	for _, row := range []struct {
		name   string
		choose policy
	}{
		{"round robin", roundRobin},
		{"weighted 4:4:4:4:1", weighted},
		{"random", atRandom},
		{"client hash", clientHash},
		{"least requests", leastRequests},
		{"two choices", twoChoices},
		{"two choices, EWMA", ewma},
	} {
		equal := simulate(list, row.choose, 100, 0)
		slow := simulate(list, row.choose, 400, 0)
		fmt.Printf("%-20s%5d%7d%9d%7d%4d %%%9d%6d\n", row.name,
			equal.p50/1000, equal.p99/1000, slow.p50/1000, slow.p99/1000,
			slow.sent[4]*100/requests, slices.Max(slow.longest[:4]), slow.longest[4])
	}

	fmt.Println("\nall five equal, but the counts in flight are read only every so often")
	fmt.Println("p99 in ms             always  20 ms  100 ms  500 ms")
	for _, row := range []struct {
		name   string
		choose policy
	}{{"least requests", leastRequests}, {"two choices", twoChoices}, {"random", atRandom}} {
		p99 := func(ms int) int { return simulate(list, row.choose, 100, ms*1000).p99 / 1000 }
		fmt.Printf("%-20s%8d%7d%8d%8d\n", row.name, p99(0), p99(20), p99(100), p99(500))
	}

	fmt.Println("\ne answers 500 after 1 ms: share of all requests that fail")
	for _, row := range []struct {
		name   string
		choose policy
	}{
		{"round robin", roundRobin},
		{"least requests", leastRequests},
		{"two choices", twoChoices},
		{"two choices, EWMA", ewma},
	} {
		failed := simulate(list, row.choose, 0, 0).sent[4]
		fmt.Printf("%-20s%5d %%\n", row.name, failed*100/requests)
	}
}
