// State-based CRDTs: merge in any order, as often as you like.
package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// --8<-- [start:show]

// Tag names one add: unique for ever.
type Tag struct {
	replica string
	number  int
}

// GCounter grows only. Each replica raises its own entry.
type GCounter map[string]int

func (c GCounter) Add(replica string, amount int) { c[replica] += amount }

func (c GCounter) Value() int {
	total := 0
	for _, count := range c {
		total += count
	}
	return total
}

func (c GCounter) Merge(other GCounter) {
	for replica, count := range other {
		c[replica] = max(c[replica], count)
	}
}

// Note: last write wins. The larger (clock, replica) keeps its text.
type Note struct {
	clock   int
	replica string
	text    string
}

func (n *Note) Write(replica, text string) { *n = Note{n.clock + 1, replica, text} }

func (n *Note) Merge(other Note) {
	if cmp.Or(cmp.Compare(other.clock, n.clock), cmp.Compare(other.replica, n.replica)) > 0 {
		*n = other
	}
}

// OrSet is an observed-remove set: a remove covers only the adds it has seen.
type OrSet struct {
	added   map[Tag]string
	removed map[Tag]bool // tombstones
}

func (s OrSet) Add(tag Tag, item string) { s.added[tag] = item }

func (s OrSet) Remove(item string) {
	for tag, it := range s.added {
		if it == item {
			s.removed[tag] = true
		}
	}
}

func (s OrSet) Items() []string {
	live := map[string]bool{}
	for tag, item := range s.added {
		if !s.removed[tag] {
			live[item] = true
		}
	}
	return slices.Sorted(maps.Keys(live))
}

func (s OrSet) Merge(other OrSet) {
	maps.Copy(s.added, other.added)
	maps.Copy(s.removed, other.removed)
}

// --8<-- [end:show]

type Replica struct {
	name         string
	likes, taken GCounter // likes minus taken: a PN-counter
	note         Note
	cart         OrSet
	plain        int // what not to do: one integer, the larger wins
	tags         int
}

func newReplica(name string) *Replica {
	return &Replica{name: name, likes: GCounter{}, taken: GCounter{},
		cart: OrSet{map[Tag]string{}, map[Tag]bool{}}}
}

func (r *Replica) clone() *Replica {
	c := *r
	c.likes, c.taken = maps.Clone(r.likes), maps.Clone(r.taken)
	c.cart = OrSet{maps.Clone(r.cart.added), maps.Clone(r.cart.removed)}
	return &c
}

func (r *Replica) newTag() Tag {
	r.tags++
	return Tag{r.name, r.tags}
}

func (r *Replica) merge(other *Replica) {
	r.likes.Merge(other.likes)
	r.taken.Merge(other.taken)
	r.note.Merge(other.note)
	r.cart.Merge(other.cart)
	r.plain = max(r.plain, other.plain)
}

func (r *Replica) visible() string {
	likes := r.likes.Value()
	return fmt.Sprint(likes, likes-r.taken.Value(), r.note.text, r.cart.Items())
}

// Random is the same small generator in every language.
type Random struct{ state int }

func (r *Random) Below(limit int) int {
	r.state = (r.state*1103515245 + 12345) % (1 << 31)
	return (r.state >> 16) % limit
}

func shown(r *Replica) string {
	return cmp.Or(strings.Join(r.cart.Items(), " "), "empty")
}

func sync(a, b *Replica) {
	a.merge(b)
	b.merge(a)
}

func trace() {
	a, b := newReplica("A"), newReplica("B")
	a.cart.Add(a.newTag(), "milk")
	sync(a, b)
	fmt.Printf("both carts %s; then, without hearing of each other:\n", shown(a))
	a.cart.Remove("milk")
	b.cart.Add(b.newTag(), "milk")
	a.likes.Add("A", 3)
	b.likes.Add("B", 2)
	a.plain, b.plain = 3, 2
	a.note.Write("A", "ring twice")
	b.note.Write("B", "leave at door")
	fmt.Println("A removes milk, likes 3, notes ring twice")
	fmt.Println("B adds milk, likes 2, notes leave at door")
	sync(a, b)
	sync(a, b)
	fmt.Printf("merged twice: cart %s, likes %d, plain integer %d, note %s\n",
		shown(a), a.likes.Value(), a.plain, a.note.text)
	a.cart.Remove("milk")
	sync(a, b)
	fmt.Printf("A removes milk, B's add seen: cart %s, %d tombstones\n",
		shown(b), len(b.cart.removed))
}

type Tally struct {
	operations, delivered, repeated, overtaken, lost int
	converged, countersRight, cartsRight, plainRight int
}

// Truth is what an observer of all changes expects, without any merging.
type Truth struct {
	likes, taken int
	added        map[Tag]string
	removed      map[Tag]bool
}

func (t *Truth) cart() []string {
	items := map[string]bool{}
	for tag, item := range t.added {
		if !t.removed[tag] {
			items[item] = true
		}
	}
	return slices.Sorted(maps.Keys(items))
}

// operate makes one random change with what this replica knows.
func operate(replica *Replica, random *Random, step int, truth *Truth) {
	item := []string{"milk", "bread", "tea"}[random.Below(3)]
	switch random.Below(5) {
	case 0:
		replica.likes.Add(replica.name, 1)
		replica.plain++
		truth.likes++
	case 1:
		replica.taken.Add(replica.name, 1)
		truth.taken++
	case 2:
		replica.note.Write(replica.name, fmt.Sprintf("note %d", step))
	case 3:
		tag := replica.newTag()
		replica.cart.Add(tag, item)
		truth.added[tag] = item
	default:
		for tag, it := range replica.cart.added {
			if it == item {
				truth.removed[tag] = true
			}
		}
		replica.cart.Remove(item)
	}
}

type message struct {
	target, number int
	state          *Replica
}

type link struct {
	target int
	source string
}

// Network delivers in any order; it repeats and, if allowed to, loses.
type Network struct {
	replicas []*Replica
	random   *Random
	tally    *Tally
	flying   []message
	sent     int
	newest   map[link]int
}

func (n *Network) Send(source, target int) {
	n.sent++
	n.flying = append(n.flying, message{target, n.sent, n.replicas[source].clone()})
}

func (n *Network) Deliver(mayLose bool) {
	chosen := n.random.Below(len(n.flying))
	fate := n.random.Below(10)
	m := n.flying[chosen]
	if fate > 0 { // at 0 it stays in flight and will arrive again
		n.flying = slices.Delete(n.flying, chosen, chosen+1)
	}
	if fate == 1 && mayLose {
		n.tally.lost++
		return
	}
	via := link{m.target, m.state.name}
	n.tally.delivered++
	if fate == 0 {
		n.tally.repeated++
	}
	if m.number < n.newest[via] {
		n.tally.overtaken++
	}
	n.newest[via] = max(m.number, n.newest[via])
	n.replicas[m.target].merge(m.state)
}

func schedule(seed int, tally *Tally) {
	random := &Random{seed}
	truth := &Truth{added: map[Tag]string{}, removed: map[Tag]bool{}}
	replicas := []*Replica{newReplica("A"), newReplica("B"), newReplica("C")}
	network := &Network{replicas: replicas, random: random, tally: tally, newest: map[link]int{}}
	for step := range 90 {
		switch random.Below(3) {
		case 0:
			tally.operations++
			operate(replicas[random.Below(3)], random, step, truth)
		case 1:
			source := random.Below(3)
			network.Send(source, (source+1+random.Below(2))%3)
		default:
			if len(network.flying) > 0 {
				network.Deliver(true)
			}
		}
	}
	for source := range 3 { // quiet now: the last states do arrive
		for target := range 3 {
			if target != source {
				network.Send(source, target)
			}
		}
	}
	for len(network.flying) > 0 {
		network.Deliver(false)
	}

	a, b, c := replicas[0], replicas[1], replicas[2]
	if a.visible() == b.visible() && b.visible() == c.visible() {
		tally.converged++
	}
	likes := a.likes.Value()
	if likes == truth.likes && likes-a.taken.Value() == truth.likes-truth.taken {
		tally.countersRight++
	}
	if slices.Equal(a.cart.Items(), truth.cart()) {
		tally.cartsRight++
	}
	if a.plain == truth.likes {
		tally.plainRight++
	}
}

func main() {
	trace()
	tally := &Tally{}
	for seed := 1; seed <= 300; seed++ {
		schedule(seed, tally)
	}
	fmt.Printf("\n300 schedules, 3 replicas, %d changes\n", tally.operations)
	fmt.Printf("states delivered %d, of these repeated %d, overtaken %d; lost %d\n",
		tally.delivered, tally.repeated, tally.overtaken, tally.lost)
	fmt.Printf("all three replicas equal   %d of 300\n", tally.converged)
	fmt.Printf("likes and score exact      %d of 300\n", tally.countersRight)
	fmt.Printf("cart as expected           %d of 300\n", tally.cartsRight)
	fmt.Printf("plain integer exact        %d of 300\n", tally.plainRight)
}
