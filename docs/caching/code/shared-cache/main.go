// An origin, a shared cache in front of it, and clients: real HTTP, injected clock.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const timeout = 5 * time.Second

type request struct {
	method, path string
	header       http.Header
}

type response struct {
	status int
	header http.Header
	body   string
}

func directives(value string) map[string]string {
	rules := map[string]string{}
	for part := range strings.SplitSeq(strings.ToLower(value), ",") {
		if name, argument, _ := strings.Cut(strings.TrimSpace(part), "="); name != "" {
			rules[name] = argument
		}
	}
	return rules
}

func says(rules map[string]string, names ...string) bool {
	return slices.ContainsFunc(names, func(name string) bool {
		_, ok := rules[name]
		return ok
	})
}

func mayStore(req request, res response) bool {
	rules := directives(res.header.Get("Cache-Control"))
	switch {
	case res.status != http.StatusOK || res.header.Get("Vary") == "*":
		return false
	case says(rules, "no-store", "private"):
		return false
	case req.header.Get("Authorization") != "": // somebody's credentials
		return says(rules, "public", "s-maxage", "must-revalidate")
	}
	return says(rules, "public", "max-age", "s-maxage", "no-cache")
}

// stored is a response, and the request whose headers its Vary names.
type stored struct {
	req request
	res response
	at  int // received, or last validated
}

func (s *stored) rules() map[string]string {
	return directives(s.res.header.Get("Cache-Control"))
}

func (s *stored) lifetime() int {
	rules := s.rules()
	if says(rules, "no-cache") {
		return 0
	}
	if says(rules, "s-maxage") {
		return seconds(rules["s-maxage"])
	}
	return seconds(rules["max-age"])
}

func (s *stored) grace() int {
	rules := s.rules()
	// What must be validated has none; s-maxage includes proxy-revalidate.
	if says(rules, "no-cache", "must-revalidate", "proxy-revalidate", "s-maxage") {
		return 0
	}
	return seconds(rules["stale-while-revalidate"])
}

// seconds of a directive; what is missing or no number counts as 0: not fresh.
func seconds(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0
	}
	return n
}

func (s *stored) matches(req request) bool {
	for name := range directives(s.res.header.Get("Vary")) {
		if s.req.header.Get(name) != req.header.Get(name) {
			return false
		}
	}
	return true
}

type fetcher func(ctx context.Context, req request) (response, error)

type sharedCache struct {
	fetch fetcher
	clock func() int
	kept  map[string][]*stored
	later []func(ctx context.Context) error
}

func (c *sharedCache) serve(s *stored, status string) response {
	copied := response{http.StatusOK, s.res.header.Clone(), s.res.body}
	copied.header.Set("Age", strconv.Itoa(c.clock()-s.at))
	return mark(copied, status)
}

// --8<-- [start:show]

func (c *sharedCache) handle(ctx context.Context, req request) (response, error) {
	if req.method != http.MethodGet {
		res, err := c.fetch(ctx, req)
		if err == nil && res.status < 400 { // a successful write: forget the copies
			delete(c.kept, req.path)
		}
		return mark(res, "fwd=method"), err
	}
	variants := c.kept[req.path]
	i := slices.IndexFunc(variants, func(s *stored) bool { return s.matches(req) })
	if i < 0 && len(variants) > 0 {
		return c.forward(ctx, req, "fwd=vary-miss")
	}
	if i < 0 {
		return c.forward(ctx, req, "fwd=uri-miss")
	}
	s := variants[i]
	left := s.lifetime() - (c.clock() - s.at)
	if left > 0 {
		return c.serve(s, fmt.Sprintf("hit; ttl=%d", left)), nil
	}
	if -left < s.grace() { // answer now, ask the origin after
		c.later = append(c.later, func(ctx context.Context) error {
			_, err := c.validate(ctx, s, req)
			return err
		})
		return c.serve(s, fmt.Sprintf("hit; ttl=%d", left)), nil
	}
	return c.validate(ctx, s, req)
}

// validate asks "is it still this?"; a 304 costs no body and starts a new lifetime.
func (c *sharedCache) validate(ctx context.Context, s *stored, req request) (response, error) {
	ask := request{req.method, req.path, req.header.Clone()}
	ask.header.Set("If-None-Match", s.res.header.Get("ETag"))
	res, err := c.fetch(ctx, ask)
	if err != nil {
		return response{}, err
	}
	if res.status == http.StatusNotModified {
		for name, values := range res.header {
			s.res.header[name] = values
		}
		s.at = c.clock()
		return c.serve(s, "fwd=stale; fwd-status=304"), nil
	}
	c.kept[req.path] = slices.DeleteFunc(c.kept[req.path], func(old *stored) bool { return old == s })
	c.store(req, res)
	return mark(res, fmt.Sprintf("fwd=stale; fwd-status=%d", res.status)), nil
}

// --8<-- [end:show]

func (c *sharedCache) forward(ctx context.Context, req request, why string) (response, error) {
	res, err := c.fetch(ctx, req)
	if err == nil && c.store(req, res) {
		why += "; stored"
	}
	return mark(res, why), err
}

func (c *sharedCache) store(req request, res response) bool {
	if !mayStore(req, res) {
		return false
	}
	c.kept[req.path] = append(c.kept[req.path], &stored{req, res, c.clock()})
	return true
}

func mark(res response, status string) response {
	marked := response{res.status, res.header.Clone(), res.body}
	if marked.header == nil {
		marked.header = http.Header{}
	}
	marked.header.Set("Cache-Status", "Toy; "+status)
	return marked
}

// origin has seven resources, each with its own policy, and counts what reaches it.
type origin struct {
	hits  int
	price string
}

func (o *origin) handle(_ context.Context, req request) (response, error) {
	o.hits++
	if req.method == http.MethodPost {
		o.price = "7.00"
		return response{http.StatusNoContent, http.Header{}, ""}, nil
	}
	_, user, _ := strings.Cut(req.header.Get("Authorization"), " ")
	var policy, body string
	switch req.path {
	case "/price":
		policy, body = "max-age=60, stale-while-revalidate=30", o.price
	case "/list":
		policy, body = "max-age=5, s-maxage=60", "tea"
		if req.header.Get("Accept-Language") == "de" {
			body = "Tee"
		}
	case "/news":
		policy, body = "no-cache", "news"
	case "/me":
		policy, body = "private, max-age=60", user
	case "/balance":
		policy, body = "no-store", "90.00"
	case "/orders":
		policy, body = "max-age=60", user+"'s"
	case "/public":
		policy, body = "public, max-age=60", user+"'s"
	}
	etag := fmt.Sprintf("\"%.4x\"", sha256.Sum256([]byte(body)))
	header := http.Header{"Cache-Control": {policy}}
	header.Set("ETag", etag)
	if req.path == "/list" {
		header.Set("Vary", "Accept-Language")
	}
	if req.header.Get("If-None-Match") == etag {
		return response{http.StatusNotModified, header, ""}, nil
	}
	return response{http.StatusOK, header, body}, nil
}

var (
	passed = []string{"Cache-Control", "Etag", "Vary", "Age", "Cache-Status"}
	asked  = []string{"Authorization", "Accept-Language", "If-None-Match"}
)

func only(names []string, header http.Header) http.Header {
	kept := http.Header{}
	for _, name := range names {
		if value := header.Get(name); value != "" {
			kept.Set(name, value)
		}
	}
	return kept
}

func client(address string) fetcher {
	plain := &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true},
	}
	return func(ctx context.Context, req request) (res response, err error) {
		out, err := http.NewRequestWithContext(ctx, req.method, "http://"+address+req.path, nil)
		if err != nil {
			return response{}, err
		}
		out.Header = req.header.Clone()
		answer, err := plain.Do(out)
		if err != nil {
			return response{}, err
		}
		defer func() { err = errors.Join(err, answer.Body.Close()) }()
		body, err := io.ReadAll(answer.Body)
		return response{answer.StatusCode, only(passed, answer.Header), string(body)}, err
	}
}

// server serves one request a turn; what it leaves for later runs after its answer.
type server struct {
	turn   sync.Mutex
	handle fetcher
	later  func() []func(context.Context) error
}

func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.turn.Lock()
	defer s.turn.Unlock()
	ctx := context.WithoutCancel(r.Context()) // the client may be gone by then
	res, err := s.handle(ctx, request{r.Method, r.URL.Path, only(asked, r.Header)})
	if err != nil {
		http.Error(w, "bad gateway", http.StatusBadGateway)
		return
	}
	for name, values := range res.header {
		w.Header()[name] = values
	}
	if res.status == http.StatusOK {
		w.Header().Set("Content-Length", strconv.Itoa(len(res.body)))
	}
	w.WriteHeader(res.status)
	if _, err := io.WriteString(w, res.body); err != nil && res.body != "" {
		return
	}
	if err := http.NewResponseController(w).Flush(); err != nil {
		return
	}
	for _, work := range s.later() {
		if err := work(ctx); err != nil {
			return // the stale copy stays; the next request tries again
		}
	}
}

// serve listens on loopback until stop is called.
func serve(s *server) (address string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	plain := &http.Server{Handler: s, ReadHeaderTimeout: timeout}
	done := make(chan error, 1)
	go func() { done <- plain.Serve(listener) }()
	stop = func() error {
		err := plain.Close()
		if ended := <-done; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return err
	}
	return listener.Addr().String(), stop, nil
}

var steps = []struct {
	second       int
	method, path string
	name, value  string
}{
	{0, "GET", "/price", "", ""},
	{59, "GET", "/price", "", ""},
	{70, "GET", "/price", "", ""},
	{71, "GET", "/price", "", ""},
	{72, "POST", "/price", "", ""},
	{73, "GET", "/price", "", ""},
	{74, "GET", "/list", "Accept-Language", "en"},
	{75, "GET", "/list", "Accept-Language", "de"},
	{76, "GET", "/list", "Accept-Language", "en"},
	{77, "GET", "/news", "", ""},
	{78, "GET", "/news", "", ""},
	{79, "GET", "/me", "Authorization", "Sample ada"},
	{80, "GET", "/balance", "", ""},
	{81, "GET", "/balance", "", ""},
	{82, "GET", "/orders", "Authorization", "Sample ada"},
	{83, "GET", "/orders", "Authorization", "Sample ben"},
	{84, "GET", "/public", "Authorization", "Sample ada"},
	{85, "GET", "/public", "Authorization", "Sample ben"},
}

func run(ctx context.Context) (err error) {
	from := &origin{price: "5.00"}
	nothing := func() []func(context.Context) error { return nil }
	back, stop, err := serve(&server{handle: from.handle, later: nothing})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	now := 0
	cache := &sharedCache{
		fetch: client(back),
		clock: func() int { return now },
		kept:  map[string][]*stored{},
	}
	front := &server{handle: cache.handle, later: func() []func(context.Context) error {
		work := cache.later
		cache.later = nil
		return work
	}}
	address, stopFront, err := serve(front)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stopFront()) }()
	send := client(address)
	fmt.Println("  s  request          body   age  Cache-Status: Toy; ...     origin")
	for _, step := range steps {
		now = step.second
		if now == 70 {
			from.price = "6.00"
		}
		header := http.Header{}
		if step.name != "" {
			header.Set(step.name, step.value)
		}
		answer, err := send(ctx, request{step.method, step.path, header})
		if err != nil {
			return err
		}
		front.turn.Lock() // what was left for later is done
		hits := from.hits
		front.turn.Unlock()
		who := step.value[strings.LastIndexByte(step.value, ' ')+1:]
		body := answer.body
		if body == "" {
			body = strconv.Itoa(answer.status)
		}
		status := strings.TrimPrefix(answer.header.Get("Cache-Status"), "Toy; ")
		fmt.Printf("%3d  %-17s%-7s%3s  %-28s%5d\n", now,
			strings.Join([]string{step.method, step.path, who}, " "),
			body, answer.header.Get("Age"), status, hits)
	}
	return nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
