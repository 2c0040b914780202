// Bank accounts as events: conflicts, projections, snapshots, a destroyed key.
package main

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"
)

const (
	schema = `
		CREATE TABLE events (
			position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			stream   text    NOT NULL,
			version  integer NOT NULL CHECK (version > 0),
			type     text    NOT NULL,
			data     jsonb   NOT NULL,
			UNIQUE (stream, version)
		);
		CREATE TABLE snapshots (
			stream text PRIMARY KEY, version integer NOT NULL, cents integer NOT NULL,
			fold integer NOT NULL
		);
		CREATE TABLE checkpoints (name text PRIMARY KEY, position bigint NOT NULL);
		INSERT INTO checkpoints VALUES ('balances', 0), ('holders', 0);
		CREATE TABLE balances (account text PRIMARY KEY, cents integer NOT NULL);
		CREATE TABLE holders (account text PRIMARY KEY, name text NOT NULL);
		-- No key: erased. No row: unknown, which is an error.
		CREATE TABLE subject_keys (subject text PRIMARY KEY, key text)`
	clerkCount = 8
	foldCode   = 1 // raise it with every change of Account.Apply
	nonceBytes = 12
)

var (
	errConflict = errors.New("somebody else has appended since the read")
	errCrash    = errors.New("the projector dies")
)

// RefusedError: the account's rules say no.
type RefusedError struct{ Cents int64 }

func (e RefusedError) Error() string { return fmt.Sprint("refused at ", e.Cents) }

// Data holds the fields of all types; each type uses its own.
type Data struct {
	Cents   int64  `json:"cents,omitempty"`
	Subject string `json:"subject,omitempty"`
	Name    string `json:"name,omitempty"` // sealed
}

// Event is what happened, with its two numbers.
type Event struct {
	Position int64 // for readers
	Stream   string
	Version  int64 // for writers
	Type     string
	Data     Data
}

// Account is the state that events add up to.
type Account struct {
	Version, Cents int64
	EventsRead     int
}

// Apply is the fold.
func (a *Account) Apply(event Event) {
	switch event.Type {
	case "Deposited":
		a.Cents += event.Data.Cents
	case "Withdrawn":
		a.Cents -= event.Data.Cents
	}
	a.Version = event.Version
	a.EventsRead++
}

func load(ctx context.Context, db *DB, stream string, snapshots bool) (*Account, error) {
	account := &Account{}
	if snapshots {
		const sql = "SELECT version, cents FROM snapshots WHERE stream = $1 AND fold = $2"
		rows, err := db.Query(ctx, sql, stream, int64(foldCode))
		if err != nil {
			return nil, err
		}
		for _, row := range rows {
			account.Version, account.Cents = row.Int(0), row.Int(1)
		}
	}
	events, err := read(ctx, db, "stream = $1 AND version > $2", stream, account.Version)
	for _, event := range events {
		account.Apply(event)
	}
	return account, err
}

// --8<-- [start:show]

const insert = "INSERT INTO events (stream, version, type, data) VALUES ($1, $2, $3, $4)"

// appendEvent: the unique key on (stream, version) lets one writer follow a version.
func appendEvent(ctx context.Context, db *DB, stream string, expected int64, kind string, data Data) error {
	body, err := json.Marshal(data)
	if err != nil {
		return err
	}
	err = db.Tx(ctx, func() error {
		// Positions in the order of commits.
		if _, err := db.Query(ctx, "SELECT pg_advisory_xact_lock(1)"); err != nil {
			return err
		}
		_, err := db.Exec(ctx, insert, stream, expected+1, kind, string(body))
		return err
	})
	var refused *Error
	if errors.As(err, &refused) && refused.Code == "23505" {
		return errConflict
	}
	return err
}

// withdraw returns the number of conflicts. Each attempt reads and decides again.
func withdraw(ctx context.Context, db *DB, stream string, cents int64, pause func() error) (int, error) {
	for conflicts := 0; conflicts <= clerkCount; conflicts++ {
		account, err := load(ctx, db, stream, true)
		if err != nil {
			return conflicts, err
		}
		if err := pause(); err != nil {
			return conflicts, err
		}
		if account.Cents < cents {
			return conflicts, RefusedError{account.Cents}
		}
		err = appendEvent(ctx, db, stream, account.Version, "Withdrawn", Data{Cents: cents})
		if !errors.Is(err, errConflict) {
			return conflicts, err
		}
	}
	return clerkCount, errConflict
}

// catchUp commits rows and checkpoint together; FOR UPDATE lets one projector in.
func catchUp(ctx context.Context, db *DB, name string, handle handler) error {
	return db.Tx(ctx, func() error {
		const sql = "SELECT position FROM checkpoints WHERE name = $1 FOR UPDATE"
		rows, err := db.Query(ctx, sql, name)
		if err != nil {
			return err
		}
		position := rows[0].Int(0)
		events, err := read(ctx, db, "position > $1", position)
		if err != nil {
			return err
		}
		for _, event := range events {
			if err := handle(ctx, db, event); err != nil {
				return err
			}
			position = event.Position
		}
		_, err = db.Exec(ctx, "UPDATE checkpoints SET position = $2 WHERE name = $1", name, position)
		return err
	})
}

// --8<-- [end:show]

type handler func(ctx context.Context, db *DB, event Event) error

// read: where is one of the two constants above, never input.
func read(ctx context.Context, db *DB, where string, args ...any) ([]Event, error) {
	rows, err := db.Query(ctx, `SELECT position, stream, version, type, data FROM events
		WHERE `+where+` ORDER BY position`, args...)
	if err != nil {
		return nil, err
	}
	events := make([]Event, len(rows))
	for i, row := range rows {
		e := Event{Position: row.Int(0), Stream: row.Text(1), Version: row.Int(2), Type: row.Text(3)}
		if err := json.Unmarshal([]byte(row.Text(4)), &e.Data); err != nil {
			return nil, err
		}
		events[i] = e
	}
	return events, nil
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// seal: in production the key is wrapped by a KMS, and backed up apart from events.
func seal(ctx context.Context, db *DB, subject, place, text string) (string, error) {
	random := make([]byte, 32+nonceBytes)
	if _, err := rand.Read(random); err != nil {
		return "", err
	}
	key, nonce := random[:32], random[32:]
	gcm, err := newGCM(key)
	if err != nil {
		return "", err
	}
	encoded := base64.StdEncoding.EncodeToString(key)
	_, err = db.Exec(ctx, "INSERT INTO subject_keys VALUES ($1, $2)", subject, encoded)
	sealed := gcm.Seal(nonce, nonce, []byte(text), []byte(place))
	return base64.StdEncoding.EncodeToString(sealed), err
}

func unseal(ctx context.Context, db *DB, subject, place, sealed string) (string, error) {
	rows, err := db.Query(ctx, "SELECT key FROM subject_keys WHERE subject = $1", subject)
	if err != nil {
		return "", err
	}
	if len(rows) == 0 {
		return "", errors.New("no key for " + subject) // a lost key is no erasure
	}
	encoded, kept := rows[0][0].(string)
	if !kept {
		return "[erased]", nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", err
	}
	raw, err := base64.StdEncoding.DecodeString(sealed)
	if err != nil || len(raw) < nonceBytes {
		return "", errors.Join(err, errors.New("not a sealed text"))
	}
	gcm, err := newGCM(key)
	if err != nil {
		return "", err
	}
	plain, err := gcm.Open(nil, raw[:nonceBytes], raw[nonceBytes:], []byte(place))
	return string(plain), err
}

func openAccount(ctx context.Context, db *DB, stream, subject, name string) error {
	sealed, err := seal(ctx, db, subject, stream+"|name", name)
	if err != nil {
		return err
	}
	return appendEvent(ctx, db, stream, 0, "Opened", Data{Subject: subject, Name: sealed})
}

func balances(ctx context.Context, db *DB, event Event) (err error) {
	const change = "UPDATE balances SET cents = cents + $2 WHERE account = $1"
	switch event.Type {
	case "Opened":
		_, err = db.Exec(ctx, "INSERT INTO balances VALUES ($1, 0)", event.Stream)
	case "Deposited":
		_, err = db.Exec(ctx, change, event.Stream, event.Data.Cents)
	case "Withdrawn":
		_, err = db.Exec(ctx, change, event.Stream, -event.Data.Cents)
	}
	return err
}

func holders(ctx context.Context, db *DB, event Event) error {
	if event.Type != "Opened" {
		return nil
	}
	name, err := unseal(ctx, db, event.Data.Subject, event.Stream+"|name", event.Data.Name)
	if err != nil {
		return err
	}
	_, err = db.Exec(ctx, "INSERT INTO holders VALUES ($1, $2)", event.Stream, name)
	return err
}

type projection struct {
	name, show, clear string
	handle            handler
}

var projectionList = []projection{
	{
		"balances",
		"SELECT account, cents::text FROM balances ORDER BY account",
		"DELETE FROM balances",
		balances,
	},
	{
		"holders",
		"SELECT account, name FROM holders ORDER BY account",
		"DELETE FROM holders",
		holders,
	},
}

// bench keeps a session and the first error, so that the story reads as one.
type bench struct {
	ctx       context.Context
	db, rival *DB
	err       error
}

func (b *bench) do(err error) {
	if b.err == nil {
		b.err = err
	}
}

func (b *bench) exec(sql string, args ...any) {
	if b.err == nil {
		_, b.err = b.db.Exec(b.ctx, sql, args...)
	}
}

func (b *bench) rowsOf(p projection) string {
	rows, err := b.db.Query(b.ctx, p.show)
	b.do(err)
	var told []string
	for _, row := range rows {
		told = append(told, row.Text(0)+" "+row.Text(1))
	}
	if told == nil {
		return "nothing"
	}
	return strings.Join(told, "  ")
}

// rebuild: beside a live reader into a new table, then rename.
func (b *bench) rebuild(p projection) {
	b.do(b.db.Tx(b.ctx, func() error {
		const reset = "UPDATE checkpoints SET position = 0 WHERE name = $1"
		if _, err := b.db.Exec(b.ctx, reset, p.name); err != nil {
			return err
		}
		_, err := b.db.Exec(b.ctx, p.clear)
		return err
	}))
	b.do(catchUp(b.ctx, b.db, p.name, p.handle))
}

func line(label, text string) { fmt.Printf("  %-32s%s\n", label, text) }

func same(before, after string) string {
	if before == after {
		return "the same"
	}
	return "different: " + after
}

func noPause() error { return nil }

// attempt: a rival writes once, between our read and our append.
func (b *bench) attempt(cents, rivals int64) string {
	pending := true
	met, err := withdraw(b.ctx, b.db, "acc-1", cents, func() error {
		if !pending {
			return nil
		}
		pending = false
		_, err := withdraw(b.ctx, b.rival, "acc-1", rivals, noPause)
		return err
	})
	var refused RefusedError
	if errors.As(err, &refused) {
		return "conflict, decided again: " + refused.Error()
	}
	b.do(err)
	account, err := load(b.ctx, b.db, "acc-1", true)
	b.do(err)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%d conflict, decided again: stored as version %d", met, account.Version)
}

type outcome struct {
	reads   int
	refused bool
	err     error
}

// clerk waits after its first read until all have read.
func clerk(ctx context.Context, ready *sync.WaitGroup, start <-chan struct{}) (done outcome) {
	arrive := sync.OnceFunc(ready.Done)
	defer arrive() // also if it never gets so far
	db, err := Connect(ctx)
	if err != nil {
		return outcome{err: err}
	}
	defer func() { done.err = errors.Join(done.err, db.Close()) }()
	_, err = withdraw(ctx, db, "acc-2", 1000, func() error {
		done.reads++
		if done.reads > 1 {
			return nil
		}
		arrive()
		select {
		case <-start:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
	var refused RefusedError
	if done.refused = errors.As(err, &refused); !done.refused {
		done.err = err
	}
	return done
}

func (b *bench) clerks() {
	var ready sync.WaitGroup
	ready.Add(clerkCount)
	start, results := make(chan struct{}), make(chan outcome, clerkCount)
	for range clerkCount {
		go func() { results <- clerk(b.ctx, &ready, start) }()
	}
	ready.Wait()
	close(start)
	atFirst, stored, refused := 0, 0, 0
	for range clerkCount {
		done := <-results
		b.do(done.err)
		if done.reads == 1 {
			atFirst++
		}
		if done.refused {
			refused++
		} else {
			stored++
		}
	}
	account, err := load(b.ctx, b.db, "acc-2", true)
	b.do(err)
	rows, err := b.db.Query(b.ctx,
		"SELECT max(version), count(*) FROM events WHERE stream = 'acc-2'")
	b.do(err)
	if b.err != nil {
		return
	}
	line("first append", fmt.Sprintf("%d stored, %d conflicts", atFirst, clerkCount-atFirst))
	line("in the end", fmt.Sprintf("%d stored, %d refused, %d left", stored, refused, account.Cents))
	line("versions", fmt.Sprintf("1 to %d, %d events", rows[0].Int(0), rows[0].Int(1)))
}

func (b *bench) projections() {
	dying := func(ctx context.Context, db *DB, event Event) error {
		if err := balances(ctx, db, event); err != nil {
			return err
		}
		if event.Type == "Withdrawn" {
			return errCrash
		}
		return nil
	}
	if err := catchUp(b.ctx, b.db, "balances", dying); !errors.Is(err, errCrash) {
		b.do(fmt.Errorf("no crash: %w", err))
	}
	rows, err := b.db.Query(b.ctx,
		"SELECT position FROM checkpoints WHERE name = 'balances'")
	b.do(err)
	if b.err != nil {
		return
	}
	line("dies at the first withdrawal", fmt.Sprintf("%s kept, checkpoint %d",
		b.rowsOf(projectionList[0]), rows[0].Int(0)))
	var before, after string
	for _, p := range projectionList {
		b.do(catchUp(b.ctx, b.db, p.name, p.handle))
		line(p.name, b.rowsOf(p))
		before += b.rowsOf(p)
	}
	for _, p := range projectionList {
		b.rebuild(p)
		after += b.rowsOf(p)
	}
	line("both rebuilt from zero", same(before, after))
}

func (b *bench) snapshot() {
	account, err := load(b.ctx, b.db, "acc-1", true)
	if b.do(err); b.err != nil {
		return
	}
	b.exec("INSERT INTO snapshots VALUES ($1, $2, $3, $4)",
		"acc-1", account.Version, account.Cents, int64(foldCode))
	b.do(appendEvent(b.ctx, b.db, "acc-1", account.Version, "Deposited", Data{Cents: 100}))
	for i, label := range []string{"full replay", "snapshot and tail"} {
		account, err := load(b.ctx, b.db, "acc-1", i == 1)
		if b.do(err); b.err != nil {
			return
		}
		line(label, fmt.Sprintf("%d cents, events read: %d", account.Cents, account.EventsRead))
	}
}

func (b *bench) erase() {
	for _, p := range projectionList {
		b.do(catchUp(b.ctx, b.db, p.name, p.handle))
	}
	before := b.rowsOf(projectionList[0])
	b.exec("UPDATE subject_keys SET key = NULL WHERE subject = $1", "ada")
	line("holders, not rebuilt yet", b.rowsOf(projectionList[1]))
	for _, p := range projectionList {
		b.rebuild(p)
	}
	line("holders, rebuilt", b.rowsOf(projectionList[1]))
	line("balances, rebuilt", same(before, b.rowsOf(projectionList[0])))
}

func run(ctx context.Context) (err error) {
	sessions := make([]*DB, 2)
	for i := range sessions {
		if sessions[i], err = Connect(ctx); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, sessions[i].Close()) }()
	}
	b := &bench{ctx: ctx, db: sessions[0], rival: sessions[1]}
	b.exec(schema)
	b.do(openAccount(ctx, b.db, "acc-1", "ada", "Ada"))
	b.do(appendEvent(ctx, b.db, "acc-1", 1, "Deposited", Data{Cents: 10000}))
	fmt.Println("acc-1 holds 10000 cents at version 2")
	line("take 6000, a rival takes 7000", b.attempt(6000, 7000))
	line("take 2000, a rival takes 500", b.attempt(2000, 500))
	b.do(openAccount(ctx, b.db, "acc-2", "ben", "Ben"))
	b.do(appendEvent(ctx, b.db, "acc-2", 1, "Deposited", Data{Cents: 5000}))
	fmt.Println("acc-2 holds 5000; eight clerks read version 2, each takes 1000")
	b.clerks()
	fmt.Println("projections")
	b.projections()
	fmt.Println("acc-1, snapshot at version 5, then one more event")
	b.snapshot()
	fmt.Println("Ada's key destroyed")
	b.erase()
	return b.err
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
