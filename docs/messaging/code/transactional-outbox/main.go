// Two writes lose messages; an outbox, a relay and an inbox lose and repeat none.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

const (
	schema = `
		CREATE TABLE orders (
			id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			customer text NOT NULL,
			cents    integer NOT NULL CHECK (cents > 0)
		);
		CREATE TABLE outbox (
			id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
			topic        text NOT NULL,
			payload      jsonb NOT NULL CHECK (octet_length(payload::text) <= 1000),
			published_at timestamptz
		);
		CREATE INDEX outbox_waiting ON outbox (id) WHERE published_at IS NULL;

		-- These two stand in the consumer's own database, in a real system.
		CREATE TABLE inbox (
			consumer   text,
			message_id bigint,
			PRIMARY KEY (consumer, message_id)
		);
		CREATE TABLE points (
			consumer text,
			customer text,
			points   integer NOT NULL,
			PRIMARY KEY (consumer, customer)
		)`
	insertOrder   = "INSERT INTO orders (customer, cents) VALUES ($1, $2) RETURNING id"
	insertMessage = `
		INSERT INTO outbox (topic, payload) VALUES ('order-placed', json_build_object(
			'order', $1::bigint, 'customer', $2::text, 'cents', $3::integer))`
	addPoints = `
		INSERT INTO points (consumer, customer, points)
		SELECT $1, body->>'customer', (body->>'cents')::integer / 100
		FROM CAST($2 AS jsonb) AS body
		ON CONFLICT (consumer, customer) DO UPDATE
		SET points = points.points + excluded.points`
	report = `
		SELECT customer, sum(cents / 100) AS earned,
		       max(plain.points) AS no_inbox, max(careful.points) AS inbox
		FROM orders
		JOIN points AS plain USING (customer)
		JOIN points AS careful USING (customer)
		WHERE plain.consumer = 'no inbox' AND careful.consumer = 'inbox'
		GROUP BY customer ORDER BY customer`
	counts = `
		SELECT (SELECT count(*) FROM orders),
		       (SELECT count(*) FROM outbox WHERE published_at IS NULL)`
)

var (
	errBrokerDown   = errors.New("broker down")
	errSessionLost  = errors.New("session lost")
	errHandlerCrash = errors.New("handler crash")
)

// Message is an outbox row on its way; ID stays the same when it is repeated.
type Message struct {
	ID             int64
	Topic, Payload string
}

// Handler has the effect of one message.
type Handler func(Message) error

// Broker keeps what it was given.
type Broker struct {
	down     bool
	messages []Message
}

// Publish takes the message or fails.
func (b *Broker) Publish(message Message) error {
	if b.down {
		return errBrokerDown
	}
	b.messages = append(b.messages, message)
	return nil
}

// --8<-- [start:show]

const (
	claim = `SELECT id, topic, payload FROM outbox WHERE published_at IS NULL
		ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED`
	mark      = "UPDATE outbox SET published_at = now() WHERE id = $1"
	firstTime = "INSERT INTO inbox (consumer, message_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"
)

// placeOrder commits order and message together; the broker has no part in it.
func placeOrder(ctx context.Context, db *DB, customer string, cents int) error {
	return db.Tx(ctx, func() error {
		rows, err := db.Query(ctx, insertOrder, customer, cents)
		if err != nil {
			return err
		}
		_, err = db.Exec(ctx, insertMessage, rows[0].Int(0), customer, cents)
		return err
	})
}

// relay publishes, then marks: a crash in between repeats messages, but loses none.
func relay(ctx context.Context, db *DB, broker *Broker, halfway func() error) (batch []Message, err error) {
	err = db.Tx(ctx, func() error {
		rows, err := db.Query(ctx, claim)
		if err != nil {
			return err
		}
		for _, row := range rows {
			message := Message{row.Int(0), row.Text(1), row.Text(2)}
			if err := broker.Publish(message); err != nil {
				return err // the rows are locked meanwhile: keep its timeout short
			}
			batch = append(batch, message)
		}
		if err := halfway(); err != nil {
			return err
		}
		for _, message := range batch {
			if _, err := db.Exec(ctx, mark, message.ID); err != nil {
				return err
			}
		}
		return nil
	})
	return batch, err
}

// consume commits the entry and the effect together; false says: had it before.
func consume(ctx context.Context, db *DB, message Message, handle Handler) (first bool, err error) {
	err = db.Tx(ctx, func() error {
		count, err := db.Exec(ctx, firstTime, "inbox", message.ID)
		if err != nil || count == 0 {
			return err
		}
		first = true
		return handle(message)
	})
	return first, err
}

// --8<-- [end:show]

// pointsHandler adds points; after those for message 3 the process dies, once.
func pointsHandler(ctx context.Context, db *DB, consumer string) Handler {
	crashed := false
	return func(message Message) error {
		if _, err := db.Exec(ctx, addPoints, consumer, message.Payload); err != nil {
			return err
		}
		if message.ID == 3 && !crashed {
			crashed = true
			return errHandlerCrash
		}
		return nil
	}
}

type delivery struct {
	id      int64
	outcome string
}

// deliver does as brokers do: again, until the consumer's acknowledgement arrives.
func deliver(messages []Message, handle func(Message) (string, error)) (log []delivery, err error) {
	lostAck := false
	for i := 0; i < len(messages); {
		id := messages[i].ID
		outcome, err := handle(messages[i])
		switch {
		case errors.Is(err, errHandlerCrash):
			outcome = "crash"
		case err != nil:
			return nil, err
		case id == 5 && !lostAck:
			lostAck = true
		default:
			i++
		}
		log = append(log, delivery{id, outcome})
	}
	return log, nil
}

// endSession makes a call that ends the session of db, as a crash of its process would.
func endSession(ctx context.Context, admin, db *DB) (func() error, error) {
	rows, err := db.Query(ctx, "SELECT pg_backend_pid()")
	if err != nil {
		return nil, err
	}
	return func() error { // 5000 ms to wait until it is gone
		_, err := admin.Query(ctx, "SELECT pg_terminate_backend($1, 5000)", rows[0].Int(0))
		return err
	}, nil
}

func attempt(ctx context.Context, db *DB, label string, work func(*Broker) error) error {
	broker := &Broker{}
	err := work(broker)
	var refused *Error
	failure := ""
	switch {
	case err == nil:
		failure = "none"
	case errors.Is(err, errSessionLost):
		failure = "session lost"
	case errors.Is(err, errBrokerDown):
		failure = "broker down"
	case errors.As(err, &refused):
		failure = refused.Code
	default:
		return err
	}
	rows, err := db.Query(ctx, counts)
	if err != nil {
		return err
	}
	messages := rows[0].Int(1) + int64(len(broker.messages))
	fmt.Printf("  %-36s%-14s%-8d%d\n", label, failure, rows[0].Int(0), messages)
	_, err = db.Exec(ctx, "TRUNCATE orders, outbox RESTART IDENTITY")
	return err
}

func failures(ctx context.Context, db *DB) error {
	event := Message{1, "order-placed", "{}"}
	save := func(db *DB, cents int) error {
		_, err := db.Query(ctx, insertOrder, "ada", cents)
		return err
	}
	cases := []struct {
		label string
		work  func(*Broker) error
	}{
		{"save, then publish", func(broker *Broker) error {
			broker.down = true
			if err := save(db, 1200); err != nil {
				return err
			}
			return broker.Publish(event)
		}},
		{"publish, then save", func(broker *Broker) error {
			if err := broker.Publish(event); err != nil {
				return err
			}
			return save(db, 0)
		}},
		{"publish before the commit", func(broker *Broker) error {
			lost, err := Connect(ctx)
			if err != nil {
				return err
			}
			crash, err := endSession(ctx, db, lost)
			if err != nil {
				return errors.Join(err, lost.Close())
			}
			err = lost.Tx(ctx, func() error {
				if err := save(lost, 1200); err != nil {
					return err
				}
				if err := broker.Publish(event); err != nil {
					return err
				}
				return crash()
			})
			if lost.closed {
				return errors.Join(errSessionLost, err)
			}
			return errors.Join(err, lost.Close())
		}},
		{"outbox, broker down", func(broker *Broker) error {
			broker.down = true
			return placeOrder(ctx, db, "ada", 1200)
		}},
		{"outbox, message too large", func(*Broker) error {
			return placeOrder(ctx, db, strings.Repeat("ada", 1000), 1200)
		}},
	}
	fmt.Printf("%-38sfailure       orders  messages\n", "an order and its message")
	for _, c := range cases {
		if err := attempt(ctx, db, c.label, c.work); err != nil {
			return err
		}
	}
	return nil
}

func ids(messages []Message) string {
	texts := make([]string, len(messages))
	for i, message := range messages {
		texts[i] = strconv.FormatInt(message.ID, 10)
	}
	return strings.Join(texts, " ")
}

func relays(ctx context.Context, db *DB) (messages []Message, err error) {
	for _, order := range []struct {
		customer string
		cents    int
	}{{"ada", 1200}, {"ben", 800}, {"ada", 3000}, {"cem", 500}, {"ben", 2000}} {
		if err := placeOrder(ctx, db, order.customer, order.cents); err != nil {
			return nil, err
		}
	}
	sessions := make([]*DB, 3)
	for i := range sessions {
		if sessions[i], err = Connect(ctx); err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, sessions[i].Close()) }()
	}
	a, b, c := sessions[0], sessions[1], sessions[2]

	broker := &Broker{}
	show := func(label, took string) error {
		rows, err := db.Query(ctx, counts)
		if err != nil {
			return err
		}
		fmt.Printf("  %-25s%-11s%-9d%s\n", label, took, rows[0].Int(1), ids(broker.messages))
		return nil
	}
	fmt.Printf("\n%-27stook       waiting  at the broker\n", "relay")

	crash, err := endSession(ctx, db, a)
	if err != nil {
		return nil, err
	}
	batch, err := relay(ctx, a, broker, crash)
	if !a.closed { // it cannot have got through
		return nil, errors.Join(errors.New("relay A lived on"), err)
	}
	if err := show("A dies before it marks", ids(batch)); err != nil {
		return nil, err
	}

	var meanwhile []Message
	batch, err = relay(ctx, b, broker, func() (err error) {
		meanwhile, err = relay(ctx, c, broker, nothing)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := show("B, during its round C", ids(batch)+", "+ids(meanwhile)); err != nil {
		return nil, err
	}
	if batch, err = relay(ctx, b, broker, nothing); err != nil {
		return nil, err
	}
	return broker.messages, show("B again", ids(batch))
}

// nothing takes the place of a crash.
func nothing() error { return nil }

func consumers(ctx context.Context, db *DB, messages []Message) error {
	naive := pointsHandler(ctx, db, "no inbox")
	careful := pointsHandler(ctx, db, "inbox")
	without, err := deliver(messages, func(message Message) (string, error) {
		return "done", naive(message)
	})
	if err != nil {
		return err
	}
	with, err := deliver(messages, func(message Message) (string, error) {
		first, err := consume(ctx, db, message, careful)
		if !first {
			return "seen", err
		}
		return "done", err
	})
	if err != nil {
		return err
	}
	ids, naiveRow, carefulRow := "\nmessage    ", "  no inbox ", "  inbox    "
	for i, delivery := range without {
		ids += fmt.Sprintf("%-7d", delivery.id)
		naiveRow += fmt.Sprintf("%-7s", delivery.outcome)
		carefulRow += fmt.Sprintf("%-7s", with[i].outcome)
	}
	for _, row := range []string{ids, naiveRow, carefulRow} {
		fmt.Println(strings.TrimRight(row, " "))
	}

	rows, err := db.Query(ctx, report)
	if err != nil {
		return err
	}
	fmt.Println("\npoints     earned  no inbox  inbox")
	for _, row := range rows {
		fmt.Printf("  %-9s%-8d%-10d%d\n", row.Text(0), row.Int(1), row.Int(2), row.Int(3))
	}
	return nil
}

func run(ctx context.Context) (err error) {
	db, err := Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Exec(ctx, schema); err != nil {
		return err
	}
	if err := failures(ctx, db); err != nil {
		return err
	}
	messages, err := relays(ctx, db)
	if err != nil {
		return err
	}
	return consumers(ctx, db, messages)
}

func main() {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
