// Pay once: intents, keys, webhooks, refunds, a dispute and reconciliation.
package main

import (
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"strings"
)

// ISO 4217: how many digits follow the point. Amounts are integers of the minor unit.
var exponents = map[string]int{"EUR": 2, "JPY": 0, "KWD": 3}

const disputeFee = 1500

func show(amount int64, currency string) string {
	digits := exponents[currency]
	if digits == 0 {
		return fmt.Sprintf("%d %s", amount, currency)
	}
	unit := int64(1)
	for range digits {
		unit *= 10
	}
	// Amounts here are never negative.
	return fmt.Sprintf("%d.%0*d %s", amount/unit, digits, amount%unit, currency)
}

// fee is 1.4 % and 25, rounded half up, in integers.
func fee(amount int64) int64 { return (amount*14+500)/1000 + 25 }

// Line is one line of the provider's report.
type Line struct {
	Intent, Kind, Reference string // the reference is the key of the call
	Amount                  int64
	Currency                string
}

// Record is what the provider knows of one of our intents.
type Record struct {
	Status   string
	Disputed int64
}

var errTimeout = errors.New("timeout")

// Provider charges for real, and answers when it likes.
type Provider struct {
	Fault   string // of the next call
	Records map[string]Record
	Answers map[string]string // by idempotency key
	Report  []Line
	OnPaid  func(intent string)
}

func (p *Provider) Charge(key, intent string, amount int64, currency string) (string, error) {
	fault := p.Fault
	p.Fault = ""
	if fault == "timeout before" {
		return "", errTimeout
	}
	if _, known := p.Answers[key]; !known {
		if fault == "declined" || fault == "requires_action" {
			p.Answers[key] = fault
			p.Records[intent] = Record{Status: fault}
		} else {
			p.Answers[key] = "paid"
			p.Settle(key, intent, amount, currency)
		}
	}
	if fault == "timeout after" {
		return "", errTimeout
	}
	return p.Answers[key], nil
}

func (p *Provider) Settle(key, intent string, amount int64, currency string) {
	p.Records[intent] = Record{Status: "paid"}
	p.Report = append(
		p.Report,
		Line{intent, "charge", key, amount, currency},
		Line{intent, "fee", key, -fee(amount), currency},
	)
	p.OnPaid(intent)
}

func (p *Provider) Refund(key, intent string, amount int64, currency string) error {
	fault := p.Fault
	p.Fault = ""
	if fault == "timeout before" {
		return errTimeout
	}
	if _, known := p.Answers[key]; !known {
		p.Answers[key] = "refunded"
		p.Report = append(p.Report, Line{intent, "refund", key, -amount, currency})
	}
	if fault == "timeout after" {
		return errTimeout
	}
	return nil
}

func (p *Provider) Dispute(intent string, amount int64, currency string) {
	p.Records[intent] = Record{"paid", amount}
	p.Report = append(
		p.Report,
		Line{intent, "dispute", "", -amount, currency},
		Line{intent, "fee", "", -disputeFee, currency},
	)
}

type Intent struct {
	ID       string
	Amount   int64
	Currency string
	State    string
	Attempt  int
	Refunds  map[string]int64 // by key
	Disputed int64
}

var next = map[string][]string{
	"created":         {"pending"},
	"pending":         {"requires_action", "paid", "declined"},
	"requires_action": {"paid", "declined"},
	"declined":        {"pending"}, // another card: a new attempt, a new key
	"paid":            {},          // refunds and disputes are amounts beside it
}

// --8<-- [start:show]

type Shop struct {
	Provider  *Provider
	Intents   []*Intent
	Inbox     map[string]bool // a table, the event id is its key
	Fulfilled []string
	Book      map[string]int64 // what the provider owes us
}

// move is, in a database: UPDATE ... WHERE state = the old one; one row, or stop.
func (s *Shop) move(i *Intent, state, source string) string {
	if !slices.Contains(next[i.State], state) {
		return fmt.Sprintf("%s says %s, is %s: nothing to do", source, state, i.State)
	}
	i.State = state
	if state == "paid" {
		s.Fulfilled = append(s.Fulfilled, i.ID) // in the same transaction
		s.Book[i.Currency] += i.Amount - fee(i.Amount)
	}
	return fmt.Sprintf("%s says %s", source, state)
}

func (s *Shop) pay(i *Intent) (string, error) {
	if i.State == "created" || i.State == "declined" {
		i.Attempt++
		i.State = "pending" // committed with the key, before the call
	}
	key := fmt.Sprintf("%s/%d", i.ID, i.Attempt) // one per attempt
	status, err := s.Provider.Charge(key, i.ID, i.Amount, i.Currency)
	if errors.Is(err, errTimeout) {
		return "no answer: " + i.State, nil // unknown is not failed
	} else if err != nil {
		return "", err
	}
	return s.move(i, status, "answer"), nil
}

func (s *Shop) receive(event string, i *Intent) string {
	if s.Inbox[event] {
		return event + " is known"
	}
	s.Inbox[event] = true
	record := s.Provider.Records[i.ID] // the event is a hint
	if record.Disputed > 0 && i.Disputed == 0 {
		i.Disputed = record.Disputed
		s.Book[i.Currency] -= record.Disputed + disputeFee
		return event + " says disputed"
	}
	return s.move(i, record.Status, event)
}

func (s *Shop) refund(i *Intent, key string, amount int64) (string, error) {
	if _, known := i.Refunds[key]; !known {
		left := i.Amount
		for _, refunded := range i.Refunds {
			left -= refunded
		}
		if i.State != "paid" || i.Disputed > 0 {
			return "refused: not paid, or disputed", nil
		}
		if amount <= 0 || amount > left {
			return fmt.Sprintf("refused: %s left", show(left, i.Currency)), nil
		}
		i.Refunds[key] = amount // reserved and committed before the call
		s.Book[i.Currency] -= amount
	}
	amount = i.Refunds[key] // a repeat sends what was reserved
	err := s.Provider.Refund(key, i.ID, amount, i.Currency)
	if errors.Is(err, errTimeout) {
		return "no answer: stays reserved", nil
	} else if err != nil {
		return "", err
	}
	return "refunded " + show(amount, i.Currency), nil
}

// --8<-- [end:show]

// reconcile repairs what has one explanation, and reports the rest.
func reconcile(s *Shop) (findings []string, err error) {
	charges := map[string][]Line{}
	refunds := map[string]bool{}
	for _, line := range s.Provider.Report {
		switch line.Kind {
		case "charge":
			charges[line.Intent] = append(charges[line.Intent], line)
		case "refund":
			refunds[line.Reference] = true
		}
	}
	add := func(format string, args ...any) {
		findings = append(findings, fmt.Sprintf(format, args...))
	}
	for _, i := range s.Intents {
		lines, was := charges[i.ID], i.State
		if len(lines) > 0 && was != "paid" {
			add("%s %s: %s", i.ID, was, s.move(i, "paid", "report"))
		}
		if was == "paid" && (len(lines) == 0 || lines[0].Amount != i.Amount) {
			add("%s paid here, not there: a person must look", i.ID)
		}
		for _, line := range lines[min(1, len(lines)):] {
			key := "undo " + line.Reference
			if refunds[key] {
				continue
			}
			if err := s.Provider.Refund(key, i.ID, line.Amount, line.Currency); err != nil {
				return findings, err
			}
			s.Book[line.Currency] -= fee(line.Amount) // it does not come back
			add("%s charged twice: %s given back", i.ID, show(line.Amount, line.Currency))
		}
		for _, key := range slices.Sorted(maps.Keys(i.Refunds)) {
			if refunds[key] {
				continue
			}
			if err := s.Provider.Refund(key, i.ID, i.Refunds[key], i.Currency); err != nil {
				return findings, err
			}
			add("%s refund %s unknown there: sent again", i.ID, key)
		}
	}
	return findings, nil
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	provider := &Provider{
		Records: map[string]Record{},
		Answers: map[string]string{},
		OnPaid:  func(string) {},
	}
	shop := &Shop{Provider: provider, Inbox: map[string]bool{}, Book: map[string]int64{}}
	for n, amount := range []int64{4200, 1999, 2500, 8000, 6000, 4200} {
		currency := "EUR"
		if n == 5 {
			currency = "JPY"
		}
		shop.Intents = append(shop.Intents, &Intent{
			ID: fmt.Sprintf("p%d", n+1), Amount: amount, Currency: currency,
			State: "created", Refunds: map[string]int64{},
		})
	}
	p1, p2, p3 := shop.Intents[0], shop.Intents[1], shop.Intents[2]
	p4, p5, p6 := shop.Intents[3], shop.Intents[4], shop.Intents[5]

	tell := func(i *Intent, step, outcome string) {
		charges := 0
		for _, line := range provider.Report {
			if line.Intent == i.ID && line.Kind == "charge" {
				charges++
			}
		}
		fmt.Printf("%-4s%-21s%-47s%d\n", i.ID, step, outcome, charges)
	}

	fmt.Printf("%-4s%-21s%-47scharges\n", "", "step", "outcome")
	provider.Fault = "timeout after"
	tell(p1, "pay", must(shop.pay(p1)))
	tell(p1, "again, same key", must(shop.pay(p1)))

	p2.State = "pending"
	for _, key := range []string{"first", "second"} { // the mistake: a key for each request
		if key == "first" {
			provider.Fault = "timeout after"
		}
		outcome, err := provider.Charge(key, p2.ID, p2.Amount, p2.Currency)
		if err != nil {
			tell(p2, "pay, careless", "no answer: "+p2.State)
			continue
		}
		tell(p2, "again, new key", shop.move(p2, outcome, "answer"))
	}

	early := ""
	provider.OnPaid = func(string) { early = shop.receive("evt_3", p3) }
	outcome := must(shop.pay(p3))
	provider.OnPaid = func(string) {}
	tell(p3, "webhook is faster", early)
	tell(p3, "then the answer", outcome)
	tell(p3, "webhook again", shop.receive("evt_3", p3))

	provider.Fault = "declined"
	tell(p4, "pay", must(shop.pay(p4)))
	provider.Fault = "requires_action"
	tell(p4, "another card", must(shop.pay(p4)))
	provider.Settle("p4/2", p4.ID, p4.Amount, p4.Currency) // passed 3-D Secure
	tell(p4, "browser closed", shop.receive("evt_4", p4))

	provider.Fault = "requires_action"
	tell(p5, "pay", must(shop.pay(p5)))
	provider.Settle("p5/1", p5.ID, p5.Amount, p5.Currency)
	tell(p5, "webhook is lost", "is "+p5.State)
	tell(p6, "pay", must(shop.pay(p6)))

	provider.Fault = "timeout after"
	tell(p1, "refund 10.00", must(shop.refund(p1, "r1", 1000)))
	tell(p1, "again, same key", must(shop.refund(p1, "r1", 1000)))
	tell(p1, "refund 40.00", must(shop.refund(p1, "r2", 4000)))
	provider.Fault = "timeout before"
	tell(p4, "refund 80.00", must(shop.refund(p4, "r4", 8000)))
	provider.Dispute(p3.ID, p3.Amount, p3.Currency)
	tell(p3, "webhook", shop.receive("evt_9", p3))
	tell(p3, "refund 25.00", must(shop.refund(p3, "r3", 2500)))

	fmt.Println("reconciliation")
	for _, finding := range must(reconcile(shop)) {
		fmt.Println("    " + finding)
	}
	fmt.Printf("    second run: %d to repair\n", len(must(reconcile(shop))))
	there := map[string]int64{}
	for _, line := range provider.Report {
		there[line.Currency] += line.Amount
	}
	for _, currency := range slices.Sorted(maps.Keys(shop.Book)) {
		fmt.Printf(
			"balance: ours %s, provider's %s\n",
			show(shop.Book[currency], currency), show(there[currency], currency),
		)
	}
	once := strings.Join(slices.Sorted(slices.Values(shop.Fulfilled)), " ") == "p1 p2 p3 p4 p5 p6"
	fmt.Printf("each intent fulfilled once: %s\n", map[bool]string{true: "yes", false: "no"}[once])
}
