// Counter, gauge and histogram by hand; p99 of two instances, right and wrong.
package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"sort"
	"strings"
	"sync"
)

var (
	bounds  = []int{50, 100, 200, 300, 500, 1000} // ms; the last bucket has no upper bound
	le      = []string{"0.05", "0.1", "0.2", "0.3", "0.5", "1.0", "+Inf"}
	orders  = regexp.MustCompile(`^/orders/[0-9]+$`)
	methods = []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
)

func template(path string) string {
	if orders.MatchString(path) {
		return "/orders/{id}"
	}
	return "unmatched"
}

func asPath(path string) string { return path }

// --8<-- [start:show]
type histogram struct {
	counts [7]int
	sum    int
}

func (h *histogram) observe(ms int) {
	bucket, _ := slices.BinarySearch(bounds, ms) // le: less than or equal
	h.counts[bucket]++
	h.sum += ms
}

func (h *histogram) cumulative() []int {
	sums, total := make([]int, len(h.counts)), 0
	for i, n := range h.counts {
		total += n
		sums[i] = total
	}
	return sums
}

type series struct {
	method, route string
	code          int
}

type service struct {
	clock     func() int
	label     func(path string) string
	mu        sync.Mutex
	requests  map[series]int
	inFlight  int
	durations map[string]*histogram
}

func (s *service) handle(method, path string, work func() int) {
	if !slices.Contains(methods, method) {
		method = "_OTHER"
	}
	route, start, code := s.label(path), s.clock(), 500
	s.mu.Lock()
	s.inFlight++
	s.mu.Unlock()
	defer func() { // also when the handler panicked: that is the 500 to count
		s.mu.Lock()
		defer s.mu.Unlock()
		s.inFlight--
		s.requests[series{method, route, code}]++
		if s.durations[route] == nil {
			s.durations[route] = &histogram{}
		}
		s.durations[route].observe(s.clock() - start)
	}()
	code = work()
}

func quantile(q float64, cumulative []int) float64 {
	rank := q * float64(cumulative[len(cumulative)-1])
	bucket := sort.Search(len(cumulative), func(i int) bool {
		return float64(cumulative[i]) >= rank
	})
	if bucket == len(bounds) {
		return float64(bounds[bucket-1]) // beyond the last bound nothing is known
	}
	low, below := 0, 0
	if bucket > 0 {
		low, below = bounds[bucket-1], cumulative[bucket-1]
	}
	inside := float64(cumulative[bucket] - below)
	return float64(low) + float64(bounds[bucket]-low)*(rank-float64(below))/inside
}

// --8<-- [end:show]

func expose(s *service) []string {
	lines := []string{"# TYPE http_requests_total counter"}
	keys := slices.SortedFunc(maps.Keys(s.requests), func(a, b series) int {
		return strings.Compare(fmt.Sprint(a), fmt.Sprint(b))
	})
	for _, k := range keys {
		lines = append(lines, fmt.Sprintf(
			"http_requests_total{method=%q,route=%q,code=\"%d\"} %d",
			k.method, k.route, k.code, s.requests[k],
		))
	}
	lines = append(lines, "# TYPE http_requests_in_flight gauge",
		fmt.Sprintf("http_requests_in_flight %d", s.inFlight))
	const name = "http_request_duration_seconds"
	lines = append(lines, "# TYPE "+name+" histogram")
	for _, route := range slices.Sorted(maps.Keys(s.durations)) {
		h := s.durations[route]
		sums := h.cumulative()
		for i, n := range sums {
			lines = append(lines, fmt.Sprintf("%s_bucket{route=%q,le=%q} %d", name, route, le[i], n))
		}
		lines = append(lines,
			fmt.Sprintf("%s_sum{route=%q} %d.%03d", name, route, h.sum/1000, h.sum%1000),
			fmt.Sprintf("%s_count{route=%q} %d", name, route, sums[len(sums)-1]))
	}
	return lines
}

// world is a virtual clock, and latencies from a small generator.
type world struct {
	now, x int
	seen   []int
}

func (w *world) draw(low, high int) int {
	w.x = (w.x*1103515245 + 12345) % (1 << 31)
	return low + (w.x>>16)%(high-low)
}

func (w *world) request(s *service, number int, cold bool) {
	low, high := 20, 100
	if cold {
		low, high = 200, 1000
	}
	ms := w.draw(low, high)
	w.seen = append(w.seen, ms)
	defer func() { _ = recover() }() // the framework would answer 500 here
	s.handle("GET", fmt.Sprintf("/orders/%d", number), func() int {
		w.now += ms
		if number%100 == 99 {
			panic("database gone")
		}
		return 200
	})
}

func run(label func(string) string, warm, cold int) (*world, *service) {
	w := &world{x: 7}
	s := &service{
		clock: func() int { return w.now }, label: label,
		requests: map[series]int{}, durations: map[string]*histogram{},
	}
	for n := range warm + cold {
		w.request(s, n, n >= warm)
	}
	return w, s
}

func p99(values []int) int {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[(len(sorted)*99+99)/100-1]
}

func main() {
	_, s := run(template, 900, 100)
	s.handle("BREW", "/.env", func() int { return 404 })
	samples := 0
	for _, line := range expose(s) {
		if !strings.HasPrefix(line, "#") {
			samples++
		}
		if !strings.Contains(line, "unmatched") {
			fmt.Println(line)
		}
	}
	_, byPath := run(asPath, 900, 100)
	many := 0
	for _, line := range expose(byPath) {
		if !strings.HasPrefix(line, "#") {
			many++
		}
	}
	fmt.Printf("\nseries by route: %d, by path: %d\n\n", samples, many)
	fmt.Println("p99 in ms            A     B   mean of both   from summed buckets   exact")
	for _, n := range [][2]int{{5000, 5000}, {9950, 50}} {
		worldA, a := run(template, n[0], 0)
		worldB, b := run(template, 0, n[1])
		ca := a.durations["/orders/{id}"].cumulative()
		cb := b.durations["/orders/{id}"].cumulative()
		sum := make([]int, len(ca))
		for i := range ca {
			sum[i] = ca[i] + cb[i]
		}
		pa, pb := quantile(0.99, ca), quantile(0.99, cb)
		fmt.Printf("A %d, B %-5d %9.0f %5.0f %14.0f %21.0f %7d\n", n[0], n[1],
			pa, pb, (pa+pb)/2, quantile(0.99, sum), p99(slices.Concat(worldA.seen, worldB.seen)))
	}
	same := &histogram{}
	for range 1000 {
		same.observe(310)
	}
	guess := quantile(0.99, same.cumulative())
	fmt.Printf("1000 requests of 310 ms: p99 from buckets %.0f, exact 310\n", guess)
}
