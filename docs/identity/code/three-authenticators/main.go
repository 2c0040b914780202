// Guard one route with three interchangeable authenticators, and attack it.
package main

import (
	"context"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode/utf8"
)

const (
	iterations = 600_000 // OWASP Password Storage Cheat Sheet, PBKDF2-HMAC-SHA256
	read       = "reports:read"

	// Sample credentials; a real secret is 32 random bytes and is shown once.
	password  = "sample password of the batch job"
	secret    = "sample-secret-of-the-batch-job"
	token     = "sample-token-of-ada"
	oldToken  = "sample-token-of-yesterday"
	poorToken = "sample-token-without-scopes"
)

var (
	now       = time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	nextYear  = time.Date(2027, 11, 21, 0, 0, 0, 0, time.UTC)
	yesterday = time.Date(2026, 11, 20, 0, 0, 0, 0, time.UTC)
)

// Principal is who was recognized, and what the credential may be used for.
type Principal struct {
	Name   string
	Scopes []string
}

// Authenticator turns the credentials of one scheme into a principal. Its
// errors are for the log, never for the caller.
type Authenticator interface {
	Scheme() string
	Authenticate(credentials string) (Principal, error)
}

type account struct {
	principal Principal
	salt      []byte
	hash      []byte
}

// Basic takes a name and a password for a machine; the table holds slow hashes.
type Basic struct {
	accounts map[string]account
	nobody   account
}

func (Basic) Scheme() string { return "Basic" }

func (b Basic) Authenticate(credentials string) (Principal, error) {
	raw, err := base64.StdEncoding.DecodeString(credentials)
	if err != nil || !utf8.Valid(raw) {
		return Principal{}, errors.New("not base64")
	}
	name, given, found := strings.Cut(string(raw), ":")
	if !found {
		return Principal{}, errors.New("no colon")
	}
	stored, known := b.accounts[name]
	if !known {
		stored = b.nobody // the same work for all
	}
	hash, err := slowHash(given, stored.salt)
	if err != nil {
		return Principal{}, err
	}
	right := subtle.ConstantTimeCompare(hash, stored.hash) == 1
	switch {
	case !known:
		return Principal{}, errors.New("unknown user")
	case !right:
		return Principal{}, errors.New("wrong password")
	}
	return stored.principal, nil
}

type bearerToken struct {
	principal Principal
	expires   time.Time
}

// Bearer takes opaque tokens, found by their hash.
type Bearer struct {
	tokens map[[sha256.Size]byte]bearerToken
}

func (Bearer) Scheme() string { return "Bearer" }

func (b Bearer) Authenticate(credentials string) (Principal, error) {
	found, known := b.tokens[sha256.Sum256([]byte(credentials))]
	switch {
	case !known:
		return Principal{}, errors.New("unknown token")
	case !found.expires.After(now):
		return Principal{}, errors.New("token expired")
	}
	return found.principal, nil
}

// Key holds the hash of a random secret, so a fast hash is enough.
type Key struct {
	hash      [sha256.Size]byte
	principal Principal
	expires   time.Time
	revoked   bool
}

// --8<-- [start:show]

// APIKeys takes shop_k1_secret: looked up by k1, compared by hash.
type APIKeys struct {
	keys map[string]Key
}

func (APIKeys) Scheme() string { return "ApiKey" }

func (a APIKeys) Authenticate(credentials string) (Principal, error) {
	brand, rest, _ := strings.Cut(credentials, "_")
	id, given, _ := strings.Cut(rest, "_")
	key, known := a.keys[id]
	hash := sha256.Sum256([]byte(given))
	right := subtle.ConstantTimeCompare(hash[:], key.hash[:]) == 1
	switch {
	case brand != "shop" || !known:
		return Principal{}, errors.New("unknown key")
	case !right:
		return Principal{}, fmt.Errorf("wrong secret for %s", id)
	case key.revoked:
		return Principal{}, fmt.Errorf("%s is revoked", id)
	case !key.expires.After(now):
		return Principal{}, fmt.Errorf("%s expired", id)
	}
	return key.principal, nil
}

func guard(offered []Authenticator, scope string, log func(string)) middleware {
	byScheme := map[string]Authenticator{}
	for _, each := range offered {
		byScheme[strings.ToLower(each.Scheme())] = each
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			scheme, credentials, _ := strings.Cut(r.Header.Get("Authorization"), " ")
			chosen := byScheme[strings.ToLower(scheme)] // names ignore case
			if chosen == nil {
				log("no usable credentials")
				unauthorized(w, offered, "")
				return
			}
			principal, err := chosen.Authenticate(strings.Trim(credentials, " "))
			if err != nil { // the caller is not told which
				log(err.Error())
				unauthorized(w, []Authenticator{chosen}, "invalid_token")
				return
			}
			if !slices.Contains(principal.Scopes, scope) {
				log(principal.Name + " lacks the scope")
				forbidden(w, chosen)
				return
			}
			log(principal.Name + " by " + chosen.Scheme())
			next.ServeHTTP(w, r.WithContext(withPrincipal(r.Context(), principal)))
		})
	}
}

// --8<-- [end:show]

type middleware func(http.Handler) http.Handler

type principalKey struct{}

func withPrincipal(ctx context.Context, principal Principal) context.Context {
	return context.WithValue(ctx, principalKey{}, principal)
}

// challenge: only Bearer defines errors (RFC 6750); Basic names its charset.
func challenge(chosen Authenticator, fault string) string {
	base := chosen.Scheme() + ` realm="reports"`
	switch {
	case chosen.Scheme() == "Basic":
		return base + `, charset="UTF-8"`
	case chosen.Scheme() != "Bearer" || fault == "":
		return base
	case fault == "insufficient_scope":
		return fmt.Sprintf(`%s, error="%s", scope="%s"`, base, fault, read)
	}
	return fmt.Sprintf(`%s, error="%s"`, base, fault)
}

func unauthorized(w http.ResponseWriter, offered []Authenticator, fault string) {
	for _, each := range offered {
		w.Header().Add("WWW-Authenticate", challenge(each, fault))
	}
	answer(w, http.StatusUnauthorized, map[string]string{"title": "Unauthorized"})
}

func forbidden(w http.ResponseWriter, chosen Authenticator) {
	if chosen.Scheme() == "Bearer" {
		w.Header().Set("WWW-Authenticate", challenge(chosen, "insufficient_scope"))
	}
	answer(w, http.StatusForbidden, map[string]string{"title": "Forbidden"})
}

func report(w http.ResponseWriter, r *http.Request) {
	principal, ok := r.Context().Value(principalKey{}).(Principal)
	if !ok { // the route is not behind the guard: refuse, do not crash
		answer(w, http.StatusInternalServerError, map[string]string{"title": "Error"})
		return
	}
	body := map[string]string{"report": "2026-11", "for": principal.Name}
	answer(w, http.StatusOK, body)
}

func answer(w http.ResponseWriter, status int, body map[string]string) {
	kind := "application/problem+json"
	if status == http.StatusOK {
		kind = "application/json"
	}
	w.Header().Set("Content-Type", kind)
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // the client may be gone
}

func slowHash(given string, salt []byte) ([]byte, error) {
	return pbkdf2.Key(sha256.New, given, salt, iterations, sha256.Size)
}

func authenticators() ([]Authenticator, error) {
	scopes := []string{read}
	batch, ada := Principal{"batch", scopes}, Principal{"ada", scopes}
	guest := Principal{Name: "guest"}
	salt := []byte("sample-salt-0001")
	hash, err := slowHash(password, salt)
	if err != nil {
		return nil, err
	}
	stored := sha256.Sum256([]byte(secret))
	return []Authenticator{
		Basic{
			accounts: map[string]account{"batch": {batch, salt, hash}},
			nobody:   account{salt: []byte("sample-salt-0002"), hash: make([]byte, 32)},
		},
		APIKeys{map[string]Key{
			"k1": {hash: stored, principal: batch, expires: nextYear},
			"k2": {hash: stored, principal: batch, expires: nextYear, revoked: true},
			"k3": {hash: stored, principal: batch, expires: yesterday},
			"k4": {hash: stored, principal: guest, expires: nextYear},
		}},
		Bearer{map[[sha256.Size]byte]bearerToken{
			sha256.Sum256([]byte(token)):     {ada, nextYear},
			sha256.Sum256([]byte(oldToken)):  {ada, yesterday},
			sha256.Sum256([]byte(poorToken)): {guest, nextYear},
		}},
	}, nil
}

// naive is what often ships: the row exists and its hash matches, so come in.
func naive(offered []Authenticator) middleware {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			parts := strings.Split(r.Header.Get("Authorization"), " ")
			for _, each := range offered {
				if len(parts) != 2 || parts[0] != each.Scheme() {
					continue
				}
				if principal, found := rowOf(each, parts[1]); found {
					ctx := withPrincipal(r.Context(), principal)
					next.ServeHTTP(w, r.WithContext(ctx))
					return
				}
			}
			body := map[string]string{"error": "Invalid token"}
			answer(w, http.StatusUnauthorized, body)
		})
	}
}

// rowOf has hashed storage and a safe comparison, and reads no more of the row.
func rowOf(chosen Authenticator, credentials string) (Principal, bool) {
	switch chosen := chosen.(type) {
	case APIKeys:
		_, rest, _ := strings.Cut(credentials, "_")
		id, given, _ := strings.Cut(rest, "_")
		key, known := chosen.keys[id]
		hash := sha256.Sum256([]byte(given))
		right := subtle.ConstantTimeCompare(hash[:], key.hash[:]) == 1
		return key.principal, known && right
	case Bearer:
		found, known := chosen.tokens[sha256.Sum256([]byte(credentials))]
		return found.principal, known
	default:
		principal, err := chosen.Authenticate(credentials)
		return principal, err == nil
	}
}

func basicHeader(scheme, pair string) string {
	return scheme + " " + base64.StdEncoding.EncodeToString([]byte(pair))
}

var requests = []struct{ label, authorization string }{
	{"no credentials", ""},
	{"Basic, right password", basicHeader("Basic", "batch:"+password)},
	{"basic, in lower case", basicHeader("basic", "batch:"+password)},
	{"Basic, wrong password", basicHeader("Basic", "batch:guess")},
	{"Basic, unknown user", basicHeader("Basic", "eve:guess")},
	{"Basic, no colon", basicHeader("Basic", "batch")},
	{"Basic, not base64", "Basic batch:guess"},
	{"ApiKey, right secret", "ApiKey shop_k1_" + secret},
	{"ApiKey, wrong secret", "ApiKey shop_k1_guess"},
	{"ApiKey, unknown prefix", "ApiKey shop_k9_" + secret},
	{"ApiKey, no prefix", "ApiKey " + secret},
	{"ApiKey, revoked", "ApiKey shop_k2_" + secret},
	{"ApiKey, expired", "ApiKey shop_k3_" + secret},
	{"ApiKey, without scope", "ApiKey shop_k4_" + secret},
	{"Bearer, good token", "Bearer " + token},
	{"Bearer, two spaces", "Bearer  " + token},
	{"Bearer, made-up token", "Bearer guess"},
	{"Bearer, expired", "Bearer " + oldToken},
	{"Bearer, without scope", "Bearer " + poorToken},
	{"Digest, not offered", "Digest guess"},
}

func get(client *http.Client, url, authorization string) (int, string, error) {
	request, err := http.NewRequest(http.MethodGet, url, http.NoBody)
	if err != nil {
		return 0, "", err
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := client.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	challenges := strings.Join(response.Header.Values("WWW-Authenticate"), ", ")
	return response.StatusCode, challenges, err
}

// short keeps the error, or else the schemes.
func short(challenges string) string {
	if _, rest, found := strings.Cut(challenges, `error="`); found {
		fault, _, _ := strings.Cut(rest, `"`)
		return fault
	}
	var schemes []string
	for _, scheme := range []string{"Basic", "ApiKey", "Bearer"} {
		if strings.Contains(challenges, scheme+" realm") {
			schemes = append(schemes, scheme)
		}
	}
	if schemes == nil {
		return "-"
	}
	return strings.Join(schemes, " ")
}

// lastLine is a log of which only the end is read.
type lastLine struct {
	mu   sync.Mutex
	text string
}

func (l *lastLine) add(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = text
}

func (l *lastLine) last() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text
}

func run() error {
	offered, err := authenticators()
	if err != nil {
		return err
	}
	var lines lastLine
	mux := http.NewServeMux()
	protected := guard(offered, read, lines.add)(http.HandlerFunc(report))
	mux.Handle("GET /reports", protected)
	mux.Handle("GET /naive", naive(offered)(http.HandlerFunc(report)))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	go func() { _ = server.Serve(listener) }() // ends with Close
	defer server.Close()

	client := &http.Client{Timeout: 5 * time.Second}
	base := "http://" + listener.Addr().String()
	const row = "%-23s%-7v%-7v%-20s%s\n"
	fmt.Printf(row, "credentials", "naive", "guard", "challenge", "log of the guard")
	for _, each := range requests {
		naiveStatus, _, err := get(client, base+"/naive", each.authorization)
		if err != nil {
			return err
		}
		status, challenges, err := get(client, base+"/reports", each.authorization)
		if err != nil {
			return err
		}
		fmt.Printf(row, each.label, naiveStatus, status, short(challenges), lines.last())
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
