// A server offered more than it can do, in virtual milliseconds.
package main

import (
	"fmt"
	"slices"
)

const patience = 500 // ms a client waits for the answer to one attempt

// lcg is the same small generator in every language.
type lcg struct{ state uint64 }

func (l *lcg) below(n int) int {
	l.state = (l.state*1103515245 + 12345) % (1 << 31)
	return int(l.state>>8) % n
}

type attempt struct {
	critical bool
	number   int
	sent     int
	answered bool
}

// --8<-- [start:show]

// Admission decides at the door and again when a worker is free.
type Admission struct {
	limit       int // requests waiting or in work
	reserved    int // of these, only for critical requests
	dropExpired bool
	adaptive    bool
	target      int // ms, for the adaptive limit
	slowest     int
	wasFull     bool
}

func (a *Admission) admit(inside int, critical bool) bool {
	room := a.limit
	if !critical {
		room -= a.reserved
	}
	a.wasFull = a.wasFull || inside >= room
	return inside < room
}

// worthStarting: only while the client will still be there when the work is done.
func (a *Admission) worthStarting(age, work int) bool {
	return !a.dropExpired || age+work <= patience
}

func (a *Admission) observe(latency int) { a.slowest = max(a.slowest, latency) }

// every100ms: multiplicative decrease when slow; one more when full and proven fast.
func (a *Admission) every100ms() {
	if a.adaptive && a.slowest > a.target {
		a.limit = max(1, a.limit*9/10)
	} else if a.adaptive && a.wasFull && a.slowest > 0 {
		a.limit++
	}
	a.slowest, a.wasFull = 0, false
}

// --8<-- [end:show]

const unbounded = 1_000_000_000

// window is what happened in a part of the run.
type window struct {
	attempts, good, late, shed, critical, criticalGood, waiting, limit int
	latencies                                                          []int
}

// change may turn a knob, or touch the queue, at any millisecond.
type change func(now int, a *Admission, queue *[]*attempt)

type scenario struct {
	seconds, rate, tries, every int
	service                     func(now int) int
	change                      change
}

// run: one worker, rate requests a second, counts in windows of every ms.
func (s scenario) run(a *Admission) []*window {
	random, again := lcg{state: 1}, map[int][]*attempt{}
	var queue []*attempt
	var busy *attempt
	var windows []*window
	freeAt := 0
	for now := range s.seconds * 1000 {
		if now%s.every == 0 {
			windows = append(windows, &window{})
		}
		if now%100 == 0 {
			a.every100ms()
		}
		s.change(now, a, &queue)
		w := windows[len(windows)-1]
		var arriving []*attempt
		if random.below(1000) < s.rate {
			arriving = append(arriving, &attempt{random.below(5) == 0, 1, now, false})
		}
		for _, old := range again[now] {
			if !old.answered && old.number < s.tries {
				arriving = append(arriving, &attempt{old.critical, old.number + 1, now, false})
			}
		}
		delete(again, now)
		for _, it := range arriving {
			w.attempts++
			inside := len(queue)
			if it.critical {
				w.critical++
			}
			if busy != nil {
				inside++
			}
			again[now+patience] = append(again[now+patience], it)
			if a.admit(inside, it.critical) {
				queue = append(queue, it)
			} else {
				w.shed++
			}
		}
		if busy != nil && now >= freeAt {
			w.count(busy, now-busy.sent)
			a.observe(now - busy.sent)
			busy = nil
		}
		for busy == nil && len(queue) > 0 && s.service(now) > 0 {
			head := queue[0]
			queue = queue[1:]
			if a.worthStarting(now-head.sent, s.service(now)) {
				busy, freeAt = head, now+s.service(now)
			} else {
				w.shed++
			}
		}
		w.waiting, w.limit = len(queue), a.limit
	}
	return windows
}

func (w *window) count(done *attempt, latency int) {
	if latency > patience {
		w.late++
		return
	}
	done.answered = true
	w.good++
	if done.critical {
		w.criticalGood++
	}
	w.latencies = append(w.latencies, latency)
}

func noChange(int, *Admission, *[]*attempt) {}

func overload() {
	fmt.Println("100/s possible, 150/s offered for 30 s, clients wait 500 ms")
	fmt.Println("                        good/s  late/s     shed/s  p50 ms  critical served")
	steady := func(int) int { return 10 }
	for _, c := range []struct {
		name      string
		admission *Admission
	}{
		{"unbounded queue", &Admission{limit: unbounded}},
		{"  and expired dropped", &Admission{limit: unbounded, dropExpired: true}},
		{"at most 20 inside", &Admission{limit: 20}},
		{"  10 for critical", &Admission{limit: 20, reserved: 10}},
	} {
		w := scenario{30, 150, 1, 30_000, steady, noChange}.run(c.admission)[0]
		slices.Sort(w.latencies)
		fmt.Printf("%-24s%6d%8d%11d%8d%16d%%\n", c.name, w.good/30, w.late/30, w.shed/30,
			w.latencies[len(w.latencies)/2], w.criticalGood*100/w.critical)
	}
}

func adaptive() {
	service := func(now int) int {
		if 10_000 <= now && now < 20_000 {
			return 25
		}
		return 10
	}
	fmt.Println("10 ms a request, 25 ms from 10 to 20 s, 150/s offered")
	for _, c := range []struct {
		name      string
		admission *Admission
	}{
		{"fixed limit 40", &Admission{limit: 40}},
		{"AIMD, start 40", &Admission{limit: 40, adaptive: true, target: 200}},
	} {
		good, limits := "", ""
		for _, w := range (scenario{30, 150, 1, 10_000, service, noChange}).run(c.admission) {
			good += fmt.Sprintf("%5d", w.good/10)
			limits += fmt.Sprintf("%4d", w.limit)
		}
		fmt.Printf("%s: good/s%s, limit at the end of each%s\n", c.name, good, limits)
	}
}

func storm() {
	service := func(now int) int {
		if 10_000 <= now && now < 13_000 {
			return 0 // stalled
		}
		return 10
	}
	at := func(ms int, action func(a *Admission, queue *[]*attempt)) change {
		return func(now int, a *Admission, queue *[]*attempt) {
			if now == ms {
				action(a, queue)
			}
		}
	}
	empty := func(_ *Admission, queue *[]*attempt) { *queue = nil } // what a restart does
	bound := func(a *Admission, _ *[]*attempt) { a.limit = 20 }
	expire := func(a *Admission, _ *[]*attempt) { a.dropExpired = true }
	shed := func(a *Admission, _ *[]*attempt) { a.limit, a.dropExpired = 20, true }
	fmt.Println("80/s of 100/s, up to 4 tries; stall 10-13 s; shedding on from 30 s")
	fmt.Println("seconds  tries/s  good/s  late/s     shed/s  waiting")
	run := scenario{45, 80, 4, 5000, service, at(30_000, shed)}
	for i, w := range run.run(&Admission{limit: unbounded}) {
		fmt.Printf("%3d-%-3d%9d%8d%8d%11d%9d\n", i*5, i*5+5,
			w.attempts/5, w.good/5, w.late/5, w.shed/5, w.waiting)
	}
	fmt.Println("good/s of the same windows, if instead")
	for _, c := range []struct {
		name   string
		change change
	}{
		{"the queue is emptied once at 30 s", at(30_000, empty)},
		{"it is only bounded, from 30 s", at(30_000, bound)},
		{"only the expired are skipped", at(30_000, expire)},
		{"shedding is on from the start", at(0, shed)},
	} {
		run.change = c.change
		fmt.Printf("%-36s", c.name)
		for _, w := range run.run(&Admission{limit: unbounded}) {
			fmt.Printf("%4d", w.good/5)
		}
		fmt.Println()
	}
}

func main() {
	overload()
	fmt.Println()
	adaptive()
	fmt.Println()
	storm()
}
