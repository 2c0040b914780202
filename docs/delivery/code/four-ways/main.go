// Reserve stock, tested four ways, then break the program where one test looks.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"time"
)

const (
	schema = `
		CREATE TABLE stock (
			sku     text PRIMARY KEY,
			on_hand integer NOT NULL CHECK (on_hand >= 0)
		)`
	insert  = "INSERT INTO stock (sku, on_hand) VALUES ($1, $2)"
	takeSQL = `
		UPDATE stock SET on_hand = on_hand - $2
		WHERE sku = $1 AND on_hand >= $2 RETURNING on_hand`
)

// Store keeps the stock.
type Store interface {
	// Take returns what is left; ok is false if there is too little.
	Take(ctx context.Context, sku string, quantity int64) (left int64, ok bool, err error)
	OnHand(ctx context.Context, sku string) (int64, error)
}

// PostgresStore is the real one.
type PostgresStore struct {
	db      *DB
	takeSQL string
}

func (s PostgresStore) Take(ctx context.Context, sku string, quantity int64) (int64, bool, error) {
	rows, err := s.db.Query(ctx, s.takeSQL, sku, quantity)
	if err != nil || len(rows) == 0 {
		return 0, false, err
	}
	return rows[0].Int(0), true, nil
}

func (s PostgresStore) OnHand(ctx context.Context, sku string) (int64, error) {
	rows, err := s.db.Query(ctx, "SELECT on_hand FROM stock WHERE sku = $1", sku)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	return rows[0].Int(0), nil
}

// FakeStore keeps the same promises in memory.
type FakeStore map[string]int64

func (s FakeStore) Take(_ context.Context, sku string, quantity int64) (int64, bool, error) {
	if s[sku] < quantity {
		return 0, false, nil
	}
	s[sku] -= quantity
	return s[sku], true, nil
}

func (s FakeStore) OnHand(_ context.Context, sku string) (int64, error) { return s[sku], nil }

// LyingStore is short and handy in tests; it never refuses.
type LyingStore struct{ FakeStore }

func (s LyingStore) Take(_ context.Context, sku string, quantity int64) (int64, bool, error) {
	s.FakeStore[sku] -= quantity
	return s.FakeStore[sku], true, nil
}

type order struct {
	SKU      string `json:"sku"`
	Quantity int64  `json:"quantity"`
}

// Program is what is tested; a broken one differs in one field.
type Program struct {
	allowed   func(quantity int64) bool
	takeSQL   string
	leftField string
	openStore func(db *DB, takeSQL string) Store
}

func correct() Program {
	return Program{
		allowed:   func(quantity int64) bool { return 1 <= quantity && quantity <= 10 },
		takeSQL:   takeSQL,
		leftField: "left",
		openStore: func(db *DB, takeSQL string) Store { return PostgresStore{db, takeSQL} },
	}
}

func (p Program) handler(store Store) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /stock/{sku}", func(w http.ResponseWriter, r *http.Request) {
		onHand, err := store.OnHand(r.Context(), r.PathValue("sku"))
		if err != nil {
			reply(w, http.StatusInternalServerError, map[string]any{"error": "internal"})
			return
		}
		reply(w, http.StatusOK, map[string]any{"on_hand": onHand})
	})
	mux.HandleFunc("POST /reservations", func(w http.ResponseWriter, r *http.Request) {
		var wish order
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 1<<10)).Decode(&wish); err != nil {
			reply(w, http.StatusBadRequest, map[string]any{"error": "json"})
			return
		}
		if !p.allowed(wish.Quantity) {
			reply(w, http.StatusUnprocessableEntity, map[string]any{"error": "quantity"})
			return
		}
		left, ok, err := store.Take(r.Context(), wish.SKU, wish.Quantity)
		switch {
		case err != nil:
			reply(w, http.StatusInternalServerError, map[string]any{"error": "internal"})
		case !ok:
			reply(w, http.StatusConflict, map[string]any{"error": "sold_out"})
		default:
			reply(w, http.StatusCreated, map[string]any{p.leftField: left})
		}
	})
	return mux
}

func reply(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(http.ErrAbortHandler)
	}
}

// running starts the program as main would: its own connection, its own store.
func running(ctx context.Context, p Program, work func(url string) error) (err error) {
	db, err := Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return serving(p.handler(p.openStore(db, p.takeSQL)), work)
}

func serving(handler http.Handler, work func(url string) error) error {
	server := httptest.NewServer(handler)
	defer server.Close()
	return work(server.URL)
}

func call(ctx context.Context, method, url string, body any) (status int, answer map[string]any, err error) {
	data, err := json.Marshal(body)
	if err != nil {
		return 0, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(data))
	if err != nil {
		return 0, nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, nil, err
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	err = json.NewDecoder(response.Body).Decode(&answer)
	return response.StatusCode, answer, err
}

func rolledBack(ctx context.Context, db *DB, work func() error) (err error) {
	if _, err := db.Exec(ctx, "BEGIN"); err != nil {
		return err
	}
	defer func() {
		_, undo := db.Exec(ctx, "ROLLBACK")
		err = errors.Join(err, undo)
	}()
	return work()
}

// errFailed marks what a test found, as opposed to a test that could not run.
var errFailed = errors.New("broken")

func check(what string, holds bool) error {
	if holds {
		return nil
	}
	return fmt.Errorf("%w: %s", errFailed, what)
}

type interaction struct {
	given   map[string]int64
	request order
	status  int
	body    map[string]any
}

// contractOf is what checkout sends, and the part of the answer it reads.
func contractOf() []interaction {
	return []interaction{
		{map[string]int64{"cup": 5}, order{"cup", 3}, 201, map[string]any{"left": 2.0}},
		{map[string]int64{"cup": 2}, order{"cup", 3}, 409, map[string]any{"error": "sold_out"}},
	}
}

// --8<-- [start:show]

// unit is the rule alone: no store, no server, every boundary.
func unit(_ context.Context, p Program, _ *DB) error {
	for quantity, wanted := range map[int64]bool{0: false, 1: true, 10: true, 11: false} {
		if p.allowed(quantity) != wanted {
			return check(fmt.Sprintf("%d items", quantity), false)
		}
	}
	return nil
}

// database is the real statement on the real PostgreSQL; nothing stays.
func database(ctx context.Context, p Program, db *DB) error {
	return rolledBack(ctx, db, func() error {
		if _, err := db.Exec(ctx, insert, "cup", 5); err != nil {
			return err
		}
		return storeRules(ctx, PostgresStore{db, p.takeSQL})
	})
}

// storeRules is true for every store that may stand in for another, fakes included.
func storeRules(ctx context.Context, store Store) error {
	left, ok, err := store.Take(ctx, "cup", 3)
	_, again, errAgain := store.Take(ctx, "cup", 3)
	onHand, errOnHand := store.OnHand(ctx, "cup")
	return cmp.Or(err, errAgain, errOnHand,
		check("3 of 5 leave 2", ok && left == 2),
		check("3 of 2 are refused", !again),
		check("a refusal takes nothing", onHand == 2))
}

// contract is what the consumer relies on, asked of the running provider.
func contract(ctx context.Context, p Program, _ *DB) error {
	for _, i := range contractOf() {
		err := serving(p.handler(FakeStore(i.given)), func(url string) error {
			return verify(ctx, url, i)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func verify(ctx context.Context, url string, i interaction) error {
	status, got, err := call(ctx, "POST", url+"/reservations", i.request)
	if err != nil {
		return err
	}
	failed := check(fmt.Sprintf("status %d", i.status), status == i.status)
	for field, sample := range i.body { // more fields than these do no harm
		same := got[field] == sample
		if _, figure := sample.(float64); figure { // codes by value, figures by type
			_, same = got[field].(float64)
		}
		failed = cmp.Or(failed, check(field, same))
	}
	return failed
}

// endToEnd is the program as it is started: a reservation survives a restart.
func endToEnd(ctx context.Context, p Program, db *DB) (err error) {
	sku := freshSKU() // no other test and no earlier run has this row
	if _, err := db.Exec(ctx, insert, sku, 5); err != nil {
		return err
	}
	defer func() {
		_, undo := db.Exec(ctx, "DELETE FROM stock WHERE sku = $1", sku)
		err = errors.Join(err, undo)
	}()
	err = running(ctx, p, func(url string) error {
		status, _, err := call(ctx, "POST", url+"/reservations", order{sku, 3})
		return cmp.Or(err, check("created", status == 201))
	})
	if err != nil {
		return err
	}
	return running(ctx, p, func(url string) error {
		_, got, err := call(ctx, "GET", url+"/stock/"+sku, nil)
		return cmp.Or(err, check("still reserved after a restart", got["on_hand"] == 2.0))
	})
}

// --8<-- [end:show]

var skus int

func freshSKU() string {
	skus++
	return fmt.Sprintf("cup-%d", skus)
}

type test struct {
	name string
	run  func(ctx context.Context, p Program, db *DB) error
}

var tests = []test{
	{"unit", unit},
	{"database", database},
	{"contract", contract},
	{"end-to-end", endToEnd},
}

type change struct {
	name string
	make func(p *Program)
}

var changes = []change{
	{"none", func(*Program) {}},
	{"limit of 10 excluded", func(p *Program) {
		p.allowed = func(quantity int64) bool { return 1 <= quantity && quantity < 10 }
	}},
	{"UPDATE forgets on_hand >= $2", func(p *Program) {
		p.takeSQL = strings.Replace(takeSQL, "AND on_hand >= $2", "", 1)
	}},
	{"field renamed to remaining", func(p *Program) { p.leftField = "remaining" }},
	{"starts with the fake store", func(p *Program) {
		p.openStore = func(*DB, string) Store {
			store := FakeStore{}
			for n := range 99 {
				store[fmt.Sprintf("cup-%d", n)] = 5
			}
			return store
		}
	}},
}

func shuffled(in []test, seed int) []test {
	order := append([]test(nil), in...)
	for last := len(order) - 1; last > 0; last-- {
		seed = (seed*1103515245 + 12345) % (1 << 31)
		other := (seed >> 16) % (last + 1)
		order[last], order[other] = order[other], order[last]
	}
	return order
}

func verdict(ctx context.Context, t test, p Program, db *DB) (string, error) {
	err := t.run(ctx, p, db)
	var refused *Error
	switch {
	case err == nil:
		return "pass", nil
	case errors.Is(err, errFailed), errors.As(err, &refused):
		return "FAIL", nil
	}
	return "", err
}

func told(double string, err error) {
	verdict := "honest"
	if err != nil {
		verdict = "lies, " + err.Error()
	}
	fmt.Printf("%-30s%s\n", double, verdict)
}

func against(ctx context.Context, stub func(i interaction) (int, map[string]any)) error {
	for _, i := range contractOf() {
		status, body := stub(i)
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			reply(w, status, body)
		})
		if err := serving(handler, func(url string) error { return verify(ctx, url, i) }); err != nil {
			return err
		}
	}
	return nil
}

func isolation(ctx context.Context, db *DB) error {
	for seed := 1; seed <= 3; seed++ {
		names, passed := []string{}, 0
		for _, t := range shuffled(tests, seed) {
			got, err := verdict(ctx, t, correct(), db)
			if err != nil {
				return err
			}
			names = append(names, t.name)
			if got == "pass" {
				passed++
			}
		}
		fmt.Printf("seed %d: %s: %d pass\n", seed, strings.Join(names, ", "), passed)
	}
	rows, err := db.Query(ctx, "SELECT count(*) FROM stock")
	if err != nil {
		return err
	}
	fmt.Printf("rows left behind: %d\n", rows[0].Int(0))
	if _, err := db.Exec(ctx, insert, "cup", 5); err != nil {
		return err
	}
	_, err = db.Exec(ctx, insert, "cup", 5)
	var refused *Error
	if !errors.As(err, &refused) {
		return errors.Join(errors.New("the second row was accepted"), err)
	}
	fmt.Printf("the same row inserted twice, no rollback: %s\n", refused.Code)
	_, err = db.Exec(ctx, "DELETE FROM stock")
	return err
}

func matrix(ctx context.Context, db *DB) error {
	line := fmt.Sprintf("\n%-30s", "what was broken")
	for _, t := range tests {
		line += fmt.Sprintf("%-11s", t.name)
	}
	fmt.Println(strings.TrimRight(line, " "))
	for _, c := range changes {
		program := correct()
		c.make(&program)
		line := fmt.Sprintf("%-30s", c.name)
		for _, t := range tests {
			got, err := verdict(ctx, t, program, db)
			if err != nil {
				return err
			}
			line += fmt.Sprintf("%-11s", got)
		}
		fmt.Println(strings.TrimRight(line, " "))
	}
	return nil
}

func doubles(ctx context.Context) {
	fmt.Printf("\n%-30swhen the shared test runs on it\n", "double")
	told("fake store", storeRules(ctx, FakeStore{"cup": 5}))
	told("fake store, simplified", storeRules(ctx, LyingStore{FakeStore{"cup": 5}}))
	told("stub from the contract", against(ctx, func(i interaction) (int, map[string]any) {
		return i.status, i.body
	}))
	told("stub written from memory", against(ctx, func(interaction) (int, map[string]any) {
		return http.StatusCreated, map[string]any{"left": 2}
	}))
}

func run(ctx context.Context) (err error) {
	db, err := Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Exec(ctx, schema); err != nil {
		return err
	}
	if err := isolation(ctx, db); err != nil {
		return err
	}
	if err := matrix(ctx, db); err != nil {
		return err
	}
	doubles(ctx)
	return nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
