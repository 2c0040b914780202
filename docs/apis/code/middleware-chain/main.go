// Three middlewares in five orders: what the logs know after each.
package main

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	token  = "sample-token"
	trace  = "4bf92f3577b34da6a3ce929d0e0e4736"
	caller = "00f067aa0ba902b7"
)

// Trace is what a request inherits from its caller, or starts itself.
type Trace struct{ id, flags string }

func lowerHex(s string, length int) bool {
	return len(s) == length && strings.Trim(s, "0123456789abcdef") == ""
}

// parse accepts exactly what W3C Trace Context allows; false starts a new trace.
func parse(traceparent string) (Trace, bool) {
	parts := strings.Split(traceparent, "-")
	if len(parts) < 4 {
		return Trace{}, false
	}
	version, id, parent, flags := parts[0], parts[1], parts[2], parts[3]
	switch {
	case !lowerHex(version, 2), !lowerHex(id, 32), !lowerHex(parent, 16),
		!lowerHex(flags, 2), version == "ff",
		version == "00" && len(parts) > 4,
		strings.Trim(id, "0") == "", strings.Trim(parent, "0") == "":
		return Trace{}, false
	}
	bits, err := strconv.ParseUint(flags, 16, 8)
	if err != nil {
		return Trace{}, false
	}
	return Trace{id, fmt.Sprintf("%02x", bits&1)}, true
}

// fakeClock counts milliseconds that pass only when somebody works.
type fakeClock struct{ now int }

func (c *fakeClock) work(milliseconds int) { c.now += milliseconds }

type line struct{ trace, message string }

// collector keeps what a log collector would see.
type collector struct {
	mu    sync.Mutex
	lines []line
}

func (c *collector) add(l line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.lines = append(c.lines, l)
}

func (c *collector) last() line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lines[len(c.lines)-1]
}

var (
	clock  = &fakeClock{}
	logged = &collector{}
	number int
)

// newID stands in for random bytes from crypto/rand.
func newID(digits int) string {
	number++
	return fmt.Sprintf("%0*x", digits, number)
}

// --8<-- [start:show]
type contextKey struct{}

func logLine(ctx context.Context, message string) {
	id := "no id"
	if trace, ok := ctx.Value(contextKey{}).(Trace); ok {
		id = trace.id[:8]
	}
	logged.add(line{id, message})
}

func requestID(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		trace, ok := parse(r.Header.Get("Traceparent"))
		if !ok {
			trace = Trace{newID(32), "01"}
		}
		ctx := context.WithValue(r.Context(), contextKey{}, trace)
		inner.ServeHTTP(w, r.WithContext(ctx))
	})
}

func timing(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		started, seen := clock.now, &statusWriter{ResponseWriter: w}
		inner.ServeHTTP(seen, r)
		logLine(r.Context(), fmt.Sprintf("%d in %d ms", seen.Status(), clock.now-started))
	})
}

func recovery(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen := &statusWriter{ResponseWriter: w}
		defer func() {
			switch p := recover(); p {
			case nil:
			case http.ErrAbortHandler: // a deliberate cut: let the server do it
				panic(p)
			default:
				logLine(r.Context(), fmt.Sprintf("crash: %v", p))
				if seen.status != 0 { // too late for a status: cut the connection
					panic(http.ErrAbortHandler)
				}
				w.WriteHeader(http.StatusInternalServerError)
			}
		}()
		inner.ServeHTTP(seen, r)
	})
}

func chain(h http.Handler, middlewares ...func(http.Handler) http.Handler) http.Handler {
	for i := len(middlewares) - 1; i >= 0; i-- { // the first becomes the outermost
		h = middlewares[i](h)
	}
	return h
}

// --8<-- [end:show]

// statusWriter remembers the status and hides nothing: Unwrap lets
// http.ResponseController reach Flush and the deadlines of the original.
type statusWriter struct {
	http.ResponseWriter
	status int
}

func (w *statusWriter) WriteHeader(status int) {
	if w.status == 0 && status >= 200 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(body []byte) (int, error) {
	if w.status == 0 {
		w.status = http.StatusOK
	}
	return w.ResponseWriter.Write(body)
}

func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// Status is 200 for a handler that returned without writing.
func (w *statusWriter) Status() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

func guard(inner http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sent := []byte(r.Header.Get("Authorization"))
		if subtle.ConstantTimeCompare(sent, []byte("Bearer "+token)) != 1 {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		inner.ServeHTTP(w, r)
	})
}

// childTraceparent is the header of an outgoing call: same trace, new parent id.
func childTraceparent(ctx context.Context) (string, error) {
	trace, ok := ctx.Value(contextKey{}).(Trace)
	if !ok {
		return "", errors.New("outgoing call outside a request")
	}
	return "00-" + trace.id + "-" + newID(16) + "-" + trace.flags, nil
}

func send(app http.Handler, path, traceparent string) int {
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Header.Set("Traceparent", traceparent)
	w := httptest.NewRecorder()
	app.ServeHTTP(w, r)
	return w.Code
}

func found(kind string) string {
	for _, l := range logged.lines {
		if strings.HasPrefix(l.message, "crash") != (kind == "crash") {
			continue
		}
		if kind == "crash" {
			return l.trace
		}
		return l.trace + " " + l.message
	}
	return "none"
}

func orders() {
	type middleware = func(http.Handler) http.Handler
	crashing := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		clock.work(7)
		panic("divide by zero")
	})
	fmt.Println("order, from the outside in        answer  crash log  access log")
	for _, row := range []struct {
		label       string
		middlewares []middleware
	}{
		{"id > timing > recovery", []middleware{requestID, timing, recovery}},
		{"id > recovery > timing", []middleware{requestID, recovery, timing}},
		{"recovery > id > timing", []middleware{recovery, requestID, timing}},
		{"id > timing > guard", []middleware{requestID, timing, guard}},
		{"guard > id > timing", []middleware{guard, requestID, timing}},
	} {
		logged.lines = nil
		app := chain(crashing, row.middlewares...)
		status := send(app, "/crash", "00-"+trace+"-"+caller+"-01")
		fmt.Printf("  %-32s%-8d%-11s%s\n", row.label, status, found("crash"), found("access"))
	}
}

func interleaved() error {
	fmt.Println("\ntwo requests, interleaved         global   request scope")
	shared := "no id" // the tempting package variable
	aWaits, bDone := make(chan struct{}), make(chan struct{})
	note := func(ctx context.Context, message string) {
		logLine(ctx, message)
		fmt.Printf("  %-32s%-9s%s\n", message, shared, logged.last().trace)
	}
	cart := func(_ http.ResponseWriter, r *http.Request) {
		name := strings.TrimPrefix(r.URL.Path, "/")
		if trace, ok := r.Context().Value(contextKey{}).(Trace); ok {
			shared = trace.id[:8]
		}
		note(r.Context(), name+" loads the cart")
		if name == "A" {
			close(aWaits)
			<-bDone
		}
		note(r.Context(), name+" charges the card")
	}
	app := chain(http.HandlerFunc(cart), requestID)
	first := "00-" + strings.Repeat("a", 32) + "-" + caller + "-01"
	second := "00-" + strings.Repeat("b", 32) + "-" + caller + "-01"
	aDone := make(chan struct{})
	go func() {
		defer close(aDone)
		send(app, "/A", first)
	}()
	select {
	case <-aWaits:
	case <-time.After(5 * time.Second):
		return errors.New("request A did not start")
	}
	send(app, "/B", second)
	close(bDone)
	<-aDone
	note(context.Background(), "after both")
	return nil
}

func traceparents() error {
	fmt.Println("\ntraceparent     trace sent on")
	var sent string
	var failed error
	price := func(_ http.ResponseWriter, r *http.Request) {
		sent, failed = childTraceparent(r.Context())
	}
	app := chain(http.HandlerFunc(price), requestID)
	for _, row := range []struct{ label, header string }{
		{"valid", "00-" + trace + "-" + caller + "-01"},
		{"later version", "cc-" + trace + "-" + caller + "-01-more"},
		{"none", ""},
		{"zero trace", "00-" + strings.Repeat("0", 32) + "-" + caller + "-01"},
		{"upper case", "00-" + strings.ToUpper(trace) + "-" + caller + "-01"},
		{"version ff", "ff-" + trace + "-" + caller + "-01"},
	} {
		send(app, "/price", row.header)
		if failed != nil {
			return failed
		}
		kept := "new"
		if strings.Contains(sent, trace) {
			kept = "kept"
		}
		fmt.Printf("  %-14s%-6s%s\n", row.label, kept, sent)
	}
	return nil
}

func main() {
	orders()
	if err := interleaved(); err != nil {
		log.Fatal(err)
	}
	if err := traceparents(); err != nil {
		log.Fatal(err)
	}
}
