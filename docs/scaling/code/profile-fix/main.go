// A sampling profiler on a virtual clock, pointed at a slow endpoint.
package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

const (
	periodUs = 997 // prime, so that sampling does not march in step with the work
	orders   = 200 // order i belongs to customer i % 50
)

type refund struct{ order, cents int }

func allRefunds() []refund {
	list := make([]refund, 400)
	for n := range list {
		list[n] = refund{order: n * 7 % orders, cents: n}
	}
	return list
}

var refunds = allRefunds()

// --8<-- [start:show]

// Profiler notes the current stack each time a period of its clock has passed.
type Profiler struct {
	stack                 []string
	now, cpuTime, queries int
	wall, onCPU           map[string]int
}

// frame is used as defer p.frame("name")().
func (p *Profiler) frame(name string) (leave func()) {
	p.stack = append(p.stack, name)
	return func() { p.stack = p.stack[:len(p.stack)-1] }
}

// work: the goroutine runs, both clocks advance.
func (p *Profiler) work(us int) {
	p.sample(p.onCPU, p.cpuTime, us)
	p.cpuTime += us
	p.wait(us)
}

// wait: it sleeps until an answer arrives, only the wall clock advances.
func (p *Profiler) wait(us int) {
	p.sample(p.wall, p.now, us)
	p.now += us
}

func (p *Profiler) sample(into map[string]int, clock, us int) {
	if ticks := (clock+us)/periodUs - clock/periodUs; ticks > 0 {
		into[strings.Join(p.stack, ";")] += ticks
	}
}

// hottest is the folded stack with most samples, and its share.
func hottest(samples map[string]int) string {
	total, best := 0, ""
	for _, stack := range slices.Sorted(maps.Keys(samples)) {
		total += samples[stack]
		if samples[stack] > samples[best] {
			best = stack
		}
	}
	_, path, _ := strings.Cut(best, ";")
	return fmt.Sprintf("%d%% %s", samples[best]*100/total, path)
}

// --8<-- [end:show]

// query is a round trip of 1 ms and 5 us for each row to decode.
func query(p *Profiler, rows int) {
	p.queries++
	func() {
		defer p.frame("db_wait")()
		p.wait(1000)
	}()
	defer p.frame("decode")()
	p.work(5 * rows)
}

func customer(order int) string { return fmt.Sprintf("customer %d", order%50) }

func namesOneByOne(p *Profiler) []string {
	defer p.frame("load_names")()
	names := make([]string, orders)
	for order := range names {
		query(p, 1)
		names[order] = customer(order)
	}
	return names
}

func namesInOneQuery(p *Profiler) []string {
	defer p.frame("load_names")()
	query(p, 50)
	names := make([]string, orders)
	for order := range names {
		names[order] = customer(order)
	}
	return names
}

// refundsBySearch goes through all refunds for every order.
func refundsBySearch(p *Profiler) []int {
	defer p.frame("match_refunds")()
	sums := make([]int, orders)
	for order := range sums {
		p.work(len(refunds))
		for _, r := range refunds {
			if r.order == order {
				sums[order] += r.cents
			}
		}
	}
	return sums
}

// refundsByIndex goes through the refunds once.
func refundsByIndex(p *Profiler) []int {
	defer p.frame("match_refunds")()
	sums := make([]int, orders)
	for _, r := range refunds {
		p.work(2)
		sums[r.order] += r.cents
	}
	return sums
}

type version struct {
	name         string
	loadNames    func(*Profiler) []string
	matchRefunds func(*Profiler) []int
}

func endpoint(p *Profiler, v version) []string {
	defer p.frame("GET_orders")()
	func() {
		defer p.frame("load_orders")()
		query(p, orders)
	}()
	names, sums := v.loadNames(p), v.matchRefunds(p)
	defer p.frame("render")()
	lines := make([]string, orders)
	for order := range lines {
		p.work(45)
		lines[order] = fmt.Sprintf("%d %s %d", order, names[order], sums[order])
	}
	return lines
}

func list(samples map[string]int) {
	for _, stack := range slices.Sorted(maps.Keys(samples)) {
		fmt.Println(stack, samples[stack])
	}
}

func main() {
	versions := []version{
		{"before", namesOneByOne, refundsBySearch},
		{"CPU's hottest fixed", namesOneByOne, refundsByIndex},
		{"wall's hottest fixed", namesInOneQuery, refundsBySearch},
		{"both fixed", namesInOneQuery, refundsByIndex},
	}
	var profiles []*Profiler
	var answers [][]string
	for _, v := range versions {
		p := &Profiler{wall: map[string]int{}, onCPU: map[string]int{}}
		answers = append(answers, endpoint(p, v))
		profiles = append(profiles, p)
	}

	fmt.Println("folded stacks of the first version, wall clock:")
	list(profiles[0].wall)
	fmt.Println("the same run, on CPU only:")
	list(profiles[0].onCPU)

	fmt.Println()
	fmt.Println("version                queries  wall ms  cpu ms  hottest by wall clock")
	same := "yes"
	for i, p := range profiles {
		fmt.Printf("%-22s%8d%9d%8d  %s\n",
			versions[i].name, p.queries, p.now/1000, p.cpuTime/1000, hottest(p.wall))
		if !slices.Equal(answers[i], answers[0]) {
			same = "no"
		}
	}
	fmt.Println("same answer:", same)
}
