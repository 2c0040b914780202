import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** A bounded cache: least recently used out first, expiry, one load per key. */
public final class Main {
    private static final Map<String, Integer> UNREAD =
            Map.of("ada", 7, "ben", 0, "cleo", 4);
    private static final Map<String, String> NICKNAMES = Map.of("ada", "");
    private static final Policy POLICY =
            new Policy(
                    2,
                    Duration.ofSeconds(60),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(5));
    private static final DoubleSupplier NO_JITTER = () -> 0;

    private record Step(int second, String key) {}

    /** Nanoseconds that pass only when told. */
    private static final class ManualClock implements LongSupplier {
        private final AtomicLong now = new AtomicLong();

        @Override
        public long getAsLong() {
            return now.get();
        }

        void set(int seconds) {
            now.set(TimeUnit.SECONDS.toNanos(seconds));
        }
    }

    /** A small generator, the same in every language. */
    private static final class Mulberry32 implements DoubleSupplier {
        private int state;

        Mulberry32(int seed) {
            state = seed;
        }

        @Override
        public double getAsDouble() {
            state += 0x6D2B79F5;
            int t = (state ^ state >>> 15) * (state | 1);
            t ^= t + (t ^ t >>> 7) * (t | 61);
            return Integer.toUnsignedLong(t ^ t >>> 14) / (double) (1L << 32);
        }
    }

    private static final class Unavailable extends RuntimeException {
        private static final long serialVersionUID = 1;

        Unavailable() {
            super("source unavailable");
        }
    }

    /** Where values come from; counts its loads and can hold or fail them. */
    private static final class Source<V> {
        private final Map<String, V> rows;
        private final AtomicInteger loads = new AtomicInteger();
        private volatile boolean failing;
        private volatile CountDownLatch gate = new CountDownLatch(0);

        Source(Map<String, V> rows) {
            this.rows = rows;
        }

        Optional<V> load(String key) {
            loads.incrementAndGet();
            try {
                if (!gate.await(10, TimeUnit.SECONDS)) {
                    throw new IllegalStateException("the gate stayed closed");
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CompletionException(e);
            }
            if (failing) {
                throw new Unavailable();
            }
            return Optional.ofNullable(rows.get(key));
        }

        /** The next load waits for this gate to open. */
        CountDownLatch hold(boolean thenFail) {
            failing = thenFail;
            gate = new CountDownLatch(1);
            return gate;
        }

        int takeLoads() {
            return loads.getAndSet(0);
        }
    }

    private final ExecutorService callers = Executors.newFixedThreadPool(4);
    private final ExecutorService loaders = Executors.newFixedThreadPool(2);

    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    private static String shown(Optional<?> value) {
        return value.map(v -> v instanceof String s ? '"' + s + '"' : v.toString())
                .orElse("not found");
    }

    private <V> Cache<V> cacheOf(Source<V> source) {
        return new Cache<>(source::load, loaders, POLICY, new ManualClock(), NO_JITTER);
    }

    private void sequence() {
        print("at most 2 entries; a value lives 60 s, \"not found\" 5 s");
        print("time  get   answer     from  kept, least recently used first");
        var clock = new ManualClock();
        var source = new Source<>(UNREAD);
        var cache = new Cache<>(source::load, loaders, POLICY, clock, NO_JITTER);
        var steps =
                List.of(
                        new Step(0, "ada"),
                        new Step(0, "ben"),
                        new Step(0, "ada"),
                        new Step(0, "cleo"),
                        new Step(0, "ada"),
                        new Step(0, "dan"),
                        new Step(4, "dan"),
                        new Step(5, "dan"),
                        new Step(59, "ada"),
                        new Step(60, "ada"));
        for (Step step : steps) {
            clock.set(step.second());
            String answer = shown(cache.get(step.key()).join());
            String from = source.takeLoads() == 0 ? "hit" : "load";
            String kept = String.join(" ", cache.keys());
            print("%2d s  %-6s%-11s%-6s%s",
                    step.second(), step.key(), answer, from, kept);
        }
    }

    /** Starts callers on several threads; all hold a future when this returns. */
    private List<CompletableFuture<Optional<Integer>>> ask(
            Cache<Integer> cache, int count) throws Exception {
        Callable<CompletableFuture<Optional<Integer>>> caller = () -> cache.get("ada");
        var asked = callers.invokeAll(Collections.nCopies(count, caller));
        var answers = new ArrayList<CompletableFuture<Optional<Integer>>>();
        for (Future<CompletableFuture<Optional<Integer>>> each : asked) {
            answers.add(each.get());
        }
        return answers;
    }

    private static String outcome(CompletableFuture<Optional<Integer>> answer) {
        try {
            return "got " + shown(answer.join());
        } catch (CancellationException e) {
            return "canceled";
        } catch (CompletionException e) {
            if (e.getCause() instanceof Unavailable) {
                return "error";
            }
            throw e;
        }
    }

    private static long count(
            List<CompletableFuture<Optional<Integer>>> answers, String outcome) {
        return answers.stream().map(Main::outcome).filter(outcome::equals).count();
    }

    private void atOnce() throws Exception {
        print("\nat once                        loads  outcome");
        var source = new Source<>(UNREAD);
        var cache = cacheOf(source);

        CountDownLatch gate = source.hold(true);
        var answers = ask(cache, 100);
        gate.countDown();
        long errors = count(answers, "error");
        int loads = source.takeLoads();
        print("100 callers, the load fails    %5d  %d errors", loads, errors);

        gate = source.hold(false);
        answers = ask(cache, 100);
        gate.countDown();
        long got = count(answers, "got 7");
        loads = source.takeLoads();
        print("100 callers after the failure  %5d  %d got 7", loads, got);

        cache = cacheOf(source);
        gate = source.hold(false);
        answers = ask(cache, 3);
        answers.get(0).cancel(true);
        gate.countDown();
        long canceled = count(answers, "canceled");
        got = count(answers, "got 7");
        loads = source.takeLoads();
        print("3 callers, the first gives up  %5d  %d canceled, %d got 7",
                loads, canceled, got);
    }

    private <V> void threeReads(
            String label, Map<String, V> rows, String key, V empty) {
        var source = new Source<>(rows);
        var kept = new HashMap<String, V>();
        for (int read = 1; read <= 3; read++) {
            // The bug: empty is taken for absent.
            if (kept.getOrDefault(key, empty).equals(empty)) {
                kept.put(key, source.load(key).orElse(empty));
            }
        }
        int mistaken = source.takeLoads();
        var cache = cacheOf(source);
        cache.get(key).join();
        cache.get(key).join();
        String answer = shown(cache.get(key).join());
        print("%-19s%-18s%-17d%d", label, answer, mistaken, source.takeLoads());
    }

    private void expiry(String label, DoubleSupplier random) {
        var rows = new HashMap<String, Integer>();
        for (int n = 0; n < 1000; n++) {
            rows.put("key " + n, n);
        }
        var clock = new ManualClock();
        var source = new Source<>(rows);
        var policy =
                new Policy(
                        rows.size(),
                        POLICY.ttl(),
                        POLICY.missingTtl(),
                        POLICY.loadTimeout());
        var cache = new Cache<>(source::load, loaders, policy, clock, random);
        var counts = new ArrayList<String>();
        for (int second : new int[] {0, 55, 56, 57, 58, 59, 60}) {
            clock.set(second);
            for (int n = 0; n < 1000; n++) {
                cache.get("key " + n).join();
            }
            counts.add(second + " s: " + source.takeLoads());
        }
        print("%-9s  %s", label, String.join("  ", counts.subList(1, counts.size())));
    }

    private void run() throws Exception {
        try {
            sequence();
            atOnce();
            print("\nthree reads of     value      loads: empty is absent  this cache");
            threeReads("unread of ben", UNREAD, "ben", 0);
            threeReads("nickname of ada", NICKNAMES, "ada", "");
            threeReads("unread of dan", UNREAD, "dan", 0);
            print("\n1,000 values stored at 0 s, all read every second:"
                    + " loads in each second");
            expiry("no jitter", NO_JITTER);
            expiry("jitter", new Mulberry32(42));
        } finally {
            callers.shutdown();
            loaders.shutdown();
        }
    }

    public static void main(String[] args) throws Exception {
        new Main().run();
    }
}

record Policy(int capacity, Duration ttl, Duration missingTtl, Duration loadTimeout) {}

/** An empty value says: the source has no such key. */
record Entry<V>(Optional<V> value, long expires) {}

// --8<-- [start:show]
/** Asks {@code load} for what it does not hold. */
final class Cache<V> {
    private final Function<String, Optional<V>> load;
    private final Executor executor;
    private final Policy policy;
    private final LongSupplier nanoTime; // System::nanoTime
    private final DoubleSupplier random; // from 0 to below 1
    // In order of access, the least recently used first: reading changes it too.
    private final Map<String, Entry<V>> entries = new LinkedHashMap<>(16, 0.75f, true);
    private final Map<String, CompletableFuture<Optional<V>>> loads = new HashMap<>();

    Cache(Function<String, Optional<V>> load, Executor executor, Policy policy,
            LongSupplier nanoTime, DoubleSupplier random) {
        this.load = load;
        this.executor = executor;
        this.policy = policy;
        this.nanoTime = nanoTime;
        this.random = random;
    }

    synchronized CompletableFuture<Optional<V>> get(String key) {
        Entry<V> entry = entries.get(key);
        // Ask whether there is an entry, never whether its value is empty.
        if (entry != null && nanoTime.getAsLong() - entry.expires() < 0) {
            return CompletableFuture.completedFuture(entry.value());
        }
        CompletableFuture<Optional<V>> flight = loads.get(key);
        if (flight == null) {
            flight = CompletableFuture.supplyAsync(() -> load.apply(key), executor)
                    .orTimeout(policy.loadTimeout().toNanos(), TimeUnit.NANOSECONDS)
                    .whenComplete((value, error) -> keep(key, value, error));
            if (!flight.isDone()) { // done: the executor runs in this thread
                loads.put(key, flight);
            }
        }
        // A caller that gives up cancels its copy, not the load of the others.
        return flight.copy();
    }

    private synchronized void keep(String key, Optional<V> value, Throwable error) {
        loads.remove(key);
        if (error != null) {
            return; // not kept: the next caller tries again
        }
        long ttl = (value.isPresent() ? policy.ttl() : policy.missingTtl()).toNanos();
        ttl -= (long) (random.getAsDouble() * ttl / 10); // not all expire together
        entries.put(key, new Entry<>(value, nanoTime.getAsLong() + ttl));
        if (entries.size() > policy.capacity()) {
            entries.remove(entries.keySet().iterator().next());
        }
    }

    /** The least recently used first. */
    synchronized List<String> keys() {
        return List.copyOf(entries.keySet());
    }
}

// --8<-- [end:show]
