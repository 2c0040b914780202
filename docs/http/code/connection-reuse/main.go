// Send 50 requests over HTTP/1.1 in four ways and count connections and waits.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"sync"
	"time"
)

const (
	requests = 50
	poolSize = 6
	patience = 10 * time.Second
)

// gate answers in waves: a wave leaves when all that can be in flight is in
// flight. That is what a client sees when every round trip takes equally long.
// It also counts how many waves had to wait for a new connection first.
type gate struct {
	mu                             sync.Mutex
	inFlight, remaining, held      int
	waves, handshakes, connections int
	fresh                          bool
	leave                          chan struct{}
}

func newGate(inFlight int) *gate {
	return &gate{inFlight: inFlight, remaining: requests, leave: make(chan struct{})}
}

func (g *gate) wait(ctx context.Context, firstOnConnection bool) error {
	g.mu.Lock()
	if firstOnConnection {
		g.connections++
		g.fresh = true
	}
	g.held++
	leave := g.leave
	if g.held == min(g.inFlight, g.remaining) {
		g.waves++
		if g.fresh {
			g.handshakes++
		}
		g.remaining -= g.held
		g.held, g.fresh = 0, false
		g.leave = make(chan struct{})
		close(leave)
	}
	g.mu.Unlock()
	select {
	case <-leave:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// seenKey finds a connection's request counter in the request's context.
type seenKey struct{}

func (g *gate) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seen := r.Context().Value(seenKey{}).(*int)
	*seen++
	if err := g.wait(r.Context(), *seen == 1); err != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	if _, err := io.WriteString(w, r.URL.Path); err != nil {
		log.Print(err)
	}
}

// --8<-- [start:show]

func connectionPerRequest(host string) error {
	client := newClient(&http.Transport{DisableKeepAlives: true})
	return oneByOne(client, host)
}

func keepAlive(host string) error {
	client := newClient(&http.Transport{})
	defer client.CloseIdleConnections()
	return oneByOne(client, host)
}

// pool starts all requests at once; the transport lends them six connections.
// The default keeps only two idle ones per host and would keep reconnecting.
func pool(host string) error {
	client := newClient(&http.Transport{
		MaxConnsPerHost:     poolSize,
		MaxIdleConnsPerHost: poolSize,
	})
	defer client.CloseIdleConnections()
	answers := make(chan error, requests)
	for item := range requests {
		go func() { answers <- get(client, host, item) }()
	}
	var err error
	for range requests {
		err = errors.Join(err, <-answers)
	}
	return err
}

func pipelining(host string) error {
	conn, err := net.DialTimeout("tcp", host, patience)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	for item := range requests { // write everything before reading anything
		if _, err := fmt.Fprintf(conn, "GET /items/%d HTTP/1.1\r\nHost: localhost\r\n\r\n", item); err != nil {
			return err
		}
	}
	answers := bufio.NewReader(conn)
	for item := range requests { // no ids: the order is all there is
		response, err := http.ReadResponse(answers, nil)
		if err != nil {
			return err
		}
		if err := check(response, item); err != nil {
			return err
		}
	}
	return nil
}

// --8<-- [end:show]

func newClient(transport *http.Transport) *http.Client {
	return &http.Client{Transport: transport, Timeout: patience}
}

func oneByOne(client *http.Client, host string) error {
	for item := range requests {
		if err := get(client, host, item); err != nil {
			return err
		}
	}
	return nil
}

func get(client *http.Client, host string, item int) error {
	response, err := client.Get(fmt.Sprintf("http://%s/items/%d", host, item))
	if err != nil {
		return err
	}
	return check(response, item)
}

// check reads the whole body: a connection with unread bytes is not reused.
func check(response *http.Response, item int) error {
	body, err := io.ReadAll(response.Body)
	err = errors.Join(err, response.Body.Close())
	if err == nil && string(body) != fmt.Sprintf("/items/%d", item) {
		err = errors.New("an answer to another request")
	}
	return err
}

func measure(inFlight int, strategy func(string) error) (*gate, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	g := newGate(inFlight)
	server := &http.Server{
		Handler:           g,
		ReadHeaderTimeout: patience,
		ConnContext: func(ctx context.Context, _ net.Conn) context.Context {
			return context.WithValue(ctx, seenKey{}, new(int))
		},
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()
	err = strategy(listener.Addr().String())
	err = errors.Join(err, server.Close())
	if served := <-done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return g, err
}

func run() error {
	fmt.Printf("%d requests to one server over HTTP/1.1\n\n", requests)
	fmt.Printf("%-22s  connections  round trips  with TLS 1.3\n", "")
	for _, row := range []struct {
		name      string
		inFlight  int
		strategy  func(string) error
		pipelined bool
	}{
		{"connection per request", 1, connectionPerRequest, false},
		{"keep-alive", 1, keepAlive, false},
		{fmt.Sprintf("pool of %d", poolSize), poolSize, pool, false},
		{"pipelining", 1, pipelining, true},
	} {
		g, err := measure(row.inFlight, row.strategy)
		if err != nil {
			return err
		}
		waits := g.waves
		if row.pipelined { // all is sent before it waits: one wait, however handled
			waits = 1
		}
		plain := g.handshakes + waits
		secure := plain + g.handshakes
		fmt.Printf("%-22s%13d%13d%14d\n", row.name, g.connections, plain, secure)
	}
	fmt.Println("\nPipelined answers arrived in the order of the requests.")
	fmt.Println("Round trips: TCP handshakes waited for, plus waits for answers.")
	fmt.Println("TLS 1.3 adds one round trip to each handshake.")
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
