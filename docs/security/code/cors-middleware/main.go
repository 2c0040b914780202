// Probe a CORS middleware the way browsers and attackers would.
package main

import (
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

const (
	appOrigin   = "https://app.shop.test"
	adminOrigin = "https://admin.shop.test"
	evilOrigin  = "https://evil.test"
)

var (
	safelisted   = []string{"GET", "HEAD", "POST"}
	originFormat = regexp.MustCompile(`^https?://[a-z0-9.-]+(:\d+)?$`)
)

// Policy says who may read, and what a preflight may promise them.
type Policy struct {
	Origins []string
	Methods string
	Headers string
	Exposed string
	MaxAge  string
}

// NewPolicy refuses entries that no browser could ever send as an origin.
func NewPolicy(origins ...string) (Policy, error) {
	for _, origin := range origins {
		if !originFormat.MatchString(origin) {
			return Policy{}, fmt.Errorf("not an origin: %s", origin)
		}
	}
	return Policy{
		Origins: origins,
		Methods: "GET, POST, PATCH",
		Headers: "Authorization, Content-Type",
		Exposed: "X-Total-Count",
		MaxAge:  "600",
	}, nil
}

// --8<-- [start:show]

// CORS wraps next with the policy; next needs to know nothing of it.
func CORS(policy Policy, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		origin := r.Header.Get("Origin")
		// The whole string, never a pattern.
		allowed := slices.Contains(policy.Origins, origin)
		header := w.Header()
		header.Add("Vary", "Origin") // also when refused, also without Origin
		if allowed {
			header.Set("Access-Control-Allow-Origin", origin)
			header.Set("Access-Control-Allow-Credentials", "true")
		}

		asked := r.Header.Get("Access-Control-Request-Method")
		if r.Method == http.MethodOptions && origin != "" && asked != "" {
			if !allowed {
				w.WriteHeader(http.StatusForbidden)
				return
			}
			header.Set("Access-Control-Allow-Methods", policy.Methods)
			header.Set("Access-Control-Allow-Headers", policy.Headers)
			header.Set("Access-Control-Max-Age", policy.MaxAge)
			w.WriteHeader(http.StatusNoContent)
			return
		}

		if allowed {
			header.Set("Access-Control-Expose-Headers", policy.Exposed)
		}
		next.ServeHTTP(w, r)
	})
}

// mayRead is the browser's half: the CORS check of the Fetch Standard.
func mayRead(header http.Header, origin string, credentials bool) bool {
	allow := strings.Join(header.Values("Access-Control-Allow-Origin"), ", ")
	if allow == "*" && !credentials {
		return true
	}
	if allow == "" || allow != origin {
		return false
	}
	return !credentials || header.Get("Access-Control-Allow-Credentials") == "true"
}

// --8<-- [end:show]

// ordersApp is an API that knows nothing of CORS; its OPTIONS answers with Allow.
func ordersApp() http.Handler {
	var orders atomic.Int64
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-App", "orders")
		w.Header().Set("Cache-Control", "max-age=60")
		switch r.Method {
		case http.MethodGet:
			w.Header().Set("X-Total-Count", fmt.Sprint(orders.Load()))
			if _, err := io.WriteString(w, "{}"); err != nil {
				log.Print(err)
			}
		case http.MethodPost:
			if _, err := io.Copy(io.Discard, http.MaxBytesReader(w, r.Body, 1024)); err != nil {
				http.Error(w, "too large", http.StatusRequestEntityTooLarge)
				return
			}
			orders.Add(1)
			w.WriteHeader(http.StatusCreated)
		case http.MethodPatch:
			w.WriteHeader(http.StatusNoContent)
		case http.MethodOptions:
			w.Header().Set("Allow", "GET, POST, PATCH, OPTIONS")
			w.WriteHeader(http.StatusNoContent)
		default:
			w.WriteHeader(http.StatusMethodNotAllowed)
		}
	})
}

type response struct {
	status int
	header http.Header
}

// probe sends one request at a time and prints what came back.
type probe struct {
	client *http.Client
	url    string
}

func (p probe) send(method, origin string, extra [][2]string) (response, error) {
	var body io.Reader
	if method == http.MethodPost {
		body = strings.NewReader("{}")
	}
	request, err := http.NewRequest(method, p.url, body)
	if err != nil {
		return response{}, err
	}
	if origin != "" {
		request.Header.Set("Origin", origin)
	}
	for _, pair := range extra {
		request.Header.Set(pair[0], pair[1])
	}
	answer, err := p.client.Do(request)
	if err != nil {
		return response{}, err
	}
	defer answer.Body.Close()
	if _, err := io.Copy(io.Discard, answer.Body); err != nil {
		return response{}, err
	}
	return response{answer.StatusCode, answer.Header}, nil
}

func (p probe) row(label, method, origin string, extra ...[2]string) error {
	answer, err := p.send(method, origin, extra)
	if err != nil {
		return err
	}
	echo := "absent"
	if allow := answer.header.Get("Access-Control-Allow-Origin"); allow == origin && allow != "" {
		echo = "echoed"
	} else if allow != "" {
		echo = allow
	}
	ran := "skipped"
	if answer.header.Get("X-App") != "" {
		ran = "ran"
	}
	verdict := readVerdict(answer, origin)
	if len(extra) > 0 && extra[0][0] == "Access-Control-Request-Method" {
		verdict = preflightVerdict(answer, origin, extra)
	}
	fmt.Printf("  %-33s%-8d%-8s%-9s%s\n", label, answer.status, echo, ran, verdict)
	return nil
}

func readVerdict(answer response, origin string) string {
	switch {
	case origin == "":
		return "no browser"
	case mayRead(answer.header, origin, true):
		return "reads"
	default:
		return "blocked"
	}
}

func preflightVerdict(answer response, origin string, asked [][2]string) string {
	if answer.status/100 != 2 || !mayRead(answer.header, origin, true) {
		return "origin refused"
	}
	method := asked[0][1]
	methods := listed(answer, "Access-Control-Allow-Methods")
	if !slices.Contains(safelisted, method) && !slices.Contains(methods, method) {
		return "method refused"
	}
	granted := listed(answer, "Access-Control-Allow-Headers")
	for _, pair := range asked[1:] {
		for _, name := range strings.Split(pair[1], ",") {
			same := func(other string) bool { return strings.EqualFold(name, other) }
			if !slices.ContainsFunc(granted, same) {
				return "header refused"
			}
		}
	}
	return "sends"
}

func listed(answer response, name string) []string {
	items := strings.Split(answer.header.Get(name), ",")
	for i := range items {
		items[i] = strings.TrimSpace(items[i])
	}
	return items
}

// sharedCache keeps answers for one URL, as a CDN would.
type sharedCache struct {
	probe     probe
	stripVary bool
	stored    []storedAnswer
}

type storedAnswer struct {
	origin string
	answer response
}

func (c *sharedCache) get(origin string) (string, error) {
	for _, entry := range c.stored {
		varies := !c.stripVary && slices.Contains(entry.answer.header.Values("Vary"), "Origin")
		if !varies || entry.origin == origin {
			return "hit, " + readVerdict(entry.answer, origin), nil
		}
	}
	answer, err := c.probe.send(http.MethodGet, origin, nil)
	if err != nil {
		return "", err
	}
	c.stored = append(c.stored, storedAnswer{origin, answer})
	return "miss, " + readVerdict(answer, origin), nil
}

func checkPolicies() {
	fmt.Println("allow-list entry, checked at start-up")
	for _, origin := range []string{appOrigin, appOrigin + "/", "*", "null"} {
		verdict := "accepted"
		if _, err := NewPolicy(origin); err != nil {
			verdict = "refused"
		}
		fmt.Printf("  %-33s%s\n", origin, verdict)
	}
}

func heading(title, last string) {
	fmt.Printf("\n%-35sstatus  ACAO    handler  %s\n", title, last)
}

func nameOf(origin string) string {
	if origin == "" {
		return "(no Origin: curl)"
	}
	return origin
}

func yesNo(value bool) string {
	if value {
		return "yes"
	}
	return "no"
}

func experiment(p probe) error {
	heading("GET from origin", "script")
	for _, origin := range []string{
		appOrigin,
		adminOrigin,
		evilOrigin,
		"null",
		"https://app.shop.test.evil.test",
		"https://evilshop.test",
		"https://appxshop.test",
		"http://app.shop.test",
		"https://app.shop.test:8443",
		"",
	} {
		if err := p.row(nameOf(origin), http.MethodGet, origin); err != nil {
			return err
		}
	}

	heading("other methods", "script")
	plain := [2]string{"Content-Type", "text/plain"}
	if err := p.row("POST "+evilOrigin, http.MethodPost, evilOrigin, plain); err != nil {
		return err
	}
	if err := p.row("OPTIONS "+appOrigin, http.MethodOptions, appOrigin); err != nil {
		return err
	}
	if err := p.row("OPTIONS without Origin", http.MethodOptions, ""); err != nil {
		return err
	}

	heading("preflight", "browser")
	for _, asked := range []struct{ label, origin, method, names string }{
		{"PATCH content-type", appOrigin, "PATCH", "content-type"},
		{"DELETE", appOrigin, "DELETE", ""},
		{"PATCH x-debug", appOrigin, "PATCH", "x-debug"},
		{"PATCH " + evilOrigin, evilOrigin, "PATCH", ""},
	} {
		extra := [][2]string{{"Access-Control-Request-Method", asked.method}}
		if asked.names != "" {
			extra = append(extra, [2]string{"Access-Control-Request-Headers", asked.names})
		}
		if err := p.row(asked.label, http.MethodOptions, asked.origin, extra...); err != nil {
			return err
		}
	}

	answer, err := p.send(http.MethodGet, appOrigin, nil)
	if err != nil {
		return err
	}
	exposed := listed(answer, "Access-Control-Expose-Headers")
	fmt.Printf("\norders stored by the blocked POST: %s\n", answer.header.Get("X-Total-Count"))
	for _, name := range []string{"X-Total-Count", "X-App"} {
		fmt.Printf("script sees %s: %s\n", name, yesNo(slices.Contains(exposed, name)))
	}
	star := response{header: http.Header{
		"Access-Control-Allow-Origin":      {"*"},
		"Access-Control-Allow-Credentials": {"true"},
	}}
	verdict := map[bool]string{true: "reads", false: "blocked"}
	fmt.Println("ACAO: * with credentials omit:", verdict[mayRead(star.header, appOrigin, false)])
	fmt.Println("ACAO: * with credentials include:", verdict[mayRead(star.header, appOrigin, true)])
	return throughCaches(p)
}

func throughCaches(p probe) error {
	fmt.Printf("\n%-35swith Vary         without Vary\n", "GET through a shared cache")
	good := sharedCache{probe: p}
	bad := sharedCache{probe: p, stripVary: true}
	for _, origin := range []string{"", appOrigin, adminOrigin, appOrigin} {
		with, err := good.get(origin)
		if err != nil {
			return err
		}
		without, err := bad.get(origin)
		if err != nil {
			return err
		}
		fmt.Printf("  %-33s%-18s%s\n", nameOf(origin), with, without)
	}
	return nil
}

func run() error {
	checkPolicies()
	policy, err := NewPolicy(appOrigin, adminOrigin)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	server := &http.Server{
		Handler:      CORS(policy, ordersApp()),
		ReadTimeout:  5 * time.Second,
		WriteTimeout: 5 * time.Second,
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	client := &http.Client{Timeout: 5 * time.Second}
	url := "http://" + listener.Addr().String() + "/orders"
	if err := experiment(probe{client, url}); err != nil {
		return err
	}
	if err := server.Close(); err != nil {
		return err
	}
	if err := <-served; err != http.ErrServerClosed {
		return err
	}
	return nil
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
