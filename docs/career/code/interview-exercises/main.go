// Four interview exercises, their edge cases, and brute force as the judge.
package main

import (
	"cmp"
	"container/heap"
	"container/list"
	"fmt"
	"slices"
	"strings"
)

type pair struct{ start, end int }

type entry struct {
	word  string
	count int
}

// --8<-- [start:show]

type item struct {
	key   string
	value int
}

// LRUCache: Get and Put are O(1). The oldest item stands in front.
type LRUCache struct {
	capacity int
	order    *list.List               // of item
	entries  map[string]*list.Element // points into the list
}

func NewLRUCache(capacity int) *LRUCache {
	return &LRUCache{capacity, list.New(), map[string]*list.Element{}}
}

func (c *LRUCache) Get(key string) (int, bool) {
	element, ok := c.entries[key]
	if !ok {
		return 0, false
	}
	c.order.MoveToBack(element) // a hit makes it the newest
	return element.Value.(item).value, true
}

func (c *LRUCache) Put(key string, value int) {
	if element, ok := c.entries[key]; ok {
		element.Value = item{key, value}
		c.order.MoveToBack(element)
		return
	}
	c.entries[key] = c.order.PushBack(item{key, value})
	if c.order.Len() > c.capacity { // the item names the key to delete
		oldest := c.order.Remove(c.order.Front()).(item)
		delete(c.entries, oldest.key)
	}
}

// merge is O(n log n) for the sort, then one pass.
func merge(intervals []pair) []pair {
	var merged []pair
	for _, next := range sorted(intervals) {
		last := len(merged) - 1
		if last >= 0 && next.start <= merged[last].end { // touching counts as one
			merged[last].end = max(merged[last].end, next.end)
		} else {
			merged = append(merged, next)
		}
	}
	return merged
}

// --8<-- [end:show]

// --8<-- [start:more]

// weakest is a heap with the entry to give up first on top.
type weakest []entry

func (w weakest) Len() int           { return len(w) }
func (w weakest) Less(i, j int) bool { return better(w[j], w[i]) < 0 }
func (w weakest) Swap(i, j int)      { w[i], w[j] = w[j], w[i] }
func (w *weakest) Push(x any)        { *w = append(*w, x.(entry)) }
func (w *weakest) Pop() any {
	last := (*w)[len(*w)-1]
	*w = (*w)[:len(*w)-1]
	return last
}

// better orders by count, highest first; ties go to the earlier word.
func better(a, b entry) int {
	return cmp.Or(cmp.Compare(b.count, a.count), cmp.Compare(a.word, b.word))
}

// topK: n words, d distinct: O(n + d log k).
func topK(words []string, k int) []entry {
	counts := map[string]int{}
	for _, word := range words {
		counts[word]++
	}
	top := weakest{}
	for word, count := range counts {
		heap.Push(&top, entry{word, count})
		if len(top) > k {
			heap.Pop(&top)
		}
	}
	slices.SortFunc(top, better)
	return top
}

// TokenBucket: Allow is O(1), two numbers a client. Thousandths of a token.
type TokenBucket struct{ capacity, perMS, tokens, at int }

func NewTokenBucket(capacity, perSecond, nowMS int) *TokenBucket {
	// n tokens a second are n thousandths a millisecond.
	return &TokenBucket{capacity * 1000, perSecond, capacity * 1000, nowMS}
}

func (b *TokenBucket) Allow(nowMS, cost int) bool {
	if nowMS > b.at { // a clock that jumps back earns nothing
		b.tokens = min(b.capacity, b.tokens+(nowMS-b.at)*b.perMS)
		b.at = nowMS
	}
	if cost*1000 > b.tokens {
		return false
	}
	b.tokens -= cost * 1000
	return true
}

// --8<-- [end:more]

func sorted(intervals []pair) []pair {
	return slices.SortedFunc(slices.Values(intervals), func(a, b pair) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end))
	})
}

// random gives the same numbers in every language.
type random struct{ state int }

func (r *random) below(bound int) int {
	r.state = (r.state*1103515245 + 12345) % (1 << 31)
	return (r.state >> 16) % bound
}

func orNone(parts []string) string {
	return cmp.Or(strings.Join(parts, " "), "none")
}

func showPairs(pairs []pair) string {
	var parts []string
	for _, p := range pairs {
		parts = append(parts, fmt.Sprintf("%d-%d", p.start, p.end))
	}
	return orNone(parts)
}

func showCounts(entries []entry) string {
	var parts []string
	for _, e := range entries {
		parts = append(parts, fmt.Sprintf("%s:%d", e.word, e.count))
	}
	return orNone(parts)
}

func showGet(value int, ok bool) string {
	if !ok {
		return "?-"
	}
	return fmt.Sprintf("?%d", value)
}

// runCache: step 3 "a" puts a = 3, "?a" gets a. It shows the answers, then
// the items, oldest first.
func runCache(capacity int, steps string) string {
	cache := NewLRUCache(capacity)
	var shown []string
	for i, step := range strings.Fields(steps) {
		if key, get := strings.CutPrefix(step, "?"); get {
			shown = append(shown, showGet(cache.Get(key)))
		} else {
			cache.Put(step, i+1)
		}
	}
	for e := cache.order.Front(); e != nil; e = e.Next() {
		kept := e.Value.(item)
		shown = append(shown, fmt.Sprintf("%s%d", kept.key, kept.value))
	}
	return strings.Join(shown, " ")
}

func slowCache(capacity int, steps string) string {
	var items []item
	var shown []string
	for i, step := range strings.Fields(steps) {
		key, get := strings.CutPrefix(step, "?")
		at := slices.IndexFunc(items, func(it item) bool { return it.key == key })
		value := i + 1
		if get && at < 0 {
			shown = append(shown, showGet(0, false))
			continue
		}
		if get {
			value = items[at].value
			shown = append(shown, showGet(value, true))
		}
		if at >= 0 {
			items = slices.Delete(items, at, at+1)
		}
		items = append(items, item{key, value})
		if len(items) > capacity {
			items = items[1:]
		}
	}
	for _, it := range items {
		shown = append(shown, fmt.Sprintf("%s%d", it.key, it.value))
	}
	return strings.Join(shown, " ")
}

// slowMerge paints half units on a line, then reads off the runs.
func slowMerge(intervals []pair) []pair {
	line := make([]bool, 130)
	for _, p := range intervals {
		for point := 2 * p.start; point <= 2*p.end; point++ {
			line[point] = true
		}
	}
	var merged []pair
	start := -1
	for point, painted := range line {
		if painted && start < 0 {
			start = point
		} else if !painted && start >= 0 {
			merged = append(merged, pair{start / 2, (point - 1) / 2})
			start = -1
		}
	}
	return merged
}

// carelessMerge makes the usual slip: the new end instead of the larger one.
func carelessMerge(intervals []pair) []pair {
	var merged []pair
	for _, next := range sorted(intervals) {
		last := len(merged) - 1
		if last >= 0 && next.start <= merged[last].end {
			merged[last].end = next.end
		} else {
			merged = append(merged, next)
		}
	}
	return merged
}

func slowTop(words []string, k int) []entry {
	counts := map[string]int{}
	for _, word := range words {
		counts[word]++
	}
	var all []entry
	for word, count := range counts {
		all = append(all, entry{word, count})
	}
	slices.SortFunc(all, better)
	return all[:min(k, len(all))]
}

func runBucket(times []int, cost int) string {
	bucket := NewTokenBucket(3, 10, 0)
	answers := ""
	for _, time := range times {
		answers += yesNo(bucket.Allow(time, cost))
	}
	return answers
}

// slowBucket goes one millisecond at a time.
func slowBucket(times []int) string {
	tokens, now, answers := 3000, 0, ""
	for _, time := range times {
		for ; now < time; now++ {
			tokens = min(3000, tokens+10)
		}
		answers += yesNo(tokens >= 1000)
		if tokens >= 1000 {
			tokens -= 1000
		}
	}
	return answers
}

func yesNo(yes bool) string {
	if yes {
		return "y"
	}
	return "n"
}

func check(label, got, want string) {
	verdict := "ok"
	if got != want {
		verdict = "WANT " + want
	}
	fmt.Printf("  %-42s%-18s%s\n", label, got, verdict)
}

func agree(label string, trial func(*random) bool) {
	same := 0
	for seed := range 300 {
		if trial(&random{seed}) {
			same++
		}
	}
	fmt.Printf("  %-42s%d of 300\n", label, same)
}

func randomSteps(r *random) string {
	marks := make([]string, 30)
	for i := range marks {
		if r.below(2) == 1 {
			marks[i] = "?"
		}
	}
	for i := range marks {
		marks[i] += string("abcdef"[r.below(6)])
	}
	return strings.Join(marks, " ")
}

func randomPairs(r *random) []pair {
	pairs := make([]pair, r.below(8))
	for i := range pairs {
		pairs[i].start = r.below(40)
	}
	for i := range pairs {
		pairs[i].end = pairs[i].start + r.below(12)
	}
	return pairs
}

func randomWords(r *random) []string {
	words := make([]string, r.below(30))
	for i := range words {
		words[i] = string("abcdefgh"[r.below(8)])
	}
	return words
}

func randomTimes(r *random) []int {
	now, times := 0, []int{}
	for range 20 {
		now += r.below(120)
		times = append(times, now)
	}
	return times
}

func main() {
	fmt.Println("LRU cache: ?answers, then entries, oldest first; a3 = put in step 3")
	check("room for 2: put a b, get a, put c", runCache(2, "a b ?a c"), "?1 a1 c4")
	check("an old key: new value, and the newest", runCache(2, "a b a c"), "a3 c4")
	check("a miss moves nothing", runCache(2, "a b ?x c"), "?- b2 c4")
	fmt.Println("merge")
	usual := []pair{{8, 10}, {1, 3}, {15, 18}, {2, 6}}
	check("unsorted, overlapping", showPairs(merge(usual)), "1-6 8-10 15-18")
	check("touching", showPairs(merge([]pair{{1, 4}, {4, 7}})), "1-7")
	check("one inside another", showPairs(merge([]pair{{1, 9}, {2, 3}})), "1-9")
	check("empty", showPairs(merge(nil)), "none")
	fmt.Println("top k")
	letters := func(text string) []string { return strings.Split(text, "") }
	check("b a b c a b, k = 2", showCounts(topK(letters("babcab"), 2)), "b:3 a:2")
	check("a tie goes to the earlier word", showCounts(topK(letters("cab"), 2)), "a:1 b:1")
	check("k above the number of words", showCounts(topK(letters("aa"), 5)), "a:2")
	fmt.Println("token bucket, 3 tokens, 10 a second")
	check("four at once, one 99 and one 100 ms later", runBucket([]int{0, 0, 0, 0, 99, 100}, 1), "yyynny")
	day := 86_400_000
	check("idle for a day, then four", runBucket([]int{day, day, day, day}, 1), "yyyn")
	check("the clock jumps back and returns", runBucket([]int{500, 500, 0, 500, 500}, 1), "yyynn")
	check("a request that costs 4", runBucket([]int{0, 9000}, 4), "nn")
	fmt.Println("random inputs, same answer as brute force")
	agree("LRU cache", func(r *random) bool {
		steps := randomSteps(r)
		return runCache(3, steps) == slowCache(3, steps)
	})
	agree("merge", func(r *random) bool {
		pairs := randomPairs(r)
		return slices.Equal(merge(pairs), slowMerge(pairs))
	})
	agree("merge without max", func(r *random) bool {
		pairs := randomPairs(r)
		return slices.Equal(carelessMerge(pairs), slowMerge(pairs))
	})
	agree("top k", func(r *random) bool {
		words := randomWords(r)
		return slices.Equal(topK(words, 3), slowTop(words, 3))
	})
	agree("token bucket", func(r *random) bool {
		times := randomTimes(r)
		return runBucket(times, 1) == slowBucket(times)
	})
}
