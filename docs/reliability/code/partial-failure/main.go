// One of three shards is ill: what breakers and bulkheads make of it.
package main

import (
	"fmt"
	"strings"
)

const (
	shards            = "abc"
	illShard          = 1                      // b
	from, until, end  = 10_000, 20_000, 30_000 // milliseconds
	workers           = 30
	usual, timeout    = 50, 2000
	windowSize, least = 60, 20 // calls
	openFor           = 4000   // milliseconds
)

type Dice struct{ state int }

func (d *Dice) below(limit int) int {
	d.state = (d.state*1103515245 + 12345) % (1 << 31)
	return (d.state >> 16) % limit
}

// Breaker opens on the share of failures in the last calls; one probe at a time.
type Breaker struct {
	percent    int
	trace      *[]string
	state      string
	probeAt    int
	generation int
	window     []bool
}

func (b *Breaker) admits(now int) bool {
	if b.state == "open" && now >= b.probeAt {
		b.enter("half-open", now, "")
		return true // this call is the probe
	}
	return b.state == "closed"
}

func (b *Breaker) settle(now int, call Call) {
	if call.generation != b.generation {
		return // began before the state last changed
	}
	b.window = append(b.window, call.ok)
	if len(b.window) > windowSize {
		b.window = b.window[1:]
	}
	failed := 0
	for _, ok := range b.window {
		if !ok {
			failed++
		}
	}
	switch {
	case b.state == "half-open" && call.ok:
		b.enter("closed", now, fmt.Sprintf("probe at %c works", shards[call.shard]))
	case b.state == "half-open":
		b.enter("open", now, fmt.Sprintf("probe at %c fails", shards[call.shard]))
	case len(b.window) >= least && failed*100 >= b.percent*len(b.window):
		b.enter("open", now, fmt.Sprintf("%d of %d failed", failed, len(b.window)))
	}
}

func (b *Breaker) enter(state string, now int, why string) {
	b.state = state
	b.generation++
	b.probeAt = now + openFor
	b.window = nil
	if why != "" {
		line := fmt.Sprintf("%5d.%02d s  %-7s %s", now/1000, now/10%100, state, why)
		*b.trace = append(*b.trace, line)
	}
}

type Call struct {
	shard, ends int
	ok          bool
	generation  int
}

// --8<-- [start:show]

// Client calls the shards. A breaker is for all of them or for one, or missing.
type Client struct {
	breakers [len(shards)]*Breaker
	places   int // in each shard's bulkhead
	busy     [len(shards)]int
	peak     int
	inFlight []Call
}

// start says whether the call was let through.
func (c *Client) start(now, shard, takes int, ok bool) bool {
	if c.total() == workers || c.busy[shard] == c.places {
		return false // at once: waiting would fill the place in front of it
	}
	generation := 0
	if breaker := c.breakers[shard]; breaker != nil {
		if !breaker.admits(now) {
			return false
		}
		generation = breaker.generation
	}
	c.busy[shard]++
	c.peak = max(c.peak, c.total())
	c.inFlight = append(c.inFlight, Call{shard, now + takes, ok, generation})
	return true
}

func (c *Client) finish(now int) {
	var done, left []Call
	for _, call := range c.inFlight {
		if call.ends <= now {
			done = append(done, call)
		} else {
			left = append(left, call)
		}
	}
	c.inFlight = left
	for _, call := range done {
		c.busy[call.shard]--
		if breaker := c.breakers[call.shard]; breaker != nil {
			breaker.settle(now, call)
		}
	}
}

// --8<-- [end:show]

func (c *Client) total() int {
	sum := 0
	for _, each := range c.busy {
		sum += each
	}
	return sum
}

type Setup struct {
	label    string
	breakers string // none, one or each
	percent  int
	places   int
}

func (s Setup) client(trace *[]string) *Client {
	client := &Client{places: s.places}
	var breaker *Breaker
	for shard := range client.breakers {
		if s.breakers == "each" || s.breakers == "one" && shard == 0 {
			breaker = &Breaker{percent: s.percent, trace: trace, state: "closed"}
		}
		client.breakers[shard] = breaker
	}
	return client
}

func run(setup Setup, hangs bool) (row string, trace []string) {
	client, dice := setup.client(&trace), &Dice{state: 42}
	var calls, good [len(shards)]int
	tries := 0
	for now := 0; now < end; now += 10 {
		client.finish(now)
		shard := dice.below(len(shards))
		trouble := from <= now && now < until
		ill := trouble && shard == illShard
		takes := usual
		if ill && hangs {
			takes = timeout
		}
		through := client.start(now, shard, takes, !ill)
		if !trouble {
			continue
		}
		calls[shard]++
		if through && ill {
			tries++
		} else if through {
			good[shard]++
		}
	}
	others := (good[0] + good[2]) * 100 / (calls[0] + calls[2])
	every := (good[0] + good[1] + good[2]) * 100 / (calls[0] + calls[1] + calls[2])
	return fmt.Sprintf("%6d %%%5d %%%5d%6d", others, every, tries, client.peak), trace
}

func main() {
	setups := []Setup{
		{"nothing", "none", 0, workers},
		{"one breaker, 25 %", "one", 25, workers},
		{"one breaker, 50 %", "one", 50, workers},
		{"a breaker for each shard", "each", 25, workers},
		{"10 places for each shard", "none", 0, 10},
		{"breaker and places", "each", 25, 10},
	}
	fmt.Println("100 calls/s to three shards, 30 workers; shard b is ill from 10 to 20 s")
	fmt.Printf("%-25s%26s%26s\n", "", "b fails at once", "b hangs for 2 s")
	half := fmt.Sprintf("%8s%7s%5s%6s", "a and c", "all", "to b", "busy")
	fmt.Printf("%-25s%s%s\n", "answered", half, half)
	traces := map[string][]string{}
	for _, setup := range setups {
		fast, trace := run(setup, false)
		slow, _ := run(setup, true)
		traces[setup.label] = trace
		fmt.Printf("%-25s%s%s\n", setup.label, fast, slow)
	}
	for _, label := range []string{setups[1].label, setups[3].label} {
		fmt.Printf("\n%s, b fails at once\n%s\n", label, strings.Join(traces[label], "\n"))
	}
}
