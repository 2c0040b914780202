// A worker pool with a bounded queue: reject, drop the oldest, or block.
package main

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Clock passes only when told to.
type Clock struct{ now int }

// Job has a number, some work and the last moment at which it is worth doing.
type Job struct {
	number   int
	work     func()
	deadline int
}

const noDeadline = 1 << 31

// --8<-- [start:show]

// Pool has one worker and a queue that never holds more than its capacity.
type Pool struct {
	queue                          chan Job
	policy                         string
	clock                          *Clock
	done                           chan struct{}
	ran, refused, dropped, expired []int
}

func (p *Pool) Submit(ctx context.Context, job Job) bool {
	if p.policy == "block" {
		select {
		case p.queue <- job: // backpressure: the caller waits its turn
			return true
		case <-ctx.Done():
			return false
		}
	}
	for {
		select {
		case p.queue <- job:
			return true
		default:
			if p.policy == "reject" {
				p.refused = append(p.refused, job.number)
				return false
			}
			p.dropOldest()
		}
	}
}

func (p *Pool) dropOldest() {
	select {
	case oldest := <-p.queue:
		p.dropped = append(p.dropped, oldest.number)
	default: // a worker was faster
	}
}

func (p *Pool) run() {
	defer close(p.done)
	for job := range p.queue {
		if p.clock.now > job.deadline {
			p.expired = append(p.expired, job.number) // nobody waits for it any more
			continue
		}
		job.work()
		p.ran = append(p.ran, job.number)
	}
}

// --8<-- [end:show]

func NewPool(capacity int, policy string, clock *Clock) *Pool {
	p := &Pool{queue: make(chan Job, capacity), policy: policy, clock: clock,
		done: make(chan struct{})}
	go p.run()
	return p
}

// Close lets the worker finish what is queued. Nobody may submit any more.
func (p *Pool) Close() {
	close(p.queue)
	<-p.done
}

func numbers(values []int) string {
	if len(values) == 0 {
		return "-"
	}
	return strings.Trim(fmt.Sprint(values), "[]")
}

// held makes a job that says when it has begun and ends when the gate is closed.
func held() (job Job, started, gate chan struct{}) {
	started, gate = make(chan struct{}), make(chan struct{})
	return Job{1, func() { close(started); <-gate }, noDeadline}, started, gate
}

// sixJobs: one worker, held by job 1; two places in the queue; jobs 2 to 6 follow.
func sixJobs(ctx context.Context, policy string) {
	pool := NewPool(2, policy, &Clock{})
	first, started, gate := held()
	handed := make(chan int, 6)
	go func() {
		defer close(handed)
		pool.Submit(ctx, first)
		handed <- 1
		<-started
		for number := 2; number <= 6; number++ {
			pool.Submit(ctx, Job{number, func() {}, noDeadline})
			handed <- number
		}
	}()
	// The fourth submit of "block" cannot return before the gate is open.
	certain := 6
	if policy == "block" {
		certain = 3
	}
	for range certain {
		<-handed
	}
	caller := "never waits"
	if certain < 6 {
		select {
		case <-handed:
		case <-time.After(50 * time.Millisecond):
			caller = fmt.Sprintf("waits after %d", certain)
		}
	}
	close(gate)
	for range handed {
		// until the submitter is done
	}
	pool.Close()
	fmt.Printf("%-12sran %-12srefused %-6sdropped %-6scaller %s\n", policy,
		numbers(pool.ran), numbers(pool.refused), numbers(pool.dropped), caller)
}

// expiry: job 2 may wait 100 ms, job 3 may wait 900; the worker is held for 500.
func expiry(ctx context.Context) {
	clock := &Clock{}
	pool := NewPool(2, "reject", clock)
	first, started, gate := held()
	pool.Submit(ctx, first)
	<-started
	pool.Submit(ctx, Job{2, func() {}, 100})
	pool.Submit(ctx, Job{3, func() {}, 900})
	clock.now = 500
	close(gate)
	pool.Close()
	fmt.Printf("deadlines   ran %-12sexpired %s\n", numbers(pool.ran), numbers(pool.expired))
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	fmt.Println("one worker, held by job 1; queue of 2; jobs 2 to 6 arrive")
	for _, policy := range []string{"reject", "drop-oldest", "block"} {
		sixJobs(ctx, policy)
	}
	fmt.Println("the worker is held for 500 ms; job 2 is due at 100, job 3 at 900")
	expiry(ctx)
}
