// Retries that wait, stop in time and do not make an outage worse.
package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// RetryableError says that the same request may do better in a moment.
type RetryableError struct {
	Reason     string
	RetryAfter time.Duration
}

func (e *RetryableError) Error() string { return e.Reason }

func statusError(status int, retryAfter time.Duration) error {
	if slices.Contains([]int{429, 502, 503, 504}, status) {
		return &RetryableError{strconv.Itoa(status), retryAfter}
	}
	return errors.New(strconv.Itoa(status))
}

type Policy struct {
	Attempts  int
	Timeout   time.Duration // of one attempt
	Base, Cap time.Duration
}

// Send makes one attempt, which ends with its context.
type Send func(context.Context) error

func NewBudget(percent, reserve int) *Budget {
	return &Budget{percent: percent, limit: reserve * 100, balance: reserve * 100}
}

// --8<-- [start:show]

// Budget lets retries be percent of all calls, and at most a reserve in a burst.
type Budget struct {
	mu                      sync.Mutex
	percent, limit, balance int // a retry costs 100, a call brings percent
}

func (b *Budget) deposit() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.balance = min(b.limit, b.balance+b.percent)
}

func (b *Budget) withdraw() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.balance < 100 {
		return false
	}
	b.balance -= 100
	return true
}

type Retrier struct {
	Policy
	budget *Budget // one for all calls to a service
	now    func() time.Time
	sleep  func(context.Context, time.Duration) error // no longer than the context
	random func() float64                             // from 0 to below 1: rand.Float64
}

func (r *Retrier) Do(ctx context.Context, idempotent bool, send Send) error {
	r.budget.deposit()
	for attempt := 1; ; attempt++ {
		limited, cancel := context.WithTimeout(ctx, r.Timeout)
		err := send(limited)
		cancel()
		var retryable *RetryableError
		if !errors.As(err, &retryable) || !idempotent || attempt == r.Attempts {
			return err
		}
		// Never earlier than asked, and not all at the moment asked for.
		wait := retryable.RetryAfter + r.backoff(attempt)
		deadline, ok := ctx.Deadline()
		if ok && !r.now().Add(wait).Before(deadline) || !r.budget.withdraw() {
			return err
		}
		if stopped := r.sleep(ctx, wait); stopped != nil {
			return errors.Join(err, stopped)
		}
	}
}

// backoff has full jitter: anything from nothing to the exponential ceiling.
func (r *Retrier) backoff(attempt int) time.Duration {
	ceiling := min(float64(r.Cap), float64(r.Base)*math.Pow(2, float64(attempt-1)))
	return time.Duration(r.random() * ceiling)
}

// --8<-- [end:show]

// manualClock passes only by sleeping.
type manualClock struct {
	start, time time.Time
	waits       []time.Duration
}

// newManualClock starts far ahead: contexts measure by the real clock and must
// not end by themselves.
func newManualClock() *manualClock {
	start := time.Date(2100, time.January, 1, 0, 0, 0, 0, time.UTC)
	return &manualClock{start: start, time: start}
}

func (c *manualClock) now() time.Time { return c.time }

func (c *manualClock) sleep(ctx context.Context, wait time.Duration) error {
	c.time = c.time.Add(wait)
	c.waits = append(c.waits, wait)
	return ctx.Err()
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

func alwaysCeiling() float64 { return 1 }

// server gives its answers in order, the last one for ever.
type server struct {
	answers  []error
	received int
}

func (s *server) send(context.Context) error {
	answer := s.answers[min(s.received, len(s.answers)-1)]
	s.received++
	return answer
}

var (
	policy = Policy{
		Attempts: 4,
		Timeout:  2 * time.Second,
		Base:     500 * time.Millisecond,
		Cap:      8 * time.Second,
	}
	down       = statusError(503, 0)
	lost error = &RetryableError{Reason: "connection lost"}
)

func build(clock *manualClock, policy Policy, reserve int) *Retrier {
	return &Retrier{
		Policy: policy,
		budget: NewBudget(10, reserve),
		now:    clock.now,
		sleep:  clock.sleep,
		random: mulberry32(42),
	}
}

func call(r *Retrier, s *server, deadline time.Time, idempotent bool) string {
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	if err := r.Do(ctx, idempotent, s.send); err != nil {
		return err.Error()
	}
	return "ok"
}

func waits() {
	fmt.Println("exponential backoff with full jitter, base 500 ms, cap 8 s")
	clock := newManualClock()
	patient := policy
	patient.Attempts = 7
	call(build(clock, patient, 10), &server{answers: []error{down}},
		clock.start.Add(time.Minute), true)
	fmt.Printf("%-10s", "ceiling")
	for retry := range 6 {
		fmt.Printf("%7d", min(8000, 500<<retry))
	}
	fmt.Printf("  ms\n%-10s", "wait")
	for _, wait := range clock.waits {
		fmt.Printf("%7d", wait.Milliseconds())
	}
	fmt.Println("  ms")
}

type options struct {
	deadline   time.Duration
	idempotent bool
	reserve    int
}

var usual = options{deadline: 10 * time.Second, idempotent: true, reserve: 10}

func oneCase(label string, with options, answers ...error) {
	clock, s := newManualClock(), &server{answers: answers}
	retrier := build(clock, policy, with.reserve)
	result := call(retrier, s, clock.start.Add(with.deadline), with.idempotent)
	slept := []string{"-"}
	for i, wait := range clock.waits {
		slept = append(slept[:i], strconv.FormatInt(wait.Milliseconds(), 10))
	}
	fmt.Printf("%-35s%4d  %-17s%s\n", label, s.received, result, strings.Join(slept, " "))
}

func cases() {
	fmt.Println("\none call, at most 4 requests         sent  result           waits, ms")
	once, short, broke := usual, usual, usual
	once.idempotent = false
	short.deadline = time.Second
	broke.reserve = 0
	oneCase("works at the third", usual, down, lost, nil)
	oneCase("always 503", usual, down)
	oneCase("404", usual, statusError(404, 0))
	oneCase("connection lost, not idempotent", once, lost, nil)
	oneCase("always 503, deadline at 1 s", short, down)
	oneCase("503, Retry-After: 2", usual, statusError(503, 2*time.Second), nil)
	oneCase("503, Retry-After: 30, deadline 10 s", usual, statusError(503, 30*time.Second), nil)
	oneCase("503, budget empty", broke, down, nil)
}

func outage() {
	fmt.Println("\n1,000 calls, one after the other, while the server is down")
	for _, row := range []struct {
		label   string
		reserve int
	}{{"no budget", 1_000_000}, {"a budget of 10 %", 10}} {
		clock, s := newManualClock(), &server{answers: []error{down}}
		retrier := build(clock, policy, row.reserve)
		for range 1000 {
			call(retrier, s, clock.time.Add(time.Minute), true)
		}
		fmt.Printf("%-20s%4d requests\n", row.label, s.received)
	}
}

type request struct {
	at      time.Duration
	attempt int
}

const slotLength = 100 * time.Millisecond

// herd: the server fails all in the first slot, then serves 100 in each.
func herd(label string, random func() float64) {
	retrier := build(newManualClock(), policy, 10)
	retrier.random = random
	slots := [][]request{make([]request, 1000)}
	for client := range slots[0] {
		slots[0][client].attempt = 1
	}
	var lastServed time.Duration
	sent, peak := 0, 0
	for slot := 0; slot < len(slots); slot++ {
		for place := 0; place < len(slots[slot]); place++ { // both may grow
			r := slots[slot][place]
			if slot > 0 && place < 100 {
				lastServed = r.at
				continue
			}
			again := r.at + retrier.backoff(r.attempt).Truncate(time.Millisecond)
			for len(slots) <= int(again/slotLength) {
				slots = append(slots, nil)
			}
			next := &slots[again/slotLength]
			*next = append(*next, request{again, r.attempt + 1})
		}
		sent += len(slots[slot])
		if slot > 0 {
			peak = max(peak, len(slots[slot]))
		}
	}
	tenths := lastServed / slotLength
	seconds := fmt.Sprintf("%d.%d s", tenths/10, tenths%10)
	fmt.Printf("%-20s%4d requests%13d%20s\n", label, sent, peak, seconds)
}

func main() {
	waits()
	cases()
	outage()
	fmt.Println("\n1,000 clients fail at 0 s; then the server takes 100 in each 100 ms")
	fmt.Println("                       in all   later peak, 100 ms   last served at")
	herd("no jitter", alwaysCeiling)
	herd("full jitter", mulberry32(42))
}
