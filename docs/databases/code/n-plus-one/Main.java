import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** One screen, loaded in three ways: a loop, a join, batches. Who asks how often? */
public final class Main {
    private static final String SCHEMA = """
            CREATE TABLE orders (
                id          integer PRIMARY KEY,
                customer_id integer NOT NULL
            );
            CREATE TABLE lines (
                order_id integer NOT NULL REFERENCES orders,
                position integer NOT NULL,
                product  text NOT NULL,
                PRIMARY KEY (order_id, position)
            );
            CREATE TABLE events (
                order_id integer NOT NULL REFERENCES orders,
                position integer NOT NULL,
                status   text NOT NULL,
                PRIMARY KEY (order_id, position)
            );
            INSERT INTO orders SELECT n, 42 FROM generate_series(1, 60) AS n;
            INSERT INTO lines SELECT n, p, 'product ' || n * p % 7
            FROM generate_series(1, 60) AS n, generate_series(1, n % 6) AS p;
            INSERT INTO events SELECT n, p, (ARRAY['new', 'paid', 'sent', 'back'])[p]
            FROM generate_series(1, 60) AS n, generate_series(1, 2 + n % 3) AS p;
            """;

    private record Counts(long calls, long rows) {
        Counts plus(Counts other) {
            return new Counts(calls + other.calls, rows + other.rows);
        }
    }

    /** Counts calls and rows of each statement text, as pg_stat_statements does. */
    private static final class CountingDatabase {
        private final Postgres db;
        private final Map<String, Counts> log = new TreeMap<>();

        CountingDatabase(Postgres db) {
            this.db = db;
        }

        List<Postgres.Row> query(String sql, Object... values) throws IOException {
            var rows = db.query(sql, values);
            log.merge(sql, new Counts(1, rows.size()), Counts::plus);
            return rows;
        }

        Counts total() {
            return log.values().stream().reduce(new Counts(0, 0), Counts::plus);
        }
    }

    @FunctionalInterface
    private interface Loader {
        Map<Long, Order> load(CountingDatabase db, int customer, int limit)
                throws IOException;
    }

    private record Order(
            SortedMap<Long, String> lines, SortedMap<Long, String> events) {
        Order() {
            this(new TreeMap<>(), new TreeMap<>()); // by position
        }
    }

    private static final String ORDERS =
            "SELECT id FROM orders WHERE customer_id = $1 ORDER BY id DESC LIMIT $2";
    private static final String LINES_OF_ONE =
            "SELECT position, product FROM lines WHERE order_id = $1";
    private static final String EVENTS_OF_ONE =
            "SELECT position, status FROM events WHERE order_id = $1";

    private static Map<Long, Order> loadOrders(
            CountingDatabase db, int customer, int limit) throws IOException {
        var screen = new LinkedHashMap<Long, Order>(); // newest first
        for (var row : db.query(ORDERS, customer, limit)) {
            screen.put(row.getLong("id"), new Order());
        }
        return screen;
    }

    // --8<-- [start:show]
    private static final String LINES = """
            SELECT order_id, position, product
            FROM lines WHERE order_id = ANY($1::int[])""";
    private static final String EVENTS = """
            SELECT order_id, position, status
            FROM events WHERE order_id = ANY($1::int[])""";
    private static final String JOINED = """
            SELECT o.id, l.position AS line, l.product, e.position AS event, e.status
            FROM (%s) AS o -- LIMIT counts orders here, not joined rows
            LEFT JOIN lines AS l ON l.order_id = o.id
            LEFT JOIN events AS e ON e.order_id = o.id
            ORDER BY o.id DESC""".formatted(ORDERS);

    private static Map<Long, Order> byLoop(CountingDatabase db, int customer, int limit)
            throws IOException {
        var screen = loadOrders(db, customer, limit);
        for (var entry : screen.entrySet()) {
            Order order = entry.getValue();
            for (var line : db.query(LINES_OF_ONE, entry.getKey())) {
                order.lines.put(line.getLong("position"), line.getString("product"));
            }
            for (var event : db.query(EVENTS_OF_ONE, entry.getKey())) {
                order.events.put(event.getLong("position"), event.getString("status"));
            }
        }
        return screen;
    }

    private static Map<Long, Order> byJoin(CountingDatabase db, int customer, int limit)
            throws IOException {
        var screen = new LinkedHashMap<Long, Order>();
        for (var row : db.query(JOINED, customer, limit)) {
            var order = screen.computeIfAbsent(row.getLong("id"), id -> new Order());
            if (row.get("line") != null) { // no lines: the order comes with NULLs
                order.lines.put(row.getLong("line"), row.getString("product"));
            }
            if (row.get("event") != null) {
                order.events.put(row.getLong("event"), row.getString("status"));
            }
        }
        return screen;
    }

    private static Map<Long, Order> byBatches(
            CountingDatabase db, int customer, int limit) throws IOException {
        var screen = loadOrders(db, customer, limit);
        String ids = screen.keySet().stream().map(String::valueOf)
                .collect(Collectors.joining(",", "{", "}")); // JDBC binds an array
        for (var line : db.query(LINES, ids)) {
            screen.get(line.getLong("order_id")).lines
                    .put(line.getLong("position"), line.getString("product"));
        }
        for (var event : db.query(EVENTS, ids)) {
            screen.get(event.getLong("order_id")).events
                    .put(event.getLong("position"), event.getString("status"));
        }
        return screen;
    }
    // --8<-- [end:show]

    private static String text(Map<Long, Order> screen, long id) {
        var order = screen.get(id);
        var lines = String.join(", ", order.lines.values());
        return "order %d: %s; %s".formatted(
                id,
                lines.isEmpty() ? "no lines" : lines,
                String.join(", ", order.events.values()));
    }

    private static String everything(Map<Long, Order> screen) {
        return screen.keySet().stream().map(id -> text(screen, id))
                .collect(Collectors.joining("\n"));
    }

    private static void compare(Postgres db, int limit) throws IOException {
        var loaders = new LinkedHashMap<String, Loader>();
        loaders.put("loop", Main::byLoop);
        loaders.put("join", Main::byJoin);
        loaders.put("batches", Main::byBatches);
        System.out.println(limit + " orders    statements   rows sent   same screen");
        String reference = everything(byLoop(new CountingDatabase(db), 42, limit));
        for (var loader : loaders.entrySet()) {
            var counted = new CountingDatabase(db);
            var screen = loader.getValue().load(counted, 42, limit);
            boolean same = everything(screen).equals(reference);
            System.out.printf("  %-11s%10d%12d%14s%n", loader.getKey(),
                    counted.total().calls(), counted.total().rows(),
                    same ? "yes" : "no");
        }
    }

    public static void main(String[] args) throws IOException {
        try (var db = Postgres.connect()) {
            db.execute(SCHEMA);
            compare(db, 10);
            compare(db, 50);

            var counted = new CountingDatabase(db);
            var screen = byLoop(counted, 42, 10);
            System.out.println("\nThe loop, as the server's statistics see it");
            System.out.println("calls  rows  statement");
            var busiest = new ArrayList<>(counted.log.entrySet());
            busiest.sort(Comparator.comparing(entry -> -entry.getValue().calls()));
            for (var entry : busiest) {
                System.out.printf("%5d%6d  %s%n", entry.getValue().calls(),
                        entry.getValue().rows(), entry.getKey());
            }
            System.out.println("\n" + text(screen, 60) + "\n" + text(screen, 58));
        }
    }
}
