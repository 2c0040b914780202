// Import rules, one contract test for two deployments, and what only one has.
package main

import (
	"context"
	"errors"
	"fmt"
	"go/parser"
	"go/token"
	"log"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"example/orders"
	"example/stock"
	"example/stockhttp"
)

const timeout = 2 * time.Second

var (
	rules = map[string][]string{"stock": nil, "stockhttp": {"stock"}, "orders": {"stock"}}
	files = []struct{ module, name string }{
		{"stock", "stock/stock.go"},
		{"stock", "stock/internal/ledger/ledger.go"},
		{"stockhttp", "stockhttp/stockhttp.go"},
		{"orders", "orders/orders.go"},
	}
)

// violations are imports that no rule allows, or that reach inside a module.
func violations(module, source string) ([]string, error) {
	file, err := parser.ParseFile(token.NewFileSet(), "", source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var found []string
	for _, each := range file.Imports {
		path, err := strconv.Unquote(each.Path.Value)
		if err != nil {
			return nil, err
		}
		parts := strings.Split(path, "/")
		if parts[0] != "example" || parts[1] == module {
			continue
		}
		private := slices.Contains(parts, "internal")
		if private || !slices.Contains(rules[module], parts[1]) {
			found = append(found, path)
		}
	}
	return found, nil
}

func checkImports() error {
	fmt.Println("import rules: orders -> stock, stockhttp -> stock")
	for _, planted := range []struct{ name, module, path string }{
		{"the code as it is", "", ""},
		{"planted: orders imports the ledger", "orders", "example/stock/internal/ledger"},
		{"planted: stock imports orders", "stock", "example/orders"},
	} {
		verdict := "kept"
		for _, file := range files {
			text, err := os.ReadFile(file.name)
			if err != nil {
				return err
			}
			source := string(text)
			if file.module == planted.module {
				more := "import (\n\t" + strconv.Quote(planted.path)
				source = strings.Replace(source, "import (", more, 1)
			}
			found, err := violations(file.module, source)
			if err != nil {
				return err
			}
			if len(found) > 0 {
				verdict = "refused"
			}
		}
		fmt.Printf("  %-40s%s\n", planted.name, verdict)
	}
	return nil
}

// --8<-- [start:show]

type check struct {
	name string
	run  func(context.Context, stock.Stock) bool
}

// left is -1 when stock cannot say, so that no test takes silence for zero.
func left(ctx context.Context, s stock.Stock, article string) int {
	pieces, err := s.Left(ctx, article)
	if err != nil {
		return -1
	}
	return pieces
}

var contract = []check{
	{"a reservation lowers what is left", func(ctx context.Context, s stock.Stock) bool {
		return s.Reserve(ctx, "A-1", "tea", 2) == nil && left(ctx, s, "tea") == 3
	}},
	{"more than is left changes nothing", func(ctx context.Context, s stock.Stock) bool {
		err := s.Reserve(ctx, "A-1", "tea", 6)
		return errors.Is(err, stock.ErrRefused) && left(ctx, s, "tea") == 5
	}},
	{"the same order reserves once", func(ctx context.Context, s stock.Stock) bool {
		first := s.Reserve(ctx, "A-1", "tea", 2)
		second := s.Reserve(ctx, "A-1", "tea", 2)
		return errors.Join(first, second) == nil && left(ctx, s, "tea") == 3
	}},
	{"an unknown article is refused", func(ctx context.Context, s stock.Stock) bool {
		err := s.Reserve(ctx, "A/1?", "coal & co", 1)
		return errors.Is(err, stock.ErrRefused) && left(ctx, s, "coal & co") == 0
	}},
	{"what is released comes back, once", func(ctx context.Context, s stock.Stock) bool {
		reserved := s.Reserve(ctx, "A-1", "tea", 2)
		first, second := s.Release(ctx, "A-1"), s.Release(ctx, "A-1")
		return errors.Join(reserved, first, second) == nil && left(ctx, s, "tea") == 5
	}},
}

// --8<-- [end:show]

func tea() stock.Stock { return stock.NewLocal(map[string]int{"tea": 5}) }

func runContract(ctx context.Context) error {
	fmt.Printf("\n%-42sin process  over HTTP\n", "contract test of stock")
	mark := map[bool]string{true: "ok", false: "FAIL"}
	for _, test := range contract {
		service, err := stockhttp.Start(tea())
		if err != nil {
			return err
		}
		local := test.run(ctx, tea())
		remote := test.run(ctx, service.Client(timeout))
		if err := service.Stop(); err != nil {
			return err
		}
		fmt.Printf("  %-40s%-12s%s\n", test.name, mark[local], mark[remote])
	}
	return nil
}

func row(name, inProcess, overHTTP string) {
	fmt.Printf("  %-40s%-16s%s\n", name, inProcess, overHTTP)
}

func placeOrders(ctx context.Context) error {
	service, err := stockhttp.Start(tea())
	if err != nil {
		return err
	}
	place := func(s stock.Stock, order string) (string, error) {
		state, err := orders.Orders{Stock: s}.Place(ctx, order, "tea", 2)
		if err != nil {
			return "", err
		}
		if state == "pending" {
			<-service.Applied // what the caller cannot know
		}
		pieces, err := s.Left(ctx, "tea")
		return fmt.Sprintf("%s, %d left", state, pieces), err
	}
	fmt.Printf("\n%-42sin process      over HTTP\n", "a customer orders 2 of 5")
	remote := service.Client(timeout)
	inProcess, err := place(tea(), "A-1")
	if err != nil {
		return err
	}
	overHTTP, err := place(remote, "A-1")
	if err != nil {
		return err
	}
	row("all well", inProcess, overHTTP)
	if err := remote.Release(ctx, "A-1"); err != nil {
		return err
	}
	service.HoldNext()
	for _, step := range []struct{ name, inProcess, order string }{
		{"the answer is later than the timeout", "cannot happen", "A-2"},
		{"  asked again, same order id", "-", "A-2"},
		{"  careless: asked again, new order id", "-", "A-2b"},
	} {
		told, err := place(remote, step.order)
		if err != nil {
			return err
		}
		row(step.name, step.inProcess, told)
	}
	if err := service.Stop(); err != nil {
		return err
	}
	state, err := orders.Orders{Stock: remote}.Place(ctx, "A-3", "tea", 1)
	if err != nil {
		return err
	}
	row("the service is down", "cannot happen", state)
	return nil
}

func main() {
	ctx := context.Background()
	for _, step := range []func() error{
		checkImports,
		func() error { return runContract(ctx) },
		func() error { return placeOrders(ctx) },
	} {
		if err := step(); err != nil {
			log.Fatal(err)
		}
	}
}
