// Cut files by content, send what is missing, commit against an expected version.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

const size = 65_536

// Generator is a small linear congruential generator: the same in every language.
type Generator uint32

func (g *Generator) next() uint32 {
	*g = (*g*1103515245 + 12345) & 0x7FFFFFFF
	return uint32(*g) >> 15
}

var gear = gearTable(1)

func gearTable(seed Generator) (table [256]uint32) {
	for i := range table {
		high := seed.next()
		table[i] = high<<16 | seed.next()
	}
	return table
}

func randomBytes(seed Generator, n int) []byte {
	data := make([]byte, n)
	for i := range data {
		data[i] = byte(seed.next())
	}
	return data
}

// --8<-- [start:show]

const (
	shortest, longest = 256, 4096
	cut               = 0xFFC00000 // ten bits must be zero: about 1,024 bytes after the shortest
)

func byContent(data []byte) (chunks [][]byte) {
	start, rolling := 0, uint32(0)
	for i, b := range data {
		rolling = rolling<<1 + gear[b] // the last 32 bytes
		length := i + 1 - start
		if (length >= shortest && rolling&cut == 0) || length == longest {
			chunks = append(chunks, data[start:i+1])
			start, rolling = i+1, 0
		}
	}
	if start < len(data) {
		chunks = append(chunks, data[start:])
	}
	return chunks
}

func (n *Namespace) missing(names []string) (lacking []string) {
	for _, name := range names {
		if _, has := n.chunks[name]; !has && !slices.Contains(lacking, name) {
			lacking = append(lacking, name)
		}
	}
	return lacking
}

func (n *Namespace) put(name string, chunk []byte) int {
	if digest(chunk) != name {
		return 422
	}
	n.chunks[name] = chunk
	return 201
}

func (n *Namespace) commit(key, path string, replaces int, names []string) (status, version int) {
	if version, ok := n.done[key]; ok { // a retry is not a conflict with itself
		return 200, version
	}
	version = n.heads[path].version
	if version != replaces {
		return 412, version
	}
	if len(n.missing(names)) > 0 {
		return 409, version
	}
	version++
	n.heads[path] = Head{version, names} // from here in one transaction
	n.journal = append(n.journal, fmt.Sprintf("%s v%d", path, version))
	n.done[key] = version
	return 200, version
}

// --8<-- [end:show]

// Head is the current version of a path and its chunks in order.
type Head struct {
	version int
	names   []string
}

// Namespace is all that one namespace has; a chunk of another does not count.
type Namespace struct {
	chunks  map[string][]byte
	heads   map[string]Head
	done    map[string]int
	journal []string
}

func newNamespace() *Namespace {
	return &Namespace{
		chunks: map[string][]byte{},
		heads:  map[string]Head{},
		done:   map[string]int{},
	}
}

func digest(chunk []byte) string {
	sum := sha256.Sum256(chunk)
	return hex.EncodeToString(sum[:])
}

func fixed(data []byte) [][]byte {
	return slices.Collect(slices.Chunk(data, 1024))
}

func sent(split func([]byte) [][]byte, before, after []byte) string {
	have := map[string]bool{}
	for _, chunk := range split(before) {
		have[string(chunk)] = true
	}
	chunks, missing := split(after), 0
	for _, chunk := range chunks {
		if !have[string(chunk)] {
			missing++
		}
	}
	return fmt.Sprintf("%2d of %d", missing, len(chunks))
}

func save(n *Namespace, who, key, path string, replaces int, data []byte) int {
	var names []string
	chunks := map[string][]byte{}
	for _, chunk := range byContent(data) {
		name := digest(chunk)
		names = append(names, name)
		chunks[name] = chunk
	}
	wanted, size := n.missing(names), 0
	for _, name := range wanted {
		n.put(name, chunks[name])
		size += len(chunks[name])
	}
	status, version := n.commit(key, path, replaces, names)
	fmt.Printf("%-6s %-16s replaces %d: %d, version %d, sent %2d (%d bytes)\n",
		who, path, replaces, status, version, len(wanted), size)
	return status
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

func main() {
	old, note := randomBytes(7, size), []byte("ten bytes!")
	front, end := slices.Concat(note, old), slices.Concat(old, note)
	middle := slices.Concat(old[:30_000], note, old[30_010:])

	fmt.Println("to send            fixed     by content")
	for _, edit := range []struct {
		label string
		data  []byte
	}{
		{"10 at the front", front},
		{"10 at the end", end},
		{"10 overwritten", middle},
	} {
		fmt.Printf("%-17s  %s  %s\n", edit.label,
			sent(fixed, old, edit.data), sent(byContent, old, edit.data))
	}

	fmt.Println()
	namespace := newNamespace()
	save(namespace, "laptop", "k1", "plan.doc", 0, old)
	save(namespace, "laptop", "k2", "plan.doc", 1, front)
	save(namespace, "laptop", "k2", "plan.doc", 1, front)
	if save(namespace, "phone", "k3", "plan.doc", 1, end) == 412 {
		save(namespace, "phone", "k4", "plan (phone).doc", 0, end)
	}

	fmt.Println()
	fmt.Printf("tablet, changes after 1: %s\n", strings.Join(namespace.journal[1:], ", "))
	names := namespace.heads["plan.doc"].names
	var copied []byte
	for _, name := range names {
		copied = append(copied, namespace.chunks[name]...)
	}
	fmt.Printf("tablet, plan.doc is the laptop's: %s\n", yes(bytes.Equal(copied, front)))
	fmt.Printf("damaged chunk: %d\n", namespace.put(names[0], []byte("damaged")))
	stranger := newNamespace()
	status, _ := stranger.commit("k5", "theirs.doc", 0, names)
	fmt.Printf("stranger who knows the hashes: %d, %d chunks missing\n",
		status, len(stranger.missing(names)))
}
