// Which node keeps a key: modulo, a hash ring, rendezvous hashing.
package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"log"
	"slices"
	"strconv"
)

// --8<-- [start:show]

// position is one of 2^48, the same in every process and language; hash/maphash
// has another seed in every process.
func position(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:]) >> 16
}

type point struct {
	position uint64
	node     string
}

// Ring is immutable: when nodes come or go, make a new one and swap it in.
type Ring struct{ points []point }

func NewRing(nodes []string, pointsPerNode int) (*Ring, error) {
	if len(nodes) == 0 || pointsPerNode < 1 {
		return nil, errors.New("a ring needs nodes, a node needs points")
	}
	points := make([]point, 0, len(nodes)*pointsPerNode)
	for _, node := range nodes {
		for n := range pointsPerNode {
			points = append(points, point{position(node + "#" + strconv.Itoa(n)), node})
		}
	}
	slices.SortFunc(points, func(a, b point) int {
		return cmp.Or(cmp.Compare(a.position, b.position), cmp.Compare(a.node, b.node))
	})
	return &Ring{points}, nil
}

// NodeFor returns the node of the first point at the key's position or after it.
func (r *Ring) NodeFor(key string) string {
	index, _ := slices.BinarySearchFunc(r.points, position(key), func(p point, at uint64) int {
		return cmp.Compare(p.position, at)
	})
	return r.points[index%len(r.points)].node // after the last, the first
}

// rendezvous returns the node that draws the highest number for this key.
func rendezvous(nodes []string, key string) string {
	return slices.MaxFunc(nodes, func(a, b string) int {
		return cmp.Compare(position(a+"#"+key), position(b+"#"+key))
	})
}

func modulo(nodes []string, key string) string {
	return nodes[position(key)%uint64(len(nodes))]
}

// --8<-- [end:show]

const keyCount = 10_000

// place says which node keeps a key; method makes it for some nodes.
type (
	place  func(key string) string
	method func(nodes []string) (place, error)
)

func byModulo(nodes []string) (place, error) {
	return func(key string) string { return modulo(nodes, key) }, nil
}

func byRing(points int) method {
	return func(nodes []string) (place, error) {
		ring, err := NewRing(nodes, points)
		if err != nil {
			return nil, err
		}
		return ring.NodeFor, nil
	}
}

func byRendezvous(nodes []string) (place, error) {
	return func(key string) string { return rendezvous(nodes, key) }, nil
}

// placement is the node of every key, by the number of the key.
type placement []string

func placeAll(by method, nodes []string) (placement, error) {
	nodeFor, err := by(nodes)
	if err != nil {
		return nil, err
	}
	placed := make(placement, keyCount)
	for number := range placed {
		placed[number] = nodeFor("user:" + strconv.Itoa(number))
	}
	return placed, nil
}

type move struct{ from, to string }

func moves(before, after placement) map[move]int {
	counts := map[move]int{}
	for number, from := range before {
		if to := after[number]; from != to {
			counts[move{from, to}]++
		}
	}
	return counts
}

func total(counts map[move]int, counted func(move) bool) int {
	sum := 0
	for m, count := range counts {
		if counted(m) {
			sum += count
		}
	}
	return sum
}

func every(move) bool { return true }

type row struct {
	label                string
	four, five, withoutC placement
}

func run() error {
	nodes := []string{"a", "b", "c", "d", "e"}
	var rows []row
	for _, each := range []struct {
		label string
		by    method
	}{
		{"modulo", byModulo},
		{"ring, 1 point a node", byRing(1)},
		{"ring, 10 points", byRing(10)},
		{"ring, 100 points", byRing(100)},
		{"ring, 1,000 points", byRing(1000)},
		{"rendezvous", byRendezvous},
	} {
		four, err := placeAll(each.by, nodes[:4])
		if err != nil {
			return err
		}
		five, err := placeAll(each.by, nodes)
		if err != nil {
			return err
		}
		withoutC, err := placeAll(each.by, []string{"a", "b", "d", "e"})
		if err != nil {
			return err
		}
		rows = append(rows, row{each.label, four, five, withoutC})
	}

	fmt.Println("10,000 keys on nodes a, b, c, d; e joins")
	fmt.Println("                      moved  of these not to e")
	for _, r := range rows {
		joining := moves(r.four, r.five)
		strays := total(joining, func(m move) bool { return m.to != "e" })
		fmt.Printf("%-22s%5d%19d\n", r.label, total(joining, every), strays)
	}

	fmt.Println("\nkeys per node            a     b     c     d     e  largest / mean")
	for _, r := range rows {
		load := map[string]int{}
		for _, node := range r.five {
			load[node]++
		}
		fmt.Printf("%-20s", r.label)
		largest := 0
		for _, node := range nodes {
			fmt.Printf("%6d", load[node])
			largest = max(largest, load[node])
		}
		fmt.Printf("%14d %%\n", largest*len(nodes)*100/keyCount)
	}

	fmt.Println("\nc leaves              moved  of these not from c  most of c's to one node")
	for _, r := range rows {
		leaving := moves(r.five, r.withoutC)
		strays := total(leaving, func(m move) bool { return m.from != "c" })
		most := 0
		for m, count := range leaving {
			if m.from == "c" {
				most = max(most, count)
			}
		}
		fmt.Printf("%-22s%5d%21d%25d\n", r.label, total(leaving, every), strays, most)
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
