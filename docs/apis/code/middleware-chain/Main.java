import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

record Request(String path, Map<String, String> headers) {}

record Response(int status) {}

interface Handler {
    Response handle(Request request) throws Exception;
}

interface Middleware {
    Handler around(Handler inner);
}

/** What a request inherits from its caller, or starts itself. */
record Trace(String id, String flags) {
    private static final Pattern FORM = Pattern.compile(
            "([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?");

    /** Accepts exactly what W3C Trace Context allows; empty starts a new trace. */
    static Optional<Trace> parse(String traceparent) {
        Matcher match = FORM.matcher(traceparent);
        if (!match.matches() || match.group(1).equals("ff")) {
            return Optional.empty();
        }
        boolean extra = match.group(1).equals("00") && match.group(5) != null;
        boolean zero = match.group(2).matches("0+") || match.group(3).matches("0+");
        if (extra || zero) {
            return Optional.empty();
        }
        int sampled = Integer.parseInt(match.group(4), 16) & 1;
        return Optional.of(new Trace(match.group(2), "0" + sampled));
    }
}

/** One line of the log, as a collector would see it. */
record Line(String trace, String message) {}

/** Milliseconds that pass only when somebody works. */
final class FakeClock {
    private int now;

    synchronized int now() {
        return now;
    }

    synchronized void work(int milliseconds) {
        now += milliseconds;
    }
}

/** Random ids, here a counter. */
final class Ids {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private Ids() {}

    static String next(int digits) {
        return String.format("%0" + digits + "x", NUMBER.incrementAndGet());
    }
}

// --8<-- [start:show]
final class Pipeline {
    static final ThreadLocal<Trace> CURRENT = new ThreadLocal<>();
    static final FakeClock CLOCK = new FakeClock();
    static final List<Line> LINES = Collections.synchronizedList(new ArrayList<>());

    static void log(String message) {
        Trace trace = CURRENT.get();
        String id = trace == null ? "no id" : trace.id().substring(0, 8);
        LINES.add(new Line(id, message));
    }

    static Handler requestId(Handler inner) {
        return request -> {
            String received = request.headers().getOrDefault("traceparent", "");
            CURRENT.set(Trace.parse(received)
                    .orElseGet(() -> new Trace(Ids.next(32), "01")));
            try {
                return inner.handle(request);
            } finally {
                CURRENT.remove(); // the thread goes back to a pool
            }
        };
    }

    static Handler timing(Handler inner) {
        return request -> {
            int started = CLOCK.now();
            Response response = inner.handle(request);
            log(response.status() + " in " + (CLOCK.now() - started) + " ms");
            return response;
        };
    }

    static Handler recovery(Handler inner) {
        return request -> {
            try {
                return inner.handle(request);
            } catch (Exception error) {
                log("crash: " + error.getMessage());
                return new Response(500);
            }
        };
    }

    static Handler chain(Handler handler, List<Middleware> middlewares) {
        for (int i = middlewares.size() - 1; i >= 0; i--) {
            handler = middlewares.get(i).around(handler); // the first is outermost
        }
        return handler;
    }

    private Pipeline() {}
}

// --8<-- [end:show]

/** Runs the same requests through differently ordered chains. */
public final class Main {
    private static final String TOKEN = "sample-token";
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String CALLER = "00f067aa0ba902b7";
    private static final Middleware ID = Pipeline::requestId;
    private static final Middleware TIMING = Pipeline::timing;
    private static final Middleware RECOVERY = Pipeline::recovery;
    private static final Middleware GUARD = Main::guard;

    private static volatile String shared = "no id"; // the tempting static field

    private record Order(String label, List<Middleware> middlewares) {}

    private Main() {}

    private static Handler guard(Handler inner) {
        byte[] expected = ("Bearer " + TOKEN).getBytes(StandardCharsets.UTF_8);
        return request -> {
            String sent = request.headers().getOrDefault("authorization", "");
            byte[] bytes = sent.getBytes(StandardCharsets.UTF_8);
            if (!MessageDigest.isEqual(bytes, expected)) {
                return new Response(401);
            }
            return inner.handle(request);
        };
    }

    /** The header of an outgoing call: same trace, new parent id. */
    private static String childTraceparent() {
        Trace trace = Pipeline.CURRENT.get();
        if (trace == null) {
            throw new IllegalStateException("outgoing call outside a request");
        }
        return "00-" + trace.id() + "-" + Ids.next(16) + "-" + trace.flags();
    }

    private static Response send(Handler app, String path, String traceparent)
            throws Exception {
        return app.handle(new Request(path, Map.of("traceparent", traceparent)));
    }

    private static String found(String kind) {
        for (Line line : List.copyOf(Pipeline.LINES)) {
            if (line.message().startsWith("crash") == kind.equals("crash")) {
                return kind.equals("crash")
                        ? line.trace()
                        : line.trace() + " " + line.message();
            }
        }
        return "none";
    }

    private static Response crashing(Request request) {
        Pipeline.CLOCK.work(7);
        throw new ArithmeticException("divide by zero");
    }

    private static void orders() throws Exception {
        System.out.println(
                "order, from the outside in        answer  crash log  access log");
        for (Order order : List.of(
                new Order("id > timing > recovery", List.of(ID, TIMING, RECOVERY)),
                new Order("id > recovery > timing", List.of(ID, RECOVERY, TIMING)),
                new Order("recovery > id > timing", List.of(RECOVERY, ID, TIMING)),
                new Order("id > timing > guard", List.of(ID, TIMING, GUARD)),
                new Order("guard > id > timing", List.of(GUARD, ID, TIMING)))) {
            Pipeline.LINES.clear();
            Handler app = Pipeline.chain(Main::crashing, order.middlewares());
            Response answer = send(app, "/crash", "00-" + TRACE + "-" + CALLER + "-01");
            System.out.printf("  %-32s%-8d%-11s%s%n", order.label(),
                    answer.status(), found("crash"), found("access"));
        }
    }

    private static void note(String message) {
        Pipeline.log(message);
        Line last = Pipeline.LINES.get(Pipeline.LINES.size() - 1);
        System.out.printf("  %-32s%-9s%s%n", message, shared, last.trace());
    }

    private static void await(CountDownLatch latch) throws Exception {
        if (!latch.await(5, TimeUnit.SECONDS)) {
            throw new TimeoutException("the other request did not come");
        }
    }

    private static void interleaved() throws Exception {
        System.out.println(
                "\ntwo requests, interleaved         global   request scope");
        CountDownLatch aWaits = new CountDownLatch(1);
        CountDownLatch bDone = new CountDownLatch(1);
        Handler cart = request -> {
            String name = request.path().substring(1);
            shared = Pipeline.CURRENT.get().id().substring(0, 8);
            note(name + " loads the cart");
            if (name.equals("A")) {
                aWaits.countDown();
                await(bDone);
            }
            note(name + " charges the card");
            return new Response(200);
        };
        Handler app = Pipeline.chain(cart, List.of(ID));
        String first = "00-" + "a".repeat(32) + "-" + CALLER + "-01";
        String second = "00-" + "b".repeat(32) + "-" + CALLER + "-01";
        ExecutorService pool = Executors.newFixedThreadPool(2);
        try {
            Future<Response> a = pool.submit(() -> send(app, "/A", first));
            await(aWaits);
            pool.submit(() -> send(app, "/B", second)).get(5, TimeUnit.SECONDS);
            bDone.countDown();
            a.get(5, TimeUnit.SECONDS);
            pool.submit(() -> note("after both")).get(5, TimeUnit.SECONDS);
        } finally {
            pool.shutdownNow();
        }
    }

    private static void traceparents() throws Exception {
        System.out.println("\ntraceparent     trace sent on");
        String zero = "0".repeat(32);
        String upper = TRACE.toUpperCase(Locale.ROOT);
        String[] sent = {""};
        Handler price = request -> {
            sent[0] = childTraceparent();
            return new Response(200);
        };
        Handler app = Pipeline.chain(price, List.of(ID));
        for (List<String> row : List.of(
                List.of("valid", "00-" + TRACE + "-" + CALLER + "-01"),
                List.of("later version", "cc-" + TRACE + "-" + CALLER + "-01-more"),
                List.of("none", ""),
                List.of("zero trace", "00-" + zero + "-" + CALLER + "-01"),
                List.of("upper case", "00-" + upper + "-" + CALLER + "-01"),
                List.of("version ff", "ff-" + TRACE + "-" + CALLER + "-01"))) {
            send(app, "/price", row.get(1));
            String kept = sent[0].contains(TRACE) ? "kept" : "new";
            System.out.printf("  %-14s%-6s%s%n", row.get(0), kept, sent[0]);
        }
    }

    public static void main(String[] args) throws Exception {
        orders();
        interleaved();
        traceparents();
    }
}
