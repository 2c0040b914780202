// Sign webhooks, and receive them: on the raw bytes, in time, and once.
import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

final class Limits {
    static final Duration WINDOW = Duration.ofMinutes(5); // to both sides
    // For so long, a message from the future stays in the window. A sender that retries
    // for days, or a restart in between, needs a table with the id as its key.
    static final Duration RETENTION = WINDOW.multipliedBy(2);
    static final int MAX_IDS = 5; // so few only to show what happens then
    static final int MAX_BODY_BYTES = 64 * 1024;
    // No full stop, or id and timestamp could be cut in another place.
    static final Pattern ID = Pattern.compile("[A-Za-z0-9_-]{1,64}");
    static final Pattern TIMESTAMP = Pattern.compile("[1-9][0-9]{0,11}");

    private Limits() {}
}

/** A status for the sender and a reason for its log. */
record Answer(int status, String reason) {}

/** Signs until it has been replaced everywhere. */
record Secret(byte[] key, Instant until) {}

/** The three headers of a delivery, empty where one is missing. */
record Head(String id, String timestamp, String signatures) {
    static Head of(Headers headers) {
        return new Head(
                first(headers, "webhook-id"),
                first(headers, "webhook-timestamp"),
                first(headers, "webhook-signature"));
    }

    private static String first(Headers headers, String name) {
        return Optional.ofNullable(headers.getFirst(name)).orElse("");
    }

    boolean wellFormed() {
        return Limits.ID.matcher(id).matches()
                && Limits.TIMESTAMP.matcher(timestamp).matches()
                && !signatures.isBlank();
    }

    Instant sent() {
        return Instant.ofEpochSecond(Long.parseLong(timestamp));
    }
}

// --8<-- [start:show]
record Receiver(List<Secret> secrets, Inbox inbox, Clock clock) {
    /** Covers the id, the time and every byte of the body. */
    static String sign(byte[] key, String id, String timestamp, byte[] body) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(key, mac.getAlgorithm()));
            mac.update((id + "." + timestamp + ".").getBytes(UTF_8));
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(body));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /** Takes the body as it arrived: nothing may parse it before. */
    Answer receive(Head head, byte[] body) {
        if (!head.wellFormed()) {
            return new Answer(400, "header missing or malformed");
        }
        Instant now = clock.instant();
        if (Duration.between(head.sent(), now).abs().compareTo(Limits.WINDOW) > 0) {
            return new Answer(401, "outside the window");
        }
        boolean genuine = false;
        for (Secret secret : secrets) {
            if (now.isBefore(secret.until())) { // two are, while one replaces the other
                String expected = sign(secret.key(), head.id(), head.timestamp(), body);
                for (String given : head.signatures().split(" ")) {
                    genuine |= MessageDigest.isEqual(
                            given.getBytes(UTF_8), expected.getBytes(UTF_8));
                }
            }
        }
        return genuine
                ? inbox.accept(head.id(), body, now)
                : new Answer(401, "no signature fits");
    }
}

final class Inbox {
    private final Map<String, Instant> expires = new LinkedHashMap<>(); // by time
    private final Consumer<byte[]> store;

    Inbox(Consumer<byte[]> store) {
        this.store = store;
    }

    /** Stores a message unless its id is known: what fails may come again. */
    synchronized Answer accept(String id, byte[] body, Instant now) {
        expires.values().removeIf(now::isAfter);
        if (expires.containsKey(id)) {
            return new Answer(202, "known already");
        }
        if (expires.size() == Limits.MAX_IDS) { // forgotten early, one gets in again
            return new Answer(503, "inbox is full");
        }
        store.accept(body);
        expires.put(id, now.plus(Limits.RETENTION));
        return new Answer(202, "stored");
    }
}
// --8<-- [end:show]

/** The HTTP side of the receiver. */
final class Endpoint implements AutoCloseable {
    private static final System.Logger LOG = System.getLogger("webhooks");

    private final Receiver receiver;
    private final HttpServer server;
    private final ExecutorService workers = Executors.newFixedThreadPool(2);

    Endpoint(Receiver receiver) throws IOException {
        this.receiver = receiver;
        InetAddress loopback = InetAddress.getLoopbackAddress();
        server = HttpServer.create(new InetSocketAddress(loopback, 0), 0);
        server.setExecutor(workers);
        server.createContext("/raw", exchange -> handle(exchange, false));
        server.createContext("/parsed", exchange -> handle(exchange, true));
        server.start();
    }

    URI uri(String path) {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path);
    }

    private void handle(HttpExchange exchange, boolean rewrite) throws IOException {
        try (exchange) {
            Answer answer = answer(exchange, rewrite);
            byte[] reason = answer.reason().getBytes(UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain");
            exchange.sendResponseHeaders(answer.status(), reason.length);
            exchange.getResponseBody().write(reason);
        }
    }

    private Answer answer(HttpExchange exchange, boolean rewrite) throws IOException {
        if (!exchange.getRequestMethod().equals("POST")) {
            return new Answer(405, "POST only");
        }
        byte[] body = exchange.getRequestBody().readNBytes(Limits.MAX_BODY_BYTES + 1);
        if (body.length > Limits.MAX_BODY_BYTES) {
            return new Answer(413, "body too long");
        }
        try {
            Head head = Head.of(exchange.getRequestHeaders());
            return receiver.receive(head, rewrite ? rewritten(body) : body);
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "not stored", e);
            return new Answer(500, "not stored");
        }
    }

    /**
     * The mistake: a layer in front has parsed the body and writes it again. The JDK
     * cannot read JSON; a library would write the slash without its escape, as here.
     */
    private static byte[] rewritten(byte[] body) {
        return new String(body, UTF_8).replace("\\/", "/").getBytes(UTF_8);
    }

    @Override
    public void close() {
        server.stop(0);
        workers.shutdown();
    }
}

/** A clock that stands still until it is told to go on. */
final class ManualClock extends Clock {
    private volatile Instant now;

    ManualClock(Instant now) {
        this.now = now;
    }

    void advance(Duration by) {
        now = now.plus(by);
    }

    @Override
    public Instant instant() {
        return now;
    }

    @Override
    public ZoneId getZone() {
        return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
        return this;
    }
}

/** One request; an empty value leaves its header out. */
record Delivery(String path, Head head, byte[] body) {
    Delivery withBody(byte[] changed) {
        return new Delivery(path, head, changed);
    }

    Delivery withHead(String id, String timestamp, String signatures) {
        return new Delivery(path, new Head(id, timestamp, signatures), body);
    }

    Delivery to(String other) {
        return new Delivery(other, head, body);
    }
}

public final class Main {
    // Samples: a real one is 24 to 64 random bytes, handed over as whsec_ and base64.
    private static final byte[] OLD_KEY =
            "sample-old-secret-of-32-bytes-01".getBytes(UTF_8);
    private static final byte[] NEW_KEY =
            "sample-new-secret-of-32-bytes-02".getBytes(UTF_8);
    private static final byte[] OTHER_KEY =
            "sample-wrong-secret-of-32-byte-3".getBytes(UTF_8);
    private static final Instant START = Instant.ofEpochSecond(1_767_225_600);
    private static final String MESSAGE =
            "{\"type\":\"invoice.paid\",\"timestamp\":\"2026-01-01T00:00:00Z\","
                    + "\"data\":{\"invoice\":\"2026\\/7\",\"amount_cents\":1050,"
                    + "\"currency\":\"EUR\"}}";
    private static final Duration FRESH = Duration.ZERO;
    private static final Duration TIMEOUT = Duration.ofSeconds(5);

    private final ManualClock clock = new ManualClock(START);
    private final List<byte[]> stored = new CopyOnWriteArrayList<>();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();

    private Main() {}

    private Delivery signed(String id, Duration ago, byte[]... keys) {
        return signed(id, ago, MESSAGE, keys);
    }

    private Delivery signed(String id, Duration ago, String body, byte[]... keys) {
        byte[] bytes = body.getBytes(UTF_8);
        String timestamp = Long.toString(clock.instant().minus(ago).getEpochSecond());
        String signatures = Arrays.stream(keys)
                .map(key -> Receiver.sign(key, id, timestamp, bytes))
                .collect(Collectors.joining(" "));
        return new Delivery("/raw", new Head(id, timestamp, signatures), bytes);
    }

    private void send(Endpoint endpoint, String label, Delivery delivery)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder()
                .uri(endpoint.uri(delivery.path()))
                .timeout(TIMEOUT)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofByteArray(delivery.body()));
        Head head = delivery.head();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("webhook-id", head.id());
        headers.put("webhook-timestamp", head.timestamp());
        headers.put("webhook-signature", head.signatures());
        headers.values().removeIf(String::isEmpty);
        headers.forEach(request::header);
        HttpResponse<String> response =
                client.send(request.build(), BodyHandlers.ofString());
        System.out.printf("%-35s%-8d%-9d%s%n",
                label, response.statusCode(), stored.size(), response.body());
    }

    private void deliverAll(Endpoint to) throws IOException, InterruptedException {
        String line = "%-35s%-8s%-9s%s%n";
        System.out.printf(line, "delivery", "status", "effects", "reason");
        Delivery good = signed("msg_1", FRESH, NEW_KEY);
        Head head = good.head();
        send(to, "good", good);
        send(to, "the same bytes again", good);
        clock.advance(Duration.ofSeconds(5));
        send(to, "tried again 5 s later", signed("msg_1", FRESH, NEW_KEY));
        byte[] changed = MESSAGE.replace("1050", "1051").getBytes(UTF_8);
        send(to, "one byte changed", good.withBody(changed));
        Delivery renamed = good.withHead("msg_2", head.timestamp(), head.signatures());
        send(to, "another id", renamed);
        Delivery rewritten = signed("msg_2", FRESH, NEW_KEY).to("/parsed");
        send(to, "body parsed and written again", rewritten);
        send(to, "wrong secret", signed("msg_2", FRESH, OTHER_KEY));
        send(to, "old secret, both valid", signed("msg_2", FRESH, OLD_KEY));
        send(to, "signed with old and new", signed("msg_3", FRESH, OLD_KEY, NEW_KEY));
        send(to, "300 s old", signed("msg_4", Duration.ofSeconds(300), NEW_KEY));
        send(to, "301 s old", signed("msg_5", Duration.ofSeconds(301), NEW_KEY));
        Delivery ahead = signed("msg_5", Duration.ofSeconds(-300), NEW_KEY);
        send(to, "300 s ahead", ahead);
        send(to, "301 s ahead", signed("msg_6", Duration.ofSeconds(-301), NEW_KEY));
        Delivery unsigned = good.withHead(head.id(), head.timestamp(), "");
        send(to, "no webhook-signature", unsigned);
        Delivery timeless = good.withHead(head.id(), "soon", head.signatures());
        send(to, "webhook-timestamp: soon", timeless);
        String spaces = " ".repeat(Limits.MAX_BODY_BYTES + 1);
        send(to, "65,537 bytes", signed("msg_6", FRESH, spaces, NEW_KEY));
        send(to, "a sixth id, with room for five", signed("msg_6", FRESH, NEW_KEY));
        clock.advance(Duration.ofMinutes(10));
        send(to, "300 s ahead, again 10 min later", ahead);
        send(to, "good, again 10 min later", good);
        clock.advance(Duration.ofDays(1));
        send(to, "old secret, a day later", signed("msg_6", FRESH, OLD_KEY));
        send(to, "the sixth id, a day later", signed("msg_6", FRESH, NEW_KEY));
    }

    private void run() throws IOException, InterruptedException {
        List<Secret> secrets = List.of(
                new Secret(NEW_KEY, START.plus(Duration.ofDays(365))),
                // By then, every sender has the new one.
                new Secret(OLD_KEY, START.plus(Duration.ofHours(1))));
        Receiver receiver = new Receiver(secrets, new Inbox(stored::add), clock);
        try (Endpoint endpoint = new Endpoint(receiver)) {
            deliverAll(endpoint);
        }
    }

    public static void main(String[] args) throws IOException, InterruptedException {
        // Or each short answer waits for the client's delayed acknowledgement.
        System.setProperty("sun.net.httpserver.nodelay", "true");
        new Main().run();
    }
}
