import java.io.IOException;
import java.math.BigDecimal;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Compare a running service with its OpenAPI document, call by call. */
public final class Main {
    /** The form of RFC 3339, not the calendar. */
    private static final Pattern DATE_TIME =
            Pattern.compile(
                    "\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?"
                            + "(Z|[+-]\\d\\d:\\d\\d)");

    private static final String NONE = "no content";
    private static final Set<String> METHODS =
            Set.of("get", "put", "post", "delete", "patch");

    private record Call(String method, String path, Object body, String token) {
        Call(String method, String path) {
            this(method, path, null, Service.TOKEN);
        }
    }

    private record Answer(int status, HttpHeaders headers, Object body) {
        /** The media type, without parameters such as a charset. */
        String kind() {
            String field = headers.firstValue("Content-Type").orElse(NONE);
            return field.split(";")[0].strip().toLowerCase(Locale.ROOT);
        }
    }

    private record Operation(String route, Map<String, Object> details) {}

    private record Contract(Map<String, Object> document, Set<String> seen) {
        Contract(Map<String, Object> document) {
            this(document, new HashSet<>());
        }

        Operation operation(Call call) {
            String method = call.method().toLowerCase(Locale.ROOT);
            for (String path : object(document, "paths").keySet()) {
                var item = object(document, "paths", path);
                if (Service.matches(path, call.path()) && item.containsKey(method)) {
                    return new Operation(
                            call.method() + " " + path, object(item, method));
                }
            }
            throw new IllegalArgumentException(call.path() + " is not documented");
        }

        /** Follow "$ref": "#/components/schemas/Order". */
        Map<String, Object> resolve(Map<String, Object> node) {
            var found = node;
            while (found.get("$ref") instanceof String reference) {
                found = object(document, reference.substring(2).split("/"));
            }
            return found;
        }

        /** By exact status; real documents may also say "4XX" or "default". */
        Map<String, Object> response(Operation operation, int status) {
            String name = String.valueOf(status);
            var found = object(operation.details(), "responses", name);
            return found == null ? null : resolve(found);
        }

        Map<String, Object> schema(Map<String, Object> response, String kind) {
            if (kind.equals(NONE) && !response.containsKey("content")) {
                return Map.of();
            }
            return object(response, "content", kind, "schema");
        }

        Map<String, Map<String, Object>> routes() {
            var found = new LinkedHashMap<String, Map<String, Object>>();
            for (String path : object(document, "paths").keySet()) {
                var item = object(document, "paths", path);
                for (String method : item.keySet()) {
                    if (METHODS.contains(method)) {
                        String route = method.toUpperCase(Locale.ROOT) + " " + path;
                        found.put(route, object(item, method));
                    }
                }
            }
            return found;
        }

        List<String> answers() {
            var found = new ArrayList<String>();
            routes()
                    .forEach(
                            (route, operation) ->
                                    object(operation, "responses")
                                            .keySet()
                                            .forEach(s -> found.add(route + " " + s)));
            return found;
        }
    }

    // --8<-- [start:show]
    /** Compare one live answer with what the document promises. */
    private static List<String> differences(
            Contract contract, Call call, Answer answer) {
        var operation = contract.operation(call);
        var response = contract.response(operation, answer.status());
        if (response == null) {
            return List.of("status is not documented");
        }
        contract.seen().add(operation.route() + " " + answer.status());
        var found = new ArrayList<String>();
        found.addAll(wronglyAccepted(contract, operation, call, answer));
        found.addAll(missingHeaders(response, answer));
        var schema = contract.schema(response, answer.kind());
        if (schema == null) {
            found.add(answer.kind() + " is not documented");
        } else {
            faults(contract, answer.body(), schema, "", found);
        }
        return found;
    }

    /** Part of JSON Schema 2020-12, and stricter where a schema is silent. */
    private static void faults(
            Contract contract, Object value, Map<String, Object> reference, String at,
            List<String> found) {
        var schema = contract.resolve(reference);
        var kinds = listed(schema.get("type"));
        if (!kinds.isEmpty() && !fits(value, kinds)) {
            String wanted = String.join(" or ", kinds);
            found.add(at + ": " + typeOf(value) + ", not " + wanted);
            return;
        }
        valueFaults(schema, value, at, found); // enum and format
        if (value instanceof List<?> list && schema.containsKey("items")) {
            var items = object(schema, "items");
            for (int i = 0; i < list.size(); i++) {
                faults(contract, list.get(i), items, at + "/" + i, found);
            }
        }
        if (!(value instanceof Map<?, ?> members)) {
            return;
        }
        listed(schema.get("required")).stream()
                .filter(name -> !members.containsKey(name))
                .forEach(name -> found.add(at + "/" + name + ": missing"));
        for (Object name : members.keySet()) {
            String place = at + "/" + name;
            var property = object(schema, "properties", (String) name);
            if (property != null) {
                faults(contract, members.get(name), property, place, found);
            } else if (schema.get("additionalProperties") != Boolean.TRUE) {
                found.add(place + ": not documented");
            }
        }
    }

    // --8<-- [end:show]

    /** A service may not take what its document forbids. */
    private static List<String> wronglyAccepted(
            Contract contract, Operation operation, Call call, Answer answer) {
        if (call.body() == null || answer.status() >= 300) {
            return List.of();
        }
        var sent = object(operation.details(), "requestBody", "content");
        var schema = object(sent, "application/json", "schema");
        return faults(contract, call.body(), schema).stream()
                .map(fault -> "accepted a body with " + fault)
                .toList();
    }

    private static List<String> missingHeaders(
            Map<String, Object> response, Answer answer) {
        return names(response, "headers").stream()
                .filter(name -> isRequired(object(response, "headers", name)))
                .filter(name -> answer.headers().firstValue(name).isEmpty())
                .map(name -> "header " + name + " is missing")
                .toList();
    }

    private static boolean isRequired(Map<String, Object> header) {
        return header.get("required") == Boolean.TRUE;
    }

    /** The object at the end of a path of names; null if there is none. */
    @SuppressWarnings("unchecked") // JSON's objects have strings for names
    private static Map<String, Object> object(
            Map<String, Object> from, String... names) {
        var found = from;
        for (String name : names) {
            found = (Map<String, Object>) found.get(name);
            if (found == null) {
                return null;
            }
        }
        return found;
    }

    private static Set<String> names(Map<String, Object> from, String name) {
        var found = object(from, name);
        return found == null ? Set.of() : found.keySet();
    }

    /** Since 3.1 a type may be a list, such as ["string", "null"]. */
    private static List<String> listed(Object value) {
        if (value instanceof List<?> list) {
            return list.stream().map(String.class::cast).toList();
        }
        return value == null ? List.of() : List.of((String) value);
    }

    private static List<String> faults(
            Contract contract, Object value, Map<String, Object> schema) {
        var found = new ArrayList<String>();
        faults(contract, value, schema, "", found);
        return found;
    }

    private static void valueFaults(
            Map<String, Object> schema, Object value, String at, List<String> found) {
        if (schema.get("enum") instanceof List<?> allowed && !allowed.contains(value)) {
            found.add(at + ": " + value + " is not in the enum");
        }
        if ("date-time".equals(schema.get("format")) && !isDateTime(value)) {
            found.add(at + ": not a date-time");
        }
    }

    /** Every integer is a number, too. */
    private static boolean fits(Object value, List<String> kinds) {
        String kind = typeOf(value);
        return kinds.contains(kind)
                || kind.equals("integer") && kinds.contains("number");
    }

    /** A format says something about strings only. */
    private static boolean isDateTime(Object value) {
        return !(value instanceof String text) || DATE_TIME.matcher(text).matches();
    }

    private static String typeOf(Object value) {
        if (value == null) {
            return "null";
        }
        if (value instanceof BigDecimal number) {
            return number.stripTrailingZeros().scale() <= 0 ? "integer" : "number";
        }
        if (value instanceof Boolean) {
            return "boolean";
        }
        if (value instanceof String) {
            return "string";
        }
        return value instanceof List ? "array" : "object";
    }

    /** Everything in the document that has both a schema and an example. */
    private static List<Map<?, ?>> media(Object node) {
        var found = new ArrayList<Map<?, ?>>();
        if (node instanceof Map<?, ?> map) {
            if (map.containsKey("example") && map.containsKey("schema")) {
                found.add(map);
            }
            map.values().forEach(item -> found.addAll(media(item)));
        }
        if (node instanceof List<?> list) {
            list.forEach(item -> found.addAll(media(item)));
        }
        return found;
    }

    private static final List<Call> CALLS =
            List.of(
                    new Call("GET", "/orders", null, "none"),
                    new Call("GET", "/orders"),
                    new Call("GET", "/orders/7"),
                    new Call("GET", "/orders/8"),
                    post("{\"sku\":\"tea\",\"quantity\":2}"),
                    post("{\"sku\":\"tea\",\"quantity\":\"2\"}"),
                    post("{\"sku\":\"tea\",\"quantity\":2,\"totalCents\":1}"),
                    new Call("DELETE", "/orders/7"));

    private static Call post(String body) {
        return new Call("POST", "/orders", Json.parse(body), Service.TOKEN);
    }

    private static Answer send(HttpClient client, int port, Call call)
            throws IOException, InterruptedException {
        var body =
                call.body() == null
                        ? BodyPublishers.noBody()
                        : BodyPublishers.ofString(Json.write(call.body()));
        var request =
                HttpRequest.newBuilder()
                        .uri(URI.create("http://127.0.0.1:" + port + call.path()))
                        .timeout(Duration.ofSeconds(5))
                        .header("Authorization", call.token())
                        .header("Content-Type", "application/json")
                        .method(call.method(), body)
                        .build();
        var response = client.send(request, BodyHandlers.ofString());
        String text = response.body();
        return new Answer(
                response.statusCode(),
                response.headers(),
                text.isEmpty() ? null : Json.parse(text));
    }

    private static void report(
            Contract contract, Service service, HttpClient client, int port)
            throws IOException, InterruptedException {
        System.out.println("release " + service.release());
        for (Call call : CALLS) {
            Answer answer = send(client, port, call);
            var found = differences(contract, call, answer);
            var lines = found.isEmpty() ? List.of("as documented") : found;
            String label = call.method() + " " + call.path();
            String start = String.format("%-18s%d", label, answer.status());
            for (String line : lines) {
                System.out.printf("  %-23s%s%n", start, line);
                start = "";
            }
        }
        var served = service.routes();
        var documented = contract.routes().keySet();
        for (String route : served) {
            if (!documented.contains(route)) {
                System.out.println("  served, not documented: " + route);
            }
        }
        for (String route : documented) {
            if (!served.contains(route)) {
                System.out.println("  documented, not served: " + route);
            }
        }
    }

    private static void coverage(Contract contract) {
        var answers = contract.answers();
        var unseen = new ArrayList<>(answers);
        unseen.removeAll(contract.seen());
        int seen = answers.size() - unseen.size();
        System.out.printf("  answers seen: %d of %d; never:%n", seen, answers.size());
        unseen.forEach(answer -> System.out.println("    " + answer));
        System.out.println();
    }

    @SuppressWarnings("unchecked") // JSON's objects have strings for names
    public static void main(String[] args) throws IOException, InterruptedException {
        String text = Files.readString(Path.of("openapi.json"));
        var document = (Map<String, Object>) Json.parse(text);
        var first = new Contract(document);
        var media = media(document);
        int wrong = 0;
        for (Map<?, ?> each : media) {
            var schema = (Map<String, Object>) each.get("schema");
            if (!faults(first, each.get("example"), schema).isEmpty()) {
                wrong++;
            }
        }
        System.out.printf(
                "examples in the document: %d, wrong: %d%n%n", media.size(), wrong);
        var client =
                HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5)).build();
        for (int release : new int[] {1, 2}) {
            var contract = new Contract(document);
            var service = new Service(release);
            var server = service.listen();
            try {
                report(contract, service, client, server.getAddress().getPort());
            } finally {
                server.stop(0);
            }
            if (release == 1) {
                coverage(contract);
            }
        }
    }
}
