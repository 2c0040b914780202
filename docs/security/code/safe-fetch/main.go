// Let four fetchers loose on URLs that a user supplied, on a network in a box.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

const (
	public   = "192.31.196.10" // of a block that is globally reachable
	silent   = "192.31.196.66" // nobody listens there
	metadata = "169.254.169.254"
)

// Refused says why the fetcher will not go there, or not any further.
type Refused string

func (r Refused) Error() string { return string(r) }

func refuse(format string, arguments ...any) error {
	return Refused(fmt.Sprintf(format, arguments...))
}

// Resolver knows the names of the box, with an answer for each time it is asked.
type Resolver struct{ names map[string][][]string }

func newResolver() *Resolver {
	return &Resolver{map[string][][]string{
		"photos.test": {{public}},
		"images.test": {{metadata}},
		"both.test":   {{silent, metadata}},
		"rebind.test": {{public}, {metadata}}, // first answer, then the other
	}}
}

// Lookup reads what is no name as inet_aton does: 0251 is octal.
func (r *Resolver) Lookup(_ context.Context, host string) ([]netip.Addr, error) {
	answers := r.names[host]
	if len(answers) > 1 {
		r.names[host] = answers[1:]
	}
	if len(answers) > 0 {
		var addresses []netip.Addr
		for _, text := range answers[0] {
			addresses = append(addresses, netip.MustParseAddr(text))
		}
		return addresses, nil
	}
	if strings.Contains(host, ":") {
		address, err := netip.ParseAddr(host)
		return []netip.Addr{address}, err
	}
	var value uint64
	parts := strings.Split(host, ".")
	for _, part := range parts {
		number, err := strconv.ParseUint(part, 0, 32)
		if err != nil {
			return nil, fmt.Errorf("no such host: %w", err)
		}
		value = value<<8 | number
	}
	bytes := [4]byte{byte(value >> 24), byte(value >> 16), byte(value >> 8), byte(value)}
	return []netip.Addr{netip.AddrFrom4(bytes)}, nil
}

// Network takes simulated addresses to servers on the loopback interface.
type Network map[netip.Addr]string

func (n Network) Dial(ctx context.Context, address netip.AddrPort) (net.Conn, error) {
	server, listening := n[address.Addr().Unmap()]
	if !listening || address.Port() != 80 {
		return nil, syscall.ECONNREFUSED
	}
	return new(net.Dialer).DialContext(ctx, "tcp", server)
}

type dialer func(context.Context) (net.Conn, error)

// get sends a GET over a connection of dial; Host and TLS go by the name in the URL.
// It follows no redirect itself and knows no proxy, which would connect on its own.
func get(
	ctx context.Context, u *url.URL, dial dialer, maxBytes int64,
) (body []byte, location string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, u.String(), nil)
	if err != nil {
		return nil, "", err
	}
	transport := &http.Transport{
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return dial(ctx)
		},
		DisableKeepAlives:  true,
		DisableCompression: true,
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case 301, 302, 303, 307, 308:
		next, err := u.Parse(response.Header.Get("Location"))
		if err != nil {
			return nil, "", refuse("redirect without a target")
		}
		return nil, next.String(), nil
	}
	body, err = io.ReadAll(io.LimitReader(response.Body, maxBytes+1))
	if err == nil && int64(len(body)) > maxBytes {
		err = refuse("more than %d bytes", maxBytes)
	}
	return body, "", err
}

// IPv4 that is not global (IANA registry; at the end a host of Azure). Of IPv6 only
// 2000::/3 is let through, not ::1, fc00::/7, fe80::/10, ::ffff:0:0/96 or NAT64.
const reserved = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16
172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16
198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
2001::/23 2001:db8::/32 2002::/16 3fff::/20 168.63.129.16/32`

var globalUnicast = netip.MustParsePrefix("2000::/3")

func isPublic(address netip.Addr) bool {
	if address.Is6() && !globalUnicast.Contains(address) {
		return false
	}
	for block := range strings.FieldsSeq(reserved) {
		if netip.MustParsePrefix(block).Contains(address) {
			return false
		}
	}
	return address.IsValid()
}

type SafeFetcher struct {
	Resolver *Resolver
	Network  Network
}

var ports = map[string]string{"http": "80", "https": "443"}

const (
	maxRedirects = 3
	maxBytes     = 65_536
	maxTime      = time.Second
)

// --8<-- [start:show]

// vet parses once and resolves once; what follows uses only what it returns.
func (s SafeFetcher) vet(
	ctx context.Context, text string,
) (u *url.URL, address netip.AddrPort, err error) {
	if u, err = url.Parse(text); err != nil {
		return nil, address, refuse("not a URL")
	}
	port, known := ports[u.Scheme]
	switch {
	case !known:
		return nil, address, refuse("scheme %s", u.Scheme)
	case u.User != nil:
		return nil, address, refuse("credentials in the URL")
	case u.Port() != "" && u.Port() != port:
		return nil, address, refuse("port %s", u.Port())
	}
	addresses, err := s.Resolver.Lookup(ctx, u.Hostname())
	if err != nil || len(addresses) == 0 {
		return nil, address, refuse("no address")
	}
	for _, a := range addresses { // all: the client may fall back to any
		if !isPublic(a) {
			return nil, address, refuse("%s is not public", a)
		}
	}
	address, err = netip.ParseAddrPort(net.JoinHostPort(addresses[0].String(), port))
	return u, address, err
}

func (s SafeFetcher) Fetch(ctx context.Context, text string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, maxTime) // for all hops together
	defer cancel()
	for range maxRedirects + 1 {
		u, address, err := s.vet(ctx, text) // each hop, not only the first
		if err != nil {
			return nil, err
		}
		body, location, err := get(ctx, u, func(ctx context.Context) (net.Conn, error) {
			return s.Network.Dial(ctx, address) // this very address
		}, maxBytes)
		if errors.Is(err, context.DeadlineExceeded) {
			return nil, refuse("more than %.0f s", maxTime.Seconds())
		}
		if err != nil || location == "" {
			return body, err
		}
		text = location
	}
	return nil, refuse("more than %d redirects", maxRedirects)
}

// --8<-- [end:show]

// Careless is three fetchers that differ in what they check before they set off.
type Careless struct {
	Resolver *Resolver
	Network  Network
}

func (c Careless) Unchecked(ctx context.Context, text string) ([]byte, error) {
	for range 5 {
		u, err := url.Parse(text)
		if err != nil {
			return nil, err
		}
		// The first address that answers is taken, as HTTP clients do.
		body, location, err := get(ctx, u, func(ctx context.Context) (net.Conn, error) {
			addresses, err := c.Resolver.Lookup(ctx, u.Hostname())
			for _, address := range addresses {
				var conn net.Conn
				conn, err = c.Network.Dial(ctx, netip.AddrPortFrom(address, 80))
				if err == nil {
					return conn, nil
				}
			}
			return nil, err
		}, 1<<30)
		if err != nil || location == "" {
			return body, err
		}
		text = location
	}
	return nil, refuse("too many redirects")
}

func (c Careless) Words(ctx context.Context, text string) ([]byte, error) {
	words := []string{"localhost", "127.0.0.1", metadata, "192.168.", "metadata"}
	for _, word := range words {
		if strings.Contains(text, word) {
			return nil, refuse("%s", word)
		}
	}
	return c.Unchecked(ctx, text)
}

func (c Careless) First(ctx context.Context, text string) ([]byte, error) {
	u, err := url.Parse(text)
	if err != nil {
		return nil, err
	}
	addresses, err := c.Resolver.Lookup(ctx, u.Hostname())
	if err != nil {
		return nil, err
	}
	if !isPublic(addresses[0]) {
		return nil, refuse("%s is not public", addresses[0])
	}
	return c.Unchecked(ctx, text) // which resolves again
}

func photoServer(stop <-chan struct{}) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		path := r.URL.Path
		if r.Host != "photos.test" {
			path = "/other"
		}
		switch path {
		case "/cat":
			fmt.Fprint(w, "photo")
		case "/moved":
			http.Redirect(w, r, "/cat", http.StatusFound)
		case "/inward":
			http.Redirect(w, r, "http://"+metadata+"/role", http.StatusFound)
		case "/loop":
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/big":
			fmt.Fprint(w, strings.Repeat("x", 1_000_000))
		case "/slow":
			w.Header().Set("Content-Length", "5")
			fmt.Fprint(w, "ph")
			w.(http.Flusher).Flush()
			<-stop
		default:
			fmt.Fprint(w, "page")
		}
	}
}

func metadataServer(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/role" { // as IMDSv1 did
		fmt.Fprint(w, "SECRET")
		return
	}
	// IMDSv2 wants a token, which takes a PUT with a header of its own.
	w.WriteHeader(http.StatusUnauthorized)
	fmt.Fprint(w, "401")
}

const attacks = `http://photos.test/cat
http://photos.test/moved
http://169.254.169.254/role
http://2852039166/role
http://0251.0376.0251.0376/role
http://[::ffff:a9fe:a9fe]/role
http://images.test/role
http://photos.test/inward
http://rebind.test/role
http://both.test/role
http://2852039166/v2/role`

const reasons = `file:///etc/passwd
http://photos.test:6379/
http://user:pw@photos.test/cat
http://2852039166/role
http://photos.test/inward
http://both.test/role
http://photos.test/loop
http://photos.test/big
http://photos.test/slow`

func demonstrate(ctx context.Context, network Network) error {
	fmt.Printf("%-34sno check  words     first     safe\n", "URL")
	for u := range strings.Lines(attacks) {
		u = strings.TrimSpace(u)
		row := fmt.Sprintf("%-34s", u)
		for _, fetch := range []func(context.Context, string) ([]byte, error){
			Careless{newResolver(), network}.Unchecked,
			Careless{newResolver(), network}.Words,
			Careless{newResolver(), network}.First,
			SafeFetcher{newResolver(), network}.Fetch,
		} {
			cell, err := fetch(ctx, u)
			var refused Refused
			if errors.As(err, &refused) {
				cell = []byte("refused")
			} else if err != nil {
				return err
			}
			row += fmt.Sprintf("%-10s", cell)
		}
		fmt.Println(strings.TrimRight(row, " "))
	}
	fmt.Println("\nsafe refuses because of")
	for u := range strings.Lines(reasons) {
		u = strings.TrimSpace(u)
		_, err := SafeFetcher{newResolver(), network}.Fetch(ctx, u)
		fmt.Printf("%-34s%v\n", u, err)
	}
	return nil
}

func main() {
	stop := make(chan struct{})
	photos := httptest.NewServer(photoServer(stop))
	secrets := httptest.NewServer(http.HandlerFunc(metadataServer))
	network := Network{
		netip.MustParseAddr(public):   photos.Listener.Addr().String(),
		netip.MustParseAddr(metadata): secrets.Listener.Addr().String(),
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	err := demonstrate(ctx, network)
	cancel()
	close(stop)
	photos.Close()
	secrets.Close()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
