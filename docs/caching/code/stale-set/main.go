// Five ways to keep a cached price right, under the interleavings that break them.
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
	key          = "price:42"
	ttl          = 300 // seconds
	tombstoneTTL = 60  // seconds; longer than any load may take
)

type row struct{ version, price int }

type event struct {
	key     string
	version int
}

// database is one row. Readers see what is committed; each commit appends an event.
type database struct {
	row row
	log []event
}

func newDatabase() *database { return &database{row: row{1, 500}} }

func (d *database) commit(price int) row {
	d.row = row{d.row.version + 1, price}
	d.log = append(d.log, event{key, d.row.version})
	return d.row
}

// --8<-- [start:show]

// Store a value only if nothing newer is known. A deleted entry leaves a tombstone:
// a version without a price, so that a late set of an older version finds it.
const setIfNewer = `
local known = tonumber(redis.call('HGET', KEYS[1], 'version') or 0)
if tonumber(ARGV[1]) < known then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1], 'price', ARGV[2])
redis.call('EXPIRE', KEYS[1], ARGV[3])
return 1
`

const deleteUpTo = `
local known = tonumber(redis.call('HGET', KEYS[1], 'version') or 0)
if tonumber(ARGV[1]) <= known then return 0 end
redis.call('HSET', KEYS[1], 'version', ARGV[1])
redis.call('HDEL', KEYS[1], 'price')
redis.call('EXPIRE', KEYS[1], ARGV[2])
return 1
`

// versioned values carry the version of the row they came from.
type versioned struct{ db *DB }

func (c versioned) set(ctx context.Context, r row) error {
	_, err := c.db.Do(ctx, "EVAL", setIfNewer, 1, key, r.version, r.price, ttl)
	return err
}

// remove says that what is older than this version must go, and must not come back.
func (c versioned) remove(ctx context.Context, version int) (applied int64, err error) {
	reply, err := c.db.Do(ctx, "EVAL", deleteUpTo, 1, key, version, tombstoneTTL)
	if err != nil {
		return 0, err
	}
	return reply.(int64), nil
}

// consume applies events; a repeated or old one changes nothing. Store the position
// in the log after the work: at least once.
func consume(ctx context.Context, log []event, c versioned) (applied int64, err error) {
	for _, e := range log {
		one, err := c.remove(ctx, e.version)
		if err != nil {
			return applied, err
		}
		applied += one
	}
	return applied, nil
}

// --8<-- [end:show]

func (c versioned) get(ctx context.Context) (price int, found bool, err error) {
	reply, err := c.db.Do(ctx, "HGET", key, "price")
	return parse(reply, err)
}

func parse(reply any, err error) (price int, found bool, _ error) {
	if err != nil || reply == nil {
		return 0, false, err
	}
	price, err = strconv.Atoi(reply.(string))
	return price, true, err
}

// plain is a cached value without a version.
type plain struct{ db *DB }

func (c plain) set(ctx context.Context, r row) error {
	_, err := c.db.Do(ctx, "SET", key, r.price, "EX", ttl)
	return err
}

func (c plain) remove(ctx context.Context) error {
	_, err := c.db.Do(ctx, "UNLINK", key)
	return err
}

func (c plain) get(ctx context.Context) (price int, found bool, err error) {
	reply, err := c.db.Do(ctx, "GET", key)
	return parse(reply, err)
}

type getter interface {
	get(ctx context.Context) (price int, found bool, err error)
}

func show(
	ctx context.Context, db *DB, label string, cache getter, run func(*database) error,
) error {
	if _, err := db.Do(ctx, "UNLINK", key); err != nil {
		return err
	}
	data := newDatabase()
	if err := run(data); err != nil {
		return err
	}
	price, found, err := cache.get(ctx)
	cached, verdict := strconv.Itoa(price), "right"
	switch {
	case !found:
		cached, verdict = "-", "miss: the next read loads"
	case price != data.row.price:
		verdict = fmt.Sprintf("STALE for up to %d s", ttl)
	}
	fmt.Printf("%-33s%4d%8s  %s\n", label, data.row.price, cached, verdict)
	return err
}

func run(ctx context.Context) (err error) {
	db, err := ConnectRedis(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	p, v := plain{db}, versioned{db}
	fmt.Println("interleaving                  database  cached")
	for _, step := range []struct {
		label string
		cache getter
		run   func(*database) error
	}{
		{"two writers update the cache", p, func(d *database) error {
			first, second := d.commit(600), d.commit(700)
			// The second writer is faster here.
			return errors.Join(p.set(ctx, second), p.set(ctx, first))
		}},
		{"two writers delete", p, func(d *database) error {
			d.commit(600)
			d.commit(700)
			return errors.Join(p.remove(ctx), p.remove(ctx)) // in any order
		}},
		{"delete before the commit", p, func(d *database) error {
			// A reader misses, and loads what is committed: the old row.
			err := errors.Join(p.remove(ctx), p.set(ctx, d.row))
			d.commit(600)
			return err
		}},
		{"delete after it, slow reader", p, func(d *database) error {
			loaded := d.row // a reader missed and has read; now it is slow
			d.commit(600)
			return errors.Join(p.remove(ctx), p.set(ctx, loaded))
		}},
		{"  the same, versions compared", v, func(d *database) error {
			loaded := d.row
			_, err := v.remove(ctx, d.commit(600).version)
			return errors.Join(err, v.set(ctx, loaded)) // refused: the tombstone is newer
		}},
		{"two writers, versions compared", v, func(d *database) error {
			first, second := d.commit(600), d.commit(700)
			return errors.Join(v.set(ctx, second), v.set(ctx, first)) // refused
		}},
		{"writer dies before its delete", v, func(d *database) error {
			err := v.set(ctx, d.row)
			d.commit(600)
			return err
		}},
		{"  the same, events consumed", v, func(d *database) error {
			err := v.set(ctx, d.row)
			d.commit(600)
			_, failed := consume(ctx, d.log, v)
			return errors.Join(err, failed)
		}},
	} {
		if err := show(ctx, db, step.label, step.cache, step.run); err != nil {
			return err
		}
	}
	return replay(ctx, db, v)
}

func replay(ctx context.Context, db *DB, v versioned) error {
	if _, err := db.Do(ctx, "UNLINK", key); err != nil {
		return err
	}
	d := newDatabase()
	if err := v.set(ctx, d.row); err != nil {
		return err
	}
	d.commit(600)
	d.commit(700)
	applied, err := consume(ctx, d.log, v)
	if err != nil {
		return err
	}
	again, err := consume(ctx, d.log, v)
	if err != nil {
		return err
	}
	fmt.Printf("\nevents 1 to %d: %d applied; replayed: %d applied\n", len(d.log), applied, again)
	if err := v.set(ctx, d.row); err != nil {
		return err
	}
	if _, err := consume(ctx, d.log, v); err != nil {
		return err
	}
	price, _, err := v.get(ctx)
	fmt.Printf("replayed over a fresh value: %d stays\n", price)
	return err
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
