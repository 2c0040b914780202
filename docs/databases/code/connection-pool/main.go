// A connection pool: maximum, waiting line, timeout, lifetime, validation, leaks.
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"strings"
	"sync"
	"time"
)

var (
	errClosed  = errors.New("the pool is closed")
	errOver    = errors.New("this lease is over")
	errTimeout = errors.New("no connection")
)

// Server opens connections and keeps the time.
type Server struct {
	mu                   sync.Mutex
	time, opened, closed int
}

func (s *Server) connect(context.Context) (*Connection, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.opened++
	return &Connection{server: s, number: s.opened, openedAt: s.time, alive: true}, nil
}

func (s *Server) now() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.time
}

func (s *Server) setTime(seconds int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.time = seconds
}

type Connection struct {
	server                      *Server
	number, openedAt, idleSince int
	alive                       bool
}

func (c *Connection) ping() bool { return c.alive }

func (c *Connection) close() {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	c.server.closed++
}

type Settings struct {
	maximum                            int
	wait                               time.Duration // that a caller waits at most
	lifetime, testAfterIdle, leakAfter int           // seconds
}

func settings(maximum int, wait time.Duration) Settings {
	return Settings{maximum, wait, 1800, 30, 60}
}

// Lease is one borrowing; the connection may be lent again, the lease is over.
type Lease struct {
	connection *Connection
	who        string
	since      int
}

// grant answers a waiter; without a connection it is the permission to open one.
type grant struct {
	connection *Connection
	err        error
}

type Pool struct {
	connect  func(context.Context) (*Connection, error)
	now      func() int
	settings Settings

	mu      sync.Mutex
	idle    []*Connection
	lent    []*Lease
	waiters []chan grant // each with room for one grant
	open    int
	closed  bool
}

// --8<-- [start:show]

func (p *Pool) Acquire(ctx context.Context, who string) (*Lease, error) {
	ctx, cancel := context.WithTimeout(ctx, p.settings.wait)
	defer cancel()
	connection, err := p.place(ctx)
	if err != nil {
		return nil, err
	}
	if connection, err = p.usable(ctx, connection); err != nil {
		p.mu.Lock()
		p.passOn(nil) // a failed attempt must not cost a place
		p.mu.Unlock()
		return nil, err
	}
	lease := &Lease{connection, who, p.now()}
	p.mu.Lock()
	p.lent = append(p.lent, lease)
	p.mu.Unlock()
	return lease, nil
}

// place returns an idle connection, or nil and a reserved place to open one.
func (p *Pool) place(ctx context.Context) (*Connection, error) {
	p.mu.Lock()
	switch last := len(p.idle) - 1; {
	case p.closed:
		p.mu.Unlock()
		return nil, errClosed
	case last >= 0: // the one used last
		connection := p.idle[last]
		p.idle = p.idle[:last]
		p.mu.Unlock()
		return connection, nil
	case p.open < p.settings.maximum: // reserve the place, open outside the lock
		p.open++
		p.mu.Unlock()
		return nil, nil
	}
	waiter := make(chan grant, 1)
	p.waiters = append(p.waiters, waiter)
	p.mu.Unlock()
	select {
	case granted := <-waiter:
		return granted.connection, granted.err
	case <-ctx.Done():
		return p.giveUp(waiter)
	}
}

func (p *Pool) Release(lease *Lease) error {
	p.mu.Lock()
	at := slices.Index(p.lent, lease)
	if at < 0 {
		p.mu.Unlock()
		return errOver
	}
	p.lent = slices.Delete(p.lent, at, at+1)
	connection := lease.connection
	connection.idleSince = p.now()
	retire := p.closed || p.tooOld(connection)
	if retire {
		p.passOn(nil)
	} else {
		p.passOn(connection)
	}
	p.mu.Unlock()
	if retire {
		connection.close()
	}
	return nil
}

// passOn gives to the first in line, so that nobody overtakes; else to the idle.
func (p *Pool) passOn(connection *Connection) {
	switch {
	case len(p.waiters) > 0:
		p.waiters[0] <- grant{connection: connection}
		p.waiters = p.waiters[1:]
	case connection != nil:
		p.idle = append(p.idle, connection)
	default:
		p.open--
	}
}

// --8<-- [end:show]

func (p *Pool) giveUp(waiter chan grant) (*Connection, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	at := slices.Index(p.waiters, waiter)
	if at < 0 { // a hand-over at the last moment
		granted := <-waiter
		return granted.connection, granted.err
	}
	p.waiters = slices.Delete(p.waiters, at, at+1)
	return nil, fmt.Errorf("%w in %v s, %d of %d lent",
		errTimeout, p.settings.wait.Seconds(), len(p.lent), p.settings.maximum)
}

// usable returns the given connection if it is young and answers, else a new one
// in its place.
func (p *Pool) usable(ctx context.Context, connection *Connection) (*Connection, error) {
	if connection != nil {
		idle := p.now() - connection.idleSince
		tested := idle <= p.settings.testAfterIdle || connection.ping()
		if tested && !p.tooOld(connection) {
			return connection, nil
		}
		connection.close()
	}
	return p.connect(ctx)
}

func (p *Pool) tooOld(connection *Connection) bool {
	return p.now()-connection.openedAt >= p.settings.lifetime
}

func (p *Pool) Leaks() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var leaks []string
	for _, lease := range p.lent {
		if age := p.now() - lease.since; age > p.settings.leakAfter {
			leaks = append(leaks, fmt.Sprintf("%s has held #%d for %d s",
				lease.who, lease.connection.number, age))
		}
	}
	return leaks
}

// Close refuses those who wait; what is lent is closed when it comes back.
func (p *Pool) Close() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	for _, waiter := range p.waiters {
		waiter <- grant{err: errClosed}
	}
	p.open -= len(p.idle)
	for _, connection := range p.idle {
		connection.close()
	}
	p.waiters, p.idle = nil, nil
}

func (p *Pool) state() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Sprintf("%d lent, %d waiting", len(p.lent), len(p.waiters))
}

func newPool(s Settings) (*Server, *Pool) {
	server := &Server{}
	return server, &Pool{connect: server.connect, now: server.now, settings: s}
}

// must ends the demonstration at the first error.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func until(p *Pool, state string) {
	for range 5000 {
		if p.state() == state {
			return
		}
		time.Sleep(time.Millisecond)
	}
	log.Fatalf("%s, expected %s", p.state(), state)
}

func fullPool(ctx context.Context) {
	server, pool := newPool(settings(2, 50*time.Millisecond))
	ana, ben := must(pool.Acquire(ctx, "ana")), must(pool.Acquire(ctx, "ben"))
	fmt.Printf("ana #%d, ben #%d\n", ana.connection.number, ben.connection.number)
	if _, err := pool.Acquire(ctx, "cyd"); err != nil {
		fmt.Println("cyd:", err)
	}
	if err := pool.Release(ana); err != nil {
		log.Fatal(err)
	}
	cyd := must(pool.Acquire(ctx, "cyd"))
	fmt.Printf("ana returns, cyd #%d, opened %d\n", cyd.connection.number, server.opened)
	if err := pool.Release(ana); err != nil {
		fmt.Printf("ana returns again: %v, cyd is safe, %s\n", err, pool.state())
	}
}

func waitingLine(ctx context.Context) {
	server, pool := newPool(settings(1, 5*time.Second))
	first := must(pool.Acquire(ctx, "first"))
	var served []string
	var group sync.WaitGroup
	for place, who := range []string{"dan", "eve", "fay"} {
		group.Add(1)
		go func() {
			defer group.Done()
			lease := must(pool.Acquire(ctx, who))
			served = append(served, fmt.Sprintf("%s #%d", who, lease.connection.number))
			must(0, pool.Release(lease))
		}()
		until(pool, fmt.Sprintf("1 lent, %d waiting", place+1))
	}
	must(0, pool.Release(first))
	group.Wait()
	fmt.Printf("in line: %s, opened %d\n", strings.Join(served, ", "), server.opened)
}

func twoAtOnce(ctx context.Context, maximum int) {
	wait := 5 * time.Second
	if maximum == 2 {
		wait = 50 * time.Millisecond
	}
	_, pool := newPool(settings(maximum, wait))
	var holdOne, gaveUp, group sync.WaitGroup
	holdOne.Add(2)
	gaveUp.Add(2)
	finished := make(chan string, 2)
	for _, who := range []string{"gil", "hal"} {
		group.Add(1)
		go func() {
			defer group.Done()
			outer := must(pool.Acquire(ctx, who))
			holdOne.Done()
			holdOne.Wait()
			inner, err := pool.Acquire(ctx, who)
			if err == nil {
				finished <- who
				must(0, pool.Release(inner))
			} else {
				gaveUp.Done()
				gaveUp.Wait() // keep the first one until both have given up
			}
			must(0, pool.Release(outer))
		}()
	}
	group.Wait()
	fmt.Printf("two requests that need 2 each, pool of %d: %d finish\n",
		maximum, len(finished))
}

func aging(ctx context.Context) {
	server, pool := newPool(settings(1, 5*time.Second))
	lease := must(pool.Acquire(ctx, "ida"))
	must(0, pool.Release(lease))
	server.setTime(31)
	lease.connection.alive = false // the database restarted, nobody was told
	lease = must(pool.Acquire(ctx, "ida"))
	fmt.Printf("#1 died while idle: ida #%d, closed %d\n",
		lease.connection.number, server.closed)
	must(0, pool.Release(lease))
	server.setTime(2000)
	lease = must(pool.Acquire(ctx, "joe"))
	fmt.Printf("#2 is too old: joe #%d, closed %d\n",
		lease.connection.number, server.closed)
	server.setTime(2061)
	fmt.Println("leak:", strings.Join(pool.Leaks(), "; "))
	refused := make(chan error, 1)
	go func() {
		_, err := pool.Acquire(ctx, "kim")
		refused <- err
	}()
	until(pool, "1 lent, 1 waiting")
	pool.Close()
	err := <-refused
	must(0, pool.Release(lease))
	fmt.Printf("close, kim: %v, opened %d, closed %d\n", err, server.opened, server.closed)
}

func main() {
	ctx := context.Background()
	fullPool(ctx)
	waitingLine(ctx)
	twoAtOnce(ctx, 2)
	twoAtOnce(ctx, 3)
	aging(ctx)
}
