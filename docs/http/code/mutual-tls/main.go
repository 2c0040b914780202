// A throw-away CA on loopback: who is believed, and when, in TLS and mutual TLS.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/url"
	"time"
)

const timeout = 5 * time.Second

// identity is a certificate with its key and its parsed form.
type identity struct {
	tls.Certificate
	parsed *x509.Certificate
}

// issue signs template with the CA, or with its own key where ca is nil.
func issue(template *x509.Certificate, ca *identity) (*identity, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template.NotBefore = time.Now().Add(-time.Hour)
	template.NotAfter = time.Now().Add(time.Hour)
	parent, signer := template, any(key)
	if ca != nil {
		parent, signer = ca.parsed, ca.PrivateKey
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	parsed, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &identity{tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, parsed}, nil
}

func newCA(name string) (*identity, error) {
	return issue(&x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		BasicConstraintsValid: true,
		IsCA:                  true,
		KeyUsage:              x509.KeyUsageCertSign,
	}, nil)
}

func newServer(host string, ca *identity) (*identity, error) {
	return issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: host},
		DNSNames:    []string{host},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, ca)
}

func newClient(name string, ca *identity) (*identity, error) {
	return issue(&x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		URIs:        []*url.URL{{Scheme: "spiffe", Host: "shop.internal", Path: "/" + name}},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}, ca)
}

func poolOf(ca *identity) *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.parsed)
	return pool
}

// --8<-- [start:show]
var allowed = map[string]bool{"spiffe://shop.internal/billing": true}

func serverConfig(own *identity, clientCA *identity) *tls.Config {
	config := &tls.Config{
		MinVersion:   tls.VersionTLS13,
		Certificates: []tls.Certificate{own.Certificate},
	}
	if clientCA != nil {
		config.ClientAuth = tls.RequireAndVerifyClientCert
		config.ClientCAs = poolOf(clientCA)
	}
	return config
}

func clientConfig(host string, trust *identity, own *identity) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		ServerName: host,
		RootCAs:    poolOf(trust), // this CA and no other
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			if own == nil {
				return &tls.Certificate{}, nil
			}
			return &own.Certificate, nil
		},
	}
}

// greet is authorization, which TLS leaves to the application.
func greet(state tls.ConnectionState) string {
	if len(state.VerifiedChains) == 0 {
		return "welcome, anonymous"
	}
	name := state.VerifiedChains[0][0].URIs[0].String()
	if !allowed[name] {
		return "denied, " + name
	}
	return "welcome, " + name
}

func call(raw net.Conn, config *tls.Config) string {
	conn := tls.Client(raw, config)
	if err := conn.Handshake(); err != nil {
		return "client refuses at handshake: " + reason(err)
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return "server refuses at first read: " + reason(err)
	}
	return "server answers: " + string(answer)
}

// --8<-- [end:show]

func reason(err error) string {
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var remote *net.OpError // a received alert, whose type crypto/tls keeps to itself
	switch {
	case errors.As(err, &authority):
		return "unknown authority"
	case errors.As(err, &host):
		return "wrong host name"
	case errors.As(err, &remote) && remote.Err.Error() == "tls: certificate required":
		return "certificate required"
	case errors.As(err, &remote) && remote.Err.Error() == "tls: unknown certificate authority":
		return "unknown authority"
	}
	return err.Error()
}

// answer serves one connection. A refused handshake is its job: the alert has
// told the client why. It half-closes and drains, because closing with unread
// bytes would reset the connection, and a reset may overtake the alert.
func answer(listener net.Listener, config *tls.Config) error {
	raw, err := listener.Accept()
	if err != nil {
		return err
	}
	defer raw.Close()
	if err := raw.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	conn := tls.Server(raw, config)
	if conn.Handshake() == nil {
		if _, err := io.WriteString(conn, greet(conn.ConnectionState())); err != nil {
			return err
		}
		if err := conn.CloseWrite(); err != nil {
			return err
		}
	}
	if err := raw.(*net.TCPConn).CloseWrite(); err != nil {
		return nil // the client has gone already
	}
	_, _ = io.Copy(io.Discard, raw)
	return nil
}

func attempt(label string, server, client *tls.Config) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer listener.Close()
	served := make(chan error, 1)
	go func() { served <- answer(listener, server) }()

	raw, err := net.DialTimeout("tcp", listener.Addr().String(), timeout)
	if err != nil {
		return err
	}
	if err := raw.SetDeadline(time.Now().Add(timeout)); err != nil {
		return err
	}
	result := call(raw, client)
	if err := raw.Close(); err != nil {
		return err
	}
	fmt.Printf("  %-19s%s\n", label, result)
	return <-served
}

func run() error {
	ca, err := newCA("ca")
	if err != nil {
		return err
	}
	other, err := newCA("other")
	if err != nil {
		return err
	}
	orders, err := newServer("orders.internal", ca)
	if err != nil {
		return err
	}

	host := "orders.internal"
	steps := []struct {
		label  string
		server *tls.Config
		client *tls.Config
	}{
		{"other CA trusted", serverConfig(orders, nil), clientConfig(host, other, nil)},
		{"its CA trusted", serverConfig(orders, nil), clientConfig(host, ca, nil)},
		{"... but host mail", serverConfig(orders, nil), clientConfig("mail.internal", ca, nil)},
		{"none sent", serverConfig(orders, ca), clientConfig(host, ca, nil)},
	}
	for _, who := range []string{"stranger", "reports", "billing"} {
		signer := ca
		if who == "stranger" {
			signer = other
		}
		own, err := newClient(who, signer)
		if err != nil {
			return err
		}
		step := steps[3]
		step.label, step.client = who+" sent", clientConfig(host, ca, own)
		steps = append(steps, step)
	}

	fmt.Println("The server shows a certificate for orders.internal.")
	for i, step := range steps {
		if i == 3 {
			fmt.Println("The server also requires a client certificate.")
		}
		if err := attempt(step.label, step.server, step.client); err != nil {
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
