import java.io.IOException;
import java.util.List;
import java.util.Objects;

/** Proves the client: types, bound values, errors, transactions, two sessions. */
final class Main {
    private static final String SCHEMA = """
            CREATE TABLE users (
                id    integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
                email text NOT NULL UNIQUE
            );
            INSERT INTO users (email) VALUES ('ada@shop.test'), ('ben@shop.test')""";
    private static final String INSERT = "INSERT INTO users (email) VALUES ($1)";
    private static final String HOSTILE = "x'); DROP TABLE users; --";
    // What nobody may write.
    private static final String PASTED =
            "INSERT INTO users (email) VALUES ('" + HOSTILE + "')";
    private static final String TYPED = """
            SELECT $1::int2 AS a, $2::int8 AS b, $3::bool AS c, $4::text AS d,
                   $5::numeric AS e, $6::int4 AS f""";
    private static final List<Value> VALUES = List.of(
            new Value("int2", "-7", -7L),
            new Value("int8", "9007199254740991", 9007199254740991L),
            new Value("bool", "false", false),
            new Value("text", "9 bytes of UTF-8", "\u017e \u20ac \u00fc"),
            new Value("numeric", "12.50", "12.50"),
            new Value("int4", "NULL", null));

    private record Value(String name, String label, Object sent) {}

    private Main() {}

    private static String kind(Object value) {
        if (value == null) {
            return "nothing";
        }
        if (value instanceof Boolean) {
            return "boolean";
        }
        return value instanceof Long ? "integer" : "text";
    }

    private static long users(Postgres db) throws IOException {
        return db.query("SELECT count(*) FROM users").get(0).getLong("count");
    }

    /** Runs the work; the count that follows proves that the connection still works. */
    private static void attempt(Postgres db, String label, Postgres.Work work)
            throws IOException {
        String outcome = "done";
        try {
            work.run();
        } catch (Postgres.PostgresException refused) {
            outcome = refused.code();
        }
        System.out.printf("  %-31s%-7s%d%n", label, outcome, users(db));
    }

    private static void types(Postgres db) throws IOException {
        System.out.println("type     bound             comes back as");
        Object[] sent = VALUES.stream().map(Value::sent).toArray();
        List<Object> row = db.query(TYPED, sent).get(0).values();
        for (int i = 0; i < sent.length; i++) {
            Value value = VALUES.get(i);
            boolean same = Objects.equals(value.sent(), row.get(i));
            System.out.printf("%-9s%-18s%s, %s%n",
                    value.name(), value.label(), kind(row.get(i)),
                    same ? "the same" : "another");
        }
    }

    private static void hostileValue(Postgres db) throws IOException {
        System.out.printf("%n%-33sanswer users%n", "value: " + HOSTILE);
        attempt(db, "bound as $1", () -> db.execute(INSERT, HOSTILE));
        attempt(db, "pasted, extended query", () -> db.query(PASTED));
        db.execute("BEGIN");
        db.execute(PASTED);
        boolean gone = db.query("SELECT to_regclass('users') IS NULL AS gone")
                .get(0).getBoolean("gone");
        db.execute("ROLLBACK");
        System.out.printf("  %-31s%-7s%s%n",
                "pasted, simple query", "done", gone ? "table gone" : "safe");
    }

    private static void errors(Postgres db) throws IOException {
        System.out.printf("%n%-33sanswer users%n", "one statement");
        attempt(db, "a second ada@shop.test",
                () -> db.execute(INSERT, "ada@shop.test"));
        db.execute("SET statement_timeout = 100"); // milliseconds
        attempt(db, "slower than the timeout", () -> db.query("SELECT pg_sleep(10)"));
        db.execute("SET statement_timeout = 5000");
    }

    private static void secondFails(Postgres db) throws IOException {
        db.transaction(() -> {
            db.execute(INSERT, "cem@shop.test");
            db.execute(INSERT, "ada@shop.test");
        });
    }

    private static void failureCaught(Postgres db) throws IOException {
        db.transaction(() -> {
            db.execute(INSERT, "cem@shop.test");
            try {
                db.execute(INSERT, "ada@shop.test");
            } catch (Postgres.PostgresException refused) {
                System.out.printf("    caught inside: %s, status %s%n",
                        refused.code(), db.status());
            }
        });
    }

    private static void transactions(Postgres db) throws IOException {
        System.out.printf("%n%-33sanswer users%n", "transaction of two inserts");
        attempt(db, "the second fails", () -> secondFails(db));
        attempt(db, "it fails, the error is caught", () -> failureCaught(db));
    }

    private static void twoSessions(Postgres writer, Postgres reader)
            throws IOException {
        System.out.printf("%n%-33sit sees, the other sees%n", "one connection inserts");
        writer.transaction(() -> {
            writer.execute(INSERT, "eva@shop.test");
            System.out.printf("  %-31s%-9d%d%n",
                    "before the commit", users(writer), users(reader));
        });
        System.out.printf("  %-31s%-9d%d%n",
                "after the commit", users(writer), users(reader));
    }

    public static void main(String[] args) throws IOException {
        try (var db = Postgres.connect(); var other = Postgres.connect()) {
            db.execute(SCHEMA);
            types(db);
            hostileValue(db);
            errors(db);
            transactions(db);
            twoSessions(db, other);
        }
    }
}
