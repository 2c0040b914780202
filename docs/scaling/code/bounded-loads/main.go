// Which server keeps a session: modulo, ring, ring with bounded loads, cookie.
package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"iter"
	"slices"
	"strconv"
)

var (
	four     = []string{"a", "b", "c", "d"}
	five     = []string{"a", "b", "c", "d", "e"}
	withoutC = []string{"a", "b", "d", "e"}
)

func position(text string) uint64 {
	sum := sha256.Sum256([]byte(text))
	return binary.BigEndian.Uint64(sum[:]) >> 16
}

type point struct {
	position uint64
	server   string
}

// --8<-- [start:show]

type Ring []point

func NewRing(servers []string) Ring {
	var ring Ring
	for _, server := range servers {
		for n := range 100 {
			ring = append(ring, point{position(server + "#" + strconv.Itoa(n)), server})
		}
	}
	slices.SortFunc(ring, func(a, b point) int { return cmp.Compare(a.position, b.position) })
	return ring
}

// Walk yields all servers, from the address's place on the ring onward.
func (r Ring) Walk(address string) iter.Seq[string] {
	return func(yield func(string) bool) {
		start, _ := slices.BinarySearchFunc(r, position(address),
			func(p point, at uint64) int { return cmp.Compare(p.position, at) })
		for step := range r {
			if !yield(r[(start+step)%len(r)].server) {
				return
			}
		}
	}
}

// bounded takes the first server on the way whose load is below 1.25 times the mean.
func bounded(servers, addresses []string) []string {
	ring, load := NewRing(servers), map[string]int{}
	var placed []string
	for _, address := range addresses {
		share := 100 * len(servers)
		capacity := (125*(len(placed)+1) + share - 1) / share // rounded up
		for server := range ring.Walk(address) {
			if load[server] < capacity {
				load[server]++
				placed = append(placed, server)
				break
			}
		}
	}
	return placed
}

// --8<-- [end:show]

func onRing(servers, addresses []string) []string {
	ring := NewRing(servers)
	var placed []string
	for _, address := range addresses {
		for server := range ring.Walk(address) {
			placed = append(placed, server)
			break
		}
	}
	return placed
}

func modulo(servers, addresses []string) []string {
	var placed []string
	for _, address := range addresses {
		placed = append(placed, servers[position(address)%uint64(len(servers))])
	}
	return placed
}

// sessions: every fifth comes from the one address of a big office.
func sessions() []string {
	list := make([]string, 1000)
	for n := range list {
		list[n] = "203.0.113.7"
		if n%5 != 0 {
			list[n] = fmt.Sprintf("10.0.%d.%d", n/250, n%250)
		}
	}
	return list
}

// cookie names the server; only sessions whose server is gone move.
func cookie(servers, before []string) []string {
	turns := 0
	placed := slices.Clone(before)
	for n, server := range placed {
		if !slices.Contains(servers, server) {
			placed[n] = servers[turns%len(servers)]
			turns++
		}
	}
	return placed
}

func count(placed []string) map[string]int {
	load := map[string]int{}
	for _, server := range placed {
		load[server]++
	}
	return load
}

func printRow(name string, first, joined, died []string) {
	largest := 0
	for _, sessions := range count(first) {
		largest = max(largest, sessions*len(four)*100/len(first))
	}
	moved, others := 0, 0
	for n := range first {
		if first[n] != joined[n] {
			moved++
		}
		if joined[n] != "c" && joined[n] != died[n] {
			others++
		}
	}
	fmt.Printf("%-14s%6d %%%12d", name, largest, moved)
	load := count(joined)
	for _, server := range five {
		fmt.Printf("%5d", load[server])
	}
	fmt.Printf("%17d\n", others)
}

func main() {
	all := sessions()
	fmt.Println("1,000 sessions, 200 of them from one address, on a to d; then e joins")
	fmt.Println("               largest   moved as  sessions on each           not on c, but")
	fmt.Println("               / mean     e joins    a    b    c    d    e  moved as c dies")
	for _, row := range []struct {
		name  string
		place func(servers, addresses []string) []string
	}{
		{"address mod N", modulo},
		{"ring", onRing},
		{"ring, bounded", bounded},
	} {
		printRow(row.name, row.place(four, all), row.place(five, all), row.place(withoutC, all))
	}
	var first []string
	for n := range all {
		first = append(first, four[n%len(four)])
	}
	later := cookie(five, first)
	printRow("cookie", first, later, cookie(withoutC, later))
}
