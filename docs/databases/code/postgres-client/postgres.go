package main

// The part of PostgreSQL's wire protocol (version 3.0) that an example needs.
//
// A real service uses a driver (pgx). This client exists so that examples run with
// nothing installed: it only talks to a server that trusts it, sends every value
// as text, and one goroutine at a time may use a connection.

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	statementTimeout = 5 * time.Second
	// The server gives up a slow statement first; this is for a server that is gone.
	answerTimeout = statementTimeout + time.Second
)

// Error is what the server refused; Code is its SQLSTATE, such as 23505.
type Error struct{ Code, Message string }

func (e *Error) Error() string { return e.Code + ": " + e.Message }

// Row holds int64, bool, string or nil.
type Row []any

// Int returns column i, which must be an integer.
func (r Row) Int(i int) int64 { return r[i].(int64) }

// Text returns column i, which must be text.
func (r Row) Text(i int) string { return r[i].(string) }

// Bool returns column i, which must be a boolean.
func (r Row) Bool(i int) bool { return r[i].(bool) }

type wireResult struct {
	rows []Row
	tag  string // such as "UPDATE 3" or "COMMIT"
}

type wireMessage struct {
	kind byte
	body []byte
}

// --8<-- [start:show]

// extendedQuery makes five messages for one write. SQL and values travel apart: no
// value becomes code.
func extendedQuery(sql string, args []any) (request []byte, err error) {
	parse, err := appendCString([]byte{0}, sql)
	if err != nil || len(args) > math.MaxUint16 {
		return nil, cmp.Or(err, errors.New("too many values"))
	}
	bind := binary.BigEndian.AppendUint16([]byte{0, 0, 0, 0}, uint16(len(args)))
	for _, arg := range args {
		if bind, err = appendParameter(bind, arg); err != nil {
			return nil, err
		}
	}
	request = appendMessage(request, 'P', append(parse, 0, 0)) // types inferred
	request = appendMessage(request, 'B', append(bind, 0, 0))
	request = appendMessage(request, 'D', []byte("P\x00")) // describe the columns
	request = appendMessage(request, 'E', make([]byte, 5)) // no limit of rows
	// Sync: after an error the server skips to here.
	return appendMessage(request, 'S', nil), nil
}

// readAnswer reads to ReadyForQuery, past any error: only then may the next request
// go out.
func readAnswer(from io.Reader) (answer []wireMessage, err error) {
	for len(answer) == 0 || answer[len(answer)-1].kind != 'Z' {
		next, err := readMessage(from)
		if err != nil {
			_, lastWords := interpretAnswer(answer)
			return nil, errors.Join(err, lastWords)
		}
		if next.kind == 'R' && !bytes.Equal(next.body, make([]byte, 4)) {
			return nil, errors.New("the server asks for a password; there is none")
		}
		answer = append(answer, next)
	}
	return answer, nil
}

func interpretAnswer(answer []wireMessage) (got wireResult, err error) {
	var oids []uint32
	for _, m := range answer {
		switch m.kind {
		case 'T':
			oids = columnTypes(m.body)
		case 'D':
			row, err := dataRow(m.body, oids)
			if err != nil {
				return wireResult{}, err
			}
			got.rows = append(got.rows, row)
		case 'C':
			got.tag = string(bytes.TrimSuffix(m.body, []byte{0}))
		case 'E':
			return wireResult{}, serverError(m.body)
		}
	}
	return got, nil
}

// --8<-- [end:show]

func appendParameter(to []byte, value any) ([]byte, error) {
	var text string
	switch value := value.(type) {
	case nil:
		return binary.BigEndian.AppendUint32(to, math.MaxUint32), nil // -1
	case string:
		text = value
	case int, int64, bool:
		text = fmt.Sprint(value)
	default:
		return nil, fmt.Errorf("cannot bind %T", value)
	}
	return append(binary.BigEndian.AppendUint32(to, uint32(len(text))), text...), nil
}

func appendMessage(to []byte, kind byte, body []byte) []byte {
	to = binary.BigEndian.AppendUint32(append(to, kind), uint32(4+len(body)))
	return append(to, body...)
}

func appendCString(to []byte, text string) ([]byte, error) {
	if strings.IndexByte(text, 0) >= 0 {
		return nil, errors.New("a zero byte would end the string early")
	}
	return append(append(to, text...), 0), nil
}

func readMessage(from io.Reader) (wireMessage, error) {
	var header [5]byte
	if _, err := io.ReadFull(from, header[:]); err != nil {
		return wireMessage{}, fmt.Errorf("read from the server: %w", err)
	}
	// Grow as bytes arrive: a server of another protocol may claim any size.
	size := int64(binary.BigEndian.Uint32(header[1:])) - 4
	var body bytes.Buffer
	if _, err := io.CopyN(&body, from, size); err != nil {
		return wireMessage{}, fmt.Errorf("read from the server: %w", err)
	}
	return wireMessage{header[0], body.Bytes()}, nil
}

func columnTypes(body []byte) []uint32 {
	oids := make([]uint32, binary.BigEndian.Uint16(body))
	body = body[2:]
	for i := range oids {
		body = body[bytes.IndexByte(body, 0)+1:]    // past the name
		oids[i] = binary.BigEndian.Uint32(body[6:]) // past table and column number
		body = body[18:]
	}
	return oids
}

func dataRow(body []byte, oids []uint32) (row Row, err error) {
	row = make(Row, len(oids))
	body = body[2:]
	for i, oid := range oids {
		size := int32(binary.BigEndian.Uint32(body))
		body = body[4:]
		if size < 0 {
			continue // NULL
		}
		switch text := string(body[:size]); oid {
		case 16:
			row[i] = text == "t"
		case 20, 21, 23: // int8, int2, int4
			if row[i], err = strconv.ParseInt(text, 10, 64); err != nil {
				return nil, err
			}
		default:
			row[i] = text
		}
		body = body[size:]
	}
	return row, nil
}

func serverError(body []byte) *Error {
	refused := &Error{}
	for field := range bytes.SplitSeq(body, []byte{0}) {
		switch text := string(field); {
		case strings.HasPrefix(text, "C"):
			refused.Code = text[1:]
		case strings.HasPrefix(text, "M"):
			refused.Message = text[1:]
		}
	}
	return refused
}

// DB is one session with the server.
type DB struct {
	conn   net.Conn
	reader *bufio.Reader
	status byte // 'I' idle, 'T' in a transaction, 'E' in a failed one
	closed bool
}

// Connect connects to what PGHOST, PGPORT, PGUSER and PGDATABASE name.
func Connect(ctx context.Context) (*DB, error) {
	host := cmp.Or(os.Getenv("PGHOST"), "localhost")
	port := cmp.Or(os.Getenv("PGPORT"), "5432")
	user := cmp.Or(os.Getenv("PGUSER"), "postgres")
	network, address := "tcp", net.JoinHostPort(host, port)
	if strings.HasPrefix(host, "/") {
		network, address = "unix", host+"/.s.PGSQL."+port
	}
	start := []byte{0, 3, 0, 0} // version 3.0
	for _, text := range []string{
		"user", user,
		"database", cmp.Or(os.Getenv("PGDATABASE"), user),
		"client_encoding", "UTF8",
		"statement_timeout", strconv.FormatInt(statementTimeout.Milliseconds(), 10),
		"", // the end
	} {
		var err error
		if start, err = appendCString(start, text); err != nil {
			return nil, err
		}
	}
	dialer := net.Dialer{Timeout: answerTimeout}
	conn, err := dialer.DialContext(ctx, network, address)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	db := &DB{conn: conn, reader: bufio.NewReader(conn)}
	// The first message alone has no kind.
	if _, err := db.exchange(ctx, appendMessage(nil, 0, start)[1:]); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return db, nil
}

// Query runs one statement with $1, $2, ... bound and returns its rows.
func (db *DB) Query(ctx context.Context, sql string, args ...any) ([]Row, error) {
	got, err := db.extended(ctx, sql, args)
	return got.rows, err
}

// Exec runs one statement, or a script that has no values, and returns its row count.
func (db *DB) Exec(ctx context.Context, sql string, args ...any) (int, error) {
	run := db.simple
	if len(args) > 0 {
		run = db.extended
	}
	got, err := run(ctx, sql, args)
	if err != nil {
		return 0, err
	}
	count, err := strconv.Atoi(got.tag[strings.LastIndexByte(got.tag, ' ')+1:])
	if err != nil {
		return 0, nil // BEGIN, CREATE TABLE: nothing to count
	}
	return count, nil
}

// Tx commits what work did, or rolls it back if work fails or panics.
func (db *DB) Tx(ctx context.Context, work func() error) (err error) {
	if _, err := db.Exec(ctx, "BEGIN"); err != nil {
		return err
	}
	finished := false
	defer func() {
		if !finished && !db.closed {
			_, failed := db.Exec(context.WithoutCancel(ctx), "ROLLBACK")
			err = errors.Join(err, failed)
		}
	}()
	if err := work(); err != nil {
		return err
	}
	finished = true
	got, err := db.simple(ctx, "COMMIT", nil)
	if err == nil && got.tag != "COMMIT" {
		// COMMIT of a failed transaction is no error: it answers ROLLBACK.
		return &Error{"25P02", "an error was caught inside: rolled back"}
	}
	return err
}

func (db *DB) extended(ctx context.Context, sql string, args []any) (wireResult, error) {
	request, err := extendedQuery(sql, args)
	if err != nil {
		return wireResult{}, err
	}
	return db.exchange(ctx, request)
}

func (db *DB) simple(ctx context.Context, script string, _ []any) (wireResult, error) {
	body, err := appendCString(nil, script)
	if err != nil {
		return wireResult{}, err
	}
	return db.exchange(ctx, appendMessage(nil, 'Q', body))
}

func (db *DB) exchange(ctx context.Context, request []byte) (wireResult, error) {
	if db.closed {
		return wireResult{}, net.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return wireResult{}, err // nothing sent, nothing lost
	}
	err := db.conn.SetDeadline(time.Now().Add(answerTimeout))
	// Canceled, or past its own deadline: end the waiting at once.
	stop := context.AfterFunc(ctx, func() { _ = db.conn.SetDeadline(time.Unix(1, 0)) })
	if err == nil {
		_, err = db.conn.Write(request)
	}
	var answer []wireMessage
	if err == nil {
		answer, err = readAnswer(db.reader)
	}
	if !stop() {
		err = errors.Join(ctx.Err(), err)
	}
	if err != nil {
		// The rest of an answer may still come: never use the connection again.
		db.closed = true
		return wireResult{}, errors.Join(err, db.conn.Close())
	}
	db.status = answer[len(answer)-1].body[0]
	return interpretAnswer(answer)
}

// Close says goodbye and closes the connection; a second call does nothing.
func (db *DB) Close() error {
	if db.closed {
		return nil
	}
	db.closed = true
	_, err := db.conn.Write(appendMessage(nil, 'X', nil))
	return errors.Join(err, db.conn.Close())
}
