// A backend for frontend: one screen from three services, some of them broken.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	long  = 5 * time.Second
	short = 100 * time.Millisecond // for services that never answer
)

var sessions = map[string]string{"sid-of-ada": "sample-token-of-ada"}

// --8<-- [start:show]

// Part of the screen, with its own deadline: none may use up the whole screen's.
type Part struct {
	Name, URL string
	Required  bool
	Deadline  time.Duration
}

// PartError carries our own status, should the part be required.
type PartError struct {
	Part, Reason string
	Status       int
}

func (e *PartError) Error() string { return e.Part + ": " + e.Reason }

// call asks one service; every way to fail becomes a PartError.
func call(ctx context.Context, client *http.Client, part Part, token string) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, part.Deadline) // headers and body together
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, part.URL, nil)
	if err != nil {
		return nil, failed(part, err, "bad URL")
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := client.Do(request)
	if err != nil {
		return nil, failed(part, err, "unreachable")
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return nil, failed(part, nil, fmt.Sprintf("status %d", response.StatusCode))
	}
	var data any
	if err := json.NewDecoder(io.LimitReader(response.Body, 1<<20)).Decode(&data); err != nil {
		return nil, failed(part, err, "no JSON")
	}
	return data, nil
}

func failed(part Part, err error, reason string) error {
	if errors.Is(err, context.DeadlineExceeded) {
		return &PartError{part.Name, "timeout", http.StatusGatewayTimeout}
	}
	return &PartError{part.Name, reason, http.StatusBadGateway}
}

func home(
	ctx context.Context, client *http.Client, parts []Part, token string, logf func(error),
) (int, map[string]any) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	page, missing := map[string]any{}, []string{}
	var mu sync.Mutex
	var all sync.WaitGroup
	for _, part := range parts { // all at once
		all.Add(1)
		go func() {
			defer all.Done()
			data, err := call(ctx, client, part, token)
			mu.Lock()
			defer mu.Unlock()
			page[part.Name] = data
			if err == nil || ctx.Err() != nil {
				return
			}
			logf(err) // the reason is for us, the name for the client
			if part.Required {
				cancel(err) // ends the other calls
				return
			}
			missing = append(missing, part.Name)
		}()
	}
	all.Wait()
	var fatal *PartError
	if errors.As(context.Cause(ctx), &fatal) {
		return fatal.Status, map[string]any{"title": "The page cannot be shown now"}
	}
	slices.Sort(missing)
	page["missing"] = missing
	return http.StatusOK, page
}

// --8<-- [end:show]

// oneByOne is the loop that everybody writes first.
func oneByOne(client *http.Client, parts []Part, token string) int {
	for _, part := range parts {
		_, err := call(context.Background(), client, part, token)
		var fatal *PartError
		if errors.As(err, &fatal) {
			return fatal.Status
		}
	}
	return http.StatusOK
}

// Services behave as their modes say.
type Services struct {
	mu      sync.Mutex
	modes   map[string]string
	seen    []http.Header
	meeting int           // how many wait for the others
	met     chan struct{} // closed when all three do
	holding chan struct{} // closed when one holds a request
	release chan struct{}
}

func (s *Services) serve(name, data string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s.mu.Lock()
		mode, answer := s.modes[name], data
		s.seen = append(s.seen, r.Header.Clone())
		if mode == "hang" {
			close(s.holding)
		}
		if mode == "meet" {
			if s.meeting++; s.meeting == 3 {
				close(s.met)
			}
		}
		met, holding := s.met, s.holding
		s.mu.Unlock()
		switch mode {
		case "fail":
			w.WriteHeader(http.StatusInternalServerError)
			return
		case "garbage":
			answer = "<html>"
		case "hang":
			<-s.release
		case "fail last":
			<-holding
			w.WriteHeader(http.StatusInternalServerError)
			return
		case "meet": // answer when all three have been asked
			select {
			case <-met:
			case <-s.release:
			}
		}
		_, _ = io.WriteString(w, answer)
	}
}

func (s *Services) set(modes map[string]string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.modes, s.meeting = modes, 0
	s.met, s.holding = make(chan struct{}), make(chan struct{})
}

func (s *Services) asked() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.seen)
}

// Bff is the server that the page talks to.
type Bff struct {
	client *http.Client
	parts  []Part
	log    []string
}

func (b *Bff) home(w http.ResponseWriter, r *http.Request) {
	cookie, err := r.Cookie("sid")
	if err != nil || sessions[cookie.Value] == "" {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	logf := func(err error) { b.log = append(b.log, err.Error()) }
	status, page := home(r.Context(), b.client, b.parts, sessions[cookie.Value], logf)
	missing, _ := page["missing"].([]string)
	caching := "no-store"
	if status == http.StatusOK && len(missing) == 0 {
		caching = "private, max-age=30"
	}
	w.Header().Set("Cache-Control", caching)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(page)
}

// probe is the page.
type probe struct {
	services *Services
	bff      *Bff
	url      string
	client   *http.Client
}

func (p *probe) get(cookie string) (status int, caching, body string) {
	request := must(http.NewRequest(http.MethodGet, p.url+"/home", nil))
	if cookie != "" {
		request.Header.Set("Cookie", cookie)
	}
	response := must(p.client.Do(request))
	text := must(io.ReadAll(response.Body))
	check(response.Body.Close())
	caching = response.Header.Get("Cache-Control")
	return response.StatusCode, caching, strings.TrimSpace(string(text))
}

func (p *probe) deadlines(of func(Part) time.Duration) {
	for i, part := range p.bff.parts {
		p.bff.parts[i].Deadline = of(part)
	}
}

func (p *probe) show(title string, modes map[string]string) string {
	p.services.set(modes)
	p.deadlines(func(part Part) time.Duration {
		if modes[part.Name] == "hang" {
			return short
		}
		return long
	})
	p.bff.log = nil
	status, caching, body := p.get("sid=sid-of-ada")
	reasons := "-"
	if len(p.bff.log) > 0 {
		reasons = strings.Join(p.bff.log, ", ")
	}
	fmt.Printf("%-20s%d  %-20s%s\n", title, status, caching, reasons)
	return body
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func (p *probe) scenarios() {
	type modes = map[string]string
	meet := modes{"profile": "meet", "orders": "meet", "offers": "meet"}
	fmt.Printf("%-20sstatus, caching          log\n", "scenario")
	p.show("all well", modes{})
	p.show("all wait for all", meet)
	p.show("slow offers", modes{"offers": "hang"})
	broken := p.show("broken offers", modes{"offers": "garbage"})
	p.show("both", modes{"orders": "fail", "offers": "hang"})
	p.show("profile fails", modes{"profile": "fail"})
	p.show("profile is slow", modes{"profile": "hang"})
	fmt.Printf("the page without offers:\n%s\n", broken)

	p.services.set(modes{"offers": "hang", "profile": "fail last"})
	p.deadlines(func(Part) time.Duration { return 4 * long })
	status, _, _ := p.get("sid=sid-of-ada")
	fmt.Printf("profile fails while offers hangs for 20 s: %d, at once\n", status)

	p.services.set(meet)
	p.deadlines(func(Part) time.Duration { return short })
	status = oneByOne(p.client, p.bff.parts, "sample-token-of-ada")
	fmt.Printf("one by one, where all wait for all: %d\n", status)

	asked := p.services.asked()
	status, _, _ = p.get("")
	fmt.Printf("without a session: %d, services asked: %d\n",
		status, p.services.asked()-asked)
	tokens, cookies := map[string]bool{}, 0
	for _, header := range p.services.seen {
		tokens[header.Get("Authorization")] = true
		cookies += len(header["Cookie"])
	}
	for token := range tokens {
		fmt.Printf("services saw: %s; cookies: %d\n", token, cookies)
	}
}

func main() {
	services := &Services{release: make(chan struct{})}
	client := &http.Client{Timeout: 3 * long}
	bff := &Bff{client: client}
	var servers []*httptest.Server
	for _, part := range [][2]string{
		{"profile", `{"name":"Ada"}`}, {"orders", "[42]"}, {"offers", `["tea"]`},
	} {
		server := httptest.NewServer(services.serve(part[0], part[1]))
		servers = append(servers, server)
		bff.parts = append(bff.parts,
			Part{Name: part[0], URL: server.URL, Required: part[0] == "profile"})
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /home", bff.home)
	front := httptest.NewServer(mux)
	servers = append(servers, front)
	p := &probe{services, bff, front.URL, client}
	p.scenarios()
	close(services.release)
	client.CloseIdleConnections()
	for _, server := range servers {
		server.Close()
	}
}
