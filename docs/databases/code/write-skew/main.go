// Two doctors leave at once: a rule over two rows is broken, then kept.
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
		CREATE TABLE shifts (
			id      integer PRIMARY KEY,
			staffed integer NOT NULL CHECK (staffed >= 1)
		);
		CREATE TABLE doctors (
			name     text PRIMARY KEY,
			shift_id integer NOT NULL REFERENCES shifts,
			on_call  boolean NOT NULL
		);
		INSERT INTO shifts VALUES (1, 2);
		INSERT INTO doctors VALUES ('ada', 1, true), ('ben', 1, true)`
	reset   = "UPDATE shifts SET staffed = 2; UPDATE doctors SET on_call = true"
	blocked = `
		SELECT count(*) FROM pg_stat_activity
		WHERE pid = $1 AND wait_event_type = 'Lock'`
	patience = 5 * time.Second
)

type event struct{ who, what string }

// Timeline is what both sessions saw and did, in order.
type Timeline struct {
	mu     sync.Mutex
	events []event
}

// Session is a doctor's connection; it notes what it sees and does.
type Session struct {
	name, doctor string
	db           *DB
	timeline     *Timeline
}

func (s *Session) note(what string) {
	s.timeline.mu.Lock()
	defer s.timeline.mu.Unlock()
	s.timeline.events = append(s.timeline.events, event{s.name, what})
}

// Transaction runs work at an isolation level.
func (s *Session) Transaction(ctx context.Context, level string, work func() error) error {
	err := s.db.Tx(ctx, func() error {
		if _, err := s.db.Exec(ctx, level); err != nil {
			return err
		}
		return work()
	})
	if code := codeOf(err); code != "" {
		s.note("gets " + code)
	}
	return err
}

// codeOf is the SQLSTATE of a refusal, or empty.
func codeOf(err error) string {
	var refused *Error
	if errors.As(err, &refused) {
		return refused.Code
	}
	return ""
}

// --8<-- [start:show]

const (
	readCommitted  = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED"
	repeatableRead = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"
	serializable   = "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE"
	count          = "SELECT count(*) FROM doctors WHERE shift_id = 1 AND on_call"
	lockShift      = "SELECT id FROM shifts WHERE id = 1 FOR NO KEY UPDATE"
	takeOne        = "UPDATE shifts SET staffed = staffed - 1 WHERE id = 1"
	leave          = "UPDATE doctors SET on_call = false WHERE name = $1"
)

// leaveIfCovered checks, then acts: each session writes another row, so no lock ever meets.
func leaveIfCovered(ctx context.Context, s *Session, pause func() error) error {
	rows, err := s.db.Query(ctx, count)
	if err != nil {
		return err
	}
	s.note(fmt.Sprintf("sees %d", rows[0].Int(0)))
	if rows[0].Int(0) < 2 {
		s.note("stays")
		return nil
	}
	if err := pause(); err != nil {
		return err
	}
	return s.leave(ctx)
}

func unguarded(ctx context.Context, s *Session, pause func() error, level string) error {
	return s.Transaction(ctx, level, func() error {
		return leaveIfCovered(ctx, s, pause)
	})
}

// parentLocked takes the lock that everybody takes who changes the shift.
func parentLocked(ctx context.Context, s *Session, pause func() error, level string) error {
	return s.Transaction(ctx, level, func() error {
		if _, err := s.db.Query(ctx, lockShift); err != nil {
			return err
		}
		return leaveIfCovered(ctx, s, pause)
	})
}

// counted has the rule as one row with a CHECK: no read that could be stale.
func counted(ctx context.Context, s *Session, pause func() error) error {
	return s.Transaction(ctx, readCommitted, func() error {
		if _, err := s.db.Exec(ctx, takeOne); err != nil {
			return err
		}
		if err := pause(); err != nil {
			return err
		}
		return s.leave(ctx)
	})
}

// --8<-- [end:show]

func retry(attempts int, attempt func() error) error {
	err := attempt()
	for left := attempts - 1; left > 0 && codeOf(err) == "40001"; left-- {
		err = attempt()
	}
	return err
}

func (s *Session) leave(ctx context.Context) error {
	if _, err := s.db.Exec(ctx, leave, s.doctor); err != nil {
		return err
	}
	s.note("leaves")
	return nil
}

// nothing goes on without a pause.
func nothing() error { return nil }

type experiment struct {
	observer *DB
	timeline *Timeline
	a, b     *Session
}

func (e *experiment) run(ctx context.Context, title string, work func() error) error {
	e.timeline.events = nil
	if _, err := e.observer.Exec(ctx, reset); err != nil {
		return err
	}
	if err := work(); err != nil {
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
	rows, err := e.observer.Query(ctx, count)
	if err != nil {
		return err
	}
	fmt.Printf("\n%s\n  %s\n  on call: %d\n", title, told.String(), rows[0].Int(0))
	return nil
}

// beside lets B do all its work while A thinks.
func (e *experiment) beside(ctx context.Context, level string) error {
	done := false
	pause := func() error {
		if done {
			return nil
		}
		done = true
		return unguarded(ctx, e.b, nothing, level)
	}
	return retry(3, func() error { return unguarded(ctx, e.a, pause, level) })
}

// blocked starts B while A holds its lock; B goes on after A's commit.
func (e *experiment) blocked(ctx context.Context, first func(pause func() error) error, second func() error) error {
	var done <-chan error
	err := first(func() (err error) {
		done, err = e.startB(ctx, second)
		return err
	})
	if err != nil {
		return err
	}
	if err := <-done; codeOf(err) != "23514" {
		return err
	}
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
			e.b.note("waits")
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

func (e *experiment) locked(ctx context.Context, level string) error {
	return e.blocked(ctx,
		func(pause func() error) error { return parentLocked(ctx, e.a, pause, level) },
		func() error { return parentLocked(ctx, e.b, nothing, level) })
}

func (e *experiment) checked(ctx context.Context) error {
	return e.blocked(ctx,
		func(pause func() error) error { return counted(ctx, e.a, pause) },
		func() error { return counted(ctx, e.b, nothing) })
}

func run(ctx context.Context) (err error) {
	sessions := make([]*DB, 3)
	for i := range sessions {
		if sessions[i], err = Connect(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sessions[i].Close()) }()
	}
	timeline := &Timeline{}
	e := &experiment{
		observer: sessions[0],
		timeline: timeline,
		a:        &Session{"A", "ada", sessions[1], timeline},
		b:        &Session{"B", "ben", sessions[2], timeline},
	}
	if _, err := e.observer.Exec(ctx, schema); err != nil {
		return err
	}
	fmt.Println("Two doctors on call ask to leave at the same time: one must stay.")
	for _, variant := range []struct {
		title string
		work  func() error
	}{
		{"no guard, REPEATABLE READ", func() error { return e.beside(ctx, repeatableRead) }},
		{"no guard, SERIALIZABLE, retry", func() error { return e.beside(ctx, serializable) }},
		{"shift locked, READ COMMITTED", func() error { return e.locked(ctx, readCommitted) }},
		{"shift locked, REPEATABLE READ", func() error { return e.locked(ctx, repeatableRead) }},
		{"counter with a CHECK", func() error { return e.checked(ctx) }},
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
