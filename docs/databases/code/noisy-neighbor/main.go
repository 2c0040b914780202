// Four shared workers, one tenant with a big import, and three ways to pick a job.
package main

import (
	"cmp"
	"fmt"
	"slices"
)

const (
	workers   = 4
	tenantCap = 3
)

// Job arrives at a second of the virtual clock.
type Job struct {
	Arrives int
	Tenant  string
	Seconds int
}

// Running is a job on a worker.
type Running struct {
	Tenant string
	Until  int
}

func allJobs() (jobs []Job) {
	for range 120 {
		jobs = append(jobs, Job{0, "import", 10})
	}
	for n := 1; n <= 2; n++ {
		for at := 3 * n; at < 300; at += 20 {
			jobs = append(jobs, Job{at, fmt.Sprintf("shop %d", n), 1})
		}
	}
	return jobs
}

// --8<-- [start:show]

// firstCome is one queue for all: whoever sends the most gets the most.
func firstCome(waiting []Job, _ []Running) (Job, bool) {
	return first(waiting, func(a, b Job) int { return cmp.Compare(a.Arrives, b.Arrives) })
}

// fewestRunning gives the next worker to the tenant that holds the fewest.
func fewestRunning(waiting []Job, running []Running) (Job, bool) {
	return first(waiting, func(a, b Job) int {
		return cmp.Or(
			cmp.Compare(heldBy(a.Tenant, running), heldBy(b.Tenant, running)),
			cmp.Compare(a.Arrives, b.Arrives),
		)
	})
}

// fewestAndCapped is the same, but no tenant holds more than tenantCap workers,
// even if one is idle.
func fewestAndCapped(waiting []Job, running []Running) (Job, bool) {
	allowed := slices.DeleteFunc(slices.Clone(waiting), func(job Job) bool {
		return heldBy(job.Tenant, running) >= tenantCap
	})
	return fewestRunning(allowed, running)
}

func heldBy(tenant string, running []Running) (held int) {
	for _, each := range running {
		if each.Tenant == tenant {
			held++
		}
	}
	return held
}

// --8<-- [end:show]

func first(jobs []Job, compare func(a, b Job) int) (Job, bool) {
	if len(jobs) == 0 {
		return Job{}, false
	}
	return slices.MinFunc(jobs, compare), true
}

// Pick chooses the next job, if one may start.
type Pick func(waiting []Job, running []Running) (Job, bool)

// Outcome is what became of the import and of the shops.
type Outcome struct {
	ImportDone int
	ShopWaits  []int
	Idle       int // seconds of workers that stood still while jobs waited
}

func simulate(jobs []Job, pick Pick) (out Outcome) {
	var waiting []Job
	var running []Running
	last := slices.MaxFunc(jobs, func(a, b Job) int { return cmp.Compare(a.Arrives, b.Arrives) })
	for second := 0; ; second++ { // a virtual clock
		running = slices.DeleteFunc(running, func(each Running) bool {
			return each.Until <= second
		})
		for _, job := range jobs {
			if job.Arrives == second {
				waiting = append(waiting, job)
			}
		}
		for len(running) < workers {
			job, found := pick(waiting, running)
			if !found {
				break
			}
			at := slices.Index(waiting, job)
			waiting = slices.Delete(waiting, at, at+1)
			running = append(running, Running{job.Tenant, second + job.Seconds})
			if job.Tenant == "import" {
				out.ImportDone = second + job.Seconds
			} else {
				out.ShopWaits = append(out.ShopWaits, second-job.Arrives)
			}
		}
		if len(waiting) > 0 {
			out.Idle += workers - len(running)
		} else if second > last.Arrives {
			slices.Sort(out.ShopWaits)
			return out
		}
	}
}

func main() {
	fmt.Println("Four workers. An import of 120 jobs of 10 s arrives at once;")
	fmt.Println("two shops send a job of 1 s every 20 s.")
	fmt.Println()
	fmt.Println("                        shops wait, s      import    idle")
	fmt.Println("policy                  median   worst     done, s   worker s")
	jobs := allJobs()
	for _, policy := range []struct {
		name string
		pick Pick
	}{
		{"first come", firstCome},
		{"fewest running", fewestRunning},
		{"fewest, cap 3 of 4", fewestAndCapped},
	} {
		out := simulate(jobs, policy.pick)
		median, worst := out.ShopWaits[len(out.ShopWaits)/2], out.ShopWaits[len(out.ShopWaits)-1]
		fmt.Printf("%-24s%6d  %6d  %10d  %9d\n", policy.name, median, worst, out.ImportDone, out.Idle)
	}
}
