// Trace a checkout through two HTTP services and a queue; then sample traces.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	traceID  = "4bf92f3577b34da6a3ce929d0e0e4736"
	caller   = "00f067aa0ba902b7"
	keepFrom = "cccccccccccccc" // the upper fifth of 56 random bits
	slow     = 500
)

var traceparent = regexp.MustCompile(
	`^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$`)

type span struct {
	own, parent, link spanContext
	name, kind        string
	start, end        int
}

// tracer counts instead of drawing random ids, and its clock moves only when
// somebody works.
type tracer struct {
	mu            sync.Mutex
	now           int
	traces, spans int
	exported      []span
}

func (t *tracer) work(milliseconds int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.now += milliseconds
}

func (t *tracer) newTraceID() string {
	t.traces++
	return fmt.Sprintf("%032x", t.traces)
}

func (t *tracer) newSpanID() string {
	t.spans++
	return fmt.Sprintf("%016x", t.spans)
}

// --8<-- [start:show]
type spanContext struct {
	traceID, spanID string
	sampled         bool
	state           string // tracestate, passed on unchanged
}

type contextKey struct{}

func extract(h http.Header) (c spanContext, ok bool) {
	m := traceparent.FindStringSubmatch(h.Get("traceparent"))
	if m == nil || m[1] == "ff" || (m[1] == "00" && m[5] != "") {
		return c, false
	}
	if strings.Trim(m[2], "0") == "" || strings.Trim(m[3], "0") == "" {
		return c, false
	}
	flags, err := strconv.ParseUint(m[4], 16, 8)
	sampled := flags&1 == 1 // a bit field: 09 is sampled too
	return spanContext{m[2], m[3], sampled, h.Get("tracestate")}, err == nil
}

func (c spanContext) inject(h http.Header) {
	flags := map[bool]string{true: "01", false: "00"}[c.sampled]
	h.Set("traceparent", "00-"+c.traceID+"-"+c.spanID+"-"+flags)
	if c.state != "" {
		h.Set("tracestate", c.state)
	}
}

// start makes a span below the one in ctx; without one it is a root.
func (t *tracer) start(ctx context.Context, name, kind string, link spanContext) (context.Context, func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	parent, ok := ctx.Value(contextKey{}).(spanContext)
	own := parent // same trace and decision
	if !ok {      // a root decides; ours takes the linked producer's decision over
		own = spanContext{traceID: t.newTraceID(), sampled: link.traceID == "" || link.sampled}
	}
	own.spanID = t.newSpanID()
	began := t.now
	return context.WithValue(ctx, contextKey{}, own), func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if own.sampled {
			t.exported = append(t.exported, span{own, parent, link, name, kind, began, t.now})
		}
	}
}

// --8<-- [end:show]

func current(ctx context.Context) spanContext {
	c, _ := ctx.Value(contextKey{}).(spanContext)
	return c
}

// traced ends the span before the answer leaves, so that times are certain.
func (t *tracer) traced(handle func(context.Context, http.Header) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx := r.Context()
		if remote, ok := extract(r.Header); ok {
			ctx = context.WithValue(ctx, contextKey{}, remote)
		}
		ctx, end := t.start(ctx, r.Method+" "+r.URL.Path, "server", spanContext{})
		err := handle(ctx, r.Header)
		end()
		if err != nil {
			http.Error(w, "internal error", http.StatusInternalServerError)
			return
		}
		w.WriteHeader(http.StatusNoContent)
	})
}

type experiment struct {
	tracer         *tracer
	client         *http.Client
	payments, shop string // URLs
	queue          chan http.Header
	seen           http.Header // of the last call to payments
}

func (e *experiment) charge(_ context.Context, h http.Header) error {
	e.seen = h
	e.tracer.work(40)
	return nil
}

func (e *experiment) checkout(ctx context.Context, _ http.Header) error {
	e.tracer.work(5)
	calling, end := e.tracer.start(ctx, "POST /charge", "client", spanContext{})
	e.tracer.work(2)
	header := http.Header{}
	current(calling).inject(header)
	err := e.post(calling, e.payments+"/charge", header)
	e.tracer.work(2)
	end()
	if err != nil {
		return err
	}
	sending, end := e.tracer.start(ctx, "send mail", "producer", spanContext{})
	defer end()
	e.tracer.work(1)
	message := http.Header{}
	current(sending).inject(message)
	e.queue <- message
	return nil
}

func (e *experiment) workOffQueue() {
	e.tracer.work(100) // the message waits
	producer, _ := extract(<-e.queue)
	_, end := e.tracer.start(context.Background(), "process mail", "consumer", producer)
	defer end()
	e.tracer.work(30)
}

func (e *experiment) post(ctx context.Context, url string, header http.Header) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader("{}"))
	if err != nil {
		return err
	}
	request.Header = header
	answer, err := e.client.Do(request)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusNoContent {
		return fmt.Errorf("%s answered %s", url, answer.Status)
	}
	return nil
}

func (e *experiment) run(parent, state string) ([]span, error) {
	e.tracer.exported, e.tracer.now = nil, 0
	header := http.Header{"Traceparent": {parent}}
	if state != "" {
		header.Set("tracestate", state)
	}
	if err := e.post(context.Background(), e.shop+"/checkout", header); err != nil {
		return nil, err
	}
	e.workOffQueue()
	slices.SortFunc(e.tracer.exported, func(a, b span) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.own.spanID, b.own.spanID))
	})
	return e.tracer.exported, nil
}

func showHeaders() {
	fmt.Println("traceparent received                 decision")
	both := traceID + "-" + caller
	for _, row := range [][2]string{
		{"00-trace-parent-01", "00-" + both + "-01"},
		{"00-trace-parent-00", "00-" + both + "-00"},
		{"00-trace-parent-09", "00-" + both + "-09"},
		{"01-trace-parent-01-more", "01-" + both + "-01-more"},
		{"00-trace-parent-01-more", "00-" + both + "-01-more"},
		{"ff-trace-parent-01", "ff-" + both + "-01"},
		{"00-TRACE-parent-01, upper case", "00-" + strings.ToUpper(traceID) + "-" + caller + "-01"},
		{"00-zeros-parent-01", "00-" + strings.Repeat("0", 32) + "-" + caller + "-01"},
	} {
		decision := "new trace"
		if c, ok := extract(http.Header{"Traceparent": {row[1]}}); ok && c.sampled {
			decision = "continue, sampled"
		} else if ok {
			decision = "continue, not sampled"
		}
		fmt.Printf("  %-35s%s\n", row[0], decision)
	}
}

// last shows the end of an id, or a dash where there is none.
func last(id string) string {
	if id == "" {
		return "-"
	}
	return id[len(id)-4:]
}

func showSpans(spans []span) {
	fmt.Println("\ntrace  span  parent  kind      name             ms       link")
	for _, s := range spans {
		ms := fmt.Sprintf("%d-%d", s.start, s.end)
		fmt.Printf("%-7s%-6s%-8s%-10s%-17s%-9s%s\n", last(s.own.traceID),
			last(s.own.spanID), last(s.parent.spanID), s.kind, s.name, ms, last(s.link.spanID))
	}
}

func check(spans []span, seen http.Header) {
	server, client, charge, producer, consumer := spans[0], spans[1], spans[2], spans[3], spans[4]
	held := []bool{
		server.parent == spanContext{traceID, caller, true, "congo=t61r"},
		client.parent == server.own && producer.parent == server.own,
		charge.parent == client.own,
		consumer.parent == spanContext{} && consumer.link == producer.own,
		consumer.own.traceID != producer.own.traceID,
	}
	count := 0
	for _, ok := range held {
		if ok {
			count++
		}
	}
	fmt.Printf("parents and link as they must be: %d of %d\n", count, len(held))
	fmt.Printf("tracestate at payments: %s\n", seen.Get("tracestate"))
}

type part struct {
	start, end int
	failed     bool
}

func head(id string) bool { return id[len(id)-14:] >= keepFrom }

func duration(parts []part) int {
	first, final := parts[0].start, parts[0].end
	for _, p := range parts {
		first, final = min(first, p.start), max(final, p.end)
	}
	return final - first
}

func failed(parts []part) bool {
	return slices.ContainsFunc(parts, func(p part) bool { return p.failed })
}

// tail decides when all spans of a trace are there.
func tail(parts []part) string {
	switch {
	case failed(parts):
		return "keep, error"
	case duration(parts) > slow:
		return "keep, slow"
	default:
		return "drop"
	}
}

func showSampling() {
	var order []string
	traces := map[string][]part{}
	for _, arrived := range []struct {
		id string
		part
	}{
		{"9d30b2a6c1f4e7", part{0, 35, false}},
		{"41a7c09be2d856", part{10, 40, true}},
		{"e85b1d7703c2fa", part{12, 43, false}},
		{"41a7c09be2d856", part{2, 50, false}},
		{"0b6ef2481d95a3", part{5, 880, false}},
		{"73c4d95a10be62", part{20, 42, false}},
		{"0b6ef2481d95a3", part{3, 915, false}},
	} {
		id := fmt.Sprintf("%032s", arrived.id)
		if _, ok := traces[id]; !ok {
			order = append(order, id)
		}
		traces[id] = append(traces[id], arrived.part)
	}
	fmt.Println("\ntrace           spans  ms   error  head 20 %  tail")
	for _, id := range order {
		parts := traces[id]
		yes := map[bool]string{true: "yes", false: "no"}[failed(parts)]
		kept := map[bool]string{true: "keep", false: "drop"}[head(id)]
		fmt.Printf("%-16s%-7d%-5d%-7s%-11s%s\n",
			id[len(id)-14:], len(parts), duration(parts), yes, kept, tail(parts))
	}
}

func serve(handler http.Handler) (*http.Server, string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, "", err
	}
	server := &http.Server{Handler: handler, ReadTimeout: 5 * time.Second, WriteTimeout: 5 * time.Second}
	go func() {
		if err := server.Serve(listener); err != http.ErrServerClosed {
			log.Print(err)
		}
	}()
	return server, "http://" + listener.Addr().String(), nil
}

func run() error {
	e := &experiment{
		tracer: &tracer{traces: 0xa0},
		client: &http.Client{Timeout: 5 * time.Second},
		queue:  make(chan http.Header, 1),
	}
	payments, url, err := serve(e.tracer.traced(e.charge))
	if err != nil {
		return err
	}
	defer payments.Close()
	e.payments = url
	shop, url, err := serve(e.tracer.traced(e.checkout))
	if err != nil {
		return err
	}
	defer shop.Close()
	e.shop = url

	showHeaders()
	both := "00-" + traceID + "-" + caller
	spans, err := e.run(both+"-01", "congo=t61r")
	if err != nil {
		return err
	}
	showSpans(spans)
	check(spans, e.seen)
	if spans, err = e.run(both+"-00", ""); err != nil {
		return err
	}
	sent := e.seen.Get("traceparent")
	fmt.Printf("\ncaller not sampled: payments got %s, %d spans exported\n", sent[len(sent)-2:], len(spans))
	if spans, err = e.run("not-a-trace", "congo=t61r"); err != nil {
		return err
	}
	state := cmp.Or(e.seen.Get("tracestate"), "dropped")
	fmt.Printf("malformed: trace %s, tracestate %s\n", last(spans[0].own.traceID), state)
	showSampling()
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
