// The tests of one use case on every adapter, and who imports whom.
package main

import (
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"example/adapters"
	"example/domain"
	"example/handlers"
)

// carelessOrders has the mistake that the tests must find.
type carelessOrders map[string]domain.Order

func (c carelessOrders) Add(order domain.Order) error {
	c[order.Number] = order
	return nil
}

func (c carelessOrders) Find(number string) (domain.Order, bool, error) {
	order, found := c[number]
	return order, found, nil
}

// --8<-- [start:show]

// useCase is the composition root of the tests: everything is passed in.
func useCase(orders domain.Orders, hour int) domain.PlaceOrder {
	clock := func() time.Time {
		return time.Date(2026, time.March, 2, hour, 0, 0, 0, time.UTC)
	}
	return domain.PlaceOrder{
		Orders: orders, Pricing: domain.Sale, Clock: clock, UnitCents: 2500,
	}
}

func prices(orders domain.Orders) bool {
	place := useCase(orders, 10)
	three, err := place.Do("A-3", 3)
	four, err2 := place.Do("A-4", 4)
	return errors.Join(err, err2) == nil && three.Cents == 7500 && four.Cents == 9000
}

func shipsNextDay(orders domain.Orders) bool {
	before, err := useCase(orders, 13).Do("A-1", 1)
	after, err2 := useCase(orders, 14).Do("A-2", 1)
	inTime := before.Ships.Day() == 2 && after.Ships.Day() == 3
	return errors.Join(err, err2) == nil && inTime
}

func refusedIsNotStored(orders domain.Orders) bool {
	_, err := useCase(orders, 10).Do("A-1", 21)
	_, found, findErr := orders.Find("A-1")
	return errors.Is(err, domain.ErrRefused) && findErr == nil && !found
}

func readBack(orders domain.Orders) bool {
	placed, err := useCase(orders, 10).Do("A-1", 4)
	stored, found, findErr := orders.Find("A-1")
	return errors.Join(err, findErr) == nil && found && stored == placed
}

func secondIsRefused(orders domain.Orders) bool {
	place := useCase(orders, 10)
	_, first := place.Do("A-1", 1)
	_, second := place.Do("A-1", 2)
	stored, _, err := orders.Find("A-1")
	refused := errors.Is(second, domain.ErrDuplicate)
	return errors.Join(first, err) == nil && refused && stored.Cents == 2500
}

// --8<-- [end:show]

var tests = []struct {
	name string
	run  func(domain.Orders) bool
}{
	{"three cost 75.00, four 90.00 in the sale", prices},
	{"an order at 14:00 ships the next day", shipsNextDay},
	{"a refused order is not stored", refusedIsNotStored},
	{"a stored order is read back unchanged", readBack},
	{"the same number twice is refused", secondIsRefused},
}

var requests = []struct{ name, body string }{
	{"four pieces", "number=A-1&quantity=4"},
	{"the same number again", "number=A-1&quantity=1"},
	{"no pieces", "number=A-2&quantity=0"},
	{"quantity is a word", "number=A-3&quantity=many"},
}

func runTests(temporary string) error {
	fmt.Printf("%-44smemory  files  careless\n", "tests of the use case, no database")
	for _, test := range tests {
		folder, err := os.MkdirTemp(temporary, "")
		if err != nil {
			return err
		}
		mark := func(orders domain.Orders) string {
			if test.run(orders) {
				return "ok"
			}
			return "FAIL"
		}
		fmt.Printf("  %-42s%-8s%-7s%s\n", test.name, mark(&adapters.MemoryOrders{}),
			mark(adapters.FileOrders{Folder: folder}), mark(carelessOrders{}))
	}
	return nil
}

func compareHandlers(temporary string) error {
	folder, err := os.MkdirTemp(temporary, "")
	if err != nil {
		return err
	}
	placeOrder := useCase(&adapters.MemoryOrders{}, 10)
	short := func(status int, text string) string {
		if status == 201 {
			return fmt.Sprint(status, " ", strings.Fields(text)[0])
		}
		return strconv.Itoa(status)
	}
	fmt.Printf("\n%-44sfat         thin\n", "one request through both handlers")
	for _, request := range requests {
		fat := short(handlers.Fat(folder, request.body))
		thin := short(handlers.Thin(placeOrder, request.body))
		fmt.Printf("  %-42s%-12s%s\n", request.name, fat, thin)
	}
	_, text := handlers.Thin(placeOrder, "number=A-4&quantity=1")
	day := strings.Fields(text)[2]
	fmt.Printf("  %-42s%-12s%s\n", "day of shipping, under test", "real clock", day)
	return nil
}

func imports(source string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var paths []string
	for _, each := range file.Imports {
		path, err := strconv.Unquote(each.Path.Value)
		if err != nil {
			return nil, err
		}
		paths = append(paths, path)
	}
	return paths, nil
}

// keepsTo tells whether the domain imports packages for values and errors only.
func keepsTo(source string) (string, error) {
	found, err := imports(source)
	for _, path := range found {
		if path != "errors" && path != "time" {
			return "no", err
		}
	}
	return "yes", err
}

func checkImports() error {
	fmt.Println("\nwho imports whom")
	packages := []string{"domain", "adapters", "handlers"}
	for _, name := range packages {
		source, err := os.ReadFile(filepath.Join(name, name+".go"))
		if err != nil {
			return err
		}
		found, err := imports(string(source))
		if err != nil {
			return err
		}
		var ours []string
		for _, other := range packages {
			if slices.Contains(found, "example/"+other) {
				ours = append(ours, other)
			}
		}
		if ours == nil {
			ours = []string{"nothing of ours"}
		}
		fmt.Printf("  %-10s%s\n", name, strings.Join(ours, ", "))
	}
	source, err := os.ReadFile(filepath.Join("domain", "domain.go"))
	if err != nil {
		return err
	}
	clean, err := keepsTo(string(source))
	if err != nil {
		return err
	}
	more := strings.Replace(string(source), `"errors"`, `"errors"; "example/adapters"`, 1)
	planted, err := keepsTo(more)
	if err != nil {
		return err
	}
	fmt.Println("  domain keeps to its allow-list:", clean)
	fmt.Println("  with a planted import of adapters:", planted)
	return nil
}

func run() (err error) {
	temporary, err := os.MkdirTemp("", "orders")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(temporary)) }()
	if err := runTests(temporary); err != nil {
		return err
	}
	if err := compareHandlers(temporary); err != nil {
		return err
	}
	return checkImports()
}

func main() {
	if err := run(); err != nil {
		log.Fatal(err)
	}
}
