// Rotating refresh tokens in families: the second use gives the theft away.
package main

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"
)

const (
	grace          = 10 * time.Second
	idleLifetime   = 14 * 24 * time.Hour
	familyLifetime = 60 * 24 * time.Hour
)

// For the log: the caller learns no more than 400 and invalid_grant.
var (
	errUnknown = errors.New("unknown token")
	errClient  = errors.New("not this client's")
	errRevoked = errors.New("family revoked")
	errExpired = errors.New("expired")
	errReuse   = errors.New("reuse, family revoked")
)

// Family is one login of one client, and all tokens that descend from it.
type Family struct {
	User, Client string
	Ends         time.Time
	Revoked      bool
}

type state int

const (
	live state = iota
	used
	replaced // before it was used
)

// Token is a row without the token itself: the key of the table is its hash.
type Token struct {
	Family    *Family
	Expires   time.Time
	State     state
	UsedAt    time.Time
	Successor *Token
}

// Issued is the answer; Again says that it repeats an earlier one.
type Issued struct {
	Value string
	Again bool
}

type hash [sha256.Size]byte

// digest: random tokens of 256 bits need neither a salt nor a slow hash.
func digest(value string) hash { return sha256.Sum256([]byte(value)) }

// Families is the store of refresh tokens.
type Families struct {
	Now    func() time.Time
	Source func() string // in production: crypto/rand.Text

	mu     sync.Mutex
	tokens map[hash]*Token
}

// Login starts a family.
func (s *Families) Login(user, client string) Issued {
	s.mu.Lock()
	defer s.mu.Unlock()
	family := &Family{User: user, Client: client, Ends: s.Now().Add(familyLifetime)}
	value, _ := s.issue(family)
	return Issued{Value: value}
}

// --8<-- [start:show]

// Refresh trades a token for its successor.
func (s *Families) Refresh(value, client string) (Issued, error) {
	s.mu.Lock() // in SQL: lock the family's row, commit before answering
	defer s.mu.Unlock()
	token, known := s.tokens[digest(value)]
	now := s.Now()
	switch {
	case !known:
		return Issued{}, errUnknown
	case token.Family.Client != client:
		return Issued{}, errClient
	case token.Family.Revoked:
		return Issued{}, errRevoked
	case !now.Before(token.Expires):
		return Issued{}, errExpired
	}
	again := token.undelivered(now)
	switch {
	case again:
		token.Successor.State = replaced // never two live ones
	case token.State == live:
		token.State, token.UsedAt = used, now
	default:
		token.Family.Revoked = true // commit it, although the caller gets an error
		return Issued{}, errReuse
	}
	value, token.Successor = s.issue(token.Family)
	return Issued{value, again}, nil
}

// undelivered: perhaps the answer was lost; a recent use, its successor never seen.
func (t *Token) undelivered(now time.Time) bool {
	recent := t.State == used && now.Before(t.UsedAt.Add(grace))
	return recent && t.Successor.State == live
}

func (s *Families) issue(family *Family) (string, *Token) {
	value := s.Source()
	expires := s.Now().Add(idleLifetime)
	if family.Ends.Before(expires) {
		expires = family.Ends
	}
	token := &Token{Family: family, Expires: expires}
	s.tokens[digest(value)] = token
	return value, token
}

// --8<-- [end:show]

// RotationOnly is what not to write: a used token is forgotten, and so is its owner.
type RotationOnly struct {
	Source func() string
	users  map[hash]string
}

// Login issues a token.
func (s *RotationOnly) Login(user, _ string) Issued {
	value := s.Source()
	s.users[digest(value)] = user
	return Issued{Value: value}
}

// Refresh takes any token once.
func (s *RotationOnly) Refresh(value, client string) (Issued, error) {
	user, known := s.users[digest(value)]
	if !known {
		return Issued{}, errUnknown
	}
	delete(s.users, digest(value))
	return s.Login(user, client), nil
}

type server interface {
	Login(user, client string) Issued
	Refresh(value, client string) (Issued, error)
}

type step struct {
	second             int
	who, client, value string
}

var idleSeconds = int(idleLifetime.Seconds())

var scenes = []struct {
	title string
	steps []step
}{
	{"a thief copied R1 and is first", []step{
		{300, "thief", "app", "R1"},
		{600, "victim", "app", "R1"},
		{900, "thief", "app", "R3"},
		{901, "laptop", "app", "R2"},
	}},
	{"a thief copied R1 and is second", []step{
		{300, "victim", "app", "R1"},
		{600, "thief", "app", "R1"},
		{900, "victim", "app", "R3"},
	}},
	{"the first answer is lost, and later the retry comes too late", []step{
		{300, "victim", "app", "R1"},
		{302, "victim", "app", "R1"},
		{600, "victim", "app", "R4"},
		{660, "victim", "app", "R4"},
	}},
	{"a thief hides within the grace", []step{
		{300, "victim", "app", "R1"},
		{305, "thief", "app", "R1"},
		{600, "victim", "app", "R3"},
	}},
	{"the token of another client, and one left idle for 14 days", []step{
		{300, "thief", "other", "R1"},
		{idleSeconds, "laptop", "app", "R2"},
	}},
}

func numbered() func() string {
	issued := 0
	return func() string {
		issued++
		return "R" + strconv.Itoa(issued)
	}
}

func answer(s server, value, client string) string {
	issued, err := s.Refresh(value, client)
	switch {
	case err != nil:
		return "refused: " + err.Error()
	case issued.Again:
		return issued.Value + " (a retry)"
	}
	return issued.Value
}

func main() {
	const line = "%7v  %-8s%-7s%-25s%s\n"
	fmt.Printf(line, "second", "who", "sends", "rotation only", "families")
	for _, scene := range scenes {
		fmt.Println(scene.title + ":")
		start := time.Unix(0, 0)
		now := start
		servers := []server{
			&RotationOnly{Source: numbered(), users: map[hash]string{}},
			&Families{
				Now:    func() time.Time { return now },
				Source: numbered(),
				tokens: map[hash]*Token{},
			},
		}
		for _, s := range servers {
			s.Login("ada", "app") // the victim's phone: R1
			s.Login("ada", "app") // the victim's laptop: R2
		}
		for _, step := range scene.steps {
			now = start.Add(time.Duration(step.second) * time.Second)
			fmt.Printf(line, step.second, step.who, step.value,
				answer(servers[0], step.value, step.client),
				answer(servers[1], step.value, step.client))
		}
	}
}
