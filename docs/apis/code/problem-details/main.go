// One central error handler that answers problem details and leaks nothing.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const stackMark = "goroutine "

var titles = map[string]string{
	"order-not-found":  "No such order",
	"malformed-json":   "Body is not JSON",
	"invalid-order":    "Order is invalid",
	"coupon-used":      "Coupon was already used",
	"try-again":        "Temporarily unable, try again",
	"upstream-timeout": "The stock service did not answer in time",
	"upstream-invalid": "The stock service answered nonsense",
	"internal-error":   "Something went wrong on our side",
}

// NotFoundError is a domain error; its message is written for the client.
type NotFoundError struct{ message string }

func (e *NotFoundError) Error() string { return e.message }

// FieldError says what is wrong with one field.
type FieldError struct {
	Pointer string `json:"pointer"`
	Detail  string `json:"detail"`
}

// InvalidError is a domain error: what is wrong, field by field.
type InvalidError struct{ errors []FieldError }

func (e *InvalidError) Error() string { return "invalid order" }

// DatabaseError is what a driver returns; the detail may hold personal data.
type DatabaseError struct{ sqlState, constraint, message, detail string }

func (e *DatabaseError) Error() string { return e.message }

// Serialization failure and deadlock: rolled back, so safe to repeat.
var retryable = []string{"40001", "40P01"}

var errUpstream = errors.New("another service broke its contract")

// A bare DeadlineExceeded may be anybody's.
var errUpstreamTimeout = errors.New("another service did not answer")

// panicError is a recovered panic with the stack it came from.
type panicError struct {
	value any
	stack string
}

func (e *panicError) Error() string { return fmt.Sprint(e.value) }

type entry struct {
	level           slog.Level
	requestID, text string
}

// journal is the log.
type journal struct {
	mu      sync.Mutex
	entries []entry
	number  int
}

func (j *journal) add(e entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.entries = append(j.entries, e)
}

func (j *journal) all() []entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	return append([]entry(nil), j.entries...)
}

func (j *journal) nextID() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.number++
	return fmt.Sprintf("req-%04d", j.number)
}

var logged = &journal{}

type handler func(*exchange, *http.Request) error

// --8<-- [start:show]

// Problem is what a client may know, and at which level we log it.
type Problem struct {
	Status, RetryAfter int
	Code, Detail       string
	Level              slog.Level // zero is info
	Errors             []FieldError
}

func classify(err error) Problem {
	var missing *NotFoundError
	var invalid *InvalidError
	var syntax *json.SyntaxError
	var db *DatabaseError
	switch {
	case errors.As(err, &missing):
		return Problem{Status: 404, Code: "order-not-found", Detail: missing.message}
	case errors.As(err, &invalid):
		return Problem{Status: 422, Code: "invalid-order", Errors: invalid.errors}
	case errors.As(err, &syntax), errors.Is(err, io.ErrUnexpectedEOF):
		return Problem{Status: 400, Code: "malformed-json"}
	case errors.As(err, &db) && db.sqlState == "23505" && db.constraint == "redemptions_pkey":
		return Problem{Status: 409, Code: "coupon-used"}
	case errors.As(err, &db) && slices.Contains(retryable, db.sqlState):
		return Problem{Status: 503, Code: "try-again", Level: slog.LevelWarn, RetryAfter: 1}
	case errors.Is(err, errUpstreamTimeout):
		return Problem{Status: 504, Code: "upstream-timeout", Level: slog.LevelWarn}
	case errors.Is(err, errUpstream):
		return Problem{Status: 502, Code: "upstream-invalid", Level: slog.LevelError}
	}
	// A bug, or something nobody thought of: say nothing.
	return Problem{Status: 500, Code: "internal-error", Level: slog.LevelError}
}

func central(h handler, e *exchange, r *http.Request) {
	err := attempt(h, e, r) // what it returned, or its panic as an error
	if err == nil {
		return
	}
	problem := classify(err)
	text := problem.Code + ": " + err.Error()
	var crash *panicError
	if errors.As(err, &crash) {
		text += "\n" + crash.stack
	}
	logged.add(entry{problem.Level, e.requestID, text})
	if e.started { // a status is out: no second one
		panic(http.ErrAbortHandler)
	}
	e.sendProblem(problem)
}

// --8<-- [end:show]

func attempt(h handler, e *exchange, r *http.Request) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &panicError{value, string(debug.Stack())}
		}
	}()
	return h(e, r)
}

// naive does what many services do: the error is the answer.
func naive(h handler, e *exchange, r *http.Request) {
	err := attempt(h, e, r)
	if err == nil {
		return
	}
	text := err.Error()
	var db *DatabaseError
	if errors.As(err, &db) {
		text += " " + db.detail
	}
	var crash *panicError
	if errors.As(err, &crash) {
		text += crash.stack
	}
	e.send(http.StatusInternalServerError, "application/json", map[string]string{"error": text})
}

type exchange struct {
	w         http.ResponseWriter
	requestID string
	started   bool
}

func (e *exchange) send(status int, contentType string, body any) {
	content, err := json.Marshal(body)
	if err != nil {
		log.Fatal(err)
	}
	e.started = true
	e.w.Header().Set("Content-Type", contentType)
	e.w.WriteHeader(status)
	if _, err := e.w.Write(content); err != nil {
		logged.add(entry{slog.LevelInfo, e.requestID, "client went away: " + err.Error()})
	}
}

func (e *exchange) sendProblem(p Problem) {
	if p.RetryAfter > 0 {
		e.w.Header().Set("Retry-After", strconv.Itoa(p.RetryAfter))
	}
	e.send(p.Status, "application/problem+json", struct {
		Type      string       `json:"type"`
		Title     string       `json:"title"`
		Status    int          `json:"status"`
		Detail    string       `json:"detail,omitempty"`
		Errors    []FieldError `json:"errors,omitempty"`
		RequestID string       `json:"request_id"`
	}{
		"https://shop.test/problems/" + p.Code, titles[p.Code], p.Status,
		p.Detail, p.Errors, e.requestID,
	})
}

func route(e *exchange, r *http.Request) error {
	switch r.URL.Path {
	case "/orders/42":
		e.send(http.StatusOK, "application/json", map[string]int{"id": 42})
	case "/orders/999":
		return &NotFoundError{"There is no order 999."}
	case "/orders":
		return create(e, http.MaxBytesReader(e.w, r.Body, 4096))
	case "/coupons":
		return fmt.Errorf("redeem: %w", &DatabaseError{
			"23505", "redemptions_pkey",
			`duplicate key, "redemptions_pkey": INSERT INTO redemptions`,
			"Key (coupon, customer)=(HELLO, ada@example.com) already exists.",
		})
	case "/deadlock":
		return &DatabaseError{"40P01", "", "deadlock detected", ""}
	case "/stock/slow", "/stock/odd":
		// The failure happens in another goroutine and comes back as a value:
		// a panic there would end the process, whatever central does.
		failed := make(chan error, 1)
		go func() { failed <- stock(r.URL.Path) }()
		return <-failed
	case "/bug":
		panic("price list 10.0.3.7 not loaded")
	case "/export":
		e.started = true
		if _, err := io.WriteString(e.w, "id,qty\n"); err != nil {
			return err
		}
		if err := http.NewResponseController(e.w).Flush(); err != nil {
			return err
		}
		return errors.New("row 8812 has no price")
	}
	return nil
}

func create(e *exchange, body io.Reader) error {
	var order struct {
		SKU *string `json:"sku"`
		Qty *int    `json:"qty"`
	}
	if err := json.NewDecoder(body).Decode(&order); err != nil {
		return fmt.Errorf("decode order: %w", err)
	}
	var found []FieldError
	if order.Qty == nil || *order.Qty < 1 || *order.Qty > 99 {
		found = append(found, FieldError{"#/qty", "must be 1 to 99"})
	}
	if order.SKU == nil {
		found = append(found, FieldError{"#/sku", "is required"})
	}
	if len(found) > 0 {
		return &InvalidError{found}
	}
	e.send(http.StatusCreated, "application/json", struct{}{})
	return nil
}

func stock(path string) error {
	if path == "/stock/slow" {
		return fmt.Errorf("%w: 10.0.3.8: %w", errUpstreamTimeout, context.DeadlineExceeded)
	}
	return fmt.Errorf("10.0.3.8 answered HTML: %w", errUpstream)
}

type answer struct {
	status                        int
	contentType, retryAfter, text string
	complete                      bool
}

var client = &http.Client{Timeout: 5 * time.Second}

func call(base, path, body string, naively bool) answer {
	method := http.MethodGet
	if body != "" {
		method = http.MethodPost
	}
	r, err := http.NewRequest(method, base+path, strings.NewReader(body))
	if err != nil {
		log.Fatal(err)
	}
	if naively {
		r.Header.Set("X-Naive", "yes")
	}
	res, err := client.Do(r)
	if err != nil {
		log.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	return answer{
		res.StatusCode, res.Header.Get("Content-Type"),
		res.Header.Get("Retry-After"), string(text), err == nil,
	}
}

var requests = []struct{ label, path, body string }{
	{"read", "/orders/42", ""},
	{"unknown order", "/orders/999", ""},
	{"broken JSON", "/orders", `{"sku":`},
	{"two bad fields", "/orders", `{"qty":0}`},
	{"coupon used twice", "/coupons", ""},
	{"deadlock victim", "/deadlock", ""},
	{"stock service slow", "/stock/slow", ""},
	{"stock service odd", "/stock/odd", ""},
	{"bug", "/bug", ""},
	{"bug after headers", "/export", ""},
}

func table(base string) {
	fmt.Println("request               status  problem           with            log")
	matching, problems := 0, 0
	for _, request := range requests {
		before := len(logged.all())
		a := call(base, request.path, request.body, false)
		level, code, extra := "-", "-", "-"
		var last entry
		if all := logged.all(); len(all) > before {
			last = all[len(all)-1]
			level = strings.ToLower(last.level.String())
		}
		if a.contentType == "application/problem+json" {
			var document struct {
				Type      string       `json:"type"`
				Status    int          `json:"status"`
				RequestID string       `json:"request_id"`
				Errors    []FieldError `json:"errors"`
			}
			if err := json.Unmarshal([]byte(a.text), &document); err != nil {
				log.Fatal(err)
			}
			code = document.Type[strings.LastIndex(document.Type, "/")+1:]
			problems++
			if last.requestID == document.RequestID && document.Status == a.status {
				matching++
			}
			if len(document.Errors) > 0 {
				extra = fmt.Sprintf("%d errors", len(document.Errors))
			}
			if a.retryAfter != "" {
				extra = "Retry-After: " + a.retryAfter
			}
		}
		if !a.complete {
			extra = "body cut off"
		}
		fmt.Printf("  %-20s%-8d%-18s%-16s%s\n", request.label, a.status, code, extra, level)
	}
	fmt.Printf("status and request id agree with the log: %d of %d\n\n", matching, problems)
}

func either(ok bool, yes, no string) string {
	if ok {
		return yes
	}
	return no
}

func leaks(base string) {
	fmt.Println("inside information    naive answer  our answer  our log")
	for _, row := range []struct{ word, path string }{
		{"INSERT INTO", "/coupons"},
		{"redemptions_pkey", "/coupons"},
		{"ada@example.com", "/coupons"},
		{"10.0.3.7", "/bug"},
		{"stack frame", "/bug"},
	} {
		needle := either(row.word == "stack frame", stackMark, row.word)
		bad := strings.Contains(call(base, row.path, "", true).text, needle)
		good := strings.Contains(call(base, row.path, "", false).text, needle)
		all := logged.all()
		kept := strings.Contains(all[len(all)-1].text, needle)
		fmt.Printf("  %-20s%-14s%-12s%s\n", row.word, either(bad, "leaked", "absent"),
			either(good, "leaked", "absent"), either(kept, "kept", "absent"))
	}
}

func main() {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e := &exchange{w: w, requestID: logged.nextID()}
		if r.Header.Get("X-Naive") != "" {
			naive(route, e, r)
			return
		}
		central(route, e, r)
	}))
	defer server.Close()
	table(server.URL)
	leaks(server.URL)
}
