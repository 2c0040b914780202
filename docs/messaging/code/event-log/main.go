// Services read one partitioned log, each at its own offsets; one joins late.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"log"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Event is a fact. Nobody edits the past.
type Event struct {
	ID, Order, Type string
	Version         int             // of the shape of Data
	Data            json.RawMessage // as it was written
}

var errCrash = errors.New("died after the effect, before the offset is committed")

// Log is append only. Reading removes nothing: a group is just a row of offsets.
type Log struct {
	partitions [][]Event
	committed  map[string][]int
}

// Append chooses the partition by key.
func (l *Log) Append(key string, event Event) {
	p := crc32.ChecksumIEEE([]byte(key)) % uint32(len(l.partitions))
	l.partitions[p] = append(l.partitions[p], event)
}

// Read is ordered within a partition; between partitions there is no order.
func (l *Log) Read(group string, handle func(partition, offset int, event Event) error) error {
	if l.committed[group] == nil {
		l.committed[group] = make([]int, len(l.partitions))
	}
	for p, events := range l.partitions {
		for offset := l.committed[group][p]; offset < len(events); offset++ {
			if err := handle(p, offset, events[offset]); err != nil {
				return err
			}
		}
	}
	return nil
}

// Commit stores the next offset to read.
func (l *Log) Commit(group string, partition, offset int) {
	l.committed[group][partition] = offset
}

type placedV2 struct {
	Amount   int64  `json:"amount"` // cents
	Currency string `json:"currency"`
}

type shape struct {
	kind    string
	version int
}

// --8<-- [start:show]

// upcastPlaced: version 1 had euros as text, always two decimals: "42.00".
func upcastPlaced(event Event) (Event, error) {
	var old struct{ Total string }
	if err := json.Unmarshal(event.Data, &old); err != nil {
		return event, err
	}
	digits := strings.Replace(old.Total, ".", "", 1)
	cents, err := strconv.ParseInt(digits, 10, 64) // Sscan reads "050" as octal
	if err != nil {
		return event, err
	}
	data, err := json.Marshal(placedV2{cents, "EUR"})
	event.Version, event.Data = 2, data
	return event, err
}

var upcasters = map[shape]func(Event) (Event, error){ // one step each: 1 to 2, 2 to 3
	{"placed", 1}: upcastPlaced,
}

func upcast(event Event) (Event, error) {
	for {
		step, found := upcasters[shape{event.Type, event.Version}]
		if !found {
			return event, nil
		}
		var err error
		if event, err = step(event); err != nil {
			return event, err
		}
	}
}

// Service applies events to its own state.
type Service struct {
	group               string
	apply               func(Event) error
	inbox               map[string]bool // in the service's own database; nil: none
	upcast              func(Event) (Event, error)
	deliveries, effects int
}

// Run commits after the effect: at least once, never lost.
func (s *Service) Run(l *Log, crashAt int) error {
	return l.Read(s.group, func(partition, offset int, event Event) error {
		s.deliveries++
		if !s.inbox[event.ID] {
			current, err := s.upcast(event)
			if err != nil {
				return err
			}
			if err := s.apply(current); err != nil { // in one transaction with the inbox
				return err
			}
			s.effects++
		}
		if s.inbox != nil {
			s.inbox[event.ID] = true
		}
		if s.deliveries == crashAt {
			return errCrash
		}
		l.Commit(s.group, partition, offset+1)
		return nil
	})
}

// --8<-- [end:show]

var past = []Event{
	{"e1", "o-1", "placed", 1, json.RawMessage(`{"total": "42.00"}`)},
	{"e2", "o-4", "placed", 1, json.RawMessage(`{"total": "28.50"}`)},
	{"e3", "o-1", "shipped", 1, json.RawMessage(`{}`)},
	{"e4", "o-2", "placed", 2, json.RawMessage(`{"amount": 500, "currency": "EUR"}`)},
	{"e5", "o-4", "cancelled", 1, json.RawMessage(`{}`)},
	{"e6", "o-5", "placed", 2, json.RawMessage(`{"amount": 1999, "currency": "EUR"}`)},
}

func newService(group string, apply func(Event) error) *Service {
	return &Service{group: group, apply: apply, inbox: map[string]bool{}, upcast: upcast}
}

// Revenue is what billing and analytics keep; cents.
type Revenue struct {
	total   int64
	amounts map[string]int64
}

// Apply decodes leniently, as encoding/json does: a missing field is 0.
func (r *Revenue) Apply(event Event) error {
	switch event.Type {
	case "placed":
		var data placedV2
		if err := json.Unmarshal(event.Data, &data); err != nil {
			return err
		}
		r.amounts[event.Order] = data.Amount
		r.total += data.Amount
	case "cancelled":
		r.total -= r.amounts[event.Order]
	}
	return nil
}

// Stock keeps reservations, and what it read of one order.
type Stock struct {
	reserved map[string]bool
	seen     []string
}

// Apply reserves or releases.
func (s *Stock) Apply(event Event) error {
	if event.Order == "o-4" {
		s.seen = append(s.seen, event.Type)
	}
	switch event.Type {
	case "placed":
		s.reserved[event.Order] = true
	case "cancelled":
		delete(s.reserved, event.Order)
	}
	return nil
}

func history(key func(Event) string) *Log {
	l := &Log{partitions: make([][]Event, 2), committed: map[string][]int{}}
	for _, event := range past {
		l.Append(key(event), event)
	}
	return l
}

func byOrder(event Event) string { return event.Order }
func byEvent(event Event) string { return event.ID }

func offsets(l *Log, group string) string {
	committed, found := l.committed[group]
	if !found {
		return "none"
	}
	return strings.Trim(fmt.Sprint(committed), "[]")
}

func withCrash(l *Log, group, label string, remember bool) error {
	books := &Revenue{amounts: map[string]int64{}}
	billing := newService(group, books.Apply)
	if !remember {
		billing.inbox = nil
	}
	if err := billing.Run(l, 3); !errors.Is(err, errCrash) {
		return fmt.Errorf("no crash: %w", err)
	}
	stopped := offsets(l, group)
	if err := billing.Run(l, 0); err != nil {
		return err
	}
	fmt.Printf("  %-10s%-20s%-12d%-9d%d cents\n",
		label, stopped, billing.deliveries, billing.effects, books.total)
	return nil
}

func late(l *Log, label string, atEnd bool, translate func(Event) (Event, error)) error {
	books := &Revenue{amounts: map[string]int64{}}
	analytics := newService("analytics, "+label, books.Apply)
	analytics.upcast = translate
	if atEnd {
		for _, events := range l.partitions {
			l.committed[analytics.group] = append(l.committed[analytics.group], len(events))
		}
	}
	if err := analytics.Run(l, 0); err != nil {
		return err
	}
	fmt.Printf("  %-24s%d events  %4d cents\n", label, analytics.effects, books.total)
	return nil
}

func rewind(l *Log, label string, forget bool) error {
	sent := 0
	mail := newService("mail, "+label, func(event Event) error {
		if event.Type == "shipped" {
			sent++
		}
		return nil
	})
	if err := mail.Run(l, 0); err != nil {
		return err
	}
	before := sent
	l.committed[mail.group] = []int{0, 0}
	if forget {
		clear(mail.inbox)
	}
	err := mail.Run(l, 0)
	fmt.Printf("  %-24s%d sent again\n", label, sent-before)
	return err
}

func keyed(label string, key func(Event) string) error {
	shelf := &Stock{reserved: map[string]bool{}}
	if err := newService("stock", shelf.Apply).Run(history(key), 0); err != nil {
		return err
	}
	reserved := slices.Sorted(maps.Keys(shelf.reserved))
	fmt.Printf("  %-8s%-21s%s\n",
		label, strings.Join(shelf.seen, ", "), strings.Join(reserved, " "))
	return nil
}

func run() error {
	l := history(byOrder)
	fmt.Println("partition = crc32(order) mod 2")
	for number, events := range l.partitions {
		var told []string
		for _, e := range events {
			told = append(told, fmt.Sprintf("%s %s v%d", e.Type, e.Order, e.Version))
		}
		fmt.Printf("  %d  %s\n", number, strings.Join(told, ", "))
	}
	fmt.Println("billing   committed at crash  deliveries  effects  revenue")
	if err := errors.Join(
		withCrash(l, "billing", "no inbox", false),
		withCrash(l, "billing with inbox", "inbox", true),
	); err != nil {
		return err
	}
	fmt.Println("analytics joins later, committed:", offsets(l, "analytics"))
	asWritten := func(event Event) (Event, error) { return event, nil }
	if err := errors.Join(
		late(l, "from the end", true, upcast),
		late(l, "from 0, no upcaster", false, asWritten),
		late(l, "from 0", false, upcast),
	); err != nil {
		return err
	}
	fmt.Println("mail, offsets set back to 0")
	if err := errors.Join(
		rewind(l, "inbox deleted", true),
		rewind(l, "inbox kept", false),
	); err != nil {
		return err
	}
	fmt.Println("key     stock reads of o-4   reserved at the end")
	return errors.Join(keyed("order", byOrder), keyed("event", byEvent))
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
