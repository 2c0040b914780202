// An order saga: its state is a fold over a log, so any crash can be resumed.
package main

import (
	"errors"
	"fmt"
	"os"
)

// Result is what a service answered, or that a person resumed the saga.
type Result string

const (
	done    Result = "done"
	refused Result = "refused"
	failed  Result = "failed"
	resumed Result = "resumed"
)

const (
	maxAttempts = 4
	payment     = "capture payment"
)

var (
	undoes   = map[string]string{"cancel order": "create order", "release stock": "reserve stock"}
	errCrash = errors.New("the orchestrator's process is gone")
)

// State is what the services show.
type State struct {
	order                string
	stock, paid, parcels int
}

// Services are order, stock, payment and parcel service: data and moods.
type Services struct {
	refuse  string
	down    map[string]int // calls that do nothing
	lose    map[string]int // replies lost, effect there
	state   State
	answers map[string]Result
	effects map[string]int
}

// Call answers a command; the command's name serves as its idempotency key.
func (s *Services) Call(command string) Result {
	if s.down[command] > 0 {
		s.down[command]--
		return failed
	}
	if _, known := s.answers[command]; !known { // answer and effect are one commit
		s.answers[command] = s.apply(command)
	}
	if s.lose[command] > 0 {
		s.lose[command]--
		return failed
	}
	return s.answers[command]
}

func (s *Services) apply(command string) Result {
	if command == s.refuse {
		return refused
	}
	s.effects[command]++
	undone, isUndo := undoes[command]
	wasDone := s.answers[undone] == done
	if isUndo {
		s.answers[undone] = refused // should it come late
	}
	switch command {
	case "create order":
		s.state.order = "pending"
	case "cancel order":
		s.state.order = "cancelled"
	case "reserve stock":
		s.state.stock--
	case "release stock":
		if wasDone {
			s.state.stock++
		}
	case payment:
		s.state.paid += 40
	case "book parcel":
		s.state.parcels++
	case "confirm order":
		s.state.order = "confirmed"
	}
	return done
}

// --8<-- [start:show]

// A step and what undoes it, up to the pivot; from there on only forward.
var steps = []struct{ do, undo string }{
	{"create order", "cancel order"},
	{"reserve stock", "release stock"},
	{"capture payment", ""},
	{"book parcel", ""},
	{"confirm order", ""},
}

const pivot = 2

// fold derives from the log alone where the saga stands and what comes next.
func fold(log []Result) (status, command string) {
	at, back, attempts := 0, false, 0
	for _, result := range log {
		switch {
		case result == done && back:
			at, attempts = at-1, 0
		case result == done:
			at, attempts = at+1, 0
		case result == refused && at <= pivot && !back:
			at, back, attempts = at-1, true, 0 // undo from the step before
		case result == refused:
			attempts = maxAttempts // it was not allowed to refuse
		case result == failed: // unknown: the same command again
			attempts++
			if attempts == maxAttempts && at < pivot && !back {
				back, attempts = true, 0 // may have happened: undo it too
			}
		case result == resumed:
			attempts = 0
		}
	}
	switch {
	case at == len(steps):
		return "completed", ""
	case at < 0:
		return "cancelled", ""
	case attempts >= maxAttempts:
		return "parked", ""
	case back:
		return "running", steps[at].undo
	}
	return "running", steps[at].do
}

func run(log *[]Result, call func(string) Result, before func() error) (string, error) {
	for {
		status, command := fold(*log)
		if command == "" {
			return status, nil
		}
		if err := before(); err != nil {
			return "", err
		}
		result := call(command)
		if err := before(); err != nil {
			return "", err // done, but nobody wrote it down
		}
		*log = append(*log, result)
	}
}

// --8<-- [end:show]

// drive runs a saga to its end, restarting the orchestrator whenever it crashes.
func drive(s *Services, crashAt []int, repair bool, trace func(what, result string)) (status string, writes int) {
	log := []Result{}
	before := func() error {
		writes++
		for _, point := range crashAt {
			if writes == point {
				return errCrash
			}
		}
		return nil
	}
	call := func(command string) Result {
		result := s.Call(command)
		trace(command, string(result))
		return result
	}
	for {
		status, err := run(&log, call, before)
		switch {
		case err != nil:
			trace("crash", fmt.Sprintf("%d records in the log", len(log)))
		case status != "parked" || !repair:
			return status, writes
		default:
			repair = false
			clear(s.down) // a person has repaired the cause
			log = append(log, resumed)
		}
	}
}

// Scenario is what goes wrong.
type Scenario struct {
	label, refuse, down string
	times               int
	lose                string
	lost                int
	repair              bool
}

func (c Scenario) services() *Services {
	return &Services{
		refuse: c.refuse, down: map[string]int{c.down: c.times}, lose: map[string]int{c.lose: c.lost},
		state:   State{order: "-", stock: 5},
		answers: map[string]Result{}, effects: map[string]int{},
	}
}

var scenarios = []Scenario{
	{label: "all well"},
	{label: "create refused", refuse: "create order"},
	{label: "stock refused", refuse: "reserve stock"},
	{label: "stock's replies lost", lose: "reserve stock", lost: 99},
	{label: "payment refused", refuse: payment},
	{label: "payment's reply lost", lose: payment, lost: 1},
	{label: "payment never answers", down: payment, times: 99},
	{label: "  but took the money", lose: payment, lost: 99},
	{label: "parcel refused", refuse: "book parcel"},
	{label: "confirm fails 3 times", down: "confirm order", times: 3},
	{label: "release fails twice", refuse: payment, down: "release stock", times: 2},
	{label: "release never works", refuse: payment, down: "release stock", times: 99},
	{label: "  after the repair", refuse: payment, down: "release stock", times: 99, repair: true},
}

func silent(string, string) {}

// withCrashes crashes at every point and every two points, and counts them.
func (c Scenario) withCrashes(status string, state State, writes int) (int, error) {
	count := 0
	for i := 1; i <= writes; i++ {
		for j := i; j <= writes; j++ { // i == j is a single crash
			s := c.services()
			end, _ := drive(s, []int{i, j}, c.repair, silent)
			if end != status || s.state != state {
				return 0, fmt.Errorf("%s, crash at %d and %d: another end", c.label, i, j)
			}
			for command, times := range s.effects {
				if times > 1 {
					return 0, fmt.Errorf("%s, crash at %d and %d: %s twice", c.label, i, j, command)
				}
			}
			count++
		}
	}
	return count, nil
}

func main() {
	fmt.Println("Payment refused, and the orchestrator dies after the release:")
	drive(Scenario{refuse: payment}.services(), []int{8}, false, func(what, result string) {
		fmt.Printf("  %-17s%s\n", what, result)
	})
	fmt.Printf("\n%-23sorder      stock  paid  parcels  saga       same end\n", "")
	for _, c := range scenarios {
		s := c.services()
		status, writes := drive(s, nil, c.repair, silent)
		same, err := c.withCrashes(status, s.state, writes)
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		fmt.Printf("%-23s%-11s%-7d%-6d%-9d%-11s%d of %d\n", c.label, s.state.order,
			s.state.stock, s.state.paid, s.state.parcels, status, same, same)
	}
	late := Scenario{down: "reserve stock", times: 4}.services()
	drive(late, nil, false, silent)
	answer := late.Call("reserve stock")
	fmt.Printf("\nA reserve that arrives after its release: %s, stock %d\n", answer, late.state.stock)
}
