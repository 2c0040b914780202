// A circuit breaker on a timeline: what counts, who may probe, what comes late.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"strconv"
	"sync"
	"time"
)

type State int

const (
	Closed State = iota
	Open
	HalfOpen
)

func (s State) String() string { return [...]string{"closed", "open", "half-open"}[s] }

// ErrOpen says that the call was refused and not made.
var ErrOpen = errors.New("circuit open")

// StatusError is an answer of the service that is an error.
type StatusError struct{ Status int }

func (e *StatusError) Error() string { return strconv.Itoa(e.Status) }

type Outcome int

const (
	Success Outcome = iota
	Failure
	Ignored
)

// judge says which errors count.
func judge(err error) Outcome {
	var status *StatusError
	switch {
	case err == nil:
		return Success
	case errors.As(err, &status) && status.Status == 429:
		return Ignored // our quota: slow down instead
	case errors.As(err, &status) && status.Status < 500:
		return Success // the caller's mistake: the service works
	case errors.Is(err, context.Canceled):
		return Ignored // the caller left: that proves nothing
	default:
		return Failure
	}
}

type bucket struct {
	second          int64
	calls, failures int
}

// Window counts by the second: its size does not depend on the traffic.
type Window struct {
	now            func() time.Time
	epoch          time.Time
	seconds        int64
	minimumCalls   int
	failurePercent int
	buckets        []bucket
}

func (w *Window) second() int64 { return int64(w.now().Sub(w.epoch) / time.Second) }

func (w *Window) add(failed bool) {
	second := w.second()
	if n := len(w.buckets); n == 0 || w.buckets[n-1].second != second {
		w.buckets = append(w.buckets, bucket{second: second})
	}
	last := &w.buckets[len(w.buckets)-1]
	last.calls++
	if failed {
		last.failures++
	}
}

// totals returns the calls and failures of the last seconds.
func (w *Window) totals() (calls, failures int) {
	oldest := w.second() - w.seconds
	w.buckets = slices.DeleteFunc(w.buckets, func(b bucket) bool { return b.second <= oldest })
	for _, b := range w.buckets {
		calls += b.calls
		failures += b.failures
	}
	return calls, failures
}

func (w *Window) trips() bool {
	calls, failures := w.totals()
	return calls >= w.minimumCalls && failures*100 >= w.failurePercent*calls
}

func (w *Window) clear() { w.buckets = nil }

// --8<-- [start:show]

// Breaker guards one service. Each call brings its own timeout: without one, a
// call that hangs is never counted, and a probe that hangs keeps everybody out.
type Breaker struct {
	window  *Window
	openFor time.Duration
	now     func() time.Time

	mu         sync.Mutex
	state      State
	generation int
	probeAt    time.Time
}

func (b *Breaker) Do(call func() error) error {
	b.mu.Lock()
	if b.state == Open && !b.now().Before(b.probeAt) {
		b.enter(HalfOpen, 0) // this call is the probe
	} else if b.state != Closed {
		b.mu.Unlock()
		return ErrOpen
	}
	generation := b.generation
	b.mu.Unlock()

	outcome := Failure // stays so if call panics
	defer func() { b.settle(generation, outcome) }()
	err := call()
	outcome = judge(err)
	return err
}

func (b *Breaker) settle(generation int, outcome Outcome) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case generation != b.generation:
		return // late: the call began before the state last changed
	case b.state == HalfOpen && outcome == Success:
		b.enter(Closed, 0)
	case b.state == HalfOpen && outcome == Failure:
		b.enter(Open, b.openFor)
	case b.state == HalfOpen:
		b.enter(Open, 0) // canceled: the next caller probes
	case outcome != Ignored:
		b.window.add(outcome == Failure)
		if b.window.trips() {
			b.enter(Open, b.openFor)
		}
	}
}

func (b *Breaker) enter(state State, wait time.Duration) {
	b.state = state
	b.generation++
	b.probeAt = b.now().Add(wait)
	b.window.clear()
}

// --8<-- [end:show]

var epoch = time.Unix(0, 0)

// manualClock passes only when told.
type manualClock struct {
	mu     sync.Mutex
	second int
}

func (c *manualClock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return epoch.Add(time.Duration(c.second) * time.Second)
}

func (c *manualClock) set(second int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.second = second
}

var errTimeout = fmt.Errorf("no answer in time: %w", context.DeadlineExceeded)

// pending is a call that waits for its answer, unless it was refused.
type pending struct {
	answer   chan error
	returned chan error
	refused  bool
}

func (p *pending) end(answer error) string {
	if !p.refused {
		p.answer <- answer
	}
	return name(<-p.returned)
}

func name(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, ErrOpen):
		return "refused"
	case errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.Is(err, context.Canceled):
		return "canceled"
	default:
		return err.Error()
	}
}

// timeline calls a service that answers when and what it is told.
type timeline struct {
	clock            *manualClock
	breaker          *Breaker
	reached, refused int
}

func newTimeline() *timeline {
	clock := &manualClock{}
	window := &Window{
		now:            clock.now,
		epoch:          epoch,
		seconds:        10,
		minimumCalls:   4,
		failurePercent: 50,
	}
	breaker := &Breaker{
		window:  window,
		openFor: 4 * time.Second,
		now:     clock.now,
	}
	return &timeline{clock: clock, breaker: breaker}
}

// start starts calls at once and returns when each waits or was refused. Those
// that wait come first.
func (t *timeline) start(calls int) []*pending {
	waiting := make(chan *pending, calls)
	refused := make(chan *pending, calls)
	for range calls {
		p := &pending{answer: make(chan error), returned: make(chan error, 1)}
		go func() {
			err := t.breaker.Do(func() error {
				waiting <- p
				return <-p.answer
			})
			p.returned <- err
			if errors.Is(err, ErrOpen) {
				refused <- p
			}
		}()
	}
	var all, out []*pending
	for range calls {
		select {
		case p := <-waiting:
			t.reached++
			all = append(all, p)
		case p := <-refused:
			t.refused++
			p.refused = true
			out = append(out, p)
		}
	}
	return append(all, out...)
}

func (t *timeline) call(second int, label string, answer error) {
	t.clock.set(second)
	t.row(second, label, t.start(1)[0].end(answer))
}

func (t *timeline) late(second int, label string, p *pending, answer error) {
	t.clock.set(second)
	t.row(second, label, p.end(answer)+", late")
}

func (t *timeline) row(second int, label, outcome string) {
	t.breaker.mu.Lock()
	defer t.breaker.mu.Unlock()
	calls, failures := t.breaker.window.totals()
	counted := "-"
	if t.breaker.state == Closed {
		counted = fmt.Sprintf("%d of %d", failures, calls)
	}
	fmt.Printf("%2d s  %-17s%-13s%-11s%s\n", second, label, outcome, counted, t.breaker.state)
}

func run() error {
	fmt.Println("opens at 50 % failures of at least 4 calls in 10 s, stays open for 4 s")
	fmt.Println("time  call             outcome      failures   state")
	unavailable, notFound := &StatusError{503}, &StatusError{404}
	line := newTimeline()
	slow := line.start(3)
	line.row(0, "three slow calls", "start")
	line.call(1, "call", nil)
	line.call(2, "call", unavailable)
	line.call(3, "call", notFound)
	line.call(4, "call", errTimeout)
	line.call(5, "call", nil)
	line.late(6, "first slow call", slow[0], nil)

	line.clock.set(8)
	callers := line.start(10)
	refused := slices.IndexFunc(callers, func(p *pending) bool { return p.refused })
	if refused < 0 {
		return errors.New("nobody was refused")
	}
	line.row(8, "ten callers", fmt.Sprintf("%d refused", len(callers)-refused))
	line.late(8, "second slow call", slow[1], nil)
	for _, probe := range callers[:refused] {
		line.row(8, "the probe", probe.end(errTimeout))
	}
	line.call(9, "call", nil)
	line.call(12, "probe", context.Canceled)
	line.call(12, "next probe", nil)
	line.late(13, "third slow call", slow[2], unavailable)
	for _, second := range []int{14, 15, 16, 26} {
		line.call(second, "call", unavailable)
	}
	fmt.Printf("%d calls reached the service, %d were refused\n", line.reached, line.refused)
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
