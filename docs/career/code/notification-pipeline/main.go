// A notification pipeline on virtual time: lanes, quiet hours, lost answers.
package main

import (
	"fmt"
	"slices"
	"strings"
)

type rule struct {
	lane    int
	quiet   bool   // does it wait for the morning?
	valid   int    // seconds
	unknown string // what to do when the provider's answer is lost
}

type user struct {
	name   string
	offset int // hours from UTC
}

type message struct {
	number, created, due       int
	event, user, channel, kind string
}

type event struct {
	at                        int
	name, user, channel, kind string
}

type key struct{ event, user, channel string }

type refusal struct{ user, channel, kind string }

type fault struct{ provider, event, user string }

var rules = map[string]rule{
	"code":  {0, false, 300, "other provider"},
	"order": {1, true, 86_400, "same again"},
	"promo": {2, true, 43_200, "leave it"},
}

var users = []user{
	{"ada", 1},
	{"ben", 0},
	{"cy", 2},
	{"dana", 9},
	{"eve", -5},
}

var providers = map[string][]string{"push": {"push-1"}, "sms": {"sms-1", "sms-2"}}

const (
	hour  = 3600
	day   = 24 * hour
	start = 20*hour - 2 // the trace begins at 19:59:58 UTC

	anyLane = -1
)

func clock(now int) string {
	s := (start + now) % day
	return fmt.Sprintf("%02d:%02d:%02d", s/hour, s/60%60, s%60)
}

func find(name string) user {
	return users[slices.IndexFunc(users, func(u user) bool { return u.name == name })]
}

// dueAt is now, or 8:00 local time if the kind may not disturb the user's night.
func dueAt(now int, kind, user string) int {
	local := (start + now + find(user).offset*hour) % day
	switch {
	case !rules[kind].quiet:
		return now
	case local >= 22*hour:
		return now + day - local + 8*hour
	case local < 8*hour:
		return now + 8*hour - local
	}
	return now
}

type end struct {
	text string
	at   int
}

type pipeline struct {
	lanes, loud bool
	faults      map[fault]string
	queue       []*message
	seen        map[key]bool
	refused     map[refusal]bool
	screens     map[string][]string
	ends        map[string]end
}

func newPipeline(lanes, loud bool, faults map[fault]string) *pipeline {
	return &pipeline{
		lanes: lanes, loud: loud, faults: faults,
		seen: map[key]bool{}, refused: map[refusal]bool{},
		screens: map[string][]string{}, ends: map[string]end{},
	}
}

func (p *pipeline) say(now int, event, user, text string) {
	p.ends[event] = end{text, now}
	if p.loud {
		fmt.Printf("%s  %-9s%-6s%s\n", clock(now), event, user, text)
	}
}

// call asks a provider; what the user's screen shows is known to us alone.
func (p *pipeline) call(provider string, m *message) string {
	at := fault{provider, m.event, m.user}
	outcome, found := p.faults[at]
	if !found {
		outcome = "ok"
	}
	delete(p.faults, at)
	// Push replaces what has the same collapse id; a text message is added.
	shown := m.channel == "push" && slices.Contains(p.screens[m.user], m.event)
	if outcome != "failed" && !shown {
		p.screens[m.user] = append(p.screens[m.user], m.event)
	}
	return outcome
}

// --8<-- [start:show]
func (p *pipeline) accept(now int, e event) {
	k := key{e.name, e.user, e.channel}
	if p.seen[k] { // in a store: a unique key, in the queue's transaction
		p.say(now, e.name, e.user, "duplicate event, dropped")
		return
	}
	p.seen[k] = true
	due := dueAt(now, e.kind, e.user)
	if due > now {
		p.say(now, e.name, e.user, "quiet hours, waits until "+clock(due))
	}
	m := message{len(p.seen), now, due, e.name, e.user, e.channel, e.kind}
	p.queue = append(p.queue, &m)
}

func (p *pipeline) pick(now, lane int) *message {
	var first *message
	for _, m := range p.queue {
		mine := lane == anyLane || rules[m.kind].lane == lane
		if mine && m.due <= now && (first == nil || m.number < first.number) {
			first = m
		}
	}
	p.queue = slices.DeleteFunc(p.queue, func(m *message) bool { return m == first })
	return first
}

// tick: each sender sends one message a second; each lane has its own sender.
func (p *pipeline) tick(now int) bool {
	lanes := []int{anyLane}
	if p.lanes {
		lanes = []int{0, 1, 2}
	}
	sent := false
	for _, lane := range lanes {
		if m := p.pick(now, lane); m != nil {
			p.send(now, m)
			sent = true
		}
	}
	return sent
}

func (p *pipeline) send(now int, m *message) {
	r := rules[m.kind]
	if now > m.created+r.valid {
		p.say(now, m.event, m.user, "expired, not sent")
		return
	}
	if p.refused[refusal{m.user, m.channel, m.kind}] { // since it was planned
		p.say(now, m.event, m.user, "opted out, not sent")
		return
	}
	m.due = dueAt(now, m.kind, m.user) // did the night begin meanwhile?
	if m.due > now {
		p.queue = append(p.queue, m)
		p.say(now, m.event, m.user, "quiet hours, waits until "+clock(m.due))
		return
	}
	for _, provider := range providers[m.channel] {
		outcome := p.call(provider, m)
		p.say(now, m.event, m.user, provider+": "+outcome)
		if outcome == "answer lost" && r.unknown == "same again" {
			outcome = p.call(provider, m) // same collapse id
			p.say(now, m.event, m.user, provider+" again: "+outcome)
		}
		if outcome == "ok" {
			return
		}
		if outcome == "answer lost" && r.unknown == "leave it" {
			p.say(now, m.event, m.user, "unknown, left so")
			return
		}
	}
	m.due = now + 30 // every provider failed: later, while it is valid
	p.queue = append(p.queue, m)
}

// --8<-- [end:show]

// run goes second by second and jumps over the time in which nothing is due.
func (p *pipeline) run(events []event) {
	now := 0
	for len(events) > 0 || len(p.queue) > 0 {
		for len(events) > 0 && events[0].at <= now {
			e := events[0]
			events = events[1:]
			if e.name == "opt-out" {
				p.refused[refusal{e.user, e.channel, e.kind}] = true
				p.say(now, e.name, e.user, "no "+e.kind+" by "+e.channel+" from now on")
			} else {
				p.accept(now, e)
			}
		}
		if p.tick(now) {
			now++
			continue
		}
		next := 1 << 30
		if len(events) > 0 {
			next = events[0].at
		}
		for _, m := range p.queue {
			next = min(next, m.due)
		}
		now = next
	}
}

func main() {
	for _, lanes := range []bool{false, true} {
		p := newPipeline(lanes, false, nil)
		var events []event
		for n := range 600 {
			events = append(events, event{0, fmt.Sprintf("sale-%d", n), "ben", "push", "promo"})
		}
		p.run(append(events, event{1, "code-1", "ada", "sms", "code"}))
		name := "One queue:"
		if lanes {
			name = "Lanes:"
		}
		e := p.ends["code-1"]
		fmt.Printf("%-11scode-1 after %d s: %s\n", name, e.at-1, e.text)
	}
	p := newPipeline(true, true, map[fault]string{
		{"sms-1", "code-2", "ada"}:   "failed",
		{"sms-1", "code-3", "dana"}:  "answer lost",
		{"push-1", "shipped", "ada"}: "answer lost",
		{"push-1", "sale", "eve"}:    "answer lost",
	})
	var events []event
	for _, u := range users {
		events = append(events, event{0, "sale", u.name, "push", "promo"})
	}
	p.run(append(events,
		event{1, "opt-out", "ben", "push", "promo"},
		event{1, "code-2", "ada", "sms", "code"},
		event{2, "shipped", "ada", "push", "order"},
		event{2, "shipped", "ada", "push", "order"},
		event{2, "code-3", "dana", "sms", "code"},
	))
	fmt.Println("On the screens:")
	for _, u := range users {
		shown := "nothing"
		if screen := p.screens[u.name]; len(screen) > 0 {
			shown = strings.Join(screen, ", ")
		}
		fmt.Printf("  %-6s%s\n", u.name, shown)
	}
}
