// A toy authorization server and client: code + PKCE, and what attackers try.
package main

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	codeLifetime  = time.Minute
	tokenLifetime = 5 * time.Minute
	issuer        = "https://login.photos.test"
	callback      = "https://print.test/callback"
)

var challengeForm = regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`)

// s256 gives the challenge of a verifier, and the form in which secrets are stored.
func s256(text string) string {
	digest := sha256.Sum256([]byte(text))
	return base64.RawURLEncoding.EncodeToString(digest[:])
}

func equal(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// Client is registered; one without a secret is public.
type Client struct {
	RedirectURIs, Scopes []string
	SecretHash           string
}

// Grant is what the user allowed; the row of a code, whose hash is the key.
type Grant struct {
	User, ClientID, RedirectURI, Challenge string
	Scopes                                 []string
	Expires                                time.Time
	Used, Revoked                          bool
}

// Access is the row of an access token, whose hash is the key.
type Access struct {
	Grant   *Grant
	Expires time.Time
}

// Answer is a response in short: a redirect, a token or an error.
type Answer struct {
	Status             int
	Location           string
	Token, Scope, Fail string
}

// Credentials come with HTTP Basic.
type Credentials struct{ ID, Secret string }

func failed(reason string) Answer {
	return Answer{Status: http.StatusBadRequest, Fail: reason}
}

// AuthorizationServer knows the clients and what users allowed them.
type AuthorizationServer struct {
	Clients map[string]Client
	Now     func() time.Time
	Source  func() string // in production: crypto/rand.Text, twice for 43 characters
	grants  map[string]*Grant
	access  map[string]Access
}

// --8<-- [start:show]

// Authorize is the front channel: the user is logged in and has agreed.
func (s *AuthorizationServer) Authorize(user string, query url.Values) Answer {
	id, target := query.Get("client_id"), query.Get("redirect_uri")
	client, known := s.Clients[id]
	if !known || !slices.Contains(client.RedirectURIs, target) {
		return failed("invalid_request") // shown to the user, never redirected
	}
	reply := url.Values{"iss": {issuer}}
	if query.Has("state") {
		reply.Set("state", query.Get("state"))
	}
	challenge := query.Get("code_challenge")
	hashed := query.Get("code_challenge_method") == "S256"
	scopes := strings.Split(query.Get("scope"), " ")
	switch {
	case query.Get("response_type") != "code":
		reply.Set("error", "unsupported_response_type")
	case !hashed || !challengeForm.MatchString(challenge):
		reply.Set("error", "invalid_request") // plain, or no PKCE at all
	case !subset(scopes, client.Scopes):
		reply.Set("error", "invalid_scope")
	default:
		code := s.Source()
		reply.Set("code", code)
		s.grants[s256(code)] = &Grant{
			User: user, ClientID: id, RedirectURI: target, Challenge: challenge,
			Scopes: scopes, Expires: s.Now().Add(codeLifetime),
		}
	}
	return Answer{Status: http.StatusFound, Location: target + "?" + reply.Encode()}
}

// Token is the back channel; in SQL one transaction with the grant's row locked.
func (s *AuthorizationServer) Token(form url.Values, basic *Credentials) Answer {
	id, ok := s.authenticated(form, basic)
	if !ok {
		return Answer{Status: http.StatusUnauthorized, Fail: "invalid_client"}
	}
	if form.Get("grant_type") != "authorization_code" {
		return failed("unsupported_grant_type")
	}
	grant, known := s.grants[s256(form.Get("code"))]
	switch {
	case !known || grant.ClientID != id:
		return failed("invalid_grant")
	case !equal(s256(form.Get("code_verifier")), grant.Challenge):
		return failed("invalid_grant")
	case form.Has("redirect_uri") && form.Get("redirect_uri") != grant.RedirectURI:
		return failed("invalid_grant") // OAuth 2.0 sends it, 2.1 does not
	case grant.Used:
		grant.Revoked = true // the code leaked: its tokens end as well
		return failed("invalid_grant")
	case !s.Now().Before(grant.Expires):
		return failed("invalid_grant")
	}
	grant.Used = true
	return s.issue(grant)
}

// --8<-- [end:show]

func subset(some, all []string) bool {
	return !slices.ContainsFunc(some, func(each string) bool {
		return !slices.Contains(all, each)
	})
}

func (s *AuthorizationServer) authenticated(
	form url.Values, basic *Credentials,
) (string, bool) {
	if basic == nil {
		id := form.Get("client_id")
		client, known := s.Clients[id]
		return id, known && client.SecretHash == ""
	}
	client, known := s.Clients[basic.ID]
	if !known || client.SecretHash == "" {
		return "", false
	}
	return basic.ID, equal(s256(basic.Secret), client.SecretHash)
}

func (s *AuthorizationServer) issue(grant *Grant) Answer {
	token := s.Source()
	s.access[s256(token)] = Access{grant, s.Now().Add(tokenLifetime)}
	scope := strings.Join(grant.Scopes, " ")
	return Answer{Status: http.StatusOK, Token: token, Scope: scope}
}

// Owner is what the API asks: whose token is it, and is the scope in it?
func (s *AuthorizationServer) Owner(token, scope string) (string, bool) {
	access, known := s.access[s256(token)]
	if !known || access.Grant.Revoked || !s.Now().Before(access.Expires) {
		return "", false
	}
	return access.Grant.User, slices.Contains(access.Grant.Scopes, scope)
}

// CarelessServer is what not to write: prefix match, no PKCE, codes that last.
type CarelessServer struct {
	Source func() string
	users  map[string]string
}

// Authorize takes any redirect URI that begins well.
func (s *CarelessServer) Authorize(user string, query url.Values) Answer {
	target := query.Get("redirect_uri")
	if !strings.HasPrefix(target, "https://print.test") {
		return failed("invalid_request")
	}
	code := s.Source()
	s.users[code] = user
	reply := url.Values{"code": {code}, "state": {query.Get("state")}}
	return Answer{Status: http.StatusFound, Location: target + "?" + reply.Encode()}
}

// Token asks for nothing but the code.
func (s *CarelessServer) Token(form url.Values, _ *Credentials) Answer {
	token := s.Source()
	s.users[token] = s.users[form.Get("code")]
	return Answer{Status: http.StatusOK, Token: token}
}

// Owner asks for no scope.
func (s *CarelessServer) Owner(token, _ string) (string, bool) {
	user, known := s.users[token]
	return user, known
}

// Server is what the client and the API talk to.
type Server interface {
	Authorize(user string, query url.Values) Answer
	Token(form url.Values, basic *Credentials) Answer
	Owner(token, scope string) (string, bool)
}

// Session belongs to one browser, by a cookie.
type Session struct{ State, Verifier string }

// PrintShop is the client.
type PrintShop struct {
	Server  Server
	Source  func() string
	Careful bool
}

// Begin gives the parameters of the authorization request.
func (p PrintShop) Begin(session *Session) url.Values {
	session.State, session.Verifier = p.Source(), p.Source()
	return url.Values{
		"response_type":         {"code"},
		"client_id":             {"print-app"},
		"redirect_uri":          {callback},
		"scope":                 {"photos.read"},
		"state":                 {session.State},
		"code_challenge":        {s256(session.Verifier)},
		"code_challenge_method": {"S256"},
	}
}

// Callback answers the browser that comes back.
func (p PrintShop) Callback(session *Session, params url.Values) string {
	if p.Careful {
		expected := session.State
		session.State = "" // used once
		if expected == "" || !equal(params.Get("state"), expected) {
			return "state is not my session's"
		}
		if params.Get("iss") != issuer {
			return "iss is not whom I asked"
		}
	}
	answer := p.Server.Token(url.Values{
		"grant_type":    {"authorization_code"},
		"client_id":     {"print-app"},
		"code":          {params.Get("code")},
		"code_verifier": {session.Verifier},
	}, nil)
	session.Verifier = ""
	if answer.Status != http.StatusOK {
		return strconv.Itoa(answer.Status) + " " + answer.Fail
	}
	owner, _ := p.Server.Owner(answer.Token, "photos.read")
	return "photos of " + owner
}

func numbered() func() string {
	issued := 0
	return func() string {
		issued++
		return s256("sample " + strconv.Itoa(issued))
	}
}

func clients() map[string]Client {
	scopes := []string{"photos.read"}
	// A sample: a real secret is random, and its hash comes from a database.
	secretHash := s256("sample-secret")
	return map[string]Client{
		"print-app": {[]string{callback}, scopes, ""},
		"print-web": {[]string{callback}, scopes, secretHash},
		"evil-app":  {[]string{"https://evil.test/cb"}, scopes, ""},
	}
}

// arrived is what the browser brings to the redirect URI.
func arrived(answer Answer) url.Values {
	location, err := url.Parse(answer.Location)
	if err != nil {
		return url.Values{}
	}
	return location.Query()
}

// Scene is one server, its client and their clock; a fresh one for each attack.
type Scene struct {
	now     time.Time
	server  Server
	shop    PrintShop
	browser Session
	query   url.Values
}

func newScene(careful bool) *Scene {
	s := &Scene{now: time.Unix(0, 0)}
	s.server = &CarelessServer{Source: numbered(), users: map[string]string{}}
	if careful {
		s.server = &AuthorizationServer{
			Clients: clients(),
			Now:     func() time.Time { return s.now },
			Source:  numbered(),
			grants:  map[string]*Grant{},
			access:  map[string]Access{},
		}
	}
	s.shop = PrintShop{Server: s.server, Source: numbered(), Careful: careful}
	s.query = s.shop.Begin(&s.browser)
	return s
}

// changed sets pairs of names and values; an empty value leaves the name out.
func changed(values url.Values, pairs ...string) url.Values {
	values = maps.Clone(values)
	for pair := range slices.Chunk(pairs, 2) {
		if pair[1] == "" {
			values.Del(pair[0])
		} else {
			values.Set(pair[0], pair[1])
		}
	}
	return values
}

func (s *Scene) allow(pairs ...string) Answer {
	return s.server.Authorize("ada", changed(s.query, pairs...))
}

func (s *Scene) exchange(answer Answer, basic *Credentials, pairs ...string) Answer {
	form := url.Values{
		"grant_type":    {"authorization_code"},
		"client_id":     {"print-app"},
		"code":          {arrived(answer).Get("code")},
		"code_verifier": {s.browser.Verifier},
	}
	return s.server.Token(changed(form, pairs...), basic)
}

func (s *Scene) redeem(answer Answer, pairs ...string) string {
	return told(s.exchange(answer, nil, pairs...))
}

func told(answer Answer) string {
	if answer.Status == http.StatusOK {
		return "a token"
	}
	return strconv.Itoa(answer.Status) + " " + answer.Fail
}

func seen(answer Answer) string {
	if answer.Status != http.StatusFound {
		return strconv.Itoa(answer.Status) + ", no redirect"
	}
	if query := arrived(answer); query.Has("error") {
		return "302, " + query.Get("error")
	}
	return "302, a code"
}

func (s *Scene) foreign(state string) string {
	eves := s.server.Authorize("eve", changed(s.query, "state", state))
	return s.shop.Callback(&s.browser, arrived(eves))
}

var attacks = []struct {
	title string
	run   func(s *Scene) string
}{
	{"no attack", func(s *Scene) string {
		return s.shop.Callback(&s.browser, arrived(s.allow()))
	}},
	{"stolen code without verifier", func(s *Scene) string {
		return s.redeem(s.allow(), "code_verifier", "")
	}},
	{"stolen code, a guessed verifier", func(s *Scene) string {
		return s.redeem(s.allow(), "code_verifier", s256("a guess"))
	}},
	{"stolen code at another client", func(s *Scene) string {
		return s.redeem(s.allow(), "client_id", "evil-app")
	}},
	{"stolen code, wrong client secret", func(s *Scene) string {
		code := s.allow("client_id", "print-web")
		return told(s.exchange(code, &Credentials{"print-web", "another-secret"}))
	}},
	{"code after 60 seconds", func(s *Scene) string {
		code := s.allow()
		s.now = s.now.Add(codeLifetime)
		return s.redeem(code)
	}},
	{"code used twice: second answer", func(s *Scene) string {
		code := s.allow()
		s.redeem(code)
		return s.redeem(code)
	}},
	{"code used twice: first token", func(s *Scene) string {
		code := s.allow()
		first := s.exchange(code, nil).Token
		s.redeem(code)
		if owner, valid := s.server.Owner(first, "photos.read"); valid {
			return "200, photos of " + owner
		}
		return "401 invalid_token"
	}},
	{"redirect to print.test.evil.test", func(s *Scene) string {
		return seen(s.allow("redirect_uri", "https://print.test.evil.test/"))
	}},
	{"challenge method plain", func(s *Scene) string {
		return seen(s.allow("code_challenge", s.browser.Verifier,
			"code_challenge_method", "plain"))
	}},
	{"no challenge at all", func(s *Scene) string {
		return seen(s.allow("code_challenge", "", "code_challenge_method", ""))
	}},
	{"eve's code, without state", func(s *Scene) string {
		return s.foreign("")
	}},
	{"eve's code, with her state", func(s *Scene) string {
		return s.foreign(s256("eve's"))
	}},
	{"answer names another issuer", func(s *Scene) string {
		params := changed(arrived(s.allow()), "iss", "https://evil.test")
		return s.shop.Callback(&s.browser, params)
	}},
}

func main() {
	const line = "%-33s%-20s%s\n"
	fmt.Printf(line, "attack", "careless pair", "careful pair")
	for _, attack := range attacks {
		careless, careful := attack.run(newScene(false)), attack.run(newScene(true))
		fmt.Printf(line, attack.title, careless, careful)
	}
}
