// A vendor's contacts behind a port of ours, and a copy of them that stays right.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"maps"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	timeout     = 2 * time.Second // real
	attempts    = 3
	longestWait = 60 // virtual seconds; beyond, the job goes back into its queue
	pageSize    = 2
)

// ManualClock counts virtual seconds: a sleep moves them on.
type ManualClock struct {
	mu  sync.Mutex
	now int
}

func (c *ManualClock) Now() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *ManualClock) Sleep(seconds int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now += seconds
}

// RejectedError says that the vendor will never accept this.
type RejectedError struct{ Code string }

func (e *RejectedError) Error() string { return "rejected: " + e.Code }

// UnavailableError says when to come back, in seconds.
type UnavailableError struct{ RetryAfter int }

func (e *UnavailableError) Error() string {
	return fmt.Sprintf("unavailable for %d s", e.RetryAfter)
}

// Breaker opens for 30 s after two failed calls in a row; then the next one tries.
type Breaker struct {
	clock               *ManualClock
	failures, openUntil int
}

func (b *Breaker) Check() error {
	if now := b.clock.Now(); now < b.openUntil {
		return &UnavailableError{b.openUntil - now}
	}
	return nil
}

func (b *Breaker) Record(ok bool) {
	if ok {
		b.failures = 0
		return
	}
	if b.failures++; b.failures >= 2 {
		b.openUntil = b.clock.Now() + 30
	}
}

// Limiter remembers what the vendor said is left: "default";r=0;t=9. One process only.
type Limiter struct {
	clock       *ManualClock
	left, reset int
}

var rateLimit = regexp.MustCompile(`^"\w+";r=(\d+);t=(\d+)$`)

func (l *Limiter) Wait(longest int) error {
	pause := 0
	if l.left == 0 {
		pause = max(l.reset-l.clock.Now(), 0)
	}
	if pause > longest {
		return &UnavailableError{pause}
	}
	l.clock.Sleep(pause)
	l.left = 1 // unknown until the next answer
	return nil
}

func (l *Limiter) Learn(header http.Header) {
	found := rateLimit.FindStringSubmatch(header.Get("RateLimit"))
	if found == nil {
		return
	}
	left, _ := strconv.Atoi(found[1])
	rest, _ := strconv.Atoi(found[2])
	l.left, l.reset = left, l.clock.Now()+rest
}

// Contact is in our words: no field of the vendor's gets further than the adapter.
type Contact struct {
	ID, Email string
	Active    bool
}

type Page struct {
	Contacts []Contact
	Cursor   string
	More     bool
}

// --8<-- [start:show]

// Contacts is the port: the fake and the adapter both pass one contract suite.
type Contacts interface {
	Create(ctx context.Context, email, key string) (Contact, error)
	Changes(ctx context.Context, cursor string) (Page, error)
	IDs(ctx context.Context) ([]string, error)
}

func (v *VendorContacts) Create(
	ctx context.Context, email, key string,
) (Contact, error) {
	var found person
	in := map[string]string{"mail": email}
	err := v.call(ctx, http.MethodPost, "/v2/people", in, key, &found)
	return found.contact(), err
}

func (v *VendorContacts) call(
	ctx context.Context, method, path string, in any, key string, out any,
) error {
	if err := v.breaker.Check(); err != nil {
		return err
	}
	status, pause := 0, 0
	for attempt := range attempts {
		// As the last answer's RateLimit said.
		if err := v.limiter.Wait(longestWait); err != nil {
			return err
		}
		answer, err := v.send(ctx, method, path, in, key)
		if err != nil {
			answer = &reply{} // unknown: the key makes it safe
		}
		status = answer.status
		v.limiter.Learn(answer.header)
		if status >= 200 && status < 300 {
			v.breaker.Record(true)
			return json.Unmarshal(answer.body, out)
		}
		if status >= 400 && status < 500 && status != http.StatusTooManyRequests {
			v.breaker.Record(true) // it works; we are wrong
			return rejection(answer.body)
		}
		pause = retryAfter(answer.header, v.jitter(1<<attempt))
		if pause > longestWait || attempt == attempts-1 {
			break
		}
		v.clock.Sleep(pause)
	}
	if status != http.StatusTooManyRequests { // throttled is no fault
		v.breaker.Record(false)
	}
	return &UnavailableError{pause}
}

// --8<-- [end:show]

type VendorContacts struct {
	base    string
	clock   *ManualClock
	jitter  func(most int) int
	client  *http.Client
	breaker *Breaker
	limiter *Limiter
}

func NewVendorContacts(
	base string, clock *ManualClock, jitter func(int) int,
) *VendorContacts {
	return &VendorContacts{
		base:   base,
		clock:  clock,
		jitter: jitter,
		// A kept connection would be tried again by the transport itself, unseen,
		// because of the Idempotency-Key.
		client: &http.Client{
			Timeout:   timeout,
			Transport: &http.Transport{DisableKeepAlives: true},
		},
		breaker: &Breaker{clock: clock},
		limiter: &Limiter{clock: clock, left: 1},
	}
}

func (v *VendorContacts) Changes(ctx context.Context, cursor string) (Page, error) {
	var found struct {
		People []person
		Next   string
		More   bool
	}
	path := "/v2/people/changes?after=" + url.QueryEscape(cursor)
	if err := v.call(ctx, http.MethodGet, path, nil, "", &found); err != nil {
		return Page{}, err
	}
	page := Page{Cursor: found.Next, More: found.More}
	for _, each := range found.People {
		page.Contacts = append(page.Contacts, each.contact())
	}
	return page, nil
}

func (v *VendorContacts) IDs(ctx context.Context) ([]string, error) {
	var found struct{ IDs []string }
	err := v.call(ctx, http.MethodGet, "/v2/people/ids", nil, "", &found)
	return found.IDs, err
}

type reply struct {
	status int
	header http.Header
	body   []byte
}

func (v *VendorContacts) send(
	ctx context.Context, method, path string, in any, key string,
) (*reply, error) {
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, v.base+path, body)
	if err != nil {
		return nil, err
	}
	if in != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if key != "" {
		request.Header.Set("Idempotency-Key", key)
	}
	answer, err := v.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 65_536))
	if err == nil && answer.StatusCode < 400 && !json.Valid(text) {
		err = errors.New("a broken success: the outcome is unknown")
	}
	return &reply{answer.StatusCode, answer.Header, text}, err
}

// retryAfter is in seconds; if there is none, or a date, a pause of our own.
func retryAfter(header http.Header, other int) int {
	given, err := strconv.Atoi(header.Get("Retry-After"))
	if err != nil || given < 0 {
		return other
	}
	return given
}

func rejection(body []byte) error {
	problem := struct{ Code string }{"unknown"}
	if err := json.Unmarshal(body, &problem); err != nil {
		problem.Code = "unknown" // a proxy's error page is no JSON
	}
	return &RejectedError{problem.Code}
}

// person is the vendor's word, with A for active.
type person struct {
	PersonID string `json:"person_id"`
	Mail     string `json:"mail"`
	State    string `json:"state"`
}

func (p person) contact() Contact {
	return Contact{p.PersonID, p.Mail, p.State == "A"}
}

type row struct {
	sequence int
	contact  Contact
}

// FakeContacts works like the vendor, in memory.
type FakeContacts struct {
	rows     map[string]row
	keys     map[string]Contact
	sequence int
}

func NewFakeContacts() *FakeContacts {
	return &FakeContacts{rows: map[string]row{}, keys: map[string]Contact{}}
}

func (f *FakeContacts) Create(_ context.Context, email, key string) (Contact, error) {
	if !strings.Contains(email, "@") {
		return Contact{}, &RejectedError{"bad_mail"}
	}
	if made, ok := f.keys[key]; ok {
		return made, nil
	}
	f.sequence++
	made := Contact{fmt.Sprintf("p%d", f.sequence), email, true}
	f.rows[made.ID] = row{f.sequence, made}
	f.keys[key] = made
	return made, nil
}

func (f *FakeContacts) Change(id, email string) {
	f.sequence++
	f.rows[id] = row{f.sequence, Contact{id, email, true}}
}

func (f *FakeContacts) Changes(_ context.Context, cursor string) (Page, error) {
	after := 0
	if cursor != "" {
		var err error
		if after, err = strconv.Atoi(cursor); err != nil {
			return Page{}, &RejectedError{"bad_cursor"}
		}
	}
	later := slices.DeleteFunc(slices.Collect(maps.Values(f.rows)), func(r row) bool {
		return r.sequence <= after
	})
	slices.SortFunc(later, func(a, b row) int { return a.sequence - b.sequence })
	page := Page{Cursor: cursor, More: len(later) > pageSize}
	for _, each := range later[:min(pageSize, len(later))] {
		page.Contacts = append(page.Contacts, each.contact)
		page.Cursor = strconv.Itoa(each.sequence)
	}
	return page, nil
}

func (f *FakeContacts) IDs(context.Context) ([]string, error) {
	return slices.Sorted(maps.Keys(f.rows)), nil
}

// StaleFake was written before the vendor had idempotency keys.
type StaleFake struct{ *FakeContacts }

func (s StaleFake) Create(ctx context.Context, email, key string) (Contact, error) {
	clear(s.keys)
	return s.FakeContacts.Create(ctx, email, key)
}

// Sandbox is the vendor's side: its own words, limits, and faults on demand.
type Sandbox struct {
	clock *ManualClock

	mu                            sync.Mutex
	data                          *FakeContacts
	quota, window, used, requests int // quota in each 10 s; none if 0
	faults                        []string
}

func (s *Sandbox) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	fault := ""
	if len(s.faults) > 0 {
		fault, s.faults = s.faults[0], s.faults[1:]
	}
	if fault == "503" {
		reject(w, http.StatusServiceUnavailable, "down")
		return
	}
	if after, ok := strings.CutPrefix(fault, "429 "); ok {
		w.Header().Set("Retry-After", after)
		reject(w, http.StatusTooManyRequests, "slow_down")
		return
	}
	if !s.allow(w.Header()) {
		w.Header().Set("Retry-After", "10")
		reject(w, http.StatusTooManyRequests, "slow_down")
		return
	}
	if fault == "drop" { // the effect is there, the answer is not
		s.answer(discard{}, r)
		panic(http.ErrAbortHandler)
	}
	s.answer(w, r)
}

func (s *Sandbox) allow(header http.Header) bool {
	if s.quota == 0 {
		return true
	}
	now := s.clock.Now()
	if now/10 != s.window {
		s.window, s.used = now/10, 0
	}
	if s.used == s.quota {
		return false
	}
	s.used++
	left := fmt.Sprintf(`"default";r=%d;t=%d`, s.quota-s.used, 10-now%10)
	header.Set("RateLimit", left)
	return true
}

func (s *Sandbox) answer(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodPost:
		var in struct{ Mail string }
		body := http.MaxBytesReader(w, r.Body, 65_536)
		if err := json.NewDecoder(body).Decode(&in); err != nil {
			reject(w, http.StatusBadRequest, "bad_json")
			return
		}
		key := r.Header.Get("Idempotency-Key")
		made, err := s.data.Create(r.Context(), in.Mail, key)
		if err != nil {
			reject(w, http.StatusUnprocessableEntity, code(err))
			return
		}
		respond(w, http.StatusCreated, wire(made))
	case r.URL.Path == "/v2/people/ids":
		ids, _ := s.data.IDs(r.Context()) // the fake's never fails
		respond(w, http.StatusOK, map[string]any{"ids": ids})
	default:
		page, err := s.data.Changes(r.Context(), r.URL.Query().Get("after"))
		if err != nil {
			reject(w, http.StatusUnprocessableEntity, code(err))
			return
		}
		people := []person{}
		for _, each := range page.Contacts {
			people = append(people, wire(each))
		}
		respond(w, http.StatusOK, map[string]any{
			"people": people, "next": page.Cursor, "more": page.More,
		})
	}
}

func code(err error) string {
	var rejected *RejectedError
	if errors.As(err, &rejected) {
		return rejected.Code
	}
	return "unknown"
}

func wire(one Contact) person {
	state := "S"
	if one.Active {
		state = "A"
	}
	return person{one.ID, one.Email, state}
}

func reject(w http.ResponseWriter, status int, code string) {
	respond(w, status, map[string]string{"code": code})
}

func respond(w http.ResponseWriter, status int, content any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(content); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// discard takes an answer that nobody will get.
type discard struct{}

func (discard) Header() http.Header               { return http.Header{} }
func (discard) WriteHeader(int)                   {}
func (discard) Write(content []byte) (int, error) { return len(content), nil }

// must is for the tests' own steps, which cannot fail unless the example is broken.
func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func readBack(ctx context.Context, port Contacts) bool {
	made := must(port.Create(ctx, "ada@example.com", "k1"))
	page := must(port.Changes(ctx, ""))
	return made.Active && slices.Contains(page.Contacts, made)
}

func sameKey(ctx context.Context, port Contacts) bool {
	must(port.Create(ctx, "ada@example.com", "k1"))
	must(port.Create(ctx, "ada@example.com", "k1"))
	return len(must(port.IDs(ctx))) == 1
}

func refused(ctx context.Context, port Contacts) bool {
	_, err := port.Create(ctx, "nobody", "k1")
	var rejected *RejectedError
	return errors.As(err, &rejected) && len(must(port.IDs(ctx))) == 0
}

func pages(ctx context.Context, port Contacts) bool {
	for _, name := range []string{"ada", "bob", "cy"} {
		must(port.Create(ctx, name+"@example.com", name))
	}
	first := must(port.Changes(ctx, ""))
	rest := must(port.Changes(ctx, first.Cursor))
	end := must(port.Changes(ctx, rest.Cursor))
	sizes := []int{len(first.Contacts), len(rest.Contacts), len(end.Contacts)}
	return slices.Equal(sizes, []int{2, 1, 0}) && end.Cursor == rest.Cursor && !end.More
}

var contract = []struct {
	name string
	test func(context.Context, Contacts) bool
}{
	{"a contact is read back in our words", readBack},
	{"the same key twice makes one contact", sameKey},
	{"a bad address is Rejected and not stored", refused},
	{"pages end, with a cursor to go on from", pages},
}

// World is what the experiments share.
type World struct {
	clock   *ManualClock
	sandbox *Sandbox
	client  *VendorContacts
}

func (w *World) set(change func(s *Sandbox)) {
	w.sandbox.mu.Lock()
	defer w.sandbox.mu.Unlock()
	change(w.sandbox)
}

func (w *World) seen() (requests, contacts int) {
	w.sandbox.mu.Lock()
	defer w.sandbox.mu.Unlock()
	return w.sandbox.requests, len(w.sandbox.data.rows)
}

func (w *World) checkContract(ctx context.Context) {
	fmt.Printf("%-44sfake   sandbox  stale fake\n", "contract")
	for _, each := range contract {
		w.set(func(s *Sandbox) { s.data = NewFakeContacts() })
		verdicts := []any{each.name}
		ports := []Contacts{NewFakeContacts(), w.client, StaleFake{NewFakeContacts()}}
		for _, port := range ports {
			verdict := "FAIL"
			if each.test(ctx, port) {
				verdict = "ok"
			}
			verdicts = append(verdicts, verdict)
		}
		fmt.Printf("  %-42s%-7s%-9s%s\n", verdicts...)
	}
}

func (w *World) call(label string, act func() error, faults ...string) {
	w.set(func(s *Sandbox) { s.faults = faults })
	start := w.clock.Now()
	before, _ := w.seen()
	outcome := "done"
	var rejected *RejectedError
	var unavailable *UnavailableError
	switch err := act(); {
	case errors.As(err, &rejected):
		outcome = "Rejected: " + rejected.Code
	case errors.As(err, &unavailable):
		outcome = fmt.Sprintf("Unavailable for %d s", unavailable.RetryAfter)
	case err != nil:
		log.Fatal(err)
	}
	after, _ := w.seen()
	waited := w.clock.Now() - start
	fmt.Printf("%4d  %-33s%-9d%3d s   %s\n", start, label, after-before, waited, outcome)
}

func (w *World) checkLimits(ctx context.Context) {
	list := func() error {
		_, err := w.client.IDs(ctx)
		return err
	}
	create := func(email, key string) func() error {
		return func() error {
			_, err := w.client.Create(ctx, email, key)
			return err
		}
	}
	w.set(func(s *Sandbox) { s.data = NewFakeContacts() })
	fmt.Printf("\n%-39srequests waited  outcome\n", "   s  call")
	w.call("create, answer lost", create("eve@x.test", "k9"), "drop")
	w.call("create, address is bad", create("eve", "k10"))
	w.set(func(s *Sandbox) { s.quota = 3 })
	for _, left := range []int{2, 1, 0} {
		w.call(fmt.Sprintf("list, then %d left of 3", left), list)
	}
	w.call("list, so it waits before it asks", list)
	w.set(func(s *Sandbox) { s.quota = 0 })
	w.clock.Sleep(20)
	w.call("list, 429 with Retry-After: 7", list, "429 7")
	w.call("list, 429 with Retry-After: 3600", list, "429 3600")
	w.call("list, vendor is down", list, "503", "503", "503")
	w.call("list, still down", list, "503", "503", "503")
	w.call("list, breaker is open", list)
	w.clock.Sleep(30)
	w.call("list, the vendor is back", list)
	_, made := w.seen()
	fmt.Printf("contacts made by the two creates: %d\n", made)
}

// errDied means that the process is gone.
var errDied = errors.New("died")

// Copy is our tables. What one method changes, one transaction changes.
type Copy struct {
	contacts map[string]Contact
	cursor   string
}

func (c *Copy) Commit(page Page) {
	for _, one := range page.Contacts {
		c.contacts[one.ID] = one
	}
	c.cursor = page.Cursor
}

// Sync dies while it stores page diesAt; zero means never.
func Sync(
	ctx context.Context, port Contacts, mine *Copy, cursorFirst bool, diesAt int,
) (changed int, err error) {
	for number := 1; ; number++ {
		page, err := port.Changes(ctx, mine.cursor)
		if err != nil {
			return changed, err
		}
		if cursorFirst {
			mine.cursor = page.Cursor // a transaction of its own
		}
		if number == diesAt {
			return changed, errDied
		}
		mine.Commit(page)
		changed += len(page.Contacts)
		if !page.More {
			return changed, nil
		}
	}
}

// Reconcile compares every id: the only way to learn what changes do not say.
func Reconcile(ctx context.Context, port Contacts, mine *Copy) string {
	there := must(port.IDs(ctx))
	var gone []string
	for id := range mine.contacts {
		if !slices.Contains(there, id) {
			gone = append(gone, id)
		}
	}
	size := len(mine.contacts)
	if 2*len(gone) > size {
		return fmt.Sprintf("%d of %d missing: refused, call a human", len(gone), size)
	}
	for _, id := range gone {
		delete(mine.contacts, id)
	}
	return fmt.Sprintf("%d removed, %d left", len(gone), len(mine.contacts))
}

func (w *World) checkSync(ctx context.Context) {
	w.set(func(s *Sandbox) { s.data = NewFakeContacts() })
	for _, name := range []string{"ada", "bob", "cy", "dee", "eve", "fay"} {
		must(w.client.Create(ctx, name+"@example.com", name))
	}
	print := func(label, text string) { fmt.Printf("  %-42s%s\n", label, text) }
	fmt.Println("\nsync of 6 contacts, killed while it stores page 2 of 3")
	var mine *Copy
	for _, cursorFirst := range []bool{true, false} {
		mine = &Copy{contacts: map[string]Contact{}}
		if _, err := Sync(ctx, w.client, mine, cursorFirst, 2); !errors.Is(err, errDied) {
			log.Fatal("it should have died: ", err)
		}
		must(Sync(ctx, w.client, mine, cursorFirst, 0))
		label := "one commit"
		if cursorFirst {
			label = "cursor saved first"
		}
		print(label, fmt.Sprintf("%d of 6 after the restart", len(mine.contacts)))
	}
	w.set(func(s *Sandbox) {
		s.data.Change("p1", "ada@example.org")
		delete(s.data.rows, "p2")
	})
	changed := must(Sync(ctx, w.client, mine, false, 0))
	there := "gone"
	if _, ok := mine.contacts["p2"]; ok {
		there = "still here"
	}
	print("Ada changes, Bob is deleted: sync",
		fmt.Sprintf("%d change, Bob %s", changed, there))
	print("reconciliation", Reconcile(ctx, w.client, mine))
	w.set(func(s *Sandbox) { clear(s.data.rows) })
	print("reconciliation, listing empty", Reconcile(ctx, w.client, mine))
}

func main() {
	clock := &ManualClock{}
	sandbox := &Sandbox{clock: clock, data: NewFakeContacts(), window: -1}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	server := &http.Server{Handler: sandbox, ReadTimeout: 5 * time.Second}
	done := make(chan error, 1)
	go func() { done <- server.Serve(listener) }()

	// In production: func(most int) int { return rand.IntN(most + 1) }
	jitter := func(most int) int { return most }
	client := NewVendorContacts("http://"+listener.Addr().String(), clock, jitter)
	world := &World{clock, sandbox, client}
	ctx := context.Background()
	world.checkContract(ctx)
	world.checkLimits(ctx)
	world.checkSync(ctx)

	if err := server.Close(); err != nil {
		log.Fatal(err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
