import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** An idempotency key of one caller: nobody meets the key of another. */
record Key(String caller, String value) {}

/** The caller is from the credentials, the key from the field Idempotency-Key. */
record Request(String caller, String key, String method, String path, byte[] body) {
    Key scoped() {
        return new Key(caller, key);
    }

    String fingerprint() {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update((method + " " + path + "\n").getBytes(UTF_8));
            return HexFormat.of().formatHex(sha256.digest(body));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}

/** What is replayed, byte for byte. */
record Response(int status, Map<String, String> headers, byte[] body) {
    boolean identical(Response other) {
        return status == other.status
                && headers.equals(other.headers)
                && Arrays.equals(body, other.body);
    }

    static Response problem(int status, String title) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/problem+json");
        if (status == 409) {
            headers.put("Retry-After", "1");
        }
        String body = "{\"status\":" + status + ",\"title\":\"" + title + "\"}";
        return new Response(status, headers, body.getBytes(UTF_8));
    }
}

/** Brings about the effect that must happen once. */
@FunctionalInterface
interface Work {
    Response run(Request request) throws Exception;
}

/** Remembers claims and answers; a database table can be one as well. */
interface Store {
    Entry claim(Entry entry, Instant now);
}

/** The lease ran out, and another attempt took over. */
final class ClaimLostException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ClaimLostException(String key) {
        super(key);
    }
}

// --8<-- [start:show]
record Entry(
        Key key,
        String fingerprint,
        Instant expires, // end of the lease, or of the answer
        Optional<Response> response, // none while the work runs
        UUID owner) { // this one attempt
    Entry until(Instant expires, Optional<Response> response) {
        return new Entry(key, fingerprint, expires, response, owner);
    }
}

final class MemoryStore implements Store {
    final Map<Key, Entry> entries = new ConcurrentHashMap<>();

    /** Puts the entry unless another owner's is alive; returns the one there now. */
    @Override
    public Entry claim(Entry entry, Instant now) {
        return entries.merge(entry.key(), entry, (held, mine) -> { // one atomic step
            boolean alive = held.expires().isAfter(now);
            return alive && !held.owner().equals(mine.owner()) ? held : mine;
        });
    }
}

record Idempotency(Store store, Clock clock) {
    Response handle(Request request, Work work) throws Exception {
        if (request.key().isEmpty() || request.key().length() > Main.MAX_KEY) {
            return Response.problem(400, "Idempotency-Key is missing or too long");
        }
        Instant now = clock.instant();
        Entry mine = new Entry(request.scoped(), request.fingerprint(),
                now.plus(Main.LEASE), Optional.empty(), UUID.randomUUID());
        Entry held = store.claim(mine, now); // before the work, not after
        if (!held.fingerprint().equals(mine.fingerprint())) {
            return Response.problem(422, "key used for another request");
        }
        if (held.response().isPresent()) {
            return held.response().get();
        }
        if (!held.owner().equals(mine.owner())) {
            return Response.problem(409, "the first is still running");
        }
        // After a 5xx or exception the work is rolled back: free the key for a retry.
        Entry last = mine.until(now, Optional.empty());
        Response response;
        try {
            response = work.run(request);
            if (response.status() < 500) {
                Instant kept = clock.instant().plus(Main.KEEP);
                last = mine.until(kept, Optional.of(response));
            }
        } finally {
            held = store.claim(last, clock.instant());
        }
        if (!held.owner().equals(mine.owner())) {
            throw new ClaimLostException(request.key());
        }
        return response;
    }
}
// --8<-- [end:show]

/** A clock that moves only when it is told to. */
final class ManualClock extends Clock {
    private volatile Instant now = Instant.EPOCH;

    void advance(Duration step) {
        now = now.plus(step);
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

/** Counts the charges, the effect that must happen once. */
final class Ledger {
    private static final Pattern PAYMENT = Pattern.compile("\\{\"cents\":(\\d{1,9})}");
    private final AtomicInteger count = new AtomicInteger();

    int count() {
        return count.get();
    }

    Response charge(Request request) {
        Matcher payment = PAYMENT.matcher(new String(request.body(), UTF_8));
        if (!payment.matches()) {
            return Response.problem(400, "send the cents only");
        }
        int id = count.incrementAndGet();
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/json");
        headers.put("Location", "/charges/" + id);
        String body = "{\"id\":" + id + ",\"cents\":" + payment.group(1) + "}";
        return new Response(201, headers, body.getBytes(UTF_8));
    }
}

/** Thrown in place of an effect. */
final class CardNetworkException extends Exception {
    private static final long serialVersionUID = 1L;
}

public final class Main {
    // Longer than the timeout of the work. Against a process that freezes just before
    // its effect only a transaction of both effect and answer helps: example.sql.
    static final Duration LEASE = Duration.ofSeconds(30);
    static final Duration KEEP = Duration.ofDays(1);
    static final int MAX_KEY = 255; // characters

    private static final Duration TICK = Duration.ofMillis(1);

    private final ManualClock clock = new ManualClock();
    private final MemoryStore store = new MemoryStore();
    private final Ledger ledger = new Ledger();
    private final Idempotency payments = new Idempotency(store, clock);

    /** Forgets what has expired, on a timer: claim replaces only its own key. */
    static void purge(MemoryStore store, Instant now) {
        store.entries.values().removeIf(held -> !held.expires().isAfter(now));
    }

    private static Request payment(String caller, String key, int cents) {
        byte[] body = ("{\"cents\":" + cents + "}").getBytes(UTF_8);
        return new Request(caller, key, "POST", "/charges", body);
    }

    private static Request payment(String key) {
        return payment("ada", key, 1999);
    }

    private static String padded(String text, int width) {
        return text + " ".repeat(width - text.length());
    }

    private void row(String label, String answer) {
        String charges = " ".repeat(6) + ledger.count();
        System.out.println(padded(label, 46) + padded(answer, 20) + charges);
    }

    private Response send(String label, Request request, Work work) throws Exception {
        Response response = payments.handle(request, work);
        row(label, String.valueOf(response.status()));
        return response;
    }

    private Response send(String label, Request request) throws Exception {
        return send(label, request, ledger::charge);
    }

    private void retry(String label, Request request, Response first) throws Exception {
        Response again = payments.handle(request, ledger::charge);
        String verdict = again.identical(first) ? "identical" : "different";
        row(label, again.status() + ", " + verdict);
    }

    private void replays() throws Exception {
        Response first = send("first request", payment("k-1"));
        retry("retry", payment("k-1"), first);
        send("same key, other amount", payment("ada", "k-1", 9999));
        send("same key, other caller", payment("ben", "k-1", 1999));
        send("no key", payment(""));
    }

    private void failures() throws Exception {
        send("  the answer of that first", payment("k-2"), request -> {
            send("during the first, an identical request", payment("k-2"));
            send("during the first, another amount", payment("ada", "k-2", 9999));
            return ledger.charge(request);
        });

        Response down = Response.problem(503, "the card network is down");
        send("card network is down, claim released", payment("k-3"), request -> down);
        send("  retry", payment("k-3"));
        try {
            send("", payment("k-4"), request -> {
                throw new CardNetworkException();
            });
        } catch (CardNetworkException expected) {
            row("handler fails, claim released", "exception");
        }
        send("  retry", payment("k-4"));
    }

    private void takeover() throws Exception {
        Request request = payment("k-5");
        Instant start = clock.instant();
        Entry frozen = new Entry(request.scoped(), request.fingerprint(),
                start.plus(LEASE), Optional.empty(), UUID.randomUUID());
        store.claim(frozen, start);
        row("process freezes after its claim", "");
        clock.advance(LEASE.minus(TICK));
        send("  retry 29999 ms later, lease runs", request);
        clock.advance(TICK);
        Response taken = send("  retry 30000 ms later, lease is over", request);
        Instant now = clock.instant();
        Response gone = Response.problem(410, "late");
        Entry late = frozen.until(now.plus(KEEP), Optional.of(gone));
        boolean stored = store.claim(late, now).equals(late);
        row("  process goes on, answer stored", stored ? "yes" : "refused");
        retry("  retry", request, taken);
    }

    /** Sends 50 identical requests; the charge waits until 49 have their answer. */
    private void crowd() throws Exception {
        CountDownLatch refused = new CountDownLatch(49);
        List<Response> answers = together(request -> {
            if (!refused.await(10, TimeUnit.SECONDS)) {
                throw new TimeoutException("the others got no answer");
            }
            return ledger.charge(request);
        }, refused::countDown);
        row("50 identical requests at once", count(answers));
        List<Response> retried = together(ledger::charge, () -> {});
        long distinct = retried.stream()
                .map(each -> each.headers() + new String(each.body(), UTF_8))
                .distinct()
                .count();
        row("all 50 retry", count(retried) + ", " + distinct + " distinct");
    }

    private List<Response> together(Work work, Runnable answered) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(50);
        try {
            Callable<Response> call = () -> {
                Response response = payments.handle(payment("k-6"), work);
                answered.run();
                return response;
            };
            List<Response> answers = new ArrayList<>();
            var calls = pool.invokeAll(Collections.nCopies(50, call));
            for (Future<Response> each : calls) {
                answers.add(each.get());
            }
            return answers;
        } finally {
            pool.shutdown();
        }
    }

    private static String count(List<Response> answers) {
        Map<Integer, Integer> statuses = new TreeMap<>();
        answers.forEach(each -> statuses.merge(each.status(), 1, Integer::sum));
        return statuses.entrySet().stream()
                .map(each -> each.getValue() + " x " + each.getKey())
                .collect(Collectors.joining(", "));
    }

    private void expiry() throws Exception {
        clock.advance(KEEP.minus(TICK));
        send("retry when the answer is nearly a day old", payment("k-6"));
        clock.advance(TICK);
        send("retry a day after the answer: a new request", payment("k-6"));
        int before = store.entries.size();
        purge(store, clock.instant());
        row("purge, entries before and after", before + ", " + store.entries.size());
    }

    public static void main(String[] args) throws Exception {
        System.out.println(padded("", 46) + padded("answer", 20) + "charges");
        Main story = new Main();
        story.replays();
        story.failures();
        story.takeover();
        story.crowd();
        story.expiry();
    }
}
