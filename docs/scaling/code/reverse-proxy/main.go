// A reverse proxy on loopback: round robin, health checks, draining.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// --8<-- [start:show]

type Backend struct {
	name, host string
	healthy    bool // false at first: a newcomer has to pass its checks
	draining   bool
	streak     int // checks in a row that contradict healthy
	inFlight   int
}

type Balancer struct {
	mu        sync.Mutex
	changed   *sync.Cond
	backends  []*Backend
	threshold int
	turn      int
}

func (b *Balancer) acquire(tried map[*Backend]bool) *Backend {
	b.mu.Lock()
	defer b.mu.Unlock()
	for range b.backends {
		b.turn = (b.turn + 1) % len(b.backends)
		backend := b.backends[b.turn]
		if backend.healthy && !backend.draining && !tried[backend] {
			backend.inFlight++
			return backend
		}
	}
	return nil
}

func (b *Balancer) release(backend *Backend) {
	b.mu.Lock()
	defer b.mu.Unlock()
	backend.inFlight--
	b.changed.Broadcast()
}

// report: one check is a hint; only several in a row change the state.
func (b *Balancer) report(backend *Backend, passed bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if passed == backend.healthy {
		backend.streak = 0
	} else if backend.streak++; backend.streak == b.threshold {
		backend.healthy, backend.streak = passed, 0
	}
}

// drain gives it nothing new and waits for what runs, until ctx ends.
func (b *Balancer) drain(ctx context.Context, backend *Backend) bool {
	stop := context.AfterFunc(ctx, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.changed.Broadcast()
	})
	defer stop()
	b.mu.Lock()
	defer b.mu.Unlock()
	backend.draining = true
	for backend.inFlight > 0 && ctx.Err() == nil {
		b.changed.Wait()
	}
	return backend.inFlight == 0
}

// --8<-- [end:show]

func NewBalancer() *Balancer {
	b := &Balancer{threshold: 2, turn: -1}
	b.changed = sync.NewCond(&b.mu)
	return b
}

func (b *Balancer) add(backend *Backend) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backends = append(b.backends, backend)
}

func (b *Balancer) remove(backend *Backend) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.backends = slices.DeleteFunc(b.backends, func(x *Backend) bool { return x == backend })
}

func (b *Balancer) all() []*Backend {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.backends)
}

var errNoBackend = errors.New("no backend")

// transport sends a request to the next backend, and to another one if it was never sent.
type transport struct {
	balancer *Balancer
	next     http.RoundTripper
}

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	tried := map[*Backend]bool{}
	for {
		backend := t.balancer.acquire(tried)
		if backend == nil {
			return nil, errNoBackend
		}
		out := req.Clone(req.Context())
		out.URL.Host = backend.host
		res, err := t.next.RoundTrip(out)
		if err == nil {
			res.Body = &released{ReadCloser: res.Body, done: func() { t.balancer.release(backend) }}
			return res, nil
		}
		t.balancer.release(backend)
		var op *net.OpError
		refused := errors.As(err, &op) && op.Op == "dial"
		if !refused || req.Body != nil { // sent, outcome unknown; or a body half read
			return nil, err
		}
		tried[backend] = true
	}
}

// released counts a request as running until its answer is read to the end.
type released struct {
	io.ReadCloser
	once sync.Once
	done func()
}

func (r *released) Close() error {
	defer r.once.Do(r.done)
	return r.ReadCloser.Close()
}

func newProxy(b *Balancer) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.Out.URL.Scheme = "http"
			r.SetXForwarded()
		},
		Transport: transport{b, &http.Transport{
			DisableKeepAlives:     true, // a pool would retry by itself: not wanted here
			ResponseHeaderTimeout: 5 * time.Second,
		}},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, err error) {
			if errors.Is(err, errNoBackend) {
				http.Error(w, "no backend", http.StatusServiceUnavailable)
				return
			}
			http.Error(w, "backend failed", http.StatusBadGateway)
		},
	}
}

// application is a backend; an order takes as long as the test wants.
type application struct {
	*httptest.Server
	name    string
	sick    atomic.Bool
	entered chan<- string
	finish  chan struct{}
}

func (a *application) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/health" && a.sick.Load() {
		http.Error(w, "sick", http.StatusServiceUnavailable)
		return
	}
	if r.Method == http.MethodPost {
		a.entered <- a.name
		select {
		case <-a.finish:
		case <-r.Context().Done():
			return
		}
	}
	_, _ = io.WriteString(w, a.name) // the client may be gone
}

type lab struct {
	balancer *Balancer
	client   *http.Client
	proxy    *httptest.Server
	servers  map[string]*application
	backends map[string]*Backend
	entered  chan string
	mu       sync.Mutex
	statuses map[int]int
}

func (l *lab) start(name string) {
	app := &application{name: name, entered: l.entered, finish: make(chan struct{})}
	app.Server = httptest.NewServer(app)
	l.servers[name] = app
	l.backends[name] = &Backend{name: name, host: app.Listener.Addr().String()}
	l.balancer.add(l.backends[name])
}

// check is what a timer would do; here the story does it.
func (l *lab) check(rounds int) {
	for range rounds {
		for _, backend := range l.balancer.all() {
			status, _ := l.ask(http.MethodGet, "http://"+backend.host+"/health")
			l.balancer.report(backend, status == http.StatusOK)
		}
	}
}

func (l *lab) ask(method, url string) (int, string) {
	req, err := http.NewRequest(method, url, nil)
	if err != nil {
		return 0, ""
	}
	res, err := l.client.Do(req)
	if err != nil {
		return 0, ""
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, ""
	}
	return res.StatusCode, string(body)
}

func (l *lab) send(method string) string {
	status, body := l.ask(method, l.proxy.URL+"/orders")
	l.mu.Lock()
	defer l.mu.Unlock()
	l.statuses[status]++
	if status != http.StatusOK {
		return fmt.Sprint(status)
	}
	return body
}

func (l *lab) show(what string, number int) {
	fmt.Printf("%-42s", what)
	for range number {
		fmt.Print(" ", l.send(http.MethodGet))
	}
	fmt.Println()
}

// order sends an order and says which server has it.
func (l *lab) order() (string, <-chan string) {
	answer := make(chan string, 1)
	go func() { answer <- l.send(http.MethodPost) }()
	return <-l.entered, answer
}

func (l *lab) tally() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(l.statuses)) {
		parts = append(parts, fmt.Sprintf("%d x %d", l.statuses[status], status))
	}
	return strings.Join(parts, ", ")
}

func (l *lab) story() {
	for _, name := range []string{"a", "b", "c"} {
		l.start(name)
	}
	l.show("no server has passed two checks yet", 1)
	l.statuses = map[int]int{}
	l.check(2)
	l.show("two rounds of checks passed", 6)

	l.servers["b"].sick.Store(true)
	l.check(1)
	l.show("b fails a check", 3)
	l.check(1)
	l.show("b fails a second one", 4)
	l.servers["b"].sick.Store(false)
	l.check(2)
	l.show("b passes two", 6)

	l.servers["c"].Close()
	l.show("c crashes; no check has noticed", 6)
	l.check(2)
	l.balancer.remove(l.backends["c"])
	l.show("c is out", 4)

	name, answer := l.order()
	leaving := l.backends[name]
	now, cancel := context.WithCancel(context.Background())
	cancel() // no time to wait
	fmt.Printf("an order runs in %s; drain %s: idle %t\n", name, name,
		l.balancer.drain(now, leaving))
	l.start("d")
	l.check(2)
	l.show(fmt.Sprintf("d has joined, %s gets nothing new", name), 4)
	close(l.servers[name].finish)
	soon, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	idle := l.balancer.drain(soon, leaving)
	fmt.Printf("the order is answered by %s; %s idle %t\n", <-answer, name, idle)
	l.servers[name].Close()
	l.balancer.remove(leaving)
	l.show(name+" is stopped", 4)
	fmt.Println("since the first checks:", l.tally())

	name, answer = l.order()
	l.servers[name].CloseClientConnections()
	fmt.Printf("an order runs in %s; %s is killed: %s\n", name, name, <-answer)
}

func main() {
	l := &lab{
		balancer: NewBalancer(),
		client: &http.Client{
			Timeout:   5 * time.Second,
			Transport: &http.Transport{DisableKeepAlives: true},
		},
		servers:  map[string]*application{},
		backends: map[string]*Backend{},
		entered:  make(chan string),
		statuses: map[int]int{},
	}
	l.proxy = httptest.NewServer(newProxy(l.balancer))
	l.story()
	l.proxy.Close()
	for _, server := range l.servers {
		server.Close()
	}
}
