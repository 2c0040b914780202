// Short codes: leased counter blocks, a keyed permutation, base 62.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"strings"
)

const (
	alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	first    = 5_000_000_000 // where the counter stands today
	rounds   = 8
)

var key = []byte("sample key, never rotated")

func base62(number uint64, length int) string {
	digits := make([]byte, length)
	for i := length - 1; i >= 0; i-- {
		digits[i] = alphabet[number%62]
		number /= 62
	}
	return string(digits)
}

func numberOf(code string) uint64 {
	var number uint64
	for _, character := range code {
		number = number*62 + uint64(strings.IndexRune(alphabet, character))
	}
	return number
}

func digest(key []byte, format string, arguments ...any) []byte {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, format, arguments...)
	return mac.Sum(nil)
}

// --8<-- [start:show]

// Allocator is the counter: one row in a database. It moves on before a block is
// used.
type Allocator struct {
	next, block uint64
	calls       int
}

func (a *Allocator) Lease() (from, to uint64) {
	a.calls++
	a.next += a.block
	return a.next - a.block, a.next
}

// Codes is a Feistel network: 0 to 62^length - 1, each once, in the key's order.
type Codes struct {
	key    []byte
	length int
	size   uint64
	half   int // bits of each half
}

func NewCodes(key []byte, length int) *Codes {
	size := uint64(1)
	for range length {
		size *= 62
	}
	return &Codes{key, length, size, (bits.Len64(size-1) + 1) / 2}
}

func (c *Codes) Code(number uint64) string {
	return base62(c.walk(number, 0, 1), c.length)
}

func (c *Codes) Number(code string) uint64 {
	return c.walk(numberOf(code), rounds-1, -1)
}

func (c *Codes) walk(value uint64, from, step int) uint64 {
	value = c.mix(value, from, step)
	for value >= c.size { // in the bits, but not a code: walk on
		value = c.mix(value, from, step)
	}
	return value
}

func (c *Codes) mix(value uint64, number, step int) uint64 {
	mask := uint64(1)<<c.half - 1
	left, right := value>>c.half, value&mask
	for range rounds {
		sum := digest(c.key, "%d:%d", number, right)
		pad := uint64(binary.BigEndian.Uint32(sum)) & mask
		left, right = right, left^pad
		number += step
	}
	return right<<c.half | left // swapped: reversed rounds undo it
}

// --8<-- [end:show]

type server struct {
	allocator *Allocator
	next, end uint64
}

func (s *server) take() uint64 {
	if s.next == s.end {
		s.next, s.end = s.allocator.Lease()
	}
	s.next++
	return s.next - 1
}

// crash forgets the block and returns how many numbers nobody will ever use.
func (s *server) crash() uint64 {
	gap := s.end - s.next
	s.next = s.end
	return gap
}

func issue(codes *Codes) uint64 {
	allocator := &Allocator{next: first, block: 1_000}
	servers := make([]server, 3)
	for i := range servers {
		servers[i].allocator = allocator
	}
	issued := map[string]uint64{}
	repeats, gap, seed := 0, uint64(0), 7
	for turn := range 20_000 {
		if turn == 10_000 {
			gap = servers[1].crash()
		}
		seed = (seed*1103515245 + 12345) % (1 << 31)
		number := servers[(seed>>16)%3].take()
		code := codes.Code(number)
		if _, known := issued[code]; known {
			repeats++
		}
		issued[code] = number
	}
	var kept uint64
	for _, server := range servers {
		kept += server.end - server.next
	}
	fmt.Printf("issued %d, duplicates %d, ", len(issued), repeats)
	fmt.Printf("allocator calls %d\n", allocator.calls)
	fmt.Printf("lost in the crash %d, still held %d, ", gap, kept)
	fmt.Printf("sum %d\n", uint64(len(issued))+gap+kept)
	back := "yes"
	for code, number := range issued {
		if codes.Number(code) != number {
			back = "no"
		}
	}
	fmt.Printf("every code back to its number: %s\n", back)
	return allocator.next
}

func neighbors(codes *Codes) {
	fmt.Println("number      plain    permuted")
	for number := uint64(first); number < first+3; number++ {
		fmt.Printf("%d  %s  %s\n", number, base62(number, 7), codes.Code(number))
	}
}

func wholeSpace() {
	small := NewCodes(key, 2)
	seen := map[string]bool{}
	for number := range small.size {
		seen[small.Code(number)] = true
	}
	fmt.Printf("2 characters: %d numbers, %d codes\n", small.size, len(seen))
}

func draw(number int, size uint64) uint64 {
	sum := digest(key, "draw %d", number)
	return (binary.BigEndian.Uint64(sum) >> 16) % size
}

func guesses(codes *Codes, issuedUpTo uint64) {
	const tried = 10_000
	inside := 0
	for number := range tried {
		guess := base62(draw(number, codes.size), codes.length)
		if codes.Number(guess) < issuedUpTo {
			inside++
		}
	}
	fmt.Printf("random guesses %d: %d below the counter, ", tried, inside)
	fmt.Printf("expected %d\n", tried*issuedUpTo/codes.size)
}

func randomCodes() {
	const size, wanted = 62 * 62 * 62 * 62, 50_000
	taken := map[uint64]bool{}
	draws := 0
	for len(taken) < wanted {
		taken[draw(draws, size)] = true // the unique index: once or not at all
		draws++
	}
	fmt.Printf("random, 4 characters: %d codes took ", wanted)
	fmt.Printf("%d retries, expected %d\n", draws-wanted, wanted*wanted/(2*size))
}

func main() {
	codes := NewCodes(key, 7)
	issuedUpTo := issue(codes)
	neighbors(codes)
	wholeSpace()
	guesses(codes, issuedUpTo)
	randomCodes()
}
