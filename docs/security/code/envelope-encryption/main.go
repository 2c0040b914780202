// Encrypt fields under a key per person; rotate, look up, erase, forget.
package main

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
	"time"
)

const (
	nonceBytes = 12
	keepDays   = 90
	batch      = 2
)

var start = time.Unix(1_767_225_600, 0).UTC()

// ErrUnreadable: no key, or a ciphertext that was not made for this place.
type ErrUnreadable string

func (e ErrUnreadable) Error() string { return string(e) }

type random func(size int) []byte

// at is a field's place in the table.
type at struct {
	person int
	column string
}

// --8<-- [start:show]

// seal is AES-256-GCM. The place is authenticated, not stored: nobody can move it.
func seal(key, plain []byte, place string, random random) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil {
		return nil, err
	}
	nonce := random(nonceBytes) // once per key, ever: a second time breaks GCM
	return gcm.Seal(nonce, nonce, plain, []byte(place)), nil
}

func unseal(key, sealed []byte, place string) ([]byte, error) {
	gcm, err := newGCM(key)
	if err != nil || len(sealed) < nonceBytes {
		return nil, errors.Join(err, ErrUnreadable("refused"))
	}
	nonce, ciphertext := sealed[:nonceBytes], sealed[nonceBytes:]
	plain, err := gcm.Open(nil, nonce, ciphertext, []byte(place))
	if err != nil {
		return nil, ErrUnreadable("refused")
	}
	return plain, nil
}

// People is a table of sealed fields, and one of wrapped keys.
type People struct {
	kms      *KMS   // wraps and unwraps; its keys never leave it
	indexKey []byte // a key of its own, never a data key
	random   random
	keys     map[int]Wrapped // backed up apart
	fields   map[at][]byte
	index    map[string]int
}

// Read unseals one field.
func (p *People) Read(person int, column string) (string, error) {
	wrapped, found := p.keys[person]
	if !found {
		return "", ErrUnreadable("no key")
	}
	key, err := p.kms.Unwrap(wrapped, keyContext(person))
	if err != nil {
		return "", err
	}
	where := at{person, column}
	plain, err := unseal(key, p.fields[where], where.place())
	return string(plain), err
}

// Erase makes every copy of the person's fields noise.
func (p *People) Erase(person int) {
	delete(p.keys, person)
	maps.DeleteFunc(p.fields, func(a at, _ []byte) bool { return a.person == person })
	maps.DeleteFunc(p.index, func(_ string, who int) bool { return who == person })
}

// --8<-- [end:show]

// blind is equal for equal e-mails, and allows no guessing without the key.
func (p *People) blind(email string) string {
	mac := hmac.New(sha256.New, p.indexKey)
	mac.Write([]byte(strings.ToLower(strings.TrimSpace(email))))
	return string(mac.Sum(nil))
}

// Rotate wraps all data keys under the current version.
func (p *People) Rotate() (int, error) {
	for _, person := range slices.Sorted(maps.Keys(p.keys)) {
		key, err := p.kms.Unwrap(p.keys[person], keyContext(person))
		if err != nil {
			return 0, err
		}
		if p.keys[person], err = p.kms.Wrap(key, keyContext(person)); err != nil {
			return 0, err
		}
	}
	return len(p.keys), nil
}

// Add seals a person's fields under a new key.
func (p *People) Add(person int, email, phone string) (err error) {
	key := p.random(32)
	if p.keys[person], err = p.kms.Wrap(key, keyContext(person)); err != nil {
		return err
	}
	for _, each := range [][2]string{{"email", email}, {"phone", phone}} {
		where := at{person, each[0]}
		sealed, err := seal(key, []byte(each[1]), where.place(), p.random)
		if err != nil {
			return err
		}
		p.fields[where] = sealed
	}
	p.index[p.blind(email)] = person
	return nil
}

func (a at) place() string { return fmt.Sprintf("people|%d|%s", a.person, a.column) }

func keyContext(person int) string { return fmt.Sprintf("key|%d", person) }

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// Wrapped is a data key under a version of the key-encryption key.
type Wrapped struct {
	version int
	sealed  []byte
}

// KMS stands for a key management service. Versions of one key-encryption key.
type KMS struct {
	random   random
	current  int
	versions map[int][]byte
}

// NewVersion makes another key-encryption key the current one.
func (k *KMS) NewVersion() {
	k.current++
	k.versions[k.current] = sample(fmt.Sprint("key-encryption key ", k.current))
}

// Destroy makes all that the version has wrapped unreadable.
func (k *KMS) Destroy(version int) { delete(k.versions, version) }

// Wrap seals a data key under the current version.
func (k *KMS) Wrap(key []byte, context string) (Wrapped, error) {
	place := fmt.Sprintf("%s|%d", context, k.current)
	sealed, err := seal(k.versions[k.current], key, place, k.random)
	return Wrapped{k.current, sealed}, err
}

// Unwrap needs the version that wrapped it.
func (k *KMS) Unwrap(wrapped Wrapped, context string) ([]byte, error) {
	kek, found := k.versions[wrapped.version]
	if !found {
		return nil, ErrUnreadable("key-encryption key destroyed")
	}
	return unseal(kek, wrapped.sealed, fmt.Sprintf("%s|%d", context, wrapped.version))
}

// sample: in production 32 bytes of crypto/rand, or of a KMS.
func sample(label string) []byte {
	sum := sha256.Sum256([]byte("sample " + label))
	return sum[:]
}

// counting is sample randomness, so that all languages agree.
func counting() random {
	number := 0
	return func(size int) []byte {
		number++
		return sample(fmt.Sprint("random ", number))[:size:size]
	}
}

func row(label string, value any) { fmt.Printf("  %-42s%v\n", label, value) }

func attempt(people *People, person int, column string) string {
	text, err := people.Read(person, column)
	if err != nil {
		return err.Error()
	}
	return text
}

// withField is what somebody who may write to the table could do.
func withField(people *People, where at, sealed []byte) string {
	changed := *people
	changed.fields = maps.Clone(people.fields)
	changed.fields[where] = sealed
	return attempt(&changed, where.person, where.column)
}

// forget is the retention job: small batches, so that no lock is held for long.
func forget(created []time.Time, now time.Time) (left []time.Time, batches []string) {
	cutoff := now.AddDate(0, 0, -keepDays)
	slices.SortFunc(created, time.Time.Compare)
	for {
		old := 0
		for old < min(batch, len(created)) && created[old].Before(cutoff) {
			old++
		}
		if old == 0 {
			return created, batches
		}
		created = created[old:]
		batches = append(batches, fmt.Sprint(old))
	}
}

func run() error {
	random := counting()
	kms := &KMS{random: random, versions: map[int][]byte{}}
	kms.NewVersion()
	people := &People{
		kms, sample("index key"), random,
		map[int]Wrapped{}, map[at][]byte{}, map[string]int{},
	}
	if err := errors.Join(
		people.Add(1, "ada@example.com", "+44 20 7946 0001"),
		people.Add(2, "bob@example.com", "+44 20 7946 0002"),
	); err != nil {
		return err
	}
	target := at{1, "email"}
	fmt.Println("stored")
	row("ada's e-mail, first bytes", hex.EncodeToString(people.fields[target])[:32])
	row("read", attempt(people, 1, "email"))
	found := people.index[people.blind("  ADA@Example.com ")]
	row("found as '  ADA@Example.com '", found)
	fmt.Println("tampered")
	bent := bytes.Clone(people.fields[target])
	bent[len(bent)-1] ^= 1
	row("bob's e-mail put into ada's row",
		withField(people, target, people.fields[at{2, "email"}]))
	row("ada's phone put into her e-mail",
		withField(people, target, people.fields[at{1, "phone"}]))
	row("one bit changed", withField(people, target, bent))

	fmt.Println("key-encryption key rotated")
	fields := maps.Clone(people.fields)
	kms.NewVersion()
	rewrapped, err := people.Rotate()
	if err != nil {
		return err
	}
	row("data keys rewrapped", rewrapped)
	changed := 0
	for where, sealed := range fields {
		if !bytes.Equal(sealed, people.fields[where]) {
			changed++
		}
	}
	row("fields changed", changed)
	kms.Destroy(1)
	row("read, version 1 destroyed", attempt(people, 1, "email"))

	fmt.Println("ada erased, a backup restored")
	keys := maps.Clone(people.keys)
	people.Erase(1)
	row("live table", attempt(people, 1, "email"))
	restored := *people
	restored.fields = fields
	row("backup of the fields", attempt(&restored, 1, "email"))
	restored.keys = keys
	row("backup that holds the keys too", attempt(&restored, 1, "email"))
	kms.NewVersion()
	if _, err := people.Rotate(); err != nil {
		return err
	}
	kms.Destroy(2)
	row("the same, its key version destroyed", attempt(&restored, 1, "email"))
	row("bob, live", attempt(people, 2, "email"))

	var created []time.Time
	for _, days := range []int{10, 89, 90, 91, 200, 400} {
		created = append(created, start.AddDate(0, 0, -days))
	}
	left, batches := forget(created, start)
	fmt.Println("retention, 90 days")
	row("deleted in batches", strings.Join(batches, " + "))
	row("left", len(left))
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
