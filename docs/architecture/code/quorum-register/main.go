// A replicated register: refuse or diverge, and what R+W>N does not promise.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

const nodes = "ABCDE"

// --8<-- [start:show]

// Version has a dot, the replica that accepted the write and its count: unique
// for ever. Its version vector says what the writer had read.
type Version struct {
	value  string
	node   rune
	number int
	seen   map[rune]int
}

func (v Version) Replaces(old Version) bool { return v.seen[old.node] >= old.number }

// merge drops what another version replaces. More than one left: siblings.
func merge(versions []Version) []Version {
	every := slices.Clone(versions)
	slices.SortFunc(every, func(a, b Version) int {
		return cmp.Or(cmp.Compare(a.node, b.node), cmp.Compare(a.number, b.number))
	})
	every = slices.CompactFunc(every, func(a, b Version) bool {
		return a.node == b.node && a.number == b.number
	})
	var left []Version
	for _, v := range every {
		replaced := func(other Version) bool { return other.Replaces(v) }
		if !slices.ContainsFunc(every, replaced) {
			left = append(left, v)
		}
	}
	return left
}

type Cluster struct {
	needed int // replicas an operation must reach: a majority, or just one
	sides  []string
	stored map[rune][]Version
	count  map[rune]int
}

var ErrRefused = errors.New("refused")

func (c *Cluster) Reach(node rune) (string, error) {
	at := slices.IndexFunc(c.sides, func(s string) bool { return strings.ContainsRune(s, node) })
	if side := c.sides[at]; len(side) >= c.needed {
		return side, nil
	}
	return "", fmt.Errorf("%w: reaches %d of 5, needs %d", ErrRefused, len(c.sides[at]), c.needed)
}

func (c *Cluster) Read(node rune) ([]Version, error) {
	side, err := c.Reach(node)
	if err != nil {
		return nil, err
	}
	var all []Version
	for _, replica := range side {
		all = append(all, c.stored[replica]...)
	}
	found := merge(all)
	for _, replica := range side { // read repair
		c.stored[replica] = found
	}
	return found, nil
}

func (c *Cluster) Write(node rune, value string, read []Version) error {
	side, err := c.Reach(node)
	if err != nil {
		return err
	}
	seen := map[rune]int{}
	for _, v := range read {
		for name, number := range v.seen {
			seen[name] = max(seen[name], number)
		}
		seen[v.node] = max(seen[v.node], v.number)
	}
	c.count[node]++
	fresh := Version{value, node, c.count[node], seen}
	sent := merge(append(slices.Clone(c.stored[node]), fresh)) // with siblings: no gaps in dots
	for _, replica := range side {
		c.stored[replica] = merge(slices.Concat(c.stored[replica], sent))
	}
	return nil
}

// --8<-- [end:show]

type Operation struct {
	process     string
	start, end  int
	kind, value string
}

func realTime(a, b Operation) bool { return a.end < b.start }

func programOrder(a, b Operation) bool { return a.process == b.process && a.end < b.start }

// --8<-- [start:check]

// explains asks: is there an order in which one register gives exactly these
// answers?
func explains(history []Operation, mustPrecede func(a, b Operation) bool, value string) bool {
	if len(history) == 0 {
		return true
	}
	for i, first := range history {
		rest := slices.Delete(slices.Clone(history), i, i+1)
		earlier := func(other Operation) bool { return mustPrecede(other, first) }
		if slices.ContainsFunc(rest, earlier) {
			continue
		}
		if first.kind == "read" && first.value != value {
			continue
		}
		if explains(rest, mustPrecede, first.value) {
			return true
		}
	}
	return false
}

// --8<-- [end:check]

func show(versions []Version) string {
	if len(versions) == 0 {
		return "nothing"
	}
	var parts []string
	for _, v := range versions {
		parts = append(parts, fmt.Sprintf("%s (%c%d)", v.value, v.node, v.number))
	}
	return strings.Join(parts, " | ")
}

func partition(needed int, title string) error {
	fmt.Println(title)
	cluster := &Cluster{needed, []string{nodes}, map[rune][]Version{}, map[rune]int{}}
	if err := cluster.Write('A', "pen", nil); err != nil {
		return err
	}
	start, err := cluster.Read('E')
	if err != nil {
		return err
	}
	write := func(title string, node rune, value string, read []Version) {
		outcome := "ok"
		if err := cluster.Write(node, value, read); err != nil {
			outcome = err.Error()
		}
		fmt.Printf("%-22s %s\n", title, outcome)
	}
	read := func(title string, node rune) []Version {
		found, err := cluster.Read(node)
		outcome := show(found)
		if err != nil {
			outcome = err.Error()
		}
		fmt.Printf("%-22s %s\n", title, outcome)
		return found
	}
	cluster.sides = []string{"ABC", "DE"}
	write("A writes pen+book", 'A', "pen+book", start)
	write("D writes pen+mug", 'D', "pen+mug", start)
	read("B reads", 'B')
	read("E reads", 'E')
	cluster.sides = []string{nodes}
	if found := read("healed, C reads", 'C'); len(found) > 1 {
		write("C writes both, merged", 'C', "pen+book+mug", found)
		read("E reads", 'E')
	}
	return nil
}

// quorum runs N=3, W=2, R=2. The write has reached one replica when the reads come.
func quorum(writeBack bool) []Operation {
	type copied struct {
		number int
		value  string
	}
	replicas := []copied{{1, "new"}, {0, "old"}, {0, "old"}}
	history := []Operation{{"writer", 0, 100, "write", "new"}}
	for _, r := range []struct {
		name  string
		start int
		asked []int
	}{{"Ann", 10, []int{0, 1}}, {"Bob", 30, []int{1, 2}}} {
		newest := replicas[r.asked[0]]
		for _, i := range r.asked {
			if replicas[i].number > newest.number {
				newest = replicas[i]
			}
		}
		if writeBack {
			for _, i := range r.asked {
				replicas[i] = newest
			}
		}
		history = append(history, Operation{r.name, r.start, r.start + 10, "read", newest.value})
	}
	return history
}

func judge(title string, history []Operation) {
	verdict := func(order func(a, b Operation) bool) string {
		if explains(history, order, "old") {
			return "yes"
		}
		return "no"
	}
	fmt.Printf("%-30s %5s %6s %13s %11s\n", title, history[1].value, history[2].value,
		verdict(realTime), verdict(programOrder))
}

func main() {
	if err := partition(3, "majority of 5 needed; partition A B C, D E"); err != nil {
		panic(err)
	}
	if err := partition(1, "\none replica is enough; same partition"); err != nil {
		panic(err)
	}
	fmt.Println("\nN=3 R=2 W=2, write in progress    Ann    Bob  linearizable  sequential")
	plain := quorum(false)
	judge("newest of two", plain)
	judge("newest of two, written back", quorum(true))
	alone := slices.Clone(plain)
	alone[2].process = "Ann"
	judge("newest of two, Ann reads twice", alone)
}
