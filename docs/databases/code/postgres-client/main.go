// Prove the client: types, bound values, errors, transactions, two sessions.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

const (
	schema = `
		CREATE TABLE users (
			id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			email text NOT NULL UNIQUE
		);
		INSERT INTO users (email) VALUES ('ada@shop.test'), ('ben@shop.test')`
	insert  = "INSERT INTO users (email) VALUES ($1)"
	hostile = "x'); DROP TABLE users; --"
	// What nobody may write.
	pasted = "INSERT INTO users (email) VALUES ('" + hostile + "')"
	typed  = "SELECT $1::int2, $2::int8, $3::bool, $4::text, $5::numeric, $6::int4"
)

var values = []struct {
	name, label string
	sent, want  any
}{
	{"int2", "-7", -7, int64(-7)},
	{"int8", "9007199254740991", int64(9007199254740991), int64(9007199254740991)},
	{"bool", "false", false, false},
	{"text", "9 bytes of UTF-8", "\u017e \u20ac \u00fc", "\u017e \u20ac \u00fc"},
	{"numeric", "12.50", "12.50", "12.50"},
	{"int4", "NULL", nil, nil},
}

func kind(value any) string {
	switch value.(type) {
	case nil:
		return "nothing"
	case bool:
		return "boolean"
	case int64:
		return "integer"
	case string:
		return "text"
	default:
		return "unknown"
	}
}

func users(ctx context.Context, db *DB) (int64, error) {
	rows, err := db.Query(ctx, "SELECT count(*) FROM users")
	if err != nil {
		return 0, err
	}
	return rows[0].Int(0), nil
}

// attempt runs work; the count that follows proves that the connection still works.
func attempt(ctx context.Context, db *DB, label string, work func() error) error {
	outcome := "done"
	if err := work(); err != nil {
		var refused *Error
		if !errors.As(err, &refused) {
			return err
		}
		outcome = refused.Code
	}
	count, err := users(ctx, db)
	fmt.Printf("  %-31s%-7s%d\n", label, outcome, count)
	return err
}

func types(ctx context.Context, db *DB) error {
	fmt.Println("type     bound             comes back as")
	args := make([]any, len(values))
	for i, value := range values {
		args[i] = value.sent
	}
	rows, err := db.Query(ctx, typed, args...)
	if err != nil {
		return err
	}
	for i, value := range values {
		same := "another"
		if rows[0][i] == value.want {
			same = "the same"
		}
		fmt.Printf("%-9s%-18s%s, %s\n", value.name, value.label, kind(rows[0][i]), same)
	}
	return nil
}

func hostileValue(ctx context.Context, db *DB) error {
	fmt.Printf("\n%-33sanswer users\n", "value: "+hostile)
	err := attempt(ctx, db, "bound as $1", func() error {
		_, err := db.Exec(ctx, insert, hostile)
		return err
	})
	if err != nil {
		return err
	}
	err = attempt(ctx, db, "pasted, extended query", func() error {
		_, err := db.Query(ctx, pasted)
		return err
	})
	if err != nil {
		return err
	}
	undo := errors.New("undo")
	err = db.Tx(ctx, func() error {
		if _, err := db.Exec(ctx, pasted); err != nil {
			return err
		}
		rows, err := db.Query(ctx, "SELECT to_regclass('users') IS NULL")
		if err != nil {
			return err
		}
		verdict := "safe"
		if rows[0].Bool(0) {
			verdict = "table gone"
		}
		fmt.Printf("  %-31s%-7s%s\n", "pasted, simple query", "done", verdict)
		return undo
	})
	if !errors.Is(err, undo) {
		return err
	}
	return nil
}

func refusals(ctx context.Context, db *DB) error {
	fmt.Printf("\n%-33sanswer users\n", "one statement")
	err := attempt(ctx, db, "a second ada@shop.test", func() error {
		_, err := db.Exec(ctx, insert, "ada@shop.test")
		return err
	})
	if err != nil {
		return err
	}
	if _, err := db.Exec(ctx, "SET statement_timeout = 100"); err != nil { // milliseconds
		return err
	}
	err = attempt(ctx, db, "slower than the timeout", func() error {
		_, err := db.Query(ctx, "SELECT pg_sleep(10)")
		return err
	})
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, "SET statement_timeout = 5000")
	return err
}

func transactions(ctx context.Context, db *DB) error {
	bothInserts := func() error {
		if _, err := db.Exec(ctx, insert, "cem@shop.test"); err != nil {
			return err
		}
		_, err := db.Exec(ctx, insert, "ada@shop.test")
		return err
	}
	caught := func() error {
		err := bothInserts()
		var refused *Error
		if !errors.As(err, &refused) {
			return err
		}
		fmt.Printf("    caught inside: %s, status %c\n", refused.Code, db.status)
		return nil
	}

	fmt.Printf("\n%-33sanswer users\n", "transaction of two inserts")
	err := attempt(ctx, db, "the second fails", func() error {
		return db.Tx(ctx, bothInserts)
	})
	if err != nil {
		return err
	}
	return attempt(ctx, db, "it fails, the error is caught", func() error {
		return db.Tx(ctx, caught)
	})
}

func twoSessions(ctx context.Context, writer, reader *DB) error {
	show := func(label string) error {
		itself, err := users(ctx, writer)
		if err != nil {
			return err
		}
		other, err := users(ctx, reader)
		fmt.Printf("  %-31s%-9d%d\n", label, itself, other)
		return err
	}
	fmt.Printf("\n%-33sit sees, the other sees\n", "one connection inserts")
	err := writer.Tx(ctx, func() error {
		if _, err := writer.Exec(ctx, insert, "eva@shop.test"); err != nil {
			return err
		}
		return show("before the commit")
	})
	if err != nil {
		return err
	}
	return show("after the commit")
}

func run(ctx context.Context) (err error) {
	db, err := Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	other, err := Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, other.Close()) }()
	if _, err := db.Exec(ctx, schema); err != nil {
		return err
	}
	steps := []func(context.Context, *DB) error{types, hostileValue, refusals, transactions}
	for _, step := range steps {
		if err := step(ctx, db); err != nil {
			return err
		}
	}
	return twoSessions(ctx, db, other)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
