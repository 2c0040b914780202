// Forge requests against a cookie session, with one defense at a time.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
)

const (
	shopOrigin = "https://shop.test"
	blogOrigin = "https://blog.shop.test" // same site, another origin
	evilOrigin = "https://evil.test"
	session    = "__Host-id"
)

// A real key comes from a secret manager.
var key = []byte("sample-only-key-of-32-bytes-here")

// --8<-- [start:show]

// guard is the algorithm that the other languages spell out. GET, HEAD and
// OPTIONS pass, so GET must never change anything.
func guard(next http.Handler) http.Handler {
	protection := http.NewCrossOriginProtection()
	return protection.Handler(next) // 403 unless same-origin, none, or no browser
}

func sign(sid, nonce string) string {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(sid + "!" + nonce))
	return base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// issueToken needs nothing stored. In service random is crypto/rand.Reader.
func issueToken(sid string, random io.Reader) (string, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(random, raw); err != nil {
		return "", err
	}
	nonce := hex.EncodeToString(raw)
	return nonce + "." + sign(sid, nonce), nil
}

func isValidToken(sid, token string) bool {
	nonce, mac, _ := strings.Cut(token, ".")
	return hmac.Equal([]byte(mac), []byte(sign(sid, nonce)))
}

// attaches is the browser's half: is the cookie sent with a top-level navigation?
func attaches(sameSite http.SameSite, crossSite bool, method string) bool {
	if !crossSite || sameSite == http.SameSiteNoneMode {
		return true
	}
	return sameSite == http.SameSiteLaxMode && isSafe(method)
}

// --8<-- [end:show]

func isSafe(method string) bool {
	return slices.Contains([]string{"GET", "HEAD", "OPTIONS"}, method)
}

// Defense says what this shop switches on.
type Defense struct {
	name     string
	sameSite http.SameSite
	headers  bool
	token    string // "", "double" or "signed"
}

// Shop keeps users by session id, and who paid.
type Shop struct {
	defense   Defense
	users     map[string]string
	transfers []string
}

func newShop(defense Defense) *Shop {
	return &Shop{defense: defense, users: map[string]string{}}
}

func (s *Shop) start(user string) *http.Cookie {
	sid := fmt.Sprintf("session-%d", len(s.users)+1) // a real one is random
	s.users[sid] = user
	return &http.Cookie{
		Name: session, Value: sid, Path: "/",
		Secure: true, HttpOnly: true, SameSite: s.defense.sameSite,
	}
}

func (s *Shop) handler() http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("/login", func(w http.ResponseWriter, r *http.Request) {
		http.SetCookie(w, s.start(r.PostFormValue("user")))
	})
	routes.HandleFunc("/transfer", func(w http.ResponseWriter, r *http.Request) {
		if user := s.users[cookieValue(r, session)]; user != "" {
			s.transfers = append(s.transfers, user) // also by GET, which is the flaw
		}
	})
	checked := s.checkToken(routes)
	if s.defense.headers {
		return guard(checked)
	}
	return checked
}

func (s *Shop) checkToken(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sid, token := cookieValue(r, session), r.PostFormValue("csrf")
		passes := true
		switch s.defense.token {
		case "double":
			passes = token != "" && token == cookieValue(r, "csrf")
		case "signed":
			_, known := s.users[sid]
			passes = known && isValidToken(sid, token)
		}
		if !isSafe(r.Method) && !passes {
			http.Error(w, "token", http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
}

func cookieValue(r *http.Request, name string) string {
	cookie, err := r.Cookie(name)
	if err != nil {
		return "" // ErrNoCookie is the only error
	}
	return cookie.Value
}

// Browser has a cookie jar and the habits of its year.
type Browser struct {
	fetchMetadata, origin, sameSite bool
	jar                             []*http.Cookie
}

func modern() *Browser { return &Browser{fetchMetadata: true, origin: true, sameSite: true} }

func (b *Browser) store(cookie *http.Cookie) {
	b.jar = slices.DeleteFunc(b.jar, func(c *http.Cookie) bool {
		return c.Name == cookie.Name && c.Domain == cookie.Domain
	})
	b.jar = append(b.jar, cookie)
}

// navigate follows a link, or sends a form, from the page to the shop.
func (b *Browser) navigate(page, method, path string, form url.Values) *http.Request {
	r := httptest.NewRequest(method, shopOrigin+path, strings.NewReader(form.Encode()))
	relation := relate(page, shopOrigin)
	if b.fetchMetadata {
		r.Header.Set("Sec-Fetch-Site", relation)
	}
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		if b.origin {
			r.Header.Set("Origin", page)
		}
	}
	cross := b.sameSite && relation == "cross-site"
	for _, cookie := range b.jar {
		if attaches(cookie.SameSite, cross, method) {
			r.AddCookie(cookie)
		}
	}
	return r
}

// relate: real browsers ask the Public Suffix List; two labels will do here.
func relate(page, target string) string {
	site := func(origin string) string {
		labels := strings.Split(strings.TrimPrefix(origin, "https://"), ".")
		return strings.Join(labels[max(0, len(labels)-2):], ".")
	}
	switch {
	case page == target:
		return "same-origin"
	case site(page) == site(target):
		return "same-site"
	default:
		return "cross-site"
	}
}

// counted gives repeatable bytes for a test.
type counted struct{ calls int }

func (c *counted) Read(p []byte) (int, error) {
	c.calls++
	sum := sha256.Sum256(fmt.Appendf(nil, "sample %d", c.calls))
	return copy(p, sum[:]), nil
}

// Attack is a page of another origin, and the browser that opens it.
type Attack struct {
	name, page, method, path string
	browser                  Browser
}

var (
	defenses = []Defense{
		{"none", http.SameSiteNoneMode, false, ""},
		{"Lax", http.SameSiteLaxMode, false, ""},
		{"Strict", http.SameSiteStrictMode, false, ""},
		{"headers", http.SameSiteNoneMode, true, ""},
		{"token", http.SameSiteNoneMode, false, "signed"},
		{"all", http.SameSiteLaxMode, true, "signed"},
	}
	attacks = []Attack{
		{"cross-site form", evilOrigin, "POST", "/transfer", *modern()},
		{"form on blog.shop.test", blogOrigin, "POST", "/transfer", *modern()},
		{"no Sec-Fetch-Site", evilOrigin, "POST", "/transfer", Browser{origin: true, sameSite: true}},
		{"nor SameSite, Origin", evilOrigin, "POST", "/transfer", Browser{}},
		{"link to a GET that pays", evilOrigin, "GET", "/transfer", *modern()},
		{"login as mallory", evilOrigin, "POST", "/login", *modern()},
	}
)

func exploit(attack Attack, defense Defense) (bool, error) {
	shop, browser := newShop(defense), attack.browser
	user := "ada"
	if attack.path == "/login" {
		user = ""
	}
	browser.store(shop.start(user))
	mallory := shop.start("mallory") // she has an account, and a token of her own
	token, err := issueToken(mallory.Value, &counted{})
	if err != nil {
		return false, err
	}
	form := url.Values{"user": {"mallory"}, "csrf": {token}}
	recorder := httptest.NewRecorder()
	shop.handler().ServeHTTP(recorder, browser.navigate(attack.page, attack.method, attack.path, form))
	for _, cookie := range recorder.Result().Cookies() {
		browser.store(cookie)
	}
	if attack.path == "/login" {
		return shop.users[browser.jar[len(browser.jar)-1].Value] == "mallory", nil
	}
	return slices.Contains(shop.transfers, "ada"), nil
}

func ownForm(defense Defense) (bool, error) {
	shop, browser := newShop(defense), modern()
	browser.store(shop.start("ada"))
	token, err := issueToken(browser.jar[0].Value, &counted{})
	if err != nil {
		return false, err
	}
	r := browser.navigate(shopOrigin, "POST", "/transfer", url.Values{"csrf": {token}})
	shop.handler().ServeHTTP(httptest.NewRecorder(), r)
	return slices.Equal(shop.transfers, []string{"ada"}), nil
}

func linkKeepsLogin(defense Defense) bool {
	browser := modern()
	browser.store(newShop(defense).start("ada"))
	return cookieValue(browser.navigate(evilOrigin, "GET", "/", nil), session) != ""
}

// tossed: the blog sets a csrf cookie for shop.test, and posts the same value.
func tossed(kind string) (bool, error) {
	shop, browser := newShop(Defense{kind, http.SameSiteStrictMode, false, kind}), modern()
	browser.store(shop.start("ada"))
	token, err := issueToken(shop.start("mallory").Value, &counted{})
	if err != nil {
		return false, err
	}
	browser.store(&http.Cookie{
		Name: "csrf", Value: token, Domain: "shop.test", SameSite: http.SameSiteLaxMode,
	})
	r := browser.navigate(blogOrigin, "POST", "/transfer", url.Values{"csrf": {token}})
	shop.handler().ServeHTTP(httptest.NewRecorder(), r)
	return slices.Equal(shop.transfers, []string{"ada"}), nil
}

func row(label string, cells ...string) {
	line := fmt.Sprintf("%-26s", label)
	for _, cell := range cells {
		line += fmt.Sprintf("%-8s", cell)
	}
	fmt.Println(strings.TrimRight(line, " "))
}

func either(value bool, yes, no string) string {
	if value {
		return yes
	}
	return no
}

func run() error {
	names, own, kept := []string{}, []string{}, []string{}
	for _, defense := range defenses {
		ok, err := ownForm(defense)
		if err != nil {
			return err
		}
		names = append(names, defense.name)
		own = append(own, either(ok, "ok", "fails"))
		kept = append(kept, either(linkKeepsLogin(defense), "yes", "no"))
	}
	row("attack on ada", names...)
	for _, attack := range attacks {
		verdicts := []string{}
		for _, defense := range defenses {
			works, err := exploit(attack, defense)
			if err != nil {
				return err
			}
			verdicts = append(verdicts, either(works, "works", "stopped"))
		}
		row("  "+attack.name, verdicts...)
	}
	fmt.Println()
	row("ada herself")
	row("  form of the shop", own...)
	row("  logged in after a link", kept...)
	fmt.Println("\nform and tossed cookie from blog.shop.test, with SameSite=Strict")
	for _, pair := range [][2]string{{"double submit", "double"}, {"signed, bound", "signed"}} {
		works, err := tossed(pair[1])
		if err != nil {
			return err
		}
		row("  "+pair[0], either(works, "works", "stopped"))
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
