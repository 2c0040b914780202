// Raft in virtual time: a split vote, a commit, a cut, a repaired log.
package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	clusterSize = 5
	majority    = clusterSize/2 + 1
	heartbeat   = 50
	seed        = 1
)

type kind int

const (
	askVote kind = iota
	vote
	appendEntries
	appended
)

type role int

const (
	follower role = iota
	candidate
	leader
)

type entry struct {
	term  int
	value string
}

func (e entry) String() string { return fmt.Sprintf("%s/term %d", e.value, e.term) }

type message struct {
	kind      kind
	sender    string
	term      int
	index     int // of the sender's last entry, or of the one before the new ones
	indexTerm int
	entries   []entry
	commit    int
	ok        bool
}

type event struct {
	at  int
	run func()
}

// world is the clock, the network and the dice. Time jumps from event to event.
type world struct {
	now    int
	events []event // sorted by time, then by arrival
	dice   int
	nodes  []*node
	down   map[string]bool
	island map[string]bool // who is cut off from the others
}

func (w *world) random(below int) int {
	w.dice = (w.dice*1103515245 + 12345) % (1 << 31)
	return (w.dice >> 8) % below
}

func (w *world) after(delay int, run func()) {
	at := w.now + delay
	// Behind the events of the same time: equal times run in the order they came.
	i, _ := slices.BinarySearchFunc(w.events, at+1, func(e event, at int) int {
		return cmp.Compare(e.at, at)
	})
	w.events = slices.Insert(w.events, i, event{at, run})
}

func (w *world) send(to string, m message) {
	w.after(5+w.random(10), func() {
		cut := w.island[m.sender] != w.island[to]
		if !cut && !w.down[to] && !w.down[m.sender] {
			w.node(to).receive(m)
		}
	})
}

func (w *world) node(name string) *node {
	for _, n := range w.nodes {
		if n.name == name {
			return n
		}
	}
	panic("no node " + name)
}

func (w *world) say(who, format string, args ...any) {
	fmt.Printf("%4d  %-6s  %s\n", w.now, who, fmt.Sprintf(format, args...))
}

func (w *world) runUntil(time int) {
	for len(w.events) > 0 && w.events[0].at <= time {
		next := w.events[0]
		w.events = w.events[1:]
		w.now = next.at
		next.run()
	}
	w.now = time
}

type node struct {
	world *world
	name  string
	peers []string
	role  role
	// On disk in a real server, flushed before any answer: term, votedFor, log.
	term     int
	votedFor string
	log      []entry
	commit   int
	votes    map[string]bool
	match    map[string]int // leader: how many entries a peer has for sure
	next     map[string]int // leader: how many it is believed to have
	timer    int
}

func (n *node) receive(m message) {
	n.adopt(m.term)
	switch m.kind {
	case askVote:
		n.onAskVote(m)
	case vote:
		n.onVote(m)
	case appendEntries:
		n.onAppend(m)
	case appended:
		n.onAppended(m)
	}
}

// --8<-- [start:show]

// adopt: a higher term in any message deposes leaders and candidates.
func (n *node) adopt(term int) {
	if term <= n.term {
		return
	}
	if n.role == leader {
		n.say("sees term %d, steps down", term)
		n.waitForLeader()
	}
	n.term, n.votedFor, n.role = term, "", follower
}

// onAskVote gives one vote a term, and only for a log that is at least as complete.
func (n *node) onAskVote(m message) {
	complete := cmp.Or(
		cmp.Compare(m.indexTerm, n.lastTerm()), cmp.Compare(m.index, len(n.log))) >= 0
	free := n.votedFor == "" || n.votedFor == m.sender
	ok := m.term == n.term && free && complete
	if ok {
		n.votedFor = m.sender
		n.say("votes for %s in term %d", m.sender, m.term)
		n.waitForLeader()
	}
	n.send(m.sender, message{kind: vote, ok: ok})
}

// onAppend accepts entries only behind an entry that both sides agree on.
func (n *node) onAppend(m message) {
	if m.term < n.term { // a deposed leader: the answer tells it the term
		n.send(m.sender, message{kind: appended})
		return
	}
	n.role = follower
	n.waitForLeader()
	if n.termAt(m.index) != m.indexTerm { // gap or conflict: go further back
		n.send(m.sender, message{kind: appended})
		return
	}
	for i, e := range m.entries {
		at := m.index + i
		if at < len(n.log) && n.log[at].term != e.term {
			n.say("drops %v, never committed", n.log[at])
			n.log = n.log[:at]
		}
		if at == len(n.log) {
			n.log = append(n.log, e)
		}
	}
	end := m.index + len(m.entries)
	n.advance(min(m.commit, end))
	n.send(m.sender, message{kind: appended, ok: true, index: end})
}

// countCopies: the leader commits what a majority has, if its last entry is of this
// term.
func (n *node) countCopies() {
	copies := append(slices.Collect(maps.Values(n.match)), len(n.log))
	slices.Sort(copies)
	onMajority := copies[clusterSize-majority]
	if n.termAt(onMajority) == n.term {
		n.advance(onMajority)
	}
}

// --8<-- [end:show]

func (n *node) onVote(m message) {
	if n.role == candidate && m.term == n.term && m.ok {
		n.votes[m.sender] = true
		if len(n.votes) == majority {
			n.lead()
		}
	}
}

func (n *node) onAppended(m message) {
	if n.role != leader || m.term != n.term {
		return
	}
	if !m.ok {
		n.next[m.sender] = max(0, n.next[m.sender]-1)
		n.sendEntries(m.sender)
		return
	}
	n.match[m.sender] = max(m.index, n.match[m.sender])
	n.next[m.sender] = n.match[m.sender]
	n.countCopies()
}

func (n *node) waitForLeader() { n.wait(150 + n.world.random(150)) }

func (n *node) wait(timeout int) {
	n.timer++ // makes every earlier timer void
	mine := n.timer
	n.world.after(timeout, func() {
		if n.timer == mine {
			n.campaign()
		}
	})
}

func (n *node) campaign() {
	if n.world.down[n.name] {
		n.waitForLeader()
		return
	}
	if n.role == candidate {
		n.say("got %d votes of %d in term %d", len(n.votes), clusterSize, n.term)
	}
	n.term, n.votedFor, n.role = n.term+1, n.name, candidate
	n.votes = map[string]bool{n.name: true}
	n.say("hears no leader, asks for votes in term %d", n.term)
	for _, peer := range n.peers {
		n.send(peer, message{kind: askVote, index: len(n.log), indexTerm: n.lastTerm()})
	}
	n.waitForLeader()
}

func (n *node) lead() {
	n.role = leader
	n.timer++
	n.next, n.match = map[string]int{}, map[string]int{}
	for _, peer := range n.peers {
		n.next[peer], n.match[peer] = len(n.log), 0
	}
	n.say("LEADS term %d with %d votes of %d", n.term, len(n.votes), clusterSize)
	n.beat(n.term)
}

func (n *node) beat(term int) {
	if n.role != leader || n.term != term {
		return
	}
	for _, peer := range n.peers {
		n.sendEntries(peer)
	}
	n.world.after(heartbeat, func() { n.beat(term) })
}

func (n *node) sendEntries(peer string) {
	at := n.next[peer]
	n.send(peer, message{
		kind: appendEntries, index: at, indexTerm: n.termAt(at),
		entries: slices.Clone(n.log[at:]), commit: n.commit,
	})
}

func (n *node) write(value string) {
	n.log = append(n.log, entry{n.term, value})
	n.say("accepts %s as entry %d of term %d", value, len(n.log), n.term)
}

func (n *node) advance(commit int) {
	for i := n.commit; i < commit; i++ {
		if n.role != leader {
			continue
		}
		copies := 1
		for _, has := range n.match {
			if has > i {
				copies++
			}
		}
		n.say("COMMITS %v, on %d of %d", n.log[i], copies, clusterSize)
	}
	n.commit = max(n.commit, commit)
}

func (n *node) send(to string, m message) {
	m.sender, m.term = n.name, n.term
	n.world.send(to, m)
}

// termAt is the term of the last of that many entries; -1 if there are fewer.
func (n *node) termAt(count int) int {
	switch {
	case count > len(n.log):
		return -1
	case count == 0:
		return 0
	}
	return n.log[count-1].term
}

func (n *node) lastTerm() int { return n.termAt(len(n.log)) }

func (n *node) say(format string, args ...any) { n.world.say(n.name, format, args...) }

// logs prints nodes with the same log on one line, with a stroke before what is not
// committed.
func logs(w *world) {
	var order []string
	same := map[string][]string{}
	for _, n := range w.nodes {
		var entries []string
		for _, e := range n.log {
			entries = append(entries, fmt.Sprintf("%s/%d", e.value, e.term))
		}
		log := strings.Join(slices.Insert(entries, n.commit, "|"), " ")
		if same[log] == nil {
			order = append(order, log)
		}
		same[log] = append(same[log], n.name)
	}
	for _, log := range order {
		fmt.Printf("      %-16s%s\n", strings.Join(same[log], " "), log)
	}
}

// leaderOf finds the leader outside the island.
func leaderOf(w *world) *node {
	for _, n := range w.nodes {
		if n.role == leader && !w.island[n.name] {
			return n
		}
	}
	panic("no leader")
}

func newWorld(names []string, firstTimeouts []int) *world {
	w := &world{dice: seed, down: map[string]bool{"n5": true}}
	for i, name := range names {
		n := &node{world: w, name: name}
		for _, peer := range names {
			if peer != name {
				n.peers = append(n.peers, peer)
			}
		}
		w.nodes = append(w.nodes, n)
		n.wait(firstTimeouts[i])
	}
	return w
}

func main() {
	names := []string{"n1", "n2", "n3", "n4", "n5"}
	w := newWorld(names, []int{160, 160, 290, 295, 299})
	w.say("world", "n5 is down; n1 and n2 time out together")
	w.runUntil(700)
	old := leaderOf(w)
	old.write("x=1")
	w.runUntil(800)
	clear(w.down)
	w.say("world", "n5 starts")
	w.runUntil(1000)
	w.island = map[string]bool{old.name: true, old.peers[0]: true}
	w.say("world", "the network cuts off %s and %s", old.name, old.peers[0])
	old.write("x=2")
	w.runUntil(1500)
	leaderOf(w).write("x=3")
	w.runUntil(1650)
	logs(w)
	w.island = nil
	w.say("world", "the cut is repaired")
	w.runUntil(1850)
	logs(w)
}
