// What N machines are worth: linear, Amdahl, and the Universal Scalability Law.
package main

import (
	"fmt"
	"math"
	"strings"
)

// --8<-- [start:show]

// amdahl is the speedup in hundredths; serial is the share that cannot be split, in 1/1000.
func amdahl(n, serial int) int { return 100 * 1000 * n / (1000 + serial*(n-1)) }

// usl is the same, and each of n has to agree with every other: crosstalk / 1000.
func usl(n, contention, crosstalk int) int {
	return 100 * 1000 * n / (1000 + contention*(n-1) + crosstalk*n*(n-1))
}

// peak is the N after which more is less: root of (1 - contention) / crosstalk, rounded.
func peak(contention, crosstalk int) int {
	return int(math.Round(math.Sqrt(float64(1000-contention) / float64(crosstalk))))
}

// machinesFor is the fewest machines that reach a speedup; false if no number does.
func machinesFor(target, contention, crosstalk int) (int, bool) {
	for n := 1; n <= peak(contention, crosstalk); n++ {
		if usl(n, contention, crosstalk) >= target {
			return n, true
		}
	}
	return 0, false
}

// --8<-- [end:show]

func number(hundredths int) string {
	return fmt.Sprintf("%d.%d", hundredths/100, hundredths%100/10)
}

func main() {
	const contention, crosstalk = 50, 1
	fmt.Println("speedup over one machine: 5 % serial; USL adds 0.1 % for each pair, both ways")
	fmt.Println("machines  linear  Amdahl   USL  a USL machine is worth")
	for _, n := range []int{1, 2, 4, 8, 16, 24, 31, 48, 64, 128} {
		value := usl(n, contention, crosstalk)
		fmt.Printf("%8d%8d%8s%6s%6d %%  %s\n", n, n, number(amdahl(n, contention)),
			number(value), value/n, strings.Repeat("#", (value+25)/50))
	}
	fmt.Println("Amdahl's ceiling, with machines without end:", number(100*1000/contention))
	best := peak(contention, crosstalk)
	fmt.Printf("USL's peak: %d machines, %s\n", best, number(usl(best, contention, crosstalk)))

	fmt.Println("\nmachines needed      for 4 x   for 8 x  for 12 x  peak at")
	for _, row := range []struct {
		label       string
		alpha, beta int
	}{
		{"as measured", 50, 1},
		{"half the serial part", 25, 1},
		{"twice the crosstalk", 50, 2},
	} {
		fmt.Printf("%-20s", row.label)
		for i, target := range []int{4, 8, 12} {
			cell := "never"
			if n, ok := machinesFor(target*100, row.alpha, row.beta); ok {
				cell = fmt.Sprint(n)
			}
			fmt.Printf("%*s", []int{8, 10, 10}[i], cell)
		}
		fmt.Printf("%9d\n", peak(row.alpha, row.beta))
	}
}
