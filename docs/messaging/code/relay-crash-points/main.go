// Crash every process before every step; count orders and effects afterwards.
package main

import (
	"errors"
	"fmt"
	"strings"
)

const (
	orders    = 5
	schedules = 2000
)

var (
	steps    = []string{"save", "publish", "mark", "effect", "ack"}
	errCrash = errors.New("the process that was about to take the step is gone")
)

// Before is told of every step of every process; it may answer errCrash.
type Before func(step string) error

// World is what survives crashes: the databases and the broker.
type World struct {
	orders  map[int]bool
	outbox  []int
	queue   []int
	inbox   map[int]bool
	effects map[int]int
}

// --8<-- [start:show]

func saveThenPublish(w *World, order int, before Before) error {
	if err := before("save"); err != nil {
		return err
	}
	w.orders[order] = true
	if err := before("publish"); err != nil {
		return err
	}
	w.queue = append(w.queue, order)
	return nil
}

func saveWithOutbox(w *World, order int, before Before) error {
	if err := before("save"); err != nil {
		return err
	}
	w.orders[order] = true // these two lines are one commit
	w.outbox = append(w.outbox, order)
	return nil
}

func relay(w *World, before Before) error {
	for len(w.outbox) > 0 {
		if err := before("publish"); err != nil {
			return err
		}
		w.queue = append(w.queue, w.outbox[0])
		if err := before("mark"); err != nil {
			return err
		}
		w.outbox = w.outbox[1:]
	}
	return nil
}

func withInbox(w *World, before Before) error {
	for len(w.queue) > 0 {
		if err := before("effect"); err != nil {
			return err
		}
		if message := w.queue[0]; !w.inbox[message] {
			w.inbox[message] = true // these two lines are one commit
			w.effects[message]++
		}
		if err := before("ack"); err != nil {
			return err
		}
		w.queue = w.queue[1:]
	}
	return nil
}

// --8<-- [end:show]

func publishThenSave(w *World, order int, before Before) error {
	if err := before("publish"); err != nil {
		return err
	}
	w.queue = append(w.queue, order)
	if err := before("save"); err != nil {
		return err
	}
	w.orders[order] = true
	return nil
}

func ackFirst(w *World, before Before) error {
	for len(w.queue) > 0 {
		if err := before("ack"); err != nil {
			return err
		}
		message := w.queue[0]
		w.queue = w.queue[1:]
		if err := before("effect"); err != nil {
			return err
		}
		w.effects[message]++
	}
	return nil
}

func effectFirst(w *World, before Before) error {
	for len(w.queue) > 0 {
		if err := before("effect"); err != nil {
			return err
		}
		w.effects[w.queue[0]]++
		if err := before("ack"); err != nil {
			return err
		}
		w.queue = w.queue[1:]
	}
	return nil
}

// Design is how orders are placed and messages consumed.
type Design struct {
	label   string
	place   func(w *World, order int, before Before) error
	consume func(w *World, before Before) error
}

var designs = []Design{
	{"save, pub", saveThenPublish, effectFirst},
	{"pub, save", publishThenSave, effectFirst},
	{"ack first", saveWithOutbox, ackFirst},
	{"outbox", saveWithOutbox, effectFirst},
	{"+ inbox", saveWithOutbox, withInbox},
}

// run places orders; then it restarts what crashed until nothing is left to do.
func (d Design) run(count int, before Before) *World {
	w := &World{orders: map[int]bool{}, inbox: map[int]bool{}, effects: map[int]int{}}
	for order := range count {
		// After a crash the customer gets an error and does not come back.
		_ = d.place(w, order, before)
	}
	for len(w.outbox) > 0 || len(w.queue) > 0 {
		if relay(w, before) == nil {
			_ = d.consume(w, before) // a crash: once more from the top
		}
	}
	return w
}

// oneCrash crashes once, before that step, and tells what one order came to.
func (d Design) oneCrash(victim string) string {
	met := false
	w := d.run(1, func(step string) error {
		if step != victim || met {
			return nil
		}
		met = true
		return errCrash
	})
	if !met {
		return "-"
	}
	stored, effects := len(w.orders), w.effects[0]
	return strings.TrimRight(fmt.Sprintf("%d/%d %s", stored, effects, verdict(stored > 0, effects)), " ")
}

func verdict(stored bool, effects int) string {
	switch {
	case !stored && effects > 0:
		return "ghost"
	case stored && effects == 0:
		return "lost"
	case stored && effects > 1:
		return "doubled"
	}
	return ""
}

// Random is a generator that is the same in every language.
type Random int

// Below gives a number from 0 to bound - 1.
func (r *Random) Below(bound int) int {
	*r = (*r*1103515245 + 12345) % (1 << 31)
	return int(*r>>16) % bound
}

// schedules runs many schedules in which one step in five crashes.
func (d Design) schedules() string {
	crashes, stored, right := 0, 0, 0
	seen := map[string]int{}
	for seed := range schedules {
		random := Random(seed)
		w := d.run(orders, func(string) error {
			if random.Below(5) != 0 {
				return nil
			}
			crashes++
			return errCrash
		})
		good := 0
		for order := range orders {
			word := verdict(w.orders[order], w.effects[order])
			seen[word]++
			if word == "" {
				good++
			}
		}
		stored += len(w.orders)
		if good == orders {
			right++
		}
	}
	return fmt.Sprintf("%-12s%11d%11d%11d%11d%11d%11d", d.label, crashes, stored,
		seen["lost"], seen["ghost"], seen["doubled"], right)
}

func main() {
	fmt.Println("One order, one crash: orders stored / effects of its message")
	line := fmt.Sprintf("%-10s", "before")
	for _, design := range designs {
		line += fmt.Sprintf("%-13s", design.label)
	}
	fmt.Println(strings.TrimRight(line, " "))
	for _, step := range steps {
		line := fmt.Sprintf("%-10s", step)
		for _, design := range designs {
			line += fmt.Sprintf("%-13s", design.oneCrash(step))
		}
		fmt.Println(strings.TrimRight(line, " "))
	}
	fmt.Printf("\n%d schedules of %d orders, one step in five crashes\n", schedules, orders)
	fmt.Printf("%-12s%11s%11s%11s%11s%11s%11s\n", "",
		"crashes", "orders", "lost", "ghosts", "doubled", "all right")
	for _, design := range designs {
		fmt.Println(design.schedules())
	}
}
