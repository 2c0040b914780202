// A paused lock holder writes late: what the store must check to survive it.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"time"
)

const (
	leaseMS = 30_000
	lock    = "{account:7}:lock"
	tokens  = "{account:7}:tokens"
	account = "account:7"
)

// --8<-- [start:show]

// Redis runs each script as one step: nothing happens between check and act.
const (
	acquireScript = `
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then
    return redis.call('INCR', KEYS[2])
end
return 0`

	releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then
    return redis.call('DEL', KEYS[1])
end
return 0`

	// The store's own check; in SQL: UPDATE ... WHERE id = $1 AND token <= $2
	admitScript = `
local seen = tonumber(redis.call('HGET', KEYS[1], 'token') or '0')
if tonumber(ARGV[1]) < seen then
    return 0
end
redis.call('HSET', KEYS[1], 'token', ARGV[1])
if ARGV[2] then
    redis.call('HSET', KEYS[1], 'balance', ARGV[2])
end
return 1`
)

// acquire returns the fencing token, or 0 if somebody else holds the lock.
func acquire(ctx context.Context, db *DB, owner string) (int64, error) {
	return number(db.Do(ctx, "EVAL", acquireScript, 2, lock, tokens, owner, leaseMS))
}

func release(ctx context.Context, db *DB, owner string) (bool, error) {
	removed, err := number(db.Do(ctx, "EVAL", releaseScript, 1, lock, owner))
	return removed == 1, err
}

// admit announces the token; with a balance, it also writes it. False: token too old.
func admit(ctx context.Context, db *DB, token int64, balance ...any) (bool, error) {
	command := append([]any{"EVAL", admitScript, 1, account, token}, balance...)
	admitted, err := number(db.Do(ctx, command...))
	return admitted == 1, err
}

// --8<-- [end:show]

func number(reply any, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	n, ok := reply.(int64)
	if !ok {
		return 0, fmt.Errorf("not a number: %v", reply)
	}
	return n, nil
}

func readBalance(ctx context.Context, db *DB) (int, error) {
	reply, err := db.Do(ctx, "HGET", account, "balance")
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(fmt.Sprint(reply))
}

type checks struct{ reads, writes bool }

type worker struct {
	db    *DB
	name  string
	plus  int
	token int64
	seen  int
}

func (w *worker) take(ctx context.Context, note string, check checks) (err error) {
	if w.token, err = acquire(ctx, w.db, w.name); err != nil {
		return err
	}
	if check.reads {
		admitted, err := admit(ctx, w.db, w.token)
		if err != nil {
			return err
		}
		if !admitted {
			return errors.New("a new token must be admitted")
		}
	}
	if w.seen, err = readBalance(ctx, w.db); err != nil {
		return err
	}
	fmt.Printf("  %s token %d reads %d%s\n", w.name, w.token, w.seen, note)
	return nil
}

func (w *worker) write(ctx context.Context, check checks) (stored bool, err error) {
	balance := w.seen + w.plus
	if check.writes {
		stored, err = admit(ctx, w.db, w.token, balance)
	} else {
		_, err = w.db.Do(ctx, "HSET", account, "balance", balance)
		stored = true
	}
	if err != nil {
		return false, err
	}
	result := "stored"
	if !stored {
		result = "REFUSED, a newer token was here"
	}
	fmt.Printf("  %s token %d writes %d: %s\n", w.name, w.token, balance, result)
	return stored, nil
}

// lapse stands in for the 30 seconds that the holder sleeps.
func lapse(ctx context.Context, db *DB) error {
	_, err := db.Do(ctx, "PEXPIRE", lock, 0)
	return err
}

func scenario(
	ctx context.Context, db *DB, title string, check checks, wakesEarly bool,
) error {
	if _, err := db.Do(ctx, "DEL", lock, tokens, account); err != nil {
		return err
	}
	if _, err := db.Do(ctx, "HSET", account, "balance", 100); err != nil {
		return err
	}
	fmt.Println(title)
	a := &worker{db: db, name: "A", plus: 10}
	b := &worker{db: db, name: "B", plus: 50}
	if err := a.take(ctx, ", pauses past its lease", check); err != nil {
		return err
	}
	if err := lapse(ctx, db); err != nil {
		return err
	}
	if err := b.take(ctx, "", check); err != nil {
		return err
	}
	order := []*worker{b, a}
	if wakesEarly {
		order = []*worker{a, b}
	}
	var refused []*worker
	for _, w := range order {
		stored, err := w.write(ctx, check)
		if err != nil {
			return err
		}
		if !stored {
			refused = append(refused, w)
		}
	}
	stolen, err := release(ctx, db, "A")
	if err != nil {
		return err
	}
	if stolen {
		return errors.New("A released a lock that B holds")
	}
	if _, err := release(ctx, db, "B"); err != nil {
		return err
	}
	for _, w := range refused {
		if err := w.take(ctx, " again", check); err != nil {
			return err
		}
		if _, err := w.write(ctx, check); err != nil {
			return err
		}
	}
	balance, err := readBalance(ctx, db)
	if err != nil {
		return err
	}
	verdict := "correct"
	if balance != 160 {
		verdict = fmt.Sprintf("%d lost", 160-balance)
	}
	fmt.Printf("  balance %d: %s\n", balance, verdict)
	return nil
}

func theLock(ctx context.Context, db *DB) error {
	first, err := acquire(ctx, db, "A")
	if err != nil {
		return err
	}
	second, err := acquire(ctx, db, "B")
	if err != nil {
		return err
	}
	fmt.Printf("A takes the lock, token %d; B gets %d\n", first, second)
	if err := lapse(ctx, db); err != nil {
		return err
	}
	third, err := acquire(ctx, db, "B")
	if err != nil {
		return err
	}
	fmt.Printf("after the lease B takes it, token %d\n", third)
	stolen, err := release(ctx, db, "A")
	if err != nil {
		return err
	}
	answer := "no"
	if stolen {
		answer = "yes"
	}
	fmt.Printf("A can release it: %s\n", answer)
	return nil
}

func run(ctx context.Context) (err error) {
	db, err := ConnectRedis(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if err := theLock(ctx, db); err != nil {
		return err
	}
	for _, s := range []struct {
		title      string
		check      checks
		wakesEarly bool
	}{
		{"1. the store checks nothing", checks{}, false},
		{"2. writes are checked", checks{writes: true}, false},
		{"3. the same, A wakes earlier", checks{writes: true}, true},
		{"4. reads announce the token", checks{reads: true, writes: true}, true},
	} {
		if err := scenario(ctx, db, s.title, s.check, s.wakesEarly); err != nil {
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
