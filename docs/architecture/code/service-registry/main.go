// Registry with heartbeats, client-side round robin, in virtual seconds.
package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

const (
	heartbeat = 3
	ttl       = 10
	refresh   = 5
	setAside  = 30
)

// --8<-- [start:show]

// Registry knows who announced itself during the last ttl seconds.
type Registry struct {
	up      bool
	expires map[string]int
}

// Heartbeat keeps an entry alive; the first one registers.
func (r *Registry) Heartbeat(name string, now int) {
	if r.up {
		r.expires[name] = now + ttl
	}
}

func (r *Registry) Deregister(name string) { delete(r.expires, name) }

func (r *Registry) Alive(now int) (names []string, ok bool) {
	for name, end := range r.expires {
		if now < end {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names, r.up
}

// Client does round robin over a list that is refreshed now and then.
type Client struct {
	registry *Registry
	send     func(name string) bool
	watches  bool // notice failures, try another instance
	keeps    bool // without an answer from the registry, keep the old list
	known    []string
	aside    map[string]int
	turn     int
}

func (c *Client) Refresh(now int) {
	names, ok := c.registry.Alive(now)
	switch {
	case ok:
		c.known = names
	case !c.keeps:
		c.known = nil
	}
}

func (c *Client) Call(now int) bool {
	attempts := 1
	if c.watches {
		attempts = 2 // at most one retry, elsewhere
	}
	for range attempts {
		var usable []string
		for _, name := range c.known {
			if c.aside[name] <= now {
				usable = append(usable, name)
			}
		}
		// If everybody is set aside, the list is wrong rather than the fleet.
		if len(usable) == 0 {
			usable = c.known
		}
		if len(usable) == 0 {
			return false
		}
		name := usable[c.turn%len(usable)]
		c.turn++
		if c.send(name) {
			return true
		}
		if c.watches {
			c.aside[name] = now + setAside
		}
	}
	return false
}

// --8<-- [end:show]

type plan struct {
	title        string
	watches      bool
	forgets      bool
	deregisters  bool
	servesOn     int
	registryDown int
	trace        bool
}

// run lets instance b leave at second 12; six requests a second for 40 seconds.
func run(p plan) {
	const stop = 12
	registry := &Registry{up: true, expires: map[string]int{}}
	names := []string{"a", "b", "c"}
	served := map[string]int{}
	now := 0
	send := func(name string) bool {
		if name == "b" && now >= stop+p.servesOn {
			return false
		}
		served[name]++
		return true
	}
	client := &Client{
		registry: registry, send: send, watches: p.watches, keeps: !p.forgets,
		aside: map[string]int{},
	}
	var failures []int
	shown := ""
	for ; now < 40; now++ {
		if p.registryDown > 0 && now == p.registryDown {
			registry.up = false
		}
		for _, name := range names {
			if now%heartbeat == 0 && (name != "b" || now < stop) {
				registry.Heartbeat(name, now)
			}
		}
		if now == stop && p.deregisters {
			registry.Deregister("b")
		}
		if now%refresh == 0 {
			client.Refresh(now)
		}
		before := maps.Clone(served)
		lost := 0
		for range 6 {
			if !client.Call(now) {
				lost++
				failures = append(failures, now)
			}
		}
		if p.trace {
			alive, _ := registry.Alive(now)
			row := fmt.Sprintf("%-9s %-9s", strings.Join(alive, " "),
				strings.Join(client.known, " "))
			for _, name := range names {
				row += fmt.Sprintf(" %3d", served[name]-before[name])
			}
			row += fmt.Sprintf(" %7d", lost)
			if row != shown {
				fmt.Printf("%6d  %s\n", now, row)
			}
			shown = row
		}
	}
	if p.trace {
		fmt.Printf("\n%-45s failed  for\n", "of 240 requests")
	}
	seconds := 0
	if len(failures) > 0 {
		seconds = failures[len(failures)-1] + 1 - failures[0]
	}
	fmt.Printf("%-45s %6d %3d s\n", p.title, len(failures), seconds)
}

func availability() {
	const one = 0.999
	line := func(title string, part float64) {
		fmt.Printf("%-36s %8.4f %% %6.2f h a month\n", title, part*100, (1-part)*720)
	}
	fmt.Println()
	line("one service", one)
	line("chain of five", math.Pow(one, 5))
	line("chain of five, each call tried twice", math.Pow(1-math.Pow(1-one, 2), 5))
	line("chain of five, two have a fallback", math.Pow(one, 3))
	line("fan-out to 20, all needed", math.Pow(one, 20))
	atLeast18 := math.Pow(one, 20) + 20*math.Pow(one, 19)*(1-one) +
		190*math.Pow(one, 18)*math.Pow(1-one, 2)
	line("fan-out to 20, 18 suffice", atLeast18)
}

func main() {
	fmt.Println("second  registry  client      a   b   c  failed")
	for _, p := range []plan{
		{title: "b crashes, list only", trace: true},
		{title: "b crashes, failures noticed, one retry", watches: true},
		{title: "b deregisters and exits", deregisters: true},
		{title: "b deregisters, serves 5 s more", deregisters: true, servesOn: 5},
		{
			title:        "registry down, client keeps its list",
			registryDown: 20, servesOn: 99,
		},
		{
			title:        "registry down, client trusts the empty answer",
			registryDown: 20, servesOn: 99, forgets: true,
		},
	} {
		run(p)
	}
	availability()
}
