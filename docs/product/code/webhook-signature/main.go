// Sign webhooks, and receive them: on the raw bytes, in time, and once.
package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	window       = 5 * time.Minute // to both sides
	retention    = 2 * window      // for so long, one from the future stays in the window
	maxIDs       = 5               // so few only to show what happens then
	maxBodyBytes = 64 << 10
)

var (
	// No full stop, or id and timestamp could be cut in another place.
	idFormat        = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
	timestampFormat = regexp.MustCompile(`^[1-9][0-9]{0,11}$`)
)

// Answer is a status for the sender and a reason for its log.
type Answer struct {
	Status int
	Reason string
}

// Secret signs until it has been replaced everywhere.
type Secret struct {
	Key   []byte
	Until time.Time
}

// Inbox stores each message once. A sender that retries for days, or a restart in
// between, needs a table with the id as its key.
type Inbox struct {
	mu      sync.Mutex
	known   map[string]bool
	expires []expiry // in the order of their time
	store   func(body []byte) error
}

type expiry struct {
	id string
	at time.Time
}

// Receiver is the endpoint for the webhooks of one sender.
type Receiver struct {
	secrets []Secret
	inbox   *Inbox
	clock   func() time.Time
}

// --8<-- [start:show]

// sign covers the id, the time and every byte of the body.
func sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// Receive takes the body as it arrived: nothing may parse it before.
func (r *Receiver) Receive(header http.Header, body []byte) (Answer, error) {
	id, timestamp := header.Get("webhook-id"), header.Get("webhook-timestamp")
	given := strings.Fields(header.Get("webhook-signature"))
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	formatted := idFormat.MatchString(id) && timestampFormat.MatchString(timestamp)
	if err != nil || !formatted || len(given) == 0 {
		return Answer{http.StatusBadRequest, "header missing or malformed"}, nil
	}
	now := r.clock()
	if now.Sub(time.Unix(seconds, 0)).Abs() > window {
		return Answer{http.StatusUnauthorized, "outside the window"}, nil
	}
	genuine := false
	for _, secret := range r.secrets {
		if now.Before(secret.Until) { // two are valid while one replaces the other
			expected := sign(secret.Key, id, timestamp, body)
			for _, signature := range given {
				if hmac.Equal([]byte(signature), []byte(expected)) {
					genuine = true
				}
			}
		}
	}
	if !genuine {
		return Answer{http.StatusUnauthorized, "no signature fits"}, nil
	}
	return r.inbox.accept(id, body, now)
}

// accept stores a message unless its id is known: what fails may come again.
func (b *Inbox) accept(id string, body []byte, now time.Time) (Answer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for len(b.expires) > 0 && now.After(b.expires[0].at) {
		delete(b.known, b.expires[0].id)
		b.expires = b.expires[1:]
	}
	if b.known[id] {
		return Answer{http.StatusAccepted, "known already"}, nil
	}
	if len(b.known) == maxIDs { // to forget one early would let it in again
		return Answer{http.StatusServiceUnavailable, "inbox is full"}, nil
	}
	if err := b.store(body); err != nil {
		return Answer{}, fmt.Errorf("store %s: %w", id, err)
	}
	b.known[id] = true
	b.expires = append(b.expires, expiry{id, now.Add(retention)})
	return Answer{http.StatusAccepted, "stored"}, nil
}

// --8<-- [end:show]

// rawHook reads the bytes and hands them on untouched.
func rawHook(receiver *Receiver) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBodyBytes))
		var tooLong *http.MaxBytesError
		switch {
		case errors.As(err, &tooLong):
			respond(w, Answer{http.StatusRequestEntityTooLarge, "body too long"})
		case err != nil:
			respond(w, Answer{http.StatusBadRequest, "body cut short"})
		default:
			answer, err := receiver.Receive(r.Header, body)
			if err != nil {
				log.Print(err)
				answer = Answer{http.StatusInternalServerError, "not stored"}
			}
			respond(w, answer)
		}
	}
}

// parsedHook is the mistake: a layer in front has parsed the body and writes it again.
func parsedHook(next http.Handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var message any
		err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBodyBytes)).Decode(&message)
		if err != nil {
			respond(w, Answer{http.StatusBadRequest, "not JSON"})
			return
		}
		written, err := json.Marshal(message)
		if err != nil {
			respond(w, Answer{http.StatusInternalServerError, "not written"})
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(written))
		next.ServeHTTP(w, r)
	}
}

func respond(w http.ResponseWriter, answer Answer) {
	w.Header().Set("Content-Type", "text/plain")
	w.WriteHeader(answer.Status)
	if _, err := io.WriteString(w, answer.Reason); err != nil {
		log.Print(err)
	}
}

// manualClock stands still until it is told to go on.
type manualClock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *manualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *manualClock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// Samples: a real one is 24 to 64 random bytes, handed over as whsec_ and base64.
var (
	oldKey   = []byte("sample-old-secret-of-32-bytes-01")
	newKey   = []byte("sample-new-secret-of-32-bytes-02")
	otherKey = []byte("sample-wrong-secret-of-32-byte-3")
	start    = time.Unix(1_767_225_600, 0)
	message  = []byte(`{"type":"invoice.paid","timestamp":"2026-01-01T00:00:00Z",` +
		`"data":{"invoice":"2026\/7","amount_cents":1050,"currency":"EUR"}}`)
)

// delivery is one request; an empty value leaves its header out.
type delivery struct {
	path, id, timestamp, signatures string
	body                            []byte
}

// sender calls the endpoint, prints what it learns and stops at the first error.
type sender struct {
	client  *http.Client
	url     string
	clock   *manualClock
	effects func() int
	err     error
}

// signed makes a delivery of a moment ago that carries one signature for each key.
func (s *sender) signed(id string, ago time.Duration, body []byte, keys ...[]byte) delivery {
	timestamp := strconv.FormatInt(s.clock.Now().Add(-ago).Unix(), 10)
	signatures := make([]string, 0, len(keys))
	for _, key := range keys {
		signatures = append(signatures, sign(key, id, timestamp, body))
	}
	return delivery{"/raw", id, timestamp, strings.Join(signatures, " "), body}
}

func (s *sender) send(label string, d delivery) {
	if s.err != nil {
		return
	}
	status, reason, err := s.post(d)
	if err != nil {
		s.err = fmt.Errorf("%s: %w", label, err)
		return
	}
	fmt.Printf("%-35s%-8d%-9d%s\n", label, status, s.effects(), reason)
}

func (s *sender) post(d delivery) (int, string, error) {
	request, err := http.NewRequest(http.MethodPost, s.url+d.path, bytes.NewReader(d.body))
	if err != nil {
		return 0, "", err
	}
	request.Header.Set("content-type", "application/json")
	for name, value := range map[string]string{
		"webhook-id":        d.id,
		"webhook-timestamp": d.timestamp,
		"webhook-signature": d.signatures,
	} {
		if value != "" {
			request.Header.Set(name, value)
		}
	}
	response, err := s.client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	reason, err := io.ReadAll(io.LimitReader(response.Body, 1024))
	return response.StatusCode, string(reason), err
}

func (s *sender) deliverAll() error {
	fmt.Printf("%-35s%-8s%-9s%s\n", "delivery", "status", "effects", "reason")
	good := s.signed("msg_1", 0, message, newKey)
	s.send("good", good)
	s.send("the same bytes again", good)
	s.clock.Advance(5 * time.Second)
	s.send("tried again 5 s later", s.signed("msg_1", 0, message, newKey))
	changed := good
	changed.body = bytes.Replace(message, []byte("1050"), []byte("1051"), 1)
	s.send("one byte changed", changed)
	renamed := good
	renamed.id = "msg_2"
	s.send("another id", renamed)
	rewritten := s.signed("msg_2", 0, message, newKey)
	rewritten.path = "/parsed"
	s.send("body parsed and written again", rewritten)
	s.send("wrong secret", s.signed("msg_2", 0, message, otherKey))
	s.send("old secret, both valid", s.signed("msg_2", 0, message, oldKey))
	s.send("signed with old and new", s.signed("msg_3", 0, message, oldKey, newKey))
	s.send("300 s old", s.signed("msg_4", 300*time.Second, message, newKey))
	s.send("301 s old", s.signed("msg_5", 301*time.Second, message, newKey))
	ahead := s.signed("msg_5", -300*time.Second, message, newKey)
	s.send("300 s ahead", ahead)
	s.send("301 s ahead", s.signed("msg_6", -301*time.Second, message, newKey))
	unsigned := good
	unsigned.signatures = ""
	s.send("no webhook-signature", unsigned)
	timeless := good
	timeless.timestamp = "soon"
	s.send("webhook-timestamp: soon", timeless)
	long := bytes.Repeat([]byte(" "), maxBodyBytes+1)
	s.send("65,537 bytes", s.signed("msg_6", 0, long, newKey))
	s.send("a sixth id, with room for five", s.signed("msg_6", 0, message, newKey))
	s.clock.Advance(10 * time.Minute)
	s.send("300 s ahead, again 10 min later", ahead)
	s.send("good, again 10 min later", good)
	s.clock.Advance(24 * time.Hour)
	s.send("old secret, a day later", s.signed("msg_6", 0, message, oldKey))
	s.send("the sixth id, a day later", s.signed("msg_6", 0, message, newKey))
	return s.err
}

func run() error {
	clock := &manualClock{now: start}
	var mu sync.Mutex
	var stored [][]byte
	inbox := &Inbox{known: map[string]bool{}, store: func(body []byte) error {
		mu.Lock()
		defer mu.Unlock()
		stored = append(stored, body)
		return nil
	}}
	effects := func() int {
		mu.Lock()
		defer mu.Unlock()
		return len(stored)
	}
	secrets := []Secret{
		{newKey, start.AddDate(1, 0, 0)},
		{oldKey, start.Add(time.Hour)}, // by then, every sender has the new one
	}
	receiver := &Receiver{secrets, inbox, clock.Now}
	raw := rawHook(receiver)
	routes := http.NewServeMux()
	routes.Handle("POST /raw", raw)
	routes.Handle("POST /parsed", parsedHook(raw))

	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:      routes,
		ReadTimeout:  5 * time.Second,
		WriteTimeout: 5 * time.Second,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	client := &http.Client{Timeout: 5 * time.Second}
	s := &sender{
		client:  client,
		url:     "http://" + listener.Addr().String(),
		clock:   clock,
		effects: effects,
	}
	err = errors.Join(s.deliverAll(), server.Close())
	if stopped := <-served; !errors.Is(stopped, http.ErrServerClosed) {
		err = errors.Join(err, stopped)
	}
	return err
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
