// One counter over four transports, on real loopback connections.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	app      = "https://app.shop.test"
	kept     = 5      // changes that a returning client can still catch up with
	capacity = 16     // messages that may wait for one slow socket
	big      = 60_000 // bytes of a message that fills kernel buffers quickly
	patience = 5 * time.Second
)

// --8<-- [start:show]

// eventsAfter is what an event stream owes a client whose Last-Event-ID is seen.
func eventsAfter(seen, value int) string {
	if seen == value {
		return ""
	}
	if seen < value-kept || seen > value {
		return fmt.Sprintf("event: reset\nid: %d\ndata: %d\n\n", value, value)
	}
	var events strings.Builder
	for n := seen + 1; n <= value; n++ {
		fmt.Fprintf(&events, "id: %d\ndata: %d\n\n", n, n)
	}
	return events.String()
}

// Peer is the server's end of one WebSocket.
type Peer struct {
	outbox     *Outbox
	cut        func(*Peer)
	mu         sync.Mutex
	unanswered bool // ping
	closing    bool
}

// Send never waits: a peer that cannot keep up loses its connection, not our time.
func (p *Peer) Send(opcode byte, payload []byte) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closing {
		return // nothing follows a close frame
	}
	p.closing = opcode == Close
	if !p.outbox.Offer(EncodeFrame(opcode, payload, nil)) {
		p.cut(p) // without a close frame: it would wait behind all the rest
	}
}

// Beat is called by a timer, more often than the shortest idle timeout on the path.
func (p *Peer) Beat() {
	p.mu.Lock()
	silent := p.unanswered // a whole interval without a pong
	p.unanswered = true
	p.mu.Unlock()
	if silent {
		p.cut(p)
	} else {
		p.Send(Ping, []byte("beat"))
	}
}

// Read serves frames until the peer leaves or breaks the protocol.
func (p *Peer) Read(from io.Reader, onText func(string)) {
	for {
		opcode, payload, err := ReadFrame(from, true)
		var broken FrameError
		switch {
		case errors.As(err, &broken):
			p.Send(Close, binary.BigEndian.AppendUint16(nil, uint16(broken)))
			return
		case err != nil:
			return // it hung up
		case opcode == Ping:
			p.Send(Pong, payload) // the same bytes come back
		case opcode == Pong:
			p.mu.Lock()
			p.unanswered = false
			p.mu.Unlock()
		case opcode == Close:
			p.Send(Close, payload[:min(2, len(payload))])
			return
		default:
			onText(string(payload))
		}
	}
}

// --8<-- [end:show]

// Outbox is a bounded queue between the broadcast and one connection.
type Outbox struct {
	conn    net.Conn
	waiting chan []byte
	most    int
	done    chan struct{}
}

func newOutbox(conn net.Conn) *Outbox {
	o := &Outbox{conn: conn, waiting: make(chan []byte, capacity), done: make(chan struct{})}
	go o.write()
	return o
}

// Offer reports whether there was room.
func (o *Outbox) Offer(frame []byte) bool {
	select {
	case o.waiting <- frame:
		o.most = max(o.most, len(o.waiting))
		return true
	default:
		return false
	}
}

func (o *Outbox) write() {
	defer close(o.done)
	var err error
	for frame := range o.waiting {
		if err == nil { // after that: cut, throw the rest away
			_, err = o.conn.Write(frame)
		}
	}
}

// Counter is the value, and everybody who wants to know.
type Counter struct {
	adding   sync.Mutex // two changes reach every socket in one order
	mu       sync.Mutex
	changed  chan struct{} // closed and replaced at every change
	value    int
	stopping bool
	waiting  int // long polls
	peers    map[*Peer]bool
}

// change runs a change under the lock and wakes everybody who waits.
func (c *Counter) change(act func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	act()
	close(c.changed)
	c.changed = make(chan struct{})
}

// waitFor returns when the condition holds, the server stops, or ctx ends.
func (c *Counter) waitFor(ctx context.Context, holds func() bool) error {
	for {
		c.mu.Lock()
		done, changed := holds() || c.stopping, c.changed
		c.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// Add counts, and tells every socket.
func (c *Counter) Add(times int) {
	c.adding.Lock()
	defer c.adding.Unlock()
	for range times {
		var value int
		c.change(func() { c.value++; value = c.value })
		c.eachPeer(func(p *Peer) { p.Send(Text, []byte(strconv.Itoa(value))) })
	}
}

func (c *Counter) eachPeer(act func(*Peer)) {
	c.mu.Lock()
	var peers []*Peer
	for peer := range c.peers {
		peers = append(peers, peer)
	}
	c.mu.Unlock()
	for _, peer := range peers {
		act(peer)
	}
}

func (c *Counter) cut(peer *Peer) {
	c.change(func() { delete(c.peers, peer) })
	_ = peer.outbox.conn.Close()
}

func (c *Counter) open() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.peers)
}

// poll never waits without since (polling); with it, until there is news (long
// polling).
func (c *Counter) poll(w http.ResponseWriter, r *http.Request) {
	since, err := strconv.Atoi(r.FormValue("since"))
	if err != nil {
		since = -1
	}
	limit := patience
	if seconds, err := strconv.Atoi(r.FormValue("wait")); err == nil {
		limit = time.Duration(seconds) * time.Second
	}
	if since >= 0 {
		ctx, cancel := context.WithTimeout(r.Context(), limit)
		defer cancel()
		c.change(func() { c.waiting++ })
		_ = c.waitFor(ctx, func() bool { return c.value > since })
		c.change(func() { c.waiting-- })
	}
	c.mu.Lock()
	value := c.value
	c.mu.Unlock()
	if value <= since {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_, _ = fmt.Fprint(w, value)
}

// stream sends events: the response body that does not end.
func (c *Counter) stream(w http.ResponseWriter, r *http.Request) {
	seen, err := strconv.Atoi(r.Header.Get("Last-Event-ID"))
	if err != nil {
		seen = -1 - kept
	}
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	controller := http.NewResponseController(w)
	for {
		c.mu.Lock()
		value, stopping := c.value, c.stopping
		c.mu.Unlock()
		if stopping {
			return
		}
		events := eventsAfter(seen, value)
		if events == "" {
			events = ": still here\n\n"
		}
		seen = value
		if _, err := io.WriteString(w, events); err != nil || controller.Flush() != nil {
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), patience)
		_ = c.waitFor(ctx, func() bool { return c.value != seen })
		cancel()
		if r.Context().Err() != nil {
			return // the client has gone
		}
	}
}

func (c *Counter) upgrade(w http.ResponseWriter, r *http.Request) {
	nonce := r.Header.Get("Sec-WebSocket-Key")
	if !strings.EqualFold(r.Header.Get("Upgrade"), "websocket") || nonce == "" {
		http.Error(w, "upgrade required", http.StatusUpgradeRequired)
		return
	}
	if r.Header.Get("Origin") != app { // the cookies came along anyway
		http.Error(w, "foreign page", http.StatusForbidden)
		return
	}
	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		http.Error(w, "cannot upgrade", http.StatusInternalServerError)
		return
	}
	defer func() { _ = conn.Close() }()
	_, err = fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"+
		"Connection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n", AcceptKey(nonce))
	if err != nil {
		return
	}
	peer := &Peer{outbox: newOutbox(conn), cut: c.cut}
	c.change(func() { c.peers[peer] = true })
	peer.Read(buffered.Reader, func(text string) {
		if text == "+1" {
			c.Add(1)
		}
	})
	peer.mu.Lock()
	peer.closing = true // no more offers, so the channel may close
	peer.mu.Unlock()
	close(peer.outbox.waiting)
	<-peer.outbox.done // what waited is sent
	c.change(func() { delete(c.peers, peer) })
}

func newServer() (*Counter, *httptest.Server) {
	counter := &Counter{changed: make(chan struct{}), peers: map[*Peer]bool{}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /counter", counter.poll)
	mux.HandleFunc("GET /events", counter.stream)
	mux.HandleFunc("GET /socket", counter.upgrade)
	server := httptest.NewUnstartedServer(mux)
	server.Config.ReadHeaderTimeout = patience
	server.Start()
	return counter, server
}

// probe drives the server the way clients would.
type probe struct {
	*Counter
	address string
	client  *http.Client
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func (p *probe) until(holds func() bool) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	check(p.waitFor(ctx, holds))
}

func (p *probe) get(path string) string {
	response := must(p.client.Get("http://" + p.address + path))
	body := must(io.ReadAll(response.Body))
	check(response.Body.Close())
	if len(body) == 0 {
		return strconv.Itoa(response.StatusCode)
	}
	return string(body)
}

func (p *probe) dial(origin string) *Client {
	return must(Dial(p.address, "/socket", origin))
}

func text(client *Client) string {
	_, text, err := client.Receive()
	check(err)
	return text
}

func polling(p *probe) {
	seen := []string{p.get("/counter"), p.get("/counter")}
	p.Add(3)
	seen = append(seen, p.get("/counter"), p.get("/counter"))
	fmt.Printf("polling       4 requests: %s; 1 and 2 were never seen\n",
		strings.Join(seen, " "))
}

func longPolling(p *probe) {
	answers := make(chan string, 1)
	go func() { answers <- p.get("/counter?since=3") }()
	p.until(func() bool { return p.waiting == 1 })
	early := len(answers)
	p.Add(1)
	fmt.Printf("long polling  since=3 waits, answers before the change: %d, after: %s\n",
		early, <-answers)
	p.Add(2)
	fmt.Printf("              +2 while nobody asks, since=4 at once: %s; no news: %s\n",
		p.get("/counter?since=4"), p.get("/counter?since=6&wait=0"))
}

// EventSource is the browser's half of an event stream.
type EventSource struct {
	lastID string
	body   io.Closer
	lines  *bufio.Scanner
}

func (p *probe) listen(lastID string) *EventSource {
	request := must(http.NewRequest(http.MethodGet, "http://"+p.address+"/events", nil))
	if lastID != "" {
		request.Header.Set("Last-Event-ID", lastID)
	}
	response := must(p.client.Do(request))
	return &EventSource{lastID, response.Body, bufio.NewScanner(response.Body)}
}

// Read returns that many events: the id, and the type if it has one.
func (s *EventSource) Read(count int) string {
	var found []string
	fields := map[string]string{}
	for len(found) < count && s.lines.Scan() {
		if name, value, ok := strings.Cut(s.lines.Text(), ": "); ok {
			fields[name] = value
			continue
		}
		if data, ok := fields["data"]; ok { // an empty line ends the event
			s.lastID = fields["id"]
			found = append(found, strings.TrimSpace(fields["event"]+" "+data))
		}
		clear(fields)
	}
	return strings.Join(found, " ")
}

func serverSentEvents(p *probe) {
	source := p.listen("")
	first := source.Read(1)
	p.Add(2)
	fmt.Printf("SSE           connect: %s; live: %s; cut\n", first, source.Read(2))
	check(source.body.Close())
	p.Add(2)
	again := p.listen(source.lastID)
	missed := again.Read(2)
	p.Add(1)
	fmt.Printf("              +2 meanwhile; Last-Event-ID %s: %s; live: %s\n",
		source.lastID, missed, again.Read(1))
	check(again.body.Close())
	stale := p.listen("1")
	fmt.Printf("              Last-Event-ID 1 is no longer kept: %s\n", stale.Read(1))
	check(stale.body.Close())
}

func sockets(p *probe) {
	fmt.Printf("WebSocket     %s\n", AcceptKey("dGhlIHNhbXBsZSBub25jZQ=="))
	evil, one, two := p.dial("https://evil.test"), p.dial(app), p.dial(app)
	p.until(func() bool { return len(p.peers) == 2 })
	fmt.Printf("              Origin %s: %d, https://evil.test: %d\n",
		app, one.Status, evil.Status)
	check(one.Send(Text, []byte("+1")))
	fmt.Printf("              one sends +1; one reads %s, two reads %s\n",
		text(one), text(two))
	check(one.Send(Ping, []byte("hello")))
	check(two.SendUnmasked("+1"))
	fmt.Printf("              ping hello: pong %s; no mask: close %s\n",
		text(one), text(two))
	for _, client := range []*Client{evil, one, two} {
		client.Hangup()
	}
	p.until(func() bool { return len(p.peers) == 0 })
}

func heartbeat(p *probe) {
	alive, silent := p.dial(app), p.dial(app)
	p.until(func() bool { return len(p.peers) == 2 })
	p.eachPeer((*Peer).Beat)
	check(alive.Send(Pong, []byte(text(alive))))
	check(alive.Send(Ping, nil))
	text(alive) // its pong is behind us: the server has read ours
	before := p.open()
	p.eachPeer((*Peer).Beat)
	fmt.Printf("heartbeat     first beat: %d open, one answers; second: %d open, "+
		"silent one cut: %s\n", before, p.open(), yes(silent.IsCut()))
	silent.Hangup()
	alive.Hangup()
	p.until(func() bool { return len(p.peers) == 0 })
}

func slowConsumer(p *probe) {
	fast, slow := p.dial(app), p.dial(app) // slow never reads
	p.until(func() bool { return len(p.peers) == 2 })
	var peers []*Peer
	p.eachPeer(func(peer *Peer) { peers = append(peers, peer) })
	payload := []byte(strings.Repeat("x", big))
	sent, read := 0, 0
	for p.open() == 2 && sent < 2000 {
		sent++
		p.eachPeer(func(peer *Peer) { peer.Send(Text, payload) })
		if len(text(fast)) == big {
			read++
		}
	}
	bounded := !slices.ContainsFunc(peers, func(peer *Peer) bool {
		return peer.outbox.most > capacity
	})
	fmt.Printf("slow reader   outbox bounded: %s; slow one cut: %s; fast one read all: %s\n",
		yes(bounded), yes(p.open() == 1 && slow.IsCut()), yes(read == sent))
	slow.Hangup()
	goingAway := binary.BigEndian.AppendUint16(nil, GoingAway)
	p.eachPeer(func(peer *Peer) { peer.Send(Close, goingAway) })
	fmt.Printf("drain         close %s; ", text(fast))
	check(fast.Send(Close, goingAway))
	fast.Hangup()
	p.until(func() bool { return len(p.peers) == 0 })
	fmt.Printf("open: %d\n", p.open())
}

func yes(fact bool) string {
	if fact {
		return "yes"
	}
	return "no"
}

func main() {
	counter, server := newServer()
	p := &probe{counter, server.Listener.Addr().String(), &http.Client{Timeout: patience}}
	for _, step := range []func(*probe){
		polling, longPolling, serverSentEvents, sockets, heartbeat, slowConsumer,
	} {
		step(p)
	}
	counter.change(func() { counter.stopping = true })
	p.client.CloseIdleConnections()
	server.Close()
}
