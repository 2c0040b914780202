// Attack a naive session store and a rotating one with the same planted ids.
package main

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"slices"
	"strings"
	"sync"
	"time"
)

const (
	idBytes    = 16 // 128 bits, from a cryptographic generator
	idle       = 30 * time.Minute
	absolute   = 12 * time.Hour // since login, whatever happens
	limit      = 3              // sessions of one user
	attributes = "Path=/; Secure; HttpOnly; SameSite=Lax"
)

// Session has no user before login.
type Session struct {
	User, Device  string
	Created, Seen time.Time
}

func (s Session) over(now time.Time) bool {
	return now.Sub(s.Seen) >= idle || now.Sub(s.Created) >= absolute
}

// digest needs no salt and no slow hash: an id is random, nobody can search for it.
func digest(sid string) string {
	sum := sha256.Sum256([]byte(sid))
	return hex.EncodeToString(sum[:])
}

// handlesOf lists hashes of live sessions, least recently used first: safe to show.
func handlesOf(rows map[string]Session, user string, now time.Time) []string {
	mine := []string{}
	for key, session := range rows {
		if session.User == user && !session.over(now) {
			mine = append(mine, key)
		}
	}
	slices.SortFunc(mine, func(a, b string) int {
		return cmp.Or(rows[a].Seen.Compare(rows[b].Seen), cmp.Compare(a, b))
	})
	return mine
}

// --8<-- [start:show]

// RotatingStore keeps sessions by the hash of their id.
type RotatingStore struct {
	mu     sync.Mutex
	clock  func() time.Time
	random io.Reader // crypto/rand.Reader in service
	rows   map[string]Session
}

func (s *RotatingStore) start(user, device string) (string, error) {
	id := make([]byte, idBytes)
	if _, err := io.ReadFull(s.random, id); err != nil {
		return "", err
	}
	sid, now := base64.RawURLEncoding.EncodeToString(id), s.clock()
	s.rows[digest(sid)] = Session{user, device, now, now}
	return sid, nil // for Set-Cookie; the store keeps only its hash
}

func (s *RotatingStore) Find(sid string) (Session, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, now := digest(sid), s.clock()
	session, ok := s.rows[key]
	if !ok || session.over(now) {
		delete(s.rows, key)
		return Session{}, false // never adopt an id that somebody else made
	}
	session.Seen = now
	s.rows[key] = session
	return session, true
}

// LogIn, after the password: the old id ends here, and a new one starts.
func (s *RotatingStore) LogIn(sid, user, device string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.rows, digest(sid))
	for mine := handlesOf(s.rows, user, s.clock()); len(mine) >= limit; mine = mine[1:] {
		delete(s.rows, mine[0])
	}
	return s.start(user, device)
}

// Revoke ends a session of this user, and of nobody else.
func (s *RotatingStore) Revoke(user, handle string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(handlesOf(s.rows, user, s.clock()), handle) {
		return false
	}
	delete(s.rows, handle)
	return true
}

func (s *RotatingStore) RevokeAll(user string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, handle := range handlesOf(s.rows, user, s.clock()) {
		delete(s.rows, handle)
	}
}

// --8<-- [end:show]

// NaiveStore adopts any id it is shown, keeps it across login, stores it in clear.
type NaiveStore map[string]string

func (s NaiveStore) find(sid string) string {
	if _, ok := s[sid]; !ok {
		s[sid] = ""
	}
	return s[sid]
}

func (s NaiveStore) logIn(sid, user string) { s[sid] = user }

type steppedClock struct{ now time.Time }

func (c *steppedClock) read() time.Time  { return c.now }
func (c *steppedClock) wait(minutes int) { c.now = c.now.Add(time.Duration(minutes) * time.Minute) }

// counted gives repeatable bytes for a test. In service: crypto/rand.Reader.
type counted struct{ calls int }

func (c *counted) Read(p []byte) (int, error) {
	c.calls++
	sum := sha256.Sum256(fmt.Appendf(nil, "sample %d", c.calls))
	return copy(p, sum[:]), nil
}

func newStore(clock *steppedClock) *RotatingStore {
	return &RotatingStore{
		clock:  clock.read,
		random: &counted{},
		rows:   map[string]Session{},
	}
}

// browser stops the program at the first error: nothing can be shown after it.
type browser struct {
	store *RotatingStore
	err   error
}

func (b *browser) logIn(sid, device string) string {
	if b.err != nil {
		return ""
	}
	sid, b.err = b.store.LogIn(sid, "ada", device)
	return sid
}

func who(store *RotatingStore, sid string) string {
	session, ok := store.Find(sid)
	switch {
	case !ok:
		return "nobody"
	case session.User == "":
		return "anonymous"
	default:
		return session.User
	}
}

func fixation() error {
	fmt.Println("the attacker plants an id, ada logs in with it, the attacker returns")
	naive := NaiveStore{}
	for _, planted := range []string{"invented-by-mallory", "issued-to-mallory"} {
		naive.find(planted)
		naive.logIn(planted, "ada")
		label, _, _ := strings.Cut(planted, "-")
		fmt.Printf("  naive     %-9s id opens the account of %s\n", label, naive.find(planted))
	}
	store := newStore(&steppedClock{})
	ada := browser{store: store}
	issued, err := store.start("", "")
	if err != nil {
		return err
	}
	for _, attack := range [][2]string{{"invented", strings.Repeat("x", 22)}, {"issued", issued}} {
		label, planted := attack[0], attack[1]
		ada.logIn(planted, "laptop")
		fmt.Printf("  rotating  %-9s id opens the account of %s\n", label, who(store, planted))
	}
	return ada.err
}

func leak() error {
	store := newStore(&steppedClock{})
	ada := browser{store: store}
	sid := ada.logIn("", "laptop")
	for row := range store.rows {
		fmt.Printf("\na copy of the table: %s... instead of %s\n", row[:16], sid)
		fmt.Println("  cookie with the row:", who(store, row))
		fmt.Println("  cookie with the id: ", who(store, sid))
	}
	return ada.err
}

func timeouts() error {
	fmt.Println("\nidle 30 min, absolute 12 h")
	clock := &steppedClock{}
	store := newStore(clock)
	ada := browser{store: store}
	sid := ada.logIn("", "laptop")
	clock.wait(29)
	fmt.Println("  after 29 min:              ", who(store, sid))
	clock.wait(30)
	fmt.Println("  30 min later:              ", who(store, sid))
	sid = ada.logIn(sid, "laptop")
	visits := 0
	for who(store, sid) == "ada" {
		visits++
		clock.wait(20)
	}
	last := visits*20 - 20
	fmt.Printf("  a request every 20 min:     ada for %d h %d min, then nobody\n", last/60, last%60)
	return ada.err
}

func devices() error {
	fmt.Println("\nat most 3 sessions")
	clock := &steppedClock{}
	store := newStore(clock)
	ada := browser{store: store}
	cookies := map[string]string{}
	for _, device := range []string{"laptop", "phone", "tablet"} {
		clock.wait(1)
		cookies[device] = ada.logIn("", device)
	}
	clock.wait(1)
	who(store, cookies["laptop"]) // the phone is now the one not used longest

	show := func(label string) {
		names := []string{}
		for _, handle := range handlesOf(store.rows, "ada", clock.read()) {
			names = append(names, store.rows[handle].Device)
		}
		if len(names) == 0 {
			names = append(names, "none")
		}
		fmt.Printf("  %-27s %s\n", label, strings.Join(names, " "))
	}
	show("ada, by last use:")
	clock.wait(1)
	cookies["tv"] = ada.logIn("", "tv")
	show("a fourth login:")
	handle := digest(cookies["tablet"])
	refused := "done"
	if !store.Revoke("mallory", handle) {
		refused = "refused"
	}
	fmt.Printf("  %-27s %s\n", "mallory revokes the tablet:", refused)
	store.Revoke("ada", handle)
	show("ada revokes the tablet:")
	store.RevokeAll("ada")
	show("log out everywhere:")
	fmt.Printf("  %-27s %s\n", "the cookie of the tv:", who(store, cookies["tv"]))
	return ada.err
}

func cookie() error {
	ada := browser{store: newStore(&steppedClock{})}
	fmt.Println("\nSet-Cookie at login and at logout")
	fmt.Printf("  __Host-id=%s; %s\n", ada.logIn("", "laptop"), attributes)
	fmt.Printf("  __Host-id=; Max-Age=0; %s\n", attributes)
	return ada.err
}

func main() {
	for _, part := range []func() error{fixation, leak, timeouts, devices, cookie} {
		if err := part(); err != nil {
			log.Fatal(err)
		}
	}
}
