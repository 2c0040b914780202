// The same six inputs, concatenated into SQL and bound to it.
package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

const (
	schema = `
		CREATE TABLE members (
			name     text PRIMARY KEY,
			email    text NOT NULL,
			key_hash text NOT NULL,
			role     text NOT NULL DEFAULT 'member',
			nickname text NOT NULL DEFAULT '',
			greeting text NOT NULL DEFAULT ''
		);
		CREATE TABLE products (name text PRIMARY KEY, price integer NOT NULL);
		INSERT INTO members (name, email, key_hash, role) VALUES
			('ada', 'ada@example.com', 'sample-hash-1', 'admin'),
			('bob', 'bob@example.com', 'sample-hash-2', 'member'),
			('mallory', 'mallory@example.com', 'sample-hash-3', 'member');
		INSERT INTO products VALUES
			('lamp', 45), ('rug 50% wool', 80), ('rug 500 knots', 300), ('vase', 20)`
	reset = `
		UPDATE members SET role = 'member', greeting = '' WHERE name = 'mallory'`
	roleOfMallory = "SELECT role FROM members WHERE name = 'mallory'"
)

// Shop is what both versions can do.
type Shop interface {
	SignIn(ctx context.Context, name, keyHash string) ([]string, error)
	Search(ctx context.Context, term, sort string) ([]string, error)
	Greet(ctx context.Context, name string) error
}

// --8<-- [start:show]

// Vulnerable is what not to write: the database gets one text and cannot tell who
// wrote what.
type Vulnerable struct{ db *DB }

func (v Vulnerable) SignIn(ctx context.Context, name, keyHash string) ([]string, error) {
	sql := "SELECT name FROM members WHERE name = '" + name + "'"
	return column(v.db.Query(ctx, sql+" AND key_hash = '"+keyHash+"'"))
}

func (v Vulnerable) Search(ctx context.Context, term, sort string) ([]string, error) {
	sql := "SELECT name, price FROM products WHERE name LIKE '%" + term + "%'"
	return column(v.db.Query(ctx, sql+" ORDER BY "+sort))
}

func (v Vulnerable) Greet(ctx context.Context, name string) error {
	found, err := column(
		v.db.Query(ctx, "SELECT nickname FROM members WHERE name = $1", name),
	) // bound, and yet: what comes back is still data
	if err != nil {
		return err
	}
	sql := "UPDATE members SET greeting = 'Hi " + found[0] + "'"
	_, err = v.db.Exec(ctx, sql+" WHERE name = '"+name+"'")
	return err
}

// Bound sends values beside the SQL and takes the rest from a list.
type Bound struct{ db *DB }

var (
	sorts      = map[string]string{"name": "name", "price": "price, name"}
	escapeLike = strings.NewReplacer(`\`, `\\`, "%", `\%`, "_", `\_`)
)

func (b Bound) SignIn(ctx context.Context, name, keyHash string) ([]string, error) {
	sql := "SELECT name FROM members WHERE name = $1 AND key_hash = $2"
	return column(b.db.Query(ctx, sql, name, keyHash))
}

func (b Bound) Search(ctx context.Context, term, sort string) ([]string, error) {
	order, listed := sorts[sort] // the only SQL there is
	if !listed {
		return nil, errSort
	}
	sql := "SELECT name FROM products WHERE name LIKE '%' || $1 || '%' ORDER BY "
	return column(b.db.Query(ctx, sql+order, escapeLike.Replace(term)))
}

func (b Bound) Greet(ctx context.Context, name string) error {
	sql := "UPDATE members SET greeting = 'Hi ' || nickname WHERE name = $1"
	_, err := b.db.Exec(ctx, sql, name)
	return err
}

// --8<-- [end:show]

const (
	bypass   = "ada' --"
	union    = "zzz%' UNION SELECT email, 0 FROM members --"
	nickname = "M', role = 'admin' WHERE name = 'mallory' --"
	blind    = "(CASE WHEN (SELECT role FROM members WHERE name = 'ada') = 'admin'" +
		" THEN price ELSE -price END)"
)

var errSort = errors.New("unknown sort key")

func column(rows []Row, err error) (texts []string, _ error) {
	for _, row := range rows {
		texts = append(texts, row.Text(0))
	}
	return texts, err
}

// digest is enough for a random key; a password needs a slow hash.
func digest(key string) string { return fmt.Sprintf("%x", sha256.Sum256([]byte(key))) }

// Stage plays attacks.
type Stage struct{ db *DB }

func (s Stage) login(ctx context.Context, shop Shop) (string, error) {
	names, err := shop.SignIn(ctx, bypass, digest("a wrong key"))
	if len(names) == 0 {
		names = []string{"nobody"}
	}
	return strings.Join(names, ", "), err
}

func (s Stage) union(ctx context.Context, shop Shop) (string, error) {
	names, err := shop.Search(ctx, union, "name")
	addresses := strings.Count(strings.Join(names, " "), "@")
	return fmt.Sprintf("%d e-mail addresses", addresses), err
}

func (s Stage) secondOrder(ctx context.Context, shop Shop) (string, error) {
	set := "UPDATE members SET nickname = $1 WHERE name = 'mallory'"
	if _, err := s.db.Exec(ctx, set, nickname); err != nil {
		return "", err
	}
	if err := shop.Greet(ctx, "mallory"); err != nil {
		return "", err
	}
	return s.mallory(ctx)
}

// mallory tells her role and makes her a member again.
func (s Stage) mallory(ctx context.Context) (string, error) {
	role, err := column(s.db.Query(ctx, roleOfMallory))
	_, failed := s.db.Exec(ctx, reset)
	if err := errors.Join(err, failed); err != nil {
		return "", err
	}
	return "mallory is " + role[0], nil
}

func (s Stage) blind(ctx context.Context, shop Shop) (string, error) {
	names, err := shop.Search(ctx, "", blind)
	if err != nil || names[0] != "vase" {
		return "no", err
	}
	return "yes, ada is admin", nil
}

func (s Stage) byPrice(ctx context.Context, shop Shop) (string, error) {
	names, err := shop.Search(ctx, "", "price")
	if err != nil {
		return "", err
	}
	return "first " + names[0], nil
}

func (s Stage) percent(ctx context.Context, shop Shop) (string, error) {
	names, err := shop.Search(ctx, "50%", "name")
	return fmt.Sprintf("%d found", len(names)), err
}

// outcome turns a refusal into text; any other error ends the program.
func outcome(text string, err error) (string, error) {
	var refused *Error
	switch {
	case errors.As(err, &refused):
		return refused.Code, nil
	case errors.Is(err, errSort):
		return err.Error(), nil
	}
	return text, err
}

// stacked: a script may hold several statements; one with values may not.
func (s Stage) stacked(ctx context.Context) error {
	name := "x'; UPDATE members SET role = 'admin' WHERE name = 'mallory'; --"
	sql := "SELECT name FROM members WHERE name = '" + name + "'"
	if _, err := s.db.Exec(ctx, sql); err != nil {
		return err
	}
	role, err := s.mallory(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("  %-18s%s\n", "as a script", role)
	_, refused := s.db.Query(ctx, sql)
	code, err := outcome("", refused)
	if err != nil {
		return err
	}
	if role, err = s.mallory(ctx); err == nil {
		fmt.Printf("  %-18s%s, %s\n", "as one statement", role, code)
	}
	return err
}

// boundOrder: a value is no column. Every row has the same one, so nothing is sorted.
func (s Stage) boundOrder(ctx context.Context) (string, error) {
	sql := "EXPLAIN (COSTS OFF) SELECT name FROM products ORDER BY $1::text"
	plan, err := column(s.db.Query(ctx, sql, "price"))
	if strings.Contains(strings.Join(plan, "\n"), "Sort Key: price") {
		return "?", err
	}
	return "not sorted", err
}

type attack func(context.Context, Shop) (string, error)

func (s Stage) run(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, schema); err != nil {
		return err
	}
	fmt.Printf("%-32s%-22s%s\n", "input", "concatenated", "bound or listed")
	for _, scene := range []struct {
		label string
		play  attack
	}{
		{"sign in as ada' --", s.login},
		{"search with UNION SELECT email", s.union},
		{"nickname stored, used later", s.secondOrder},
		{"sort by (CASE WHEN secret ...", s.blind},
		{"sort by price", s.byPrice},
		{"search for 50%", s.percent},
	} {
		one, err := outcome(scene.play(ctx, Vulnerable(s)))
		other, failed := outcome(scene.play(ctx, Bound(s)))
		if err := errors.Join(err, failed); err != nil {
			return err
		}
		fmt.Printf("%-32s%-22s%s\n", scene.label, one, other)
	}
	sorted, err := s.boundOrder(ctx)
	if err != nil {
		return err
	}
	fmt.Println("ORDER BY $1 with 'price' bound:", sorted)
	fmt.Println("\ntwo statements in one name, concatenated")
	if err := s.stacked(ctx); err != nil {
		return err
	}
	fmt.Println("\nthe vulnerable code, as a role that may only read products")
	return s.fewPrivileges(ctx)
}

// fewPrivileges: SET ROLE stands for a login of its own, since injected SQL could
// RESET a role.
func (s Stage) fewPrivileges(ctx context.Context) (err error) {
	names, err := column(s.db.Query(ctx, // names cannot be bound
		"SELECT quote_ident('reader_' || current_database())"))
	if err != nil {
		return err
	}
	role := names[0]
	grant := "CREATE ROLE " + role + "; GRANT SELECT ON products TO " + role
	if _, err := s.db.Exec(ctx, grant+"; SET ROLE "+role); err != nil {
		return err
	}
	defer func() {
		drop := "RESET ROLE; DROP OWNED BY " + role + "; DROP ROLE " + role
		_, failed := s.db.Exec(ctx, drop)
		err = errors.Join(err, failed)
	}()
	shop := Vulnerable(s)
	found, err := shop.Search(ctx, "lamp", "name")
	addresses, failed := outcome(s.union(ctx, shop))
	change, broken := outcome(s.secondOrder(ctx, shop))
	if err := errors.Join(err, failed, broken); err != nil {
		return err
	}
	fmt.Printf("  %-32s%s\n", "search for lamp", strings.Join(found, ", "))
	fmt.Printf("  %-32s%s\n", "search with UNION SELECT email", addresses)
	fmt.Printf("  %-32s%s\n", "change mallory", change)
	return nil
}

func run(ctx context.Context) (err error) {
	db, err := Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return Stage{db}.run(ctx)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
