// Page through orders by OFFSET and by signed cursor while the table changes.
package main

import (
	"cmp"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"log"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

const (
	schema = `
		SET TIME ZONE 'UTC';
		CREATE TABLE orders (
		    id         bigint PRIMARY KEY,
		    created_at timestamptz NOT NULL,
		    status     text NOT NULL
		);
		CREATE INDEX orders_by_time ON orders (created_at, id);
		CREATE INDEX orders_by_status ON orders (status, created_at, id)`
	// Orders 7, 8 and 9 share a microsecond.
	twelveOrders = `
		TRUNCATE orders;
		INSERT INTO orders
		SELECT n, timestamptz '2026-11-20 10:00:00.000123Z'
		          + CASE WHEN n IN (7, 8, 9) THEN 8 ELSE n END * interval '1 second',
		       CASE WHEN n % 2 = 0 THEN 'paid' ELSE 'open' END
		FROM generate_series(1, 12) AS n`
	signingKey = "sample key, in service 32 random bytes"
	version    = "v1"
	maxLimit   = 100
)

// changes holds what happens after page 1 and after page 2.
var changes = map[int]struct{ event, sql string }{
	1: {"order 13 comes in", "INSERT INTO orders VALUES (13, '2026-11-20 10:01:00Z', 'open')"},
	2: {"orders 12 and 13 are deleted", "DELETE FROM orders WHERE id IN (12, 13)"},
}

var sorts = map[string]struct{ comparison, direction string }{
	"-created_at": {"<", "DESC"},
	"created_at":  {">", "ASC"},
}

// BadRequest is what the caller reads in a 400.
type BadRequest string

func (b BadRequest) Error() string { return string(b) }

// Listing is what a request asks for; checked, as its words reach the SQL.
type Listing struct {
	Sort, Status string
	Limit        int
	Cursor       string // of the page before, empty for the first
}

// ParseListing reads the query parameters sort, status, limit and cursor.
func ParseListing(query map[string]string) (Listing, error) {
	sort := cmp.Or(query["sort"], "-created_at")
	if _, known := sorts[sort]; !known {
		return Listing{}, BadRequest("sort is -created_at or created_at")
	}
	status := cmp.Or(query["status"], "any")
	if !slices.Contains([]string{"any", "open", "paid"}, status) {
		return Listing{}, BadRequest("status is any, open or paid")
	}
	limit, err := strconv.Atoi(cmp.Or(query["limit"], "20"))
	if err != nil || limit < 1 || limit > maxLimit {
		return Listing{}, BadRequest(fmt.Sprintf("limit is 1 to %d", maxLimit))
	}
	return Listing{sort, status, limit, query["cursor"]}, nil
}

// Order has its time as PostgreSQL writes it: no microsecond is lost.
type Order struct {
	ID        int64
	CreatedAt string
}

// Page has the cursor of the next one, empty on the last.
type Page struct {
	Orders []Order
	Next   string
}

// --8<-- [start:show]

func signed(head string) string {
	mac := hmac.New(sha256.New, []byte(signingKey))
	mac.Write([]byte(head))
	return head + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))
}

// encode says where last is, and in which list; signed, but readable to all.
func encode(l Listing, last Order) string {
	content := fmt.Sprintf("%s|%s|%s|%d", l.Sort, l.Status, last.CreatedAt, last.ID)
	return signed(version + "." + base64.RawURLEncoding.EncodeToString([]byte(content)))
}

func decode(l Listing) (createdAt, id string, err error) {
	head := l.Cursor[:max(strings.LastIndexByte(l.Cursor, '.'), 0)]
	// In constant time: how long it takes tells nothing about the right signature.
	if !hmac.Equal([]byte(l.Cursor), []byte(signed(head))) {
		return "", "", BadRequest("cursor is not ours, or was changed")
	}
	encoded, current := strings.CutPrefix(head, version+".")
	content, err := base64.RawURLEncoding.DecodeString(encoded)
	if !current || err != nil {
		return "", "", BadRequest("cursor is of an old version, begin anew")
	}
	parts := strings.Split(string(content), "|")
	if parts[0] != l.Sort || parts[1] != l.Status {
		return "", "", BadRequest("cursor is for another sort order or filter")
	}
	return parts[2], parts[3], nil
}

func findPage(ctx context.Context, db *DB, l Listing) (Page, error) {
	by := sorts[l.Sort]
	// One row more than asked for tells whether there is a next page.
	values := []any{l.Limit + 1}
	where := "true"
	if l.Status != "any" {
		values = append(values, l.Status)
		where += fmt.Sprintf(" AND status = $%d", len(values))
	}
	if l.Cursor != "" {
		createdAt, id, err := decode(l)
		if err != nil {
			return Page{}, err
		}
		values = append(values, createdAt, id)
		n := len(values)
		where += fmt.Sprintf(" AND (created_at, id) %s ($%d, $%d)", by.comparison, n-1, n)
	}
	sql := fmt.Sprintf(`SELECT id, created_at FROM orders WHERE %s
		ORDER BY created_at %[2]s, id %[2]s LIMIT $1`, where, by.direction)
	orders, err := queryOrders(ctx, db, sql, values...)
	if err != nil || len(orders) <= l.Limit {
		return Page{Orders: orders}, err
	}
	orders = orders[:l.Limit]
	return Page{orders, encode(l, orders[l.Limit-1])}, nil
}

// --8<-- [end:show]

func queryOrders(ctx context.Context, db *DB, sql string, values ...any) ([]Order, error) {
	rows, err := db.Query(ctx, sql, values...)
	if err != nil {
		return nil, fmt.Errorf("query orders: %w", err)
	}
	var orders []Order
	for _, row := range rows {
		orders = append(orders, Order{row.Int(0), row.Text(1)})
	}
	return orders, nil
}

const (
	size   = 4
	newest = "ORDER BY created_at DESC, id DESC LIMIT 4"
)

func idsOf(orders []Order) []int64 {
	var ids []int64
	for _, order := range orders {
		ids = append(ids, order.ID)
	}
	return ids
}

// reader returns the next page, and whether it is the last.
type reader func(ctx context.Context, db *DB) (ids []int64, last bool, err error)

// byOffset does what many write: it counts the rows that were seen.
func byOffset() reader {
	seen := 0
	return func(ctx context.Context, db *DB) ([]int64, bool, error) {
		sql := "SELECT id, created_at FROM orders " + newest + " OFFSET $1"
		orders, err := queryOrders(ctx, db, sql, seen)
		seen += size
		return idsOf(orders), len(orders) < size, err
	}
}

// byTimeAlone is a keyset without its tie-breaker.
func byTimeAlone() reader {
	last := "infinity"
	return func(ctx context.Context, db *DB) ([]int64, bool, error) {
		sql := "SELECT id, created_at FROM orders WHERE created_at < $1 " + newest
		orders, err := queryOrders(ctx, db, sql, last)
		if len(orders) > 0 {
			last = orders[len(orders)-1].CreatedAt
		}
		return idsOf(orders), len(orders) < size, err
	}
}

func byCursor() reader {
	query := map[string]string{"limit": strconv.Itoa(size)}
	return func(ctx context.Context, db *DB) ([]int64, bool, error) {
		page, err := ask(ctx, db, query)
		query["cursor"] = page.Next
		return idsOf(page.Orders), page.Next == "", err
	}
}

func ask(ctx context.Context, db *DB, query map[string]string) (Page, error) {
	listing, err := ParseListing(query)
	if err != nil {
		return Page{}, err
	}
	return findPage(ctx, db, listing)
}

func join(ids []int64) string {
	var texts []string
	for _, id := range ids {
		texts = append(texts, strconv.FormatInt(id, 10))
	}
	return cmp.Or(strings.Join(texts, " "), "-")
}

func line(label string, cells [3][]int64) {
	fmt.Printf("%-24s%-14s%-14s%s\n", label, join(cells[0]), join(cells[1]), join(cells[2]))
}

// walk reads all pages in three ways while the table changes between them.
func walk(ctx context.Context, db *DB) error {
	readers := [3]reader{byOffset(), byTimeAlone(), byCursor()}
	var done [3]bool
	var seen, twice, missed [3][]int64
	for number := 1; slices.Contains(done[:], false); number++ {
		var cells [3][]int64
		for i, next := range readers {
			if done[i] {
				continue
			}
			var err error
			if cells[i], done[i], err = next(ctx, db); err != nil {
				return err
			}
			seen[i] = append(seen[i], cells[i]...)
		}
		line(fmt.Sprintf("page %d", number), cells)
		if change, found := changes[number]; found {
			fmt.Println("  " + change.event)
			if _, err := db.Exec(ctx, change.sql); err != nil {
				return err
			}
		}
	}
	for i, ids := range seen {
		for at, id := range ids {
			if slices.Index(ids, id) < at {
				twice[i] = append(twice[i], id)
			}
		}
		for id := int64(12); id > 0; id-- {
			if !slices.Contains(ids, id) {
				missed[i] = append(missed[i], id)
			}
		}
	}
	line("seen twice", twice)
	line("missed", missed)
	return nil
}

func filtered(ctx context.Context, db *DB) error {
	query := map[string]string{"sort": "created_at", "status": "paid", "limit": "4"}
	first, err := ask(ctx, db, query)
	if err != nil {
		return err
	}
	content, err := base64.RawURLEncoding.DecodeString(strings.Split(first.Next, ".")[1])
	if err != nil {
		return fmt.Errorf("read the cursor: %w", err)
	}
	query["cursor"] = first.Next
	second, err := ask(ctx, db, query)
	if err != nil {
		return err
	}
	fmt.Println("oldest paid orders      " + join(idsOf(first.Orders)))
	fmt.Println("  their cursor holds    " + string(content))
	fmt.Println("  next page             " + join(idsOf(second.Orders)))
	fmt.Println("  its cursor            " + cmp.Or(second.Next, "-"))
	return nil
}

// outcome returns why the query is refused.
func outcome(ctx context.Context, db *DB, query map[string]string) (string, error) {
	_, err := ask(ctx, db, query)
	var refused BadRequest
	if errors.As(err, &refused) {
		return refused.Error(), nil
	}
	return "accepted", err
}

func refusals(ctx context.Context, db *DB) error {
	page, err := ask(ctx, db, map[string]string{"limit": "4"})
	if err != nil {
		return err
	}
	cursor := page.Next
	reasons := map[string]bool{}
	for at, character := range []byte(cursor) {
		other := "A"
		if character == 'A' {
			other = "B"
		}
		changed := cursor[:at] + other + cursor[at+1:]
		reason, err := outcome(ctx, db, map[string]string{"cursor": changed})
		if err != nil {
			return err
		}
		reasons[reason] = true
	}
	all := slices.Sorted(maps.Keys(reasons))
	fmt.Printf("%-33s%s\n", "any one character changed", strings.Join(all, ", "))
	old := "v0." + strings.Split(cursor, ".")[1]
	type query = map[string]string
	for _, attempt := range []struct {
		label string
		query query
	}{
		{"cursor of version 0", query{"cursor": signed(old)}},
		{"the cursor with status=paid", query{"cursor": cursor, "status": "paid"}},
		{"the cursor with sort=created_at", query{"cursor": cursor, "sort": "created_at"}},
		{"the cursor with limit=100", query{"cursor": cursor, "limit": "100"}},
		{"limit=101", query{"limit": "101"}},
		{"limit=ten", query{"limit": "ten"}},
		{"sort=password", query{"sort": "password"}},
	} {
		reason, err := outcome(ctx, db, attempt.query)
		if err != nil {
			return fmt.Errorf("%s: %w", attempt.label, err)
		}
		fmt.Printf("%-33s%s\n", attempt.label, reason)
	}
	return nil
}

func run(ctx context.Context) (err error) {
	db, err := Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, script := range []string{schema, twelveOrders} {
		if _, err := db.Exec(ctx, script); err != nil {
			return err
		}
	}
	fmt.Printf("%-24sOFFSET        created_at <  (created_at, id) <\n", "newest first, 4 a page")
	if err := walk(ctx, db); err != nil {
		return err
	}
	fmt.Println()
	if _, err := db.Exec(ctx, twelveOrders); err != nil {
		return err
	}
	if err := filtered(ctx, db); err != nil {
		return err
	}
	fmt.Println()
	return refusals(ctx, db)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}
