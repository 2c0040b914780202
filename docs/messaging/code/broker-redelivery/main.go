// Two workers, a poison message and two crashes, in front of an in-memory broker.
package main

import (
	"fmt"
	"slices"
	"strings"
)

// --8<-- [start:show]

type Message struct {
	Name       string
	visibleAt  int
	deliveries int
	receipt    int // of the newest delivery
}

type Delivery struct {
	Name            string
	Receipt, Number int
}

type Queue struct {
	Visibility    int // seconds a delivery stays hidden
	MaxDeliveries int
	Dead          []*Message
	messages      []*Message
	receipts      int
}

func (q *Queue) Send(name string) {
	q.messages = append(q.messages, &Message{Name: name})
}

// Receive hides the oldest visible message and hands it out; it buries the hopeless.
func (q *Queue) Receive(now int) (Delivery, bool) {
	for _, m := range slices.Clone(q.messages) {
		if m.visibleAt > now {
			continue
		}
		if m.deliveries == q.MaxDeliveries {
			q.remove(m)
			q.Dead = append(q.Dead, m)
			continue
		}
		q.receipts++
		m.receipt = q.receipts
		m.deliveries++
		m.visibleAt = now + q.Visibility
		return Delivery{m.Name, m.receipt, m.deliveries}, true
	}
	return Delivery{}, false
}

// Ack forgets the message, unless somebody else holds it by now.
func (q *Queue) Ack(receipt int) bool {
	held := q.held(receipt)
	if held != nil {
		q.remove(held)
	}
	return held != nil
}

// Hide is a heartbeat in a long job, or the wait after a failure.
func (q *Queue) Hide(receipt, until int) bool {
	held := q.held(receipt)
	if held != nil {
		held.visibleAt = until
	}
	return held != nil
}

func (q *Queue) held(receipt int) *Message {
	for _, m := range q.messages {
		if m.receipt == receipt {
			return m
		}
	}
	return nil
}

// --8<-- [end:show]

func (q *Queue) remove(m *Message) {
	q.messages = slices.DeleteFunc(q.messages, func(o *Message) bool { return o == m })
}

const seconds = 150

var orders = []string{"order-1", "order-2", "order-3", "order-4"}

type Options struct{ ackFirst, heartbeat, idempotent bool }

type Line struct {
	start, end int
	worker     string
	delivery   Delivery
	what       string
}

type Worker struct {
	name   string
	line   *Line // what it works on
	freeAt int
}

// Run has the virtual clock, the workers, and the effects they have in the world.
type Run struct {
	options Options
	queue   *Queue
	effects map[string]int
	lines   []*Line
}

func play(options Options) *Run {
	r := &Run{options, &Queue{Visibility: 30, MaxDeliveries: 3}, map[string]int{}, nil}
	for _, name := range orders {
		r.queue.Send(name)
	}
	workers := []*Worker{{name: "A"}, {name: "B"}}
	for now := range seconds {
		for _, worker := range workers {
			r.tick(worker, now)
		}
	}
	return r
}

func (r *Run) tick(worker *Worker, now int) {
	if line := worker.line; line != nil {
		if r.options.heartbeat && (now-line.start)%10 == 0 {
			r.queue.Hide(line.delivery.Receipt, now+r.queue.Visibility)
		}
		if now == worker.freeAt {
			worker.line = nil
			line.end, line.what = now, r.finish(worker, line.delivery, now)
		}
		return
	}
	if now < worker.freeAt {
		return
	}
	delivery, ok := r.queue.Receive(now)
	if !ok {
		return
	}
	if r.options.ackFirst {
		r.queue.Ack(delivery.Receipt)
	}
	worker.freeAt = now + 2
	if delivery.Name == "order-3" && delivery.Number == 1 {
		worker.freeAt = now + 40
	}
	worker.line = &Line{start: now, worker: worker.name, delivery: delivery}
	r.lines = append(r.lines, worker.line)
}

func (r *Run) finish(worker *Worker, delivery Delivery, now int) string {
	first := delivery.Number == 1
	if delivery.Name == "order-1" && first {
		worker.freeAt = now + 5 // until the process is back
		return "worker dies before the effect"
	}
	if delivery.Name == "order-2" {
		wait := 10 * delivery.Number
		r.queue.Hide(delivery.Receipt, now+wait)
		return fmt.Sprintf("fails, next try in %d s", wait)
	}
	done := "effect"
	if r.options.idempotent && r.effects[delivery.Name] > 0 {
		done = "seen before"
	} else {
		r.effects[delivery.Name]++
	}
	if delivery.Name == "order-4" && first {
		worker.freeAt = now + 5
		return "worker dies after the effect, before the ack"
	}
	if !r.queue.Ack(delivery.Receipt) {
		return done + ", ack refused: no longer the holder"
	}
	return done + ", ack"
}

func summary(label string, run *Run) {
	var once, twice, lost, dead []string
	for _, name := range orders {
		buried := slices.ContainsFunc(run.queue.Dead, func(m *Message) bool {
			return m.Name == name
		})
		short := strings.TrimPrefix(name, "order-")
		switch {
		case buried:
			dead = append(dead, short)
		case run.effects[name] == 0:
			lost = append(lost, short)
		case run.effects[name] == 1:
			once = append(once, short)
		default:
			twice = append(twice, short)
		}
	}
	line := fmt.Sprintf("%-31s", label)
	for _, group := range [][]string{once, twice, lost, dead} {
		if len(group) == 0 {
			group = []string{"-"}
		}
		line += fmt.Sprintf("%-8s", strings.Join(group, " "))
	}
	fmt.Println(strings.TrimRight(line, " "))
}

func main() {
	fmt.Println("visibility timeout 30 s, dead letter after 3 deliveries")
	fmt.Println("   s  to  worker  message  delivery  outcome")
	for _, line := range play(Options{}).lines {
		d := line.delivery
		fmt.Printf("%4d%4d  %-8s%-9s%-10d%s\n", line.start, line.end, line.worker, d.Name, d.Number, line.what)
	}
	fmt.Println("\norders that had their effect   once    twice   lost    dead")
	for _, run := range []struct {
		label   string
		options Options
	}{
		{"ack before the work", Options{ackFirst: true}},
		{"ack after the work", Options{}},
		{"  and a heartbeat every 10 s", Options{heartbeat: true}},
		{"  and an idempotent handler", Options{heartbeat: true, idempotent: true}},
	} {
		summary("  "+run.label, play(run.options))
	}
}
