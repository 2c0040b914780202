import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** What the caller reads in a 400. */
final class BadRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    BadRequestException(String message) {
        super(message);
    }
}

/** The orders that a listing may have. */
enum Sort {
    NEWEST("-created_at", "<", "DESC"),
    OLDEST("created_at", ">", "ASC");

    final String name;
    final String comparison;
    final String direction;

    Sort(String name, String comparison, String direction) {
        this.name = name;
        this.comparison = comparison;
        this.direction = direction;
    }

    static Sort parse(String name) {
        for (Sort sort : values()) {
            if (sort.name.equals(name)) {
                return sort;
            }
        }
        throw new BadRequestException("sort is -created_at or created_at");
    }
}

/** What a request asks for; checked. The cursor is of the page before, or empty. */
record Listing(Sort sort, String status, int limit, String cursor) {
    private static final int MAX_LIMIT = 100;

    static Listing parse(Map<String, String> query) {
        Sort sort = Sort.parse(query.getOrDefault("sort", Sort.NEWEST.name));
        String status = query.getOrDefault("status", "any");
        if (!List.of("any", "open", "paid").contains(status)) {
            throw new BadRequestException("status is any, open or paid");
        }
        String limit = query.getOrDefault("limit", "20");
        int rows = limit.matches("[0-9]{1,4}") ? Integer.parseInt(limit) : 0;
        if (rows < 1 || rows > MAX_LIMIT) {
            throw new BadRequestException("limit is 1 to " + MAX_LIMIT);
        }
        return new Listing(sort, status, rows, query.getOrDefault("cursor", ""));
    }
}

/** The time is as PostgreSQL writes it: no microsecond is lost. */
record Order(long id, String createdAt) {
    static List<Order> query(Postgres db, String sql, Object... values)
            throws IOException {
        return db.query(sql, values).stream()
                .map(row -> new Order(row.getLong("id"), row.getString("created_at")))
                .toList();
    }
}

/** The cursor is of the next page, empty on the last. */
record Page(List<Order> orders, String next) {
    List<Long> ids() {
        return orders.stream().map(Order::id).toList();
    }
}

final class Text {
    private Text() {}

    static String toBase64Url(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    static String fromBase64Url(String text) {
        return new String(Base64.getUrlDecoder().decode(text), UTF_8);
    }
}

// --8<-- [start:show]
record Pager(Postgres db, SecretKeySpec key) {
    private static final String VERSION = "v1.";

    String signed(String head) throws GeneralSecurityException {
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(key);
        return head + "." + Text.toBase64Url(mac.doFinal(head.getBytes(UTF_8)));
    }

    /** Says where {@code last} is, and in which list; signed, but readable to all. */
    String encode(Listing listing, Order last) throws GeneralSecurityException {
        String content = String.join("|", listing.sort().name, listing.status(),
                last.createdAt(), Long.toString(last.id()));
        return signed(VERSION + Text.toBase64Url(content.getBytes(UTF_8)));
    }

    Order decode(Listing listing) throws GeneralSecurityException {
        String raw = listing.cursor();
        String head = raw.substring(0, Math.max(raw.lastIndexOf('.'), 0));
        // In constant time: how long it takes tells nothing about the right signature.
        if (!MessageDigest.isEqual(raw.getBytes(UTF_8), signed(head).getBytes(UTF_8))) {
            throw new BadRequestException("cursor is not ours, or was changed");
        }
        if (!head.startsWith(VERSION)) {
            throw new BadRequestException("cursor is of an old version, begin anew");
        }
        String content = Text.fromBase64Url(head.substring(VERSION.length()));
        String[] parts = content.split("\\|");
        if (!parts[0].equals(listing.sort().name)
                || !parts[1].equals(listing.status())) {
            throw new BadRequestException("cursor is for another sort order or filter");
        }
        return new Order(Long.parseLong(parts[3]), parts[2]);
    }

    Page find(Listing listing) throws IOException, GeneralSecurityException {
        Sort sort = listing.sort();
        int n = listing.limit();
        // One row more than asked for tells whether there is a next page.
        List<Object> values = new ArrayList<>(List.of(n + 1));
        String where = "true";
        if (!listing.status().equals("any")) {
            values.add(listing.status());
            where += " AND status = $" + values.size();
        }
        if (!listing.cursor().isEmpty()) {
            Order last = decode(listing);
            values.addAll(List.of(last.createdAt(), last.id()));
            String position = "($" + (values.size() - 1) + ", $" + values.size() + ")";
            where += " AND (created_at, id) " + sort.comparison + " " + position;
        }
        String order = "created_at " + sort.direction + ", id " + sort.direction;
        String sql = "SELECT id, created_at FROM orders WHERE " + where
                + " ORDER BY " + order + " LIMIT $1";
        List<Order> orders = Order.query(db, sql, values.toArray());
        return orders.size() <= n
                ? new Page(orders, "")
                : new Page(orders.subList(0, n), encode(listing, orders.get(n - 1)));
    }
}
// --8<-- [end:show]

/** Reads page after page; {@code done} after the last. */
abstract class Reader {
    static final int SIZE = 4;
    static final String SELECT = "SELECT id, created_at FROM orders ";
    static final String NEWEST = " ORDER BY created_at DESC, id DESC LIMIT " + SIZE;

    boolean done;

    abstract List<Long> turn(Pager pager) throws IOException, GeneralSecurityException;
}

/** What many write: count the rows that were seen. */
final class ByOffset extends Reader {
    private int seen;

    @Override
    List<Long> turn(Pager pager) throws IOException {
        String sql = SELECT + NEWEST + " OFFSET $1";
        List<Order> orders = Order.query(pager.db(), sql, seen);
        seen += SIZE;
        done = orders.size() < SIZE;
        return orders.stream().map(Order::id).toList();
    }
}

/** A keyset without its tie-breaker. */
final class ByTimeAlone extends Reader {
    private String last = "infinity";

    @Override
    List<Long> turn(Pager pager) throws IOException {
        String sql = SELECT + "WHERE created_at < $1" + NEWEST;
        List<Order> orders = Order.query(pager.db(), sql, last);
        last = orders.get(orders.size() - 1).createdAt();
        done = orders.size() < SIZE;
        return orders.stream().map(Order::id).toList();
    }
}

final class ByCursor extends Reader {
    private String cursor = "";

    @Override
    List<Long> turn(Pager pager) throws IOException, GeneralSecurityException {
        Map<String, String> query = Map.of("limit", "" + SIZE, "cursor", cursor);
        Page page = pager.find(Listing.parse(query));
        cursor = page.next();
        done = cursor.isEmpty();
        return page.ids();
    }
}

public final class Main {
    private static final String SCHEMA = """
            SET TIME ZONE 'UTC';
            CREATE TABLE orders (
                id         bigint PRIMARY KEY,
                created_at timestamptz NOT NULL,
                status     text NOT NULL
            );
            CREATE INDEX orders_by_time ON orders (created_at, id);
            CREATE INDEX orders_by_status ON orders (status, created_at, id)""";
    // Orders 7, 8 and 9 share a microsecond.
    private static final String ORDERS = """
            TRUNCATE orders;
            INSERT INTO orders
            SELECT n, timestamptz '2026-11-20 10:00:00.000123Z'
                   + CASE WHEN n IN (7, 8, 9) THEN 8 ELSE n END * interval '1 second',
                   CASE WHEN n % 2 = 0 THEN 'paid' ELSE 'open' END
            FROM generate_series(1, 12) AS n""";
    private static final byte[] SIGNING_KEY =
            "sample key, in service 32 random bytes".getBytes(UTF_8);

    private record Change(String event, String sql) {}

    // After page 1 and after page 2.
    private static final Map<Integer, Change> CHANGES = Map.of(
            1, new Change("order 13 comes in",
                    "INSERT INTO orders VALUES (13, '2026-11-20 10:01:00Z', 'open')"),
            2, new Change("orders 12 and 13 are deleted",
                    "DELETE FROM orders WHERE id IN (12, 13)"));

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private static String join(List<Long> ids) {
        return ids.isEmpty()
                ? "-"
                : ids.stream().map(String::valueOf).collect(Collectors.joining(" "));
    }

    private static void line(String label, List<List<Long>> cells) {
        System.out.println(padded(label, 24)
                + padded(join(cells.get(0)), 14)
                + padded(join(cells.get(1)), 14)
                + join(cells.get(2)));
    }

    /** Reads all pages in three ways while the table changes between them. */
    private static void walk(Pager pager) throws Exception {
        List<Reader> readers =
                List.of(new ByOffset(), new ByTimeAlone(), new ByCursor());
        List<List<Long>> seen = List.of(
                new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
        for (int number = 1; !readers.stream().allMatch(each -> each.done); number++) {
            List<List<Long>> cells = new ArrayList<>();
            for (Reader reader : readers) {
                List<Long> ids = reader.done ? List.of() : reader.turn(pager);
                seen.get(cells.size()).addAll(ids);
                cells.add(ids);
            }
            line("page " + number, cells);
            if (CHANGES.containsKey(number)) {
                Change change = CHANGES.get(number);
                System.out.println("  " + change.event());
                pager.db().execute(change.sql());
            }
        }
        line("seen twice", seen.stream().map(Main::twice).toList());
        line("missed", seen.stream().map(Main::missed).toList());
    }

    private static List<Long> twice(List<Long> ids) {
        return ids.stream()
                .filter(id -> Collections.frequency(ids, id) > 1)
                .distinct()
                .toList();
    }

    private static List<Long> missed(List<Long> ids) {
        return LongStream.rangeClosed(1, 12)
                .map(upward -> 13 - upward)
                .filter(id -> !ids.contains(id))
                .boxed()
                .toList();
    }

    private static String contentOf(String cursor) {
        return Text.fromBase64Url(cursor.split("\\.")[1]);
    }

    private static void filtered(Pager pager) throws Exception {
        Map<String, String> query = new HashMap<>(
                Map.of("sort", "created_at", "status", "paid", "limit", "4"));
        Page first = pager.find(Listing.parse(query));
        query.put("cursor", first.next());
        Page second = pager.find(Listing.parse(query));
        System.out.println("oldest paid orders      " + join(first.ids()));
        System.out.println("  their cursor holds    " + contentOf(first.next()));
        System.out.println("  next page             " + join(second.ids()));
        String next = second.next().isEmpty() ? "-" : second.next();
        System.out.println("  its cursor            " + next);
    }

    private static String outcome(Pager pager, Map<String, String> query)
            throws Exception {
        try {
            pager.find(Listing.parse(query));
            return "accepted";
        } catch (BadRequestException refused) {
            return refused.getMessage();
        }
    }

    private static void refusals(Pager pager) throws Exception {
        String cursor = pager.find(Listing.parse(Map.of("limit", "4"))).next();
        Set<String> reasons = new TreeSet<>();
        for (int at = 0; at < cursor.length(); at++) {
            char other = cursor.charAt(at) == 'A' ? 'B' : 'A';
            String changed = cursor.substring(0, at) + other + cursor.substring(at + 1);
            reasons.add(outcome(pager, Map.of("cursor", changed)));
        }
        show("any one character changed", String.join(", ", reasons));
        String old = pager.signed("v0." + cursor.split("\\.")[1]);
        Map<String, Map<String, String>> attempts = new LinkedHashMap<>();
        attempts.put("cursor of version 0", Map.of("cursor", old));
        attempts.put("the cursor with status=paid",
                Map.of("cursor", cursor, "status", "paid"));
        attempts.put("the cursor with sort=created_at",
                Map.of("cursor", cursor, "sort", "created_at"));
        attempts.put("the cursor with limit=100",
                Map.of("cursor", cursor, "limit", "100"));
        attempts.put("limit=101", Map.of("limit", "101"));
        attempts.put("limit=ten", Map.of("limit", "ten"));
        attempts.put("sort=password", Map.of("sort", "password"));
        for (var attempt : attempts.entrySet()) {
            show(attempt.getKey(), outcome(pager, attempt.getValue()));
        }
    }

    private static void show(String label, String text) {
        System.out.println(padded(label, 33) + text);
    }

    public static void main(String[] args) throws Exception {
        try (Postgres db = Postgres.connect()) {
            var pager = new Pager(db, new SecretKeySpec(SIGNING_KEY, "HmacSHA256"));
            db.execute(SCHEMA);
            db.execute(ORDERS);
            String heading = "OFFSET        created_at <  (created_at, id) <";
            System.out.println(padded("newest first, 4 a page", 24) + heading);
            walk(pager);
            System.out.println();
            db.execute(ORDERS);
            filtered(pager);
            System.out.println();
            refusals(pager);
        }
    }
}
