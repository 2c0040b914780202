import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Two writes lose messages; an outbox, a relay and an inbox lose and repeat none. */
final class Main {
    private static final String SCHEMA = """
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
            )""";
    private static final String ADD_POINTS = """
            INSERT INTO points (consumer, customer, points)
            SELECT $1, body->>'customer', (body->>'cents')::integer / 100
            FROM CAST($2 AS jsonb) AS body
            ON CONFLICT (consumer, customer) DO UPDATE
            SET points = points.points + excluded.points""";
    private static final String REPORT = """
            SELECT customer, sum(cents / 100) AS earned,
                   max(plain.points) AS no_inbox, max(careful.points) AS inbox
            FROM orders
            JOIN points AS plain USING (customer)
            JOIN points AS careful USING (customer)
            WHERE plain.consumer = 'no inbox' AND careful.consumer = 'inbox'
            GROUP BY customer ORDER BY customer""";
    private static final String COUNTS = """
            SELECT (SELECT count(*) FROM orders) AS orders,
                   (SELECT count(*) FROM outbox WHERE published_at IS NULL)
                   AS waiting""";
    private static final List<Order> ORDERS = List.of(
            new Order("ada", 1200), new Order("ben", 800), new Order("ada", 3000),
            new Order("cem", 500), new Order("ben", 2000));

    private record Delivered(long id, String outcome) {}

    private record Order(String customer, int cents) {}

    private Main() {}

    /** Adds points; after those for message 3 the process dies, once. */
    private static Handler pointsHandler(Postgres db, String consumer) {
        Set<Long> crashes = new HashSet<>(Set.of(3L));
        return message -> {
            db.execute(ADD_POINTS, consumer, message.payload());
            if (crashes.remove(message.id())) {
                throw new HandlerCrash();
            }
        };
    }

    @FunctionalInterface
    private interface Delivery {
        String to(Message message) throws IOException;
    }

    /** Delivers as brokers do: again, until the consumer's acknowledgement arrives. */
    private static List<Delivered> deliver(List<Message> messages, Delivery delivery)
            throws IOException {
        var log = new ArrayList<Delivered>();
        Set<Long> lostAcks = new HashSet<>(Set.of(5L));
        for (Message message : messages) {
            boolean acknowledged = false;
            while (!acknowledged) {
                String outcome = "crash";
                try {
                    outcome = delivery.to(message);
                    acknowledged = !lostAcks.remove(message.id());
                } catch (HandlerCrash crash) {
                    // Nothing was acknowledged: the message comes again.
                }
                log.add(new Delivered(message.id(), outcome));
            }
        }
        return log;
    }

    /** Makes a call that ends the session of db, as a crash of its process would. */
    private static Postgres.Work endSession(Postgres admin, Postgres db)
            throws IOException {
        long pid = db.query("SELECT pg_backend_pid() AS pid").get(0).getLong("pid");
        // 5000 ms to wait until it is gone.
        return () -> admin.query("SELECT pg_terminate_backend($1, 5000)", pid);
    }

    @FunctionalInterface
    private interface Experiment {
        void run(Broker broker) throws IOException;
    }

    private static void attempt(Postgres db, String label, Experiment experiment)
            throws IOException {
        var broker = new Broker();
        String failure = "none";
        try {
            experiment.run(broker);
        } catch (Postgres.PostgresException refused) {
            failure = refused.code();
        } catch (BrokerDown down) {
            failure = "broker down";
        } catch (IOException lost) {
            failure = "session lost";
        }
        Postgres.Row counts = db.query(COUNTS).get(0);
        long messages = counts.getLong("waiting") + broker.messages().size();
        System.out.printf("  %-36s%-14s%-8d%d%n",
                label, failure, counts.getLong("orders"), messages);
        db.execute("TRUNCATE orders, outbox RESTART IDENTITY");
    }

    private static void failures(Postgres db) throws IOException {
        var event = new Message(1, "order-placed", "{}");
        System.out.printf("%-38sfailure       orders  messages%n",
                "an order and its message");
        attempt(db, "save, then publish", broker -> {
            broker.stop();
            db.query(Sql.INSERT_ORDER, "ada", 1200);
            broker.publish(event);
        });
        attempt(db, "publish, then save", broker -> {
            broker.publish(event);
            db.query(Sql.INSERT_ORDER, "ada", 0);
        });
        attempt(db, "publish before the commit", broker -> {
            try (var lost = Postgres.connect()) {
                Postgres.Work crash = endSession(db, lost);
                lost.transaction(() -> {
                    lost.query(Sql.INSERT_ORDER, "ada", 1200);
                    broker.publish(event);
                    crash.run();
                });
            }
        });
        attempt(db, "outbox, broker down", broker -> {
            broker.stop();
            Outbox.placeOrder(db, "ada", 1200);
        });
        attempt(db, "outbox, message too large",
                broker -> Outbox.placeOrder(db, "ada".repeat(1000), 1200));
    }

    private static String ids(List<Message> messages) {
        return messages.stream().map(message -> Long.toString(message.id()))
                .collect(Collectors.joining(" "));
    }

    private static List<Message> relays(Postgres db) throws IOException {
        for (Order order : ORDERS) {
            Outbox.placeOrder(db, order.customer(), order.cents());
        }
        var broker = new Broker();
        System.out.printf("%n%-27stook       waiting  at the broker%n", "relay");

        try (var a = Postgres.connect()) {
            Outbox.relay(a, broker, endSession(db, a));
        } catch (IOException gone) {
            show(db, broker, "A dies before it marks", ids(broker.messages()));
        }
        try (var b = Postgres.connect(); var c = Postgres.connect()) {
            var meanwhile = new ArrayList<Message>();
            List<Message> batch = Outbox.relay(b, broker,
                    () -> meanwhile.addAll(Outbox.relay(c, broker, () -> {})));
            show(db, broker, "B, during its round C",
                    ids(batch) + ", " + ids(meanwhile));
            show(db, broker, "B again", ids(Outbox.relay(b, broker, () -> {})));
        }
        return broker.messages();
    }

    private static void show(Postgres db, Broker broker, String label, String took)
            throws IOException {
        long waiting = db.query(COUNTS).get(0).getLong("waiting");
        System.out.printf("  %-25s%-11s%-9d%s%n",
                label, took, waiting, ids(broker.messages()));
    }

    private static void consumers(Postgres db, List<Message> messages)
            throws IOException {
        Handler naive = pointsHandler(db, "no inbox");
        Handler careful = pointsHandler(db, "inbox");
        List<Delivered> without = deliver(messages, message -> {
            naive.handle(message);
            return "done";
        });
        List<Delivered> inbox = deliver(messages,
                message -> Outbox.consume(db, message, careful) ? "done" : "seen");
        System.out.println();
        row("message", without.stream().map(Delivered::id));
        row("  no inbox", without.stream().map(Delivered::outcome));
        row("  inbox", inbox.stream().map(Delivered::outcome));

        System.out.printf("%npoints     earned  no inbox  inbox%n");
        for (Postgres.Row row : db.query(REPORT)) {
            System.out.printf("  %-9s%-8d%-10d%d%n",
                    row.getString("customer"), row.getLong("earned"),
                    row.getLong("no_inbox"), row.getLong("inbox"));
        }
    }

    private static void row(String label, Stream<?> cells) {
        String padded = cells.map("%-7s"::formatted).collect(Collectors.joining());
        System.out.println("%-11s%s".formatted(label, padded).stripTrailing());
    }

    public static void main(String[] args) throws IOException {
        try (var db = Postgres.connect()) {
            db.execute(SCHEMA);
            failures(db);
            consumers(db, relays(db));
        }
    }
}

final class Sql {
    static final String INSERT_ORDER =
            "INSERT INTO orders (customer, cents) VALUES ($1, $2) RETURNING id";
    static final String INSERT_MESSAGE = """
            INSERT INTO outbox (topic, payload)
            VALUES ('order-placed', json_build_object(
                'order', $1::bigint, 'customer', $2::text, 'cents', $3::integer))""";

    private Sql() {}
}

record Message(long id, String topic, String payload) {}

@FunctionalInterface
interface Handler {
    void handle(Message message) throws IOException;
}

final class BrokerDown extends RuntimeException {
    private static final long serialVersionUID = 1L;
}

final class HandlerCrash extends RuntimeException {
    private static final long serialVersionUID = 1L;
}

final class Broker {
    private final List<Message> messages = new ArrayList<>();
    private boolean down;

    void stop() {
        down = true;
    }

    void publish(Message message) {
        if (down) {
            throw new BrokerDown();
        }
        messages.add(message);
    }

    List<Message> messages() {
        return List.copyOf(messages);
    }
}

// --8<-- [start:show]
final class Outbox {
    private static final String CLAIM = """
            SELECT id, topic, payload FROM outbox WHERE published_at IS NULL
            ORDER BY id LIMIT 2 FOR UPDATE SKIP LOCKED""";
    private static final String MARK =
            "UPDATE outbox SET published_at = now() WHERE id = $1";
    private static final String FIRST_TIME = """
            INSERT INTO inbox (consumer, message_id) VALUES ($1, $2)
            ON CONFLICT DO NOTHING""";

    /** Order and message commit together; the broker has no part in it. */
    static void placeOrder(Postgres db, String customer, int cents) throws IOException {
        db.transaction(() -> {
            Postgres.Row order = db.query(Sql.INSERT_ORDER, customer, cents).get(0);
            db.execute(Sql.INSERT_MESSAGE, order.getLong("id"), customer, cents);
        });
    }

    /** Publishes, then marks: a crash in between repeats messages, but loses none. */
    static List<Message> relay(Postgres db, Broker broker, Postgres.Work halfway)
            throws IOException {
        return db.transaction(() -> {
            var batch = new ArrayList<Message>();
            for (Postgres.Row row : db.query(CLAIM)) {
                batch.add(new Message(row.getLong("id"), row.getString("topic"),
                        row.getString("payload")));
            }
            // The rows stay locked meanwhile: keep the broker's timeout short.
            batch.forEach(broker::publish);
            halfway.run();
            for (Message message : batch) {
                db.execute(MARK, message.id());
            }
            return batch;
        });
    }

    /** The entry and the effect commit together; false says: had it before. */
    static boolean consume(Postgres db, Message message, Handler handler)
            throws IOException {
        return db.transaction(() -> {
            boolean first = db.execute(FIRST_TIME, "inbox", message.id()) == 1;
            if (first) {
                handler.handle(message);
            }
            return first;
        });
    }

    private Outbox() {}
}
// --8<-- [end:show]
