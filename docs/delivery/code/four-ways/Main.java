import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reserve stock, tested four ways, then break the program where one test looks. */
final class Main {
    static final String INSERT = "INSERT INTO stock (sku, on_hand) VALUES ($1, $2)";
    private static final String SCHEMA = """
            CREATE TABLE stock (
                sku     text PRIMARY KEY,
                on_hand integer NOT NULL CHECK (on_hand >= 0)
            )""";
    private static final String TAKE = """
            UPDATE stock SET on_hand = on_hand - $2
            WHERE sku = $1 AND on_hand >= $2 RETURNING on_hand""";
    private static final HttpClient CLIENT = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5))
            .build();

    private Main() {}

    interface Store {
        /** Returns what is left, or nothing if there is too little. */
        OptionalInt take(String sku, int quantity) throws IOException;

        int onHand(String sku) throws IOException;
    }

    record PostgresStore(Postgres db, String takeSql) implements Store {
        @Override
        public OptionalInt take(String sku, int quantity) throws IOException {
            var rows = db.query(takeSql, sku, quantity);
            return rows.isEmpty()
                    ? OptionalInt.empty()
                    : OptionalInt.of((int) rows.get(0).getLong("on_hand"));
        }

        @Override
        public int onHand(String sku) throws IOException {
            var rows = db.query("SELECT on_hand FROM stock WHERE sku = $1", sku);
            return rows.isEmpty() ? 0 : (int) rows.get(0).getLong("on_hand");
        }
    }

    static class FakeStore implements Store {
        protected final Map<String, Integer> stock;

        FakeStore(Map<String, Integer> stock) {
            this.stock = new HashMap<>(stock);
        }

        @Override
        public OptionalInt take(String sku, int quantity) {
            if (onHand(sku) < quantity) {
                return OptionalInt.empty();
            }
            return OptionalInt.of(stock.merge(sku, -quantity, Integer::sum));
        }

        @Override
        public int onHand(String sku) {
            return stock.getOrDefault(sku, 0);
        }
    }

    /** Short and handy in tests; it never refuses. */
    static final class LyingStore extends FakeStore {
        LyingStore(Map<String, Integer> stock) {
            super(stock);
        }

        @Override
        public OptionalInt take(String sku, int quantity) {
            return OptionalInt.of(stock.merge(sku, -quantity, Integer::sum));
        }
    }

    record Answer(int status, Map<String, Object> body) {}

    interface Handler {
        Answer handle(String method, String path, Map<String, Object> body)
                throws IOException;
    }

    /** What is tested; a broken one differs in one component. */
    record Program(
            IntPredicate allowed,
            String takeSql,
            String leftField,
            Function<Postgres, Store> openStore) {
        Handler handler(Store store) {
            return (method, path, body) -> {
                if (method.equals("GET")) {
                    int onHand = store.onHand(path.substring("/stock/".length()));
                    return new Answer(200, Map.of("on_hand", onHand));
                }
                int quantity = (int) body.get("quantity");
                if (!allowed.test(quantity)) {
                    return new Answer(422, Map.of("error", "quantity"));
                }
                OptionalInt left = store.take((String) body.get("sku"), quantity);
                return left.isEmpty()
                        ? new Answer(409, Map.of("error", "sold_out"))
                        : new Answer(201, Map.of(leftField, left.getAsInt()));
            };
        }
    }

    private static Program program(IntPredicate allowed, String takeSql, String field) {
        return new Program(
                allowed, takeSql, field, db -> new PostgresStore(db, takeSql));
    }

    interface UrlWork {
        void run(String url) throws IOException;
    }

    static void serving(Handler handler, UrlWork work) throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var server = HttpServer.create(address, 0);
        server.createContext("/", exchange -> answer(exchange, handler));
        server.start();
        try {
            work.run("http://127.0.0.1:" + server.getAddress().getPort());
        } finally {
            server.stop(0);
        }
    }

    private static void answer(HttpExchange exchange, Handler handler)
            throws IOException {
        try (exchange) {
            byte[] sent = exchange.getRequestBody().readAllBytes();
            var body = Json.parse(new String(sent, StandardCharsets.UTF_8));
            String path = exchange.getRequestURI().getPath();
            Answer answer = handler.handle(exchange.getRequestMethod(), path, body);
            byte[] data = Json.write(answer.body()).getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(answer.status(), data.length);
            exchange.getResponseBody().write(data);
        }
    }

    /** Starts the program as its main would: its own connection, its own store. */
    static void running(Program program, UrlWork work) throws IOException {
        try (var db = Postgres.connect()) {
            serving(program.handler(program.openStore().apply(db)), work);
        }
    }

    static Answer call(String method, String url, Map<String, Object> body)
            throws IOException {
        var request = HttpRequest.newBuilder(URI.create(url))
                .timeout(Duration.ofSeconds(5))
                .method(method, HttpRequest.BodyPublishers.ofString(Json.write(body)))
                .build();
        try {
            var response = CLIENT.send(request, HttpResponse.BodyHandlers.ofString());
            return new Answer(response.statusCode(), Json.parse(response.body()));
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", interrupted);
        }
    }

    static void rolledBack(Postgres db, Postgres.Work work) throws IOException {
        db.execute("BEGIN");
        try {
            work.run();
        } finally {
            db.execute("ROLLBACK");
        }
    }

    static final class FailedTest extends RuntimeException {
        private static final long serialVersionUID = 1L;

        FailedTest(String what) {
            super(what);
        }
    }

    static void check(String what, boolean holds) {
        if (!holds) {
            throw new FailedTest(what);
        }
    }

    static List<String> shuffled(Iterable<String> names, long seed) {
        var order = new ArrayList<String>();
        names.forEach(order::add);
        for (int last = order.size() - 1; last > 0; last--) {
            seed = (seed * 1103515245L + 12345L) % (1L << 31);
            Collections.swap(order, last, (int) ((seed >> 16) % (last + 1)));
        }
        return order;
    }

    private static String verdict(Suite.Test test, Program program, Postgres db)
            throws IOException {
        try {
            test.run(program, db);
            return "pass";
        } catch (FailedTest | Postgres.PostgresException failure) {
            return "FAIL";
        }
    }

    private static void told(String name, Postgres.Work work) throws IOException {
        String verdict = "honest";
        try {
            work.run();
        } catch (FailedTest failure) {
            verdict = "lies, broken: " + failure.getMessage();
        }
        System.out.printf("%-30s%s%n", name, verdict);
    }

    private static void against(Function<Suite.Interaction, Answer> stub)
            throws IOException {
        for (var interaction : Suite.CONTRACT) {
            Answer answer = stub.apply(interaction);
            serving((method, path, body) -> answer,
                    url -> Tests.verify(url, interaction));
        }
    }

    private static void isolation(Program correct, Postgres db) throws IOException {
        for (int seed = 1; seed <= 3; seed++) {
            var order = shuffled(Suite.ALL.keySet(), seed);
            int passed = 0;
            for (String name : order) {
                if (verdict(Suite.ALL.get(name), correct, db).equals("pass")) {
                    passed++;
                }
            }
            String names = String.join(", ", order);
            System.out.printf("seed %d: %s: %d pass%n", seed, names, passed);
        }
        long rows = db.query("SELECT count(*) FROM stock").get(0).getLong("count");
        System.out.printf("rows left behind: %d%n", rows);
        try {
            db.execute(INSERT, "cup", 5);
            db.execute(INSERT, "cup", 5);
        } catch (Postgres.PostgresException refused) {
            System.out.printf(
                    "the same row inserted twice, no rollback: %s%n", refused.code());
        }
        db.execute("DELETE FROM stock");
    }

    private static void matrix(Map<String, Program> programs, Postgres db)
            throws IOException {
        var head = new StringBuilder(String.format("%n%-30s", "what was broken"));
        Suite.ALL.keySet().forEach(name -> head.append(String.format("%-11s", name)));
        System.out.println(head.toString().stripTrailing());
        for (var entry : programs.entrySet()) {
            var row = new StringBuilder(String.format("%-30s", entry.getKey()));
            for (var test : Suite.ALL.values()) {
                String verdict = verdict(test, entry.getValue(), db);
                row.append(String.format("%-11s", verdict));
            }
            System.out.println(row.toString().stripTrailing());
        }
    }

    private static void doubles() throws IOException {
        System.out.printf("%n%-30swhen the shared test runs on it%n", "double");
        var stock = Map.of("cup", 5);
        told("fake store", () -> Tests.storeRules(new FakeStore(stock)));
        told("fake store, simplified", () -> Tests.storeRules(new LyingStore(stock)));
        told("stub from the contract",
                () -> against(each -> new Answer(each.status(), each.body())));
        told("stub written from memory",
                () -> against(each -> new Answer(201, Map.of("left", 2))));
    }

    public static void main(String[] args) throws IOException {
        IntPredicate allowed = quantity -> 1 <= quantity && quantity <= 10;
        IntPredicate excluded = quantity -> 1 <= quantity && quantity < 10;
        String unguarded = TAKE.replace("AND on_hand >= $2", "");
        var hundred = new HashMap<String, Integer>();
        for (int n = 0; n < 99; n++) {
            hundred.put("cup-" + n, 5);
        }
        Program correct = program(allowed, TAKE, "left");
        var programs = new LinkedHashMap<String, Program>();
        programs.put("none", correct);
        programs.put("limit of 10 excluded", program(excluded, TAKE, "left"));
        programs.put("UPDATE forgets on_hand >= $2",
                program(allowed, unguarded, "left"));
        programs.put("field renamed to remaining", program(allowed, TAKE, "remaining"));
        programs.put("starts with the fake store",
                new Program(allowed, TAKE, "left", db -> new FakeStore(hundred)));
        try (var db = Postgres.connect()) {
            db.execute(SCHEMA);
            isolation(correct, db);
            matrix(programs, db);
            doubles();
        }
    }
}

/** Flat JSON objects of integers and plain texts: all that this example sends. */
final class Json {
    private static final Pattern FIELD =
            Pattern.compile("\"(\\w+)\":\\s*(?:\"([^\"]*)\"|(-?\\d+))");

    private Json() {}

    static Map<String, Object> parse(String text) {
        var fields = new LinkedHashMap<String, Object>();
        Matcher field = FIELD.matcher(text);
        while (field.find()) {
            Object value = field.group(2) != null
                    ? field.group(2)
                    : Integer.valueOf(field.group(3));
            fields.put(field.group(1), value);
        }
        return fields;
    }

    static String write(Map<String, Object> fields) {
        var parts = new ArrayList<String>();
        fields.forEach((name, value) -> {
            String shown = value instanceof String ? "\"" + value + "\"" : "" + value;
            parts.add("\"" + name + "\":" + shown);
        });
        return "{" + String.join(",", parts) + "}";
    }
}

// --8<-- [start:show]
final class Tests {
    /** The rule alone: no store, no server, every boundary. */
    static void unit(Main.Program program, Postgres db) {
        Map.of(0, false, 1, true, 10, true, 11, false).forEach((quantity, wanted) ->
                Main.check(quantity + " items",
                        program.allowed().test(quantity) == wanted));
    }

    /** The real statement on the real PostgreSQL; nothing stays. */
    static void database(Main.Program program, Postgres db) throws IOException {
        Main.rolledBack(db, () -> {
            db.execute(Main.INSERT, "cup", 5);
            storeRules(new Main.PostgresStore(db, program.takeSql()));
        });
    }

    /** True for every store that may stand in for another, fakes included. */
    static void storeRules(Main.Store store) throws IOException {
        Main.check("3 of 5 leave 2", store.take("cup", 3).orElse(-1) == 2);
        Main.check("3 of 2 are refused", store.take("cup", 3).isEmpty());
        Main.check("a refusal takes nothing", store.onHand("cup") == 2);
    }

    /** What the consumer relies on, asked of the running provider. */
    static void contract(Main.Program program, Postgres db) throws IOException {
        for (var interaction : Suite.CONTRACT) {
            var handler = program.handler(new Main.FakeStore(interaction.given()));
            Main.serving(handler, url -> verify(url, interaction));
        }
    }

    static void verify(String url, Suite.Interaction wanted) throws IOException {
        var got = Main.call("POST", url + "/reservations", wanted.request());
        Main.check("status " + wanted.status(), got.status() == wanted.status());
        wanted.body().forEach((field, sample) -> { // more fields do no harm
            Object value = got.body().get(field);
            boolean code = sample instanceof String; // by value, figures by type
            Main.check(field,
                    code ? sample.equals(value) : sample.getClass().isInstance(value));
        });
    }

    /** The program as it is started: a reservation survives a restart. */
    static void endToEnd(Main.Program program, Postgres db) throws IOException {
        String sku = Suite.freshSku(); // no other test and no earlier run has this row
        db.execute(Main.INSERT, sku, 5);
        try {
            Main.running(program, url -> {
                Map<String, Object> order = Map.of("sku", sku, "quantity", 3);
                var got = Main.call("POST", url + "/reservations", order);
                Main.check("created", got.status() == 201);
            });
            Main.running(program, url -> {
                var got = Main.call("GET", url + "/stock/" + sku, Map.of());
                Object onHand = got.body().get("on_hand");
                Main.check("still reserved after a restart", onHand.equals(2));
            });
        } finally {
            db.execute("DELETE FROM stock WHERE sku = $1", sku);
        }
    }

    private Tests() {}
}
// --8<-- [end:show]

final class Suite {
    interface Test {
        void run(Main.Program program, Postgres db) throws IOException;
    }

    /** What checkout sends, and the part of the answer it reads. */
    record Interaction(
            Map<String, Integer> given,
            Map<String, Object> request,
            int status,
            Map<String, Object> body) {}

    private static final Map<String, Object> ORDER =
            Map.of("sku", "cup", "quantity", 3);
    static final List<Interaction> CONTRACT = List.of(
            new Interaction(Map.of("cup", 5), ORDER, 201, Map.of("left", 2)),
            new Interaction(
                    Map.of("cup", 2), ORDER, 409, Map.of("error", "sold_out")));
    static final Map<String, Test> ALL = new LinkedHashMap<>();
    private static int skus;

    static {
        ALL.put("unit", Tests::unit);
        ALL.put("database", Tests::database);
        ALL.put("contract", Tests::contract);
        ALL.put("end-to-end", Tests::endToEnd);
    }

    private Suite() {}

    static String freshSku() {
        skus++;
        return "cup-" + skus;
    }
}
