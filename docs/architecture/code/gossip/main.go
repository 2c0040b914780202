// Push gossip: how fast news spreads, and a failure detector built on it.
package main

import (
	"fmt"
	"slices"
	"strings"
)

// Random is the same small generator in every language.
type Random struct{ state int }

func (r *Random) Below(limit int) int {
	r.state = (r.state*1103515245 + 12345) % (1 << 31)
	return (r.state >> 16) % limit
}

// --8<-- [start:show]

// peer picks anybody but me, dead or alive: the sender does not know.
func peer(me, nodes int, random *Random) int {
	return (me + 1 + random.Below(nodes-1)) % nodes
}

// spread tells how many live nodes know the news after each round; node 0 starts.
func spread(nodes int, dead map[int]bool, random *Random) []int {
	knows := make([]bool, nodes)
	knows[0] = true
	counts := []int{1}
	for known := 1; known < nodes-len(dead); counts = append(counts, known) {
		for node, informed := range slices.Clone(knows) {
			if !informed {
				continue
			}
			target := peer(node, nodes, random)
			if !knows[target] && !dead[target] {
				knows[target] = true
				known++
			}
		}
	}
	return counts
}

// Member is what one node knows of all: heartbeat counters and when each last rose.
type Member struct {
	index, timeout, forgetAfter int
	counters, risen             []int
}

func (m *Member) Suspects(node, now int) bool { return now-m.risen[node] > m.timeout }

// Beat returns the table to send: nothing about nodes that this one suspects.
func (m *Member) Beat(now int) []int {
	m.counters[m.index]++
	m.risen[m.index] = now
	table := make([]int, len(m.counters))
	for node, risen := range m.risen {
		if now-risen > m.forgetAfter {
			m.counters[node] = 0
		}
		if !m.Suspects(node, now) {
			table[node] = m.counters[node]
		}
	}
	return table
}

func (m *Member) Merge(table []int, now int) {
	for node, counter := range table {
		if counter > m.counters[node] {
			m.counters[node] = counter
			m.risen[node] = now
		}
	}
}

// --8<-- [end:show]

func roundsUntilAllKnow() {
	fmt.Println("rounds until all live nodes know, over 20 seeds; one peer a round")
	fmt.Println("nodes  log2 N  all alive  every fifth dead")
	for _, power := range []int{4, 6, 8, 10} {
		nodes := 1 << power
		fifth := map[int]bool{}
		for node := 4; node < nodes; node += 5 {
			fifth[node] = true
		}
		var columns []string
		for _, dead := range []map[int]bool{{}, fifth} {
			var rounds []int
			for seed := 1; seed <= 20; seed++ {
				rounds = append(rounds, len(spread(nodes, dead, &Random{seed}))-1)
			}
			columns = append(columns, fmt.Sprintf("%3d to %d", slices.Min(rounds), slices.Max(rounds)))
		}
		fmt.Printf("%5d  %6d  %9s  %16s\n", nodes, power, columns[0], columns[1])
	}
	counts := fmt.Sprint(spread(256, nil, &Random{1}))
	fmt.Println("256 nodes, seed 1, who knows:", strings.Trim(counts, "[]"))
}

const nodes, crashed, crashAt, rounds = 16, 3, 100, 300

// detect runs heartbeats on a network that loses one message in ten: false
// alarms, when each node noticed the crash, and how often it was undone.
func detect(seed, timeout, forgetAfter int) (falseAlarms int, noticed map[int]int, revived int) {
	random := &Random{seed}
	members := make([]*Member, nodes)
	for i := range members {
		members[i] = &Member{i, timeout, forgetAfter, make([]int, nodes), make([]int, nodes)}
		for node := range nodes {
			members[i].counters[node] = 1
		}
	}
	type message struct {
		to    *Member
		table []int
	}
	noticed = map[int]int{}
	suspected := map[[2]int]bool{}
	for now := 1; now <= rounds; now++ {
		alive := func(m *Member) bool { return m.index != crashed || now < crashAt }
		var messages []message
		for _, member := range members {
			if !alive(member) {
				continue
			}
			table, target := member.Beat(now), peer(member.index, nodes, random)
			if random.Below(10) > 0 {
				messages = append(messages, message{members[target], table})
			}
		}
		for _, m := range messages {
			if !alive(m.to) {
				continue
			}
			forgotten := m.to.counters[crashed] == 0
			m.to.Merge(m.table, now)
			if forgotten && m.to.counters[crashed] > 0 && now > crashAt {
				revived++
			}
		}
		for _, member := range members {
			if !alive(member) {
				continue
			}
			for node := range nodes {
				pair := [2]int{member.index, node}
				if !member.Suspects(node, now) {
					delete(suspected, pair)
				} else if !suspected[pair] {
					suspected[pair] = true
					if node != crashed || now < crashAt {
						falseAlarms++
					}
				}
				if _, known := noticed[member.index]; !known &&
					node == crashed && now >= crashAt && suspected[pair] {
					noticed[member.index] = now - crashAt
				}
			}
		}
	}
	return falseAlarms, noticed, revived
}

func overTenSeeds(timeout, forgetAfter int) string {
	alarms, revived, undone := 0, 0, 0
	first, last := rounds, 0
	for seed := 1; seed <= 10; seed++ {
		falseAlarms, noticed, back := detect(seed, timeout, forgetAfter)
		alarms += falseAlarms
		revived += back
		if back > 0 {
			undone++
		}
		for _, after := range noticed {
			first, last = min(first, after), max(last, after)
		}
	}
	return fmt.Sprintf("%7d  %12d  %12d  %6d to %3d  %5d in %2d runs",
		timeout, forgetAfter, alarms, first, last, revived, undone)
}

func main() {
	roundsUntilAllKnow()
	fmt.Println("\n16 nodes, 1 in 10 messages lost, node 3 dies in round 100; 10 seeds")
	fmt.Println("timeout  forget after  false alarms  noticed after  back from dead")
	for _, c := range [][2]int{{6, 12}, {9, 18}, {12, 24}, {24, 48}, {12, 12}} {
		fmt.Println(overTenSeeds(c[0], c[1]))
	}
}
