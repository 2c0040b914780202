// Two versions on loopback behind a proxy: gate, switch, drain, roll back.
package main

import (
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"
)

// --8<-- [start:show]

type Slot struct {
	color, version, url string
	inFlight            int
}

type Switch struct {
	mu      sync.Mutex
	changed *sync.Cond
	live    *Slot
}

func (s *Switch) acquire() *Slot {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.live.inFlight++
	return s.live
}

func (s *Switch) release(slot *Slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	slot.inFlight--
	s.changed.Broadcast()
}

// Requests that have begun stay with the slot they acquired.
func (s *Switch) pointAt(slot *Slot) (previous *Slot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	previous, s.live = s.live, slot
	return previous
}

func (s *Switch) drain(slot *Slot, limit time.Duration) bool {
	deadline := time.Now().Add(limit)
	timer := time.AfterFunc(limit, func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.changed.Broadcast()
	})
	defer timer.Stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	for slot.inFlight > 0 && time.Now().Before(deadline) {
		s.changed.Wait()
	}
	return slot.inFlight == 0
}

func deploy(s *Switch, candidate *Slot, front string, soak func()) string {
	for range 2 {
		if get(candidate.url, "/ready") != http.StatusOK {
			return "not ready, traffic stays"
		}
	}
	if get(candidate.url, "/orders") != http.StatusOK { // on its private address
		return "smoke test fails, traffic stays"
	}
	old := s.pointAt(candidate)
	soak()                                       // customers use the new version now
	if get(front, "/refunds") != http.StatusOK { // through the front door
		s.pointAt(old) // it was never stopped
		return "/refunds fails, switched back"
	}
	return "live"
}

// --8<-- [end:show]

func (s *Switch) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	slot := s.acquire()
	defer s.release(slot)
	target, err := url.Parse(slot.url)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	proxy := &httputil.ReverseProxy{
		Rewrite:   func(pr *httputil.ProxyRequest) { pr.SetURL(target) },
		Transport: transport,
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) {
			http.Error(w, "no answer", http.StatusBadGateway)
		},
	}
	proxy.ServeHTTP(w, r)
}

type Version struct {
	*httptest.Server
	mu              sync.Mutex
	broken          string
	entered, finish chan struct{}
}

func (v *Version) set(broken string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.broken = broken
}

func (v *Version) fails(path string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.broken == path
}

func newVersion(label, broken string) *Version {
	v := &Version{broken: broken, entered: make(chan struct{}, 1), finish: make(chan struct{})}
	v.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if v.fails(r.URL.Path) {
			http.Error(w, label, http.StatusInternalServerError)
			return
		}
		if r.Method == http.MethodPost { // an order that takes as long as the story wants
			v.entered <- struct{}{}
			<-v.finish
		}
		fmt.Fprint(w, label)
	}))
	return v
}

var (
	transport = &http.Transport{DisableKeepAlives: true}
	client    = &http.Client{Timeout: 5 * time.Second, Transport: transport}
)

func call(base, method, path string) (int, string) {
	req, err := http.NewRequest(method, base+path, nil)
	if err != nil {
		log.Fatal(err)
	}
	res, err := client.Do(req)
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		log.Fatal(err)
	}
	return res.StatusCode, string(body)
}

func get(base, path string) int {
	status, _ := call(base, http.MethodGet, path)
	return status
}

type Story struct {
	sw       *Switch
	proxy    *httptest.Server
	versions []*Version
	mu       sync.Mutex
	total    int
	failed   int
}

func (s *Story) start(color, label, broken string) *Slot {
	v := newVersion(label, broken)
	s.versions = append(s.versions, v)
	return &Slot{color: color, version: label, url: v.URL}
}

func (s *Story) send(method string) string {
	status, body := call(s.proxy.URL, method, "/orders")
	s.mu.Lock()
	defer s.mu.Unlock()
	s.total++
	if status != http.StatusOK {
		s.failed++
		return fmt.Sprint(status)
	}
	return body
}

func (s *Story) order() <-chan string {
	answer := make(chan string, 1)
	go func() { answer <- s.send(http.MethodPost) }()
	return answer
}

func (s *Story) customers(what string) {
	var seen []string
	for range 3 {
		seen = append(seen, s.send(http.MethodGet))
	}
	fmt.Printf("%-46s %s\n", what, strings.Join(seen, " "))
}

func (s *Story) deploy(slot *Slot) {
	fmt.Printf("deploy %s to %s\n", slot.version, slot.color)
	soak := func() { s.customers("  customers after the switch") }
	verdict := deploy(s.sw, slot, s.proxy.URL, soak)
	s.customers("  " + verdict)
}

func (s *Story) tell() {
	blue := s.start("blue", "v1", "")
	s.sw = &Switch{live: blue}
	s.sw.changed = sync.NewCond(&s.sw.mu)
	s.proxy = httptest.NewServer(s.sw)
	v1 := s.versions[0]
	s.customers("v1 in blue is live")
	green := s.start("green", "v2", "/ready")
	v2 := s.versions[1]
	s.deploy(green)
	v2.set("")
	order := s.order()
	<-v1.entered
	fmt.Println("an order begins, in v1, and takes long")
	s.deploy(green)
	fmt.Println("blue is idle:", s.sw.drain(blue, 0))
	close(v1.finish)
	idle := s.sw.drain(blue, 5*time.Second)
	fmt.Printf("order answered by %s, blue is idle: %t\n", <-order, idle)
	v1.Close()
	s.customers("blue is stopped")
	s.deploy(s.start("blue", "v3", "/orders"))
	s.deploy(s.start("blue", "v4", "/refunds"))
	fmt.Printf("%d requests of customers, %d failed\n", s.total, s.failed)

	order = s.order()
	<-v2.entered
	s.sw.pointAt(s.start("blue", "v5", ""))
	v2.CloseClientConnections() // what SIGKILL does to a request that still runs
	fmt.Println("and once without draining: the order gets", <-order)
	close(v2.finish)
}

func main() {
	story := &Story{}
	story.tell()
	story.proxy.Close()
	for _, v := range story.versions[1:] {
		v.Close()
	}
}
