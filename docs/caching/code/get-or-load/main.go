// Cache-aside on Redis that stands crowds, absent rows and outages.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"
)

const (
	ttl         = 300 * time.Second
	missingTTL  = 30 * time.Second
	loadTimeout = 5 * time.Second
)

// jittered is up to a tenth less: what was stored together expires apart.
func jittered(ttl time.Duration, random func() float64) time.Duration {
	return time.Duration(float64(ttl) * (1 - random()/10))
}

// store is the part of DB that a cache needs.
type store interface {
	Do(ctx context.Context, command ...any) (any, error)
}

func newCache[V any](
	redis store, load func(context.Context, string) (*V, error), random func() float64,
) *Cache[V] {
	return &Cache[V]{redis: redis, load: load, random: random, flights: map[string]*flight[V]{}}
}

// Cache keeps JSON in Redis: null is a known "not found", no key is "ask the database".
type Cache[V any] struct {
	redis    store
	load     func(ctx context.Context, key string) (*V, error) // nil: no such row
	random   func() float64
	mu       sync.Mutex
	flights  map[string]*flight[V]
	outages  int // loads without asking Redis
	unstored int
}

type flight[V any] struct {
	done  chan struct{} // closed when value and err are set
	value *V
	err   error
}

func (f *flight[V]) wait(ctx context.Context) (*V, error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// --8<-- [start:show]

func (c *Cache[V]) Get(ctx context.Context, key string) (*V, error) {
	kept, err := c.redis.Do(ctx, "GET", key)
	if refused := (*Error)(nil); errors.As(err, &refused) {
		return nil, err // WRONGTYPE: a bug of ours
	}
	if err != nil { // no answer is not the answer "no such key"
		c.mu.Lock()
		c.outages++
		c.mu.Unlock()
		return c.fly(ctx, key, c.load)
	}
	if kept != nil { // never ask whether the value is zero
		return decode[V](kept)
	}
	return c.fly(ctx, key, c.fill)
}

// fly works once for all who ask at the same time; they share even its failure.
func (c *Cache[V]) fly(
	ctx context.Context, key string, work func(context.Context, string) (*V, error),
) (*V, error) {
	c.mu.Lock()
	f, ok := c.flights[key]
	if !ok {
		f = &flight[V]{done: make(chan struct{})}
		c.flights[key] = f
		// A caller that gives up does not cancel the work of the others.
		go c.land(context.WithoutCancel(ctx), key, f, work)
	}
	c.mu.Unlock()
	return f.wait(ctx)
}

func (c *Cache[V]) fill(ctx context.Context, key string) (*V, error) {
	// Between our miss and here an earlier flight may have landed: look again.
	kept, err := c.redis.Do(ctx, "GET", key)
	if err != nil || kept != nil {
		return decodeOr[V](kept, err)
	}
	value, err := c.load(ctx, key)
	if err != nil {
		return nil, err
	}
	lifetime := ttl
	if value == nil {
		lifetime = missingTTL
	}
	data, err := json.Marshal(value)
	if err != nil {
		return nil, err
	}
	expiry := jittered(lifetime, c.random).Milliseconds()
	if _, err := c.redis.Do(ctx, "SET", key, string(data), "PX", expiry); err != nil {
		c.mu.Lock() // gone or full, but the value is here
		c.unstored++
		c.mu.Unlock()
	}
	return value, nil
}

// --8<-- [end:show]

func (c *Cache[V]) land(
	ctx context.Context, key string, f *flight[V],
	work func(context.Context, string) (*V, error),
) {
	ctx, cancel := context.WithTimeout(ctx, loadTimeout)
	defer cancel()
	f.value, f.err = work(ctx, key)
	c.mu.Lock()
	delete(c.flights, key)
	c.mu.Unlock()
	close(f.done)
}

func decode[V any](kept any) (value *V, err error) {
	err = json.Unmarshal([]byte(kept.(string)), &value)
	return value, err
}

func decodeOr[V any](kept any, err error) (*V, error) {
	if err != nil {
		return nil, err
	}
	return decode[V](kept)
}

// getter is a Cache or a naive one.
type getter[V any] interface {
	Get(ctx context.Context, key string) (*V, error)
}

// naive is what is often copied: empty is taken for absent, each caller loads.
type naive[V comparable] struct {
	redis store
	load  func(ctx context.Context, key string) (*V, error)
}

func (c naive[V]) Get(ctx context.Context, key string) (*V, error) {
	kept, err := c.redis.Do(ctx, "GET", key)
	if err != nil {
		return nil, err
	}
	var value, zero V
	if kept != nil {
		if err := json.Unmarshal([]byte(kept.(string)), &value); err != nil {
			return nil, err
		}
	}
	if value != zero { // the bug, turned around: zero is loaded again
		return &value, nil
	}
	loaded, err := c.load(ctx, key)
	if err != nil {
		return nil, err
	}
	data, err := json.Marshal(loaded)
	if err != nil {
		return nil, err
	}
	_, err = c.redis.Do(ctx, "SET", key, string(data), "EX", int(ttl.Seconds()))
	return loaded, err
}

// barrier waits until size callers have come, then lets all go.
type barrier struct {
	mu      sync.Mutex
	missing int
	full    chan struct{}
}

func newBarrier(size int) *barrier {
	return &barrier{missing: size, full: make(chan struct{})}
}

func (b *barrier) wait(ctx context.Context) error {
	b.mu.Lock()
	b.missing--
	if b.missing == 0 {
		close(b.full)
	}
	b.mu.Unlock()
	select {
	case <-b.full:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// database counts its calls; the crowd must be complete before any is answered.
type database[V any] struct {
	rows  map[string]V
	crowd *barrier
	mu    sync.Mutex
	calls int
}

var (
	unread    = map[string]int{"unread:ada": 7, "unread:ben": 0}
	nicknames = map[string]string{"nickname:ada": ""}
)

func newDatabase[V any](rows map[string]V, crowd int) *database[V] {
	return &database[V]{rows: rows, crowd: newBarrier(crowd)}
}

func (d *database[V]) load(ctx context.Context, key string) (*V, error) {
	d.mu.Lock()
	d.calls++
	d.mu.Unlock()
	if err := d.crowd.wait(ctx); err != nil {
		return nil, err
	}
	if value, ok := d.rows[key]; ok {
		return &value, nil
	}
	return nil, nil
}

// crowded is a connection whose first GETs return together, so that all of them miss.
type crowded struct {
	store
	all *barrier
}

func (c crowded) Do(ctx context.Context, command ...any) (any, error) {
	reply, err := c.store.Do(ctx, command...)
	if err != nil {
		return nil, err
	}
	return reply, c.all.wait(ctx)
}

func noJitter() float64 { return 0 }

func crowds(ctx context.Context, redis *DB) error {
	fmt.Println("100 callers of one key, all past the miss  database calls  got 7")
	for _, crowd := range []struct {
		label     string
		instances int
		protected bool
		loads     int // that the database must hold before it answers
	}{
		{"each loads for itself", 1, false, 100},
		{"one flight that looks again", 1, true, 1},
		{"four instances, a flight each", 4, true, 4},
	} {
		if _, err := redis.Do(ctx, "UNLINK", "unread:ada"); err != nil {
			return err
		}
		rows := newDatabase(unread, crowd.loads)
		shared := crowded{redis, newBarrier(100)}
		caches := make([]getter[int], crowd.instances)
		for i := range caches {
			if crowd.protected {
				caches[i] = newCache(shared, rows.load, noJitter)
			} else {
				caches[i] = naive[int]{shared, rows.load}
			}
		}
		right, err := ask(ctx, caches)
		if err != nil {
			return err
		}
		fmt.Printf("%-43s%14d%7d\n", crowd.label, rows.calls, right)
	}
	return nil
}

// ask sends 100 callers at once and counts who got 7.
func ask(ctx context.Context, caches []getter[int]) (right int, err error) {
	var mu sync.Mutex
	var wg sync.WaitGroup
	for n := range 100 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			value, failed := caches[n%len(caches)].Get(ctx, "unread:ada")
			mu.Lock()
			defer mu.Unlock()
			err = errors.Join(err, failed)
			if value != nil && *value == 7 {
				right++
			}
		}()
	}
	wg.Wait()
	return right, err
}

func threeReads[V comparable](
	ctx context.Context, redis *DB, rows map[string]V, key string,
) error {
	first, second := newDatabase(rows, 1), newDatabase(rows, 1)
	for _, cache := range []getter[V]{
		naive[V]{redis, first.load},
		newCache(redis, second.load, noJitter),
	} {
		if _, err := redis.Do(ctx, "UNLINK", key); err != nil {
			return err
		}
		for range 3 {
			if _, err := cache.Get(ctx, key); err != nil {
				return err
			}
		}
	}
	kept, err := redis.Do(ctx, "GET", key)
	fmt.Printf("%-16s%-13s%-24d%d\n", key, kept, first.calls, second.calls)
	return err
}

func emptyValues(ctx context.Context, redis *DB) error {
	fmt.Println("\nthree reads of  Redis holds  calls: empty is absent  get or load")
	return errors.Join(
		threeReads(ctx, redis, unread, "unread:ben"),
		threeReads(ctx, redis, nicknames, "nickname:ada"),
		threeReads(ctx, redis, unread, "unread:dan"),
	)
}

func lifetimes(ctx context.Context, redis *DB) error {
	random := mulberry32(42)
	least, most := ttl, time.Duration(0)
	for range 1000 {
		drawn := jittered(ttl, random)
		least, most = min(least, drawn), max(most, drawn)
	}
	fmt.Printf("\n1,000 lifetimes of %.0f s: %.1f to %.1f s\n",
		ttl.Seconds(), least.Seconds(), most.Seconds())
	for _, entry := range []struct {
		key string
		ttl time.Duration
	}{{"unread:ben", ttl}, {"unread:dan", missingTTL}} {
		left, err := redis.Do(ctx, "PTTL", entry.key)
		if err != nil {
			return err
		}
		within := "no"
		if ms := left.(int64); ms > 0 && ms <= entry.ttl.Milliseconds() {
			within = "yes"
		}
		fmt.Printf("%s goes within %.0f s: %s\n", entry.key, entry.ttl.Seconds(), within)
	}
	return nil
}

func full(ctx context.Context, redis *DB) error {
	cache := newCache(redis, newDatabase(unread, 1).load, noJitter)
	_, first := redis.Do(ctx, "UNLINK", "unread:ada")
	_, second := redis.Do(ctx, "CONFIG", "SET", "maxmemory", 1)
	if err := errors.Join(first, second); err != nil {
		return err
	}
	right, err := sevens(ctx, cache)
	if err != nil {
		return err
	}
	fmt.Printf("\nRedis full: %d of 3 reads answered, %d stores refused\n", right, cache.unstored)
	_, err = redis.Do(ctx, "CONFIG", "SET", "maxmemory", 0)
	return err
}

// sevens counts how many of three reads got 7.
func sevens(ctx context.Context, cache *Cache[int]) (right int, err error) {
	for range 3 {
		value, err := cache.Get(ctx, "unread:ada")
		if err != nil {
			return right, err
		}
		if value != nil && *value == 7 {
			right++
		}
	}
	return right, nil
}

func outage(ctx context.Context, redis *DB) error {
	rows := newDatabase(unread, 1)
	cache := newCache(redis, rows.load, noJitter)
	if err := redis.Close(); err != nil {
		return err
	}
	right, err := sevens(ctx, cache)
	if err != nil {
		return err
	}
	fmt.Printf("Redis gone: %d of 3 reads answered, %d outages counted,\n", right, cache.outages)
	fmt.Printf("%d database calls: the cache was carrying them\n", rows.calls)
	return nil
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

func run(ctx context.Context) (err error) {
	redis, err := ConnectRedis(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, redis.Close()) }()
	for _, step := range []func(context.Context, *DB) error{
		crowds, emptyValues, lifetimes, full, outage,
	} {
		if err := step(ctx, redis); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
