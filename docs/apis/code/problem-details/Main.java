import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Domain: the message is written for the client. */
final class NotFoundException extends RuntimeException {
    private static final long serialVersionUID = 1;

    NotFoundException(String message) {
        super(message);
    }
}

record FieldError(String pointer, String detail) {}

/** Domain: what is wrong, field by field. */
final class InvalidException extends RuntimeException {
    private static final long serialVersionUID = 1;
    private final transient List<FieldError> errors;

    InvalidException(List<FieldError> errors) {
        super("invalid order");
        this.errors = errors;
    }

    List<FieldError> errors() {
        return errors;
    }
}

/** What a driver throws; the detail may hold personal data. */
final class DatabaseException extends Exception {
    private static final long serialVersionUID = 1;
    private final String sqlState;
    private final String detail;

    DatabaseException(String sqlState, String message, String detail) {
        super(message);
        this.sqlState = sqlState;
        this.detail = detail;
    }

    String sqlState() {
        return sqlState;
    }

    String constraint() {
        return getMessage().contains("\"") ? getMessage().split("\"")[1] : "";
    }

    String detail() {
        return detail;
    }
}

/** Another service broke its contract. */
final class UpstreamException extends Exception {
    private static final long serialVersionUID = 1;

    UpstreamException(String message) {
        super(message);
    }
}

/** Another service did not answer: a bare TimeoutException may be anybody's. */
final class UpstreamTimeoutException extends Exception {
    private static final long serialVersionUID = 1;

    UpstreamTimeoutException(String message) {
        super(message);
    }
}

final class MalformedException extends Exception {
    private static final long serialVersionUID = 1;

    MalformedException(String message) {
        super(message);
    }
}

record Entry(String level, String requestId, String text) {}

interface Handler {
    void handle(Exchange exchange) throws Exception;
}

/** What a client may know, and at which level we log it. */
record Problem(int status, String code, String level, String detail,
        List<FieldError> errors, int retryAfter) {
    Problem(int status, String code, String level) {
        this(status, code, level, "", List.of(), 0);
    }

    Problem(int status, String code, String level, int retryAfter) {
        this(status, code, level, "", List.of(), retryAfter);
    }
}

// --8<-- [start:show]
final class ErrorHandler {
    static final List<Entry> LOG = new CopyOnWriteArrayList<>();
    private static final Set<String> RETRYABLE = Set.of("40001", "40P01");

    static Problem classify(Throwable error) {
        if (error instanceof NotFoundException) {
            return new Problem(404, "order-not-found", "info",
                    error.getMessage(), List.of(), 0);
        } else if (error instanceof InvalidException invalid) {
            return new Problem(422, "invalid-order", "info", "", invalid.errors(), 0);
        } else if (error instanceof MalformedException) {
            return new Problem(400, "malformed-json", "info");
        } else if (error instanceof DatabaseException db
                && db.sqlState().equals("23505")
                && db.constraint().equals("redemptions_pkey")) {
            return new Problem(409, "coupon-used", "info");
        } else if (error instanceof DatabaseException db
                && RETRYABLE.contains(db.sqlState())) {
            return new Problem(503, "try-again", "warn", 1);
        } else if (error instanceof UpstreamTimeoutException) {
            return new Problem(504, "upstream-timeout", "warn");
        } else if (error instanceof UpstreamException) {
            return new Problem(502, "upstream-invalid", "error");
        }
        // A bug, or something nobody thought of: say nothing.
        return new Problem(500, "internal-error", "error");
    }

    static void central(Handler handler, Exchange exchange) throws IOException {
        try {
            handler.handle(exchange);
        } catch (Exception thrown) {
            Throwable error = thrown; // futures wrap what their task threw
            while (error instanceof CompletionException && error.getCause() != null) {
                error = error.getCause();
            }
            Problem problem = classify(error);
            String text = problem.code() + ": " + error.getMessage();
            if (problem.status() == 500) {
                text += "\n" + Text.stack(error);
            }
            LOG.add(new Entry(problem.level(), exchange.requestId(), text));
            if (exchange.started()) { // a status is out: no second one
                throw new IOException("cut the connection");
            }
            exchange.sendProblem(problem);
        }
    }

    private ErrorHandler() {}
}

// --8<-- [end:show]

final class Text {
    private Text() {}

    static String stack(Throwable error) {
        StringWriter text = new StringWriter();
        error.printStackTrace(new PrintWriter(text, true));
        return text.toString();
    }

    static String quote(String text) {
        String safe = text.replace("\\", "\\\\").replace("\"", "\\\"");
        safe = safe.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "\\r");
        return '"' + safe + '"';
    }
}

/** One request and its answer. */
final class Exchange {
    private static final Map<String, String> TITLES = Map.of(
            "order-not-found", "No such order",
            "malformed-json", "Body is not JSON",
            "invalid-order", "Order is invalid",
            "coupon-used", "Coupon was already used",
            "try-again", "Temporarily unable, try again",
            "upstream-timeout", "The stock service did not answer in time",
            "upstream-invalid", "The stock service answered nonsense",
            "internal-error", "Something went wrong on our side");

    private final HttpExchange http;
    private final String requestId;
    private boolean started;

    Exchange(HttpExchange http, String requestId) {
        this.http = http;
        this.requestId = requestId;
    }

    String requestId() {
        return requestId;
    }

    boolean started() {
        return started;
    }

    String path() {
        return http.getRequestURI().getPath();
    }

    String body() throws IOException {
        byte[] bytes = http.getRequestBody().readNBytes(4096);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    void send(int status, String contentType, String body) throws IOException {
        byte[] content = body.getBytes(StandardCharsets.UTF_8);
        http.getResponseHeaders().set("Content-Type", contentType);
        started = true;
        http.sendResponseHeaders(status, content.length);
        try (OutputStream out = http.getResponseBody()) {
            out.write(content);
        }
    }

    /** Sends the headers and a first chunk. */
    void start(String chunk) throws IOException {
        started = true;
        http.sendResponseHeaders(200, 0);
        http.getResponseBody().write(chunk.getBytes(StandardCharsets.UTF_8));
        http.getResponseBody().flush();
    }

    void sendProblem(Problem problem) throws IOException {
        Map<String, String> members = new LinkedHashMap<>();
        String type = "https://shop.test/problems/" + problem.code();
        members.put("type", Text.quote(type));
        members.put("title", Text.quote(TITLES.get(problem.code())));
        members.put("status", String.valueOf(problem.status()));
        if (!problem.detail().isEmpty()) {
            members.put("detail", Text.quote(problem.detail()));
        }
        if (!problem.errors().isEmpty()) {
            List<String> items = problem.errors().stream()
                    .map(e -> "{\"pointer\":" + Text.quote(e.pointer())
                            + ",\"detail\":" + Text.quote(e.detail()) + "}")
                    .toList();
            members.put("errors", "[" + String.join(",", items) + "]");
        }
        members.put("request_id", Text.quote(requestId));
        List<String> pairs = members.entrySet().stream()
                .map(e -> Text.quote(e.getKey()) + ":" + e.getValue())
                .toList();
        if (problem.retryAfter() > 0) {
            String seconds = String.valueOf(problem.retryAfter());
            http.getResponseHeaders().set("Retry-After", seconds);
        }
        send(problem.status(), "application/problem+json",
                "{" + String.join(",", pairs) + "}");
    }
}

/** Sends every kind of failure through the handler and looks at what comes out. */
public final class Main {
    private static final String STACK = "\tat ";
    private static final Pattern FLAT =
            Pattern.compile("\\{(?:\"(\\w+)\":(\"[^\"\\\\]*\"|-?\\d+),?)*\\}");
    private static final Pattern MEMBER =
            Pattern.compile("\"(\\w+)\":(\"[^\"\\\\]*\"|-?\\d+)");
    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    private record Row(String label, String path, String body) {}

    private record Answer(HttpResponse<?> response, String text, boolean complete) {
        Optional<String> header(String name) {
            return response.headers().firstValue(name);
        }
    }

    private Main() {}

    /** What many services do: the exception is the answer. */
    private static void naive(Handler handler, Exchange exchange) throws IOException {
        try {
            handler.handle(exchange);
        } catch (Exception error) {
            String detail = error instanceof DatabaseException db ? db.detail() : "";
            String text = error.getMessage() + " " + detail + Text.stack(error);
            exchange.send(500, "application/json",
                    "{\"error\":" + Text.quote(text) + "}");
        }
    }

    private static void route(Exchange exchange) throws Exception {
        switch (exchange.path()) {
            case "/orders/42" -> exchange.send(200, "application/json", "{\"id\":42}");
            case "/orders/999" -> throw new NotFoundException("There is no order 999.");
            case "/orders" -> {
                create(parse(exchange.body()));
                exchange.send(201, "application/json", "{}");
            }
            case "/coupons" -> throw new DatabaseException("23505",
                    "duplicate key, \"redemptions_pkey\": INSERT INTO redemptions",
                    "Key (coupon, customer)=(HELLO, ada@example.com) already exists.");
            case "/deadlock" ->
                    throw new DatabaseException("40P01", "deadlock detected", "");
            // The failure happens on another thread; join() throws it here, wrapped.
            case "/stock/slow", "/stock/odd" ->
                    CompletableFuture.runAsync(() -> stock(exchange.path())).join();
            case "/bug" ->
                    throw new IllegalStateException("price list 10.0.3.7 not loaded");
            case "/export" -> {
                exchange.start("id,qty\n");
                throw new IllegalStateException("row 8812 has no price");
            }
            default -> throw new NotFoundException("There is no such path.");
        }
    }

    /** Flat objects of strings and integers, enough for this program. */
    private static Map<String, String> parse(String json) throws MalformedException {
        if (!FLAT.matcher(json).matches()) {
            throw new MalformedException("not an object at all");
        }
        Map<String, String> members = new HashMap<>();
        Matcher member = MEMBER.matcher(json);
        while (member.find()) {
            members.put(member.group(1), member.group(2));
        }
        return members;
    }

    private static void create(Map<String, String> order) {
        List<FieldError> errors = new CopyOnWriteArrayList<>();
        if (!order.getOrDefault("qty", "").matches("[1-9][0-9]?")) {
            errors.add(new FieldError("#/qty", "must be 1 to 99"));
        }
        if (!order.containsKey("sku")) {
            errors.add(new FieldError("#/sku", "is required"));
        }
        if (!errors.isEmpty()) {
            throw new InvalidException(List.copyOf(errors));
        }
    }

    private static void stock(String path) {
        if (path.equals("/stock/slow")) {
            throw new CompletionException(
                    new UpstreamTimeoutException("no answer from 10.0.3.8"));
        }
        throw new CompletionException(
                new UpstreamException("10.0.3.8 answered HTML"));
    }

    private static Answer call(String base, String path, String body, boolean naively)
            throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path))
                .timeout(Duration.ofSeconds(5));
        if (!body.isEmpty()) {
            request.POST(HttpRequest.BodyPublishers.ofString(body));
        }
        if (naively) {
            request.header("X-Naive", "yes");
        }
        HttpResponse<InputStream> response = CLIENT.send(
                request.build(), HttpResponse.BodyHandlers.ofInputStream());
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        boolean complete = true;
        try (InputStream in = response.body()) {
            in.transferTo(text);
        } catch (IOException cutOff) {
            complete = false;
        }
        return new Answer(response, text.toString(StandardCharsets.UTF_8), complete);
    }

    private static String member(String document, String name) {
        Matcher found = Pattern.compile('"' + name + "\":\"?([^\",}]*)")
                .matcher(document);
        return found.find() ? found.group(1) : "";
    }

    private static void table(String base) throws Exception {
        System.out.println(
                "request               status  problem           with            log");
        int matching = 0;
        int problems = 0;
        for (Row row : List.of(
                new Row("read", "/orders/42", ""),
                new Row("unknown order", "/orders/999", ""),
                new Row("broken JSON", "/orders", "{\"sku\":"),
                new Row("two bad fields", "/orders", "{\"qty\":0}"),
                new Row("coupon used twice", "/coupons", ""),
                new Row("deadlock victim", "/deadlock", ""),
                new Row("stock service slow", "/stock/slow", ""),
                new Row("stock service odd", "/stock/odd", ""),
                new Row("bug", "/bug", ""),
                new Row("bug after headers", "/export", ""))) {
            int before = ErrorHandler.LOG.size();
            Answer answer = call(base, row.path(), row.body(), false);
            int status = answer.response().statusCode();
            Entry last = ErrorHandler.LOG.size() > before ? last() : null;
            String code = "-";
            String extra = "-";
            String type = answer.header("content-type").orElse("");
            if (type.equals("application/problem+json")) {
                String uri = member(answer.text(), "type");
                code = uri.substring(uri.lastIndexOf('/') + 1);
                problems++;
                if (last != null
                        && last.requestId().equals(member(answer.text(), "request_id"))
                        && member(answer.text(), "status").equals("" + status)) {
                    matching++;
                }
                int errors = answer.text().split("\"pointer\"", -1).length - 1;
                if (errors > 0) {
                    extra = errors + " errors";
                }
                Optional<String> retry = answer.header("retry-after");
                if (retry.isPresent()) {
                    extra = "Retry-After: " + retry.get();
                }
            }
            if (!answer.complete()) {
                extra = "body cut off";
            }
            System.out.printf("  %-20s%-8d%-18s%-16s%s%n", row.label(), status, code,
                    extra, last == null ? "-" : last.level());
        }
        System.out.printf("status and request id agree with the log: %d of %d%n%n",
                matching, problems);
    }

    private static Entry last() {
        return ErrorHandler.LOG.get(ErrorHandler.LOG.size() - 1);
    }

    private static void leaks(String base) throws Exception {
        System.out.println("inside information    naive answer  our answer  our log");
        for (Row row : List.of(
                new Row("INSERT INTO", "/coupons", ""),
                new Row("redemptions_pkey", "/coupons", ""),
                new Row("ada@example.com", "/coupons", ""),
                new Row("10.0.3.7", "/bug", ""),
                new Row("stack frame", "/bug", ""))) {
            boolean stack = row.label().equals("stack frame");
            String raw = stack ? STACK : row.label();
            String sent = stack ? STACK.replace("\t", "\\t") : row.label();
            boolean bad = call(base, row.path(), "", true).text().contains(sent);
            boolean good = call(base, row.path(), "", false).text().contains(sent);
            boolean kept = last().text().contains(raw);
            System.out.printf("  %-20s%-14s%-12s%s%n", row.label(),
                    bad ? "leaked" : "absent", good ? "leaked" : "absent",
                    kept ? "kept" : "absent");
        }
    }

    public static void main(String[] args) throws Exception {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        HttpServer server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
        AtomicInteger number = new AtomicInteger();
        server.createContext("/", http -> {
            String id = String.format("req-%04d", number.incrementAndGet());
            Exchange exchange = new Exchange(http, id);
            if (http.getRequestHeaders().containsKey("X-Naive")) {
                naive(Main::route, exchange);
            } else {
                ErrorHandler.central(Main::route, exchange);
            }
        });
        ExecutorService pool = Executors.newFixedThreadPool(2);
        server.setExecutor(pool);
        server.start();
        try {
            String base = "http://127.0.0.1:" + server.getAddress().getPort();
            table(base);
            leaks(base);
        } finally {
            server.stop(0);
            pool.shutdownNow();
        }
    }
}
