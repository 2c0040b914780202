// Prove the client: replies, hostile values, errors, pipelines.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"
)

const hostile = "x\r\nDEL user:1"

func shown(reply any) string {
	switch reply := reply.(type) {
	case nil:
		return "nil"
	case *Error:
		return "error " + reply.Code()
	case int64:
		return fmt.Sprintf("integer %d", reply)
	case []any:
		return fmt.Sprintf("array of %d: %s", len(reply), list(reply))
	default:
		return fmt.Sprintf("\"%v\"", reply)
	}
}

func list(replies []any) string {
	texts := make([]string, len(replies))
	for i, reply := range replies {
		texts[i] = shown(reply)
	}
	return strings.Join(texts, ", ")
}

func replies(ctx context.Context, db *DB) error {
	if _, err := db.Do(ctx, "SET", "empty", ""); err != nil {
		return err
	}
	for _, line := range []string{
		"SET user:1 Ada",
		"GET user:1",
		"GET user:2",
		"STRLEN user:1",
		"MGET user:1 user:2",
		"GET empty",
	} {
		var command []any
		for word := range strings.SplitSeq(line, " ") {
			command = append(command, word)
		}
		reply, err := db.Do(ctx, command...)
		if err != nil {
			return err
		}
		fmt.Printf("%-20s%s\n", line, shown(reply))
	}
	return nil
}

func hostileValue(ctx context.Context, db *DB) error {
	fmt.Printf("\n%-28sreplies  read back  user:1\n", "a value with a line break")
	for _, attempt := range []struct {
		label   string
		request []byte
		replies int
	}{
		{"framed by its length", Encode("SET", "note", hostile), 1},
		{"pasted into an inline line", []byte("SET note " + hostile + "\r\n"), 2},
	} {
		got, err := db.Raw(ctx, attempt.request, attempt.replies)
		if err != nil {
			return err
		}
		kept, err := db.Do(ctx, "MGET", "note", "user:1")
		if err != nil {
			return err
		}
		values := kept.([]any)
		whole := "cut"
		if values[0] == hostile {
			whole = "whole"
		}
		fmt.Printf("%-28s%-9d%-11s%s\n", attempt.label, len(got), whole, shown(values[1]))
	}
	return nil
}

func refusals(ctx context.Context, db *DB) error {
	if _, err := db.Do(ctx, "SADD", "tags", "a"); err != nil {
		return err
	}
	_, err := db.Do(ctx, "INCR", "tags")
	var refused *Error
	if !errors.As(err, &refused) {
		return fmt.Errorf("INCR of a set: %w", err)
	}
	alive, err := db.Do(ctx, "PING")
	if err != nil {
		return err
	}
	fmt.Printf("\nINCR of a set: %s, then PING: %v\n", refused.Code(), alive)
	got, err := db.Pipeline(ctx,
		[]any{"INCR", "n"}, []any{"INCR", "tags"}, []any{"INCR", "n"})
	if err != nil {
		return err
	}
	fmt.Printf("pipeline of three: %s\n", list(got))
	return nil
}

func run(ctx context.Context) (err error) {
	db, err := ConnectRedis(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	for _, step := range []func(context.Context, *DB) error{
		replies, hostileValue, refusals,
	} {
		if err := step(ctx, db); err != nil {
			return err
		}
	}
	return nil
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
