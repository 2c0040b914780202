// A canary controller on seeded traffic: 1, 5, 25, 50, then 100 percent.
package main

import (
	"fmt"
	"math"
)

const (
	perSecond   = 50
	stableFails = 100 // of 10,000 requests
)

type Dice struct{ x uint64 }

// True for limit of 10,000 throws.
func (d *Dice) below(limit int) bool {
	d.x = (d.x*1103515245 + 12345) % (1 << 31)
	return int(d.x>>8)%10_000 < limit
}

// --8<-- [start:show]

var steps = []int{1, 5, 25, 50} // percent; at 100 nothing is left to compare with

const (
	look   = 100  // judge at every 100th canary request, never before
	fewest = 10   // errors of the canary, or the difference may be luck
	enough = 2000 // canary requests that end a step
)

type Arm struct{ requests, errors int }

func rate(errors, requests int) float64 { return float64(errors) / float64(requests) }

// The difference of the error rates, in standard errors.
func zScore(canary, stable Arm) float64 {
	pooled := rate(canary.errors+stable.errors, canary.requests+stable.requests)
	spread := pooled * (1 - pooled) * (rate(1, canary.requests) + rate(1, stable.requests))
	if spread == 0 {
		return 0
	}
	gap := rate(canary.errors, canary.requests) - rate(stable.errors, stable.requests)
	return gap / math.Sqrt(spread)
}

func comparison(canary, stable Arm) bool {
	if canary.requests%look != 0 || canary.errors < fewest {
		return false
	}
	return zScore(canary, stable) > 3
}

func totalThreshold(canary, stable Arm) bool {
	total := canary.requests + stable.requests
	return total >= 1000 && rate(canary.errors+stable.errors, total) > 0.02
}

func impatient(canary, stable Arm) bool {
	return canary.errors*stable.requests > 2*stable.errors*canary.requests
}

func rollOut(fails int, isBad func(canary, stable Arm) bool) {
	dice, elapsed := Dice{2026}, 0
	for _, weight := range steps {
		var canary, stable Arm
		bad, verdict := false, "next"
		for canary.requests < enough && !bad {
			elapsed++
			toCanary := dice.below(weight * 100)
			arm, limit := &stable, stableFails
			if toCanary {
				arm, limit = &canary, fails
			}
			arm.requests++
			if dice.below(limit) {
				arm.errors++
			}
			bad = toCanary && stable.requests > 0 && isBad(canary, stable)
		}
		if bad {
			verdict = "abort"
		}
		report(weight, canary, stable, verdict, elapsed)
		if bad {
			return
		}
	}
	fmt.Println("  100%")
}

// --8<-- [end:show]

func report(weight int, canary, stable Arm, verdict string, elapsed int) {
	seconds := elapsed / perSecond
	fmt.Printf("  %2d%%  canary %3d of %4d  stable %4d of %6d  z %5.2f  %-5s at %3d:%02d\n",
		weight, canary.errors, canary.requests, stable.errors, stable.requests,
		zScore(canary, stable), verdict, seconds/60, seconds%60)
}

// At z > 3, with a chance of 80 percent (z 0.8416).
func secondsToSeeDoubling(base float64, weight int) float64 {
	ratio := float64(100-weight) / float64(weight) // stable requests for each of the canary
	double := 2 * base
	pooled := (double + ratio*base) / (1 + ratio)
	calm := 3 * math.Sqrt(pooled*(1-pooled)*(1+1/ratio))
	worse := 0.8416 * math.Sqrt(double*(1-double)+base*(1-base)/ratio)
	needed := math.Pow((calm+worse)/base, 2)
	return math.Ceil(needed / (perSecond * float64(weight) / 100))
}

func main() {
	fmt.Println("as good as stable, judged without a minimum sample")
	rollOut(100, impatient)
	fmt.Println("as good as stable, compared")
	rollOut(100, comparison)
	fmt.Println("fails 10 of 100, judged by the total error rate (limit 2%)")
	rollOut(1000, totalThreshold)
	fmt.Println("fails 10 of 100, compared")
	rollOut(1000, comparison)
	fmt.Println("fails 2 of 100, compared")
	rollOut(200, comparison)
	fmt.Println("minutes to see a doubling (50 requests/s)    1%     5%    25%    50%")
	for _, row := range []struct {
		label string
		base  float64
	}{{"1% to 2%", 0.01}, {"0.1% to 0.2%", 0.001}} {
		fmt.Printf("  %-37s ", row.label)
		for _, weight := range steps {
			fmt.Printf("%7.0f", math.Ceil(secondsToSeeDoubling(row.base, weight)/60))
		}
		fmt.Println()
	}
}
