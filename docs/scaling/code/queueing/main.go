// Queues in virtual time: utilization, Little's law, workers, a cache, overload.
package main

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
)

const (
	requests = 300_000
	service  = 10_000 // microseconds of work, on average: one worker can do 100 a second
)

// lcg gives the same numbers in every language.
type lcg int

func (g *lcg) next() int {
	*g = (*g*1_103_515_245 + 12_345) % (1 << 31)
	return int(*g)
}

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

// workers is a heap of the times at which each is free.
type workers []int

func (w workers) Len() int           { return len(w) }
func (w workers) Less(i, j int) bool { return w[i] < w[j] }
func (w workers) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *workers) Push(any)          { panic("the number of workers is fixed") }
func (w *workers) Pop() any          { panic("the number of workers is fixed") }

// --8<-- [start:show]

// serve is one queue, first come, first served: when does each request leave?
func serve(arrivals, work []int, number int) []int {
	freeAt := make(workers, number)
	leaves := make([]int, len(arrivals))
	for n, arrived := range arrivals {
		freeAt[0] = max(arrived, freeAt[0]) + work[n] // the one that is free first
		leaves[n] = freeAt[0]
		heap.Fix(&freeAt, 0)
	}
	return leaves
}

// formula is the mean time in an M/M/c queue: the service, plus Erlang's C times the wait.
func formula(percent, number int) float64 {
	busy := float64(percent) / 100
	load := float64(number*percent) / 100 // busy workers, on average
	blocked := 1.0
	for n := 1; n <= number; n++ {
		offered := load * blocked
		blocked = offered / (float64(n) + offered)
	}
	waits := blocked / (1 - float64(busy*(1-blocked))) // share that has to wait
	return service + float64(waits*service/(float64(number)-load))
}

// meanInside is a gauge read every 50 ms: how many requests are inside?
func meanInside(arrivals, leaves []int) float64 {
	exits := slices.Sorted(slices.Values(leaves))
	var entered, left, seen, readings int
	for now := 0; now < arrivals[len(arrivals)-1]; now += 50_000 {
		for arrivals[entered] <= now {
			entered++
		}
		for exits[left] <= now {
			left++
		}
		seen += entered - left
		readings++
	}
	return float64(seen) / float64(readings)
}

// --8<-- [end:show]

// bounded is as serve, but full is full: 0 for a request that was turned away.
func bounded(arrivals, work []int, room int) []int {
	var inside []int
	leaves, last := make([]int, len(arrivals)), 0
	for n, arrived := range arrivals {
		for len(inside) > 0 && inside[0] <= arrived {
			inside = inside[1:]
		}
		if len(inside) < room {
			last = max(arrived, last) + work[n]
			inside = append(inside, last)
			leaves[n] = last
		}
	}
	return leaves
}

func times(arrivals, leaves []int) []int {
	took := make([]int, len(arrivals))
	for n := range arrivals {
		took[n] = leaves[n] - arrivals[n]
	}
	slices.Sort(took)
	return took
}

func sum(values []int) int {
	total := 0
	for _, value := range values {
		total += value
	}
	return total
}

func mean(values []int) float64 { return float64(sum(values)) / float64(len(values)) }

func p99(values []int) int { return values[len(values)*99/100] }

func arrivalsAt(perSecond int, gaps []int) []int {
	arrivals, now := make([]int, len(gaps)), 0
	for n, gap := range gaps {
		now += gap / perSecond
		arrivals[n] = now
	}
	return arrivals
}

func utilization(gaps, work []int) {
	fmt.Println("One worker, 10 ms of work each           Little: mean number inside")
	fmt.Println("busy    formula   measured    p99, ms       counted   rate x time")
	for _, percent := range []int{50, 70, 80, 90, 95, 99} {
		arrivals := arrivalsAt(percent, gaps)
		leaves := serve(arrivals, work, 1)
		took := times(arrivals, leaves)
		rate := float64(len(arrivals)) / float64(arrivals[len(arrivals)-1])
		fmt.Printf("%3d %%%10.1f%11.1f%11d%14.1f%14.1f\n",
			percent, formula(percent, 1)/1000, mean(took)/1000,
			p99(took)/1000, meanInside(arrivals, leaves), rate*mean(took))
	}
}

func moreWorkers(gaps, work []int) {
	fmt.Println("\nWorkers on one queue, each 90 % busy; ms")
	fmt.Println("workers   formula   measured   p99")
	for _, number := range []int{1, 2, 4, 16} {
		arrivals := arrivalsAt(90*number, gaps)
		took := times(arrivals, serve(arrivals, work, number))
		fmt.Printf("%7d%10.1f%11.1f%6d\n",
			number, formula(90, number)/1000, mean(took)/1000, p99(took)/1000)
	}
}

// whatToAdd: each request needs an application worker, then the database.
func whatToAdd(gaps, work, queries []int) {
	fmt.Println("\n95 requests a second through 2 application workers and 1 database; ms")
	fmt.Println("change                     app busy  database busy     mean    p99")
	arrivals := arrivalsAt(95, gaps)
	choice := lcg(3)
	draws, order := make([]int, len(arrivals)), make([]int, len(arrivals))
	for n := range draws {
		draws[n], order[n] = choice.next()*100>>31, n
	}
	for _, change := range []struct {
		label                string
		app, databases, hits int
	}{
		{"nothing", 2, 1, 0},
		{"4 application workers", 4, 1, 0},
		{"a read replica", 2, 2, 0},
		{"a cache, 30 % hits", 2, 1, 30},
		{"a cache, 60 % hits", 2, 1, 60},
	} {
		leaves := serve(arrivals, work, change.app)
		slices.SortFunc(order, func(a, b int) int {
			return cmp.Or(cmp.Compare(leaves[a], leaves[b]), cmp.Compare(a, b))
		})
		var misses, asked, needs []int
		for _, n := range order {
			if draws[n] >= change.hits {
				misses = append(misses, n)
				asked = append(asked, leaves[n])
				needs = append(needs, queries[n])
			}
		}
		for i, answered := range serve(asked, needs, change.databases) {
			leaves[misses[i]] = answered
		}
		took := times(arrivals, leaves)
		end := arrivals[len(arrivals)-1]
		fmt.Printf("%-24s%9d %%%13d %%%9.1f%7d\n", change.label,
			sum(work)*100/(end*change.app), sum(needs)*100/(end*change.databases),
			mean(took)/1000, p99(took)/1000)
	}
}

func overload(gaps, work []int) {
	fmt.Println("\nOne worker, 110 requests a second for 60 s, then 90 a second")
	fmt.Println("           no bound                      room for 20")
	fmt.Println("second   inside  to work off, s   inside  to work off, s  refused so far")
	arrivals, now := make([]int, 30_000), 0
	for n := range arrivals {
		if now < 60_000_000 {
			now += gaps[n] / 110
		} else {
			now += gaps[n] / 90
		}
		arrivals[n] = now
	}
	endless, limited := serve(arrivals, work, 1), bounded(arrivals, work, 20)
	for _, second := range []int{10, 30, 60, 90, 120, 180} {
		now := second * 1_000_000
		seen, found := slices.BinarySearch(arrivals, now)
		if found {
			seen++
		}
		fmt.Printf("%6d", second)
		for _, leaves := range [][]int{endless, limited} {
			inside, last := 0, now
			for _, left := range leaves[:seen] {
				if left > now {
					inside++
				}
				last = max(last, left)
			}
			fmt.Printf("%9d%17.1f", inside, float64(last-now)/1_000_000)
		}
		refused := 0
		for _, left := range limited[:seen] {
			if left == 0 {
				refused++
			}
		}
		fmt.Printf("%16d\n", refused)
	}
}

func main() {
	random := lcg(2026)
	draw := func(mean int) []int {
		values := make([]int, requests)
		for n := range values {
			values[n] = random.exponential(mean)
		}
		return values
	}
	gaps, work, queries := draw(1_000_000), draw(service), draw(service)
	utilization(gaps, work)
	moreWorkers(gaps, work)
	whatToAdd(gaps, work, queries)
	overload(gaps, work)
}
