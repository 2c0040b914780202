import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.function.Supplier;

/** At most {@code limit} requests in {@code window} milliseconds. */
record Rate(long limit, long window) {
    Rate {
        if (limit < 1 || limit > 1_000_000 || window < 1 || window > 86_400_000) {
            throw new IllegalArgumentException(
                    "limit must be 1 to 1000000, window 1 ms to 1 day");
        }
    }
}

/** The time until a retry can pass; zero if the request is allowed. */
record Decision(boolean allowed, Duration delay) {}

/** What a limiter remembers of one key. */
interface Meter {
    /** Counts a request and returns 0, or only returns the milliseconds to wait. */
    long take(Rate rate, long now);
}

/** Counts anew in each window of the clock. */
final class FixedWindow implements Meter {
    private long start;
    private long used;

    @Override
    public long take(Rate rate, long now) {
        long current = now - now % rate.window();
        if (current != start) {
            start = current;
            used = 0;
        }
        if (used == rate.limit()) {
            return start + rate.window() - now;
        }
        used++;
        return 0;
    }
}

/** The meters of the keys that were used lately: within one to two windows. */
final class Recent {
    private final long window; // milliseconds
    private final Supplier<Meter> newMeter;
    private Map<String, Meter> young = new HashMap<>();
    private Map<String, Meter> old = new HashMap<>();
    private long turned;

    Recent(long window, Supplier<Meter> newMeter) {
        this.window = window;
        this.newMeter = newMeter;
    }

    Meter get(String key, long now) {
        if (now - turned >= window) {
            old = young;
            young = new HashMap<>();
            turned = now;
        }
        Meter known = old.remove(key);
        return young.computeIfAbsent(
                key, absent -> known != null ? known : newMeter.get());
    }

    int size() {
        return young.size() + old.size();
    }
}

// --8<-- [start:show]
/** Remembers when each accepted request came, for one window. */
final class SlidingLog implements Meter {
    private final Deque<Long> times = new ArrayDeque<>(); // never more than the limit

    @Override
    public long take(Rate rate, long now) {
        while (!times.isEmpty() && times.peekFirst() <= now - rate.window()) {
            times.removeFirst();
        }
        if (times.size() == rate.limit()) {
            return times.peekFirst() + rate.window() - now;
        }
        times.addLast(now);
        return 0;
    }
}

/** Holds {@code limit} tokens and refills over one window. */
final class TokenBucket implements Meter {
    // A token is window drops and each millisecond adds limit drops, so that
    // whole numbers suffice. Kept is how many are missing: none in a new bucket.
    private long missing;
    private long updated;

    @Override
    public long take(Rate rate, long now) {
        long refill = (now - updated) * rate.limit();
        missing = Math.max(missing - refill, 0);
        updated = now;
        long lacking = missing + rate.window() - rate.limit() * rate.window();
        if (lacking > 0) {
            return (lacking + rate.limit() - 1) / rate.limit(); // rounded up
        }
        missing += rate.window();
        return 0;
    }
}

/** Decides for each key on its own. */
final class Limiter {
    private final Rate rate;
    final Recent meters;
    private long latest; // milliseconds

    Limiter(Rate rate, Supplier<Meter> newMeter) {
        this.rate = rate;
        this.meters = new Recent(rate.window(), newMeter);
    }

    // Synchronized: read, decide and write are one step.
    synchronized Decision allow(String key, Instant now) {
        // Threads overtake each other between the clock and the lock.
        latest = Math.max(now.toEpochMilli(), latest);
        // A meter unused for a whole window is as good as new, and dropped.
        Meter meter = meters.get(key, latest);
        long wait = meter.take(rate, latest);
        return new Decision(wait == 0, Duration.ofMillis(wait));
    }
}
// --8<-- [end:show]

public final class Main {
    private static final Rate RATE = new Rate(20, 10_000);
    private static final Map<String, Supplier<Meter>> METERS = new LinkedHashMap<>();
    private static final int BURST = 24; // requests, 20 ms apart
    private static final long LAST_OF_BURST = 10_460; // milliseconds
    private static final List<Long> TRAFFIC = new ArrayList<>();

    static {
        METERS.put("fixed window", FixedWindow::new);
        METERS.put("sliding log", SlidingLog::new);
        METERS.put("token bucket", TokenBucket::new);
        for (long start : new long[] {9_500, 10_000}) {
            for (int each = 0; each < BURST; each++) {
                TRAFFIC.add(start + 20 * each);
            }
        }
        for (long now = 11_000; now < 21_000; now += 250) {
            TRAFFIC.add(now);
        }
    }

    private static List<Limiter> limiters() {
        return METERS.values().stream()
                .map(newMeter -> new Limiter(RATE, newMeter))
                .toList();
    }

    private static void row(String label, List<?> cells) {
        StringBuilder line = new StringBuilder(label + " ".repeat(36 - label.length()));
        cells.forEach(cell -> line.append(right(cell, 14)));
        System.out.println(line);
    }

    private static String right(Object cell, int width) {
        String text = cell.toString();
        return " ".repeat(width - text.length()) + text;
    }

    private static long inSecond(long second, List<Long> times) {
        return times.stream().filter(at -> at / 1000 == second).count();
    }

    /** The largest number of times within {@code span} milliseconds. */
    private static long mostInAny(long span, List<Long> times) {
        return times.stream()
                .mapToLong(first -> times.stream()
                        .filter(at -> at >= first && at < first + span)
                        .count())
                .max()
                .orElse(0);
    }

    private static void replay() {
        List<Limiter> limiters = limiters();
        List<List<Long>> accepted = new ArrayList<>();
        for (Limiter limiter : limiters) {
            List<Long> passed = new ArrayList<>();
            for (long now : TRAFFIC) {
                if (limiter.allow("ada", Instant.ofEpochMilli(now)).allowed()) {
                    passed.add(now);
                }
            }
            accepted.add(passed);
        }

        row("20 requests in 10 s", List.copyOf(METERS.keySet()));
        for (int second = 9; second <= 20; second++) {
            long current = second;
            long sent = inSecond(current, TRAFFIC);
            List<String> cells = accepted.stream()
                    .map(times -> inSecond(current, times))
                    .map(passed -> passed + "/" + (sent - passed))
                    .toList();
            String of = ": accepted/rejected of " + right(sent, 2);
            row("second " + right(second, 2) + of, cells);
        }
        for (int seconds : new int[] {1, 10}) {
            long span = seconds * 1000L;
            List<Long> most =
                    accepted.stream().map(times -> mostInAny(span, times)).toList();
            row("most accepted in any " + seconds + " s", most);
        }
    }

    private record Retry(Duration delay, boolean early, boolean again) {
        long millis() {
            return delay.toMillis();
        }

        /** Rounded up, or the retry is too early. */
        long retryAfter() {
            return delay.plusMillis(999).toSeconds();
        }
    }

    /** Lets the last request of the burst be rejected, and comes back as told. */
    private static void retry() {
        List<Retry> results = new ArrayList<>();
        for (Limiter limiter : limiters()) {
            Duration delay = Duration.ZERO;
            for (long now : TRAFFIC) {
                if (now <= LAST_OF_BURST) {
                    delay = limiter.allow("ada", Instant.ofEpochMilli(now)).delay();
                }
            }
            Instant onTime = Instant.ofEpochMilli(LAST_OF_BURST).plus(delay);
            boolean early = limiter.allow("ada", onTime.minusMillis(1)).allowed();
            boolean again = limiter.allow("ada", onTime).allowed();
            results.add(new Retry(delay, early, again));
        }
        column("rejected at 10.460 s: wait in ms", results, Retry::millis);
        column("  Retry-After in seconds", results, Retry::retryAfter);
        column("  retry 1 ms too early passes", results, each -> yesNo(each.early()));
        column("  retry after that wait passes", results, each -> yesNo(each.again()));
    }

    private static void column(String label, List<Retry> all, Function<Retry, ?> cell) {
        row(label, all.stream().map(cell).toList());
    }

    private static String yesNo(boolean value) {
        return value ? "yes" : "no";
    }

    private static void crowd() throws Exception {
        List<Long> accepted = new ArrayList<>();
        var pool = Executors.newFixedThreadPool(8);
        try {
            for (Limiter limiter : limiters()) {
                Callable<Decision> call = () -> limiter.allow("ada", Instant.EPOCH);
                var calls = pool.invokeAll(Collections.nCopies(800, call));
                long passed = 0;
                for (Future<Decision> each : calls) {
                    passed += each.get().allowed() ? 1 : 0;
                }
                accepted.add(passed);
            }
        } finally {
            pool.shutdown();
        }
        row("accepted of 800 concurrent requests", accepted);
    }

    private static void idle() {
        List<Integer> before = new ArrayList<>();
        List<Integer> after = new ArrayList<>();
        for (Limiter limiter : limiters()) {
            for (int number = 0; number < 10_000; number++) {
                limiter.allow("caller-" + number, Instant.EPOCH);
            }
            before.add(limiter.meters.size());
            for (int turn = 1; turn <= 2; turn++) {
                limiter.allow("ada", Instant.EPOCH.plusMillis(turn * RATE.window()));
            }
            after.add(limiter.meters.size());
        }
        row("keys kept after 10000 callers", before);
        row("keys kept two windows later", after);
    }

    public static void main(String[] args) throws Exception {
        replay();
        retry();
        crowd();
        idle();
    }
}
