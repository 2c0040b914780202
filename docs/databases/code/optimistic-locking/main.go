// Two sessions withdraw at once: one update is lost, then four ways keep both.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	schema = `
		CREATE TABLE accounts (
			id      integer PRIMARY KEY,
			balance integer NOT NULL CHECK (balance >= 0),
			version integer NOT NULL
		);
		INSERT INTO accounts VALUES (1, 100, 1)`
	reset   = "UPDATE accounts SET balance = 100, version = 1 WHERE id = 1"
	blocked = `
		SELECT count(*) FROM pg_stat_activity
		WHERE pid = $1 AND wait_event_type = 'Lock'`
	patience = 5 * time.Second
)

var errStale = errors.New("somebody else wrote since the read")

// Account is what a read sees.
type Account struct{ Balance, Version int64 }

type event struct{ who, what string }

// Timeline is what both sessions saw and did, in order.
type Timeline struct {
	mu     sync.Mutex
	events []event
}

func (t *Timeline) note(who, what string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.events = append(t.events, event{who, what})
}

// Session is a connection that notes what it sees and does.
type Session struct {
	name     string
	db       *DB
	timeline *Timeline
}

// Transaction runs work at an isolation level.
func (s *Session) Transaction(ctx context.Context, level string, work func() error) error {
	return s.db.Tx(ctx, func() error {
		if _, err := s.db.Exec(ctx, level); err != nil {
			return err
		}
		return work()
	})
}

// Read returns the account.
func (s *Session) Read(ctx context.Context, sql string) (Account, error) {
	rows, err := s.db.Query(ctx, sql)
	if err != nil {
		return Account{}, err
	}
	account := Account{rows[0].Int(0), rows[0].Int(1)}
	s.timeline.note(s.name, fmt.Sprintf("reads %d", account.Balance))
	return account, nil
}

// Write tells whether the statement met the row.
func (s *Session) Write(ctx context.Context, sql string, args ...any) (bool, error) {
	rows, err := s.db.Query(ctx, sql, args...)
	var refused *Error
	switch {
	case errors.As(err, &refused):
		s.timeline.note(s.name, "gets "+refused.Code)
	case err == nil && len(rows) == 0:
		s.timeline.note(s.name, "meets no row")
	case err == nil:
		s.timeline.note(s.name, fmt.Sprintf("writes %d", rows[0].Int(0)))
	}
	return len(rows) > 0, err
}

// --8<-- [start:show]

const (
	readCommitted  = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
	repeatableRead = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
	read           = "SELECT balance, version FROM accounts WHERE id = 1"
	lock           = "SELECT balance, version FROM accounts WHERE id = 1 FOR UPDATE"
	write          = "UPDATE accounts SET balance = $1 WHERE id = 1 RETURNING balance"
	subtract       = "UPDATE accounts SET balance = balance - $1 WHERE id = 1 RETURNING balance"
	writeVersion   = `UPDATE accounts SET balance = $1, version = version + 1
		WHERE id = 1 AND version = $2 RETURNING balance`
)

// readThenWrite loses a write during the pause at READ COMMITTED, unless lock made it wait.
func readThenWrite(ctx context.Context, s *Session, amount int64, pause func() error, level, read string) error {
	return s.Transaction(ctx, level, func() error {
		account, err := s.Read(ctx, read)
		if err != nil {
			return err
		}
		if err := pause(); err != nil {
			return err
		}
		_, err = s.Write(ctx, write, account.Balance-amount)
		return err
	})
}

// atomicUpdate lets the server subtract: it locks the row and uses its newest version.
func atomicUpdate(ctx context.Context, s *Session, amount int64) error {
	_, err := s.Write(ctx, subtract, amount)
	return err
}

// versionCheck holds no lock at all; a write during the pause leaves no row to meet.
func versionCheck(ctx context.Context, s *Session, amount int64, pause func() error) error {
	account, err := s.Read(ctx, read)
	if err != nil {
		return err
	}
	if err := pause(); err != nil {
		return err
	}
	met, err := s.Write(ctx, writeVersion, account.Balance-amount, account.Version)
	if err == nil && !met {
		return errStale
	}
	return err
}

// retry runs the whole attempt again after a conflict, from its first read on.
func retry(attempts int, attempt func() error) error {
	err := attempt()
	for left := attempts - 1; left > 0 && isConflict(err); left-- {
		err = attempt()
	}
	return err
}

// --8<-- [end:show]

func isConflict(err error) bool {
	var refused *Error
	return errors.Is(err, errStale) || errors.As(err, &refused) && refused.Code == "40001"
}

// once works at the first call only: a retry must not bring the rival back.
func once(work func() error) func() error {
	done := false
	return func() error {
		if done {
			return nil
		}
		done = true
		return work()
	}
}

// nothing goes on without a pause.
func nothing() error { return nil }

type experiment struct {
	observer *DB
	timeline *Timeline
	a, b     *Session
}

func (e *experiment) run(ctx context.Context, title string, work func(context.Context) error) error {
	e.timeline.events = nil
	if _, err := e.observer.Exec(ctx, reset); err != nil {
		return err
	}
	if err := work(ctx); err != nil {
		return fmt.Errorf("%s: %w", title, err)
	}
	var told strings.Builder
	turn := ""
	for _, event := range e.timeline.events {
		switch {
		case event.who == turn:
			told.WriteString(", " + event.what)
		case turn == "":
			told.WriteString(event.who + " " + event.what)
		default:
			told.WriteString("; " + event.who + " " + event.what)
		}
		turn = event.who
	}
	rows, err := e.observer.Query(ctx, "SELECT balance FROM accounts WHERE id = 1")
	if err != nil {
		return err
	}
	left := rows[0].Int(0)
	lost := map[int64]string{70: "nothing", 80: "the 10 of A", 90: "the 20 of B"}[left]
	fmt.Printf("\n%s\n  %s\n  %d left, lost: %s\n", title, told.String(), left, lost)
	return nil
}

// startB starts work of B and returns when the server says that it waits for a lock.
func (e *experiment) startB(ctx context.Context, work func() error) (<-chan error, error) {
	rows, err := e.b.db.Query(ctx, "SELECT pg_backend_pid()")
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
			e.timeline.note("B", "waits")
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

func (e *experiment) lostUpdate(ctx context.Context) error {
	return readThenWrite(ctx, e.b, 20, func() error {
		return readThenWrite(ctx, e.a, 10, nothing, readCommitted, read)
	}, readCommitted, read)
}

func (e *experiment) atomic(ctx context.Context) error {
	var done <-chan error
	err := e.a.Transaction(ctx, readCommitted, func() (err error) {
		if err := atomicUpdate(ctx, e.a, 10); err != nil {
			return err
		}
		done, err = e.startB(ctx, func() error { return atomicUpdate(ctx, e.b, 20) })
		return err
	})
	if err != nil {
		return err
	}
	return <-done
}

func (e *experiment) version(ctx context.Context) error {
	rival := once(func() error { return versionCheck(ctx, e.a, 10, nothing) })
	return retry(3, func() error { return versionCheck(ctx, e.b, 20, rival) })
}

func (e *experiment) locked(ctx context.Context) error {
	var done <-chan error
	err := readThenWrite(ctx, e.a, 10, func() (err error) {
		done, err = e.startB(ctx, func() error {
			return readThenWrite(ctx, e.b, 20, nothing, readCommitted, lock)
		})
		return err
	}, readCommitted, lock)
	if err != nil {
		return err
	}
	return <-done
}

func (e *experiment) snapshot(ctx context.Context) error {
	rival := once(func() error {
		return readThenWrite(ctx, e.a, 10, nothing, repeatableRead, read)
	})
	return retry(3, func() error {
		return readThenWrite(ctx, e.b, 20, rival, repeatableRead, read)
	})
}

func run(ctx context.Context) (err error) {
	sessions := make([]*DB, 3)
	for i := range sessions {
		if sessions[i], err = Connect(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sessions[i].Close()) }()
	}
	observer, a, b := sessions[0], sessions[1], sessions[2]
	if _, err := observer.Exec(ctx, schema); err != nil {
		return err
	}
	timeline := &Timeline{}
	e := &experiment{
		observer: observer,
		timeline: timeline,
		a:        &Session{"A", a, timeline},
		b:        &Session{"B", b, timeline},
	}
	fmt.Println("From 100, A takes 10 and B takes 20 at the same time: 70 must be left.")
	for _, variant := range []struct {
		title string
		work  func(context.Context) error
	}{
		{"read, then write, READ COMMITTED", e.lostUpdate},
		{"atomic UPDATE", e.atomic},
		{"version column, retry", e.version},
		{"SELECT ... FOR UPDATE", e.locked},
		{"REPEATABLE READ, retry", e.snapshot},
	} {
		if err := e.run(ctx, variant.title, variant.work); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
