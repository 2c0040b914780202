// Retry payments under one idempotency key, in every way that goes wrong.
package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	// Longer than the timeout of the work. Against a process that freezes just before
	// its effect only a transaction of both effect and answer helps: example.sql.
	lease  = 30 * time.Second
	keep   = 24 * time.Hour // how long an answer is kept
	maxKey = 255            // bytes
)

// Request is what the store needs of an HTTP request.
type Request struct {
	Caller       string // from the credentials, never from the request itself
	Key          string // of the field Idempotency-Key
	Method, Path string
	Body         []byte
}

// Response is replayed as it is, byte for byte.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Key is an idempotency key of one caller: nobody meets the key of another.
type Key struct{ Caller, Value string }

// Work brings about the effect that must happen once.
type Work func(context.Context, Request) (*Response, error)

// Store remembers claims and answers; a database table can be one as well.
type Store interface {
	Claim(ctx context.Context, entry Entry, now time.Time) (Entry, error)
}

// ErrClaimLost says that the lease ran out and another attempt took over.
var ErrClaimLost = errors.New("claim lost")

// Fingerprint tells requests apart that come with the same key.
type Fingerprint [sha256.Size]byte

func fingerprint(r Request) Fingerprint {
	head := fmt.Appendf(nil, "%s %s\n", r.Method, r.Path)
	return sha256.Sum256(append(head, r.Body...))
}

func problem(status int, title string) *Response {
	header := http.Header{"Content-Type": {"application/problem+json"}}
	if status == http.StatusConflict {
		header.Set("Retry-After", "1")
	}
	body := fmt.Appendf(nil, `{"status":%d,"title":%q}`, status, title)
	return &Response{status, header, body}
}

// NewMemoryStore returns an empty store.
func NewMemoryStore() *MemoryStore { return &MemoryStore{entries: map[Key]Entry{}} }

// --8<-- [start:show]

type Entry struct {
	Key         Key
	Fingerprint Fingerprint
	Expires     time.Time // end of the lease, or of the answer
	Response    *Response // nil while the work runs
	Owner       string    // this one attempt
}

type MemoryStore struct {
	mu      sync.Mutex // guards entries
	entries map[Key]Entry
}

// Claim puts the entry unless another owner's is alive; it returns the one there now.
func (m *MemoryStore) Claim(_ context.Context, e Entry, now time.Time) (Entry, error) {
	m.mu.Lock() // compare and set are one step
	defer m.mu.Unlock()
	held, found := m.entries[e.Key]
	if found && held.Owner != e.Owner && now.Before(held.Expires) {
		return held, nil
	}
	m.entries[e.Key] = e
	return e, nil
}

type Idempotency struct {
	Store Store
	Clock func() time.Time
}

func (i *Idempotency) Handle(
	ctx context.Context, r Request, work Work,
) (response *Response, err error) {
	if r.Key == "" || len(r.Key) > maxKey {
		return problem(http.StatusBadRequest, "Idempotency-Key is missing or too long"), nil
	}
	now := i.Clock()
	mine := Entry{Key{r.Caller, r.Key}, fingerprint(r), now.Add(lease), nil, rand.Text()}
	held, err := i.Store.Claim(ctx, mine, now) // before the work, not after
	switch {
	case err != nil:
		return nil, fmt.Errorf("claim the key: %w", err)
	case held.Fingerprint != mine.Fingerprint:
		return problem(http.StatusUnprocessableEntity, "key used for another request"), nil
	case held.Response != nil:
		return held.Response, nil
	case held.Owner != mine.Owner:
		return problem(http.StatusConflict, "the first is still running"), nil
	}
	// After a 5xx, error or panic the work is rolled back: free the key for a retry.
	final := Entry{mine.Key, mine.Fingerprint, now, nil, mine.Owner}
	defer func() { err = errors.Join(err, i.settle(ctx, final)) }()
	response, err = work(ctx, r)
	if err == nil && response.Status < http.StatusInternalServerError {
		final.Expires, final.Response = i.Clock().Add(keep), response
	}
	return response, err
}

// --8<-- [end:show]

func (i *Idempotency) settle(ctx context.Context, final Entry) error {
	// A caller who has hung up must not leave the claim behind.
	held, err := i.Store.Claim(context.WithoutCancel(ctx), final, i.Clock())
	if err == nil && held.Owner != final.Owner {
		err = ErrClaimLost
	}
	if err != nil {
		return fmt.Errorf("settle the claim: %w", err)
	}
	return nil
}

// Purge forgets what has expired, on a timer: Claim replaces only its own key.
func (m *MemoryStore) Purge(now time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	maps.DeleteFunc(m.entries, func(_ Key, held Entry) bool { return !now.Before(held.Expires) })
}

// clock moves only when it is told to.
type clock struct{ now time.Time }

func (c *clock) Now() time.Time { return c.now }

// ledger counts the charges, the effect that must happen once.
type ledger struct {
	mu    sync.Mutex
	count int
}

func (l *ledger) charge(_ context.Context, r Request) (*Response, error) {
	var payment struct {
		Cents int64 `json:"cents"`
	}
	if err := json.Unmarshal(r.Body, &payment); err != nil {
		return nil, fmt.Errorf("read the payment: %w", err)
	}
	l.mu.Lock()
	l.count++
	number := l.count
	l.mu.Unlock()
	header := http.Header{"Content-Type": {"application/json"}}
	header.Set("Location", fmt.Sprintf("/charges/%d", number))
	body := fmt.Appendf(nil, `{"id":%d,"cents":%d}`, number, payment.Cents)
	return &Response{http.StatusCreated, header, body}, nil
}

// errCardNetwork comes in place of an effect.
var errCardNetwork = errors.New("connection reset")

func unavailable(context.Context, Request) (*Response, error) {
	return problem(http.StatusServiceUnavailable, "the card network is down"), nil
}

func failing(context.Context, Request) (*Response, error) { return nil, errCardNetwork }

func payment(caller, key string, cents int64) Request {
	body := fmt.Appendf(nil, `{"cents":%d}`, cents)
	return Request{caller, key, http.MethodPost, "/charges", body}
}

// compare says whether status, header and body are the same, byte for byte.
func compare(response, with *Response) string {
	if reflect.DeepEqual(response, with) {
		return fmt.Sprintf("%d, identical", response.Status)
	}
	return fmt.Sprintf("%d, different", response.Status)
}

// story sends request after request and prints what comes back.
type story struct {
	clock    *clock
	ledger   *ledger
	store    *MemoryStore
	payments *Idempotency
}

func (s *story) row(label, answer string) {
	fmt.Printf("%-46s%-20s%7d\n", label, answer, s.ledger.count)
}

func (s *story) send(label string, r Request, work Work) (*Response, error) {
	response, err := s.payments.Handle(context.Background(), r, work)
	if err != nil {
		return nil, err
	}
	s.row(label, fmt.Sprint(response.Status))
	return response, nil
}

// steps sends requests that need no comparison.
func (s *story) steps(all ...step) error {
	for _, each := range all {
		if _, err := s.send(each.label, each.request, each.work); err != nil {
			return fmt.Errorf("%s: %w", each.label, err)
		}
	}
	return nil
}

type step struct {
	label   string
	request Request
	work    Work
}

func (s *story) replays() error {
	ctx, charge := context.Background(), s.ledger.charge
	first, err := s.send("first request", payment("ada", "k-1", 1999), charge)
	if err != nil {
		return err
	}
	again, err := s.payments.Handle(ctx, payment("ada", "k-1", 1999), charge)
	if err != nil {
		return err
	}
	s.row("retry", compare(again, first))
	return s.steps(
		step{"same key, other amount", payment("ada", "k-1", 9999), charge},
		step{"same key, other caller", payment("ben", "k-1", 1999), charge},
		step{"no key", payment("ada", "", 1999), charge},
	)
}

func (s *story) failures() error {
	charge := s.ledger.charge
	slow := func(ctx context.Context, r Request) (*Response, error) {
		if err := s.steps(
			step{"during the first, an identical request", r, charge},
			step{"during the first, another amount", payment("ada", "k-2", 9999), charge},
		); err != nil {
			return nil, err
		}
		return charge(ctx, r)
	}
	err := s.steps(
		step{"  the answer of that first", payment("ada", "k-2", 1999), slow},
		step{"card network is down, claim released", payment("ada", "k-3", 1999), unavailable},
		step{"  retry", payment("ada", "k-3", 1999), charge},
	)
	if err != nil {
		return err
	}
	_, err = s.send("", payment("ada", "k-4", 1999), failing)
	if !errors.Is(err, errCardNetwork) {
		return fmt.Errorf("want %w, got %w", errCardNetwork, err)
	}
	s.row("handler fails, claim released", "exception")
	return s.steps(step{"  retry", payment("ada", "k-4", 1999), charge})
}

func (s *story) takeover() error {
	ctx, charge := context.Background(), s.ledger.charge
	request := payment("ada", "k-5", 1999)
	frozen := Entry{
		Key:         Key{"ada", "k-5"},
		Fingerprint: fingerprint(request),
		Expires:     s.clock.now.Add(lease),
		Owner:       rand.Text(),
	}
	if _, err := s.store.Claim(ctx, frozen, s.clock.now); err != nil {
		return err
	}
	s.row("process freezes after its claim", "")
	s.clock.now = s.clock.now.Add(lease - time.Millisecond)
	_, err := s.send("  retry 29999 ms later, lease runs", request, charge)
	if err != nil {
		return err
	}
	s.clock.now = s.clock.now.Add(time.Millisecond)
	taken, err := s.send("  retry 30000 ms later, lease is over", request, charge)
	if err != nil {
		return err
	}
	late := frozen
	late.Expires, late.Response = s.clock.now.Add(keep), problem(http.StatusGone, "late")
	held, err := s.store.Claim(ctx, late, s.clock.now)
	if err != nil {
		return err
	}
	stored := "refused"
	if held.Owner == late.Owner {
		stored = "yes"
	}
	s.row("  process goes on, answer stored", stored)
	again, err := s.payments.Handle(ctx, request, charge)
	if err != nil {
		return err
	}
	s.row("  retry", compare(again, taken))
	return nil
}

// crowd sends 50 identical requests; the charge waits until 49 have their answer.
func (s *story) crowd() error {
	refused := make(chan struct{})
	slow := func(ctx context.Context, r Request) (*Response, error) {
		ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		select {
		case <-refused:
			return s.ledger.charge(ctx, r)
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the others: %w", ctx.Err())
		}
	}
	answers, err := s.together(slow, func(answered int) {
		if answered == 49 {
			close(refused)
		}
	})
	if err != nil {
		return err
	}
	s.row("50 identical requests at once", count(answers))
	answers, err = s.together(s.ledger.charge, func(int) {})
	if err != nil {
		return err
	}
	distinct := map[string]bool{}
	for _, answer := range answers {
		distinct[fmt.Sprint(answer.Status, answer.Header, string(answer.Body))] = true
	}
	s.row("all 50 retry", fmt.Sprintf("%s, %d distinct", count(answers), len(distinct)))
	return nil
}

func (s *story) together(work Work, report func(answered int)) ([]*Response, error) {
	type outcome struct {
		response *Response
		err      error
	}
	outcomes := make(chan outcome)
	for range 50 {
		go func() {
			request := payment("ada", "k-6", 1999)
			response, err := s.payments.Handle(context.Background(), request, work)
			outcomes <- outcome{response, err}
		}()
	}
	var answers []*Response
	var errs []error
	for answered := range 50 {
		got := <-outcomes
		answers, errs = append(answers, got.response), append(errs, got.err)
		report(answered + 1)
	}
	return answers, errors.Join(errs...)
}

func count(answers []*Response) string {
	statuses := map[int]int{}
	for _, answer := range answers {
		statuses[answer.Status]++
	}
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(statuses)) {
		parts = append(parts, fmt.Sprintf("%d x %d", statuses[status], status))
	}
	return strings.Join(parts, ", ")
}

func (s *story) expiry() error {
	request := payment("ada", "k-6", 1999)
	s.clock.now = s.clock.now.Add(keep - time.Millisecond)
	_, err := s.send("retry when the answer is nearly a day old", request, s.ledger.charge)
	if err != nil {
		return err
	}
	s.clock.now = s.clock.now.Add(time.Millisecond)
	_, err = s.send("retry a day after the answer: a new request", request, s.ledger.charge)
	if err != nil {
		return err
	}
	before := len(s.store.entries)
	s.store.Purge(s.clock.now)
	s.row("purge, entries before and after", fmt.Sprintf("%d, %d", before, len(s.store.entries)))
	return nil
}

func main() {
	clock, store := &clock{time.UnixMilli(0)}, NewMemoryStore()
	payments := &Idempotency{Store: store, Clock: clock.Now}
	s := &story{clock, &ledger{}, store, payments}
	fmt.Printf("%-46s%-20scharges\n", "", "answer")
	for _, part := range []func() error{s.replays, s.failures, s.takeover, s.crowd, s.expiry} {
		if err := part(); err != nil {
			log.Fatal(err)
		}
	}
}
