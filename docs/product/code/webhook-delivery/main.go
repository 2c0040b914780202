// Deliver webhooks on a virtual clock: retries, order, dead letters, safe targets.
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"math"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Seconds to wait before each try, as in the Standard Webhooks specification. Add
// jitter in production; here it would only blur the trace.
var schedule = []int64{0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400}

const (
	giveUpSeconds = 3 * 86_400
	windowSeconds = 300
)

// IPv4 that is not global (IANA registry; at the end a host of Azure). Of IPv6 only
// 2000::/3 is let through, not ::1, fc00::/7, fe80::/10, ::ffff:0:0/96 or NAT64.
const reserved = `0.0.0.0/8 10.0.0.0/8 100.64.0.0/10 127.0.0.0/8 169.254.0.0/16
172.16.0.0/12 192.0.0.0/24 192.0.2.0/24 192.88.99.0/24 192.168.0.0/16
198.18.0.0/15 198.51.100.0/24 203.0.113.0/24 224.0.0.0/4 240.0.0.0/4
2001::/23 2001:db8::/32 2002::/16 3fff::/20 168.63.129.16/32`

var globalUnicast = netip.MustParsePrefix("2000::/3")

// Answer is a status, 0 for none, and a reason for the log.
type Answer struct {
	Status int
	Reason string
}

// Clock counts seconds since 1970.
type Clock struct{ Now int64 }

type Message struct {
	ID    string
	Body  []byte
	Due   int64
	Tries int
}

type Endpoint struct {
	Name, URL    string
	Key          []byte
	Ordered      bool
	Queue, Dead  []*Message
	FailingSince int64 // seconds since 1970; 0: the last try went well
	Disabled     bool
}

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

func sign(key []byte, id, timestamp string, body []byte) string {
	mac := hmac.New(sha256.New, key)
	fmt.Fprintf(mac, "%s.%s.%s", id, timestamp, body)
	return "v1," + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// --8<-- [start:show]

type Sender struct {
	Network *Network
	Clock   *Clock
	Log     *Log
}

// vet resolves once, at every attempt; the caller dials what is returned.
func (s *Sender) vet(text string) (netip.Addr, error) {
	u, err := url.Parse(text)
	if err != nil || u.Scheme != "https" || u.User != nil || u.Host != u.Hostname() {
		return netip.Addr{}, errors.New("more than https and a host")
	}
	addresses, err := s.Network.Resolve(u.Hostname())
	if err != nil {
		return netip.Addr{}, err
	}
	for _, address := range addresses { // all: a client may fall back to any
		if !isPublic(address) {
			return netip.Addr{}, fmt.Errorf("%s is not public", address)
		}
	}
	return addresses[0], nil
}

func (s *Sender) attempt(e *Endpoint, m *Message) Answer {
	timestamp := strconv.FormatInt(s.Clock.Now, 10) // of this attempt, or retries are too old
	headers := map[string]string{
		"webhook-id":        m.ID, // the same at every attempt
		"webhook-timestamp": timestamp,
		"webhook-signature": sign(e.Key, m.ID, timestamp, m.Body),
	}
	address, err := s.vet(e.URL)
	if err != nil {
		return Answer{0, err.Error()}
	}
	answer, err := s.Network.Post(address, headers, m.Body)
	if err != nil {
		return Answer{0, err.Error()}
	}
	return answer
}

func (s *Sender) deliver(e *Endpoint, m *Message) {
	m.Tries++
	answer := s.attempt(e, m)
	s.Log.Row(e, m, answer)
	if answer.Status >= 200 && answer.Status <= 299 {
		e.remove(m)
		e.FailingSince = 0
		return
	}
	if e.FailingSince == 0 {
		e.FailingSince = s.Clock.Now
	}
	failing := s.Clock.Now - e.FailingSince
	switch {
	case answer.Status == 410 || failing >= giveUpSeconds:
		e.Disabled = true // and tell the owner by another way
		e.Dead = append(e.Dead, e.Queue...)
		e.Queue = nil
	case m.Tries == len(schedule):
		e.remove(m)
		e.Dead = append(e.Dead, m)
	default:
		m.Due = s.Clock.Now + schedule[m.Tries]
	}
}

// --8<-- [end:show]

func (e *Endpoint) remove(m *Message) {
	e.Queue = slices.DeleteFunc(e.Queue, func(other *Message) bool { return other == m })
}

// run delivers what is due, in order of time, until the queue or the time ends.
func run(s *Sender, e *Endpoint, until int64) {
	for len(e.Queue) > 0 {
		next := e.Queue[0]
		if !e.Ordered { // an ordered endpoint has one message in flight: the oldest
			for _, m := range e.Queue {
				if m.Due < next.Due {
					next = m
				}
			}
		}
		if next.Due > until {
			return
		}
		s.Clock.Now = max(s.Clock.Now, next.Due)
		s.deliver(e, next)
	}
}

// replay follows the owner's repair: old ids and bodies, a new schedule.
func replay(e *Endpoint, now int64) {
	e.Disabled, e.FailingSince = false, 0
	for _, m := range e.Dead {
		m.Due, m.Tries = now, 0
	}
	e.Queue, e.Dead = e.Dead, nil
}

// Receiver verifies, stores and acknowledges; it processes later.
type Receiver struct {
	Key    []byte
	Clock  *Clock
	Orders map[string]string // the provider's API: the current state of an order
	Inbox  map[string][]byte // a table, id is its key
	Todo   []string
}

func (r *Receiver) Receive(headers map[string]string, body []byte) Answer {
	id, timestamp := headers["webhook-id"], headers["webhook-timestamp"]
	seconds, err := strconv.ParseInt(timestamp, 10, 64)
	if err != nil || math.Abs(float64(r.Clock.Now-seconds)) > windowSeconds {
		return Answer{401, "outside the window"}
	}
	expected := sign(r.Key, id, timestamp, body)
	if !hmac.Equal([]byte(headers["webhook-signature"]), []byte(expected)) {
		return Answer{401, "no signature fits"}
	}
	if _, known := r.Inbox[id]; known {
		return Answer{202, "known already"}
	}
	r.Inbox[id] = body // in a database one insert, then commit
	r.Todo = append(r.Todo, id)
	return Answer{202, "stored"}
}

type Event struct {
	Order  string `json:"order"`
	Status string `json:"status"`
}

// Work counts what it processed; then what the bodies say, what the API says.
func (r *Receiver) Work() (processed int, told, current string, err error) {
	for _, id := range r.Todo {
		var event Event
		if err := json.Unmarshal(r.Inbox[id], &event); err != nil {
			return processed, told, current, err
		}
		told = event.Status // wrong as soon as two events changed places
		current = r.Orders[event.Order]
		processed++
	}
	r.Todo = nil
	return processed, told, current, nil
}

type Request struct {
	Headers map[string]string
	Body    []byte
}

// Network has names, addresses and the faults of the day.
type Network struct {
	Names    map[string][]string
	Hosts    map[string]*Receiver
	Faults   map[string][]string // for one request after the other
	Dialed   []netip.Addr
	Recorded []Request
}

func (n *Network) Resolve(host string) ([]netip.Addr, error) {
	var addresses []netip.Addr
	for _, text := range n.Names[host] {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return nil, err
		}
		addresses = append(addresses, address)
	}
	if len(addresses) == 0 {
		return nil, errors.New("no address")
	}
	return addresses, nil
}

func (n *Network) Post(
	address netip.Addr, headers map[string]string, body []byte,
) (Answer, error) {
	n.Dialed = append(n.Dialed, address)
	n.Recorded = append(n.Recorded, Request{headers, body})
	host, fault := address.String(), ""
	if faults := n.Faults[host]; len(faults) > 0 {
		fault, n.Faults[host] = faults[0], faults[1:]
	}
	switch fault {
	case "503":
		return Answer{503, "unavailable"}, nil
	case "410":
		return Answer{410, "gone"}, nil
	case "down":
		return Answer{}, errors.New("connection refused")
	}
	answer := n.Hosts[host].Receive(headers, body)
	if fault == "answer lost" {
		return Answer{}, fmt.Errorf("timeout, but %s", answer.Reason)
	}
	return answer, nil
}

type row struct {
	name, id, first, more, at, outcome string
}

// Log has one line for each run of equal outcomes.
type Log struct {
	Clock *Clock
	Start int64
	rows  []row
}

func (l *Log) time() string {
	seconds := l.Clock.Now - l.Start
	return fmt.Sprintf("%d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
}

func (l *Log) Row(e *Endpoint, m *Message, a Answer) {
	status := "-"
	if a.Status != 0 {
		status = strconv.Itoa(a.Status)
	}
	outcome := status + " " + a.Reason
	if len(l.rows) > 0 {
		last := &l.rows[len(l.rows)-1]
		if last.name == e.Name && last.id == m.ID && last.outcome == outcome {
			last.more, last.at = "-"+strconv.Itoa(m.Tries), l.time()
			return
		}
	}
	l.rows = append(l.rows, row{e.Name, m.ID, strconv.Itoa(m.Tries), "", l.time(), outcome})
}

func (l *Log) Flush() {
	for _, r := range l.rows {
		fmt.Printf("%-10s%-9s%-8s%-12s%s\n", r.name, r.id, r.first+r.more, r.at, r.outcome)
	}
	l.rows = nil
}

const (
	start = 1_767_225_600 // seconds since 1970
	day   = 86_400        // seconds
)

var key = []byte("sample-secret-of-32-bytes-for-it")

func event(number int, status string, due int64) *Message {
	body, err := json.Marshal(Event{"7", status})
	if err != nil {
		log.Fatal(err)
	}
	return &Message{ID: fmt.Sprintf("evt_%d", number), Body: body, Due: due}
}

func titled(b bool) string {
	if b {
		return "True"
	}
	return "False"
}

func main() {
	clock := &Clock{start}
	network := &Network{
		Names: map[string][]string{},
		Hosts: map[string]*Receiver{},
		Faults: map[string][]string{
			"192.31.196.1": {"503", "", "answer lost"},
			"192.31.196.2": {"503"},
			"192.31.196.3": slices.Repeat([]string{"down"}, 10),
			"192.31.196.5": {"410"},
		},
	}
	trace := &Log{Clock: clock, Start: start}
	sender := &Sender{network, clock, trace}
	orders := map[string]string{"7": "shipped"} // at the provider: paid, then shipped
	var endpoints []*Endpoint
	var inboxes []*Receiver
	for i, name := range []string{"fast", "ordered", "down", "rebind", "closed"} {
		address := fmt.Sprintf("192.31.196.%d", i+1)
		inbox := &Receiver{Key: key, Clock: clock, Orders: orders, Inbox: map[string][]byte{}}
		network.Names[name+".test"] = []string{address}
		network.Hosts[address] = inbox
		inboxes = append(inboxes, inbox)
		endpoints = append(endpoints, &Endpoint{
			Name: name, URL: "https://" + name + ".test/hook", Key: key,
			Ordered: name == "ordered" || name == "down",
		})
	}
	down, rebind, closed := endpoints[2], endpoints[3], endpoints[4]

	fmt.Printf("%-10s%-9s%-8s%-12soutcome\n", "endpoint", "event", "try", "at (last)")
	for _, endpoint := range endpoints[:3] {
		endpoint.Queue = []*Message{event(1, "paid", start), event(2, "shipped", start)}
		clock.Now = start
		run(sender, endpoint, start+4*day)
		trace.Flush()
	}
	fmt.Printf("down is disabled: %s, dead letters: %d\n", titled(down.Disabled), len(down.Dead))
	clock.Now = start + 80*3600
	replay(down, clock.Now)
	run(sender, down, start+4*day)
	trace.Flush()
	recorded := network.Recorded[len(network.Recorded)-1]
	clock.Now += windowSeconds + 1
	again := inboxes[2].Receive(recorded.Headers, recorded.Body)
	fmt.Printf("%-39s%d %s\n", "its recording, sent again 301 s later", again.Status, again.Reason)

	clock.Now = start
	rebind.Queue = []*Message{event(3, "paid", start)}
	run(sender, rebind, start+day)
	network.Hosts["10.0.0.5"] = &Receiver{ // inner, would answer
		Key: key, Clock: clock, Orders: orders, Inbox: map[string][]byte{},
	}
	network.Names["rebind.test"] = []string{"10.0.0.5", "192.31.196.4"}
	rebind.Queue = []*Message{event(4, "shipped", start+60)}
	run(sender, rebind, start+5*day)
	clock.Now = start
	closed.Queue = []*Message{event(5, "paid", start), event(6, "paid", start+1)}
	run(sender, closed, start+day)
	trace.Flush()
	inner := 0
	for _, address := range network.Dialed {
		if !isPublic(address) {
			inner++
		}
	}
	fmt.Printf("connections to inner addresses: %d\n", inner)
	fmt.Printf(
		"closed is disabled: %s, dead letters: %d\n",
		titled(closed.Disabled), len(closed.Dead),
	)

	for i, endpoint := range endpoints[:3] {
		processed, told, current, err := inboxes[i].Work()
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf(
			"%-10sprocessed %d; told last: %s; fetched: %s\n",
			endpoint.Name, processed, told, current,
		)
	}
}
