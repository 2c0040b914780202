// Ask one endpoint 50 things at once, over HTTP/1.1 and over HTTP/2.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	requests = 50
	patience = 10 * time.Second
)

// meter is a listener that counts connections and the bytes clients send.
type meter struct {
	net.Listener
	connections, received atomic.Int64
}

type meteredConn struct {
	net.Conn
	received *atomic.Int64
}

func (m *meter) Accept() (net.Conn, error) {
	conn, err := m.Listener.Accept()
	if err != nil {
		return nil, err
	}
	m.connections.Add(1)
	return &meteredConn{conn, &m.received}, nil
}

func (c *meteredConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.received.Add(int64(n))
	return n, err
}

// gate answers requests in waves: a wave leaves when everything that can be in
// flight is in flight, as if all round trips took equally long.
type gate struct {
	mu                     sync.Mutex
	limit, remaining, held int
	waves                  int
	open                   chan struct{}
}

func newGate(limit int) *gate {
	return &gate{limit: limit, remaining: requests, open: make(chan struct{})}
}

func (g *gate) wait(ctx context.Context) error {
	g.mu.Lock()
	g.held++
	open := g.open
	if g.held == min(g.limit, g.remaining) {
		g.waves++
		g.remaining -= g.held
		g.held = 0
		g.open = make(chan struct{})
		close(open)
	}
	g.mu.Unlock()
	select {
	case <-open:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// --8<-- [start:show]

type setup struct {
	name      string
	http2     bool
	maxConns  int // the client's limit of connections to this server, 0 for none
	inFlight  int // requests that can then be under way at once
	protocols http.Protocols
}

func setups() []*setup {
	all := []*setup{
		{name: "HTTP/1.1, pool of 6", maxConns: 6, inFlight: 6},
		{name: "HTTP/1.1, no limit", inFlight: requests},
		// One connection must do: a burst would dial more until it is known to be shared.
		{name: "HTTP/2", http2: true, maxConns: 1, inFlight: requests},
	}
	for _, s := range all {
		s.protocols.SetHTTP1(!s.http2)
		s.protocols.SetUnencryptedHTTP2(s.http2) // h2c: no TLS, so no ALPN
	}
	return all
}

// burst warms the client up with one request, then sends 50 at once.
func burst(s *setup) (result, error) {
	gate := newGate(s.inFlight)
	server, err := start(s, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/warm-up" && gate.wait(r.Context()) != nil {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		fmt.Fprintln(w, r.Proto)
	})
	if err != nil {
		return result{}, err
	}
	err = get(server.client, server.url+"/warm-up")
	answers := make(chan error, requests)
	for id := range requests {
		url := fmt.Sprintf("%s/items/%d", server.url, id)
		go func() { answers <- get(server.client, url) }()
	}
	for range requests {
		err = errors.Join(err, <-answers)
	}
	err = errors.Join(err, server.stop())
	return result{server.meter.connections.Load(), gate.waves, server.meter.received.Load()}, err
}

// --8<-- [end:show]

// overtake starts a slow request, then counts the answers that pass it.
func overtake(s *setup) (early int, connections int64, err error) {
	arrived, release := make(chan struct{}), make(chan struct{})
	server, err := start(s, func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/slow" {
			close(arrived)
			select {
			case <-release:
			case <-r.Context().Done():
			}
		}
		fmt.Fprintln(w, r.Proto)
	})
	if err != nil {
		return 0, 0, err
	}
	slow := make(chan error, 1)
	go func() { slow <- get(server.client, server.url+"/slow") }()
	select {
	case <-arrived:
	case err := <-slow:
		return 0, 0, errors.Join(err, server.stop())
	}
	for id := range requests - 1 {
		answer := get(server.client, fmt.Sprintf("%s/items/%d", server.url, id))
		if answer == nil {
			early++
		}
		err = errors.Join(err, answer)
	}
	close(release)
	err = errors.Join(err, <-slow, server.stop())
	return early, server.meter.connections.Load(), err
}

type result struct {
	connections int64
	waves       int
	received    int64
}

type running struct {
	url    string
	client *http.Client
	meter  *meter
	stop   func() error
}

// start runs a server and prepares a client that speaks the same protocol.
func start(s *setup, handler http.HandlerFunc) (*running, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	counted := &meter{Listener: listener}
	server := &http.Server{
		Handler:           handler,
		Protocols:         &s.protocols,
		ReadHeaderTimeout: patience,
	}
	client := &http.Client{
		Timeout: patience,
		Transport: &http.Transport{
			Protocols:           &s.protocols,
			MaxConnsPerHost:     s.maxConns,
			MaxIdleConnsPerHost: requests,
		},
	}
	done := make(chan error, 1)
	go func() { done <- server.Serve(counted) }()
	stop := func() error {
		client.CloseIdleConnections()
		err := server.Close()
		if served := <-done; !errors.Is(served, http.ErrServerClosed) {
			err = errors.Join(err, served)
		}
		return err
	}
	return &running{"http://" + listener.Addr().String(), client, counted, stop}, nil
}

// get sends as many header bytes as a browser with a fat cookie.
func get(client *http.Client, url string) error {
	request, err := http.NewRequest(http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Host = "api.example.com"
	request.Header.Set("Cookie", "session="+strings.Repeat("0123456789abcdef", 40))
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}

func run() error {
	fmt.Printf("%d requests at once on a warm client, same handler, same headers\n\n", requests)
	fmt.Println("protocol               connections  round trips  sent by the client")
	all := setups()
	for _, s := range all {
		r, err := burst(s)
		if err != nil {
			return err
		}
		kilobytes := (r.received + 500) / 1000
		fmt.Printf("%-23s%11d%13d%17d kB\n", s.name, r.connections, r.waves, kilobytes)
	}
	early, connections, err := overtake(all[len(all)-1])
	if err != nil {
		return err
	}
	fmt.Println("\nHTTP/2, a slow request first, the others behind it")
	fmt.Printf("%-23s%11d\n", "connections", connections)
	fmt.Printf("%-23s%11d of %d\n", "overtook the slow one", early, requests-1)
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
