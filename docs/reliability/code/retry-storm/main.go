// A retry storm in virtual time: who makes it, who ends it.
package main

import (
	"fmt"
	"strings"
)

const (
	clients, tries     = 1000, 4
	base, ceilingLimit = 500, 8000 // milliseconds
	slotCount          = 400       // of 100 ms
	from, until        = 100, 150  // the slots of the trouble
	fullUnits          = 480       // a slot's work: an answer costs 4 units, a refusal 1
)

type Dice struct{ state int }

func (d *Dice) between(low, high int) int {
	d.state = (d.state*1103515245 + 12345) % (1 << 31)
	return low + (d.state>>8)%(high-low+1)
}

// --8<-- [start:show]

// wait returns the milliseconds before the next try.
func wait(strategy string, attempt, previous int, dice *Dice) int {
	ceiling := min(ceilingLimit, base<<(attempt-1))
	switch strategy {
	case "naive":
		return 0
	case "exponential":
		return ceiling
	case "equal jitter":
		return dice.between(ceiling/2, ceiling)
	case "decorrelated":
		return min(ceilingLimit, dice.between(base, previous*3))
	default:
		return dice.between(0, ceiling)
	}
}

// serve returns how many are answered. Saying no is cheaper, and not free.
func serve(slot, requests int) int {
	units := fullUnits
	if from <= slot && slot < until {
		units /= 2
	}
	return min(requests, max(0, (units-requests)/3))
}

// --8<-- [end:show]

// Budget gets a tenth of a retry from every call and saves at most ten.
type Budget struct {
	limited bool
	saved   int // hundredths
}

func (b *Budget) deposit() { b.saved = min(1000, b.saved+10) }

func (b *Budget) withdraw() bool {
	if !b.limited {
		return true
	}
	if b.saved < 100 {
		return false
	}
	b.saved -= 100
	return true
}

func newBudget(limited bool) *Budget { return &Budget{limited: limited, saved: 1000} }

func herd(strategy string) {
	dice := &Dice{state: 42}
	var sent [16]int
	for range clients {
		now, previous := 0, base
		for attempt := 1; attempt < tries; attempt++ {
			previous = wait(strategy, attempt, previous, dice)
			now += previous
			if now < 1600 {
				sent[now/100]++
			}
		}
	}
	fmt.Printf("%-12s", strategy)
	for _, each := range sent {
		fmt.Printf("%4d", each/10)
	}
	fmt.Println()
}

type World struct {
	strategy    string
	openLoop    bool
	slots       [500][]int // the attempts that arrive
	peak        int
	served      int // while in trouble
	atEnd       int // in the last second
	lastRefusal int
}

func (w *World) run() {
	dice := &Dice{state: 42}
	budget := newBudget(strings.Contains(w.strategy, "budget"))
	for client := range clients {
		w.slots[client%10] = append(w.slots[client%10], 1)
	}
	for slot := range slotCount {
		if w.openLoop && slot >= 10 {
			for range clients / 10 {
				w.slots[slot] = append(w.slots[slot], 1)
			}
		}
		count := len(w.slots[slot])
		answered := serve(slot, count)
		w.peak = max(w.peak, count)
		if from <= slot && slot < until {
			w.served += answered
		}
		if slot >= slotCount-10 {
			w.atEnd += answered
		}
		if answered < count {
			w.lastRefusal = slot
		}
		for place, attempt := range w.slots[slot] {
			if attempt == 1 {
				budget.deposit()
			}
			// The answers are spread evenly over the requests.
			lucky := (place+1)*answered/count > place*answered/count
			again := attempt < tries && w.strategy != "no retries"
			if !lucky && again && budget.withdraw() {
				next := slot + 1 + wait(w.strategy, attempt, base, dice)/100
				w.slots[next] = append(w.slots[next], attempt+1)
			} else if !w.openLoop {
				w.slots[slot+10] = append(w.slots[slot+10], 1) // the next call, 1 s later
			}
		}
	}
}

func (w *World) row() string {
	after := max(0, w.lastRefusal+1-until)
	healthy := fmt.Sprintf("%d.%d s", after/10, after%10)
	if w.lastRefusal >= slotCount-10 {
		healthy = "never"
	}
	return fmt.Sprintf("%5d%9d%8d%8s", w.peak, w.served/5, w.atEnd, healthy)
}

func storm(strategy string) {
	rows := make([]string, 0, 2)
	for _, openLoop := range []bool{true, false} {
		world := &World{strategy: strategy, openLoop: openLoop}
		world.run()
		rows = append(rows, world.row())
	}
	fmt.Printf("%-15s%s  %s\n", strategy, rows[0], rows[1])
}

// layers shows calls whose last layer is down: each caller uses all tries it may.
func layers(label string, most [3]int, limited bool) {
	calls := clients
	fmt.Printf("%-35s", label)
	for _, tries := range most {
		budget, sent := newBudget(limited), 0
		for range calls {
			budget.deposit()
			sent++
			for range tries - 1 {
				if budget.withdraw() {
					sent++
				}
			}
		}
		calls = sent
		fmt.Printf("%9d", calls)
	}
	fmt.Println()
}

func main() {
	fmt.Println("1,000 clients cut off at 0 s: tens of tries in each 100 ms until 1.6 s")
	for _, strategy := range []string{
		"exponential", "equal jitter", "full jitter", "decorrelated",
	} {
		herd(strategy)
	}
	fmt.Println("\n1,000 calls/s; a server for 1,200/s has half from 10 to 15 s")
	fmt.Println("               callers keep coming            1,000 clients, a call at a time")
	fmt.Println("                peak  trouble  at end healthy   peak  trouble  at end healthy")
	for _, strategy := range []string{
		"no retries", "naive", "exponential", "full jitter", "jitter + budget",
	} {
		storm(strategy)
	}
	fmt.Println("\n1,000 requests, the database is down     api   orders database")
	layers("4 tries at each of three layers", [3]int{4, 4, 4}, false)
	layers("4 tries at the last layer only", [3]int{1, 1, 4}, false)
	layers("4 tries each, a budget of 10 %", [3]int{4, 4, 4}, true)
}
