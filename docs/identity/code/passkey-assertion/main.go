// Verify a passkey's assertion: the signature is the last check, not the only one.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"time"
)

const (
	origin            = "https://login.shop.test"
	rpID              = "shop.test"
	challengeLifetime = 300 * time.Second
)

// Flags of the authenticator: present, verified, may be synced, is synced.
const (
	up byte = 0x01
	uv byte = 0x04
	be byte = 0x08
	bs byte = 0x10
)

var start = time.Unix(1_767_225_600, 0)

// ErrRefused is for the log: the caller only learns that it failed.
type ErrRefused string

func (e ErrRefused) Error() string { return string(e) }

// Credential is a row, written at registration.
type Credential struct {
	publicKey   *ecdsa.PublicKey
	mayBeSynced bool
	counter     uint32
}

// Assertion is what comes back from navigator.credentials.get.
type Assertion struct {
	clientData []byte // JSON, written by the browser
	authData   []byte // written by the authenticator
	signature  []byte // over authData and the hash of clientData
}

type clientData struct {
	Type        string `json:"type"`
	Challenge   string `json:"challenge"`
	Origin      string `json:"origin"`
	CrossOrigin bool   `json:"crossOrigin"`
}

type openChallenge struct {
	bytes []byte
	until time.Time
}

// Challenges is what was asked of whom; in production 32 random bytes each.
type Challenges struct {
	draw  func() []byte
	clock func() time.Time
	open  map[string]openChallenge
}

// Issue makes a challenge for a session.
func (c *Challenges) Issue(session string) []byte {
	challenge := c.draw()
	c.open[session] = openChallenge{challenge, c.clock().Add(challengeLifetime)}
	return challenge
}

// Take gives it once: right or wrong, the answer uses it up.
func (c *Challenges) Take(session string) []byte {
	found := c.open[session]
	delete(c.open, session)
	if c.clock().Before(found.until) {
		return found.bytes
	}
	return nil
}

// --8<-- [start:show]

// verify is WebAuthn Level 3, section 7.2. The challenge was taken from the session.
func verify(credential *Credential, got Assertion, challenge []byte) error {
	if challenge == nil {
		return ErrRefused("no challenge is open")
	}
	var client clientData
	if err := json.Unmarshal(got.clientData, &client); err != nil {
		return ErrRefused("client data is not readable")
	}
	switch {
	case client.Type != "webauthn.get":
		return ErrRefused("not an assertion")
	case client.Challenge != base64.RawURLEncoding.EncodeToString(challenge):
		return ErrRefused("another challenge")
	case client.Origin != origin: // whole strings, from a short list
		return ErrRefused("another origin")
	case client.CrossOrigin:
		return ErrRefused("in a frame of another origin")
	case len(got.authData) < 37:
		return ErrRefused("authenticator data is cut off")
	}
	expected := sha256.Sum256([]byte(rpID))
	flags, counter := got.authData[32], binary.BigEndian.Uint32(got.authData[33:])
	switch {
	case !bytes.Equal(got.authData[:32], expected[:]):
		return ErrRefused("another RP ID")
	case flags&up == 0:
		return ErrRefused("nobody was present")
	case flags&uv == 0:
		return ErrRefused("user not verified")
	case (flags&be != 0) != credential.mayBeSynced, flags&bs != 0 && flags&be == 0:
		return ErrRefused("backup flags contradict")
	case !ecdsa.VerifyASN1(credential.publicKey, signed(got), got.signature):
		return ErrRefused("bad signature")
	// Synced passkeys stay at 0; one that counts has to count up.
	case (counter != 0 || credential.counter != 0) && counter <= credential.counter:
		return ErrRefused("counter stood still: a copy?")
	}
	credential.counter = counter
	return nil
}

// --8<-- [end:show]

// signed is what ES256 signs: the SHA-256 of the data and of the client data's hash.
func signed(got Assertion) []byte {
	hash := sha256.Sum256(got.clientData)
	whole := sha256.Sum256(append(bytes.Clone(got.authData), hash[:]...))
	return whole[:]
}

// signatureOnly is what not to write: anything that the key has ever signed will do.
func signatureOnly(credential *Credential, got Assertion) error {
	if !ecdsa.VerifyASN1(credential.publicKey, signed(got), got.signature) {
		return ErrRefused("bad signature")
	}
	return nil
}

// Scene is what a browser and an authenticator put in.
type Scene struct {
	label, kind, origin string
	framed              bool
	rpID                string
	flags               byte
	counter             uint32
	challenge           string // "fresh", "replayed", "late" or "another's"
	spoil               string
}

func good(label string) Scene {
	return Scene{label, "webauthn.get", origin, false, rpID, up | uv, 8, "fresh", ""}
}

func scenes() (all []Scene) {
	add := func(label string, change func(*Scene)) {
		scene := good(label)
		change(&scene)
		all = append(all, scene)
	}
	add("as it should be", func(*Scene) {})
	add("page at login-shop.test", func(s *Scene) { s.origin = "https://login-shop.test" })
	add("in a frame of another site", func(s *Scene) { s.framed = true })
	add("the same response again", func(s *Scene) { s.challenge = "replayed" })
	add("challenge of another session", func(s *Scene) { s.challenge = "another's" })
	add("six minutes later", func(s *Scene) { s.challenge = "late" })
	add("made for RP ID evil.test", func(s *Scene) { s.rpID = "evil.test" })
	add("a registration's type", func(s *Scene) { s.kind = "webauthn.create" })
	add("no touch (UP missing)", func(s *Scene) { s.flags = uv })
	add("no PIN or face (UV missing)", func(s *Scene) { s.flags = up })
	add("synced, yet not syncable", func(s *Scene) { s.flags = up | uv | bs })
	add("counter 7 again", func(s *Scene) { s.counter = 7 })
	add("one bit changed", func(s *Scene) { s.spoil = "bit" })
	add("signed by another key", func(s *Scene) { s.spoil = "key" })
	return all
}

func sign(scene Scene, key *ecdsa.PrivateKey, challenge []byte) (Assertion, error) {
	client, err := json.Marshal(clientData{
		Type:        scene.kind,
		Challenge:   base64.RawURLEncoding.EncodeToString(challenge),
		Origin:      scene.origin,
		CrossOrigin: scene.framed,
	})
	if err != nil {
		return Assertion{}, err
	}
	hash := sha256.Sum256([]byte(scene.rpID))
	authData := binary.BigEndian.AppendUint32(append(hash[:], scene.flags), scene.counter)
	got := Assertion{clientData: client, authData: authData}
	got.signature, err = ecdsa.SignASN1(rand.Reader, key, signed(got))
	return got, err
}

// Stage plays scenes before both verifiers.
type Stage struct {
	key, other *ecdsa.PrivateKey
	challenges *Challenges
	now        time.Time
}

func (s *Stage) play(scene Scene, stored *Credential) error {
	challenge := s.challenges.Issue("ada")
	if scene.challenge == "another's" {
		challenge = s.challenges.Issue("bob")
	}
	key := s.key
	if scene.spoil == "key" {
		key = s.other
	}
	got, err := sign(scene, key, challenge)
	if err != nil {
		return err
	}
	if scene.spoil == "bit" { // one that no check looks at: the signature tells
		got.authData[32] ^= 0x80
	}
	if scene.challenge == "replayed" {
		first := *stored
		if err := verify(&first, got, s.challenges.Take("ada")); err != nil {
			return err
		}
	}
	s.now = s.now.Add(time.Second)
	if scene.challenge == "late" {
		s.now = s.now.Add(6 * time.Minute)
	}
	naive := verdict(signatureOnly(stored, got))
	strict := verdict(verify(stored, got, s.challenges.Take("ada")))
	fmt.Printf("%-31s%-16s%s\n", scene.label, naive, strict)
	return nil
}

func verdict(err error) string {
	if err != nil {
		return err.Error()
	}
	return "signed in"
}

func run() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	other, failed := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err := errors.Join(err, failed); err != nil {
		return err
	}
	stage := &Stage{key: key, other: other, now: start}
	number := byte(0)
	stage.challenges = &Challenges{
		draw:  func() []byte { number++; return bytes.Repeat([]byte{number}, 32) },
		clock: func() time.Time { return stage.now },
		open:  map[string]openChallenge{},
	}
	fmt.Printf("%-31s%-16sall checks\n", "response", "signature only")
	for _, scene := range scenes() {
		if err := stage.play(scene, &Credential{&key.PublicKey, false, 7}); err != nil {
			return err
		}
	}
	synced := &Credential{publicKey: &key.PublicKey, mayBeSynced: true}
	for _, label := range []string{"synced passkey, counter 0", "the next time, counter 0"} {
		scene := good(label)
		scene.flags, scene.counter = up|uv|be|bs, 0
		if err := stage.play(scene, synced); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
