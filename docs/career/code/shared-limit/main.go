// Token leases: ten servers, one token bucket in Redis, and what leases cost.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	servers = 10
	rate    = 200 // tokens a second
	burst   = 20  // tokens at once
	leaseMS = 500
	pauseMS = 50

	script = `
local now, rate, full = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3] * 1000
local saved = redis.call('HMGET', KEYS[1], 'drops', 'at')
local last = tonumber(saved[2]) or now
local at = math.max(last, now)
local drops = math.min((tonumber(saved[1]) or full) + (at - last) * rate, full)
local granted = math.min(tonumber(ARGV[4]), math.floor(drops / 1000))
drops = drops - granted * 1000
redis.call('HSET', KEYS[1], 'drops', drops, 'at', at)
redis.call('PEXPIRE', KEYS[1], math.ceil((full - drops) / rate) + 60000)
if granted > 0 then return {granted, 0} end
return {0, math.ceil((1000 - drops) / rate)}
`
)

var errLimiterDown = errors.New("the limiter does not answer")

// --8<-- [start:show]

// Central is the budget of one key. Times are passed in; in service the script asks
// TIME.
type Central struct {
	db    *DB
	key   string
	burst int
	calls int
	down  bool
}

// Take returns how many tokens were granted and, if none, the ms to wait.
func (c *Central) Take(ctx context.Context, now, want int) (int, int, error) {
	c.calls++
	if c.down { // in service: no answer within 5 ms
		return 0, 0, errLimiterDown
	}
	reply, err := c.db.Do(ctx, "EVAL", script, 1, c.key, now, rate, c.burst, want)
	if err != nil {
		return 0, 0, fmt.Errorf("take tokens: %w", err)
	}
	values := reply.([]any)
	return int(values[0].(int64)), int(values[1].(int64)), nil
}

type Server struct {
	central       *Central
	lease         int
	fallback      string
	tokens        int
	expires       int
	refusedUntil  int
	aloneUntil    int
	missing, seen int // of the local bucket, in 1/1000 tokens
}

func (s *Server) Allow(ctx context.Context, now int) (bool, error) {
	if s.tokens > 0 && now < s.expires {
		s.tokens-- // no call
		return true, nil
	}
	if now < s.refusedUntil { // remembered: no call either
		return false, nil
	}
	if now < s.aloneUntil { // do not pay the timeout each time
		return s.withoutLimiter(now), nil
	}
	granted, wait, err := s.central.Take(ctx, now, s.lease)
	if errors.Is(err, errLimiterDown) {
		s.aloneUntil = now + pauseMS
		return s.withoutLimiter(now), nil
	}
	if err != nil {
		return false, err
	}
	s.tokens, s.expires = max(granted-1, 0), now+leaseMS
	if granted == 0 { // remember the refusal
		s.refusedUntil = now + max(wait, pauseMS)
	}
	return granted > 0, nil
}

func (s *Server) withoutLimiter(now int) bool {
	if s.fallback != "local" {
		return s.fallback == "open"
	}
	const share = 2 * rate / servers // twice this server's part of the limit
	s.missing = max(s.missing-(now-s.seen)*share, 0)
	s.seen = now
	if s.missing >= 100*share { // a tenth of a second at once
		return false
	}
	s.missing += 1000
	return true
}

// --8<-- [end:show]

// traffic spreads requests over the servers: one of them gets 7 of 16.
type traffic struct {
	servers [servers]Server
	seed    int
}

func newTraffic(central *Central, lease int, fallback string) *traffic {
	t := &traffic{seed: 1}
	for i := range t.servers {
		t.servers[i] = Server{central: central, lease: lease, fallback: fallback}
	}
	return t
}

// send returns when requests were admitted.
func (t *traffic) send(ctx context.Context, times []int) ([]int, error) {
	var admitted []int
	for _, now := range times {
		t.seed = (t.seed*1103515245 + 12345) % (1 << 31)
		server := &t.servers[min((t.seed>>16)%16, servers-1)]
		allowed, err := server.Allow(ctx, now)
		if err != nil {
			return nil, err
		}
		if allowed {
			admitted = append(admitted, now)
		}
	}
	return admitted, nil
}

func mostInASecond(times []int) int {
	first, most := 0, 0
	for last, time := range times {
		for times[first] <= time-1000 {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

func every(from, to int) []int {
	times := make([]int, 0, to-from)
	for now := from; now < to; now++ {
		times = append(times, now)
	}
	return times
}

func leases(ctx context.Context, db *DB) error {
	var honest []int // half the limit
	for at := 0; at < 6_000; at += 100 {
		for range 10 {
			honest = append(honest, at)
		}
	}
	surge := every(6_000, 10_000) // five times the limit
	fmt.Printf("limit %d a second, %d servers\n", rate, servers)
	fmt.Println("              honest: 10 each 100 ms    surge: 1000 a second")
	fmt.Println("lease  burst  refused of 600   calls    most in 1 s  bound  calls of 4000")
	shapes := [][2]int{{1, burst}, {2, burst}, {5, burst}, {10, burst}, {20, burst}, {20, 220}}
	for _, shape := range shapes {
		lease, burst := shape[0], shape[1]
		key := fmt.Sprintf("lease:%d:%d", lease, burst)
		central := &Central{db: db, key: key, burst: burst}
		traffic := newTraffic(central, lease, "closed")
		times, err := traffic.send(ctx, honest)
		if err != nil {
			return err
		}
		refused, calls := len(honest)-len(times), central.calls
		more, err := traffic.send(ctx, surge)
		if err != nil {
			return err
		}
		bound := burst + rate
		if lease > 1 {
			bound += servers * lease
		}
		most := mostInASecond(append(times, more...))
		fmt.Printf("%5d%7d%16d%8d", lease, burst, refused, calls)
		fmt.Printf("%15d%7d%15d\n", most, bound, central.calls-calls)
	}
	return nil
}

func outage(ctx context.Context, db *DB) error {
	fmt.Println("limiter down for 3 s, 1000 requests a second, lease 5")
	fmt.Println("fallback  admitted  a second  calls that time out")
	for _, fallback := range []string{"open", "closed", "local"} {
		central := &Central{db: db, key: "outage:" + fallback, burst: burst}
		traffic := newTraffic(central, 5, fallback)
		if _, err := traffic.send(ctx, every(0, 4_000)); err != nil {
			return err
		}
		central.calls, central.down = 0, true
		times, err := traffic.send(ctx, every(4_000, 7_000))
		if err != nil {
			return err
		}
		admitted := len(times)
		fmt.Printf("%-8s%10d%10d%21d\n", fallback, admitted, admitted/3, central.calls)
	}
	return nil
}

func run(ctx context.Context) (err error) {
	db, err := ConnectRedis(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := leases(ctx, db); err != nil {
		return err
	}
	return outage(ctx, db)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
