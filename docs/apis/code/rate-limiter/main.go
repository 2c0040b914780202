// Send the same traffic through three rate limiters behind Allow(key, now).
package main

import (
	"errors"
	"fmt"
	"log"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Rate is at most Limit requests in Window milliseconds.
type Rate struct{ Limit, Window int64 }

// Decision has the time until a retry can pass; zero if the request is allowed.
type Decision struct {
	Allowed bool
	Delay   time.Duration
}

// Meter is what a limiter remembers of one key. Take counts a request and
// returns 0, or only returns the milliseconds to wait.
type Meter interface {
	Take(rate Rate, now int64) int64
}

// FixedWindow counts anew in each window of the clock.
type FixedWindow struct{ start, used int64 }

func (f *FixedWindow) Take(rate Rate, now int64) int64 {
	start := now - now%rate.Window
	if start != f.start {
		f.start, f.used = start, 0
	}
	if f.used == rate.Limit {
		return start + rate.Window - now
	}
	f.used++
	return 0
}

// recent holds the meters of the keys that were used lately: within one to two
// windows.
type recent struct {
	newMeter   func() Meter
	young, old map[string]Meter
	window     int64 // milliseconds
	turned     int64
}

func (r *recent) get(key string, now int64) Meter {
	if now-r.turned >= r.window {
		r.young, r.old, r.turned = map[string]Meter{}, r.young, now
	}
	meter, found := r.young[key]
	if !found {
		if meter, found = r.old[key]; !found {
			meter = r.newMeter()
		}
		delete(r.old, key)
		r.young[key] = meter
	}
	return meter
}

func (r *recent) size() int { return len(r.young) + len(r.old) }

// NewLimiter refuses a rate that could overflow or never pass anything.
func NewLimiter(rate Rate, newMeter func() Meter) (*Limiter, error) {
	const day = 86_400_000
	if rate.Limit < 1 || rate.Limit > 1_000_000 || rate.Window < 1 || rate.Window > day {
		return nil, errors.New("limit must be 1 to 1000000, window 1 ms to 1 day")
	}
	meters := &recent{
		newMeter: newMeter,
		young:    map[string]Meter{},
		window:   rate.Window,
	}
	return &Limiter{rate: rate, meters: meters}, nil
}

// --8<-- [start:show]

// SlidingLog remembers when each accepted request came, for one window.
type SlidingLog struct{ times []int64 } // never more than the limit

func (s *SlidingLog) Take(rate Rate, now int64) int64 {
	expired, _ := slices.BinarySearch(s.times, now-rate.Window+1)
	s.times = slices.Delete(s.times, 0, expired)
	if int64(len(s.times)) == rate.Limit {
		return s.times[0] + rate.Window - now
	}
	s.times = append(s.times, now)
	return 0
}

// TokenBucket holds Limit tokens and refills over one window. A token is
// Window drops and each millisecond adds Limit drops, so that whole numbers
// suffice. Kept is how many are missing: none in a new bucket.
type TokenBucket struct{ missing, updated int64 }

func (t *TokenBucket) Take(rate Rate, now int64) int64 {
	refill := (now - t.updated) * rate.Limit
	t.missing, t.updated = max(t.missing-refill, 0), now
	short := t.missing + rate.Window - rate.Limit*rate.Window
	if short > 0 {
		return (short + rate.Limit - 1) / rate.Limit // rounded up
	}
	t.missing += rate.Window
	return 0
}

// Limiter decides for each key on its own.
type Limiter struct {
	rate   Rate
	mu     sync.Mutex // guards everything below
	meters *recent
	latest int64 // milliseconds
}

// Allow counts the request of key unless it has to wait.
func (l *Limiter) Allow(key string, now time.Time) Decision {
	l.mu.Lock() // read, decide and write are one step
	defer l.mu.Unlock()
	// Goroutines overtake each other between the clock and the lock.
	l.latest = max(now.UnixMilli(), l.latest)
	// A meter unused for a whole window is as good as new, and dropped.
	meter := l.meters.get(key, l.latest)
	wait := meter.Take(l.rate, l.latest)
	return Decision{wait == 0, time.Duration(wait) * time.Millisecond}
}

// --8<-- [end:show]

const (
	burst       = 24            // requests, 20 ms apart
	lastOfBurst = int64(10_460) // milliseconds
)

var (
	rate   = Rate{Limit: 20, Window: 10_000}
	names  = []string{"fixed window", "sliding log", "token bucket"}
	meters = []func() Meter{
		func() Meter { return &FixedWindow{} },
		func() Meter { return &SlidingLog{} },
		func() Meter { return &TokenBucket{} },
	}
)

// traffic returns when the requests come, in milliseconds.
func traffic() []int64 {
	var times []int64
	for _, start := range []int64{9_500, 10_000} {
		for each := range int64(burst) {
			times = append(times, start+20*each)
		}
	}
	for now := int64(11_000); now < 21_000; now += 250 {
		times = append(times, now)
	}
	return times
}

func newLimiters() ([]*Limiter, error) {
	var limiters []*Limiter
	for _, newMeter := range meters {
		limiter, err := NewLimiter(rate, newMeter)
		if err != nil {
			return nil, fmt.Errorf("make a limiter: %w", err)
		}
		limiters = append(limiters, limiter)
	}
	return limiters, nil
}

func row[T any](label string, cells ...T) {
	fmt.Printf("%-36s", label)
	for _, cell := range cells {
		fmt.Printf("%14v", cell)
	}
	fmt.Println()
}

func inSecond(second int64, times []int64) int {
	count := 0
	for _, at := range times {
		if at/1000 == second {
			count++
		}
	}
	return count
}

// mostInAny returns the largest number of times within span milliseconds.
func mostInAny(span int64, times []int64) int {
	most := 0
	for i, first := range times {
		end, _ := slices.BinarySearch(times, first+span)
		most = max(most, end-i)
	}
	return most
}

func replay() error {
	limiters, err := newLimiters()
	if err != nil {
		return err
	}
	requests := traffic()
	accepted := make([][]int64, len(limiters))
	for _, now := range requests {
		for i, limiter := range limiters {
			if limiter.Allow("ada", time.UnixMilli(now)).Allowed {
				accepted[i] = append(accepted[i], now)
			}
		}
	}

	row("20 requests in 10 s", names...)
	for second := int64(9); second <= 20; second++ {
		sent := inSecond(second, requests)
		var cells []string
		for _, times := range accepted {
			passed := inSecond(second, times)
			cells = append(cells, fmt.Sprintf("%d/%d", passed, sent-passed))
		}
		row(fmt.Sprintf("second %2d: accepted/rejected of %2d", second, sent), cells...)
	}
	for _, seconds := range []int64{1, 10} {
		var most []int
		for _, times := range accepted {
			most = append(most, mostInAny(seconds*1000, times))
		}
		row(fmt.Sprintf("most accepted in any %d s", seconds), most...)
	}
	return nil
}

func yesNo(value bool) string {
	if value {
		return "yes"
	}
	return "no"
}

// retry lets the last request of the burst be rejected and comes back as told.
func retry() error {
	limiters, err := newLimiters()
	if err != nil {
		return err
	}
	var waits, seconds []int64
	var early, again []string
	for _, limiter := range limiters {
		var rejected Decision
		for _, now := range traffic() {
			if now > lastOfBurst {
				break
			}
			rejected = limiter.Allow("ada", time.UnixMilli(now))
		}
		onTime := time.UnixMilli(lastOfBurst).Add(rejected.Delay)
		waits = append(waits, rejected.Delay.Milliseconds())
		// Rounded up, or the retry is too early.
		seconds = append(seconds, int64((rejected.Delay+time.Second-1)/time.Second))
		tooEarly := limiter.Allow("ada", onTime.Add(-time.Millisecond))
		early = append(early, yesNo(tooEarly.Allowed))
		again = append(again, yesNo(limiter.Allow("ada", onTime).Allowed))
	}
	row("rejected at 10.460 s: wait in ms", waits...)
	row("  Retry-After in seconds", seconds...)
	row("  retry 1 ms too early passes", early...)
	row("  retry after that wait passes", again...)
	return nil
}

func crowd() error {
	limiters, err := newLimiters()
	if err != nil {
		return err
	}
	var accepted []int64
	for _, limiter := range limiters {
		var passed atomic.Int64
		var group sync.WaitGroup
		for range 8 {
			group.Add(1)
			go func() {
				defer group.Done()
				for range 100 {
					if limiter.Allow("ada", time.UnixMilli(0)).Allowed {
						passed.Add(1)
					}
				}
			}()
		}
		group.Wait()
		accepted = append(accepted, passed.Load())
	}
	row("accepted of 800 concurrent requests", accepted...)
	return nil
}

func idle() error {
	limiters, err := newLimiters()
	if err != nil {
		return err
	}
	var before, after []int
	for _, limiter := range limiters {
		for number := range 10_000 {
			limiter.Allow(fmt.Sprintf("caller-%d", number), time.UnixMilli(0))
		}
		before = append(before, limiter.meters.size())
		for turn := range int64(2) {
			limiter.Allow("ada", time.UnixMilli((turn+1)*rate.Window))
		}
		after = append(after, limiter.meters.size())
	}
	row("keys kept after 10000 callers", before...)
	row("keys kept two windows later", after...)
	return nil
}

func main() {
	for _, part := range []func() error{replay, retry, crowd, idle} {
		if err := part(); err != nil {
			log.Fatal(err)
		}
	}
}
