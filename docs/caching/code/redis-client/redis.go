package main

// The part of Redis' protocol (RESP2) that an example needs.
//
// A real service uses a client library (go-redis). This one exists so that examples
// run with nothing installed: no TLS, no password, no cluster, no reconnecting.
// Goroutines may share a connection: a lock lets one exchange pass at a time.

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
)

const redisTimeout = 5 * time.Second

// Error is what the server refused.
type Error struct{ Message string }

func (e *Error) Error() string { return e.Message }

// Code is the first word of the message, such as WRONGTYPE.
func (e *Error) Code() string {
	code, _, _ := strings.Cut(e.Message, " ")
	return code
}

// --8<-- [start:show]

// Encode makes an array of strings, each behind its length: no value can end the
// command.
func Encode(command ...any) []byte {
	request := fmt.Appendf(nil, "*%d\r\n", len(command))
	for _, argument := range command {
		data := fmt.Sprint(argument)
		request = fmt.Appendf(request, "$%d\r\n%s\r\n", len(data), data)
	}
	return request
}

// readReply returns a string, an int64, nil, a []any or, as a value, an *Error. The
// first byte says what follows; arrays hold further replies.
func readReply(from *bufio.Reader) (any, error) {
	kind, rest, err := readLine(from)
	if err != nil {
		return nil, err
	}
	switch kind {
	case '+':
		return rest, nil
	case '-':
		return &Error{rest}, nil // an answer like any other: no reason to hang up
	case ':':
		return strconv.ParseInt(rest, 10, 64)
	case '$', '*':
		size, err := strconv.Atoi(rest)
		if err != nil || size < 0 {
			return nil, err
		}
		if kind == '*' {
			return readArray(from, size)
		}
		data := make([]byte, size+2)
		if _, err := io.ReadFull(from, data); err != nil {
			return nil, err
		}
		return string(data[:size]), nil
	}
	return nil, fmt.Errorf("no reply begins with %q", kind)
}

// --8<-- [end:show]

func readArray(from *bufio.Reader, size int) (any, error) {
	replies := make([]any, size)
	for i := range replies {
		reply, err := readReply(from)
		if err != nil {
			return nil, err
		}
		replies[i] = reply
	}
	return replies, nil
}

func readLine(from *bufio.Reader) (kind byte, rest string, err error) {
	line, err := from.ReadString('\n')
	if err != nil {
		return 0, "", fmt.Errorf("read from the server: %w", err)
	}
	line = strings.TrimSuffix(line, "\r\n")
	if line == "" {
		return 0, "", errors.New("an empty line is no reply")
	}
	return line[0], line[1:], nil
}

// DB is one connection to the server.
type DB struct {
	mu     sync.Mutex
	conn   net.Conn
	reader *bufio.Reader
	closed bool
}

// ConnectRedis connects to the socket that REDIS_SOCKET names.
func ConnectRedis(ctx context.Context) (*DB, error) {
	dialer := net.Dialer{Timeout: redisTimeout}
	conn, err := dialer.DialContext(ctx, "unix", os.Getenv("REDIS_SOCKET"))
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &DB{conn: conn, reader: bufio.NewReader(conn)}, nil
}

// Do sends one command and returns its reply, or an *Error.
func (db *DB) Do(ctx context.Context, command ...any) (any, error) {
	replies, err := db.Raw(ctx, Encode(command...), 1)
	if err != nil {
		return nil, err
	}
	if refused, ok := replies[0].(*Error); ok {
		return nil, refused
	}
	return replies[0], nil
}

// Pipeline sends all commands, then reads all replies: one round trip. An *Error is
// among the replies.
func (db *DB) Pipeline(ctx context.Context, commands ...[]any) ([]any, error) {
	var request []byte
	for _, command := range commands {
		request = append(request, Encode(command...)...)
	}
	return db.Raw(ctx, request, len(commands))
}

// Raw sends bytes and reads that many replies.
func (db *DB) Raw(ctx context.Context, request []byte, count int) ([]any, error) {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil, net.ErrClosed
	}
	if err := ctx.Err(); err != nil {
		return nil, err // nothing sent, nothing lost
	}
	err := db.conn.SetDeadline(time.Now().Add(redisTimeout))
	stop := context.AfterFunc(ctx, func() { _ = db.conn.SetDeadline(time.Unix(1, 0)) })
	if err == nil {
		_, err = db.conn.Write(request)
	}
	var replies []any
	for err == nil && len(replies) < count {
		var reply any
		reply, err = readReply(db.reader)
		replies = append(replies, reply)
	}
	if !stop() {
		err = errors.Join(ctx.Err(), err)
	}
	if err != nil {
		// The rest of an answer may still come: never use the connection again.
		db.closed = true
		return nil, errors.Join(err, db.conn.Close())
	}
	return replies, nil
}

// Close closes the connection; a second call does nothing.
func (db *DB) Close() error {
	db.mu.Lock()
	defer db.mu.Unlock()
	if db.closed {
		return nil
	}
	db.closed = true
	return db.conn.Close()
}
