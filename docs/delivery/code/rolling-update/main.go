// A rolling update in virtual milliseconds: which requests are lost, and why.
package main

import "fmt"

const (
	step     = 20 // ms between two requests
	replicas = 4
	startsIn = 5_000 // ms until a new pod listens
	never    = 1_000_000_000
)

// proxyDelays are the ms until the proxy of a node knows of a change.
var proxyDelays = []int{400, 1_500}

type plan struct {
	name        string
	preStop     int
	drains      bool
	grace       int
	readiness   bool
	surge       int
	unavailable int
}

// --8<-- [start:show]

type pod struct {
	plan        plan
	started     int
	isNew       bool
	removed     int // deleted: two things start now, in parallel
	gone        int
	lastRequest int
	work        []int // when each request will be done
}

func (p *pod) isReady(now int) bool {
	wait := 0
	if p.plan.readiness {
		wait = startsIn
	}
	return p.started+wait <= now && now < p.removed
}

// One: endpoints change, and every proxy hears of it in its own time.
func (p *pod) knownTo(delay, now int) bool {
	return p.isReady(now - delay)
}

// Two: the kubelet runs the preStop hook, then sends SIGTERM.
func (p *pod) sigterm() int {
	return p.removed + min(p.plan.preStop, p.plan.grace)
}

func (p *pod) listens(now int) bool {
	return p.started+startsIn <= now && now < p.sigterm()
}

// stopIfDue exits when drained, or is killed; it returns the requests cut off.
func (p *pod) stopIfDue(now int) int {
	if now < p.sigterm() || now >= p.gone {
		return 0
	}
	running := 0
	for _, done := range p.work {
		if done > now {
			running++
		}
	}
	killed := now >= p.removed+p.plan.grace
	if running > 0 && p.plan.drains && !killed {
		return 0
	}
	p.gone = now
	return running
}

// reconcile is the Deployment's controller: compare, then create or delete one.
func reconcile(pods []*pod, plan plan, now int) []*pod {
	alive, ready := 0, 0
	var old []*pod
	for _, each := range pods {
		if each.removed != never {
			continue
		}
		alive++
		if !each.isNew {
			old = append(old, each)
		}
		if each.isReady(now) {
			ready++
		}
	}
	switch {
	case alive < replicas+plan.surge && alive-len(old) < replicas:
		return append(pods, newPod(plan, now, true))
	case len(old) > 0 && ready > replicas-plan.unavailable:
		old[0].removed = now
	}
	return pods
}

// --8<-- [end:show]

func newPod(plan plan, now int, isNew bool) *pod {
	return &pod{plan: plan, started: now, isNew: isNew, removed: never, gone: never}
}

type result struct {
	sent, refused, cut, fewest int
	first                      *pod
}

func roll(plan plan) result {
	var pods []*pod
	for range replicas {
		pods = append(pods, newPod(plan, -60_000, false))
	}
	found := result{fewest: replicas, first: pods[0]}
	turns := make([]int, len(proxyDelays))
	for now := 0; now < 70_000; now += step {
		pods = reconcile(pods, plan, now)
		able := 0
		for _, each := range pods {
			found.cut += each.stopIfDue(now)
			if each.isReady(now) && each.listens(now) {
				able++
			}
		}
		found.fewest = min(found.fewest, able)

		number := now / step
		proxy := number % len(proxyDelays)
		var known []*pod
		for _, each := range pods {
			if each.knownTo(proxyDelays[proxy], now) {
				known = append(known, each)
			}
		}
		chosen := known[turns[proxy]%len(known)]
		turns[proxy]++
		found.sent++
		chosen.lastRequest = now
		if !chosen.listens(now) {
			found.refused++
			continue
		}
		takes := 200
		if number%9 == 0 {
			takes = 6_000
		}
		chosen.work = append(chosen.work, now+takes)
	}
	return found
}

func plans() []plan {
	good := plan{preStop: 5_000, drains: true, grace: 30_000, readiness: true, surge: 1}
	change := func(name string, apply func(*plan)) plan {
		changed := good
		changed.name = name
		apply(&changed)
		return changed
	}
	return []plan{
		change("exits at SIGTERM", func(p *plan) { p.preStop, p.drains = 0, false }),
		change("drains", func(p *plan) { p.preStop = 0 }),
		change("preStop 5 s, exits", func(p *plan) { p.drains = false }),
		change("preStop 5 s, drains", func(*plan) {}),
		change("  grace period 6 s", func(p *plan) { p.grace = 6_000 }),
		change("  no readiness probe", func(p *plan) { p.readiness = false }),
		change("  surge 0, unavailable 1", func(p *plan) { p.surge, p.unavailable = 0, 1 }),
	}
}

func seconds(ms int) string {
	return fmt.Sprintf("%d.%02d", ms/1000, ms%1000/10)
}

func main() {
	fmt.Printf("%-26srefused   cut   of    fewest able\n", "")
	var results []result
	for _, each := range plans() {
		found := roll(each)
		results = append(results, found)
		fmt.Printf("%-26s%7d%6d%7d%9d\n",
			each.name, found.refused, found.cut, found.sent, found.fewest)
	}
	fmt.Printf("\nfirst old pod, seconds after its deletion\n")
	fmt.Printf("%-26sSIGTERM   last request   gone\n", "")
	for number, each := range plans()[:5] {
		pod := results[number].first
		fmt.Printf("%-26s%7s%15s%7s\n", each.name, seconds(pod.sigterm()-pod.removed),
			seconds(pod.lastRequest-pod.removed), seconds(pod.gone-pod.removed))
	}
}
