// A Bloom filter beside its formula; HyperLogLog and count-min beside the truth.
package main

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"math/bits"
	"slices"
)

// --8<-- [start:show]

// hashPair returns two 64-bit hashes of a key; any good hash will do, SHA-256
// is slow.
func hashPair(key string) [2]uint64 {
	sum := sha256.Sum256([]byte(key))
	return [2]uint64{binary.BigEndian.Uint64(sum[:]), binary.BigEndian.Uint64(sum[8:])}
}

// BloomFilter has m bits and k probes; the i-th probe is h1 + i * h2.
type BloomFilter struct {
	bits, probes uint64
	array        []byte
}

func NewBloomFilter(bits, probes uint64) *BloomFilter {
	return &BloomFilter{bits, probes, make([]byte, (bits+7)/8)}
}

func (b *BloomFilter) position(pair [2]uint64, i uint64) uint64 {
	step := pair[1] | 1 // never 0, or all probes would be one
	high, low := bits.Mul64(i, step)
	low, carry := bits.Add64(low, pair[0], 0)
	return bits.Rem64(high+carry, low, b.bits) // 128 bits: nothing wraps around
}

func (b *BloomFilter) Add(pair [2]uint64) {
	for i := range b.probes {
		at := b.position(pair, i)
		b.array[at>>3] |= 1 << (at & 7)
	}
}

// MayContain: false is certain, true means go and look.
func (b *BloomFilter) MayContain(pair [2]uint64) bool {
	for i := range b.probes {
		if at := b.position(pair, i); b.array[at>>3]>>(at&7)&1 == 0 {
			return false
		}
	}
	return true
}

// expectedRate: all probes of an absent key hit bits that other keys have set.
func expectedRate(bits, probes, keys float64) float64 {
	return math.Pow(1-math.Exp(-probes*keys/bits), probes)
}

// --8<-- [end:show]

const registers = 4096

// HyperLogLog keeps in each register the longest run of zero bits it has seen.
type HyperLogLog struct{ ranks [registers]uint8 }

func (h *HyperLogLog) Add(key string) {
	value := hashPair(key)[0]
	rank := uint8(bits.LeadingZeros64(value<<12|1<<11) + 1)
	at := value >> 52
	h.ranks[at] = max(h.ranks[at], rank)
}

func (h *HyperLogLog) Estimate() int {
	sum, empty := 0.0, 0
	for _, rank := range h.ranks {
		sum += math.Pow(2, -float64(rank))
		if rank == 0 {
			empty++
		}
	}
	const m = float64(registers)
	raw := 0.7213 / (1 + 1.079/m) * m * m / sum
	if raw <= 2.5*m && empty > 0 { // few keys: count the empty registers instead
		raw = m * math.Log(m/float64(empty))
	}
	return int(math.Round(raw))
}

// CountMin: the smallest of a key's counters is the least wrong.
type CountMin struct{ rows [][]int }

func NewCountMin(width, depth int) *CountMin {
	rows := make([][]int, depth)
	for i := range rows {
		rows[i] = make([]int, width)
	}
	return &CountMin{rows}
}

func (c *CountMin) cell(pair [2]uint64, i int) *int {
	width := uint64(len(c.rows[i]))
	at := (pair[0]%width + uint64(i)*((pair[1]|1)%width)) % width
	return &c.rows[i][at]
}

func (c *CountMin) Add(pair [2]uint64) {
	for i := range c.rows {
		*c.cell(pair, i)++
	}
}

func (c *CountMin) Count(pair [2]uint64) int {
	least := math.MaxInt
	for i := range c.rows {
		least = min(least, *c.cell(pair, i))
	}
	return least
}

func hashAll(prefix string, count int) [][2]uint64 {
	pairs := make([][2]uint64, count)
	for n := range pairs {
		pairs[n] = hashPair(fmt.Sprintf("%s:%d", prefix, n))
	}
	return pairs
}

func countHits(b *BloomFilter, pairs [][2]uint64) int {
	hits := 0
	for _, pair := range pairs {
		if b.MayContain(pair) {
			hits++
		}
	}
	return hits
}

func bloomFilters() {
	const keys = 10_000
	present, absent := hashAll("order", keys), hashAll("ghost", 100_000)
	fmt.Println("Bloom filter: 10,000 keys added, 100,000 absent keys asked")
	fmt.Println("bits a key  probes  false positives  measured  formula  false negatives")
	for _, size := range [][2]uint64{
		{5, 3}, {8, 6}, {10, 7}, {16, 11},
		{10, 1}, {10, 3}, {10, 14},
	} {
		bitsPerKey, probes := size[0], size[1]
		bloom := NewBloomFilter(bitsPerKey*keys, probes)
		for _, pair := range present {
			bloom.Add(pair)
		}
		wrong, lost := countHits(bloom, absent), keys-countHits(bloom, present)
		rate := expectedRate(float64(bloom.bits), float64(probes), keys)
		fmt.Printf("%10d%8d%17d%8.2f %%%7.2f %%%17d\n",
			bitsPerKey, probes, wrong, float64(wrong)/1000, rate*100, lost)
	}
	overfull := NewBloomFilter(10*keys, 7)
	for _, pair := range absent[:40_000] {
		overfull.Add(pair)
	}
	wrong := countHits(overfull, absent[40_000:])
	rate := expectedRate(float64(overfull.bits), 7, 40_000)
	fmt.Println("the filter for 10,000 keys (10 bits, 7 probes) holding 40,000:")
	fmt.Printf("%35d%8.2f %%%7.2f %%\n", wrong, float64(wrong)/600, rate*100)
}

func distinctUsers() {
	fmt.Println("\nHyperLogLog, 4,096 registers; standard error 1.04 / sqrt(4096) = 1.63 %")
	var sketch HyperLogLog
	for n := 1; n <= 100_000; n++ {
		sketch.Add(fmt.Sprintf("user:%d", n))
		if slices.Contains([]int{1_000, 50_000, 100_000}, n) {
			guess := sketch.Estimate()
			fmt.Printf("%7d distinct, estimate %6d, %+6.2f%%\n",
				n, guess, float64(guess-n)/float64(n)*100)
		}
	}
}

func pageViews() {
	const pages = 5_000
	sketched, views := NewCountMin(2_000, 4), 0
	pairs, counts := make([][2]uint64, pages+1), make([]int, pages+1)
	for k := 1; k <= pages; k++ {
		pairs[k], counts[k] = hashPair(fmt.Sprintf("page:%d", k)), 10_000/k
		for range counts[k] {
			sketched.Add(pairs[k])
		}
		views += counts[k]
	}
	bound := int(math.E / 2_000 * float64(views))
	fmt.Printf("\ncount-min, 4 rows of 2,000: %d views of %d pages\n", views, pages)
	for _, k := range []int{1, 50, 4000} {
		fmt.Printf("%-10s true %6d, sketch %6d\n",
			fmt.Sprintf("page:%d", k), counts[k], sketched.Count(pairs[k]))
	}
	below, above := 0, 0
	for k := 1; k <= pages; k++ {
		switch wrong := sketched.Count(pairs[k]) - counts[k]; {
		case wrong < 0:
			below++
		case wrong > bound:
			above++
		}
	}
	fmt.Printf("undercounted: %d; over by more than %d: %d\n", below, bound, above)
}

func main() {
	bloomFilters()
	distinctUsers()
	pageViews()
}
