// Sign in with OpenID Connect: discovery, keys, ID tokens, accounts.
package main

import (
	"crypto"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"maps"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	issuer    = "https://id.example.com"
	clientID  = "shop"
	skew      = 30 * time.Second
	cacheLife = 10 * time.Minute
	refetch   = time.Minute
)

// RefusedError is for the log; the browser learns that signing in failed.
type RefusedError string

func (e RefusedError) Error() string { return string(e) }

// Fetch gets a JSON document.
type Fetch func(url string, into any) error

// Document is what discovery has to say.
type Document struct {
	Issuer  string `json:"issuer"`
	KeysURL string `json:"jwks_uri"`
}

// JWK is one public key of a provider.
type JWK struct {
	Type string `json:"kty"`
	ID   string `json:"kid"`
	N    string `json:"n"`
	E    string `json:"e"`
}

// JWKS is the list of them.
type JWKS struct {
	Keys []JWK `json:"keys"`
}

// Header and Claims are the two readable parts of an ID token.
type Header struct {
	Alg string `json:"alg"`
	Kid string `json:"kid"`
}

// Audience is a text or a list of texts.
type Audience []string

// UnmarshalJSON takes both forms.
func (a *Audience) UnmarshalJSON(raw []byte) error {
	var one string
	if json.Unmarshal(raw, &one) == nil {
		*a = Audience{one}
		return nil
	}
	return json.Unmarshal(raw, (*[]string)(a))
}

// Claims are those that this client uses.
type Claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience Audience `json:"aud"`
	Expires  *int64   `json:"exp"`
	Nonce    string   `json:"nonce"`
	Email    string   `json:"email"`
	Verified bool     `json:"email_verified"`
}

func encode(raw []byte) string { return base64.RawURLEncoding.EncodeToString(raw) }

func decode(part string) ([]byte, error) {
	raw, err := base64.RawURLEncoding.DecodeString(part)
	if err != nil || encode(raw) != part {
		return nil, RefusedError("not base64url")
	}
	return raw, nil
}

func readObject(part string, into any) error {
	raw, err := decode(part)
	if err != nil {
		return err
	}
	if json.Unmarshal(raw, into) != nil {
		return RefusedError("not JSON")
	}
	return nil
}

func readKey(jwk JWK) (*rsa.PublicKey, error) {
	n, err := decode(jwk.N)
	if err != nil {
		return nil, err
	}
	e, err := decode(jwk.E)
	if err != nil {
		return nil, err
	}
	exponent := int(new(big.Int).SetBytes(e).Int64())
	return &rsa.PublicKey{N: new(big.Int).SetBytes(n), E: exponent}, nil
}

// discover: the issuer is configuration; the document must agree with it, exactly.
func discover(fetch Fetch, from string) (Document, error) {
	var document Document
	if err := fetch(from+"/.well-known/openid-configuration", &document); err != nil {
		return Document{}, err
	}
	if document.Issuer != from {
		return Document{}, RefusedError("issuer differs")
	}
	return document, nil
}

// KeyCache keeps a provider's public keys; a server puts a mutex around it.
type KeyCache struct {
	Fetch   Fetch
	URL     string
	Now     func() time.Time
	keys    map[string]*rsa.PublicKey
	fetched time.Time
}

// Get refetches for an unknown kid, but not for every one.
func (c *KeyCache) Get(kid string) (*rsa.PublicKey, error) {
	now := c.Now()
	age := now.Sub(c.fetched)
	_, known := c.keys[kid]
	if !known && age >= refetch || age >= cacheLife {
		c.fetched = now // a failing fetch is not repeated at once either
		if err := c.load(); err != nil && !known {
			return nil, err // otherwise for the log: known keys stay in use
		}
	}
	if key, known := c.keys[kid]; known {
		return key, nil
	}
	return nil, RefusedError("unknown kid")
}

// --8<-- [start:show]

// Check returns the claims of an ID token that answers this browser's request.
func (p RelyingParty) Check(idToken, nonce string) (Claims, error) {
	parts := strings.Split(idToken, ".")
	if len(parts) != 3 {
		return Claims{}, RefusedError("not three parts")
	}
	var header Header
	if err := readObject(parts[0], &header); err != nil {
		return Claims{}, err
	}
	if header.Alg != "RS256" { // agreed at registration, not in the token
		return Claims{}, RefusedError("alg is not RS256")
	}
	key, err := p.Keys.Get(header.Kid)
	if err != nil {
		return Claims{}, err
	}
	signature, err := decode(parts[2])
	if err != nil {
		return Claims{}, err
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, digest[:], signature) != nil {
		return Claims{}, RefusedError("bad signature")
	}
	var claims Claims
	if err := readObject(parts[1], &claims); err != nil {
		return Claims{}, err
	}
	switch {
	case claims.Issuer != p.Issuer:
		return Claims{}, RefusedError("another issuer")
	case !slices.Equal(claims.Audience, Audience{p.ClientID}):
		return Claims{}, RefusedError("not for me alone")
	case claims.Expires == nil || !p.Now().Before(time.Unix(*claims.Expires, 0).Add(skew)):
		return Claims{}, RefusedError("expired")
	case nonce == "" || subtle.ConstantTimeCompare([]byte(claims.Nonce), []byte(nonce)) == 0:
		return Claims{}, RefusedError("nonce of another sign-in")
	case claims.Subject == "":
		return Claims{}, RefusedError("no sub")
	}
	return claims, nil
}

// --8<-- [end:show]

// RelyingParty is the client of one provider.
type RelyingParty struct {
	Issuer, ClientID string
	Keys             *KeyCache
	Now              func() time.Time
}

func (c *KeyCache) load() error {
	var list JWKS
	if err := c.Fetch(c.URL, &list); err != nil {
		return err
	}
	keys := map[string]*rsa.PublicKey{}
	for _, jwk := range list.Keys {
		if jwk.Type != "RSA" {
			continue
		}
		key, err := readKey(jwk)
		if err != nil {
			return err
		}
		keys[jwk.ID] = key
	}
	c.keys = keys
	return nil
}

// Identity says who signed in, whatever the protocol was.
type Identity struct {
	Issuer, Subject, Email string
	Verified               bool
}

func fromClaims(c Claims) Identity {
	return Identity{c.Issuer, c.Subject, c.Email, c.Verified}
}

// GitHubUser is the answer of GET /user, GitHubEmail a line of GET /user/emails.
type GitHubUser struct {
	ID    int64
	Login string
}

// GitHubEmail is one address of a user.
type GitHubEmail struct {
	Email             string
	Primary, Verified bool
}

// fromGitHub: OAuth only, no ID token, so GET /user with a token fetched by
// ourselves. The number stays; the login can be renamed and then taken.
func fromGitHub(user GitHubUser, emails []GitHubEmail) Identity {
	who := Identity{
		Issuer:  "https://github.com",
		Subject: strconv.FormatInt(user.ID, 10),
	}
	for _, each := range emails {
		if each.Primary {
			who.Email, who.Verified = each.Email, each.Verified
		}
	}
	return who
}

// Accounts has a table of accounts, and one of identities whose key is both
// issuer and subject.
type Accounts struct {
	emails     []string
	byIdentity map[[2]string]int
}

func (a *Accounts) create(email string) int {
	a.emails = append(a.emails, email)
	return len(a.emails)
}

// SignIn finds or makes the account of an identity.
func (a *Accounts) SignIn(who Identity) string {
	account, known := a.byIdentity[[2]string{who.Issuer, who.Subject}]
	taken := who.Email != "" && slices.Contains(a.emails, who.Email)
	switch {
	case known && who.Verified && who.Email != "" && !taken:
		a.emails[account-1] = who.Email // for mail, never for log-in
		return fmt.Sprintf("account %d", account)
	case known:
		return fmt.Sprintf("account %d", account)
	case taken:
		return "log in first, then link"
	}
	email := ""
	if who.Verified {
		email = who.Email
	}
	account = a.create(email)
	a.Link(account, who)
	return fmt.Sprintf("account %d, new", account)
}

// Link is only for a user who is logged in to the account, a moment ago.
func (a *Accounts) Link(account int, who Identity) {
	a.byIdentity[[2]string{who.Issuer, who.Subject}] = account
}

// AccountsByEmail is what not to write: whoever shows the address gets in.
type AccountsByEmail struct{ Accounts }

// SignIn looks at the address only.
func (a *AccountsByEmail) SignIn(who Identity) string {
	if index := slices.Index(a.emails, who.Email); index >= 0 {
		return fmt.Sprintf("account %d", index+1)
	}
	return fmt.Sprintf("account %d, new", a.create(who.Email))
}

// SampleKey comes from primes of a plain form, which anybody can guess.
type SampleKey struct {
	kid    string
	secret *rsa.PrivateKey
}

func sampleKey(kid string, below, above int64) (SampleKey, error) {
	one := big.NewInt(1)
	p := new(big.Int).Lsh(one, 1024)
	p.Sub(p, big.NewInt(below))
	q := new(big.Int).Lsh(one, 1023)
	q.Add(q, big.NewInt(above))
	const e = 65537
	phi := new(big.Int).Mul(new(big.Int).Sub(p, one), new(big.Int).Sub(q, one))
	secret := &rsa.PrivateKey{
		PublicKey: rsa.PublicKey{N: new(big.Int).Mul(p, q), E: e},
		D:         new(big.Int).ModInverse(big.NewInt(e), phi),
		Primes:    []*big.Int{p, q},
	}
	secret.Precompute()
	return SampleKey{kid, secret}, secret.Validate()
}

func (k SampleKey) jwk() JWK {
	e := big.NewInt(int64(k.secret.E))
	return JWK{"RSA", k.kid, encode(k.secret.N.Bytes()), encode(e.Bytes())}
}

// MockProvider answers without a network.
type MockProvider struct {
	keys    []SampleKey
	fetches int
	down    bool
}

func (m *MockProvider) fetch(url string, into any) error {
	var document any = Document{issuer, issuer + "/keys"}
	if !strings.HasSuffix(url, "/.well-known/openid-configuration") {
		m.fetches++
		if m.down {
			return errors.New("no connection")
		}
		list := JWKS{}
		for _, key := range m.keys {
			list.Keys = append(list.Keys, key.jwk())
		}
		document = list
	}
	raw, err := json.Marshal(document)
	if err != nil {
		return err
	}
	return json.Unmarshal(raw, into)
}

type object = map[string]any

func with(values object, more object) object {
	values = maps.Clone(values)
	maps.Copy(values, more)
	return values
}

func part(value object) (string, error) {
	raw, err := json.Marshal(value)
	return encode(raw), err
}

func issue(key SampleKey, claims object, header object) (string, error) {
	head, err := part(with(object{"alg": "RS256", "kid": key.kid}, header))
	if err != nil {
		return "", err
	}
	body, err := part(claims)
	if err != nil {
		return "", err
	}
	digest := sha256.Sum256([]byte(head + "." + body))
	mac, err := rsa.SignPKCS1v15(rand.Reader, key.secret, crypto.SHA256, digest[:])
	return head + "." + body + "." + encode(mac), err
}

var honest = object{
	"iss": issuer, "sub": "1001", "aud": clientID, "exp": 300, "iat": 0,
	"nonce": "n-1", "email": "ada@example.com", "email_verified": true,
}

type titled struct{ title, token string }

func withoutSignature(token string) string {
	return token[:strings.LastIndex(token, ".")]
}

func tokens(key SampleKey) ([]titled, error) {
	list := []struct {
		title          string
		claims, header object
	}{
		{"as issued", nil, nil},
		{"alg none", nil, object{"alg": "none"}},
		{"HS256 by the public key", nil, object{"alg": "HS256"}},
		{"claims swapped", nil, nil},
		{"another issuer", object{"iss": "https://evil.test"}, nil},
		{"another client's token", object{"aud": "mail"}, nil},
		{"two audiences", object{"aud": []string{clientID, "mail"}}, nil},
		{"expired", object{"exp": -30}, nil},
		{"replayed in another sign-in", object{"nonce": "n-2"}, nil},
	}
	var made []titled
	for _, each := range list {
		token, err := issue(key, with(honest, each.claims), each.header)
		if err != nil {
			return nil, err
		}
		switch each.title {
		case "alg none":
			token = withoutSignature(token) + "."
		case "HS256 by the public key":
			mac := hmac.New(sha256.New, key.secret.N.Bytes())
			mac.Write([]byte(withoutSignature(token)))
			token = withoutSignature(token) + "." + encode(mac.Sum(nil))
		case "claims swapped":
			body, err := part(with(honest, object{"sub": "1"}))
			if err != nil {
				return nil, err
			}
			parts := strings.Split(token, ".")
			token = parts[0] + "." + body + "." + parts[2]
		}
		made = append(made, titled{each.title, token})
	}
	return made, nil
}

func told(err error) string {
	var refused RefusedError
	if !errors.As(err, &refused) {
		log.Fatal(err)
	}
	return refused.Error()
}

func (p RelyingParty) verdict(token string) string {
	claims, err := p.Check(token, "n-1")
	if err != nil {
		return told(err)
	}
	return "accepted: sub " + claims.Subject
}

func oidc(sub, email, from string) Identity {
	return fromClaims(Claims{
		Issuer: from, Subject: sub, Email: email, Verified: from == issuer,
	})
}

func gitHub(id int64, login, email string, verified bool) Identity {
	emails := []GitHubEmail{{Email: email, Primary: true, Verified: verified}}
	return fromGitHub(GitHubUser{id, login}, emails)
}

var signIns = []struct {
	title string
	who   Identity
}{
	{"Ada signs up", oidc("1001", "ada@example.com", issuer)},
	{
		"Eve, unverified, Ada's e-mail",
		oidc("9", "ada@example.com", "https://t2.test"),
	},
	{"Ada, e-mail now ada@new.test", oidc("1001", "ada@new.test", issuer)},
	{"Bob gets Ada's old address", oidc("1002", "ada@example.com", issuer)},
	{"GitHub 77, Ada's, unverified", gitHub(77, "eve", "ada@new.test", false)},
	{"GitHub 88, login grace", gitHub(88, "grace", "grace@example.com", true)},
	{"GitHub 88, all renamed", gitHub(88, "hopper", "grace@new.test", true)},
}

func row(first, second string, third any) {
	fmt.Printf("%-31s%-25s%v\n", first, second, third)
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}

func run() error {
	key1, err1 := sampleKey("key-1", 105, 1155)
	key2, err2 := sampleKey("key-2", 179, 1493)
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	start := time.Unix(0, 0)
	now := start
	clock := func() time.Time { return now }
	provider := &MockProvider{keys: []SampleKey{key1}}
	document, err := discover(provider.fetch, issuer)
	if err != nil {
		return err
	}
	party := RelyingParty{
		Issuer:   document.Issuer,
		ClientID: clientID,
		Keys:     &KeyCache{Fetch: provider.fetch, URL: document.KeysURL, Now: clock},
		Now:      clock,
	}

	row("ID token", "verdict", "fetches of keys")
	made, err := tokens(key1)
	if err != nil {
		return err
	}
	for _, each := range made {
		row(each.title, party.verdict(each.token), provider.fetches)
	}
	now = start.Add(time.Minute)
	_, body, _ := strings.Cut(made[0].token, ".")
	verdicts := map[string]bool{}
	for n := range 100 {
		head, err := part(object{"alg": "RS256", "kid": fmt.Sprintf("forged-%d", n)})
		if err != nil {
			return err
		}
		verdicts[party.verdict(head+"."+body)] = true
	}
	only := strings.Join(slices.Collect(maps.Keys(verdicts)), ", ")
	row("100 unknown kids in a second", only, provider.fetches)
	provider.keys = append(provider.keys, key2)
	now = start.Add(2 * time.Minute)
	token, err := issue(key2, honest, nil)
	if err != nil {
		return err
	}
	row("new key, a minute later", party.verdict(token), provider.fetches)
	now = start.Add(12 * time.Minute)
	provider.down = true
	late, err := issue(key2, with(honest, object{"exp": 900}), nil)
	if err != nil {
		return err
	}
	row("keys due, provider down", party.verdict(late), provider.fetches)
	_, err = discover(provider.fetch, "https://id.example.net")
	row("discovery, another's document", told(err), provider.fetches)

	fmt.Println()
	row("sign-in", "linked by e-mail", "by issuer and subject")
	byEmail := &AccountsByEmail{}
	accounts := &Accounts{byIdentity: map[[2]string]int{}}
	for _, each := range signIns {
		row(each.title, byEmail.SignIn(each.who), accounts.SignIn(each.who))
	}
	work := gitHub(66, "ada", "ada@work.test", true)
	accounts.Link(1, work) // Ada, logged in by ID token, adds her GitHub
	row("GitHub 66, linked by Ada", byEmail.SignIn(work), accounts.SignIn(work))
	return nil
}
