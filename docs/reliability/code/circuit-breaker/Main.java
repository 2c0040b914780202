import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;

/** A circuit breaker on a timeline: what counts, who may probe, what comes late. */
public final class Main {
    private final ExecutorService callers = Executors.newCachedThreadPool();
    private volatile int second;
    private final LongSupplier clock = () -> TimeUnit.SECONDS.toNanos(second);
    private final Window window = new Window(clock, 10, 4, 50);
    private final Breaker breaker = new Breaker(window, Duration.ofSeconds(4), clock);
    private int reached;
    private int refused;

    /** A call that waits for its answer, unless it was refused. */
    private final class Pending {
        private final CompletableFuture<String> answer = new CompletableFuture<>();
        private final FutureTask<String> outcome = new FutureTask<>(this::guarded);
        private final BlockingQueue<Pending> settled;
        private volatile boolean refused;

        Pending(BlockingQueue<Pending> settled) {
            this.settled = settled;
        }

        private String guarded() throws Exception {
            try {
                breaker.call(this::service);
                return "ok";
            } catch (CircuitOpenException e) {
                refused = true;
                settled.add(this);
                return "refused";
            } catch (TimeoutException e) {
                return "timeout";
            } catch (CancellationException e) {
                return "canceled";
            } catch (StatusException e) {
                return e.getMessage();
            }
        }

        /** Answers when and what it is told. */
        private String service() throws Exception {
            settled.add(this);
            String said = answer.get(10, TimeUnit.SECONDS);
            switch (said) {
                case "ok":
                    return said;
                case "timeout":
                    throw new TimeoutException("no answer in time");
                case "canceled":
                    throw new CancellationException("the caller left");
                default:
                    throw new StatusException(Integer.parseInt(said));
            }
        }

        String end(String said) throws Exception {
            answer.complete(said);
            return outcome.get(10, TimeUnit.SECONDS);
        }
    }

    /** Starts calls at once and returns when each waits or was refused. */
    private List<Pending> start(int count) throws InterruptedException {
        var settled = new LinkedBlockingQueue<Pending>();
        for (int i = 0; i < count; i++) {
            callers.execute(new Pending(settled).outcome);
        }
        var pending = new ArrayList<Pending>();
        for (int i = 0; i < count; i++) {
            pending.add(settled.take());
        }
        long out = pending.stream().filter(each -> each.refused).count();
        refused += (int) out;
        reached += count - (int) out;
        return pending;
    }

    private void call(int at, String label, String answer) throws Exception {
        second = at;
        row(label, start(1).get(0).end(answer));
    }

    private void late(int at, String label, Pending pending, String answer)
            throws Exception {
        second = at;
        row(label, pending.end(answer) + ", late");
    }

    private void row(String label, String outcome) {
        State state = breaker.state();
        Totals totals = window.totals();
        String counted = totals.failures() + " of " + totals.calls();
        if (state != State.CLOSED) {
            counted = "-";
        }
        print("%2d s  %-17s%-13s%-11s%s", second, label, outcome, counted, state.label);
    }

    private static void print(String format, Object... values) {
        System.out.println(String.format(Locale.ROOT, format, values));
    }

    private void run() throws Exception {
        print("opens at 50 %% failures of at least 4 calls in 10 s,"
                + " stays open for 4 s");
        print("time  call             outcome      failures   state");
        List<Pending> slow = start(3);
        row("three slow calls", "start");
        call(1, "call", "ok");
        call(2, "call", "503");
        call(3, "call", "404");
        call(4, "call", "timeout");
        call(5, "call", "ok");
        late(6, "first slow call", slow.get(0), "ok");

        second = 8;
        List<Pending> ten = start(10);
        var probes = ten.stream().filter(each -> !each.refused).toList();
        row("ten callers", ten.size() - probes.size() + " refused");
        late(8, "second slow call", slow.get(1), "ok");
        for (Pending probe : probes) {
            row("the probe", probe.end("timeout"));
        }
        call(9, "call", "ok");
        call(12, "probe", "canceled");
        call(12, "next probe", "ok");
        late(13, "third slow call", slow.get(2), "503");
        for (int at : new int[] {14, 15, 16, 26}) {
            call(at, "call", "503");
        }
        print("%d calls reached the service, %d were refused", reached, refused);
    }

    public static void main(String[] args) throws Exception {
        var timeline = new Main();
        try {
            timeline.run();
        } finally {
            timeline.callers.shutdown();
        }
    }
}

enum State {
    CLOSED("closed"),
    OPEN("open"),
    HALF_OPEN("half-open");

    final String label;

    State(String label) {
        this.label = label;
    }
}

/** The call was refused and not made. */
final class CircuitOpenException extends RuntimeException {
    private static final long serialVersionUID = 1;
}

/** The service answered with an error. */
final class StatusException extends Exception {
    private static final long serialVersionUID = 1;
    private final int status;

    StatusException(int status) {
        super(Integer.toString(status));
        this.status = status;
    }

    int status() {
        return status;
    }
}

enum Outcome {
    SUCCESS,
    FAILURE,
    IGNORED;

    /** Which errors count. */
    static Outcome of(Throwable error) {
        if (error instanceof StatusException answer && answer.status() == 429) {
            return IGNORED; // our quota: slow down instead
        }
        if (error instanceof StatusException answer && answer.status() < 500) {
            return SUCCESS; // the caller's mistake: the service works
        }
        if (error instanceof CancellationException
                || error instanceof InterruptedException) {
            return IGNORED; // the caller left: that proves nothing
        }
        return FAILURE;
    }
}

record Totals(int calls, int failures) {}

/** Counts by the second: its size does not depend on the traffic. */
final class Window {
    private static final class Bucket {
        final long second;
        int calls;
        int failures;

        Bucket(long second) {
            this.second = second;
        }
    }

    private final LongSupplier nanoTime;
    private final long start;
    private final int seconds;
    private final int minimumCalls;
    private final int failurePercent;
    private final Deque<Bucket> buckets = new ArrayDeque<>();

    Window(LongSupplier nanoTime, int seconds, int minimumCalls, int failurePercent) {
        this.nanoTime = nanoTime;
        this.start = nanoTime.getAsLong();
        this.seconds = seconds;
        this.minimumCalls = minimumCalls;
        this.failurePercent = failurePercent;
    }

    private long second() {
        return TimeUnit.NANOSECONDS.toSeconds(nanoTime.getAsLong() - start);
    }

    synchronized void add(boolean failed) {
        long second = second();
        if (buckets.isEmpty() || buckets.getLast().second != second) {
            buckets.addLast(new Bucket(second));
        }
        buckets.getLast().calls++;
        if (failed) {
            buckets.getLast().failures++;
        }
    }

    /** Of the last seconds. */
    synchronized Totals totals() {
        long oldest = second() - seconds;
        buckets.removeIf(bucket -> bucket.second <= oldest);
        return new Totals(
                buckets.stream().mapToInt(bucket -> bucket.calls).sum(),
                buckets.stream().mapToInt(bucket -> bucket.failures).sum());
    }

    boolean trips() {
        Totals totals = totals();
        return totals.calls() >= minimumCalls
                && totals.failures() * 100L >= (long) failurePercent * totals.calls();
    }

    synchronized void clear() {
        buckets.clear();
    }
}

// --8<-- [start:show]
// Guards one service. Each call brings its own timeout: without one, a call that hangs
// is never counted, and a probe that hangs keeps everybody out.
final class Breaker {
    private final Window window;
    private final long openFor; // nanoseconds
    private final LongSupplier nanoTime;
    private State state = State.CLOSED;
    private long generation;
    private long probeAt;

    Breaker(Window window, Duration openFor, LongSupplier nanoTime) {
        this.window = window;
        this.openFor = openFor.toNanos();
        this.nanoTime = nanoTime;
    }

    synchronized State state() {
        return state;
    }

    <T> T call(Callable<T> call) throws Exception {
        long admitted = admit();
        try {
            T result = call.call();
            settle(admitted, Outcome.SUCCESS);
            return result;
        } catch (Throwable error) {
            settle(admitted, Outcome.of(error));
            throw error;
        }
    }

    private synchronized long admit() {
        if (state == State.OPEN && nanoTime.getAsLong() - probeAt >= 0) {
            enter(State.HALF_OPEN, 0); // this call is the probe
        } else if (state != State.CLOSED) {
            throw new CircuitOpenException();
        }
        return generation;
    }

    private synchronized void settle(long admitted, Outcome outcome) {
        if (admitted != generation) {
            return; // late: the call began before the state last changed
        }
        if (state == State.HALF_OPEN) {
            switch (outcome) {
                case SUCCESS -> enter(State.CLOSED, 0);
                case FAILURE -> enter(State.OPEN, openFor);
                case IGNORED -> enter(State.OPEN, 0); // the next caller probes
            }
        } else if (outcome != Outcome.IGNORED) {
            window.add(outcome == Outcome.FAILURE);
            if (window.trips()) {
                enter(State.OPEN, openFor);
            }
        }
    }

    private void enter(State next, long wait) {
        state = next;
        generation++;
        probeAt = nanoTime.getAsLong() + wait;
        window.clear();
    }
}

// --8<-- [end:show]
