// Reading an A/B test: significance, sample ratio, sample size, peeking.
package main

import (
	"fmt"
	"math"
	"slices"
)

// --8<-- [start:show]

type Group struct{ users, converted int }

func (g Group) rate() float64 { return float64(g.converted) / float64(g.users) }

func (g Group) variance() float64 { return g.rate() * (1 - g.rate()) / float64(g.users) }

// zScore compares two proportions; under "no difference" both share the pooled rate.
func zScore(a, b Group) float64 {
	pooled := Group{a.users + b.users, a.converted + b.converted}.rate()
	spread := pooled * (1 - pooled) * (1/float64(a.users) + 1/float64(b.users))
	return (b.rate() - a.rate()) / math.Sqrt(spread)
}

// pValue tells how often chance alone gives a difference this large, either way.
func pValue(z float64) float64 { return math.Erfc(math.Abs(z) / math.Sqrt2) }

// interval is the 95 percent confidence interval of the difference.
func interval(a, b Group) (low, high float64) {
	margin := 1.96 * math.Sqrt(a.variance()+b.variance())
	gap := b.rate() - a.rate()
	return gap - margin, gap + margin
}

// sampleRatio is chi-square with one degree of freedom: is the split the planned one?
func sampleRatio(a, b int, shareA float64) (chi2, p float64) {
	expectA := float64(a+b) * shareA
	expectB := float64(a+b) * (1 - shareA)
	chi2 = math.Pow(float64(a)-expectA, 2)/expectA + math.Pow(float64(b)-expectB, 2)/expectB
	return chi2, math.Erfc(math.Sqrt(chi2 / 2))
}

// sampleSize is users a variant: 5 percent false alarms, 80 percent power.
func sampleSize(base, target float64) int {
	spread := base*(1-base) + target*(1-target)
	needed := math.Pow(1.959964+0.841621, 2) * spread / math.Pow(target-base, 2)
	return int(math.Ceil(needed))
}

// --8<-- [end:show]

type Dice struct{ x uint64 }

// converted tells how many of the users convert at a rate of 20 percent.
func (d *Dice) converted(users int) int {
	count := 0
	for range users {
		d.x = (d.x*1103515245 + 12345) % (1 << 31)
		if (d.x>>8)%100 < 20 {
			count++
		}
	}
	return count
}

// The z score at each look; 100 more users a variant between two looks.
func experimentWithoutDifference(dice *Dice, looks int) []float64 {
	var scores []float64
	var a, b Group
	for range looks {
		a = Group{a.users + 100, a.converted + dice.converted(100)}
		b = Group{b.users + 100, b.converted + dice.converted(100)}
		scores = append(scores, math.Abs(zScore(a, b)))
	}
	return scores
}

func show(title string, a, b Group) {
	z := zScore(a, b)
	low, high := interval(a, b)
	fmt.Println(title)
	fmt.Printf("  %.2f%% against %.2f%%  z %.2f  p %.4f  difference %+.2f to %+.2f points\n",
		100*a.rate(), 100*b.rate(), z, pValue(z), 100*low, 100*high)
}

func main() {
	show("25,000 users a variant", Group{25_000, 1000}, Group{25_000, 1100})
	show("2,500 users a variant", Group{2500, 100}, Group{2500, 110})
	fmt.Println("planned 50:50")
	for _, seen := range [][2]int{{25_000, 24_870}, {25_000, 24_100}} {
		chi2, p := sampleRatio(seen[0], seen[1], 0.5)
		verdict := "fits"
		if p < 0.001 {
			verdict = "do not read the result"
		}
		fmt.Printf("  %d and %d  chi-square %5.2f  p %.6f  %s\n", seen[0], seen[1], chi2, p, verdict)
	}
	fmt.Println("users a variant to find a change from 4.00%")
	for _, target := range []float64{0.05, 0.044, 0.042} {
		fmt.Printf("  to %.2f%%  %7d\n", 100*target, sampleSize(0.04, target))
	}
	dice := &Dice{2026}
	atEnd, peeked, strict := 0, 0, 0
	for range 1000 {
		run := experimentWithoutDifference(dice, 10)
		if run[9] > 1.96 {
			atEnd++
		}
		if slices.Max(run) > 1.96 {
			peeked++
		}
		if slices.Max(run) > 2.555 {
			strict++
		}
	}
	fmt.Println("1,000 experiments without any difference, winners declared")
	fmt.Printf("  one look at the end, limit 1.96   %5d\n", atEnd)
	fmt.Printf("  ten looks, limit 1.96             %5d\n", peeked)
	fmt.Printf("  ten looks, limit 2.555 (Pocock)   %5d\n", strict)
}
