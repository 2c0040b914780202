// Verify one-time codes so that none works twice and few can be guessed.
package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"hash"
	"strings"
	"sync"
	"time"
)

const (
	stepSeconds   = 30
	skewSteps     = 1 // a clock may be half a minute off, either way
	maxFailures   = 5
	digits        = 6
	recoveryBytes = 15 // 120 random bits: a fast hash is enough for them
)

var (
	start  = time.Unix(1_767_412_800, 0)
	powers = map[int]uint32{6: 1_000_000, 8: 100_000_000}
)

// --8<-- [start:show]

// code is RFC 4226: four bytes of the MAC, at a place that its last byte names.
func code(key []byte, step int64, digits int, algorithm func() hash.Hash) string {
	mac := hmac.New(algorithm, key)
	mac.Write(binary.BigEndian.AppendUint64(nil, uint64(step)))
	sum := mac.Sum(nil)
	offset := sum[len(sum)-1] & 0x0f
	number := binary.BigEndian.Uint32(sum[offset:]) & 0x7fff_ffff
	return fmt.Sprintf("%0*d", digits, number%powers[digits])
}

// SecondFactor is one user's row. The mutex stands for the database's row lock.
type SecondFactor struct {
	mu       sync.Mutex
	key      []byte // encrypted at rest: the server needs it in the clear
	recovery map[[sha256.Size]byte]bool
	lastStep int64
	failures int
}

// Verify takes a code once, and few wrong ones in a row.
func (f *SecondFactor) Verify(typed string, now time.Time) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.failures >= maxFailures {
		return "locked"
	}
	f.failures++ // paid in advance, given back on success
	today := now.Unix() / stepSeconds
	for step := today - skewSteps; step <= today+skewSteps; step++ {
		expected := code(f.key, step, digits, sha1.New)
		right := subtle.ConstantTimeCompare([]byte(expected), []byte(typed)) == 1
		if right && step > f.lastStep {
			f.lastStep, f.failures = step, 0
			return "accepted"
		}
	}
	return "refused"
}

// Recover works when locked: nobody guesses 120 bits.
func (f *SecondFactor) Recover(typed string) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := digest(typed)
	if !f.recovery[found] {
		return "refused"
	}
	delete(f.recovery, found)
	f.failures = 0
	return "accepted"
}

// --8<-- [end:show]

// NewSecondFactor stores the hashes of the recovery codes.
func NewSecondFactor(key []byte, recovery []string) *SecondFactor {
	hashes := map[[sha256.Size]byte]bool{}
	for _, text := range recovery {
		hashes[digest(text)] = true
	}
	return &SecondFactor{key: key, recovery: hashes, lastStep: -1}
}

// digest hashes a code however it was typed: spaces, hyphens and case do not count.
func digest(recoveryCode string) [sha256.Size]byte {
	text := strings.NewReplacer("-", "", " ", "").Replace(recoveryCode)
	return sha256.Sum256([]byte(strings.ToUpper(text)))
}

// recoveryCodes are samples. In production: base32 of 15 bytes of crypto/rand.
func recoveryCodes(count int) (codes []string) {
	for i := range count {
		raw := sha256.Sum256(fmt.Appendf(nil, "sample recovery code %d", i+1))
		text := base32.StdEncoding.EncodeToString(raw[:recoveryBytes])
		parts := []string{text[:6], text[6:12], text[12:18], text[18:]}
		codes = append(codes, strings.Join(parts, "-"))
	}
	return codes
}

type verifier interface {
	Verify(typed string, now time.Time) string
}

// Forgetful is what not to write: it compares, and remembers nothing.
type Forgetful struct{ key []byte }

// Verify accepts any code of the window, any number of times.
func (f Forgetful) Verify(typed string, now time.Time) string {
	today := now.Unix() / stepSeconds
	for step := today - skewSteps; step <= today+skewSteps; step++ {
		if code(f.key, step, digits, sha1.New) == typed {
			return "accepted"
		}
	}
	return "refused"
}

// vectors are RFC 6238, appendix B: the seed repeats ten digits to the hash's size.
func vectors() {
	fmt.Printf("%-22s%-11s%-11sSHA-512\n", "RFC 6238, appendix B", "SHA-1", "SHA-256")
	seed := []byte(strings.Repeat("1234567890", 7))
	hashes := []func() hash.Hash{sha1.New, sha256.New, sha512.New}
	for _, seconds := range []int64{
		59, 1111111109, 1111111111, 1234567890, 2000000000, 20000000000,
	} {
		var codes []string
		for _, algorithm := range hashes {
			key := seed[:algorithm().Size()]
			codes = append(codes, code(key, seconds/stepSeconds, 8, algorithm))
		}
		fmt.Printf("%11d s         %s\n", seconds, strings.Join(codes, "   "))
	}
}

func guesses(factor verifier) string {
	for guess := range powers[digits] {
		switch factor.Verify(fmt.Sprintf("%0*d", digits, guess), start) {
		case "accepted":
			return "in at " + thousands(guess)
		case "locked":
			return "locked"
		}
	}
	return "kept out"
}

func thousands(n uint32) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}
	return fmt.Sprintf("%s,%03d", thousands(n/1000), n%1000)
}

func main() {
	vectors()
	key := []byte("sample key 20 bytes!") // a sample: draw 20 random bytes
	codes := recoveryCodes(10)
	forgetful, factor := Forgetful{key}, NewSecondFactor(key, codes)
	today := start.Unix() / stepSeconds
	fmt.Printf("\n%-38s%-16sremembers\n", "typed", "compares only")
	row := func(label string, step int64, seconds time.Duration) {
		typed := code(key, step, digits, sha1.New)
		now := start.Add(seconds * time.Second)
		verdicts := []string{forgetful.Verify(typed, now), factor.Verify(typed, now)}
		fmt.Printf("%-38s%-16s%s\n", label, verdicts[0], verdicts[1])
	}
	row("code of the step before", today-1, 0)
	row("the same again", today-1, 5)
	row("code of this step", today, 10)
	row("the same again", today, 15)
	row("code of the next step, a fast clock", today+1, 20)
	row("code of this step, now behind", today, 25)
	row("code two steps ahead", today+2, 25)
	label := "000000, 000001, 000002 and so on"
	fmt.Printf("%-38s%-16s%s\n", label, guesses(forgetful), guesses(factor))
	row("the right code, a minute later", today+2, 60)
	spelled := strings.ReplaceAll(strings.ToLower(codes[0]), "-", " ")
	for _, label := range []string{"a recovery code", "the same again"} {
		fmt.Printf("%-38s%-16s%s\n", label, "", factor.Recover(spelled))
	}
	typed := code(key, today+2, digits, sha1.New)
	verdict := factor.Verify(typed, start.Add(time.Minute))
	fmt.Printf("%-38s%-16s%s\n", "the right code, once more", "", verdict)
}
