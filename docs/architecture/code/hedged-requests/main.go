// Hedged requests and deadline propagation, in virtual milliseconds.
package main

import (
	"fmt"
	"slices"
)

const (
	fanOut     = 100
	rounds     = 1000
	hedgeAfter = 15 // about the 95th percentile of one call
)

type dice struct{ state int }

func (d *dice) below(limit int) int {
	d.state = (d.state*1103515245 + 12345) % (1 << 31)
	return (d.state >> 8) % limit
}

// latency: 95 % of calls take 5 to 14 ms, 4 % up to 34, 1 % 200 to 999.
func (d *dice) latency() int {
	switch place := d.below(100); {
	case place == 99:
		return 200 + d.below(800)
	case place >= 95:
		return 15 + d.below(20)
	default:
		return 5 + d.below(10)
	}
}

// --8<-- [start:show]

// Budget: every call earns a part of a hedge; a hedge costs a whole one.
type Budget struct {
	percent int
	saved   int // in hundredths: at most ten hedges in hand
}

func (b *Budget) Earn() { b.saved = min(1000, b.saved+b.percent) }

func (b *Budget) Spend() bool {
	if b.saved < 100 {
		return false
	}
	b.saved -= 100
	return true
}

// hedgedCall returns the time taken and the requests sent. Only for idempotent calls.
func hedgedCall(d *dice, budget *Budget) (took, sent int) {
	first := d.latency()
	budget.Earn()
	if first <= hedgeAfter || !budget.Spend() {
		return first, 1
	}
	second := hedgeAfter + d.latency() // to another replica
	return min(first, second), 2       // and the loser is canceled
}

type Service struct {
	name  string
	usual int // with everything below it
	today int // its own work, before it calls the next
}

// chain walks down and returns when the last work ended. Each hop sees what is left.
func chain(services []Service, now, deadline int) int {
	for _, s := range services {
		left := deadline - now
		if left < s.usual {
			fmt.Printf("  %3d  %-8s %3d ms left, needs %d, refuses\n",
				now, s.name, left, s.usual)
			return now
		}
		fmt.Printf("  %3d  %-8s %3d ms left, works\n", now, s.name, left)
		now += s.today
	}
	return now
}

// --8<-- [end:show]

func newBudget(percent int) *Budget {
	if percent == 0 {
		return &Budget{}
	}
	return &Budget{percent: percent, saved: 1000}
}

func percentile(sorted []int, p int) int { return sorted[len(sorted)*p/100-1] }

func show(title string, times []int, sent, calls int) {
	slices.Sort(times)
	extra := (sent - calls) * 1000 / calls
	fmt.Printf("%-38s%7d%7d%7d   +%d.%d %%\n", title, percentile(times, 50),
		percentile(times, 95), percentile(times, 99), extra/10, extra%10)
}

// measure: replicas that are slow independently of each other.
func measure(title string, fanOut, percent int) []int {
	d, budget := &dice{42}, newBudget(percent)
	total := rounds * 100
	var times []int
	requests := 0
	for range total / fanOut {
		slowest := 0
		for range fanOut {
			took, sent := hedgedCall(d, budget)
			slowest = max(slowest, took)
			requests += sent
		}
		times = append(times, slowest)
	}
	show(title, times, requests, total)
	return times
}

// sharedStore: all replicas ask one store, a queue. It is 80 % busy and stalls once.
func sharedStore(title string, percent int) {
	const calls = 2000
	d, budget := &dice{42}, newBudget(percent)
	free, queries := 0, 0
	var hedges, times []int

	query := func(now int) int {
		queries++
		free = max(free, now) + 5 + d.below(7) // 8 ms on average
		return free
	}

	for now := 0; now < calls*10; now += 10 { // a call every 10 ms, for 20 s
		if now == 1000 {
			free = now + 200 // the stall
		}
		for len(hedges) > 0 && hedges[0] <= now {
			query(hedges[0]) // behind its twin; a cancel does not reach it
			hedges = hedges[1:]
		}
		took := query(now) - now
		times = append(times, took)
		budget.Earn()
		if took > hedgeAfter && budget.Spend() {
			hedges = append(hedges, now+hedgeAfter)
		}
	}
	show(title, times, queries+len(hedges), calls)
}

func main() {
	fmt.Printf("%-38s    p50    p95    p99   load\n", "milliseconds")
	single := measure("one call", 1, 0)
	fan := measure("fan-out to 100, wait for all", fanOut, 0)
	p99 := percentile(single, 99)
	slower := 0
	for _, time := range fan {
		if time > p99 {
			slower++
		}
	}
	measure("fan-out, hedged, budget 10 %", fanOut, 10)
	measure("fan-out, hedged, budget 2 %", fanOut, 2)
	sharedStore("one store stalls 200 ms, no hedging", 0)
	sharedStore("the same, hedged, budget 10 %", 10)
	sharedStore("the same, hedged without a limit", 100)
	fmt.Printf("fan-outs slower than the p99 of one call (%d ms): %d %%\n",
		p99, slower*100/len(fan))

	services := []Service{
		{"gateway", 100, 20}, {"orders", 90, 130}, {"stock", 70, 90}, {"prices", 40, 150},
	}
	fmt.Println("\nthe user waits 250 ms; every service has a timeout of 1000 ms")
	now := 0
	for _, s := range services {
		fmt.Printf("  %3d  %-8s works\n", now, s.name)
		now += s.today
	}
	fmt.Printf("  %3d  done, %d ms after the user has gone\n", now, now-250)
	fmt.Println("the same, the deadline travels along")
	ended := chain(services, 0, 250)
	fmt.Printf("  %3d  the user is told, %d ms early\n", ended, 250-ended)
}
