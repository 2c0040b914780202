// One hot key, 30,000 requests in 300 s of virtual time: what does expiry cost?
package main

import (
	"fmt"
	"math"
	"slices"
)

const ( // milliseconds
	ttl   = 60_000
	grace = 30_000
	load  = 2_000
	every = 10 // 100 requests a second
	until = 300_000
)

// cache is a value loaded at 0, and the loads that are under way (when they end).
type cache struct {
	random  func() float64
	loaded  int
	loading []int
	loads   int
}

func (c *cache) expiry() int { return c.loaded + ttl }

// load returns how long the caller waits, if it waits.
func (c *cache) load(now int) int {
	c.loads++
	c.loading = append(c.loading, now+load)
	return load
}

func (c *cache) land(now int) {
	c.loading = slices.DeleteFunc(c.loading, func(end int) bool {
		if end > now {
			return false
		}
		c.loaded = max(c.loaded, end)
		return true
	})
}

// --8<-- [start:show]

// Each answers: how long does the request at now wait for its value?
func unprotected(c *cache, now int) int {
	if now < c.expiry() {
		return 0
	}
	return c.load(now)
}

// SET lock:key <token> NX PX 5000; who does not get it waits for the value.
func lock(c *cache, now int) int {
	switch {
	case now < c.expiry():
		return 0
	case len(c.loading) > 0:
		return c.loading[0] - now
	}
	return c.load(now)
}

// ahead rolls dice: exponential, in the mean one load long.
func (c *cache) ahead() float64 { return -load * math.Log(1-c.random()) }

// early reloads by chance; the closer the expiry, the likelier.
func early(c *cache, now int) int {
	if float64(now)+c.ahead() < float64(c.expiry()) {
		return 0
	}
	return c.load(now)
}

// The same, but one at a time, and in the background while a value is there.
func earlyLeased(c *cache, now int) int {
	if float64(now)+c.ahead() >= float64(c.expiry()) && len(c.loading) == 0 {
		c.load(now)
	}
	if now < c.expiry() {
		return 0
	}
	return c.loading[0] - now
}

// Keep the value past its expiry; the first to find it old refreshes it.
func staleWhileRevalidate(c *cache, now int) int {
	if now >= c.expiry() && len(c.loading) == 0 {
		c.load(now)
	}
	if now < c.expiry()+grace {
		return 0
	}
	return c.loading[0] - now
}

// --8<-- [end:show]

func run(label string, policy func(*cache, int) int) {
	c := &cache{random: mulberry32(3)}
	var most, waited, longest, oldest int
	for now := 0; now < until; now += every {
		c.land(now)
		wait := policy(c, now)
		most, longest = max(most, len(c.loading)), max(longest, wait)
		if wait > 0 {
			waited++
		} else {
			oldest = max(oldest, now-c.loaded)
		}
	}
	fmt.Printf("%-26s%6d%9d%9d%9.1f s%8.1f s\n",
		label, c.loads, most, waited, float64(longest)/1000, float64(oldest)/1000)
}

// mulberry32 is a small generator, the same in every language.
func mulberry32(state uint32) func() float64 {
	return func() float64 {
		state += 0x6D2B79F5
		t := state
		t = (t ^ t>>15) * (t | 1)
		t ^= t + (t^t>>7)*(t|61)
		return float64(t^t>>14) / (1 << 32)
	}
}

func main() {
	fmt.Println("30,000 requests in 300 s; lifetime 60 s; a load takes 2 s")
	fmt.Printf("%-26s loads  at once  waited  longest wait  oldest\n", "")
	run("unprotected", unprotected)
	run("lock, the others wait", lock)
	run("early, by chance", early)
	run("early, with a lease", earlyLeased)
	run("stale while revalidate", staleWhileRevalidate)
}
