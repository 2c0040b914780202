// A bounded cache: least recently used out first, expiry, one load per key.
package main

import (
	"container/list"
	"context"
	"errors"
	"fmt"
	"log"
	"strconv"
	"strings"
	"sync"
	"time"
)

var ErrNotFound = errors.New("not found")

type Policy struct {
	Capacity                     int
	TTL, MissingTTL, LoadTimeout time.Duration
}

func New[V any](
	load func(ctx context.Context, key string) (V, error),
	policy Policy,
	now func() time.Time,
	random func() float64,
) *Cache[V] {
	return &Cache[V]{
		load:    load,
		policy:  policy,
		now:     now,
		random:  random,
		entries: map[string]*list.Element{},
		recent:  list.New(),
		loads:   map[string]*entry[V]{},
	}
}

type entry[V any] struct {
	key     string
	value   V
	err     error         // nil, ErrNotFound or, never kept, another
	done    chan struct{} // closed when value and err are set
	expires time.Time
}

func (e *entry[V]) wait(ctx context.Context) (V, error) {
	select {
	case <-e.done:
		return e.value, e.err
	case <-ctx.Done():
		var none V
		return none, ctx.Err()
	}
}

// --8<-- [start:show]

// Cache asks load for what it does not hold.
type Cache[V any] struct {
	load    func(ctx context.Context, key string) (V, error)
	policy  Policy
	now     func() time.Time
	random  func() float64 // from 0 to below 1: rand.Float64
	mu      sync.Mutex
	entries map[string]*list.Element
	recent  *list.List // of *entry[V], the most recently used in front
	loads   map[string]*entry[V]
}

func (c *Cache[V]) Get(ctx context.Context, key string) (V, error) {
	c.mu.Lock()
	now := c.now()
	// Ask whether there is an entry, never whether its value is zero.
	if element, ok := c.entries[key]; ok {
		if kept := element.Value.(*entry[V]); now.Before(kept.expires) {
			c.recent.MoveToFront(element)
			c.mu.Unlock()
			return kept.value, kept.err
		}
	}
	load, ok := c.loads[key]
	if !ok {
		load = &entry[V]{key: key, done: make(chan struct{})}
		c.loads[key] = load
		// A caller that gives up does not cancel the load of the others.
		go c.fill(context.WithoutCancel(ctx), load)
	}
	c.mu.Unlock()
	return load.wait(ctx)
}

func (c *Cache[V]) fill(ctx context.Context, e *entry[V]) {
	ctx, cancel := context.WithTimeout(ctx, c.policy.LoadTimeout)
	defer cancel()
	e.value, e.err = c.load(ctx, e.key)
	c.mu.Lock()
	defer c.mu.Unlock()
	defer close(e.done)
	delete(c.loads, e.key)
	ttl := c.policy.TTL
	if errors.Is(e.err, ErrNotFound) {
		ttl = c.policy.MissingTTL
	} else if e.err != nil {
		return // not kept: the next caller tries again
	}
	ttl -= time.Duration(c.random() * float64(ttl) / 10) // not all expire together
	e.expires = c.now().Add(ttl)
	if expired, ok := c.entries[e.key]; ok {
		c.recent.Remove(expired)
	}
	c.entries[e.key] = c.recent.PushFront(e)
	if c.recent.Len() > c.policy.Capacity {
		oldest := c.recent.Remove(c.recent.Back()).(*entry[V])
		delete(c.entries, oldest.key)
	}
}

// --8<-- [end:show]

// manualClock passes only when told, and counts how often it is read.
type manualClock struct {
	mu    sync.Mutex
	read  *sync.Cond
	start time.Time
	now   time.Time
	reads int
}

func newManualClock() *manualClock {
	start := time.Unix(0, 0)
	c := &manualClock{start: start, now: start}
	c.read = sync.NewCond(&c.mu)
	return c
}

func (c *manualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.reads++
	c.read.Broadcast()
	return c.now
}

func (c *manualClock) set(seconds int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.start.Add(time.Duration(seconds) * time.Second)
}

// waitForReads returns when the clock was read that often since it last did.
func (c *manualClock) waitForReads(reads int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for c.reads < reads {
		c.read.Wait()
	}
	c.reads = 0
}

// mulberry32 is a small generator, the same in every language.
func mulberry32(state uint32) func() float64 {
	return func() float64 {
		state += 0x6D2B79F5
		t := state
		t = (t ^ t>>15) * (t | 1)
		t ^= t + (t^t>>7)*(t|61)
		return float64(t^t>>14) / (1 << 32)
	}
}

func noJitter() float64 { return 0 }

var errUnavailable = errors.New("source unavailable")

// source is where values come from; it counts its loads and can hold or fail them.
type source[V any] struct {
	rows map[string]V

	mu      sync.Mutex
	loads   int
	failing bool
	gate    chan struct{} // nil: open
}

func (s *source[V]) load(ctx context.Context, key string) (V, error) {
	s.mu.Lock()
	s.loads++
	failing, gate := s.failing, s.gate
	s.mu.Unlock()
	var none V
	if gate != nil {
		select {
		case <-gate:
		case <-ctx.Done():
			return none, ctx.Err()
		}
	}
	if failing {
		return none, errUnavailable
	}
	value, ok := s.rows[key]
	if !ok {
		return none, ErrNotFound
	}
	return value, nil
}

// hold makes the next load wait for the returned gate to be closed.
func (s *source[V]) hold(failing bool) chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failing, s.gate = failing, make(chan struct{})
	return s.gate
}

func (s *source[V]) takeLoads() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	loads := s.loads
	s.loads = 0
	return loads
}

var (
	unread    = map[string]int{"ada": 7, "ben": 0, "cleo": 4}
	nicknames = map[string]string{"ada": ""}
	policy    = Policy{
		Capacity:    2,
		TTL:         60 * time.Second,
		MissingTTL:  5 * time.Second,
		LoadTimeout: 5 * time.Second,
	}
)

func shown(value any, err error) (string, error) {
	if errors.Is(err, ErrNotFound) {
		return "not found", nil
	}
	if text, ok := value.(string); ok {
		return strconv.Quote(text), err
	}
	return fmt.Sprint(value), err
}

func (c *Cache[V]) keys() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var keys []string
	for element := c.recent.Back(); element != nil; element = element.Prev() {
		keys = append(keys, element.Value.(*entry[V]).key)
	}
	return strings.Join(keys, " ")
}

func sequence(ctx context.Context) error {
	fmt.Println(`at most 2 entries; a value lives 60 s, "not found" 5 s`)
	fmt.Println("time  get   answer     from  kept, least recently used first")
	clock, users := newManualClock(), &source[int]{rows: unread}
	cache := New(users.load, policy, clock.Now, noJitter)
	for _, step := range []struct {
		second int
		key    string
	}{
		{0, "ada"}, {0, "ben"}, {0, "ada"}, {0, "cleo"}, {0, "ada"},
		{0, "dan"}, {4, "dan"}, {5, "dan"}, {59, "ada"}, {60, "ada"},
	} {
		clock.set(step.second)
		value, err := cache.Get(ctx, step.key)
		answer, err := shown(value, err)
		if err != nil {
			return err
		}
		origin := "hit"
		if users.takeLoads() > 0 {
			origin = "load"
		}
		fmt.Printf("%2d s  %-6s%-11s%-6s%s\n", step.second, step.key, answer, origin, cache.keys())
	}
	return nil
}

type outcome struct {
	value int
	err   error
}

// ask starts callers; all wait for the held load when it returns, because every
// Get reads the clock once, under the lock that the end of a load needs.
func ask(ctx context.Context, cache *Cache[int], clock *manualClock, callers int) <-chan outcome {
	outcomes := make(chan outcome, callers)
	for range callers {
		go func() {
			value, err := cache.Get(ctx, "ada")
			outcomes <- outcome{value, err}
		}()
	}
	clock.waitForReads(callers)
	return outcomes
}

func count(outcomes <-chan outcome, callers int, wanted outcome) int {
	matching := 0
	for range callers {
		if got := <-outcomes; got.value == wanted.value && errors.Is(got.err, wanted.err) {
			matching++
		}
	}
	return matching
}

func atOnce(ctx context.Context) {
	fmt.Println("\nat once                        loads  outcome")
	clock, users := newManualClock(), &source[int]{rows: unread}
	cache := New(users.load, policy, clock.Now, noJitter)

	gate := users.hold(true)
	outcomes := ask(ctx, cache, clock, 100)
	close(gate)
	failures := count(outcomes, 100, outcome{0, errUnavailable})
	fmt.Printf("100 callers, the load fails    %5d  %d errors\n", users.takeLoads(), failures)

	gate = users.hold(false)
	outcomes = ask(ctx, cache, clock, 100)
	close(gate)
	answers := count(outcomes, 100, outcome{7, nil})
	fmt.Printf("100 callers after the failure  %5d  %d got 7\n", users.takeLoads(), answers)

	clock = newManualClock()
	cache = New(users.load, policy, clock.Now, noJitter)
	gate = users.hold(false)
	impatient, giveUp := context.WithCancel(ctx)
	first := ask(impatient, cache, clock, 1)
	others := ask(ctx, cache, clock, 2)
	giveUp()
	canceled := count(first, 1, outcome{0, context.Canceled})
	close(gate)
	answers = count(others, 2, outcome{7, nil})
	fmt.Printf("3 callers, the first gives up  %5d  %d canceled, %d got 7\n",
		users.takeLoads(), canceled, answers)
}

func threeReads[V comparable](ctx context.Context, label string, rows map[string]V, key string) error {
	var zero V
	from := &source[V]{rows: rows}
	kept := map[string]V{}
	for range 3 {
		if value := kept[key]; value == zero { // the bug: empty is taken for absent
			value, err := from.load(ctx, key)
			if err != nil && !errors.Is(err, ErrNotFound) {
				return err
			}
			kept[key] = value
		}
	}
	mistaken := from.takeLoads()
	cache := New(from.load, policy, newManualClock().Now, noJitter)
	var answer string
	for range 3 {
		value, err := cache.Get(ctx, key)
		if answer, err = shown(value, err); err != nil {
			return err
		}
	}
	fmt.Printf("%-19s%-18s%-17d%d\n", label, answer, mistaken, from.takeLoads())
	return nil
}

func expiry(ctx context.Context, label string, random func() float64) error {
	rows := map[string]int{}
	for n := range 1000 {
		rows[fmt.Sprint("key ", n)] = n
	}
	clock, numbers := newManualClock(), &source[int]{rows: rows}
	roomy := policy
	roomy.Capacity = len(rows)
	cache := New(numbers.load, roomy, clock.Now, random)
	var counts []string
	for _, second := range []int{0, 55, 56, 57, 58, 59, 60} {
		clock.set(second)
		for n := range 1000 {
			if _, err := cache.Get(ctx, fmt.Sprint("key ", n)); err != nil {
				return err
			}
		}
		counts = append(counts, fmt.Sprintf("%d s: %d", second, numbers.takeLoads()))
	}
	fmt.Printf("%-9s  %s\n", label, strings.Join(counts[1:], "  "))
	return nil
}

func run() error {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := sequence(ctx); err != nil {
		return err
	}
	atOnce(ctx)
	fmt.Println("\nthree reads of     value      loads: empty is absent  this cache")
	if err := threeReads(ctx, "unread of ben", unread, "ben"); err != nil {
		return err
	}
	if err := threeReads(ctx, "nickname of ada", nicknames, "ada"); err != nil {
		return err
	}
	if err := threeReads(ctx, "unread of dan", unread, "dan"); err != nil {
		return err
	}
	fmt.Println("\n1,000 values stored at 0 s, all read every second: loads in each second")
	if err := expiry(ctx, "no jitter", noJitter); err != nil {
		return err
	}
	return expiry(ctx, "jitter", mulberry32(42))
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
