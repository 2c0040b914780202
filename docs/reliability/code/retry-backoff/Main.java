import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;
import java.util.function.LongSupplier;

/** Retries that wait, stop in time and do not make an outage worse. */
public final class Main {
    /** Nanoseconds that pass only by sleeping. */
    private static final class ManualClock implements LongSupplier, Sleeper {
        private final List<Duration> waits = new ArrayList<>();
        private long now;

        @Override
        public long getAsLong() {
            return now;
        }

        @Override
        public void sleep(Duration wait) {
            now += wait.toNanos();
            waits.add(wait);
        }

        long in(Duration span) {
            return now + span.toNanos();
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

    private static final DoubleSupplier ALWAYS_CEILING = () -> 1;

    /** Gives its answers in order, the last one for ever. */
    private static final class Server implements Send<String> {
        private final List<Optional<CallException>> answers;
        private int received;

        Server(List<Optional<CallException>> answers) {
            this.answers = answers;
        }

        @Override
        public String send(Duration timeout) throws CallException {
            var answer = answers.get(Math.min(received, answers.size() - 1));
            received++;
            if (answer.isPresent()) {
                throw answer.get();
            }
            return "ok";
        }
    }

    private static final Policy POLICY =
            new Policy(
                    4,
                    Duration.ofSeconds(2),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(8));
    private static final Optional<CallException> OK = Optional.empty();
    private static final Optional<CallException> DOWN = status(503, 0);
    private static final Optional<CallException> LOST =
            Optional.of(new RetryableException("connection lost", Duration.ZERO));

    private static Optional<CallException> status(int status, int retryAfterSeconds) {
        String reason = Integer.toString(status);
        if (!Set.of(429, 502, 503, 504).contains(status)) {
            return Optional.of(new CallException(reason));
        }
        var retryAfter = Duration.ofSeconds(retryAfterSeconds);
        return Optional.of(new RetryableException(reason, retryAfter));
    }

    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    private static Retrier build(ManualClock clock, Policy policy, int reserve) {
        return new Retrier(
                policy, new Budget(10, reserve), clock, clock, new Mulberry32(42));
    }

    private static String attempt(
            Retrier retrier, Server server, long deadline, boolean idempotent)
            throws InterruptedException {
        try {
            return retrier.call(server, deadline, idempotent);
        } catch (CallException e) {
            return e.getMessage();
        }
    }

    private static void waits() throws InterruptedException {
        print("exponential backoff with full jitter, base 500 ms, cap 8 s");
        var clock = new ManualClock();
        var policy = new Policy(7, POLICY.timeout(), POLICY.base(), POLICY.cap());
        var server = new Server(List.of(DOWN));
        var retrier = build(clock, policy, 10);
        attempt(retrier, server, clock.in(Duration.ofMinutes(1)), true);
        var ceilings = new StringBuilder();
        var slept = new StringBuilder();
        for (int retry = 0; retry < clock.waits.size(); retry++) {
            int ceiling = Math.min(8000, 500 << retry);
            ceilings.append(String.format(Locale.ROOT, "%7d", ceiling));
            long wait = clock.waits.get(retry).toMillis();
            slept.append(String.format(Locale.ROOT, "%7d", wait));
        }
        print("%-10s%s  ms", "ceiling", ceilings);
        print("%-10s%s  ms", "wait", slept);
    }

    private record Case(
            String label,
            List<Optional<CallException>> answers,
            Duration deadline,
            boolean idempotent,
            int reserve) {
        Case(String label, List<Optional<CallException>> answers) {
            this(label, answers, Duration.ofSeconds(10), true, 10);
        }
    }

    private static void cases() throws InterruptedException {
        print("\none call, at most 4 requests         sent  result           "
                + "waits, ms");
        var one = Duration.ofSeconds(1);
        var ten = Duration.ofSeconds(10);
        var soon = status(503, 2);
        var late = status(503, 30);
        var cases = new ArrayList<Case>();
        cases.add(new Case("works at the third", List.of(DOWN, LOST, OK)));
        cases.add(new Case("always 503", List.of(DOWN)));
        cases.add(new Case("404", List.of(status(404, 0))));
        String label = "connection lost, not idempotent";
        cases.add(new Case(label, List.of(LOST, OK), ten, false, 10));
        label = "always 503, deadline at 1 s";
        cases.add(new Case(label, List.of(DOWN), one, true, 10));
        cases.add(new Case("503, Retry-After: 2", List.of(soon, OK)));
        cases.add(new Case("503, Retry-After: 30, deadline 10 s", List.of(late, OK)));
        cases.add(new Case("503, budget empty", List.of(DOWN, OK), ten, true, 0));
        for (Case each : cases) {
            var clock = new ManualClock();
            var server = new Server(each.answers());
            var retrier = build(clock, POLICY, each.reserve());
            long deadline = clock.in(each.deadline());
            String result = attempt(retrier, server, deadline, each.idempotent());
            String slept =
                    clock.waits.stream()
                            .map(wait -> Long.toString(wait.toMillis()))
                            .reduce((waits, wait) -> waits + " " + wait)
                            .orElse("-");
            print("%-35s%4d  %-17s%s",
                    each.label(), server.received, result, slept);
        }
    }

    private static void outage(String label, int reserve) throws InterruptedException {
        var clock = new ManualClock();
        var server = new Server(List.of(DOWN));
        var retrier = build(clock, POLICY, reserve);
        for (int call = 0; call < 1000; call++) {
            attempt(retrier, server, clock.in(Duration.ofMinutes(1)), true);
        }
        print("%-20s%4d requests", label, server.received);
    }

    private record Request(long atMillis, int attempt) {}

    /** The server fails all in the first 100 ms, then serves 100 in each 100 ms. */
    private static void herd(String label, DoubleSupplier random) {
        var clock = new ManualClock();
        var retrier = new Retrier(POLICY, new Budget(10, 10), clock, clock, random);
        var slots = new ArrayList<List<Request>>(); // of 100 ms
        slots.add(new ArrayList<>());
        for (int client = 0; client < 1000; client++) {
            slots.get(0).add(new Request(0, 1));
        }
        long lastServed = 0;
        int sent = 0;
        int peak = 0;
        for (int slot = 0; slot < slots.size(); slot++) {
            List<Request> requests = slots.get(slot);
            for (int place = 0; place < requests.size(); place++) { // both may grow
                Request request = requests.get(place);
                if (slot > 0 && place < 100) {
                    lastServed = request.atMillis();
                    continue;
                }
                int attempt = request.attempt();
                long again = request.atMillis() + retrier.backoff(attempt).toMillis();
                int next = (int) (again / 100);
                while (slots.size() <= next) {
                    slots.add(new ArrayList<>());
                }
                slots.get(next).add(new Request(again, attempt + 1));
            }
            sent += requests.size();
            if (slot > 0) {
                peak = Math.max(peak, requests.size());
            }
        }
        String seconds = lastServed / 1000 + "." + lastServed % 1000 / 100 + " s";
        print("%-20s%4d requests%13d%20s", label, sent, peak, seconds);
    }

    public static void main(String[] args) throws InterruptedException {
        waits();
        cases();
        print("\n1,000 calls, one after the other, while the server is down");
        outage("no budget", 1_000_000);
        outage("a budget of 10 %", 10);
        print("\n1,000 clients fail at 0 s; then the server takes 100 in each 100 ms");
        print("                       in all   later peak, 100 ms   last served at");
        herd("no jitter", ALWAYS_CEILING);
        herd("full jitter", new Mulberry32(42));
    }
}

/** The call failed; retrying helps only if it is a RetryableException. */
sealed class CallException extends Exception permits RetryableException {
    private static final long serialVersionUID = 1;

    CallException(String reason) {
        super(reason);
    }
}

/** The same request may do better in a moment. */
final class RetryableException extends CallException {
    private static final long serialVersionUID = 1;
    private final Duration retryAfter;

    RetryableException(String reason, Duration retryAfter) {
        super(reason);
        this.retryAfter = retryAfter;
    }

    Duration retryAfter() {
        return retryAfter;
    }
}

/** One attempt, which ends after the timeout. */
interface Send<T> {
    T send(Duration timeout) throws CallException;
}

interface Sleeper {
    void sleep(Duration wait) throws InterruptedException;
}

/** The timeout is that of one attempt. */
record Policy(int attempts, Duration timeout, Duration base, Duration cap) {}

// --8<-- [start:show]
/** Lets retries be a percentage of all calls, and at most a reserve in a burst. */
final class Budget {
    private final int percent;
    private final int limit;
    private int balance;

    Budget(int percent, int reserve) {
        this.percent = percent;
        limit = reserve * 100; // a retry costs 100
        balance = limit;
    }

    synchronized void deposit() {
        balance = Math.min(limit, balance + percent);
    }

    synchronized boolean withdraw() {
        if (balance < 100) {
            return false;
        }
        balance -= 100;
        return true;
    }
}

record Retrier(
        Policy policy,
        Budget budget, // one for all calls to a service
        LongSupplier nanoTime, // System::nanoTime
        Sleeper sleeper,
        DoubleSupplier random) { // from 0 to below 1

    <T> T call(Send<T> send, long deadline, boolean idempotent)
            throws CallException, InterruptedException {
        budget.deposit();
        for (int attempt = 1; ; attempt++) {
            long left = deadline - nanoTime.getAsLong();
            if (left <= 0) {
                throw new CallException("deadline passed");
            }
            long timeout = Math.min(policy.timeout().toNanos(), left);
            Duration wait;
            try {
                return send.send(Duration.ofNanos(timeout));
            } catch (RetryableException error) {
                if (!idempotent || attempt == policy.attempts()) {
                    throw error;
                }
                // Never earlier than asked, and not all at the moment asked for.
                wait = error.retryAfter().plus(backoff(attempt));
                left = deadline - nanoTime.getAsLong();
                if (wait.toNanos() >= left || !budget.withdraw()) {
                    throw error;
                }
            }
            sleeper.sleep(wait);
        }
    }

    /** Full jitter: anything from nothing to the exponential ceiling. */
    Duration backoff(int attempt) {
        double exponential = policy.base().toNanos() * Math.pow(2, attempt - 1);
        double ceiling = Math.min(policy.cap().toNanos(), exponential);
        return Duration.ofNanos((long) (random.getAsDouble() * ceiling));
    }
}

// --8<-- [end:show]
