// Transfers between accounts: all or nothing, tried again where that is safe.
package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"
)

const (
	schema = `
		CREATE TABLE accounts (
			id    integer PRIMARY KEY,
			coins integer NOT NULL CONSTRAINT not_overdrawn CHECK (coins >= 0)
		);
		CREATE TABLE transfers (
			key       text PRIMARY KEY,
			source_id integer NOT NULL REFERENCES accounts,
			target_id integer NOT NULL REFERENCES accounts,
			coins     integer NOT NULL CHECK (coins > 0)
		);
		INSERT INTO accounts VALUES (1, 100), (2, 100), (3, 100)`
	blocked = `
		SELECT count(*) FROM pg_stat_activity
		WHERE pid = $1 AND wait_event_type = 'Lock'`
	patience = 5 * time.Second
)

// nothing goes on without a pause.
func nothing() error { return nil }

// --8<-- [start:show]

const (
	serializable = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
	claim        = "INSERT INTO transfers VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO NOTHING"
	moveCoins    = "UPDATE accounts SET coins = coins + $1 WHERE id = $2"
)

// transfer is one transaction: the key, the credit and the debit, or none of them.
func transfer(ctx context.Context, db *DB, key string, source, target, coins int, between func() error) (answer string, err error) {
	err = db.Tx(ctx, func() error {
		if _, err := db.Exec(ctx, serializable); err != nil {
			return err
		}
		claimed, err := db.Exec(ctx, claim, key, source, target, coins)
		if err != nil || claimed == 0 {
			answer = "done before"
			return err
		}
		if err := move(ctx, db, coins, target); err != nil {
			return err
		}
		if err := between(); err != nil {
			return err
		}
		answer = "moved"
		return move(ctx, db, -coins, source) // the CHECK refuses what is not there
	})
	return answer, err
}

// move counts, because an UPDATE that meets no row is no error.
func move(ctx context.Context, db *DB, coins, account int) error {
	met, err := db.Exec(ctx, moveCoins, coins, account)
	if err == nil && met != 1 {
		return fmt.Errorf("no account %d", account)
	}
	return err
}

// isTransient knows serialization failures and deadlocks.
func isTransient(err error) bool {
	var refused *Error
	return errors.As(err, &refused) && (refused.Code == "40001" || refused.Code == "40P01")
}

// retry runs the whole transaction again, if the server says that this may help.
func retry(ctx context.Context, attempts int, attempt func() error) error {
	for number := 1; ; number++ {
		err := attempt()
		if !isTransient(err) || number == attempts {
			return err
		}
		full := 10 * time.Millisecond << number
		select {
		case <-time.After(rand.N(full)): // full jitter: rivals part
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		}
	}
}

// --8<-- [end:show]

type experiment struct{ observer, a, b *DB }

// run moves coins from 1 to 2; first runs between the updates of attempt one, then after its failure.
func (e *experiment) run(ctx context.Context, title, key string, coins int, first, then func() error) error {
	fmt.Printf("\n%s\n", title)
	number := 0
	between := func() error {
		if number > 1 {
			return nil
		}
		return first()
	}
	err := retry(ctx, 4, func() error {
		number++
		answer, err := transfer(ctx, e.a, key, 1, 2, coins, between)
		var refused *Error
		if errors.As(err, &refused) {
			fmt.Printf("  attempt %d: %s\n", number, refused.Code)
			if failed := then(); failed != nil {
				return failed
			}
		} else if err == nil {
			fmt.Printf("  attempt %d: %s\n", number, answer)
		}
		return err
	})
	var refused *Error
	if errors.As(err, &refused) {
		fmt.Printf("  given up: %s\n", refused.Code)
	} else if err != nil {
		return err
	}
	return e.balances(ctx)
}

func (e *experiment) balances(ctx context.Context) error {
	rows, err := e.observer.Query(ctx, "SELECT coins FROM accounts ORDER BY id")
	if err != nil {
		return err
	}
	var held strings.Builder
	var sum int64
	for _, row := range rows {
		fmt.Fprintf(&held, " %d", row.Int(0))
		sum += row.Int(0)
	}
	fmt.Printf("  held:%s, sum %d\n", held.String(), sum)
	return nil
}

func (e *experiment) look(ctx context.Context) error {
	const sql = "SELECT coins FROM accounts WHERE id = 2"
	own, err := e.a.Query(ctx, sql)
	if err != nil {
		return err
	}
	other, err := e.observer.Query(ctx, sql)
	if err != nil {
		return err
	}
	fmt.Printf("  between the updates account 2 has %d, for others still %d\n", own[0].Int(0), other[0].Int(0))
	return nil
}

// startB starts work of B and returns when the server says that it waits for a lock.
func (e *experiment) startB(ctx context.Context, work func() error) (<-chan error, error) {
	rows, err := e.b.Query(ctx, "SELECT pg_backend_pid()")
	if err != nil {
		return nil, err
	}
	done := make(chan error, 1)
	go func() { done <- work() }()
	for limit := time.Now().Add(patience); time.Now().Before(limit); {
		waits, err := e.observer.Query(ctx, blocked, rows[0].Int(0))
		if err != nil {
			return nil, err
		}
		if waits[0].Int(0) > 0 {
			return done, nil
		}
		select {
		case err := <-done:
			return nil, errors.Join(errors.New("B did not wait"), err)
		case <-time.After(5 * time.Millisecond):
		}
	}
	return nil, errors.New("B never waited for a lock")
}

func (e *experiment) deadlock(ctx context.Context) error {
	// A looks for a deadlock after 10 ms, B much later: A will be the victim.
	if _, err := e.a.Exec(ctx, "SET deadlock_timeout = '10ms'"); err != nil {
		return err
	}
	if _, err := e.b.Exec(ctx, "SET deadlock_timeout = '4s'"); err != nil {
		return err
	}
	var done <-chan error
	crossing := func() (err error) {
		done, err = e.startB(ctx, func() error {
			_, err := transfer(ctx, e.b, "t6", 2, 1, 5, nothing)
			return err
		})
		return err
	}
	finish := func() error { return <-done }
	return e.run(ctx, "t5: 1 pays 20 to 2, while t6 pays 5 from 2 to 1", "t5", 20, crossing, finish)
}

func run(ctx context.Context) (err error) {
	sessions := make([]*DB, 3)
	for i := range sessions {
		if sessions[i], err = Connect(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sessions[i].Close()) }()
	}
	e := &experiment{sessions[0], sessions[1], sessions[2]}
	if _, err := e.observer.Exec(ctx, schema); err != nil {
		return err
	}
	fmt.Println("Three accounts with 100 coins each: the sum must stay 300.")
	if err := e.run(ctx, "t1: 1 pays 30 to 2", "t1", 30, nothing, nothing); err != nil {
		return err
	}
	look := func() error { return e.look(ctx) }
	if err := e.run(ctx, "t2: 1 pays 900 to 2", "t2", 900, look, nothing); err != nil {
		return err
	}
	rival := func() error {
		_, err := transfer(ctx, e.b, "t4", 1, 3, 10, nothing)
		return err
	}
	title := "t3: 1 pays 20 to 2, t4 commits 10 from 1 to 3 in between"
	if err := e.run(ctx, title, "t3", 20, rival, nothing); err != nil {
		return err
	}
	if err := e.deadlock(ctx); err != nil {
		return err
	}
	return e.run(ctx, "t5 again: the client never got the answer", "t5", 20, nothing, nothing)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
