// Two servers hold the connections of one room; Redis carries messages between them.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

const (
	room     = "room:7"
	capacity = 100 // messages for one slow client; then it loses its connection
	patience = 5 * time.Second
	post     = `
local id = redis.call('INCR', KEYS[2]) .. '-0'
redis.call('XADD', KEYS[1], 'MAXLEN', '~', 1000, id, 'text', ARGV[1])
redis.call('PUBLISH', KEYS[1], id .. ' ' .. ARGV[1])
return id
` // in one step: nobody sees message 5 before message 4
)

// --8<-- [start:show]

// Message is an entry of the stream.
type Message struct{ ID, Text string }

// newer compares numbers: as text, 10-0 would be older than 9-0.
func newer(one, other string) bool { return number(one) > number(other) }

// history asks the stream, which remembers what Pub/Sub forgets.
func history(ctx context.Context, db *DB, after string) ([]Message, error) {
	reply, err := db.Do(ctx, "XRANGE", room, "("+after, "+")
	if err != nil {
		return nil, err
	}
	var messages []Message
	for _, entry := range reply.([]any) {
		id, fields := entry.([]any)[0], entry.([]any)[1].([]any)
		messages = append(messages, Message{id.(string), fields[1].(string)})
	}
	return messages, nil
}

// Hub is the clients of one server, and what its one subscription brings them.
type Hub struct {
	db            *DB
	mu            sync.Mutex
	changed       chan struct{} // closed and replaced at every change
	clients       map[chan Message]bool
	last          string
	beforeHistory func()
}

// Deliver hands a message to every client.
func (h *Hub) Deliver(message Message) {
	h.change(func() {
		if !newer(message.ID, h.last) {
			return // read from the stream already
		}
		h.last = message.ID
		for inbox := range h.clients {
			select {
			case inbox <- message:
			default: // full: it will be back with its last id
				delete(h.clients, inbox)
				close(inbox)
			}
		}
	})
}

// Messages sends everything after last: first what was missed, then what happens.
func (h *Hub) Messages(ctx context.Context, last string, send func(Message) error) error {
	inbox := make(chan Message, capacity)
	h.change(func() { h.clients[inbox] = true }) // 1. from now on nothing passes by
	defer h.change(func() { delete(h.clients, inbox) })
	h.beforeHistory()
	missed, err := history(ctx, h.db, last) // 2. what was said before that
	for _, message := range missed {
		last = message.ID
		err = errors.Join(err, send(message))
	}
	for err == nil {
		select {
		case message, ok := <-inbox:
			if !ok {
				return nil
			}
			if newer(message.ID, last) { // 3. both saw it: once is enough
				last = message.ID
				err = send(message)
			}
		case <-ctx.Done():
			return nil
		}
	}
	return err
}

// --8<-- [end:show]

var idForm = regexp.MustCompile(`^[0-9]{1,15}-0$`)

func number(id string) int {
	n, err := strconv.Atoi(strings.TrimSuffix(id, "-0"))
	check(err)
	return n
}

func (h *Hub) change(act func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	act()
	close(h.changed)
	h.changed = make(chan struct{})
}

func (h *Hub) waitUntil(holds func() bool) {
	deadline := time.After(patience)
	for {
		h.mu.Lock()
		done, changed := holds(), h.changed
		h.mu.Unlock()
		if done {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			log.Fatal("waited too long")
		}
	}
}

// Node is one server.
type Node struct {
	*Hub
	name        string
	server      *httptest.Server
	unsubscribe func()
}

func newNode(ctx context.Context, name string) *Node {
	hub := &Hub{
		db:            must(ConnectRedis(ctx)),
		changed:       make(chan struct{}),
		clients:       map[chan Message]bool{},
		last:          "0-0",
		beforeHistory: func() {},
	}
	node := &Node{Hub: hub, name: name}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /room", node.stream)
	mux.HandleFunc("POST /room", node.post)
	node.server = httptest.NewUnstartedServer(mux)
	node.server.Config.ReadHeaderTimeout = patience
	node.server.Start()
	node.subscribe(ctx)
	return node
}

// subscribe does what a client does: subscribe, read what was missed, then listen.
func (n *Node) subscribe(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	subscription := must(ConnectRedis(ctx))
	must(subscription.Do(ctx, "SUBSCRIBE", room))
	for _, message := range must(history(ctx, n.db, n.last)) {
		n.Deliver(message)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			replies, err := subscription.Raw(ctx, nil, 1)
			if err != nil {
				return // a real one would subscribe again
			}
			id, text, _ := strings.Cut(replies[0].([]any)[2].(string), " ")
			n.Deliver(Message{id, text})
		}
	}()
	n.unsubscribe = func() { cancel(); <-done }
}

func (n *Node) post(w http.ResponseWriter, r *http.Request) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1000))
	if err == nil {
		_, err = n.db.Do(r.Context(), "EVAL", post, 2, room, room+":id", string(text))
	}
	if err != nil {
		http.Error(w, "not posted", http.StatusBadGateway)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

func (n *Node) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	controller := http.NewResponseController(w)
	if controller.Flush() != nil {
		return
	}
	last := r.Header.Get("Last-Event-ID")
	if !idForm.MatchString(last) { // anybody can send anything
		last = "0-0"
	}
	_ = n.Messages(r.Context(), last, func(m Message) error {
		_, err := fmt.Fprintf(w, "id: %s\ndata: %s\n\n", m.ID, m.Text)
		return errors.Join(err, controller.Flush())
	})
}

func (n *Node) close() {
	n.unsubscribe()
	n.server.CloseClientConnections()
	n.server.Close()
	check(n.db.Close())
}

// Reader is a browser's EventSource.
type Reader struct {
	last  string
	body  io.Closer
	lines *bufio.Scanner
}

var client = &http.Client{Timeout: patience}

func read(node *Node, last string) *Reader {
	request := must(http.NewRequest(http.MethodGet, node.server.URL+"/room", nil))
	request.Header.Set("Last-Event-ID", last)
	response := must(client.Do(request))
	return &Reader{last, response.Body, bufio.NewScanner(response.Body)}
}

func (r *Reader) read(count int) string {
	var found []string
	for len(found) < count && r.lines.Scan() {
		if id, ok := strings.CutPrefix(r.lines.Text(), "id: "); ok {
			r.last = id
		}
		if text, ok := strings.CutPrefix(r.lines.Text(), "data: "); ok {
			found = append(found, r.last+" "+text)
		}
	}
	return strings.Join(found, ", ")
}

func (r *Reader) close() { check(r.body.Close()) }

func say(node *Node, text string) {
	body := strings.NewReader(text)
	response := must(client.Post(node.server.URL+"/room", "text/plain", body))
	check(response.Body.Close())
	if response.StatusCode != http.StatusNoContent {
		log.Fatal("not posted")
	}
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

func twoNodes(a, b *Node) *Reader {
	ada, bob := read(a, "0-0"), read(b, "0-0")
	for _, post := range []struct {
		node *Node
		text string
	}{{a, "hello"}, {b, "hi"}} {
		say(post.node, post.text)
		fmt.Printf("posted at %s: Ada on A reads %s; Bob on B reads %s\n",
			post.node.name, ada.read(1), bob.read(1))
	}
	bob.close()
	say(a, "lunch?")
	say(b, "yes")
	again := read(a, bob.last)
	fmt.Printf("Bob was away, returns to A with %s: %s\n", bob.last, again.read(2))
	say(b, "now")
	fmt.Printf("and is live again: %s; Ada: %s\n", again.read(1), ada.read(3))
	ada.close()
	return again
}

// between posts at the worst moment, and waits until the node has dealt with it.
func between(node *Node, text string) func() {
	return func() {
		node.beforeHistory = func() {}
		node.mu.Lock()
		seen := number(node.last)
		node.mu.Unlock()
		say(node, text)
		node.waitUntil(func() bool { return number(node.last) == seen+1 })
	}
}

func order(ctx context.Context, a *Node, bob *Reader) {
	a.beforeHistory = between(a, "first")
	carol := read(a, "5-0")
	said := carol.read(1)
	say(a, "second")
	fmt.Printf("subscribe, then read: %s, %s\n", said, carol.read(1))
	carol.close()
	old := must(history(ctx, a.db, "7-0")) // the wrong order: read ...
	between(a, "third")()
	inbox := make(chan Message, capacity)
	a.change(func() { a.clients[inbox] = true }) // ... then subscribe
	say(a, "fourth")
	old = append(old, <-inbox)
	a.change(func() { delete(a.clients, inbox) })
	var texts []string
	for _, message := range old {
		texts = append(texts, message.ID+" "+message.Text)
	}
	fmt.Printf("read, then subscribe: %s; third is lost\n", strings.Join(texts, ", "))
	bob.read(4)
}

func outage(ctx context.Context, a, b *Node) {
	dave := read(b, "9-0")
	b.unsubscribe()
	say(a, "ten")
	a.waitUntil(func() bool { return a.last == "10-0" })
	fmt.Printf("B lost its subscription: A is at %s, B at %s\n", a.last, b.last)
	b.subscribe(ctx)
	say(a, "eleven")
	fmt.Printf("B subscribes again and catches up: Dave on B reads %s\n", dave.read(2))
	dave.close()
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 4*patience)
	defer cancel()
	a, b := newNode(ctx, "A"), newNode(ctx, "B")
	bob := twoNodes(a, b)
	order(ctx, a, bob)
	outage(ctx, a, b)
	bob.close()
	client.CloseIdleConnections()
	a.close()
	b.close()
}
