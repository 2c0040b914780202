// Lamport, vector and hybrid logical clocks on one trace of three nodes.
package main

import (
	"cmp"
	"fmt"
	"slices"
)

// --8<-- [start:show]

type Vector [3]int

type Stamp struct {
	lamport int
	vector  Vector
}

// Node counts its own events and takes over what a message knows.
type Node struct {
	index int
	Stamp
}

func (n *Node) Event(message *Stamp) Stamp {
	if message != nil { // a receive
		n.lamport = max(n.lamport, message.lamport)
		for i, count := range message.vector {
			n.vector[i] = max(n.vector[i], count)
		}
	}
	n.lamport++
	n.vector[n.index]++
	return n.Stamp
}

func Compare(a, b Vector) string {
	var less, more bool
	for i := range a {
		less = less || a[i] < b[i]
		more = more || a[i] > b[i]
	}
	switch {
	case less && more:
		return "concurrent"
	case less:
		return "before"
	case more:
		return "after"
	}
	return "same"
}

type Hybrid struct{ time, count int }

// HybridClock gives wall time while that moves forward, else the latest stamp
// seen plus one.
type HybridClock struct {
	skew, limit int
	latest      Hybrid
}

func (c *HybridClock) Stamp(trueTime int, seen Hybrid) (Hybrid, error) {
	wall := trueTime + c.skew
	if seen.time-wall > c.limit {
		return Hybrid{}, fmt.Errorf("%d ms ahead", seen.time-wall)
	}
	if compareHybrid(seen, c.latest) > 0 {
		c.latest = seen
	}
	if wall > c.latest.time {
		c.latest = Hybrid{wall, 0}
	} else {
		c.latest.count++
	}
	return c.latest, nil
}

// --8<-- [end:show]

func compareHybrid(a, b Hybrid) int {
	return cmp.Or(cmp.Compare(a.time, b.time), cmp.Compare(a.count, b.count))
}

// What happens, and for a receive the event that sent the message.
var events = []struct{ name, what, cause string }{
	{"a1", "price 10", ""},
	{"b1", "logs in", ""},
	{"a2", "sends m1", ""},
	{"b2", "receives m1", "a2"},
	{"c1", "price 12", ""},
	{"a3", "price 11", ""},
	{"b3", "sends m2", ""},
	{"c2", "receives m2", "b3"},
	{"c3", "sends m3", ""},
	{"a4", "receives m3", "c3"},
}

// reachable tells what really can have influenced what: paths along nodes and
// messages.
func reachable() map[[2]string]bool {
	paths := map[[2]string]bool{}
	last := map[byte]string{}
	var names []string
	for _, e := range events {
		for _, cause := range []string{last[e.name[0]], e.cause} {
			if cause == "" {
				continue
			}
			paths[[2]string{cause, e.name}] = true
			for _, earlier := range names {
				if paths[[2]string{earlier, cause}] {
					paths[[2]string{earlier, e.name}] = true
				}
			}
		}
		last[e.name[0]] = e.name
		names = append(names, e.name)
	}
	return paths
}

func trace() {
	nodes := map[byte]*Node{'a': {index: 0}, 'b': {index: 1}, 'c': {index: 2}}
	stamps := map[string]Stamp{}
	fmt.Println("event  what         Lamport  vector")
	for _, e := range events {
		var message *Stamp
		if sent, ok := stamps[e.cause]; ok {
			message = &sent
		}
		s := nodes[e.name[0]].Event(message)
		stamps[e.name] = s
		fmt.Printf("%s     %-12s %7d  %d %d %d\n",
			e.name, e.what, s.lamport, s.vector[0], s.vector[1], s.vector[2])
	}

	truth := reachable()
	right, ordered, concurrent, misled := 0, 0, 0, 0
	for i, first := range events {
		for _, second := range events[i+1:] {
			a, b := stamps[first.name], stamps[second.name]
			verdict := Compare(a.vector, b.vector)
			isBefore := truth[[2]string{first.name, second.name}]
			isAfter := truth[[2]string{second.name, first.name}]
			if (verdict == "before") == isBefore && (verdict == "after") == isAfter {
				right++
			}
			if verdict != "concurrent" {
				ordered++
				continue
			}
			concurrent++
			if a.lamport != b.lamport {
				misled++
			}
		}
	}
	fmt.Printf("45 pairs: %d ordered, %d concurrent\n", ordered, concurrent)
	fmt.Printf("vector verdict equals reachability: %d of 45\n", right)
	fmt.Printf("Lamport puts an order on %d of the %d concurrent pairs\n", misled, concurrent)
	for _, pair := range [][2]string{{"a1", "c3"}, {"c1", "a3"}} {
		a, b := stamps[pair[0]], stamps[pair[1]]
		fmt.Printf("%s %s: Lamport %d < %d, vector says %s\n",
			pair[0], pair[1], a.lamport, b.lamport, Compare(a.vector, b.vector))
	}
}

type write struct {
	stamp Hybrid
	value string
}

func winner(writes ...write) string {
	return slices.MaxFunc(writes, func(a, b write) int {
		return cmp.Or(compareHybrid(a.stamp, b.stamp), cmp.Compare(a.value, b.value))
	}).value
}

func must(stamp Hybrid, err error) Hybrid {
	if err != nil {
		panic(err)
	}
	return stamp
}

func lastWriteWins() {
	fmt.Println("\nA's clock is 3000 ms fast; A writes Bergen at 1000, B Oslo at 2000")
	kept := winner(write{Hybrid{1000 + 3000, 0}, "Bergen"}, write{Hybrid{2000, 0}, "Oslo"})
	fmt.Printf("wall clock                  A 4000    B 2000    kept: %s\n", kept)
	for _, story := range []struct {
		title   string
		hasSeen bool
	}{{"B had seen A 4000+0", true}, {"B had not", false}} {
		a := HybridClock{skew: 3000, limit: 5000}
		b := HybridClock{skew: 0, limit: 5000}
		first := must(a.Stamp(1000, Hybrid{}))
		var seen Hybrid
		if story.hasSeen {
			seen = first
		}
		second := must(b.Stamp(2000, seen))
		kept := winner(write{first, "Bergen"}, write{second, "Oslo"})
		fmt.Printf("hybrid, %-20sA %d+%d  B %d+%d  kept: %s\n", story.title,
			first.time, first.count, second.time, second.count, kept)
		if story.hasSeen {
			next := must(b.Stamp(4500, Hybrid{}))
			fmt.Printf("  B writes again at 4500: %d+%d\n", next.time, next.count)
		}
	}
	strict := HybridClock{limit: 500}
	if _, err := strict.Stamp(2000, Hybrid{4000, 0}); err != nil {
		fmt.Printf("hybrid, limit 500 ms: B refuses A's stamp, %v\n", err)
	}
}

func main() {
	trace()
	lastWriteWins()
}
