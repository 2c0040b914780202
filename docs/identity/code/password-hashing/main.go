// Store passwords so that a stolen table, an old row or a guessed name helps little.
package main

import (
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"
)

const (
	saltBytes        = 16
	hashBytes        = 32
	today            = 600_000 // iterations: OWASP Password Storage Cheat Sheet
	maxIterations    = 2_000_000
	maxPasswordBytes = 1024
	minCharacters    = 15 // NIST SP 800-63B-4, for a password without a second factor
)

var (
	rowFormat = regexp.MustCompile(`^\$pbkdf2-sha256\$i=([1-9][0-9]{0,8})` +
		`\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$`)

	errTooLong     = errors.New("too long")
	errNotText     = errors.New("not UTF-8")
	errNotComposed = errors.New("needs golang.org/x/text/unicode/norm")
)

// Users is a table of users: one string for each name.
type Users struct {
	mu   sync.Mutex
	rows map[string]string
}

// Row returns "" for an unknown name.
func (u *Users) Row(name string) string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.rows[name]
}

// Replace is UPDATE ... WHERE row = old: it never undoes a change made in between.
func (u *Users) Replace(name, old, changed string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.rows[name] == old {
		u.rows[name] = changed
	}
}

// composed holds what this example needs of NFC, as the standard library has none.
// A service calls norm.NFC.String of golang.org/x/text/unicode/norm instead.
var composed = strings.NewReplacer(
	"e\u0300", "\u00e8", "e\u0301", "\u00e9", "u\u0302", "\u00fb",
)

// prepare brings a password into NFC, for keyboards spell one accent in two ways.
// What is too long is refused and never cut off.
func prepare(typed string) (string, error) {
	if len(typed) > maxPasswordBytes {
		return "", errTooLong
	}
	if !utf8.ValidString(typed) {
		return "", errNotText
	}
	password := composed.Replace(typed)
	for _, r := range password {
		if r >= 0x300 { // below, every text is in NFC already
			return "", errNotComposed
		}
	}
	return password, nil
}

// flaw is for new passwords only; a list of breached ones would be asked here, too.
func flaw(typed string) string {
	password, err := prepare(typed)
	switch {
	case err != nil:
		return err.Error()
	case utf8.RuneCountInString(password) < minCharacters:
		return "too short"
	default:
		return "none"
	}
}

// KDF turns a password into hashBytes bytes, slowly.
type KDF func(password string, salt []byte, iterations int) ([]byte, error)

// --8<-- [start:show]

// Stored is kept as one string: $pbkdf2-sha256$i=600000$salt$hash.
type Stored struct {
	Iterations int
	Salt, Hash []byte
}

// PBKDF2 is for where no library with Argon2id, the first choice, is allowed.
func PBKDF2(password string, salt []byte, iterations int) ([]byte, error) {
	return pbkdf2.Key(sha256.New, password, salt, iterations, hashBytes)
}

type Passwords struct {
	users  *Users
	kdf    KDF
	random func(size int) []byte // crypto/rand in a service
	nobody *Stored               // random as well: no password fits
}

func NewPasswords(users *Users, kdf KDF, random func(int) []byte) *Passwords {
	return &Passwords{users, kdf, random, &Stored{today, random(saltBytes), random(hashBytes)}}
}

func (p *Passwords) hash(password string) (string, error) {
	salt := p.random(saltBytes) // a new one for each hash
	hash, err := p.kdf(password, salt, today)
	return write(Stored{today, salt, hash}), err
}

func (p *Passwords) SignIn(name, typed string) (bool, error) {
	password, err := prepare(typed)
	if err != nil {
		return false, nil // nobody could have set it
	}
	row := p.users.Row(name)
	stored := read(row)
	// No such user, or a row that would ask for hours of work.
	if stored == nil || stored.Iterations > maxIterations {
		stored = p.nobody
	}
	computed, err := p.kdf(password, stored.Salt, stored.Iterations)
	if err != nil {
		return false, fmt.Errorf("verify: %w", err)
	}
	if subtle.ConstantTimeCompare(computed, stored.Hash) != 1 || stored == p.nobody {
		if stored.Iterations < today { // or an old row would answer sooner
			_, err = p.kdf(password, stored.Salt, today-stored.Iterations)
		}
		return false, err
	}
	if stored.Iterations < today { // now is when the password is known
		renewed, err := p.hash(password)
		if err != nil {
			return false, fmt.Errorf("rehash: %w", err)
		}
		p.users.Replace(name, row, renewed)
	}
	return true, nil
}

// --8<-- [end:show]

// read returns nil for anything but a row of this scheme.
func read(row string) *Stored {
	found := rowFormat.FindStringSubmatch(row)
	if found == nil {
		return nil
	}
	iterations, iterationsErr := strconv.Atoi(found[1])
	salt, saltErr := base64.RawStdEncoding.DecodeString(found[2])
	hash, hashErr := base64.RawStdEncoding.DecodeString(found[3])
	if errors.Join(iterationsErr, saltErr, hashErr) != nil {
		return nil
	}
	return &Stored{iterations, salt, hash}
}

func write(s Stored) string {
	salt := base64.RawStdEncoding.EncodeToString(s.Salt)
	hash := base64.RawStdEncoding.EncodeToString(s.Hash)
	return fmt.Sprintf("$pbkdf2-sha256$i=%d$%s$%s", s.Iterations, salt, hash)
}

// samples stands in for the system's random bytes: 1, 1, ..., then 2, 2, ...
func samples() func(int) []byte {
	var calls byte
	return func(size int) []byte {
		calls++
		sample := make([]byte, size)
		for i := range sample {
			sample[i] = calls
		}
		return sample
	}
}

// meter counts the iterations that a KDF is asked for.
type meter struct {
	kdf        KDF
	iterations int
}

func (m *meter) derive(password string, salt []byte, iterations int) ([]byte, error) {
	m.iterations += iterations
	return m.kdf(password, salt, iterations)
}

func (m *meter) reading() int {
	iterations := m.iterations
	m.iterations = 0
	return iterations
}

const (
	ada = "correct horse battery staple"
	// One code point for each accented letter, then letter and accent apart.
	bob      = "Cr\u00e8me br\u00fbl\u00e9e at seven"
	bobApart = "Cre\u0300me bru\u0302le\u0301e at seven"

	adaRow = "$pbkdf2-sha256$i=600000$c2FtcGxlLXNhbHQtYWRhMQ" +
		"$nhrwDiuJI/bNNhTHkszxty/g5CBBYIGBVg4WMSbv72M"
	// So few iterations only keep this program quick.
	bobRow = "$pbkdf2-sha256$i=60000$c2FtcGxlLXNhbHQtYm9iMQ" +
		"$Uyqj7wSHvg2sp5b1UETm9oya0xwiIJmDwZneuBsMnMQ"
)

func outcome(signedIn bool) string {
	if signedIn {
		return "signed in"
	}
	return "refused"
}

func attempts() error {
	users := &Users{rows: map[string]string{"ada": adaRow, "bob": bobRow}}
	work := &meter{kdf: PBKDF2}
	passwords := NewPasswords(users, work.derive, samples())
	fmt.Printf("%-32s%-12s%10s  %s\n", "attempt", "outcome", "iterations", "row afterwards")
	for _, try := range []struct{ label, name, typed string }{
		{"ada, right password", "ada", ada},
		{"ada, wrong password", "ada", strings.ToUpper(ada)},
		{"bob, right password, old row", "bob", bob},
		{"bob, accents typed otherwise", "bob", bobApart},
		{"ada, 1,025 bytes", "ada", strings.Repeat("a", 1025)},
	} {
		before := users.Row(try.name)
		signedIn, err := passwords.SignIn(try.name, try.typed)
		if err != nil {
			return fmt.Errorf("%s: %w", try.label, err)
		}
		fate := "kept"
		if users.Row(try.name) != before {
			fate = "replaced"
		}
		fmt.Printf("%-32s%-12s%10d  %s\n", try.label, outcome(signedIn), work.reading(), fate)
	}
	row := users.Row("bob")
	cut := strings.LastIndex(row, "$")
	fmt.Printf("\nbob's new row, as every language writes it:\n  %s\n  %s\n", row[:cut], row[cut:])
	return nil
}

func refusals() error {
	rows := []struct{ label, row string }{
		{"today's", adaRow},
		{"an old one, i=60000", bobRow},
		{"damaged, i=999999999", strings.Replace(adaRow, "600000", "999999999", 1)},
		{"damaged, hash cut short", adaRow[:len(adaRow)-1]},
		{"of another scheme", "$2b$10$" + strings.Repeat("a", 53)},
		{"none, for want of a user", ""},
	}
	users := &Users{rows: map[string]string{}}
	for _, r := range rows {
		users.rows[r.label] = r.row
	}
	// Nothing is computed here: this asks only how much work there would be.
	work := &meter{kdf: func(string, []byte, int) ([]byte, error) {
		return make([]byte, hashBytes), nil
	}}
	passwords := NewPasswords(users, work.derive, samples())
	fmt.Printf("\n%-32s%-12s%10s\n", "row, at a wrong password", "outcome", "iterations")
	for _, r := range rows {
		signedIn, err := passwords.SignIn(r.label, "guess")
		if err != nil {
			return fmt.Errorf("%s: %w", r.label, err)
		}
		fmt.Printf("%-32s%-12s%10d\n", r.label, outcome(signedIn), work.reading())
	}
	return nil
}

func main() {
	if err := errors.Join(attempts(), refusals()); err != nil {
		log.Fatal(err)
	}
	fmt.Printf("\n%-32s%s\n", "new password", "flaw")
	for _, try := range []struct{ label, typed string }{
		{"14 characters", strings.Repeat("a", 14)},
		{"15 characters", strings.Repeat("a", 15)},
		{"14 characters, accents apart", strings.Repeat("e\u0301", 14)},
	} {
		fmt.Printf("%-32s%s\n", try.label, flaw(try.typed))
	}
}
