import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.math.BigDecimal;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The orders service in two releases; the second one drifted from its document. */
final class Service {
    static final String TOKEN = "Bearer sample-token";

    private static final int MAX_BODY = 4096; // bytes
    private static final Map<String, String> JSON =
            Map.of("Content-Type", "application/json");

    private record Reply(int status, Map<String, String> headers, Object content) {}

    @FunctionalInterface
    private interface Handler {
        Reply answer(String id, Object body);
    }

    private final int release;
    private final Map<String, Handler> table = new LinkedHashMap<>();

    Service(int release) {
        this.release = release;
        table.put("GET /orders", (id, body) -> list());
        table.put("POST /orders", (id, body) -> place((Map<?, ?>) body));
        table.put("GET /orders/{orderId}", (id, body) -> read(id));
        if (release == 1) {
            Handler cancel = (id, body) -> new Reply(204, Map.of(), null);
            table.put("DELETE /orders/{orderId}", cancel);
        } else {
            table.put("GET /internal/orders", (id, body) -> list());
        }
    }

    int release() {
        return release;
    }

    /** A router is a table, so it can be compared with the document. */
    Set<String> routes() {
        return table.keySet();
    }

    /** Serves on a free port; the caller stops it. */
    HttpServer listen() throws IOException {
        var address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        var server = HttpServer.create(address, 0);
        server.createContext("/", this::serve);
        server.start();
        return server;
    }

    static boolean matches(String template, String path) {
        String[] ours = template.split("/");
        String[] theirs = path.split("/");
        if (ours.length != theirs.length) {
            return false;
        }
        for (int i = 0; i < ours.length; i++) {
            if (!ours[i].equals(theirs[i]) && !ours[i].startsWith("{")) {
                return false;
            }
        }
        return true;
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] raw = exchange.getRequestBody().readNBytes(MAX_BODY);
            Object body =
                    raw.length == 0
                            ? null
                            : Json.parse(new String(raw, StandardCharsets.UTF_8));
            Reply reply = answer(exchange, body);
            reply.headers().forEach(exchange.getResponseHeaders()::set);
            if (reply.content() == null) {
                exchange.sendResponseHeaders(reply.status(), -1);
                return;
            }
            byte[] sent = Json.write(reply.content()).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(reply.status(), sent.length);
            exchange.getResponseBody().write(sent);
        }
    }

    private Reply answer(HttpExchange exchange, Object body) {
        String path = exchange.getRequestURI().getPath();
        if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return problem(
                    401, "Unauthorized", "WWW-Authenticate", "Bearer realm=\"orders\"");
        }
        for (var entry : table.entrySet()) {
            String[] route = entry.getKey().split(" ");
            if (exchange.getRequestMethod().equals(route[0])
                    && matches(route[1], path)) {
                String id = path.substring(path.lastIndexOf('/') + 1);
                return entry.getValue().answer(id, body);
            }
        }
        return problem(405, "Method Not Allowed", "Allow", "GET");
    }

    private Reply list() {
        var item = order();
        if (release == 2) {
            item.remove("createdAt");
        }
        // A parameter, which many frameworks add: the media type is the same.
        var headers = Map.of("Content-Type", "application/json; charset=utf-8");
        return new Reply(200, headers, Map.of("items", List.of(item)));
    }

    private Reply read(String id) {
        var found = order();
        if (!id.equals(found.get("id"))) {
            return release == 1
                    ? problem(404, "Not Found", "Cache-Control", "no-store")
                    : new Reply(404, JSON, Map.of("error", "no order"));
        }
        if (release == 2) {
            found.put("totalCents", "12.50");
            found.put("status", "on_hold");
            found.put("internalNote", "vip");
        }
        return new Reply(200, JSON, found);
    }

    private Reply place(Map<?, ?> body) {
        boolean extra = !Set.of("sku", "quantity").containsAll(body.keySet());
        boolean numeric = body.get("quantity") instanceof BigDecimal;
        if (!numeric || (extra && release == 1)) {
            return problem(
                    422, "Unprocessable Content", "Cache-Control", "no-store");
        }
        var headers = new LinkedHashMap<>(JSON);
        headers.put("Location", "/orders/7");
        return new Reply(release == 2 && !extra ? 202 : 201, headers, order());
    }

    private static Reply problem(int status, String title, String name, String value) {
        var headers = Map.of("Content-Type", "application/problem+json", name, value);
        return new Reply(status, headers, Map.of("title", title, "status", status));
    }

    private static Map<String, Object> order() {
        var order = new LinkedHashMap<String, Object>();
        order.put("id", "7");
        order.put("sku", "tea");
        order.put("quantity", 2);
        order.put("totalCents", 1250);
        order.put("status", "paid");
        order.put("createdAt", "2026-11-20T09:30:00Z");
        order.put("note", null);
        return order;
    }
}
